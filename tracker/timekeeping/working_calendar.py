"""Working days and working minutes: add, count, next; scalar and array methods on one compiled table.

The table has one row a date, so every answer is a look-up. Outside its loaded years it refuses (CalendarError):
a due date guessed from years that nobody has loaded would be silently wrong.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from tracker.errors import CalendarError
from tracker.timekeeping.calendar_definition import (
    EPOCH_ORDINAL,
    SECONDS_A_DAY,
    VN_OFFSET,
    CalendarDefinition,
    ChangedDay,
    DayKind,
    DayOff,
    MakeUpDay,
    Sessions,
    check_definition,
    instant,
    sessions_by_date,
)

DayArray = NDArray[np.int32]
EpochArray = NDArray[np.int64]

CHUNK = 32_768
"""Dates that an array method answers at a time: what it makes on the way then stays in the processor's cache."""


class WorkingCalendar:
    """A compiled, immutable calendar. Rows are numbered from 0 at `first`; instants are UTC epoch seconds inside."""

    def __init__(self, definition: CalendarDefinition) -> None:
        check_definition(definition)
        self.definition = definition
        self.key, self.name, self.version = definition.key, definition.name, definition.version
        self.first, self.last = definition.first, definition.last
        self.day_minutes = definition.day_minutes
        self.off: dict[date, DayOff] = {entry.day: entry for entry in definition.off}
        self.make_up: dict[date, MakeUpDay] = {entry.day: entry for entry in definition.make_up}
        self.changed: dict[date, ChangedDay] = {entry.day: entry for entry in definition.changed}
        self.provisional = tuple(sorted(entry.day for entry in definition.days if entry.provisional))
        self.provisional_years = frozenset(day.year for day in self.provisional)
        self._first_ordinal = definition.first.toordinal()
        self._first_epoch = (self._first_ordinal - EPOCH_ORDINAL) * SECONDS_A_DAY - VN_OFFSET
        self._compile(sessions_by_date(definition))

    def _compile(self, table: list[Sessions]) -> None:
        self._sessions = table
        self._dates = [date.fromordinal(self._first_ordinal + row) for row in range(len(table))]
        self.counted_to: Sequence[int] = tuple(accumulate(int(bool(sessions)) for sessions in table))
        self._worked_rows = [row for row, sessions in enumerate(table) if sessions]
        self._counted_on = dict(zip(self._dates, self.counted_to, strict=True))
        self._worked_dates = [self._dates[row] for row in self._worked_rows]
        worked = (60 * sum(end - begin for begin, end in sessions) for sessions in table)
        self._seconds_before = list(accumulate(worked, initial=0))
        self._day_end = [
            self._first_epoch + row * SECONDS_A_DAY + _last_second(s) for row, s in enumerate(table)
        ]
        self._compile_arrays(table)

    def _compile_arrays(self, table: list[Sessions]) -> None:
        # One place more before and behind, negative: all that lies outside is clipped to it and so found at once.
        outside = np.iinfo(np.int32).min
        self._counted_array = np.array([outside, *self.counted_to, outside], dtype=np.int32)
        worked = [self._first_ordinal + row for row in self._worked_rows]
        self._worked_array = np.array([-1, *worked, -1], dtype=np.int32)
        self._before_array = np.asarray(self._seconds_before, dtype=np.int64)
        most = max((len(sessions) for sessions in table), default=0)
        self._begins = np.zeros((most, len(table)), dtype=np.int32)
        self._lengths = np.zeros((most, len(table)), dtype=np.int32)
        for row, sessions in enumerate(table):
            for place, (begin, end) in enumerate(sessions):
                self._begins[place, row] = begin * 60
                self._lengths[place, row] = (end - begin) * 60

    # ------------------------------------------------------------ rows

    @property
    def size(self) -> int:
        """How many dates the calendar holds."""
        return len(self._dates)

    def row(self, day: date) -> int:
        """The row of a date; CalendarError outside the loaded years."""
        row = day.toordinal() - self._first_ordinal
        if 0 <= row < len(self._dates):
            return row
        raise self._outside(f"ngày {day:%d/%m/%Y}")

    def row_at(self, epoch: int) -> int:
        """The row of the local date of an instant."""
        row = (epoch - self._first_epoch) // SECONDS_A_DAY
        if 0 <= row < len(self._dates):
            return row
        raise self._outside(f"thời điểm {instant(epoch):%H:%M %d/%m/%Y}")

    def date_of(self, row: int) -> date:
        """The date of a row; CalendarError outside the loaded years."""
        if 0 <= row < len(self._dates):
            return self._dates[row]
        raise self._outside("kết quả")

    def row_start(self, row: int) -> int:
        """The epoch of a row's 00:00 local time."""
        return self._first_epoch + row * SECONDS_A_DAY

    def row_end(self, row: int) -> int:
        """The epoch of the end of a row's last session; 23:59:59 where it has none."""
        if 0 <= row < len(self._dates):
            return self._day_end[row]
        raise self._outside("kết quả")

    def counted(self, row: int) -> int:
        """How many working dates lie in rows 0..row."""
        return self.counted_to[row]

    def nth_row(self, number: int) -> int:
        """The row of the number-th working date of the calendar, from 1."""
        if 1 <= number <= len(self._worked_rows):
            return self._worked_rows[number - 1]
        raise self._outside("kết quả")

    def _outside(self, what: str) -> CalendarError:
        return CalendarError(
            f"{what} nằm ngoài lịch làm việc {self.key} ({self.first:%d/%m/%Y}–{self.last:%d/%m/%Y}); "
            "hãy nạp lịch của năm đó"
        )

    # ------------------------------------------------------------ days

    def is_working(self, day: date) -> bool:
        """Is the date worked, weekends, days off and make-up days considered?"""
        return bool(self._sessions[self.row(day)])

    def kind(self, day: date) -> DayKind:
        """Why the date is worked or not."""
        if day in self.make_up:
            return DayKind.MAKE_UP
        if day in self.changed:
            return DayKind.HALF_DAY
        if self.is_working(day):
            return DayKind.WORKDAY
        return DayKind.HOLIDAY if day in self.off else DayKind.WEEKEND

    def sessions(self, day: date) -> Sessions:
        """The working sessions of a date in minutes of the day; () on a day off."""
        return self._sessions[self.row(day)]

    def add_workdays(self, day: date, n: int) -> date:
        """The n-th working date after `day`; n = 0 gives `day` itself, a day off or not."""
        try:
            if n > 0:
                return self._worked_dates[self._counted_on[day] + n - 1]
        except (KeyError, IndexError):
            pass  # outside, or a datetime, which is no key: the rows below answer or refuse
        if n < 0:
            raise ValueError("n must not be negative")
        row = self.row(day)
        return self._dates[self.nth_row(self.counted_to[row] + n)] if n else day

    def count_workdays(self, start: date, end: date) -> int:
        """Working dates d with start < d <= end; 0 where end is not after start."""
        try:
            count = self._counted_on[end] - self._counted_on[start]
        except KeyError:
            count = self.counted_to[self.row(end)] - self.counted_to[self.row(start)]
        return count if count > 0 else 0

    def next_workday(self, day: date) -> date:
        """The first working date on or after `day`."""
        return self._dates[self.next_worked_row(self.row(day))]

    def next_worked_row(self, row: int) -> int:
        """The first worked row on or after `row`."""
        if 0 <= row < len(self._dates):
            return row if self._sessions[row] else self.nth_row(self.counted_to[row] + 1)
        raise self._outside("kết quả")

    def previous_workday(self, day: date) -> date:
        """The last working date on or before `day`."""
        return self._dates[self.nth_row(self.counted_to[self.row(day)])]

    def day_end(self, day: date) -> datetime:
        """The end of the last session of a date; 23:59:59 on a day that has none (it stays the same date)."""
        return instant(self._day_end[self.row(day)])

    # ------------------------------------------------------------ working time

    def seconds_before(self, epoch: int) -> int:
        """Working seconds between the calendar's first instant and `epoch`."""
        row = self.row_at(epoch)
        second = (epoch - self._first_epoch) % SECONDS_A_DAY
        worked = self._seconds_before[row]
        for begin, end in self._sessions[row]:
            if second <= begin * 60:
                break
            worked += min(second, end * 60) - begin * 60
        return worked

    def epoch_of_seconds(self, worked: int) -> int:
        """The first instant before which `worked` (> 0) working seconds lie: a session's end, not the next's begin."""
        row = bisect_left(self._seconds_before, worked) - 1
        if not 0 <= row < len(self._dates):
            raise self._outside("kết quả")
        left = worked - self._seconds_before[row]
        for begin, end in self._sessions[row]:
            if left <= (end - begin) * 60:
                return self.row_start(row) + begin * 60 + left
            left -= (end - begin) * 60
        raise AssertionError("a row that holds no working second was chosen")

    def working_seconds(self, start: int, end: int) -> int:
        """Working seconds in [start, end), both UTC epoch seconds; 0 where end is not after start."""
        return max(self.seconds_before(end) - self.seconds_before(start), 0)

    def working_minutes(self, start: datetime, end: datetime) -> int:
        """Working minutes in [start, end), rounded down; 0 where end is not after start."""
        return self.working_seconds(int(start.timestamp()), int(end.timestamp())) // 60

    def add_minutes(self, start: datetime, minutes: int) -> datetime:
        """The instant `minutes` of working time after `start`; on a session's end it is shown as that end."""
        if minutes < 0:
            raise ValueError("minutes must not be negative")
        before = self.seconds_before(int(start.timestamp()))
        return instant(self.epoch_of_seconds(before + minutes * 60)) if minutes else start

    # ------------------------------------------------------------ array twins

    def add_workdays_array(self, days: DayArray, n: DayArray | int) -> DayArray:
        """Array twin of `add_workdays` on date ordinals (`date.toordinal()`)."""
        days, n = np.asarray(days), np.asarray(n)
        if n.size and n.min() < 0:
            raise ValueError("n must not be negative")
        found = _in_chunks(self._added, days, n)
        if found.size and found.min() < 0:
            self._refuse_outside(days)
            raise self._outside("kết quả")
        return found

    def count_workdays_array(self, start_days: DayArray, end_days: DayArray) -> DayArray:
        """Array twin of `count_workdays` on date ordinals."""
        return _in_chunks(self._counted_between, np.asarray(start_days), np.asarray(end_days))

    def working_minutes_array(self, start: EpochArray, end: EpochArray) -> EpochArray:
        """Array twin of `working_minutes` on UTC epoch seconds."""
        worked = self._seconds_before_array(np.asarray(end)) - self._seconds_before_array(np.asarray(start))
        result: EpochArray = np.maximum(worked, 0) // 60
        return result

    def _added(self, days: DayArray, n: DayArray) -> DayArray:
        """The n-th working dates after `days`; -1 where the day or the answer lies outside."""
        number = self._counted_up_to(days) + np.minimum(n, self.size + 1).astype(np.int32, copy=False)
        found: DayArray = self._worked_array.take(number, mode="clip")
        return found if n.min() > 0 else np.where((n == 0) & (number >= 0), days, found)

    def _counted_between(self, start_days: DayArray, end_days: DayArray) -> DayArray:
        before, count = self._counted_up_to(start_days), self._counted_up_to(end_days)
        if before.min() < 0 or count.min() < 0:
            raise self._outside("một ngày trong dãy")
        count -= before
        return np.maximum(count, 0, out=count)

    def _counted_up_to(self, days: DayArray) -> DayArray:
        """How many working dates lie up to each date; negative outside the loaded years."""
        counted: DayArray = self._counted_array.take(days - (self._first_ordinal - 1), mode="clip")
        return counted

    def _refuse_outside(self, days: DayArray) -> None:
        if self._counted_up_to(days).min() < 0:
            raise self._outside("một ngày trong dãy")

    def _seconds_before_array(self, epochs: EpochArray) -> EpochArray:
        rows, seconds = np.divmod(epochs - self._first_epoch, SECONDS_A_DAY)
        if rows.size and (rows.min() < 0 or rows.max() >= len(self._dates)):
            raise self._outside("một thời điểm trong dãy")
        worked = self._before_array[rows]
        for begins, lengths in zip(self._begins, self._lengths, strict=True):
            worked = worked + np.clip(seconds - begins[rows], 0, lengths[rows])
        return worked


def _in_chunks(answer: Callable[[DayArray, DayArray], DayArray], one: DayArray, other: DayArray) -> DayArray:
    one, other = np.broadcast_arrays(one, other)
    ones, others, answers = one.reshape(-1), other.reshape(-1), np.empty(one.size, dtype=np.int32)
    for begin in range(0, answers.size, CHUNK):
        part = slice(begin, begin + CHUNK)
        answers[part] = answer(ones[part], others[part])
    return answers.reshape(one.shape)


def _last_second(sessions: Sessions) -> int:
    return min(sessions[-1][1] * 60, SECONDS_A_DAY - 1) if sessions else SECONDS_A_DAY - 1
