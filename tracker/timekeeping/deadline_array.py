"""Array twin of `deadlines` and `lateness` for dossiers without suspensions; the scalar functions define what is right.

Instants are int64 UTC epoch seconds. Limits are counted by the rule of their unit, as in `plain_due_epoch`. What cannot be
computed is NO_DUE or UNKNOWN_DAYS, never a guess: no limit, or a date outside the loaded years.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tracker.timekeeping.calendar_definition import EPOCH_ORDINAL, SECONDS_A_DAY, VN_OFFSET
from tracker.timekeeping.working_calendar import EpochArray, WorkingCalendar
from tracker.types import Limit, LimitUnit, NoLimit, Precision

Index = NDArray[np.intp]
Mask = NDArray[np.bool_]

NO_DUE = int(np.iinfo(np.int64).min)
"""No due instant: the limit is none, or the calendar does not hold the years."""
UNKNOWN_DAYS = -1
"""Late, but by how many working dates cannot be said; or not known to be late at all, since there is no due instant."""


def due_array(received: EpochArray, limit: Limit | NoLimit, calendar: WorkingCalendar) -> EpochArray:
    """Due instants of dossiers that share one limit; array twin of `plain_due_epoch`."""
    received = np.asarray(received, dtype=np.int64)
    if isinstance(limit, NoLimit):
        return np.full(received.shape, NO_DUE)
    if limit.value == 0:
        return received.copy()
    table = _arrays(calendar)
    seconds = _working_seconds(limit, calendar)
    if seconds is None:
        by_row: EpochArray = table.due_by_row(limit.unit, int(limit.value))
        return by_row.take(table.places(local_day_array(received)), mode="clip")
    return table.after(received, np.full(received.shape, seconds))


def due_by_limit(
    received: EpochArray, limits: Sequence[Limit | NoLimit], which: Index, calendar: WorkingCalendar
) -> EpochArray:
    """Due instants of a whole store: dossier i has `limits[which[i]]`; one pass over each limit's dossiers."""
    received, which = np.asarray(received, dtype=np.int64), np.asarray(which)
    due = np.full(received.shape, NO_DUE)
    order = np.argsort(which, kind="stable")
    bounds = np.searchsorted(which[order], np.arange(len(limits) + 1))
    for number, limit in enumerate(limits):
        mine = order[bounds[number] : bounds[number + 1]]
        due[mine] = due_array(received[mine], limit, calendar)
    return due


def late_array(due: EpochArray, end: EpochArray, precision: Precision = Precision.DATE) -> Mask:
    """Is each end after its due instant, by local date or by instant? False where there is no due instant."""
    due, end = np.asarray(due), np.asarray(end)
    has_due = due != NO_DUE
    if precision is Precision.DATE:
        due, end = local_day_array(due), local_day_array(end)
    late: Mask = (end > due) & has_due
    return late


def late_days_array(
    due: EpochArray,
    end: EpochArray,
    calendar: WorkingCalendar,
    precision: Precision = Precision.DATE,
) -> NDArray[np.int32]:
    """Working dates d with date(due) < d <= date(end) where late, else 0; UNKNOWN_DAYS as the module says."""
    due, end, table = np.asarray(due), np.asarray(end), _arrays(calendar)
    due_day, end_day = local_day_array(due), local_day_array(end)
    late = (end > due) if precision is Precision.INSTANT else (end_day > due_day)
    first = table.counted_on(due_day)
    days = table.counted_on(end_day)
    unknown = late & ((first < 0) | (days < 0))
    days -= first
    days *= late
    days[unknown | (due == NO_DUE)] = UNKNOWN_DAYS
    return days


def local_day_array(epochs: EpochArray) -> EpochArray:
    """Array twin of `local_day`."""
    days: EpochArray = (epochs + VN_OFFSET) // SECONDS_A_DAY
    return days


def _working_seconds(limit: Limit, calendar: WorkingCalendar) -> int | None:
    """The limit in working seconds where it is counted so: hours, minutes, parts of a working day."""
    if limit.unit in (LimitUnit.HOUR, LimitUnit.MINUTE):
        return int(limit.value * (3600 if limit.unit is LimitUnit.HOUR else 60))
    return int(limit.value * calendar.day_minutes * 60) if limit.value.denominator > 1 else None


@lru_cache(maxsize=8)
def _arrays(calendar: WorkingCalendar) -> "_Arrays":
    return _Arrays(calendar)


