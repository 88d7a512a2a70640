"""What the store holds of the office's own working time."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store.models import CalendarDay
from tracker.timekeeping.calendar_definition import DayOff, MakeUpDay


def office_days(session: Session, calendar: str) -> list[DayOff | MakeUpDay]:
    """The days that the office declared for a calendar, in order."""
    query = (
        select(CalendarDay)
        .where(CalendarDay.calendar == calendar, CalendarDay.known_until.is_(None))
        .order_by(CalendarDay.day)
    )
    return [
        DayOff(row.day, row.name, row.notice, row.provisional)
        if row.replaces is None
        else MakeUpDay(row.day, row.replaces, row.notice, row.provisional)
        for row in session.scalars(query)
    ]
