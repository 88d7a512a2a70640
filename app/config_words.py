"""The configuration in words: every key with what it says, whether that is as shipped, and why one would change it.

The words are the comments of the shipped file, of which this package carries a copy (a test holds the two equal). What
may hold a secret - a password in an address, a key in a query - is left out of what is shown; secrets themselves stand in
the environment and are never read here.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

SHIPPED = "shipped_config.toml"
SECTIONS: Mapping[str, str] = {
    "store": "Kho dữ liệu và sao lưu",
    "backup": "Mã hóa bản sao lưu",
    "privacy": "Thời hạn giữ thông tin cá nhân",
    "web": "Trang web và phiên làm việc",
    "sign_on": "Đăng nhập một lần",
    "api": "Giao diện cho chương trình khác",
    "calendar": "Lịch làm việc",
    "deadlines": "Sắp đến hạn",
    "ingest": "Nạp tệp",
    "sources": "Nguồn dữ liệu",
    "pull": "Hỏi hệ thống khác",
    "receiver": "Nhận dữ liệu gửi đến",
    "letters": "Thư xin lỗi",
    "alerts": "Cảnh báo",
    "score": "Tiêu chí 3.4.1",
    "figures": "Số liệu",
    "work": "Tiến trình làm việc",
    "mail": "Thư điện tử",
    "gateway": "Cổng nhắn tin",
    "outbox": "Hàng đợi gửi đi",
    "schedule": "Lịch chạy",
    "audit": "Nhật ký và gói chứng cứ",
}
# Of an address: user and password before the machine's name, and all that stands behind a question mark.
USER, QUERY, PATH = (
    re.compile(r"(?<=://)[^/@\s]*@"),
    re.compile(r"\?\S*"),
    re.compile(r"(?<=://)([^/\s,]+)/\S*"),
)
HIDDEN = "…"
# Services give out addresses whose path itself is the secret.
SECRET_PATHS = frozenset({"outbox.webhooks", "gateway.url"})


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key: what it says now and as shipped, in words, and what the shipped file says about it."""

    key: str
    value: str
    shipped: str
    words: str
    is_changed: bool  # does the office say something else than the shipped file?


@dataclass(frozen=True, slots=True)
class SectionLines:
    """The keys of one section under its title."""

    name: str
    title: str
    lines: tuple[KeyLine, ...]

    @property
    def changed(self) -> int:
        """How many of them the office has changed."""
        return sum(line.is_changed for line in self.lines)


def configuration(path: Path) -> tuple[SectionLines, ...]:
    """All sections of the configuration at a path that has been read and found valid."""
    given, shipped, words = tomllib.loads(path.read_text("utf-8")), tomllib.loads(_shipped()), _comments()
    return tuple(
        SectionLines(
            name,
            SECTIONS.get(name, name),
            tuple(
                _line(f"{name}.{key}", value, shipped.get(name, {}).get(key), words) for key, value in keys.items()
            ),
        )
        for name, keys in given.items()
    )  # fmt: skip


def _line(key: str, value: Any, shipped: Any, words: Mapping[str, str]) -> KeyLine:
    told, as_shipped = shown(value), shown(shipped)
    if key in SECRET_PATHS:
        told = PATH.sub(rf"\1/{HIDDEN}", told)
    return KeyLine(key.partition(".")[2], told, as_shipped, words.get(key, ""), value != shipped)


def shown(value: Any) -> str:
    """A value as a person reads it, without what may be secret in it."""
    if isinstance(value, bool):
        return "bật" if value else "tắt"
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "không có"
    if isinstance(value, float):
        return str(value).replace(".", ",")
    text = "" if value is None else str(value)
    return QUERY.sub(f"?{HIDDEN}", USER.sub(f"{HIDDEN}@", text)) if "://" in text else text or "bỏ trống"


@cache
def _shipped() -> str:
    return files("app").joinpath(SHIPPED).read_text("utf-8")


@cache
def _comments() -> Mapping[str, str]:
    """section.key -> the comment above it; keys that stand together under one comment share it."""
    return dict(_commented(_shipped()))


def _commented(text: str) -> Iterator[tuple[str, str]]:
    section, comment, is_open = "", "", False
    for line in text.splitlines():
        if line.startswith("#"):
            comment = f"{comment} {line[1:].strip()}".strip() if is_open else line[1:].strip()
            is_open = True
        elif line.startswith("["):
            section, comment, is_open = line.strip("[] "), "", False
        elif "=" in line and not line.startswith((" ", "]")):
            is_open = False
            yield f"{section}.{line.partition('=')[0].strip()}", comment
        elif not line.strip():
            comment, is_open = "", False
