"""Pages saved as one file (.mht, also under the name of .xls): the HTML parts of a MIME message, each a page of its own.

Only the outermost parts are read; nothing nested, nothing that a part refers to.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path

from tracker.errors import UnusableFile
from tracker.ingest.readers.bounds import MIB
from tracker.ingest.readers.html_reader import held_page, html_sheets
from tracker.ingest.readers.markup import MarkupSheet

# Held in memory while it is unpacked; a list of 100,000 rows takes some 60 MiB.
MAX_MIB = 128
MAX_PARTS = 1000
HEADERS_END = re.compile(rb"\r?\n\r?\n")
STARTS = (b"mime-version:", b"content-type: multipart", b"from: <saved by", b'from: "saved by')


def is_mhtml(start: bytes) -> bool:
    """Does a file that begins like this hold a page with its parts?"""
    head = start.lstrip().lower()
    return head.startswith(STARTS) and b"multipart/related" in head


def mhtml_sheets(path: Path) -> list[MarkupSheet]:
    """The tables of all pages in the file.

    Raises:
        UnusableFile: too large, or no page with a table.
    """
    if path.stat().st_size > MAX_MIB * MIB:
        raise UnusableFile(str(path), f"trang web lưu một tệp lớn hơn {MAX_MIB} MiB; hãy lưu lại dạng .xlsx")
    sheets: list[MarkupSheet] = []
    reasons: list[str] = []
    for data in _pages(path):
        try:
            sheets += html_sheets(held_page(path, data))
        except UnusableFile as error:
            # The frame around the sheets has no table.
            reasons.append(error.reason)
    if not sheets:
        raise UnusableFile(str(path), next(iter(reasons), "trong tệp không có trang web nào"))
    for place, sheet in enumerate(sheets, 1):
        sheet.name = f"bảng {place}"
    return sheets


def _pages(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    headers, body = _split(data)
    boundary = (headers.get_boundary() or "").encode("utf-8", "replace")
    if not boundary:
        raise UnusableFile(str(path), "trang web lưu một tệp bị hỏng: không thấy dấu ngăn các phần")
    parts = body.split(b"--" + boundary, MAX_PARTS + 1)[1:]
    if len(parts) > MAX_PARTS:
        raise UnusableFile(str(path), f"trang web có hơn {MAX_PARTS} phần, nhiều bất thường")
    for part in parts:
        if part.startswith(b"--"):
            return
        headers, content = _split(part.lstrip(b"\r\n"))
        if headers.get_content_type() == "text/html":
            yield _decoded(path, headers, content)


def _split(data: bytes) -> tuple[Message, bytes]:
    end = HEADERS_END.search(data)
    if end is None:
        return Message(), data
    return BytesHeaderParser().parsebytes(data[: end.start()]), data[end.end() :]


def _decoded(path: Path, headers: Message, content: bytes) -> bytes:
    way = str(headers.get("Content-Transfer-Encoding", "")).strip().lower()
    try:
        if way == "base64":
            return base64.b64decode(content, validate=False)
        return quopri.decodestring(content) if way == "quoted-printable" else content
    except (binascii.Error, ValueError) as error:
        raise UnusableFile(str(path), "trang web lưu một tệp bị hỏng, không giải mã được") from error
