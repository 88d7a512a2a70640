"""When an apology is due and how often a new date may be given: dated rules from data, and the days they lead to.

The reading of "01 ngày trước ngày hết hạn": nothing in the clause moves the day before to a later one, so where it is
a day off, the letter goes out on the last working day before it (Decree 61/2018 art. 19.9).
"""

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from tracker.errors import CalendarError, ConfigurationError
from tracker.timekeeping.working_calendar import WorkingCalendar

SHIPPED = Path(__file__).parent / "data" / "letter_rules.toml"


@dataclass(frozen=True, slots=True)
class LetterRule:
    """The rule for dossiers received in a span of days; days before the due date are calendar days."""

    key: str
    valid_from: date | None
    valid_to: date | None
    apology_lead_days: int
    max_reappointments: int
    source: str
    is_verified: bool
    note: str

    def holds_on(self, received: date) -> bool:
        """Does it hold for a dossier received on this day?"""
        begun = self.valid_from is None or self.valid_from <= received
        return begun and (self.valid_to is None or received <= self.valid_to)


@dataclass(frozen=True, slots=True)
class LetterRules:
    """All rules; every day has one."""

    entries: tuple[LetterRule, ...]

    def on(self, received: date | None) -> LetterRule:
        """The rule of a dossier received on this day; the newest where the day is unknown."""
        if received is not None:
            for entry in self.entries:
                if entry.holds_on(received):
                    return entry
        return self.entries[-1]

    @property
    def longest_lead(self) -> int:
        """The most days before a due date on which any rule asks for a letter."""
        return max(entry.apology_lead_days for entry in self.entries)

    @property
    def most_reappointments(self) -> int:
        """How often any rule lets the date be moved."""
        return max(entry.max_reappointments for entry in self.entries)


@cache
def load_rules(path: Path = SHIPPED) -> LetterRules:
    """Read the rules; ConfigurationError if the file cannot be used."""
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
        return LetterRules(tuple(_rule(entry) for entry in tree["rule"]))
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ConfigurationError([f"{path.name}: {error}"]) from error


def _rule(entry: Mapping[str, Any]) -> LetterRule:
    return LetterRule(
        key=entry["key"],
        valid_from=entry.get("valid_from"),
        valid_to=entry.get("valid_to"),
        apology_lead_days=entry["apology_lead_days"],
        max_reappointments=entry["max_reappointments"],
        source=entry["source"],
        is_verified=entry["is_verified"],
        note=entry["note"],
    )


def letter_day(calendar: WorkingCalendar, due: date, lead_days: int) -> date:
    """The last day on which the letter goes out in time: `lead_days` before the due date, or the working day before that.

    A calendar that does not reach that far gives the day itself: a holiday that nobody knows moves nothing.
    """
    day = due - timedelta(days=lead_days)
    try:
        return calendar.previous_workday(day)
    except CalendarError:
        return day


@lru_cache(maxsize=4096)
def foreseen_until(calendar: WorkingCalendar, day: date, lead_days: int) -> date:
    """The last due date whose letter has to go out by `day`: what is due up to it and still open will be late."""
    ahead = day + timedelta(days=1)
    with suppress(CalendarError):
        ahead = calendar.next_workday(ahead)
    return ahead + timedelta(days=lead_days - 1)
