"""Sheets whose rows can be read more than once, as tables: each is a list of dossiers, a table of totals, or neither.

Whatever kind of file a sheet comes from, it is found here what it holds, in which letters its text is written, and
which of its columns are dates.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple, Protocol

from tracker.errors import UnusableFile
from tracker.ingest.columns import DATE_FIELDS
from tracker.ingest.layout import HEADER_SEARCH_ROWS, Chunk, Layout, NoTable, Table, find_layout
from tracker.ingest.readers.cell_text import CellTexts, Converter, Kind, PlainReading, Reading
from tracker.ingest.readers.date_columns import TEXT_LATE, TRUE_LATE, DateColumn, DatesReading, SwapSurvey
from tracker.ingest.readers.letters import Letters, told_letters
from tracker.ingest.totals import find_totals, totals_sentence
from tracker.types.reported import ReportedTotals

MAX_COLUMNS = 1000
# So many rows are looked at to tell in what letters a sheet is written.
SAMPLE_ROWS = 200
Rows = Iterator[tuple[int, list[str]]]


class Source(Protocol):
    """A sheet whose rows can be read more than once; `above`: lines of text before its first row.

    `fonts`: keys of the old fonts (`letters`) that its file names; `notes`: what had to be done to read it.
    """

    name: str
    texts: CellTexts
    fonts: frozenset[str]
    above: tuple[str, ...]
    notes: tuple[str, ...]

    def rows(self, reading: Reading, width: int) -> Rows:
        """Row numbers, counted from 1, and the texts of `width` cells each."""
        ...


class OpenedFile(NamedTuple):
    """What a file holds: lists of dossiers, open for one pass, and tables of totals, read whole."""

    tables: list[Table]
    totals: list[ReportedTotals]


class LettersReading:
    """Another reading whose text is first brought to Unicode."""

    def __init__(self, inner: Reading, letters: Letters) -> None:
        self._inner, self._letters = inner, letters

    def converter(self, column: int, kind: Kind) -> Converter | None:
        """Numbers and dates have no letters."""
        convert = self._inner.converter(column, kind)
        if convert is None or kind != "text":
            return convert
        letters, then = self._letters, convert
        return lambda cells: then(letters.cells(cells))


class Head(NamedTuple):
    """The first rows of a sheet in Unicode, the lines above it, and in what letters it is written."""

    rows: list[list[str]]
    above: tuple[str, ...]
    letters: Letters


class SheetTable:
    """One sheet with a list of dossiers: its layout, then its rows."""

    def __init__(self, path: Path, source: Source, layout: Layout, letters: Letters) -> None:
        self.path, self.sheet, self.layout = path, source.name, layout
        self.unknown = layout.unknown
        self.kind = layout.kind
        self.notes: tuple[str, ...] = (*source.notes, letters.note) if letters.key else source.notes
        self._source, self._letters = source, letters

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows below the header, `size` at a time; numbers are those that the spreadsheet shows."""
        numbers: list[int] = []
        rows: list[list[str]] = []
        header_row = self.layout.header_row
        for number, row in self._source.rows(self._reading(), self.layout.width):
            if number <= header_row:
                continue
            numbers.append(number)
            rows.append(row)
            if len(rows) == size:
                yield Chunk(self.layout, numbers, rows)
                numbers, rows = [], []
        if rows:
            yield Chunk(self.layout, numbers, rows)

    def _reading(self) -> Reading:
        texts = self._source.texts
        columns = [self.layout.columns[name] for name in DATE_FIELDS if name in self.layout.columns]
        dates = {column: DateColumn(texts, partial(self._is_swapped, column)) for column in columns}
        reading = DatesReading(texts, dates)
        return LettersReading(reading, self._letters) if self._letters.key else reading

    def _is_swapped(self, column: int) -> bool:
        """Has Excel swapped day and month in a column? Stops at the first true date that shows it has not."""
        survey = SwapSurvey(column, self._source.texts)
        has_text = False
        for number, row in self._source.rows(survey, self.layout.width):
            if number <= self.layout.header_row:
                continue
            if row[column] == TRUE_LATE:
                return False
            has_text = has_text or row[column] == TEXT_LATE
        return has_text


