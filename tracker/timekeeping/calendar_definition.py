"""What a working calendar is made of, as data: sessions per weekday, days off and make-up days with their notices."""

from collections.abc import Mapping
from dataclasses import dataclass
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
class CalendarDefinition:
    """A calendar as an office declares it; `weekdays` maps 0 (Monday) to 6 onto sessions, absent = not worked."""

    key: str
    version: str
    first: date
    last: date
    weekdays: Mapping[int, Sessions]
    off: tuple[DayOff, ...]
    make_up: tuple[MakeUpDay, ...]
    day_minutes: int = 480


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
    days = [entry.day for entry in definition.off] + [entry.day for entry in definition.make_up]
    faults += [f"ngày {day:%d/%m/%Y} khai hai lần" for day in sorted({d for d in days if days.count(d) > 1})]
    faults += [
        f"ngày {day:%d/%m/%Y} nằm ngoài các năm của lịch" for day in days if not _holds(definition, day)
    ]
    for sessions in definition.weekdays.values():
        bounds = [minute for session in sessions for minute in session]
        if bounds != sorted(set(bounds)) or (bounds and not 0 <= bounds[0] < bounds[-1] <= MINUTES_A_DAY):
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
    return table


def instant(epoch: int) -> datetime:
    """UTC epoch seconds as an aware instant in the office's zone."""
    return _EPOCH + timedelta(seconds=epoch)


def local_day(epoch: int) -> int:
    """Days since 01/01/1970 of the local date on which an instant (UTC epoch seconds) falls."""
    return (epoch + VN_OFFSET) // SECONDS_A_DAY
