"""Invented dossiers as a source's records that change over weeks: what the record says from which moment on.

A life is told by its changes; what an export says of it is the sum of those that happened before. `kinds` is the truth:
what was made to disappear in it, nothing for honest ones. Every person and dossier is made up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN
from tracker.types.findings import FindingKind

WORK, DONE = "Đang xử lý", "Đã xử lý xong"
SUPPLEMENT, FEE, WITHDRAWN, DELETED = (
    "Yêu cầu bổ sung giấy tờ", "Yêu cầu thực hiện nghĩa vụ tài chính", "Công dân yêu cầu rút hồ sơ", "Đã xóa",
)  # fmt: skip
MORNING, EVENING = time(7, 30), time(16, 30)
FORM = "%d/%m/%Y %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the work, told as a progress event."""

    at: datetime
    department: str
    text: str = "Thẩm định hồ sơ"


@dataclass(slots=True)
class Life:
    """One dossier. `changes`: (since when, what the record says of it), in any order; `gone`: since when it is exported no more."""

    code: str
    unit: str
    limit: int
    received: datetime
    due: datetime
    sort: str
    kinds: frozenset[FindingKind] = frozenset()
    changes: list[tuple[datetime, Mapping[str, Any]]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    gone: datetime | None = None
    letter: tuple[datetime, datetime] | None = None  # when an apology was written, and its new date

    def since(self, at: datetime, **said: Any) -> "Life":
        """The record says otherwise from a moment on."""
        self.changes.append((at, said))
        return self

    def record(self, at: datetime) -> dict[str, Any] | None:
        """What the record says at a moment; None where it is exported not yet, or no more."""
        if at < self.received or (self.gone is not None and at >= self.gone):
            return None
        said: dict[str, Any] = {"due_at": self.due, "status": WORK}
        for begun, more in sorted(self.changes, key=lambda change: change[0]):
            if begun <= at:
                said |= more
        return said


class Clockwork:
    """Dates and times of a made-up office: working days of the calendar, times at which people work."""

    def __init__(self, calendar: WorkingCalendar, chance: Random) -> None:
        self.calendar, self.chance = calendar, chance

    def day(self, start: date | datetime, days: int) -> date:
        """The working date so many after (or before) that of `start`; 0 = the working date on or before it."""
        on = start.date() if isinstance(start, datetime) else start
        on = self.calendar.previous_workday(on)
        for _ in range(abs(days)):
            step = timedelta(days=1 if days > 0 else -1)
            on += step
            while not self.calendar.is_working(on):
                on += step
        return on

    def at_work(self, on: date, first: time = MORNING, last: time = EVENING) -> datetime:
        """Some moment of a day, to the second, never on a full or half hour."""
        begin, end = (one.hour * 3600 + one.minute * 60 for one in (first, last))
        second = self.chance.randrange(min(begin, end - 60), end)
        second += 7 if second % 1800 == 0 else 0
        return datetime.combine(on, time(second // 3600, second // 60 % 60, second % 60), VN)

    def between(self, start: date | datetime, end: date | datetime) -> int:
        """Working dates after `start` up to `end`."""
        first, last = (one.date() if isinstance(one, datetime) else one for one in (start, end))
        return self.calendar.count_workdays(first, last)


class Registry:
    """Receives dossiers: gives each a code, a unit, a limit and the due date that the limit gives."""

    def __init__(self, clockwork: Clockwork, units: Iterable[str], first: date, last: date) -> None:
        self.clock, self.units = clockwork, list(units)
        self.first, self.last = first, last
        self._number = 0

    def receive(
        self, sort: str, *kinds: FindingKind, limit: int = 10, unit: str = "", on: date | None = None
    ) -> Life:
        """A new dossier; received on a day on which there is time for what shall happen, unless a day is named."""
        chance, clock = self.clock.chance, self.clock
        self._number += 1
        if on is None:
            room = max(1, clock.between(self.first, self.last) - limit - 18)
            on = clock.day(self.first, chance.randrange(room))
        received = clock.at_work(on, MORNING, time(15, 0))
        due = datetime.combine(clock.day(on, limit), received.timetz())
        code = f"H15.03-{received:%y%m%d}-{self._number:05d}"
        return Life(code, unit or chance.choice(self.units), limit, received, due, sort, frozenset(kinds))
