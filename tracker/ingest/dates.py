"""Text of a date cell -> UTC epoch seconds, strictly: what cannot be read is a fault, never a guess.

The forms stand in `date_forms`. A date alone takes the time that its meaning asks for (see `DateReader`); in which order
a column writes day and month is decided for the whole column in `date_order`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum

from tracker.ingest import date_arrays
from tracker.ingest.date_forms import MILLISECONDS, NoDate, Written, checked_clock, read_form
from tracker.types import VN

EMPTY: frozenset[str] = frozenset({"", "-", "--", "null", "NULL"})
# What programs write for "no date": databases, .NET, Excel, Unix and "never" (formats note 5.5 no. 18).
SENTINEL_YEARS = frozenset({0, 1, 1899, 1900, 1970, 9999})
FIRST_YEAR = 2000
LAST_MONTH = 12
VN_OFFSET = 25_200
DAY = 86_400
COMPACT_LENGTH = 14
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# What is said of a cell that is read all the same.
SHORT_YEAR = "SHORT_YEAR"
# What a reader of spreadsheets writes behind a date whose day and month Excel has swapped.
SWAP_MARK = " ⇄"
USUAL_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
USUAL_TIME = re.compile(r"[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]+)?)?Z?")
COMPACT_DAY = re.compile(r"[0-9]{8}")
COMPACT_TIME = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})")
# Odd cells are remembered as well, up to so many: a column of them has few days, but may have as many times as rows.
MOST_REMEMBERED = 50_000
# From here on it pays to read a column as an array.
MANY_CELLS = 500


class Sentinel(Exception):
    """The cell holds a date that means "none"."""


class Swapped(ValueError):
    """The cell holds a date whose day and month may have been swapped on the way, so which day it means is not known."""


class MonthFirst(Swapped):
    """The cell can only be read with the month first, in a column that writes the day first."""


class Order(Enum):
    """How a column writes day and month; MIXED: it proves both, so only what can be read in one way is read."""

    DAY_FIRST = "ngày/tháng/năm"
    MONTH_FIRST = "tháng/ngày/năm"
    MIXED = "cả hai"


class DateParts:
    """Days and times of day once read, shared by the columns of a file: a province-year has few of both.

    `is_utc`: the times of this source are UTC, with or without a Z.
    """

    def __init__(self, last_year: int, *, is_utc: bool = False) -> None:
        self.last_year = last_year
        self.shift = VN_OFFSET if is_utc else 0
        self.midnights: dict[Order, dict[str, int]] = {order: {} for order in Order}
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
            self.compact_times[clock] = self._seconds(*found.groups())
        return self.compact_midnights[day] + self.compact_times[clock]

    def learn(self, cell: str, order: Order) -> int | None:
        """Epoch seconds of `dd/MM/yyyy HH:mm[:ss]` or its like in ISO 8601, remembered; None for other forms."""
        day, clock = cell[:10], cell[10:]
        midnights = self.midnights[order]
        if day not in midnights:
            on = self._usual_day(day, order)
            if on is None:
                return None
            midnights[day] = midnight(on)
        if clock not in self.times:
            found = USUAL_TIME.fullmatch(clock)
            if found is None:
                return None
            seconds = self._seconds(*found.groups()[:3])
            if found[4]:
                # There may be as many fractions of seconds as rows.
                return midnights[day] + seconds
            self.times[clock] = seconds
        return midnights[day] + self.times[clock]

    def _usual_day(self, text: str, order: Order) -> date | None:
        if found := USUAL_DAY.fullmatch(text):
            first, second, year = map(int, found.groups())
            return ordered_date(Written(year, first, second, None), order, self.last_year)
        if found := ISO_DAY.fullmatch(text):
            return checked_date(int(found[1]), int(found[2]), int(found[3]), self.last_year)
        return None

    def _seconds(self, hour: str, minute: str, second: str | None) -> int:
        return in_seconds(checked_clock(int(hour), int(minute), int(second or 0))) + self.shift


class DateReader:
    """Reads the cells of one column; `at_date` gives the epoch seconds of a bare date (midnight, or closing time).

    `order` is set by whoever knows the column, before its first cell is read.
    """

    def __init__(self, at_date: Callable[[date], int], parts: DateParts) -> None:
        self.order = Order.DAY_FIRST
        self.shift = parts.shift
        self._at_date = at_date
        self._parts = parts
        self._whole: dict[str, int | None] = {}
        self._short_years: set[str] = set()

    def column(self, cells: Sequence[str]) -> tuple[list[int | None], list[tuple[int, str]]]:
        """Epoch seconds of each cell (None: empty), and what is odd as (position, what).

        SENTINEL, SWAPPED, MONTH_FIRST (swapped, too) and INVALID cells are empty; SHORT_YEAR ones are read. The form of
        the first filled cell says which form is tried first; every cell may still have its own.
        """
        first = next(filter(None, cells), "")
        is_compact = len(first) == COMPACT_LENGTH and first.isdigit()
        if len(cells) >= MANY_CELLS and (form := self._form(first)):
            years = FIRST_YEAR, self._parts.last_year
            if (read := date_arrays.moments(cells, form, years)) is not None:
                return self._with_moments(cells, form, read)
        if is_compact:
            return self._column(cells, 8, self._parts.compact_midnights, self._parts.compact_times)
        return self._column(cells, 10, self._parts.midnights[self.order], self._parts.times)

    def _form(self, cell: str) -> date_arrays.Form | None:
        """The form of a cell, if columns of it can be read as arrays."""
        by_order = {Order.DAY_FIRST: date_arrays.DAY_FIRST, Order.MONTH_FIRST: date_arrays.MONTH_FIRST}
        forms = (by_order.get(self.order), date_arrays.ISO, date_arrays.COMPACT)
        return next((form for form in forms if form and form.fits(cell)), None)

    def _with_moments(
        self, cells: Sequence[str], form: date_arrays.Form, read: date_arrays.Moments
    ) -> tuple[list[int | None], list[tuple[int, str]]]:
        """A column of which the cells of a form have been read; the others, and what is not certain, one by one."""
        values, shift = read.values, self.shift
        if shift:
            values = [value + shift for value in values]
        if read.is_alike and all(read.is_certain):
            if len(values) == len(cells):
                return [*values], []
            following = iter(values)
            return [next(following) if cell else None for cell in cells], []
        taken = zip(values, read.is_certain, strict=True)
        length = form.length
        out: list[int | None] = []
        odd: list[tuple[int, str]] = []
        add = out.append
        for position, cell in enumerate(cells):
            if len(cell) == length:
                value, is_certain = next(taken)
                add(value if is_certain else self._slow(position, cell, odd))
            else:
                add(self._slow(position, cell, odd) if cell else None)
        return out, odd

    def _column(
        self, cells: Sequence[str], day_length: int, midnights: Mapping[str, int], times: Mapping[str, int]
    ) -> tuple[list[int | None], list[tuple[int, str]]]:
        out: list[int | None] = []
        odd: list[tuple[int, str]] = []
        add = out.append
        for position, cell in enumerate(cells):
            if cell == "":
                add(None)
                continue
            try:
                add(midnights[cell[:day_length]] + times[cell[day_length:]])
            except KeyError:
                add(self._slow(position, cell, odd))
        return out, odd

    def _slow(self, position: int, cell: str, odd: list[tuple[int, str]]) -> int | None:
        try:
            moment = self.read(cell)
        except Sentinel:
            odd.append((position, "SENTINEL"))
        except MonthFirst:
            odd.append((position, "MONTH_FIRST"))
        except Swapped:
            odd.append((position, "SWAPPED"))
        except ValueError:
            odd.append((position, "INVALID"))
        else:
            if self._short_years and cell.strip() in self._short_years:
                odd.append((position, SHORT_YEAR))
            return moment
        return None

    def read(self, cell: str) -> int | None:
        """One cell; None for an empty one.

        Raises:
            Sentinel: a date that means "none".
            Swapped: one whose day and month may be swapped.
            ValueError: not a date, or one that cannot be.
        """
        is_compact = len(cell) == COMPACT_LENGTH
        usual = self._parts.learn_compact(cell) if is_compact else self._parts.learn(cell, self.order)
        if usual is not None:
            return usual
        text = cell.strip()
        if text in EMPTY:
            return None
        if text not in self._whole:
            if len(self._whole) >= MOST_REMEMBERED:
                self._whole.clear()
                self._short_years.clear()
            self._whole[text] = self._parse(text)
        return self._whole[text]

    def _parse(self, text: str) -> int:
        if text.endswith(SWAP_MARK):
            raise Swapped(text)
        if MILLISECONDS.fullmatch(text):
            return self._checked(int(text) // 1000)
        try:
            written = read_form(text)
        except NoDate as error:
            raise Sentinel from error
        if written.zone:
            checked_year(written.year, self._parts.last_year)
            return self._checked(int(datetime.fromisoformat(text.replace("/", "-")).timestamp()))
        on = ordered_date(written, self.order, self._parts.last_year)
        if written.has_short_year:
            self._short_years.add(text)
        if written.clock is None:
            return self._at_date(on)
        return midnight(on) + in_seconds(written.clock) + self._parts.shift

    def _checked(self, moment: int) -> int:
        at = datetime.fromtimestamp(moment, VN)
        checked_date(at.year, at.month, at.day, self._parts.last_year)
        return moment


def ordered_date(written: Written, order: Order, last_year: int) -> date:
    """The day that is written, by the order of its column where the form leaves it open.

    Raises:
        Sentinel: a date that means "none".
        MonthFirst: in a column with the day first, one that can only have the month first.
        Swapped: one that does not fit the order of its column, or could be two days in a column that proves both.
        ValueError: no such day.
    """
    year, first, second = written.year, written.first, written.second
    if written.writing != "in order of the column":
        return checked_date(year, first, second, last_year)
    checked_year(year, last_year)
    day, month = (second, first) if order is Order.MONTH_FIRST else (first, second)
    if day <= LAST_MONTH < month:
        date(year, day, month)
        raise MonthFirst if order is Order.DAY_FIRST else Swapped
    if order is Order.MIXED and max(day, month) <= LAST_MONTH and day != month:
        raise Swapped
    return date(year, month, day)


def checked_date(year: int, month: int, day: int, last_year: int) -> date:
    """The date, if there is one and its year is one that a dossier can have."""
    checked_year(year, last_year)
    return date(year, month, day)


def checked_year(year: int, last_year: int) -> None:
    """Nothing, if a dossier can have this year.

    Raises:
        Sentinel: a year that means "none".
        ValueError: any other.
    """
    if year in SENTINEL_YEARS:
        raise Sentinel
    if not FIRST_YEAR <= year <= last_year:
        raise ValueError(year)


def midnight(day: date) -> int:
    """00:00 of a local date in UTC epoch seconds."""
    return (day.toordinal() - EPOCH_ORDINAL) * DAY - VN_OFFSET


def in_seconds(clock: tuple[int, int, int]) -> int:
    """A time of day as seconds since 00:00."""
    hour, minute, second = clock
    return hour * 3600 + minute * 60 + second


def has_clock(cell: str) -> bool:
    """Does a readable cell tell a time of day, and not a date alone?"""
    return ":" in cell or (len(cell) >= COMPACT_LENGTH - 1 and cell.isdigit())
