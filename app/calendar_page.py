"""A year of a working calendar as its page shows it: twelve months of days, and every special day with its notice. Pure."""

from calendar import Calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from app.presenters import Chip
from tracker.timekeeping.calendar_definition import DayKind, Sessions
from tracker.timekeeping.proof_days import WEEKDAYS as DAY_NAMES
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types.calendars import ChangeState

WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
_WEEKS = Calendar()  # weeks begin on Monday


@dataclass(frozen=True, slots=True)
class KindWords:
    """How a kind of day is shown: the sign in its cell, what it is called, and its look (a class of the style sheet)."""

    sign: str
    word: str
    look: str = ""


KINDS = {
    DayKind.WORKDAY: KindWords("", "ngày làm việc"),
    DayKind.WEEKEND: KindWords("", "nghỉ hằng tuần", "day-off"),
    DayKind.HOLIDAY: KindWords("N", "nghỉ", "day-holiday"),
    DayKind.MAKE_UP: KindWords("B", "làm bù", "day-made-up"),
    DayKind.HALF_DAY: KindWords("½", "làm việc một phần ngày", "day-half"),
}


@dataclass(frozen=True, slots=True)
class DayCell:
    """One date of a month; `about` says what is special about it, with its notice."""

    day: date
    kind: DayKind
    about: str = ""
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """A month as weeks of seven places; None where another month's days would stand."""

    number: int
    weeks: tuple[tuple[DayCell | None, ...], ...]


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date that is not like its weekday, and why."""

    day: date
    kind: DayKind
    about: str
    notice: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class YearPage:
    """A year of a calendar; `provisional` counts special days that no notice stands behind yet."""

    year: int
    months: tuple[Month, ...]
    special: tuple[SpecialDay, ...]
    working_days: int
    provisional: int


def year_page(table: WorkingCalendar, year: int) -> YearPage:
    """The page of a loaded year."""
    special = tuple(day for day in special_days(table) if day.day.year == year)
    by_date = {entry.day: entry for entry in special}
    months = tuple(_month(table, year, number, by_date) for number in range(1, 13))
    working = sum(
        cell.kind not in (DayKind.WEEKEND, DayKind.HOLIDAY)
        for month in months
        for week in month.weeks
        for cell in week
        if cell
    )
    return YearPage(year, months, special, working, sum(entry.provisional for entry in special))


def special_days(table: WorkingCalendar) -> list[SpecialDay]:
    """All days of a calendar that are not like their weekday, in order."""
    return sorted(_special(table), key=lambda entry: entry.day)


def _special(table: WorkingCalendar) -> Iterator[SpecialDay]:
    for off in table.off.values():
        yield SpecialDay(off.day, DayKind.HOLIDAY, off.name, off.notice, off.provisional)
    for extra in table.make_up.values():
        about = f"thay cho {extra.replaces:%d/%m/%Y}"
        yield SpecialDay(extra.day, DayKind.MAKE_UP, about, extra.notice, extra.provisional)
    for half in table.changed.values():
        about = f"{half.name}: {sessions_text(half.sessions)}"
        yield SpecialDay(half.day, DayKind.HALF_DAY, about, half.notice, half.provisional)


def sessions_text(sessions: Sessions) -> str:
    """07:00–11:30, 13:30–17:00."""
    return ", ".join(f"{_clock(begin)}–{_clock(end)}" for begin, end in sessions)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _month(table: WorkingCalendar, year: int, number: int, special: dict[date, SpecialDay]) -> Month:
    weeks = _WEEKS.monthdatescalendar(year, number)
    return Month(
        number,
        tuple(
            tuple(_cell(table, day, special.get(day)) if day.month == number else None for day in week)
            for week in weeks
        ),
    )


def _cell(table: WorkingCalendar, day: date, entry: SpecialDay | None) -> DayCell:
    if entry is None:
        return DayCell(day, table.kind(day))
    about = f"{KINDS[entry.kind].word}: {entry.about} ({entry.notice})"
    return DayCell(day, entry.kind, about, entry.provisional)


STATES: Mapping[ChangeState, Chip] = {
    ChangeState.PROPOSED: Chip("clock", "Chờ người thứ hai duyệt", "soon"),
    ChangeState.APPLIED: Chip("tick", "Đã áp dụng", "kept"),
    ChangeState.REJECTED: Chip("dash", "Bị từ chối", "plain"),
    ChangeState.WITHDRAWN: Chip("dash", "Đã rút", "plain"),
}


def week_text(table: WorkingCalendar) -> list[str]:
    """The working week in words, days of equal sessions together: "Thứ Hai – Thứ Sáu: 07:00–11:30, 13:30–17:00"."""
    weekdays = table.definition.weekdays
    runs: list[tuple[int, int, Sessions]] = []
    for day in range(7):
        sessions = weekdays.get(day, ())
        if runs and runs[-1][2] == sessions:
            runs[-1] = (runs[-1][0], day, sessions)
        else:
            runs.append((day, day, sessions))
    return [f"{_days(first, last)}: {sessions_text(s) or 'nghỉ'}" for first, last, s in runs]


def _days(first: int, last: int) -> str:
    return DAY_NAMES[first] if first == last else f"{DAY_NAMES[first]} – {DAY_NAMES[last]}"
