"""The shipped working calendars, with the office's own days over them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tracker.errors import UsageError
from tracker.tables import bad_table, day_of, minute_of, read_table
from tracker.timekeeping.calendar_definition import CalendarDefinition, DayOff, MakeUpDay
from tracker.timekeeping.working_calendar import WorkingCalendar

DEFAULT_CALENDAR = "B"


@lru_cache(maxsize=16)
def load_calendar(key: str = DEFAULT_CALENDAR, path: Path | None = None) -> WorkingCalendar:
    """The compiled calendar `key` of the shipped table, or of `path`; UsageError where there is no such key."""
    table = read_table("calendar.toml", path)
    if key not in table["calendars"]:
        raise UsageError(f"không có lịch làm việc {key}; có: {', '.join(sorted(table['calendars']))}")
    try:
        return WorkingCalendar(_definition(key, table))
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("calendar.toml", path, fault) from fault


def office_calendar(key: str, office: Sequence[DayOff | MakeUpDay]) -> WorkingCalendar:
    """The shipped calendar with the office's own days over it; a day declared by both is the office's."""
    if not office:
        return load_calendar(key)
    shipped = _definition(key, read_table("calendar.toml", None))
    own = {entry.day for entry in office}
    off = [entry for entry in shipped.off if entry.day not in own]
    make_up = [entry for entry in shipped.make_up if entry.day not in own]
    return WorkingCalendar(
        replace(
            shipped,
            version=f"{shipped.version}+{len(office)}",
            off=(*off, *(entry for entry in office if isinstance(entry, DayOff))),
            make_up=(*make_up, *(entry for entry in office if isinstance(entry, MakeUpDay))),
        )
    )


def _definition(key: str, table: Mapping[str, Any]) -> CalendarDefinition:
    entry = table["calendars"][key]
    sessions = tuple(_session(text) for text in entry["sessions"])
    return CalendarDefinition(
        key=key,
        version=table["version"],
        first=day_of(table["first"]),
        last=day_of(table["last"]),
        weekdays={number - 1: sessions for number in entry["weekdays"]},
        off=tuple(_off(row) for row in table.get("off", ())),
        make_up=tuple(_make_up(row) for row in table.get("make_up", ())),
        day_minutes=entry.get("day_minutes", 480),
    )


def _off(row: Mapping[str, Any]) -> DayOff:
    return DayOff(day_of(row["date"]), row["name"], row["notice"], bool(row.get("provisional", False)))


def _make_up(row: Mapping[str, Any]) -> MakeUpDay:
    provisional = bool(row.get("provisional", False))
    return MakeUpDay(day_of(row["date"]), day_of(row["replaces"]), row["notice"], provisional)


def _session(text: str) -> tuple[int, int]:
    begin, end = text.split("-")
    return minute_of(begin), minute_of(end)
