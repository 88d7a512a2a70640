"""The dated data of `tracker/data` -> the values that pure modules take: calendars, rules, effects of suspensions.

Read once and kept; a fault in a table is a ConfigurationError that names file and place.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from tracker.errors import ConfigurationError, UsageError
from tracker.measures.scoring import Edition
from tracker.timekeeping.calendar_definition import CalendarDefinition, DayOff, MakeUpDay
from tracker.timekeeping.rules import DeadlinePolicy, Rule, RuleFamily, SuspensionRule
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import SuspensionEffect, SuspensionKind

DEFAULT_CALENDAR = "B"


@lru_cache(maxsize=16)
def load_calendar(key: str = DEFAULT_CALENDAR, path: Path | None = None) -> WorkingCalendar:
    """The compiled calendar `key` of the shipped table, or of `path`; UsageError where there is no such key."""
    table = _table("calendar.toml", path)
    if key not in table["calendars"]:
        raise UsageError(f"không có lịch làm việc {key}; có: {', '.join(sorted(table['calendars']))}")
    try:
        return WorkingCalendar(_definition(key, table))
    except (KeyError, ValueError, TypeError) as fault:
        raise _bad("calendar.toml", path, fault) from fault


def office_calendar(key: str, office: Sequence[DayOff | MakeUpDay]) -> WorkingCalendar:
    """The shipped calendar with the office's own days over it; a day declared by both is the office's."""
    if not office:
        return load_calendar(key)
    shipped = _definition(key, _table("calendar.toml", None))
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


@lru_cache(maxsize=4)
def load_rules(path: Path | None = None) -> Mapping[str, Rule]:
    """The counting rules by key."""
    try:
        return {entry["key"]: _rule(entry) for entry in _table("rules.toml", path)["rule"]}
    except (KeyError, ValueError, TypeError) as fault:
        raise _bad("rules.toml", path, fault) from fault


@lru_cache(maxsize=4)
def load_suspension_effects(path: Path | None = None) -> tuple[SuspensionRule, ...]:
    """What suspensions do, by kind and reception date, in the order of the table."""
    try:
        return tuple(_suspension_rule(entry) for entry in _table("suspensions.toml", path)["effect"])
    except (KeyError, ValueError, TypeError) as fault:
        raise _bad("suspensions.toml", path, fault) from fault


@lru_cache(maxsize=32)
def load_policy(rule_key: str | None = None) -> DeadlinePolicy:
    """Everything dated that a deadline depends on; without a key the rule goes by the unit of the limit."""
    rules = load_rules()
    if rule_key is not None and rule_key not in rules:
        raise UsageError(f"không có quy tắc {rule_key}; có: {', '.join(sorted(rules))}")
    table = _table("suspensions.toml", None)
    return DeadlinePolicy(
        rule=rules[rule_key] if rule_key else None,
        civil=rules["civil"],
        hours=rules["hours"],
        suspensions=load_suspension_effects(),
        supplement_days=table["supplement_days"],
        max_supplements=table["max_supplements"],
    )


def intake_minutes() -> int:
    """Working minutes the desk has to accept, refuse or ask for more."""
    return int(_table("rules.toml", None)["intake_minutes"])


@lru_cache(maxsize=16)
def _table(name: str, path: Path | None) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8") if path else files("tracker.data").joinpath(name).read_text("utf-8")
        return tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _bad(name, path, fault) from fault


def _bad(name: str, path: Path | None, fault: Exception) -> ConfigurationError:
    return ConfigurationError([f"{path or name}: {type(fault).__name__} {fault}"])


def _definition(key: str, table: Mapping[str, Any]) -> CalendarDefinition:
    entry = table["calendars"][key]
    sessions = tuple(_session(text) for text in entry["sessions"])
    return CalendarDefinition(
        key=key,
        version=table["version"],
        first=_day(table["first"]),
        last=_day(table["last"]),
        weekdays={number - 1: sessions for number in entry["weekdays"]},
        off=tuple(_off(row) for row in table.get("off", ())),
        make_up=tuple(_make_up(row) for row in table.get("make_up", ())),
        day_minutes=entry.get("day_minutes", 480),
    )


def _off(row: Mapping[str, Any]) -> DayOff:
    return DayOff(_day(row["date"]), row["name"], row["notice"], bool(row.get("provisional", False)))


def _make_up(row: Mapping[str, Any]) -> MakeUpDay:
    provisional = bool(row.get("provisional", False))
    return MakeUpDay(_day(row["date"]), _day(row["replaces"]), row["notice"], provisional)


def _rule(entry: Mapping[str, Any]) -> Rule:
    cutoff = _minute(entry["cutoff"]) if "cutoff" in entry else None
    return Rule(entry["key"], RuleFamily(entry["family"]), entry["source"], entry.get("name", ""), cutoff)


def _suspension_rule(entry: Mapping[str, Any]) -> SuspensionRule:
    return SuspensionRule(
        SuspensionKind(entry["kind"]),
        SuspensionEffect(entry["effect"]),
        entry["source"],
        bool(entry["verified"]),
        _day(entry["valid_from"]) if "valid_from" in entry else None,
        _day(entry["valid_to"]) if "valid_to" in entry else None,
    )


def _day(value: object) -> date:
    if type(value) is not date:
        raise ValueError(f"không phải ngày: {value!r}")
    return value


def _session(text: str) -> tuple[int, int]:
    begin, end = text.split("-")
    return _minute(begin), _minute(end)


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    value = int(hours) * 60 + int(minutes)
    if not 0 <= value <= 1440:
        raise ValueError(f"giờ không đọc được: {text!r}")
    return value


@lru_cache(maxsize=4)
def load_editions(path: Path | None = None) -> tuple[Edition, ...]:
    """The editions of scoring criteria, in the order of the table."""
    try:
        return tuple(_edition(entry) for entry in _table("criteria.toml", path)["edition"])
    except (KeyError, ValueError, TypeError) as fault:
        raise _bad("criteria.toml", path, fault) from fault


def _edition(entry: Mapping[str, Any]) -> Edition:
    numbers = {name: Fraction(entry[name]) for name in ("max_points", "threshold")}
    return Edition(**{**entry, **numbers})
