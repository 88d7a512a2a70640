"""Reading the dated tables of `tracker/data`: TOML as values; a fault is a ConfigurationError that names the table."""

import tomllib
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from tracker.errors import ConfigurationError


@lru_cache(maxsize=16)
def read_table(name: str, path: Path | None = None) -> dict[str, Any]:
    """A shipped table, or the one at `path`; kept once read."""
    try:
        text = path.read_text("utf-8") if path else files("tracker.data").joinpath(name).read_text("utf-8")
        return tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise bad_table(name, path, fault) from fault


def bad_table(name: str, path: Path | None, fault: Exception) -> ConfigurationError:
    """The error for a table that cannot be used."""
    return ConfigurationError([f"{path or name}: {type(fault).__name__} {fault}"])


def day_of(value: object) -> date:
    """A date of a table; ValueError for anything else."""
    if type(value) is not date:
        raise ValueError(f"không phải ngày: {value!r}")
    return value


def minute_of(text: str) -> int:
    """ "HH:MM" as a minute of the day, 0 to 1440."""
    hours, minutes = text.split(":")
    value = int(hours) * 60 + int(minutes)
    if not 0 <= value <= 1440:
        raise ValueError(f"giờ không đọc được: {text!r}")
    return value
