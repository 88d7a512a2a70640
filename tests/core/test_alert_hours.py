"""When somebody may be disturbed: office hours of a working day of the own calendar, and never at night."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.alerts.hours import Window, allowed_from, next_window, window_of
from tests.core.alert_days import CALENDAR, DAY_OFF, FRIDAY, HALF_DAY, MAKE_UP_SATURDAY, YEAR_END
from tracker.timekeeping.calendar_definition import CalendarDefinition
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN

SATURDAY, SUNDAY, MONDAY = (FRIDAY + timedelta(days=each) for each in (1, 2, 3))
NEW_YEAR = YEAR_END + timedelta(days=1)  # a Friday of a year that is not loaded


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), VN)


def hours(day: date, opens: tuple[int, int] = (7, 0), closes: tuple[int, int] = (17, 0)) -> Window:
    return Window(at(day, *opens), at(day, *closes))


@pytest.mark.parametrize(
    ("day", "window", "why"),
    [
        (FRIDAY, hours(FRIDAY), "from the first session to the last; lunch lies within"),
        (SATURDAY, None, "a weekend"),
        (MAKE_UP_SATURDAY, hours(MAKE_UP_SATURDAY), "a Saturday that is worked"),
        (DAY_OFF, None, "the Monday for which it is worked"),
        (HALF_DAY, hours(HALF_DAY, closes=(11, 30)), "half a day"),
        (NEW_YEAR, hours(NEW_YEAR, opens=(8, 0)), "not loaded: usual hours on a weekday"),
        (NEW_YEAR + timedelta(days=1), None, "not loaded: no weekend"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_each_day_has_the_hours_of_its_sessions(day: date, window: Window | None, why: str):
    assert window_of(CALENDAR, day) == window, why


@pytest.mark.parametrize(
    ("now", "day", "why"),
    [
        (at(FRIDAY, 3), FRIDAY, "at night: the same morning"),
        (at(FRIDAY, 9), FRIDAY, "within"),
        (at(FRIDAY, 12, 30), FRIDAY, "at lunch"),
        (at(FRIDAY, 16, 59), FRIDAY, "the last minute"),
        (at(FRIDAY, 17), MONDAY, "closed: after the weekend"),
        (at(SUNDAY, 10), MONDAY, "on a Sunday"),
        (at(MAKE_UP_SATURDAY - timedelta(days=1), 18), MAKE_UP_SATURDAY, "on a Friday before a worked Saturday"),
        (at(DAY_OFF - timedelta(days=3), 18), HALF_DAY, "over a weekend and a day off"),
        (at(HALF_DAY, 11, 30), HALF_DAY + timedelta(days=1), "a half day is closed at noon"),
        (at(YEAR_END, 18), NEW_YEAR, "into a year that is not loaded"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)  # fmt: skip
def test_the_next_hours_are_those_that_run_or_come_first(now: datetime, day: date, why: str):
    window = next_window(CALENDAR, now)
    assert window is not None
    assert window.opens.date() == day, why


def test_a_calendar_without_any_worked_day_has_no_hours():
    never = WorkingCalendar(
        CalendarDefinition("N", "1", date(2026, 1, 1), YEAR_END, weekdays={}, off=(), make_up=())
    )
    assert next_window(never, at(FRIDAY, 9)) is None


@pytest.mark.parametrize(
    ("now", "wished", "sent", "why"),
    [
        (at(FRIDAY, 6, 55), None, at(FRIDAY, 7), "made before opening: at opening"),
        (at(FRIDAY, 9, 10), None, at(FRIDAY, 9, 10), "within: at once"),
        (at(FRIDAY, 12), None, at(FRIDAY, 12), "at lunch: at once"),
        (at(FRIDAY, 6, 55), time(8, 30), at(FRIDAY, 8, 30), "at the hour that was chosen"),
        (at(FRIDAY, 6, 55), time(5), at(FRIDAY, 7), "nobody can choose the night"),
        (at(FRIDAY, 10), time(8, 30), at(FRIDAY, 10), "the chosen hour has passed: at once"),
        (at(FRIDAY, 6, 55), time(20), at(FRIDAY, 17), "a chosen hour past closing: at closing, not later"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_something_leaves_at_the_first_moment_that_is_allowed(
    now: datetime, wished: time | None, sent: datetime, why: str
):
    assert allowed_from(hours(FRIDAY), now, wished) == sent, why


@given(
    st.integers(0, 500 * 24 * 60), st.one_of(st.none(), st.times(timezones=st.none()))
)  # minutes of 2026 and of the months after it
def test_nothing_ever_leaves_outside_the_hours_that_it_waited_for(minutes: int, wished: time | None):
    now = at(date(2026, 1, 1), 0) + timedelta(minutes=minutes)
    window = next_window(CALENDAR, now)
    assert window is not None
    sent = allowed_from(window, now, wished)
    assert now <= sent
    assert window.opens <= sent <= window.closes
    assert window.opens.date() == window.closes.date()
    assert time(7) <= sent.time() <= time(17)
