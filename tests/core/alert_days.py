"""A calendar of 2026 for the tests of alerts: a day off, the Saturday worked for it, a half day, and a year after it
that is not loaded.
"""

from datetime import date

from tracker.timekeeping.calendar_definition import CalendarDefinition, ChangedDay, DayOff, MakeUpDay
from tracker.timekeeping.working_calendar import WorkingCalendar

FRIDAY = date(2026, 8, 14)
MAKE_UP_SATURDAY, DAY_OFF = date(2026, 8, 22), date(2026, 8, 31)
HALF_DAY = date(2026, 9, 1)
YEAR_END = date(2026, 12, 31)
MORNING, AFTERNOON = (7 * 60, 11 * 60 + 30), (13 * 60 + 30, 17 * 60)
CALENDAR = WorkingCalendar(
    CalendarDefinition(
        key="THU",
        version="1",
        first=date(2026, 1, 1),
        last=YEAR_END,
        weekdays=dict.fromkeys(range(5), (MORNING, AFTERNOON)),
        off=(DayOff(DAY_OFF, "Nghỉ hoán đổi", "TB 1"),),
        make_up=(MakeUpDay(MAKE_UP_SATURDAY, DAY_OFF, "TB 1"),),
        changed=(ChangedDay(HALF_DAY, (MORNING,), "Nghỉ buổi chiều", "TB 2"),),
    )
)
