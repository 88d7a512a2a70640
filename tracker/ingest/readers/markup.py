"""Tables in markup (HTML, Word, XML Spreadsheet) as sheets: rows made of tags as they pass, nothing held.

Every pass reads the markup anew, so memory does not grow with the file. Merged cells hold their text in their first
cell, as in a spreadsheet; the others are empty.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tracker.errors import UnusableFile
from tracker.ingest.layout import LEAST_KNOWN_HEADINGS, form_of_one_dossier
from tracker.ingest.readers.cell_text import CellTexts, Converter, Kind, Reading, raw_value
from tracker.ingest.readers.sheet_table import MAX_COLUMNS, Rows
from tracker.text import storable

MAX_TABLES, MAX_LISTS = 1000, 50
MAX_CELL = 131_072
MAX_ROWS = 3_000_000
# Filled or not: merged cells make wide rows out of short tags.
MAX_CELLS = 50_000_000
LINES_ABOVE = 30
WITHOUT_TABLES = "là {}, trong đó không có bảng nào đủ rộng để là danh sách hồ sơ"
# Table 0: a line of text outside all tables.
OUTSIDE = 0


class MarkupRow(NamedTuple):
    """A row of the table with that number, as cells: text, or a number or date where the markup says so."""

    table: int
    number: int
    cells: list[object]
    name: str = ""  # of its sheet, where the markup gives one


class TooMuch(Exception):
    """The markup holds more tables, rows or columns than any list; the message says of what."""


class RowBuilder:
    """Makes rows out of the beginnings and ends of tables, rows and cells; takes any order of them.

    Readers call it from their parsers and take what is `ready`.
    """

    def __init__(self) -> None:
        self.ready: deque[MarkupRow] = deque()
        self._tables = 0
        self._open: list[_OpenTable] = []
        self._cells = 0
        self._line: list[str] = []
        self._line_length = 0

    @property
    def is_in_table(self) -> bool:
        """Has a table begun that has not ended?"""
        return bool(self._open)

    def begin_table(self, name: str = "") -> None:
        """A table begins, perhaps within a cell of another."""
        self._end_line()
        self._tables += 1
        if self._tables > MAX_TABLES:
            raise TooMuch(f"hơn {MAX_TABLES} bảng")
        self._open.append(_OpenTable(self._tables, name))

    def end_table(self) -> None:
        """The innermost table ends."""
        if self._open:
            self.end_row()
            self._open.pop()

    def begin_row(self, number: int | None = None) -> None:
        """A row begins; `number` where the markup gives one."""
        if self._open:
            self.end_row()
            self._open[-1].begin_row(number)

    def end_row(self) -> None:
        """The row ends, and is ready."""
        if self._open and (row := self._open[-1].end_row()) is not None:
            self._cells += len(row.cells) + self._open[-1].merged
            if self._cells > MAX_CELLS:
                raise TooMuch(f"hơn {MAX_CELLS} ô")
            self.ready.append(row)

    def begin_cell(self, *, across: int = 1, down: int = 1, at: int | None = None) -> None:
        """A cell begins, over so many columns and rows; `at` its column where the markup gives one."""
        if self._open:
            self._open[-1].begin_cell(across, down, at)

    def widen_cell(self, across: int) -> None:
        """The open cell takes so many columns."""
        if self._open:
            self._open[-1].widen_cell(across)

    def text(self, data: str) -> None:
        """Text in the open cell, else of a line outside."""
        if self._open:
            self._open[-1].text(data)
        elif self._line_length < MAX_CELL:
            self._line.append(data)
            self._line_length += len(data)

    def value(self, value: object) -> None:
        """The cell holds a number or date."""
        if self._open:
            self._open[-1].value(value)

    def end_cell(self) -> None:
        """The cell ends."""
        if self._open:
            self._open[-1].end_cell()

    def end_line(self) -> None:
        """A line ends: a paragraph or a break. In a cell a blank stands for it."""
        if self._open:
            self._open[-1].text("\n")
        else:
            self._end_line()

    def _end_line(self) -> None:
        line = " ".join("".join(self._line).split())
        self._line, self._line_length = [], 0
        if line:
            self.ready.append(MarkupRow(OUTSIDE, 0, [line]))


class _OpenTable:
    """The row of a table that is being made, and the merged cells that reach into it from above."""

    def __init__(self, number: int, name: str) -> None:
        self._table, self._name = number, name
        self._row = 0
        self._cells: list[object] | None = None
        self._text: list[str] | None = None
        self._length = 0
        self._span = 1
        self._from_above: dict[int, int] = {}

    @property
    def merged(self) -> int:
        """How many columns a cell above reaches into."""
        return len(self._from_above)

    def begin_row(self, number: int | None) -> None:
        self._row = number if number is not None and number > self._row else self._row + 1
        if self._row > MAX_ROWS:
            raise TooMuch(f"hơn {MAX_ROWS} dòng")
        self._cells = []

    def end_row(self) -> MarkupRow | None:
        self.end_cell()
        cells, self._cells = self._cells, None
        if cells is None:
            return None
        self._from_above = {at: left - 1 for at, left in self._from_above.items() if left > 1}
        return MarkupRow(self._table, self._row, cells, self._name)

    def begin_cell(self, across: int, down: int, at: int | None) -> None:
        self.end_cell()
        if self._cells is None:
            self.begin_row(None)
        cells = self._cells
        if cells is None:
            return
        place = len(cells) if at is None else max(at, len(cells))
        while place in self._from_above and at is None:
            place += 1
        if place + across > MAX_COLUMNS:
            raise TooMuch(f"hơn {MAX_COLUMNS} cột")
        cells += [""] * (place - len(cells))
        if down > 1:
            # The row at hand is counted off at its end.
            self._from_above |= dict.fromkeys(range(place, place + across), down)
        self._text, self._length, self._span = [], 0, across

    def widen_cell(self, across: int) -> None:
        if self._cells is not None and len(self._cells) + across > MAX_COLUMNS:
            raise TooMuch(f"hơn {MAX_COLUMNS} cột")
        self._span = max(self._span, across)

    def text(self, data: str) -> None:
        if self._text is not None and self._length < MAX_CELL:
            self._text.append(data)
            self._length += len(data)

    def value(self, value: object) -> None:
        if self._cells is not None and self._text is not None:
            self._cells += [value, *[""] * (self._span - 1)]
            self._text = None

    def end_cell(self) -> None:
        if self._cells is not None and self._text is not None:
            text = "".join(self._text).strip(" \t\r\n")
            self._cells += [storable(text), *[""] * (self._span - 1)]
        self._text = None


@dataclass(slots=True)
class MarkupSheet:
    """One table of a file in markup; `read` gives all rows of the file anew, `count` of them are the table's."""

    path: Path
    name: str
    number: int
    count: int
    read: Callable[[], Iterator[MarkupRow]]
    texts: CellTexts
    fonts: frozenset[str]
    notes: tuple[str, ...]
    above: tuple[str, ...] = ()

    def rows(self, reading: Reading, width: int) -> Rows:
        """One pass over the table."""
        converters: dict[tuple[int, Kind], Converter | None] = {}
        own = (row for row in self.read() if row.table == self.number)
        for _, number, cells, _ in islice(own, self.count):
            row = [""] * width
            for column, cell in enumerate(islice(cells, width)):
                if cell == "":
                    continue
                kind, raw = raw_value(cell)
                if (column, kind) not in converters:
                    converters[column, kind] = reading.converter(column, kind)
                convert = converters[column, kind]
                row[column] = convert([raw])[0] if convert else ""
            yield number, row


