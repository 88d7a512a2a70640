"""The dated editions of the apology form, read from data; which one holds on a letter's day. No text is made here."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from letters.obligations import LetterKind
from tracker.errors import ConfigurationError

SHIPPED = Path(__file__).parent / "data" / "letter_forms.toml"
# Paragraphs travel as one text; a line feed cannot occur inside one (content.clean takes it out).
PARAGRAPH = "\n"


@dataclass(frozen=True, slots=True)
class Wording:
    """What one kind of letter says: title, subject ("" = none) and the paragraphs of its body, with placeholders."""

    title: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class LetterForm:
    """One edition of the form; `is_verified` only if name and wording were compared with the official text."""

    key: str
    name: str
    source: str
    valid_from: date | None
    valid_to: date | None
    symbol: str
    is_verified: bool
    note: str
    wordings: Mapping[LetterKind, Wording]

    def holds_on(self, day: date) -> bool:
        """Is this the edition of a letter written on `day`?"""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class LetterForms:
    """All editions and the sentences that they share."""

    editions: tuple[LetterForm, ...]
    sentences: Mapping[str, str]

    def on(self, day: date) -> LetterForm:
        """The edition of a letter written on `day`."""
        for edition in self.editions:
            if edition.holds_on(day):
                return edition
        raise ConfigurationError([f"không có mẫu văn bản xin lỗi cho ngày {day:%d/%m/%Y}"])

    def by_key(self, key: str) -> LetterForm:
        """The edition that an existing letter was written by."""
        for edition in self.editions:
            if edition.key == key:
                return edition
        raise ConfigurationError([f"không có mẫu văn bản xin lỗi tên {key!r}"])


@cache
def load_forms(path: Path = SHIPPED) -> LetterForms:
    """Read the editions; ConfigurationError if the file cannot be used."""
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
        return LetterForms(tuple(_form(entry) for entry in tree["form"]), tree["sentences"])
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ConfigurationError([f"{path.name}: {error}"]) from error


def _form(entry: Mapping[str, Any]) -> LetterForm:
    return LetterForm(
        key=entry["key"],
        name=entry["name"],
        source=entry["source"],
        valid_from=entry.get("valid_from"),
        valid_to=entry.get("valid_to"),
        symbol=entry["symbol"],
        is_verified=entry["name_verified"] and entry["wording_verified"],
        note=entry["note"],
        wordings={kind: _wording(entry[kind.value]) for kind in LetterKind},
    )


def _wording(entry: Mapping[str, Any]) -> Wording:
    return Wording(entry["title"], entry.get("subject", ""), PARAGRAPH.join(entry["body"]))
