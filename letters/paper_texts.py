"""The dated editions of what the papers around the letter say, read from data; which one holds on a day."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from tracker.errors import ConfigurationError

SHIPPED = Path(__file__).parent / "data" / "papers.toml"


@dataclass(frozen=True, slots=True)
class DatedText:
    """An edition and the days on which it holds; None = open."""

    key: str
    valid_from: date | None
    valid_to: date | None
    title: str
    opening: tuple[str, ...]
    closing: tuple[str, ...]
    sign_here: str


@dataclass(frozen=True, slots=True)
class HandOverText(DatedText):
    """The words of the hand-over note; paragraphs hold placeholders."""

    giver: str
    receiver: str


@dataclass(frozen=True, slots=True)
class NoticeText(DatedText):
    """The words of the notice to the desk; `is_basis_verified`: its clause was read in the official text."""

    source: str
    symbol: str
    subject: str
    basis: str
    is_basis_verified: bool
    slip_title: str
    slip: tuple[str, ...]
    confirmer: str


Text = TypeVar("Text", bound=DatedText)


@dataclass(frozen=True, slots=True)
class PaperTexts:
    """All editions."""

    hand_overs: tuple[HandOverText, ...]
    notices: tuple[NoticeText, ...]

    def hand_over_on(self, day: date) -> HandOverText:
        """The words of a hand-over note of that day; ConfigurationError where there are none."""
        return _on(self.hand_overs, day, "phiếu bàn giao")

    def notice_on(self, day: date) -> NoticeText:
        """The words of a notice of that day; ConfigurationError where there are none."""
        return _on(self.notices, day, "thông báo cho Bộ phận Một cửa")


def _on(editions: Iterable[Text], day: date, name: str) -> Text:
    for text in editions:
        if (text.valid_from is None or text.valid_from <= day) and (
            text.valid_to is None or day <= text.valid_to
        ):
            return text
    raise ConfigurationError([f"không có mẫu {name} cho ngày {day:%d/%m/%Y}"])


@cache
def load_papers(path: Path = SHIPPED) -> PaperTexts:
    """Read the editions; ConfigurationError if the file cannot be used."""
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
        return PaperTexts(tuple(map(_hand_over, tree["hand_over"])), tuple(map(_notice, tree["notice"])))
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ConfigurationError([f"{path.name}: {error}"]) from error


def _dated(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": entry["key"],
        "valid_from": entry.get("valid_from"),
        "valid_to": entry.get("valid_to"),
        "title": entry["title"],
        "opening": tuple(entry["opening"]),
        "closing": tuple(entry["closing"]),
        "sign_here": entry["sign_here"],
    }


def _hand_over(entry: Mapping[str, Any]) -> HandOverText:
    return HandOverText(**_dated(entry), giver=entry["giver"], receiver=entry["receiver"])


def _notice(entry: Mapping[str, Any]) -> NoticeText:
    return NoticeText(
        **_dated(entry),
        source=entry["source"],
        symbol=entry["symbol"],
        subject=entry["subject"],
        basis=entry["basis"],
        is_basis_verified=entry["basis_verified"],
        slip_title=entry["slip_title"],
        slip=tuple(entry["slip"]),
        confirmer=entry["confirmer"],
    )
