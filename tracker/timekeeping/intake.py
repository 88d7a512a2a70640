"""Until when a filed dossier must be accepted, refused or asked for more; lateness before the clock even starts."""

from datetime import datetime

from tracker.errors import CalendarError
from tracker.timekeeping.working_calendar import WorkingCalendar


def intake_due(filed: datetime | None, calendar: WorkingCalendar, minutes: int) -> datetime | None:
    """The end of the intake time in working minutes from filing; None without filing or outside the calendar."""
    if filed is None:
        return None
    try:
        return calendar.add_minutes(filed, minutes)
    except CalendarError:
        return None
