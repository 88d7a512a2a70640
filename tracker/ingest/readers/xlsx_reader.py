"""Spreadsheets as one-stop systems export them: every sheet with a recognised header is a table of text rows.

.xlsx is read by our own streaming reader, since libraries hold a whole sheet in memory and give formula errors as
empty cells; .xls, .xlsb and .ods by calamine, whole.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any, Protocol

from tracker.errors import UnusableFile
from tracker.ingest.columns import DATE_FIELDS
from tracker.ingest.layout import HEADER_SEARCH_ROWS, Chunk, Layout, NoTable, find_layout
from tracker.ingest.readers.bounds import check_size
from tracker.ingest.readers.cell_text import CellTexts, Converter, Kind, PlainReading, Reading
from tracker.ingest.readers.date_columns import TEXT_LATE, TRUE_LATE, DateColumn, DatesReading, SwapSurvey
from tracker.ingest.readers.ooxml import Package, SheetPart, Workbook, named_faults, open_package
from tracker.ingest.readers.shared_strings import read_strings
from tracker.ingest.readers.sheet_rows import CellWords, SheetRows

MAX_COLUMNS = 1000
OLE_STREAMS = {
    "EncryptedPackage": "sổ tính được đặt mật khẩu; hãy bỏ mật khẩu rồi lưu lại",
    "WordDocument": "là tệp Word, không phải bảng tính",
    "PowerPoint Document": "là tệp PowerPoint, không phải bảng tính",
}
BASE = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no zone
Rows = Iterator[tuple[int, list[str]]]


class Source(Protocol):
    """A sheet whose rows can be read more than once."""

    name: str
    texts: CellTexts

    def rows(self, reading: Reading, width: int) -> Rows:
        """Row numbers, counted from 1, and the texts of `width` cells each."""
        ...


@dataclass(slots=True)
class OoxmlSheet:
    """A sheet of an .xlsx file."""

    package: Package
    part: SheetPart
    workbook: Workbook
    strings: list[str]
    texts: CellTexts
    name: str

    def rows(self, reading: Reading, width: int) -> Rows:
        """One pass over the sheet, streamed."""
        words = CellWords(reading, self.strings, self.workbook.date_styles)
        with named_faults(self.package.path, f"trang “{self.name}”"):
            stream = self.package.open(self.part.part)
        with stream:
            yield from SheetRows(self.package.path, self.name, words, width).read(stream)


class SheetTable:
    """One sheet with a list of dossiers: its layout, then its rows."""

    def __init__(self, path: Path, source: Source, layout: Layout) -> None:
        self.path, self.sheet, self.layout = path, source.name, layout
        self.unknown = layout.unknown
        self._source = source

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

    def _reading(self) -> DatesReading:
        texts = self._source.texts
        columns = [self.layout.columns[name] for name in DATE_FIELDS if name in self.layout.columns]
        dates = {column: DateColumn(texts, partial(self._is_swapped, column)) for column in columns}
        return DatesReading(texts, dates)

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


@contextmanager
def open_workbook(path: Path, *, max_mib: int) -> Iterator[list[SheetTable]]:
    """The tables of a spreadsheet file, one a sheet: .xlsx and .xlsm; .xls, .xlsb and .ods, whose formula errors are
    empty cells.

    Raises:
        UnusableFile: damaged, encrypted, too large, no spreadsheet, or no sheet with a usable header.
    """
    check_size(path, max_mib)
    if not _is_zip(path):
        with _calamine_tables(path) as tables:
            yield tables
        return
    with open_package(path, max_mib=max_mib) as package:
        if package.has("xl/workbook.bin") or package.has("content.xml"):
            with _calamine_tables(path) as tables:
                yield tables
        else:
            yield _ooxml_tables(package)


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def _ooxml_tables(package: Package) -> list["SheetTable"]:
    workbook = package.workbook()
    with named_faults(package.path, "bảng chuỗi"):
        strings = read_strings(package, workbook.strings)
    texts = CellTexts(is_1904=workbook.is_1904)
    return _tables(
        package.path,
        [OoxmlSheet(package, part, workbook, strings, texts, part.name) for part in workbook.sheets],
    )


@contextmanager
def _calamine_tables(path: Path) -> Iterator[list["SheetTable"]]:
    # Loaded only where it is needed: the command line has to start fast.
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
    except CalamineError as error:
        raise UnusableFile(str(path), _what_it_is(path)) from error
    with book:
        texts = CellTexts(is_1904=False)
        yield _tables(path, [CalamineSheet(path, book, name, texts) for name in book.sheet_names])


def _what_it_is(path: Path) -> str:
    """Why calamine does not open a file, by the names of the streams in it."""
    data = path.read_bytes()
    for name, sentence in OLE_STREAMS.items():
        if name.encode("utf-16-le") in data:
            return sentence
    return "tệp hỏng hoặc không phải là bảng tính Excel"


@dataclass(slots=True)
class CalamineSheet:
    """A sheet that calamine reads, whole."""

    path: Path
    book: Any
    name: str
    texts: CellTexts
    _sheet: Any = field(default=None)

    def rows(self, reading: Reading, width: int) -> Rows:
        """One pass over the sheet; it is kept for the next."""
        from python_calamine import CalamineError

        try:
            self._sheet = self._sheet or self.book.get_sheet_by_name(self.name)
        except CalamineError as error:
            raise UnusableFile(
                str(self.path), f"trang “{self.name}”: tệp hỏng, không đọc tiếp được"
            ) from error
        if self._sheet.start is None:
            return
        offset = self._sheet.start[1]
        converters: dict[tuple[int, Kind], Converter | None] = {}
        for number, cells in enumerate(self._sheet.iter_rows(), 1):
            row = [""] * width
            for column, cell in enumerate(cells[: max(0, width - offset)], offset):
                if cell == "":
                    continue
                kind, raw = _raw(cell)
                if (column, kind) not in converters:
                    converters[column, kind] = reading.converter(column, kind)
                convert = converters[column, kind]
                row[column] = convert([raw])[0] if convert else ""
            yield number, row


def _raw(cell: object) -> tuple[Kind, str]:
    """A value of calamine as the kind and text that an .xlsx file would hold."""
    if isinstance(cell, str):
        return "text", cell
    if isinstance(cell, bool):
        return "text", str(cell).upper()
    if isinstance(cell, datetime):
        return "moment", repr((cell - BASE) / timedelta(days=1))
    if isinstance(cell, date):
        return "moment", str((cell - BASE.date()).days)
    if isinstance(cell, time):
        cell = timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second)
    if isinstance(cell, timedelta):
        return "moment", repr(cell / timedelta(days=1))
    return "number", repr(cell)


def _tables(path: Path, sheets: list[Any]) -> list[SheetTable]:
    """The sheets that hold a list of dossiers; the others are named among what is not used."""
    tables: list[SheetTable] = []
    passed: list[tuple[str, str]] = []
    for sheet in sheets:
        try:
            tables.append(SheetTable(path, sheet, _layout(path, sheet)))
        except NoTable as error:
            passed.append((sheet.name, error.reason))
    if not tables:
        reasons = "; ".join(reason for _, reason in passed)
        raise UnusableFile(str(path), reasons or "trong sổ tính không có trang nào")
    tables[0].unknown += tuple(f"trang “{name}” (không phải danh sách hồ sơ)" for name, _ in passed)
    return tables


def _layout(path: Path, sheet: Source) -> Layout:
    head: list[list[str]] = []
    with_width = sheet.rows(PlainReading(sheet.texts), MAX_COLUMNS + 1)
    for number, row in takewhile(lambda each: each[0] <= HEADER_SEARCH_ROWS, with_width):
        head += [[] for _ in range(number - len(head) - 1)]
        head.append(_trimmed(row))
    if any(len(row) > MAX_COLUMNS for row in head):
        raise UnusableFile(str(path), f"trang “{sheet.name}” có hơn {MAX_COLUMNS} cột")
    place = f"trang “{sheet.name}”"
    if not any(head):
        raise NoTable(str(path), f"{place}: trống")
    try:
        return find_layout(str(path), head)
    except UnusableFile as error:
        raise type(error)(str(path), f"{place}: {error.reason}") from error


def _trimmed(row: list[str]) -> list[str]:
    width = len(row)
    while width and not row[width - 1].strip():
        width -= 1
    return row[:width]
