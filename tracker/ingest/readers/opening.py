"""Which reader a file needs: told by what is in it, never by its name."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tracker.errors import UnusableFile
from tracker.ingest.layout import Table
from tracker.ingest.readers import sheet_table
from tracker.ingest.readers.bounds import check_size
from tracker.ingest.readers.csv_reader import first_csv_rows, open_csv
from tracker.ingest.readers.html_reader import file_page, html_sheets
from tracker.ingest.readers.markup import MarkupRow, MarkupSheet, sheets_of
from tracker.ingest.readers.mhtml_reader import is_mhtml, mhtml_sheets
from tracker.ingest.readers.ooxml import named_faults
from tracker.ingest.readers.portal_json import PortalTable, is_json, open_portal
from tracker.ingest.readers.sheet_table import SAMPLE_ROWS, OpenedFile, Source, only_totals, opened
from tracker.ingest.readers.xlsx_reader import workbook_sheets
from tracker.ingest.readers.xml_reader import SPREADSHEET_2003, SpreadsheetTags, xml_rows

FIRST_BYTES = 4096
ZIP, OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")
REFUSED = {
    b"%PDF": "là tệp PDF, không phải bảng tính; hãy xuất ra Excel hoặc CSV",
    b"{\\rtf": "là tệp RTF, không phải bảng tính; hãy mở bằng Word và lưu lại dạng .docx",
}
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class FirstRows(NamedTuple):
    """How a sheet begins: its name (none of CSV), and its first rows as text."""

    sheet: str
    rows: list[list[str]]


def open_tables(
    stack: ExitStack, path: Path, *, max_mib: int, mapping: Mapping[str, str] | None = None
) -> list[Table]:
    """The lists of dossiers in a file, their headers read; they stay open until `stack` closes.

    `mapping`: what a person has said that headings mean (folded heading -> our field, empty = left out).

    Raises:
        UnusableFile: the file cannot be used at all, or holds tables of totals, which are for reconciliation.
    """
    tables, totals = open_file(stack, path, max_mib=max_mib, mapping=mapping)
    if not tables:
        raise only_totals(path, totals)
    return tables


def open_file(
    stack: ExitStack, path: Path, *, max_mib: int, mapping: Mapping[str, str] | None = None
) -> OpenedFile:
    """All that a file holds: lists of dossiers, open until `stack` closes, and tables of totals; at least one of them.

    Raises:
        UnusableFile: the file cannot be used at all.
    """
    start = _start(path)
    if _is_portal(start):
        return OpenedFile([stack.enter_context(open_portal(path, max_mib=max_mib))], [])
    sheets = _sheets(stack, path, start, max_mib)
    if sheets is None:
        return stack.enter_context(open_csv(path, max_mib=max_mib, mapping=mapping))
    return opened(path, sheets, mapping)


def portal_alone(path: Path, *, max_mib: int) -> PortalTable | None:
    """The payloads of a file of JSON; None of a file of any other kind, which is not looked into further.

    Raises:
        UnusableFile: it is larger, or no payload.
    """
    if not _is_portal(_start(path)):
        return None
    with open_portal(path, max_mib=max_mib) as table:
        return table


def first_rows(path: Path, *, max_mib: int) -> list[FirstRows]:
    """How each sheet of a file begins, whatever its columns mean, so that somebody can say it; no sheet of JSON.

    Raises:
        UnusableFile: the file holds no rows that can be read.
    """
    start = _start(path)
    if _is_portal(start):
        return []
    with ExitStack() as stack:
        sheets = _sheets(stack, path, start, max_mib)
        if sheets is None:
            return [FirstRows("", first_csv_rows(path, SAMPLE_ROWS, max_mib=max_mib))]
        return [FirstRows(sheet.name, sheet_table.first_rows(path, sheet)) for sheet in sheets]


def _is_portal(start: bytes) -> bool:
    return is_json(start) and not start.startswith(tuple(REFUSED))


def _sheets(stack: ExitStack, path: Path, start: bytes, max_mib: int) -> Sequence[Source] | None:
    """The sheets of a file, open until `stack` closes; None of CSV, which is one table and read as it passes."""
    if start.startswith((ZIP, OLE)):
        return stack.enter_context(workbook_sheets(path, max_mib=max_mib))
    for beginning, sentence in REFUSED.items():
        if start.startswith(beginning):
            raise UnusableFile(str(path), sentence)
    if _is_markup(start) or is_mhtml(start):
        check_size(path, max_mib)
        return _markup_sheets(path, start)
    return None


def _markup_sheets(path: Path, start: bytes) -> list[MarkupSheet]:
    """Tables of markup under whatever name: many web systems export a page as .xls (formats note 5.5 no. 26)."""
    if is_mhtml(start):
        return mhtml_sheets(path)
    if SPREADSHEET_2003 in start.replace(b"\x00", b""):
        with named_faults(path, "bảng tính XML"):
            return sheets_of(path, partial(_spreadsheet_rows, path), what="bảng tính XML")
    return html_sheets(file_page(path))


def _spreadsheet_rows(path: Path) -> Iterator[MarkupRow]:
    return xml_rows(lambda: path.open("rb"), SpreadsheetTags)


def _is_markup(start: bytes) -> bool:
    for mark in MARKS:
        start = start.removeprefix(mark)
    return start.replace(b"\x00", b"").lstrip().startswith(b"<")


def _start(path: Path) -> bytes:
    """The first bytes; none of a file that cannot be read, which the reader of CSV tells with its reason."""
    try:
        with path.open("rb") as stream:
            return stream.read(FIRST_BYTES)
    except OSError:
        return b""
