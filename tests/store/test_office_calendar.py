"""The office's own days lie over the shipped calendar."""

from datetime import date

from tracker.calendar_data import load_calendar, office_calendar
from tracker.store import calendars
from tracker.store.models import CalendarDay
from tracker.store.session import Store

FAIR = {
    "calendar": "B",
    "name": "Lễ hội Cà phê",
    "notice": "TB 01/TB-UBND (minh họa)",
    "provisional": False,
    "sessions": "",
    "known_from": 0,
}


def calendar_with(store: Store, *days: CalendarDay):
    with store.transaction() as session:
        session.add_all(days)
    with store.read() as session:
        return office_calendar("B", calendars.office_days(session, "B"))


def test_without_days_of_its_own_the_office_has_the_shipped_calendar(store):
    assert calendar_with(store).version == load_calendar("B").version


def test_a_day_off_of_the_office_is_not_worked_and_changes_the_version(store):
    own = calendar_with(store, CalendarDay(id=1, day=date(2026, 3, 10), replaces=None, **FAIR))
    assert not own.is_working(date(2026, 3, 10))
    assert own.version != load_calendar("B").version


def test_a_make_up_day_of_the_office_has_the_sessions_of_the_day_it_replaces(store):
    own = calendar_with(
        store,
        CalendarDay(id=1, day=date(2026, 3, 10), replaces=None, **FAIR),
        CalendarDay(id=2, day=date(2026, 3, 14), replaces=date(2026, 3, 10), **FAIR),
    )
    assert own.sessions(date(2026, 3, 14)) == own.sessions(date(2026, 3, 11))


def test_the_office_may_work_on_a_shipped_holiday(store):
    own = calendar_with(store, CalendarDay(id=1, day=date(2026, 11, 24), replaces=date(2026, 11, 24), **FAIR))
    assert own.is_working(date(2026, 11, 24))


def test_days_of_another_calendar_do_not_count(store):
    other = {**FAIR, "calendar": "A"}
    own = calendar_with(store, CalendarDay(id=1, day=date(2026, 3, 10), replaces=None, **other))
    assert own.is_working(date(2026, 3, 10))
