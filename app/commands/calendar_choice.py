"""Which calendar a command works with: the one named, else the configured one, else the default."""

from pathlib import Path

import click

from app.context import AppContext
from tracker.calendar_data import DEFAULT_CALENDAR, load_calendar
from tracker.config import Config
from tracker.timekeeping.working_calendar import WorkingCalendar

calendar_option = click.option(
    "--calendar", "calendar_key", help="Khóa của lịch làm việc (mặc định theo cấu hình, không có thì B)."
)


def configured(context: AppContext) -> Config | None:
    """The configuration where there is one: this arithmetic also works on a machine that has none."""
    named = context.config_path != Path("config.toml")
    return context.config if named or context.config_path.exists() else None


def calendar_key_of(context: AppContext, key: str | None) -> str:
    """The key of that calendar."""
    config = configured(context)
    return key or (config.calendar_key if config else DEFAULT_CALENDAR)


def calendar_of(context: AppContext, key: str | None) -> WorkingCalendar:
    """That calendar."""
    return load_calendar(calendar_key_of(context, key))
