"""Which calendar a command works with: the one named, else the configured one, else the default."""

from pathlib import Path

import click

from app.context import AppContext
from tracker.calendar_data import DEFAULT_CALENDAR, office_calendars
from tracker.config import Config
from tracker.store.session import is_there
from tracker.timekeeping.calendars import Calendars
from tracker.timekeeping.office_time import OfficeTime
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


def calendars_of(context: AppContext) -> Calendars:
    """The office's calendars; the shipped ones on a machine that has no database yet, which is not made for this."""
    config = configured(context)
    if config is None or not is_there(config.database_url):
        return office_calendars(config.calendar_key if config else DEFAULT_CALENDAR, OfficeTime())
    return context.calendars.present


def calendar_of(context: AppContext, key: str | None) -> WorkingCalendar:
    """That calendar, with what the office declared."""
    return calendars_of(context).get(calendar_key_of(context, key))
