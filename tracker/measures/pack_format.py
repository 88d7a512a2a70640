"""How an evidence pack is laid out: names of its members, its manifest as bytes, the cover sheet that follows from it. Pure.

A pack is one zip of plain shape, without comments, gaps or further records, so that each of its bytes is bound: members
by the manifest, the manifest by its signature, the cover sheet by the manifest, the rest by `pack_zip`.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tracker.errors import UsageError

FORMAT, VERSION = "dunghen-evidence-pack", 1
MANIFEST, SIGNATURE, COVER = "manifest.json", "manifest.sig", "bia-goi.txt"
LATE_XLSX, LATE_CSV = "danh-sach/ho-so-qua-han.xlsx", "danh-sach/ho-so-qua-han.csv"
PROOFS, UNPROVED = "phieu-tinh-han/phieu.jsonl", "phieu-tinh-han/khong-lap-duoc.csv"
REGISTER, LETTERS, SIGNED, RECEIPTS = (
    "thu/so-theo-doi.csv", "thu/van-ban/", "thu/ban-da-ky/", "thu/bao-phat.jsonl",
)  # fmt: skip
CALENDARS, EDITIONS, FIGURES = "lich/", "quy-dinh/", "so-lieu/"
LOG, SEALS = "nhat-ky/muc.jsonl", "nhat-ky/niem-phong.jsonl"
# Stands in the manifest's text of the cover sheet, since no text can hold its own hash.
HERE = "{{SHA-256 manifest.json}}"
KEY_BYTES, SIGNATURE_BYTES, HASH_DIGITS, GROUP = 32, 64, 64, 4
NAME = re.compile(r"[a-z0-9][A-Za-z0-9._-]*(?:/[a-z0-9][A-Za-z0-9._-]*)*", re.ASCII)
LONGEST_NAME = 200
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PackFile:
    """A member that the manifest tells of: its path and bytes, and its bytes as they lie in the zip."""

    path: str
    size: int
    sha256: str
    packed: int
    packed_sha256: str


@dataclass(frozen=True, slots=True)
class PackHead:
    """What a pack says of itself: plain JSON values under `question` and `counts`; `left_out` in the reader's words."""

    number: str
    title: str
    made_at: str
    made_by: str
    program: str
    question: Mapping[str, Any]
    counts: Mapping[str, Any]
    left_out: Sequence[str]


def manifest_bytes(head: PackHead, files: Sequence[PackFile], public_key: bytes) -> bytes:
    """The manifest as it is signed."""
    key = {"algorithm": "Ed25519", "public": public_key.hex(), "fingerprint": fingerprint_of(public_key)}
    told = {
        "format": FORMAT,
        "version": VERSION,
        "number": head.number,
        "title": head.title,
        "made_at": head.made_at,
        "made_by": head.made_by,
        "program": head.program,
        "question": dict(head.question),
        "counts": dict(head.counts),
        "left_out": list(head.left_out),
        "key": key,
        "files": [_file_document(each) for each in files],
    }
    told["cover"] = _cover_text(told)
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _file_document(file: PackFile) -> dict[str, Any]:
    packed = {"size": file.packed, "sha256": file.packed_sha256}
    return {"path": file.path, "size": file.size, "sha256": file.sha256, "packed": packed}


def cover_of(text: str, manifest: bytes) -> bytes:
    """The cover sheet: the manifest's own text with the hash of the manifest put in."""
    return text.replace(HERE, grouped(hashlib.sha256(manifest).hexdigest())).encode()


def fingerprint_of(public_key: bytes) -> str:
    """What people compare of a key: SHA-256 of its 32 bytes, hexadecimal."""
    return hashlib.sha256(public_key).hexdigest()


def grouped(digits: str) -> str:
    """A hash in groups of four, as it is printed and read aloud."""
    return " ".join(digits[at : at + GROUP] for at in range(0, len(digits), GROUP))