class _Arrays:
    """A calendar's table as arrays with one place a row, and one more before and behind for what lies outside."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        size = calendar.size
        self.size = size
        self.first_day = calendar.first.toordinal() - EPOCH_ORDINAL
        counted = np.asarray(calendar.counted_to, dtype=np.intp)
        self.counted = np.concatenate(([-1], counted, [-1])).astype(np.int32)
        self.worked_to = counted
        is_worked = np.diff(counted, prepend=0)
        self.worked = np.flatnonzero(is_worked)
        self.worked_before = counted - is_worked
        self.ends = np.array([calendar.row_end(row) for row in range(size)])
        self.starts = calendar.row_start(0) + SECONDS_A_DAY * np.arange(size)
        self.dates = self.first_day + np.arange(size)
        self._sessions(calendar)

    def _sessions(self, calendar: WorkingCalendar) -> None:
        by_row = [calendar.sessions(calendar.date_of(row)) for row in range(self.size)]
        most = max(map(len, by_row), default=0)
        padded = [(*sessions, *[(0, 0)] * (most - len(sessions))) for sessions in by_row]
        bounds = 60 * np.array(padded, dtype=np.int64).reshape(self.size, most, 2)
        self.begins, self.lengths = bounds[:, :, 0].T, (bounds[:, :, 1] - bounds[:, :, 0]).T
        self.seconds = np.concatenate(([0], np.cumsum(self.lengths.sum(axis=0))))

    def places(self, days: EpochArray) -> Index:
        """The place of each local day; anything below 1 or above `size` lies outside."""
        places: Index = days - (self.first_day - 1)
        return places

    def counted_on(self, days: EpochArray) -> NDArray[np.int32]:
        """How many working dates lie up to each local day; -1 outside the loaded years."""
        counted: NDArray[np.int32] = self.counted.take(self.places(days), mode="clip")
        return counted

    def due_by_row(self, unit: LimitUnit, amount: int) -> EpochArray:
        """The due instant for a reception on each place's date."""
        if unit is LimitUnit.WORKDAY:
            place = self.worked_to + amount - 1
        else:
            days = unit is LimitUnit.DAY
            last = np.arange(self.size) + amount if days else self._rows_after_months(amount)
            place = _taken(self.worked_before, last)  # the first worked row on or after the last date
        reached = _taken(self.worked, place)
        due = np.where(reached < 0, NO_DUE, self.ends[reached])
        return np.concatenate(([NO_DUE], due, [NO_DUE]))

    def _rows_after_months(self, amount: int) -> Index:
        """The rows of the same day number so many months on, or of that month's last; far beyond where none is held."""
        days = self.dates.astype("datetime64[D]")
        months = days.astype("datetime64[M]")
        target = months + min(amount, 12 * (self.size // 365 + 2))
        last_day = (target + 1).astype("datetime64[D]") - 1
        same = target.astype("datetime64[D]") + (days - months.astype("datetime64[D]"))
        rows: Index = np.minimum(same, last_day).astype(np.int64) - self.dates[0]
        return rows

    def after(self, received: EpochArray, seconds: EpochArray) -> EpochArray:
        """The first instant before which so many more working seconds lie than before the reception."""
        place = self.places(local_day_array(received))
        inside = (place >= 1) & (place <= self.size)
        row = np.where(inside, place - 1, 0)
        worked = self._worked_before(received, row) + seconds
        reached = np.searchsorted(self.seconds, worked, side="left") - 1
        inside &= (reached >= 0) & (reached < self.size)
        reached = np.where(inside, reached, 0)
        return np.where(inside, self._instants(reached, worked - self.seconds[reached]), NO_DUE)

    def _worked_before(self, received: EpochArray, row: Index) -> EpochArray:
        worked, second = self.seconds[row], received - self.starts[row]
        for begins, lengths in zip(self.begins, self.lengths, strict=True):
            worked = worked + np.clip(second - begins[row], 0, lengths[row])
        return worked

    def _instants(self, row: Index, left: EpochArray) -> EpochArray:
        """The instant by which `left` (> 0) seconds of a row's sessions have been worked."""
        due = self.starts[row]
        for begins, lengths in zip(self.begins, self.lengths, strict=True):
            here = (left > 0) & (left <= lengths[row])
            due = np.where(here, self.starts[row] + begins[row] + left, due)
            left = left - lengths[row]
        return due


def _taken(values: Index, places: Index) -> Index:
    """`values` at `places`; where a place lies outside -1, which as a place lies outside in turn."""
    inside = (places >= 0) & (places < values.size)
    return np.where(inside, np.append(values, -1)[np.where(inside, places, -1)], -1)
