"""Text of a date cell -> UTC epoch seconds, strictly: what cannot be read is a fault, never a guess.

Understood: dd/MM/yyyy with or without HH:mm[:ss] before or after it, d/M/yyyy, dashes and dots, ISO 8601 (without
a zone the office's), yyyyMMdd[HHmmss]. A date alone takes the time that its meaning asks for (see `DateReader`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from tracker.types import VN

EMPTY: frozenset[str] = frozenset({"", "-", "--", "null", "NULL"})
# What programs write for "no date": .NET, Excel, Unix and "never" (formats note 5.5 no. 18).
SENTINEL_YEARS = frozenset({1, 1899, 1900, 1970, 9999})
FIRST_YEAR = 2000
VN_OFFSET = 25_200
DAY = 86_400
COMPACT_LENGTH = 14
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# What a reader of spreadsheets writes behind a date whose day and month Excel has swapped.
SWAP_MARK = " ⇄"
USUAL_DAY = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}")
USUAL_TIME = re.compile(r" ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")

DAY_FIRST = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
)
TIME_FIRST = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))? +(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?([+-]\d{2}:?\d{2})?")
COMPACT_DAY = re.compile(r"[0-9]{8}")
COMPACT_TIME = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?")


class Sentinel(Exception):
    """The cell holds a date that means "none"."""


class Swapped(ValueError):
    """The cell holds a date whose day and month were swapped on the way, so which day it means is not known."""


class DateParts:
    """Days and times of day once read, shared by the columns of a file: a province-year has few of both."""

    def __init__(self, last_year: int) -> None:
        self.last_year = last_year
        self.midnights: dict[str, int] = {}
        self.times: dict[str, int] = {}
        # Those of the compact form, apart: both halves of a cell are then known to be of one form.
        self.compact_midnights: dict[str, int] = {}
        self.compact_times: dict[str, int] = {}

    def learn_compact(self, cell: str) -> int | None:
        """Epoch seconds of a cell of the form `yyyyMMddHHmmss`, remembered; None for other forms."""
        day, clock = cell[:8], cell[8:]
        if day not in self.compact_midnights:
            if COMPACT_DAY.fullmatch(day) is None:
                return None
            on = checked_date(int(day[:4]), int(day[4:6]), int(day[6:]), self.last_year)
            self.compact_midnights[day] = midnight(on)
        if clock not in self.compact_times:
            found = COMPACT_TIME.fullmatch(clock)
            if found is None:
                return None
            self.compact_times[clock] = _seconds(*found.groups())
        return self.compact_midnights[day] + self.compact_times[clock]

    def learn(self, cell: str) -> int | None:
        """Epoch seconds of a cell of the usual form `dd/MM/yyyy HH:mm[:ss]`, remembered; None for other forms."""
        day, clock = cell[:10], cell[10:]
        if day not in self.midnights:
            if USUAL_DAY.fullmatch(day) is None:
                return None
            on = checked_date(int(day[6:]), int(day[3:5]), int(day[:2]), self.last_year)
            self.midnights[day] = midnight(on)
        if clock not in self.times:
            found = USUAL_TIME.fullmatch(clock)
            if found is None:
                return None
            self.times[clock] = _seconds(*found.groups())
        return self.midnights[day] + self.times[clock]


class DateReader:
    """Reads the cells of one column; `at_date` gives the epoch seconds of a bare date (midnight, or closing time)."""

    def __init__(self, at_date: Callable[[date], int], parts: DateParts) -> None:
        self._at_date = at_date
        self._parts = parts
        self._whole: dict[str, int | None] = {}

    def column(self, cells: Sequence[str]) -> tuple[list[int | None], list[tuple[int, str]]]:
        """Epoch seconds of each cell (None: empty), and the faults as (position, SENTINEL, SWAPPED or INVALID).

        The form of the first filled cell says which form is tried first; every cell may still have its own.
        """
        first = next(filter(None, cells), "")
        if len(first) == COMPACT_LENGTH and first.isdigit():
            return self._column(cells, 8, self._parts.compact_midnights, self._parts.compact_times)
        return self._column(cells, 10, self._parts.midnights, self._parts.times)

    def _column(
        self, cells: Sequence[str], day_length: int, midnights: Mapping[str, int], times: Mapping[str, int]
    ) -> tuple[list[int | None], list[tuple[int, str]]]:
        out: list[int | None] = []
        faults: list[tuple[int, str]] = []
        add = out.append
        for position, cell in enumerate(cells):
            if cell == "":
                add(None)
                continue
            try:
                add(midnights[cell[:day_length]] + times[cell[day_length:]])
            except KeyError:
                add(self._slow(position, cell, faults))
        return out, faults

    def _slow(self, position: int, cell: str, faults: list[tuple[int, str]]) -> int | None:
        try:
            return self.read(cell)
        except Sentinel:
            faults.append((position, "SENTINEL"))
        except Swapped:
            faults.append((position, "SWAPPED"))
        except ValueError:
            faults.append((position, "INVALID"))
        return None

    def read(self, cell: str) -> int | None:
        """One cell; None for an empty one.

        Raises:
            Sentinel: a date that means "none".
            Swapped: marked as one whose day and month were swapped.
            ValueError: not a date, or one that cannot be.
        """
        usual = self._parts.learn_compact(cell) if len(cell) == COMPACT_LENGTH else self._parts.learn(cell)
        if usual is not None:
            return usual
        text = cell.strip()
        if text in EMPTY:
            return None
        if text not in self._whole:
            self._whole[text] = self._parse(text)
        return self._whole[text]

    def _parse(self, text: str) -> int:
        if text.endswith(SWAP_MARK):
            raise Swapped(text)
        if found := DAY_FIRST.fullmatch(text):
            day, month, year, *clock = found.groups()
        elif found := ISO.fullmatch(text.removesuffix("Z")):
            # A Z in these systems stands behind local hours (formats note 5.5 no. 14): it is not believed.
            year, month, day, *clock, zone = found.groups()
            if zone:
                return self._with_zone(text)
        elif found := TIME_FIRST.fullmatch(text):
            *clock, day, month, year = found.groups()
        elif found := COMPACT.fullmatch(text):
            year, month, day, *clock = found.groups()
        else:
            raise ValueError(text)
        on = checked_date(int(year), int(month), int(day), self._parts.last_year)
        if clock[0] is None:
            return self._at_date(on)
        return midnight(on) + _seconds(*clock)

    def _with_zone(self, text: str) -> int:
        at = datetime.fromisoformat(text).astimezone(VN)
        checked_date(at.year, at.month, at.day, self._parts.last_year)
        return int(at.timestamp())


def checked_date(year: int, month: int, day: int, last_year: int) -> date:
    """The date, if there is one and its year is one that a dossier can have."""
    if year in SENTINEL_YEARS:
        raise Sentinel
    if not FIRST_YEAR <= year <= last_year:
        raise ValueError(year)
    return date(year, month, day)


def midnight(day: date) -> int:
    """00:00 of a local date in UTC epoch seconds."""
    return (day.toordinal() - EPOCH_ORDINAL) * DAY - VN_OFFSET


def _seconds(hour: str, minute: str, second: str | None) -> int:
    h, m, s = int(hour), int(minute), int(second or 0)
    if h > 23 or m > 59 or s > 59:
        raise ValueError(f"{h}:{m}:{s}")
    return h * 3600 + m * 60 + s