def read_fingerprint(text: str) -> str:
    """A fingerprint or public key as somebody typed it: blanks, colons and capitals do not matter.

    Raises:
        UsageError: it has not 64 hexadecimal digits.
    """
    found = re.sub(r"[\s:\u00a0]", "", text).lower()
    if not _HEX.fullmatch(found):
        raise UsageError("dấu vân tay của khóa gồm 64 chữ số thập lục phân, viết liền hoặc từng nhóm bốn")
    return found


def is_good_name(name: str) -> bool:
    """May a member be called so: plain signs, below the pack, no way out of it?"""
    return len(name) <= LONGEST_NAME and NAME.fullmatch(name) is not None


# ---------------------------------------------------------------- the cover sheet

BASES = {
    "source": "ngày hẹn theo hệ thống nguồn",
    "promised": "ngày hẹn ban đầu",
    "documented": "hạn tính theo quy định",
}
COUNTS = {
    "dossiers": "hồ sơ quá hạn trong danh sách",
    "proofs": "phiếu tính hạn",
    "unproved": "hồ sơ không lập được phiếu (có nêu lý do)",
    "letters": "văn bản xin lỗi trong sổ",
    "letter_files": "tệp văn bản xin lỗi",
    "receipts": "thông báo gửi thư (báo phát)",
    "log_entries": "mục nhật ký",
    "seals": "niêm phong nhật ký",
}
COVER_TEXT = """GÓI CHỨNG CỨ SỐ {number}
{title}

Kỳ: từ {start} đến hết {end}. Đơn vị: {unit}. Căn cứ: {basis}.
Xét tại: {as_of}. Theo những gì đã biết lúc: {known}.
Làm lúc {made_at}, người làm: {made_by}, chương trình Đúng Hẹn {program}.

TRONG GÓI CÓ
{counts}
{left_out}
DẤU VÂN TAY CỦA KHÓA ĐÃ KÝ GÓI (Ed25519)
{fingerprint}

SHA-256 CỦA TỆP manifest.json
{here}

CÁCH KIỂM TRA
1. Hỏi cơ quan làm gói dấu vân tay của khóa theo một đường khác (điện thoại, văn bản giấy, trang thông tin), đừng chỉ tin
   dấu vân tay in trên tờ này: ai làm giả cả gói thì làm giả cả tờ này.
2. Tải tệp verify_pack.py từ cơ quan hoặc từ mã nguồn chương trình, không lấy từ người đưa gói. Chỉ cần Python 3.9 trở lên:
       python3 verify_pack.py GOI.zip --key "DẤU VÂN TAY"
   hoặc, trên máy có chương trình: dunghen audit verify GOI.zip --key "DẤU VÂN TAY"
3. Có dòng niêm phong nhật ký (DUNGHEN-NK …) giữ bên ngoài thì thêm --line "DÒNG NIÊM PHONG".
Gói nguyên vẹn nghĩa là không ai sửa sau khi ký; điều đó không chứng minh dữ liệu của hệ thống nguồn là đúng.
"""


def _cover_text(told: Mapping[str, Any]) -> str:
    question = told["question"]
    counts = (f"- {words}: {told['counts'].get(name, 0):,}" for name, words in COUNTS.items())
    left_out = "".join(f"- Không có trong gói: {words}\n" for words in told["left_out"])
    return COVER_TEXT.format(
        number=told["number"],
        title=told["title"],
        start=_day(question["from"]),
        end=_day(question["to"]),
        unit=question["unit"] or "toàn tỉnh",
        basis=BASES.get(question["basis"], question["basis"]),
        as_of=_moment(question["as_of"]),
        known=_moment(question["known"] or told["made_at"]),
        made_at=_moment(told["made_at"]),
        made_by=told["made_by"],
        program=told["program"],
        counts="\n".join(counts).replace(",", "."),
        left_out=left_out,
        fingerprint=grouped(told["key"]["fingerprint"]),
        here=HERE,
    )


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}"


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%H:%M:%S %d/%m/%Y}"
