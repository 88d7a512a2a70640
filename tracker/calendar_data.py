"""The shipped working calendars, and with what an office said over them: compiled once for equal content."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tracker.errors import UsageError
from tracker.tables import bad_table, day_of, read_table
from tracker.timekeeping.calendar_definition import CalendarDefinition, DayOff, MakeUpDay, read_sessions
from tracker.timekeeping.calendars import Calendars, compiled
from tracker.timekeeping.office_time import OfficeTime
from tracker.timekeeping.working_calendar import WorkingCalendar

DEFAULT_CALENDAR = "B"


@lru_cache(maxsize=16)
def load_calendar(key: str = DEFAULT_CALENDAR, path: Path | None = None) -> WorkingCalendar:
    """The compiled calendar `key` of the shipped table, or of `path`; UsageError where there is no such key."""
    shipped = shipped_calendars(path)
    if key not in shipped:
        raise UsageError(f"không có lịch làm việc {key}; có: {', '.join(sorted(shipped))}")
    try:
        return compiled(shipped[key])
    except ValueError as fault:
        raise bad_table("calendar.toml", path, fault) from fault


@lru_cache(maxsize=16)
def shipped_calendars(path: Path | None = None) -> Mapping[str, CalendarDefinition]:
    """The definitions of the shipped table, or of `path`, by key."""
    table = read_table("calendar.toml", path)
    try:
        return {key: _definition(key, table) for key in table["calendars"]}
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("calendar.toml", path, fault) from fault


@lru_cache(maxsize=32)
def office_calendars(default_key: str, office: OfficeTime) -> Calendars:
    """The shipped calendars with what the office says over them; UsageError where there is no `default_key`."""
    return Calendars(shipped_calendars(), office, default_key)


def _definition(key: str, table: Mapping[str, Any]) -> CalendarDefinition:
    entry = table["calendars"][key]
    sessions = read_sessions(" ".join(entry["sessions"]))
    return CalendarDefinition(
        key=key,
        version=table["version"],
        first=day_of(table["first"]),
        last=day_of(table["last"]),
        weekdays={number - 1: sessions for number in entry["weekdays"]},
        off=tuple(_off(row) for row in table.get("off", ())),
        make_up=tuple(_make_up(row) for row in table.get("make_up", ())),
        day_minutes=entry.get("day_minutes", 480),
        name=entry.get("name", ""),
    )


def _off(row: Mapping[str, Any]) -> DayOff:
    return DayOff(day_of(row["date"]), row["name"], row["notice"], bool(row.get("provisional", False)))


def _make_up(row: Mapping[str, Any]) -> MakeUpDay:
    provisional = bool(row.get("provisional", False))
    return MakeUpDay(day_of(row["date"]), day_of(row["replaces"]), row["notice"], provisional)
