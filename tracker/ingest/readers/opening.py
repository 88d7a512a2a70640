"""Which reader a file needs: told by what is in it, never by its name."""

from contextlib import ExitStack
from pathlib import Path

from tracker.errors import UnusableFile
from tracker.ingest.layout import Table
from tracker.ingest.readers.csv_reader import open_csv
from tracker.ingest.readers.portal_json import is_json, open_portal
from tracker.ingest.readers.xlsx_reader import open_workbook

FIRST_BYTES = 4096
ZIP, OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")


def open_tables(stack: ExitStack, path: Path, *, max_mib: int) -> list[Table]:
    """The tables of a file, their headers read; they stay open until `stack` closes.

    Raises:
        UnusableFile: the file cannot be used at all.
    """
    start = _start(path)
    if start.startswith((ZIP, OLE)):
        return [*stack.enter_context(open_workbook(path, max_mib=max_mib))]
    if is_json(start):
        return [stack.enter_context(open_portal(path, max_mib=max_mib))]
    if start.startswith(b"%PDF"):
        raise UnusableFile(str(path), "là tệp PDF, không phải bảng tính; hãy xuất ra Excel hoặc CSV")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        # Many web systems export a page of HTML under the name of a spreadsheet (formats note 5.5 no. 26).
        raise UnusableFile(
            str(path), "là trang web (HTML/XML) mang tên tệp Excel; hãy mở bằng Excel và lưu lại dạng .xlsx"
        )
    return [stack.enter_context(open_csv(path, max_mib=max_mib))]


def _start(path: Path) -> bytes:
    """The first bytes; none of a file that cannot be read, which the reader of CSV tells with its reason."""
    try:
        with path.open("rb") as stream:
            return stream.read(FIRST_BYTES)
    except OSError:
        return b""
