"""An uploaded file -> the members of a .docx, or why it is refused. Nothing is parsed here but the zip itself.

Sizes are bounded before anything is unpacked, so that no upload costs more than `MAX_UNPACKED` of memory.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from letters.archive import BODY_PART

MIB = 1024 * 1024
MAX_FILE, MAX_UNPACKED = 2 * MIB, 20 * MIB
MAX_XML = 6 * MIB  # as a tree it takes some thirty times that; a template of one letter has less than one
MAX_MEMBERS = 200
# Word's own parts shrink to a tenth or so; a bomb shrinks to a thousandth.
MAX_RATIO, RATIO_FROM = 100, 64 * 1024
CONTENT_TYPES, ROOT_RELATIONS = "[Content_Types].xml", "_rels/.rels"
NEEDED = (CONTENT_TYPES, ROOT_RELATIONS, BODY_PART)
XML_ENDINGS, PICTURE_ENDINGS = ("xml", "rels"), ("png", "jpg", "jpeg", "gif")
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
HIDDEN = (ZIP, OLE, b"MZ", b"\x7fELF", b"%PDF", b"{\\rtf")
PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
ENCRYPTED_FLAG = 0x1
SAVE_AGAIN = "hãy mở bằng Word hoặc LibreOffice và lưu lại thành .docx"

# What a member's name betrays: a pattern, what it is, and what to do.
_BAD_NAMES = (
    (r"vbaproject|vbadata", "tệp có macro (mã lệnh VBA); hãy lưu lại thành .docx không macro"),
    (r"(^|/)activex", "tệp có thành phần ActiveX; hãy bỏ các nút, ô điều khiển"),
    (
        r"(^|/)embeddings/|oleobject",
        "tệp có đối tượng nhúng (OLE), như bảng tính hay tệp đính kèm; hãy bỏ đối tượng đó",
    ),
    (r"(^|/)afchunk|\.(mht|mhtml|html?|rtf)$", "tệp ghép một văn bản khác vào (altChunk); hãy dán nội dung vào thẳng"),
    (r"\.(emf|wmf|svg|tiff?|bmp|wdp)$", "ảnh không phải PNG, JPEG hay GIF; hãy thay bằng ảnh PNG"),
    (r"\.(odttf|ttf|otf|fntdata)$", "tệp nhúng phông chữ; hãy tắt “Nhúng phông chữ trong tệp” rồi lưu lại"),
    (r"\.(zip|docx|docm|xlsx|xlsm|pptx|jar)$", "trong tệp có một tệp nén khác"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """The members of an uploaded file in their order, by name; empty where there are faults."""

    members: Mapping[str, bytes]
    faults: tuple[str, ...]


def opened(data: bytes) -> Opened:
    """Unpack a .docx; every fault is a sentence for the person who uploaded it."""
    if fault := _fault_of_file(data):
        return Opened({}, (fault,))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if faults := tuple(dict.fromkeys(_faults_of_entries(entries))):
                return Opened({}, faults)
            members = {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        return Opened({}, (f"Tệp nén hỏng, không mở được; {SAVE_AGAIN}.",))
    faults = tuple(dict.fromkeys(_faults_of_members(members)))
    return Opened({} if faults else members, faults)


def _fault_of_file(data: bytes) -> str:
    if len(data) > MAX_FILE:
        return f"Tệp lớn hơn {MAX_FILE // MIB} MB; hãy bớt hoặc thu nhỏ ảnh."
    if data.startswith(OLE):
        return f"Tệp là .doc kiểu cũ hoặc có mật khẩu; {SAVE_AGAIN}, không đặt mật khẩu."
    if not data.startswith(ZIP):
        return f"Tệp không phải .docx; {SAVE_AGAIN}."
    return ""


def _faults_of_entries(entries: Sequence[zipfile.ZipInfo]) -> Iterator[str]:
    """What the table of contents tells before anything is unpacked."""
    if len(entries) > MAX_MEMBERS:
        yield f"Tệp có {len(entries)} thành phần, nhiều hơn {MAX_MEMBERS}."
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        yield f"Nội dung sau khi giải nén lớn hơn {MAX_UNPACKED // MIB} MB."
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) < len(names):
        yield "Tệp có hai thành phần trùng tên."
    for entry in entries:
        if not _is_plain(entry.orig_filename):
            yield f"Thành phần có tên không hợp lệ: “{entry.orig_filename[:80]}”."
        if entry.flag_bits & ENCRYPTED_FLAG:
            yield "Tệp có mật khẩu; hãy lưu lại không đặt mật khẩu."
        elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            yield f"Tệp nén theo cách lạ; {SAVE_AGAIN}."
        is_big = entry.file_size > RATIO_FROM
        if is_big and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
            yield f"Thành phần {entry.filename} nén quá {MAX_RATIO} lần, giống tệp phá hoại."


def _is_plain(name: str) -> bool:
    """A relative path of ordinary signs that stays inside the package."""
    is_relative = not name.startswith(("/", "~")) and not re.search(r"[\\:\x00-\x1f\x7f]", name)
    return is_relative and all(part not in ("", ".", "..") for part in name.split("/"))


def _faults_of_members(members: Mapping[str, bytes]) -> Iterator[str]:
    if missing := [name for name in NEEDED if name not in members]:
        yield f"Tệp không phải văn bản Word (.docx): thiếu {', '.join(missing)}."
    for name, body in members.items():
        if fault := next((told for bad, told in _BAD_NAMES if re.search(bad, name.lower())), ""):
            yield f"{fault[:1].upper()}{fault[1:]} ({name})."
        elif name.rpartition(".")[2].lower() not in XML_ENDINGS + PICTURE_ENDINGS:
            yield f"Tệp có thành phần lạ: {name}."
        elif body.startswith(HIDDEN) or not (is_xml(name) or body.startswith(PICTURES)):
            yield f"Thành phần {name} là một tệp khác được giấu vào."
    if sum(len(body) for name, body in members.items() if is_xml(name)) > MAX_XML:
        yield f"Phần chữ và định dạng lớn hơn {MAX_XML // MIB} MB; đây không phải mẫu của một thư."


def is_xml(name: str) -> bool:
    """Is a member markup?"""
    return name.rpartition(".")[2].lower() in XML_ENDINGS
