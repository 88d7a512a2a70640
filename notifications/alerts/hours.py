"""When somebody may be disturbed: in the office hours of a working day of their own calendar, make-up days among them. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tracker.errors import CalendarError
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN

# A calendar that holds no working day for so long is not asked further.
MOST_DAYS = 40
DAY = timedelta(days=1)
# Where the calendar of a year is missing: what is wrong then has to be heard of all the same.
WEEKDAYS, OPENS, CLOSES = 5, 8 * 60, 17 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when, on one day; the lunch break lies within."""

    opens: datetime
    closes: datetime


def window_of(calendar: WorkingCalendar, day: date) -> Window | None:
    """The office hours of a day; None on a day off. Outside the loaded calendar weekdays have usual hours."""
    try:
        sessions = calendar.sessions(day)
    except CalendarError:
        sessions = ((OPENS, CLOSES),) if day.weekday() < WEEKDAYS else ()
    if not sessions:
        return None
    return Window(_at(day, sessions[0][0]), _at(day, sessions[-1][1]))


def next_window(calendar: WorkingCalendar, now: datetime) -> Window | None:
    """The office hours that run now, or come next; None where the calendar knows none soon."""
    today = now.astimezone(VN).date()
    for number in range(MOST_DAYS):
        window = window_of(calendar, today + number * DAY)
        if window is not None and now < window.closes:
            return window
    return None


def allowed_from(window: Window, now: datetime, not_earlier: time | None = None) -> datetime:
    """The first moment in these hours at which something may be sent; `not_earlier`: the hour a person chose."""
    wished = window.opens if not_earlier is None else datetime.combine(window.opens.date(), not_earlier, VN)
    return min(max(now, window.opens, wished), window.closes)


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time.min, VN) + timedelta(minutes=minute)
