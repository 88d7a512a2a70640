"""The text of letters that came back signed, read by a process of its own: `python -m letters.signed_text`.

Whoever starts it may end it at any moment: what was uploaded may be made to take for ever. It knows no store. Each request
is the length of a file (8 bytes, big-endian) and the file; each answer is a line of JSON, {"text": ...} or {"fault": ...}.
"""

import io
import json
import sys
import zipfile
from enum import StrEnum
from typing import BinaryIO

from lxml import etree
from pypdf import Configuration, PdfReader, overwrite_configuration
from pypdf.errors import LimitReachedError

from letters.signed_reading import LENGTH, READY, kind_of
from tracker.machine import whole_output

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
# A letter has a page or two; what is longer is read no further.
MOST_PAGES = 12
MOST_TEXT = 200_000
MOST_XML = 24 << 20  # unpacked, of all parts that hold text
LIMITS = Configuration(
    zlib_maximum_output_length=24 << 20,
    lzw_maximum_output_length=24 << 20,
    run_length_maximum_output_length=24 << 20,
    array_based_stream_maximum_output_length=24 << 20,
    stream_parsing_work_maximum_count=500_000,
    page_tree_maximum_entries=5_000,
    xform_maximum_invocations_per_extraction=500,
)
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARTS = ("word/document", "word/header", "word/footer")
HYPHEN = {f"{WORD}noBreakHyphen": "-", f"{WORD}tab": "\t", f"{WORD}br": "\n"}


class TextFault(StrEnum):
    """Why the text of a file cannot be read, in the user's words."""

    KIND = "không phải tệp PDF hoặc .docx"
    OLD_OFFICE = "là tệp Word kiểu cũ hoặc tệp đặt mật khẩu; hãy lưu lại thành .docx hoặc PDF không mật khẩu"
    ENCRYPTED = "tệp PDF có đặt mật khẩu hoặc giới hạn quyền; hãy xuất lại không mật khẩu"
    MACROS = "tệp có chứa mã lệnh (macro)"
    BROKEN = "tệp hỏng, không mở được"
    TOO_MUCH = "tệp quá phức tạp so với một lá thư"


class Unreadable(Exception):
    """The fault, on its way out of the reading."""

    def __init__(self, fault: TextFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def text_of(body: bytes) -> str:
    """The text of a PDF (its first pages) or .docx; "" where a scan has none.

    Raises:
        Unreadable: it is something else, locked, broken, or made to be much.
    """
    kind = kind_of(body)
    try:
        if kind == ".pdf":
            return _pdf_text(body)[:MOST_TEXT]
        if kind == ".docx":
            return _word_text(body)[:MOST_TEXT]
    except LimitReachedError as error:
        raise Unreadable(TextFault.TOO_MUCH) from error
    raise Unreadable(TextFault.OLD_OFFICE if body.startswith(OLE) else TextFault.KIND)


def _pdf_text(body: bytes) -> str:
    reader = PdfReader(io.BytesIO(body))
    if reader.is_encrypted:
        raise Unreadable(TextFault.ENCRYPTED)
    pages = range(min(MOST_PAGES, len(reader.pages)))
    return "\n".join(reader.pages[number].extract_text() for number in pages)


def _word_text(body: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = archive.namelist()
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise Unreadable(TextFault.MACROS)
        parts = [name for name in names if name.startswith(PARTS) and name.endswith(".xml")]
        if "word/document.xml" not in parts:
            raise Unreadable(TextFault.KIND)
        left = MOST_XML
        texts = []
        for name in parts:
            with archive.open(name) as stream:
                part = stream.read(left + 1)
            left -= len(part)
            if left < 0:
                raise Unreadable(TextFault.TOO_MUCH)
            texts.append(_part_text(part))
    return "\n".join(texts)


def _part_text(part: bytes) -> str:
    """The words of a part, a line a paragraph; what was read is let go, so that millions of elements cost no memory."""
    pieces: list[str] = []
    for _, element in etree.iterparse(
        io.BytesIO(part), events=("end",), resolve_entities=False, no_network=True, load_dtd=False
    ):
        if element.tag == f"{WORD}p":
            pieces.append("\n")
        elif element.tag == f"{WORD}t":
            pieces.append(element.text or "")
        elif element.tag in HYPHEN:
            pieces.append(HYPHEN[element.tag])
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]
    return "".join(pieces)


# ---------------------------------------------------------------- the process


def answer(body: bytes) -> dict[str, str]:
    """What is said of one file; whatever a file made by somebody else does to its reader, it is only a bad file."""
    try:
        return {"text": text_of(body)}
    except Unreadable as told:
        return {"fault": told.fault}
    except (MemoryError, RecursionError):
        return {"fault": TextFault.TOO_MUCH}
    except Exception:
        return {"fault": TextFault.BROKEN}


def serve(inward: BinaryIO, outward: BinaryIO) -> None:
    """Answer until the other side has gone."""
    overwrite_configuration(LIMITS)
    outward.write(READY)
    outward.flush()
    while len(head := inward.read(LENGTH.size)) == LENGTH.size:
        body = inward.read(LENGTH.unpack(head)[0])
        outward.write(json.dumps(answer(body)).encode("ascii") + b"\n")
        outward.flush()


if __name__ == "__main__":
    with whole_output() as outward:
        serve(sys.stdin.buffer, outward)
