"""A small table as numbered rows of text, whatever its columns mean: catalogues, not lists of dossiers.

Read whole, since a catalogue has some thousand rows; the bounds of the large readers hold here as well.
"""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tracker.errors import UnusableFile
from tracker.ingest.readers.bounds import check_size
from tracker.ingest.readers.cell_text import CellTexts, PlainReading
from tracker.ingest.readers.encodings import told_encoding
from tracker.ingest.readers.ooxml import named_faults, open_package
from tracker.ingest.readers.shared_strings import read_strings
from tracker.ingest.readers.sheet_rows import CellWords, SheetRows
from tracker.machine import why
from tracker.text import storable

ZIP, OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")
MAX_ROWS, MAX_COLUMNS = 200_000, 200
MAX_CELL_CHARACTERS = 131_072
SAMPLE_BYTES = 65_536
HEAD_LINES = 5
Rows = list[tuple[int, list[str]]]


def read_tables(path: Path, *, max_mib: int) -> list[tuple[str, Rows]]:
    """The sheets of a workbook, or the one table of a CSV file: (name of the sheet, rows with their numbers from 1).

    Raises:
        UnusableFile: missing, too large, damaged, or neither .xlsx nor .csv.
    """
    start = first_bytes(path)
    check_size(path, max_mib)
    if start.startswith(OLE):
        raise UnusableFile(
            str(path), "là tệp .xls kiểu cũ; hãy mở bằng Excel và lưu lại dạng .xlsx hoặc .csv"
        )
    if start.startswith(ZIP):
        return _sheets(path, max_mib)
    return [("", list(_bounded(path, _csv_rows(path, start))))]


def first_bytes(path: Path) -> bytes:
    """The beginning of a file.

    Raises:
        UnusableFile: it cannot be read, or is empty.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(SAMPLE_BYTES)
    except OSError as error:
        raise UnusableFile(str(path), f"không đọc được ({why(error)})") from error
    if not start.strip():
        raise UnusableFile(str(path), "tệp rỗng")
    return start


def _sheets(path: Path, max_mib: int) -> list[tuple[str, Rows]]:
    found: list[tuple[str, Rows]] = []
    with open_package(path, max_mib=max_mib) as package:
        workbook = package.workbook()
        with named_faults(path, "bảng chuỗi"):
            strings = read_strings(package, workbook.strings)
        reading = PlainReading(CellTexts(is_1904=workbook.is_1904))
        words = CellWords(reading, strings, workbook.date_styles)
        for part in workbook.sheets:
            with named_faults(path, f"trang “{part.name}”"), package.open(part.part) as stream:
                rows = SheetRows(path, part.name, words, MAX_COLUMNS).read(stream)
                found.append((part.name, list(_bounded(path, rows))))
    return found


def _csv_rows(path: Path, sample: bytes) -> Iterator[tuple[int, list[str]]]:
    encoding = told_encoding(path, sample)
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        text = encoding.letters.unicode(path.read_bytes().decode(encoding.codec))
        top = "\n".join(text.split("\n", HEAD_LINES)[:HEAD_LINES])
        delimiter = max(",;\t|", key=top.count)
        # A quote that is never closed would make one cell of all lines below it: no row may vanish like that.
        reader = csv.reader(storable(text).splitlines(keepends=True), delimiter=delimiter, strict=True)
        for number, row in enumerate(reader, 1):  # as a spreadsheet counts them
            yield number, row[:MAX_COLUMNS]
    except UnicodeDecodeError as error:
        raise UnusableFile(str(path), f"ký tự không đúng bảng mã {error.encoding}") from error
    except csv.Error as error:
        raise UnusableFile(str(path), f"dấu phân cách hoặc ngoặc kép hỏng ({error})") from error


def _bounded(path: Path, rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    yield from islice(rows, MAX_ROWS)
    if next(rows, None) is not None:
        raise UnusableFile(str(path), f"có hơn {MAX_ROWS} dòng, không phải một danh mục")
