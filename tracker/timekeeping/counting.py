"""How a limit is walked from an anchor (reception or restart) past the stops of the clock: one class a way of counting.

All instants are UTC epoch seconds; stops come in order of their beginning and begin before the due instant then.
"""

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Protocol

from tracker.timekeeping.calendar_definition import SECONDS_A_DAY, VN_OFFSET
from tracker.timekeeping.rules import DueTime, Rule, RuleFamily
from tracker.timekeeping.suspensions import Stop
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import Limit, LimitUnit


class Count(Protocol):
    """A limit that can be walked on a calendar."""

    by_date: bool
    """Does the answer depend on the local date of the anchor only?"""

    def due(self, anchor: int, stops: Sequence[Stop]) -> int:
        """The due instant of the limit begun at `anchor`, `stops` left out."""

    def whole_minutes(self, at: int) -> int:
        """The whole limit in working minutes, as if it began at `at`."""


class WorkdayCount:
    """The n-th working date after the anchor's date that is not frozen; due at the time of day that the rule says."""

    def __init__(self, calendar: WorkingCalendar, days: int, rule: Rule) -> None:
        self.calendar, self.days, self.rule = calendar, days, rule
        by_time = rule.count_receiving_day or rule.due_time is DueTime.KEEP
        self.by_date = rule.cutoff is None and not by_time

    def due(self, anchor: int, stops: Sequence[Stop]) -> int:
        """Each frozen working date moves the answer by one working date (BLDS 2015 art. 147, 148)."""
        calendar = self.calendar
        row = self.base_row(anchor)
        number = calendar.counted(row) + self.days
        reached = row + 1
        for stop in stops:
            begin, end = max(calendar.row_at(stop.start), reached), calendar.row_at(stop.end)
            if begin < end:
                number += calendar.counted(end - 1) - calendar.counted(begin - 1)
                reached = end
        return self._due_on(calendar.nth_row(number), anchor)

    def base_row(self, anchor: int) -> int:
        """The row after which dates are counted: the anchor's own, or the one before where that is counted too."""
        calendar, rule = self.calendar, self.rule
        row = anchor_row(calendar, anchor, rule.cutoff)
        if not rule.count_receiving_day:
            return row
        first = calendar.next_worked_row(row)
        if self._due_on(first, anchor) < anchor:
            first = calendar.next_worked_row(first + 1)
        calendar.date_of(first - 1)  # refuses a base before the calendar's first date
        return first - 1

    def whole_minutes(self, at: int) -> int:
        """So many standard working days."""
        return self.days * self.calendar.day_minutes

    def _due_on(self, row: int, anchor: int) -> int:
        calendar, rule = self.calendar, self.rule
        if rule.due_time is DueTime.KEEP:
            return calendar.row_start(row) + (anchor + VN_OFFSET) % SECONDS_A_DAY
        if rule.due_time is DueTime.CLOSING:
            return calendar.row_start(row) + rule.closings[-1] * 60
        return calendar.row_end(row)


class CalendarDayCount:
    """The n-th calendar date after the anchor's date that is not frozen, rolled forward off days off.

    With `months`, n is as many days as lead to the same day number, or to that month's last.
    """

    def __init__(self, calendar: WorkingCalendar, days: int, rule: Rule, *, months: bool) -> None:
        self.calendar, self.amount, self.cutoff, self.months = calendar, days, rule.cutoff, months
        self.by_date = rule.cutoff is None

    def length(self, row: int) -> int:
        """How many calendar days the limit has when begun on a row's date."""
        if not self.months:
            return self.amount
        most = 12 * (self.calendar.last.year + 1)  # more than the calendar holds: the look-up will refuse it
        return _days_of_months(
            self.calendar.date_of(row), min(self.amount, most - 12 * self.calendar.first.year)
        )

    def due(self, anchor: int, stops: Sequence[Stop]) -> int:
        """Rolled by BLDS 2015 art. 148.5."""
        calendar = self.calendar
        row = self.base_row(anchor)
        last, reached = row + self.length(row), row + 1
        for stop in stops:
            begin, end = max(calendar.row_at(stop.start), reached), calendar.row_at(stop.end)
            if begin < end and begin <= last:
                last += end - begin
                reached = end
        return calendar.row_end(calendar.next_worked_row(last))

    def base_row(self, anchor: int) -> int:
        """The row after which dates are counted: the anchor's, or that of the next working day after the cut-off."""
        return anchor_row(self.calendar, anchor, self.cutoff)

    def whole_minutes(self, at: int) -> int:
        """Working minutes from the end of the date of `at` to the due instant of a limit begun then."""
        calendar = self.calendar
        return calendar.working_seconds(calendar.row_end(calendar.row_at(at)), self.due(at, ())) // 60


DateCount = WorkdayCount | CalendarDayCount


