"""The manifest of an evidence pack read back without lenience: what is not exactly of the known form is refused. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.measures.pack_format import (
    FORMAT,
    HASH_DIGITS,
    KEY_BYTES,
    VERSION,
    PackFile,
    cover_of,
    fingerprint_of,
    is_good_name,
)

MOST_BYTES, MOST_SHOWN = 64 * 1024 * 1024, 200
NUMBER = re.compile(r"[0-9]{4}-[0-9]{4,9}")


class NotUnderstood(Exception):
    """A manifest that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a pack says of itself; `body` are the bytes that are signed."""

    body: bytes
    number: str
    title: str
    made_at: str
    public_key: bytes
    stated_fingerprint: str
    cover_text: str
    counts: Mapping[str, Any]
    files: Sequence[PackFile]

    @property
    def sha256(self) -> str:
        """The hash that stands on the cover sheet and in the register."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Of the key that it names."""
        return fingerprint_of(self.public_key)

    @property
    def cover(self) -> bytes:
        """The cover sheet as it has to be."""
        return cover_of(self.cover_text, self.body)


def read_manifest(body: bytes) -> Manifest:
    """The manifest of its bytes.

    Raises:
        NotUnderstood: it is none, of a later form, or names members twice or strangely.
    """
    try:
        told = json.loads(body)
        if told["format"] != FORMAT or told["version"] != VERSION:
            raise NotUnderstood(
                "không phải bản kê của gói chứng cứ, hoặc của phiên bản mới hơn chương trình này"
            )
        return _manifest(body, told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise NotUnderstood("bản kê không đúng dạng") from fault


def _manifest(body: bytes, told: Mapping[str, Any]) -> Manifest:
    files = tuple(_file(each) for each in told["files"])
    names = {file.path for file in files}
    public_key = bytes.fromhex(_hex(told["key"]["public"], 2 * KEY_BYTES))
    if len(names) < len(files) or not all(map(is_good_name, names)):
        raise NotUnderstood("bản kê có tên tệp trùng nhau hoặc không hợp lệ")
    if not NUMBER.fullmatch(_text(told["number"])):
        raise NotUnderstood("số gói không đúng dạng")
    return Manifest(
        body=body,
        number=_text(told["number"]),
        title=shown(_text(told["title"])),
        made_at=_text(told["made_at"]),
        public_key=public_key,
        stated_fingerprint=_hex(told["key"]["fingerprint"], HASH_DIGITS),
        cover_text=_text(told["cover"]),
        counts={_text(name): _count(count) for name, count in told["counts"].items()},
        files=files,
    )


def _file(told: Mapping[str, Any]) -> PackFile:
    packed = told["packed"]
    return PackFile(
        _text(told["path"]),
        _count(told["size"]),
        _hex(told["sha256"], HASH_DIGITS),
        _count(packed["size"]),
        _hex(packed["sha256"], HASH_DIGITS),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is wanted")
    value.encode()  # half a surrogate pair can be read but never told: a ValueError
    return value


def shown(text: str) -> str:
    """What others wrote, on one line and without signs that steer a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:MOST_SHOWN])


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("a whole number is wanted")
    return value


def _hex(value: Any, digits: int) -> str:
    if not isinstance(value, str) or len(value) != digits or not set(value) <= set("0123456789abcdef"):
        raise TypeError("hexadecimal digits are wanted")
    return value
