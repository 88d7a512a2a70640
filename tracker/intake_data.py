"""The dated intake rules of `tracker/data/intake.toml` as values; a fault is a ConfigurationError that names the table."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tracker.tables import bad_table, day_of, read_table
from tracker.timekeeping.intake import IntakeRule, IntakeStart
from tracker.types import Channel

TABLE = "intake.toml"


@lru_cache(maxsize=4)
def load_intake_rules(path: Path | None = None) -> tuple[IntakeRule, ...]:
    """The rules in the order of the table."""
    try:
        return tuple(_rule(entry) for entry in read_table(TABLE, path)["rule"])
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table(TABLE, path, fault) from fault


def _rule(entry: Mapping[str, Any]) -> IntakeRule:
    minutes = entry.get("working_minutes")
    if minutes is not None and (type(minutes) is not int or minutes <= 0):
        raise ValueError(f"working_minutes: {minutes!r}")
    return IntakeRule(
        Channel(entry["channel"]),
        IntakeStart(entry["starts"]),
        minutes,
        entry["source"],
        bool(entry["verified"]),
        day_of(entry["valid_from"]) if "valid_from" in entry else None,
        day_of(entry["valid_to"]) if "valid_to" in entry else None,
    )
