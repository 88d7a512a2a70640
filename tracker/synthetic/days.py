"""Local time as whole numbers, and working days by their place in the calendar: what the presets count with.

Local seconds = seconds since 01/01/1970 00:00 Vietnamese time; a place = number of a working day within a span.
"""

from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic.catalogue import CatalogueProcedure
from tracker.timekeeping.deadlines import due_only, plain_due_epoch
from tracker.timekeeping.rules import DeadlinePolicy
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Limit, LimitUnit, NoLimit, Suspension

Ints = NDArray[np.int64]

DAY = 86_400
OFFSET = 7 * 3600
_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 01/01/1970."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """The inverse of `day_number`."""
    return _EPOCH + timedelta(days=number)


def to_instant(local: int) -> datetime:
    """Local seconds as an aware instant."""
    return datetime.fromtimestamp(local - OFFSET, VN)


class WorkingDays:
    """The working days of a span, numbered from 0, and due dates by `tracker.timekeeping`."""

    def __init__(self, calendar: WorkingCalendar, policy: DeadlinePolicy, first: date, last: date) -> None:
        self.calendar, self.policy = calendar, policy
        span = range(day_number(first), day_number(last) + 1)
        self.numbers: Ints = np.array([n for n in span if calendar.is_working(day_of(n))], dtype=np.int64)

    def place(self, day: date) -> int:
        """The place of the last working day on or before a date."""
        return int(np.searchsorted(self.numbers, day_number(day), "right")) - 1

    def places(self, local: Ints) -> Ints:
        """The same for local seconds."""
        return np.searchsorted(self.numbers, local // DAY, "right").astype(np.int64) - 1

    def at(self, places: Ints, seconds: Ints | int) -> Ints:
        """Local seconds of a time of day on working days."""
        clipped = np.clip(places, 0, len(self.numbers) - 1)
        return np.asarray(self.numbers[clipped] * DAY + seconds, dtype=np.int64)

    def plain_due(self, received: Ints, procedures: Ints, catalogue: list[CatalogueProcedure]) -> Ints:
        """Due dates without suspensions, local seconds; 0 where the limit cannot be computed."""
        limits = [None if isinstance(p.limit, NoLimit) else p.limit for p in catalogue]
        calendar = self.calendar
        return np.fromiter(
            (
                _local(plain_due_epoch(moment, limit, calendar)) if (limit := limits[which]) else 0
                for moment, which in zip((received - OFFSET).tolist(), procedures.tolist(), strict=True)
            ),
            dtype=np.int64,
            count=len(received),
        )

    def documented(
        self, received: int, limit: Limit | NoLimit, suspensions: tuple[Suspension, ...], as_of: int
    ) -> int:
        """The documented due date of one dossier with suspensions, local seconds; 0 where there is none."""
        due = due_only(
            to_instant(received),
            limit,
            self.calendar,
            suspensions=suspensions,
            policy=self.policy,
            as_of=to_instant(as_of),
        )
        return 0 if due is None else int(due.timestamp()) + OFFSET


def _local(epoch: int | None) -> int:
    return 0 if epoch is None else epoch + OFFSET


def limit_days(procedure: CatalogueProcedure) -> int:
    """The limit in working days, calendar days turned roughly; 0 for hours, -1 where there is none."""
    limit = procedure.limit
    if isinstance(limit, NoLimit):
        return -1
    if limit.unit in (LimitUnit.HOUR, LimitUnit.MINUTE):
        return 0
    days = float(limit.value) * (30 if limit.unit is LimitUnit.MONTH else 1)
    return max(1, round(days if limit.unit is LimitUnit.WORKDAY else days * 5 / 7))