class MinuteCount:
    """So many working seconds from the anchor itself; on a session's end the answer is that end.

    `rounding` seconds: the answer is rounded up to a multiple of them on the clock, never beyond its session.
    """

    by_date = False

    def __init__(self, calendar: WorkingCalendar, seconds: int, rounding: int = 0) -> None:
        self.calendar, self.seconds, self.rounding = calendar, seconds, rounding

    def due(self, anchor: int, stops: Sequence[Stop]) -> int:
        """Worked on the scale of working seconds, where a pause is a plain distance."""
        calendar = self.calendar
        reached = calendar.seconds_before(anchor)
        worked = reached + self.seconds
        for stop in stops:
            begin, end = max(calendar.seconds_before(stop.start), reached), calendar.seconds_before(stop.end)
            if begin < end and begin < worked:
                worked += end - begin
                reached = end
        due = calendar.epoch_of_seconds(worked)
        return self._rounded(due) if self.rounding else due

    def _rounded(self, due: int) -> int:
        up = due + -(due + VN_OFFSET) % self.rounding
        return due + self.calendar.working_seconds(due, up)  # in a session as far as `up`, else to its end

    def whole_minutes(self, at: int) -> int:
        """The limit itself, rounded down."""
        return self.seconds // 60


class HalfDayCount:
    """The end of the n-th half-day after that of the anchor that does not lie on a frozen date.

    An anchor outside working time belongs to the half-day that opens next.
    """

    by_date = False

    def __init__(self, calendar: WorkingCalendar, half_days: int, closings: tuple[int, ...]) -> None:
        self.calendar, self.half_days = calendar, half_days
        self.ends = half_day_ends(calendar, closings)

    def due(self, anchor: int, stops: Sequence[Stop]) -> int:
        """Half-days of frozen dates are passed over."""
        first = self.place(anchor)
        number, reached = first + self.half_days, first + 1
        for stop in stops:
            begin, end = max(self.first_of_date(stop.start), reached), self.first_of_date(stop.end)
            if begin < end:
                number += end - begin
                reached = end
        if number >= len(self.ends):
            self.calendar.date_of(self.calendar.size)  # beyond the loaded years: refuses
        return self.ends[number]

    def place(self, at: int) -> int:
        """The number of the half-day in which an instant lies or which opens next; CalendarError outside the years."""
        self.calendar.row_at(at)
        return bisect_left(self.ends, at)

    def first_of_date(self, at: int) -> int:
        """The number of the first half-day on the local date of an instant, or after it."""
        return bisect_left(self.ends, self.calendar.row_start(self.calendar.row_at(at)))

    def first_after_date(self, at: int) -> int:
        """The number of the first half-day after the local date of an instant."""
        return bisect_left(self.ends, self.calendar.row_start(self.calendar.row_at(at)) + SECONDS_A_DAY)

    def whole_minutes(self, at: int) -> int:
        """Two half-days are a standard working day."""
        return self.half_days * self.calendar.day_minutes // 2


@lru_cache(maxsize=8)
def half_day_ends(calendar: WorkingCalendar, closings: tuple[int, ...]) -> tuple[int, ...]:
    """The ends (UTC epoch seconds) of all half-days: those parts of a date up to each closing in which there is work."""
    ends = []
    for row in range(calendar.size):
        sessions, opened = calendar.sessions(calendar.date_of(row)), 0
        for closing in closings:
            if any(begin < closing and end > opened for begin, end in sessions):
                ends.append(calendar.row_start(row) + closing * 60)
            opened = closing
    return tuple(ends)


def count_of(limit: Limit, rule: Rule, calendar: WorkingCalendar) -> Count:
    """The way to walk a limit by a rule that takes it (`DeadlinePolicy.editions_for` has checked that)."""
    if rule.family is RuleFamily.HOURS:
        return MinuteCount(calendar, _seconds(limit, calendar), rule.rounding_minutes * 60)
    if rule.family is RuleFamily.HALF_DAYS:
        return HalfDayCount(calendar, int(limit.value * 2), rule.closings)
    amount = int(limit.value)
    if limit.unit is LimitUnit.WORKDAY:
        return WorkdayCount(calendar, amount, rule)
    return CalendarDayCount(calendar, amount, rule, months=limit.unit is LimitUnit.MONTH)


def _seconds(limit: Limit, calendar: WorkingCalendar) -> int:
    unit = {LimitUnit.HOUR: 3600, LimitUnit.MINUTE: 60, LimitUnit.WORKDAY: calendar.day_minutes * 60}
    return int(limit.value * unit[limit.unit])


def anchor_row(calendar: WorkingCalendar, anchor: int, cutoff: int | None) -> int:
    """The row of the anchor's date; after the rule's cut-off of a working day, the next working date's."""
    row = calendar.row_at(anchor)
    if cutoff is None or (anchor + VN_OFFSET) % SECONDS_A_DAY <= cutoff * 60:
        return row
    return calendar.next_worked_row(row + 1) if calendar.next_worked_row(row) == row else row


def _days_of_months(start: date, months: int) -> int:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return (date(year, month + 1, min(start.day, last)) - start).days
