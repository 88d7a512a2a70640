"""What a working calendar is made of, as data: sessions per weekday, days off and make-up days with their notices."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from tracker.errors import ConfigurationError
from tracker.types import VN

Sessions = tuple[tuple[int, int], ...]
"""Working sessions of one day: (begin, end) in minutes of the day, in order, not overlapping."""

MINUTES_A_DAY = 1440
SECONDS_A_DAY = 86400
VN_OFFSET = 7 * 3600
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, 7, tzinfo=VN)  # an addition, since Windows refuses instants before 1970


class DayKind(StrEnum):
    """Why a date is worked or not."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    HALF_DAY = "half_day"


@dataclass(frozen=True, slots=True)
class DayOff:
    """A weekday that is not worked, and the notice that says so."""

    day: date
    name: str
    notice: str
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class MakeUpDay:
    """A day off that is worked in place of the weekday `replaces`, with that weekday's sessions."""

    day: date
    replaces: date
    notice: str
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """A date that is worked, but for these sessions instead of its weekday's: half a day, or a Saturday morning.

    It counts as a whole working date; what is due on it is due at the end of its last session.
    """

    day: date
    sessions: Sessions
    name: str
    notice: str
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class CalendarDefinition:
    """A calendar as an office declares it; `weekdays` maps 0 (Monday) to 6 onto sessions, absent = not worked."""

    key: str
    version: str
    first: date
    last: date
    weekdays: Mapping[int, Sessions] = field(hash=False)
    off: tuple[DayOff, ...]
    make_up: tuple[MakeUpDay, ...]
    day_minutes: int = 480
    changed: tuple[ChangedDay, ...] = ()
    name: str = ""

    @property
    def days(self) -> tuple[DayOff | MakeUpDay | ChangedDay, ...]:
        """Every date that is not what its weekday says."""
        return (*self.off, *self.make_up, *self.changed)


_SESSION = re.compile(r"(\d{1,2}):([0-5]\d)\s*[-–]\s*(\d{1,2}):([0-5]\d)")


def read_sessions(text: str) -> Sessions:
    """ "07:00-11:30 13:30-15:00" as sessions, "" as none; ValueError for anything else."""
    rest = _SESSION.sub("", text)
    if rest.strip(" ,;"):
        raise ValueError(f"các buổi làm việc không đọc được: {text!r}")
    found = (tuple(map(int, each)) for each in _SESSION.findall(text))
    sessions = tuple((60 * a + b, 60 * c + d) for a, b, c, d in found)
    if not _is_ordered(sessions):
        raise ValueError(f"các buổi làm việc phải theo thứ tự, không chồng nhau: {text!r}")
    return sessions


def sessions_text(sessions: Sessions) -> str:
    """Sessions as `read_sessions` reads them."""
    return " ".join(f"{b // 60:02}:{b % 60:02}-{e // 60:02}:{e % 60:02}" for b, e in sessions)


def _is_ordered(sessions: Sessions) -> bool:
    bounds = [minute for session in sessions for minute in session]
    return bounds == sorted(set(bounds)) and (not bounds or 0 <= bounds[0] < bounds[-1] <= MINUTES_A_DAY)


def check_definition(definition: CalendarDefinition) -> None:
    """Raise one ConfigurationError with every fault of a definition."""
    faults = [f"lịch {definition.key}: {fault}" for fault in _faults(definition)]
    if faults:
        raise ConfigurationError(faults)


def _faults(definition: CalendarDefinition) -> list[str]:
    faults = []
    if definition.first > definition.last:
        faults.append("ngày đầu sau ngày cuối")
    if definition.day_minutes <= 0:
        faults.append("ngày làm việc chuẩn phải dài hơn 0 phút")
    days = [entry.day for entry in definition.days]
    faults += [f"ngày {day:%d/%m/%Y} khai hai lần" for day in sorted({d for d in days if days.count(d) > 1})]
    faults += [
        f"ngày {day:%d/%m/%Y} nằm ngoài các năm của lịch" for day in days if not _holds(definition, day)
    ]
    faults += [
        f"ngày {entry.day:%d/%m/%Y} khai giờ làm riêng mà không có buổi nào"
        for entry in definition.changed
        if not entry.sessions
    ]
    declared = [*definition.weekdays.values(), *(entry.sessions for entry in definition.changed)]
    if not all(map(_is_ordered, declared)):
        faults.append("các buổi làm việc phải theo thứ tự, không chồng nhau, trong 00:00–24:00")
    return faults


def _holds(definition: CalendarDefinition, day: date) -> bool:
    return definition.first <= day <= definition.last


def sessions_by_date(definition: CalendarDefinition) -> list[Sessions]:
    """The sessions of every date from `first` to `last`, () where it is not worked."""
    count = (definition.last - definition.first).days + 1
    days = (definition.first + timedelta(offset) for offset in range(count))
    table = [definition.weekdays.get(day.weekday(), ()) for day in days]
    for off in definition.off:
        table[(off.day - definition.first).days] = ()
    for extra in definition.make_up:
        table[(extra.day - definition.first).days] = definition.weekdays.get(extra.replaces.weekday(), ())
    for entry in definition.changed:
        table[(entry.day - definition.first).days] = entry.sessions
    return table


def instant(epoch: int) -> datetime:
    """UTC epoch seconds as an aware instant in the office's zone."""
    return _EPOCH + timedelta(seconds=epoch)


def local_day(epoch: int) -> int:
    """Days since 01/01/1970 of the local date on which an instant (UTC epoch seconds) falls."""
    return (epoch + VN_OFFSET) // SECONDS_A_DAY
