"""How a limit is walked from an anchor (reception or restart) past the stops of the clock: one class a way of counting.

All instants are UTC epoch seconds; stops come in order of their beginning and begin before the due instant then.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Protocol

from tracker.timekeeping.calendar_definition import SECONDS_A_DAY, VN_OFFSET
from tracker.timekeeping.rules import Rule, RuleFamily
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
    """The n-th working date after the anchor's date that is not frozen; due at the end of its last session."""

    def __init__(self, calendar: WorkingCalendar, days: int, cutoff: int | None) -> None:
        self.calendar, self.days, self.cutoff = calendar, days, cutoff
        self.by_date = cutoff is None

    def due(self, anchor: int, stops: Sequence[Stop]) -> int:
        """Each frozen working date moves the answer by one working date (BLDS 2015 art. 147, 148)."""
        calendar = self.calendar
        row = anchor_row(calendar, anchor, self.cutoff)
        number = calendar.counted(row) + self.days
        reached = row + 1
        for stop in stops:
            begin, end = max(calendar.row_at(stop.start), reached), calendar.row_at(stop.end)
            if begin < end:
                number += calendar.counted(end - 1) - calendar.counted(begin - 1)
                reached = end
        return calendar.row_end(calendar.nth_row(number))

    def whole_minutes(self, at: int) -> int:
        """So many standard working days."""
        return self.days * self.calendar.day_minutes


class CalendarDayCount:
    """The n-th calendar date after the anchor's date that is not frozen, rolled forward off days off.

    With `months`, n is as many days as lead to the same day number, or to that month's last.
    """

    def __init__(self, calendar: WorkingCalendar, days: int, cutoff: int | None, *, months: bool) -> None:
        self.calendar, self.amount, self.cutoff, self.months = calendar, days, cutoff, months
        self.by_date = cutoff is None

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
        row = anchor_row(calendar, anchor, self.cutoff)
        last, reached = row + self.length(row), row + 1
        for stop in stops:
            begin, end = max(calendar.row_at(stop.start), reached), calendar.row_at(stop.end)
            if begin < end and begin <= last:
                last += end - begin
                reached = end
        return calendar.row_end(calendar.next_worked_row(last))

    def whole_minutes(self, at: int) -> int:
        """Working minutes from the end of the date of `at` to the due instant of a limit begun then."""
        calendar = self.calendar
        return calendar.working_seconds(calendar.row_end(calendar.row_at(at)), self.due(at, ())) // 60


class MinuteCount:
    """So many working seconds from the anchor itself; on a session's end the answer is that end."""

    by_date = False

    def __init__(self, calendar: WorkingCalendar, seconds: int) -> None:
        self.calendar, self.seconds = calendar, seconds

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
        return calendar.epoch_of_seconds(worked)

    def whole_minutes(self, at: int) -> int:
        """The limit itself, rounded down."""
        return self.seconds // 60


def count_of(limit: Limit, rule: Rule, calendar: WorkingCalendar) -> Count:
    """The way to walk a limit by a rule that takes it (`DeadlinePolicy.rule_for` has checked that)."""
    if rule.family is RuleFamily.HOURS:
        return MinuteCount(calendar, _seconds(limit, calendar))
    amount = int(limit.value)
    if limit.unit is LimitUnit.WORKDAY:
        return WorkdayCount(calendar, amount, rule.cutoff)
    return CalendarDayCount(calendar, amount, rule.cutoff, months=limit.unit is LimitUnit.MONTH)


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
