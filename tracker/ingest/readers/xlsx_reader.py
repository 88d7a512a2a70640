"""Spreadsheets as one-stop systems export them: their sheets, whose rows can be read more than once.

.xlsx is read by our own streaming reader, since libraries hold a whole sheet in memory and give formula errors as
empty cells; .xls, .xlsb and .ods by calamine, whole.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker.errors import UnusableFile
from tracker.ingest.readers.bounds import check_size
from tracker.ingest.readers.cell_text import CellTexts, Converter, Kind, Reading, raw_value
from tracker.ingest.readers.letters import fonts_named
from tracker.ingest.readers.ooxml import Package, SheetPart, Workbook, named_faults, open_package
from tracker.ingest.readers.shared_strings import read_strings
from tracker.ingest.readers.sheet_rows import CellWords, SheetRows
from tracker.ingest.readers.sheet_table import Rows, Source
from tracker.ingest.readers.word_reader import WORD_PART, word_tables

OLE_STREAMS = {
    "EncryptedPackage": "sổ tính được đặt mật khẩu; hãy bỏ mật khẩu rồi lưu lại",
    "WordDocument": "là tệp Word, không phải bảng tính",
    "PowerPoint Document": "là tệp PowerPoint, không phải bảng tính",
}


@dataclass(slots=True)
class OoxmlSheet:
    """A sheet of an .xlsx file."""

    package: Package
    part: SheetPart
    workbook: Workbook
    strings: list[str]
    texts: CellTexts
    name: str
    fonts: frozenset[str]
    above: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def rows(self, reading: Reading, width: int) -> Rows:
        """One pass over the sheet, streamed."""
        words = CellWords(reading, self.strings, self.workbook.date_styles)
        with named_faults(self.package.path, f"trang “{self.name}”"):
            stream = self.package.open(self.part.part)
        with stream:
            yield from SheetRows(self.package.path, self.name, words, width).read(stream)


@contextmanager
def workbook_sheets(path: Path, *, max_mib: int) -> Iterator[Sequence[Source]]:
    """The sheets of a spreadsheet file: .xlsx and .xlsm; .xls, .xlsb and .ods, whose formula errors are empty cells;
    .docx with a table.

    Raises:
        UnusableFile: damaged, encrypted, too large, or no spreadsheet.
    """
    check_size(path, max_mib)
    if not _is_zip(path):
        with _calamine_sheets(path) as sheets:
            yield sheets
        return
    with open_package(path, max_mib=max_mib) as package:
        if package.has("xl/workbook.bin") or package.has("content.xml"):
            with _calamine_sheets(path) as sheets:
                yield sheets
        elif package.has(WORD_PART):
            yield word_tables(package)
        else:
            yield _ooxml_sheets(package)


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def _ooxml_sheets(package: Package) -> list[OoxmlSheet]:
    workbook = package.workbook()
    with named_faults(package.path, "bảng chuỗi"):
        strings = read_strings(package, workbook.strings)
    texts = CellTexts(is_1904=workbook.is_1904)
    return [
        OoxmlSheet(package, part, workbook, strings, texts, part.name, workbook.fonts)
        for part in workbook.sheets
    ]


@contextmanager
def _calamine_sheets(path: Path) -> Iterator[list["CalamineSheet"]]:
    # Loaded only where it is needed: the command line has to start fast.
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        # By its bytes: by its path it would be taken for what its name says.
        with path.open("rb") as stream:
            book = CalamineWorkbook.from_filelike(stream)
    except CalamineError as error:
        raise UnusableFile(str(path), _what_it_is(path)) from error
    with book:
        texts = CellTexts(is_1904=False)
        fonts = fonts_named(path.read_bytes()) if not _is_zip(path) else frozenset[str]()
        yield [CalamineSheet(path, book, name, texts, fonts) for name in book.sheet_names]


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
    fonts: frozenset[str]
    above: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
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
                kind, raw = raw_value(cell)
                if (column, kind) not in converters:
                    converters[column, kind] = reading.converter(column, kind)
                convert = converters[column, kind]
                row[column] = convert([raw])[0] if convert else ""
            yield number, row