def opened(path: Path, sheets: Sequence[Source], mapping: Mapping[str, str] | None) -> OpenedFile:
    """What the sheets of a file hold; those that hold nothing we read are named among what is not used.

    Raises:
        UnusableFile: none holds anything; each with its reason.
    """
    tables: list[SheetTable] = []
    totals: list[ReportedTotals] = []
    left: list[str] = []
    reasons: list[str] = []
    for sheet in sheets:
        head = _head(path, sheet)
        try:
            layout = _layout(path, sheet, head, mapping)
        except NoTable as error:
            found = _totals(path, sheet, head)
            if found:
                totals.append(found)
            left.append(
                f"{_place(sheet)} ({'bảng số liệu tổng hợp' if found else 'không phải danh sách hồ sơ'})"
            )
            reasons.append(error.reason)
        else:
            tables.append(SheetTable(path, sheet, layout, head.letters))
    if tables:
        tables[0].unknown += tuple(left)
    elif not totals:
        raise UnusableFile(str(path), "; ".join(reasons) or "trong sổ tính không có trang nào")
    return OpenedFile([*tables], totals)


def only_totals(path: Path, totals: Sequence[ReportedTotals]) -> UnusableFile:
    """The fault of a file that was given as a list of dossiers and holds tables of totals."""
    return UnusableFile(str(path), totals_sentence(totals[0]))


def _place(sheet: Source) -> str:
    return f"trang “{sheet.name}”"


def first_rows(path: Path, sheet: Source) -> list[list[str]]:
    """The first rows of a sheet in Unicode, whatever they mean, with blank ones where the sheet leaves rows out.

    Raises:
        UnusableFile: damaged, or wider than any list.
    """
    sample, letters = _sample(path, sheet)
    return [letters.cells(row) for row in sample]


def _head(path: Path, sheet: Source) -> Head:
    """The first rows, among which the header is looked for, and what all that were looked at say of its letters."""
    sample, letters = _sample(path, sheet)
    head = [letters.cells(row) for row in sample[:HEADER_SEARCH_ROWS]]
    return Head(head, tuple(letters.cells(sheet.above)), letters)


def _sample(path: Path, sheet: Source) -> tuple[list[list[str]], Letters]:
    """The first rows as they are written, and in which letters."""
    sample: list[list[str]] = []
    with_width = sheet.rows(PlainReading(sheet.texts), MAX_COLUMNS + 1)
    for number, row in takewhile(lambda each: each[0] <= SAMPLE_ROWS, with_width):
        sample += [[] for _ in range(number - len(sample) - 1)]
        sample.append(_trimmed(row))
    if any(len(row) > MAX_COLUMNS for row in sample[:HEADER_SEARCH_ROWS]):
        raise UnusableFile(str(path), f"{_place(sheet)} có hơn {MAX_COLUMNS} cột")
    letters = told_letters((*sheet.above, *(cell for row in sample for cell in row)), sheet.fonts)
    return sample, letters


def _layout(path: Path, sheet: Source, head: Head, mapping: Mapping[str, str] | None) -> Layout:
    if not any(head.rows):
        raise NoTable(str(path), f"{_place(sheet)}: trống")
    try:
        return find_layout(str(path), head.rows, mapping=mapping, above=head.above)
    except UnusableFile as error:
        raise type(error)(str(path), f"{_place(sheet)}: {error.reason}") from error


def _totals(path: Path, sheet: Source, head: Head) -> ReportedTotals | None:
    reading = PlainReading(sheet.texts)
    letters = LettersReading(reading, head.letters) if head.letters.key else reading
    width = max(map(len, head.rows), default=0)
    rows = ((number, row) for number, row in sheet.rows(letters, width))
    return find_totals(str(path), sheet.name, head.above, rows)


def _trimmed(row: list[str]) -> list[str]:
    width = len(row)
    while width and not row[width - 1].strip():
        width -= 1
    return row[:width]