class Survey:
    """What the tables of a file are, after one pass over it: how many rows, how wide, what stands before each."""

    def __init__(self) -> None:
        self.rows: dict[int, int] = {}
        self.widest: dict[int, int] = {}
        self.above: dict[int, tuple[str, ...]] = {}
        self.names: dict[int, str] = {}
        self.lines: deque[str] = deque(maxlen=LINES_ABOVE)

    def see(self, row: MarkupRow) -> None:
        """Take one row into account; a narrow table before a list is read as lines of titles."""
        filled = [str(cell) for cell in row.cells if cell != ""]
        if row.table == OUTSIDE:
            self.lines += filled
            return
        self.above.setdefault(row.table, tuple(self.lines))
        self.names.setdefault(row.table, row.name)
        self.rows[row.table] = self.rows.get(row.table, 0) + 1
        self.widest[row.table] = max(self.widest.get(row.table, 0), len(filled))
        if self.widest[row.table] < LEAST_KNOWN_HEADINGS:
            self.lines += filled

    def lists(self) -> list[int]:
        """Tables wide enough to be a list."""
        return sorted(table for table, width in self.widest.items() if width >= LEAST_KNOWN_HEADINGS)


def sheets_of(
    path: Path,
    read: Callable[[], Iterator[MarkupRow]],
    *,
    what: str,
    fonts: frozenset[str] = frozenset(),
    notes: tuple[str, ...] = (),
) -> list[MarkupSheet]:
    """The tables of a file that are wide enough to be lists; `what` the file is, for messages.

    Raises:
        UnusableFile: more than any list has, or no such table at all.
    """
    survey = Survey()
    try:
        for row in read():
            survey.see(row)
    except TooMuch as error:
        raise UnusableFile(str(path), f"tệp có {error}, quá mức của một danh sách hồ sơ") from error
    found = survey.lists()
    if len(found) > MAX_LISTS:
        raise UnusableFile(str(path), f"tệp có hơn {MAX_LISTS} bảng lớn, quá mức của một danh sách hồ sơ")
    if not found:
        raise UnusableFile(str(path), form_of_one_dossier(survey.lines) or WITHOUT_TABLES.format(what))
    texts = CellTexts(is_1904=False)
    return [
        MarkupSheet(
            path,
            survey.names[table] or f"bảng {place}",
            table,
            survey.rows[table],
            read,
            texts,
            fonts,
            notes,
            survey.above[table],
        )
        for place, table in enumerate(found, 1)
    ]
