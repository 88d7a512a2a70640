"""What the office says of its working time, as the store keeps it: known from when to when, never deleted."""

from datetime import date, datetime

from tracker.calendar_data import load_calendar
from tracker.store import calendars
from tracker.store.locks import Lock, hold
from tracker.store.models import CalendarDay
from tracker.store.session import Store
from tracker.timekeeping.office_time import Assignment, OfficeBase, OfficeDay
from tracker.types import VN

MORNING = ((420, 690),)
DAYS = (
    OfficeDay("B", date(2026, 3, 10), "Lễ hội", "TB 1", provisional=True),
    OfficeDay("B", date(2026, 3, 14), "Làm thay", "TB 1", replaces=date(2026, 3, 10)),
    OfficeDay("X", date(2026, 3, 11), "Họp", "TB 2", sessions=MORNING),
)
OWN = OfficeBase("X", "Chi nhánh X", "B", ((0, MORNING), (5, MORNING)), 300, "QĐ 1")
UNIT = Assignment(2, "X", date(2026, 1, 1), None, "QĐ 2")


def say(store: Store, *sayings, now: int = 100) -> None:
    with store.transaction() as session:
        hold(session, Lock.INGEST)
        calendars.add_sayings(session, sayings, change_id=None, now=now)


def end(store: Store, *slots, now: int) -> None:
    with store.transaction() as session:
        said = calendars.load_history(session, "B").said
        calendars.end_sayings(session, [row for row in said if row.saying.slot in slots], now)


def history(store: Store):
    with store.read() as session:
        return calendars.load_history(session, "B")


def test_what_is_said_is_read_back_as_it_was_said(store):
    say(store, *DAYS, OWN, UNIT)
    assert [row.saying for row in history(store).said] == [*DAYS, OWN, UNIT]


def test_without_a_word_of_the_office_the_shipped_calendar_is_used(store):
    assert history(store).present.default is load_calendar("B")


def test_days_calendars_and_units_come_together(store):
    say(store, *DAYS, OWN, UNIT)
    present = history(store).present
    assert not present.default.is_working(date(2026, 3, 10))
    assert present.default.sessions(date(2026, 3, 14)) == load_calendar("B").sessions(date(2026, 3, 13))
    assert present.of(2, date(2026, 3, 1)).sessions(date(2026, 3, 11)) == MORNING
    assert present.of(2, date(2025, 12, 31)) is present.default
    assert present.get("X").day_minutes == 300


def test_units_below_work_by_the_calendar_of_the_unit_above(store):
    say(store, OWN, Assignment(1, "X", None, None, "QĐ"))
    assert history(store).present.of(2, date(2026, 3, 1)).key == "X"


def test_what_has_ended_is_no_longer_known_and_can_be_had_again(store):
    say(store, *DAYS, now=100)
    end(store, DAYS[0].slot, now=200)
    past = history(store)
    day = date(2026, 3, 10)
    assert [past.at(moment).default.is_working(day) for moment in (99, 100, 199, 200, None)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert past.at(datetime.fromtimestamp(150, VN)) is past.at(150)
    assert len(past.said) == len(DAYS)


def test_days_declared_before_there_were_changes_count_from_the_beginning(store):
    given = {"notice": "TB", "provisional": False, "sessions": "", "known_from": 0}
    with store.transaction() as session:
        session.add(CalendarDay(id=1, calendar="B", day=date(2026, 3, 10), replaces=None, name="x", **given))
    assert not history(store).at(1).default.is_working(date(2026, 3, 10))


def test_a_change_in_one_store_is_none_in_another_of_the_same_process(store, empty_store):
    say(store, *DAYS)
    assert not history(store).present.default.is_working(date(2026, 3, 10))
    assert load_calendar("B").is_working(date(2026, 3, 10))


def test_who_works_by_what_is_listed_by_unit(store):
    say(store, OWN, UNIT, Assignment(2, "A", None, None, "QĐ 3"))
    with store.read() as session:
        listed = calendars.assignments(session)
    assert [(row.unit_id, row.calendar, row.valid_from) for row in listed] == [
        (2, "A", None),
        (2, "X", date(2026, 1, 1)),
    ]
