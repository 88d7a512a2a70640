"""Editions of dated data that the office entered over the shipped ones, and results that others published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class EditionKind(StrEnum):
    """What an entry is an edition of."""

    CRITERION = "criterion"
    FORM = "form"
    PUBLISHED = "published"
    # What one person says on the first day (`tracker/store/first_day_store.py`): no edition, the log binds it by itself.
    FIRST_DAY = "first_day"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An edition as two persons enter it; `body` holds its values, plain JSON."""

    kind: EditionKind
    subject: str
    key: str
    body: Mapping[str, Any]
    reason: str
    asked_by: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class EditionEntryRow:
    """An entered edition; the newest of its kind, subject and key governs."""

    entry_id: int
    new: NewEntry
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """A result as somebody else published it: `value` in the words of the source, rank `rank` of `of` where it has one.

    `index`: what it is a result of ("par-index", "sipas", "3.4.1", …). `note`: what stands beside it in the source.
    """

    index: str
    year: int
    name: str
    value: str
    rank: int | None
    of: int | None
    note: str
    source: str

    @property
    def subject(self) -> str:
        """What entries call it: "par-index/2021"."""
        return f"{self.index}/{self.year}"
