"""Calendars that inherit: what they are called, on what they rest, how far units look up, and the office as imagined."""

from datetime import date, datetime

import pytest

from tracker.calendar_data import load_calendar, office_calendars
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.office_time import Assignment, OfficeBase, OfficeDay, OfficeTime, Said
from tracker.types import VN

B = load_calendar("B")
OWN = OfficeBase("X", "Chi nhánh X", "B", None, None, "QĐ 1")
TUESDAY = date(2026, 3, 10)
OFF = OfficeDay("B", TUESDAY, "Lễ hội", "TB 1")
UNDER = ((2, 1), (3, 2))  # 1 over 2 over 3
FIRST_HALF = Assignment(1, "A", None, date(2026, 6, 30), "QĐ 3")


@pytest.mark.parametrize(("key", "name", "base"), [("X", "Chi nhánh X", "B"), ("B", B.name, None)])
def test_a_calendar_has_its_own_name_and_only_one_of_the_office_rests_on_another(key, name, base):
    calendars = office_calendars("B", OfficeTime((OWN,), ()))
    assert (calendars.name_of(key), calendars.base_of(key)) == (name, base)


WEEK, MORNING = ((480, 720), (780, 1020)), ((480, 720),)
MORNINGS = OfficeBase("M", "Buổi sáng", "B", tuple((n, MORNING) for n in range(5)), 240, "QĐ 5")
SHORT = OfficeBase("M", "Buổi sáng", "B", None, 240, "QĐ 5")
OTHER_WEEK = OfficeBase("M", "Buổi sáng", "B", tuple((n, MORNING) for n in range(5)), None, "QĐ 5")


@pytest.mark.parametrize(
    ("own", "sessions", "minutes"),
    [(MORNINGS, MORNING, 240), (SHORT, B.sessions(TUESDAY), 240), (OTHER_WEEK, MORNING, 480)],
)
def test_a_calendar_right_over_a_shipped_one_may_have_its_own_week_and_its_own_length_of_a_day(
    own, sessions, minutes
):
    calendar = office_calendars("M", OfficeTime((own,), ())).default
    assert (calendar.sessions(TUESDAY), calendar.day_minutes) == (sessions, minutes)


@pytest.mark.parametrize(
    ("default", "sayings", "mark"),
    [
        ("B", (OfficeDay("B", TUESDAY, "Lễ hội", "TB 3"),), "3e0096ea"),
        ("M", (MORNINGS,), "b9950e0c"),
        ("M", (SHORT,), "77ebb49c"),
        ("M", (OTHER_WEEK,), "b6407547"),
        ("M", (OTHER_WEEK, OFF), "32ec6afc"),
    ],
)
def test_a_content_has_the_same_version_for_ever_since_kept_proofs_name_it(default, sayings, mark):
    version = office_calendars(default, OfficeTime(sayings, ())).default.version
    assert version == f"{B.version}+{mark}"


def test_the_office_may_leave_a_shipped_make_up_day_free():
    make_up = date(2026, 8, 22)
    free = OfficeDay("B", make_up, "Lễ hội", "TB 2")
    assert B.is_working(make_up)
    assert not office_calendars("B", OfficeTime((free,), ())).default.is_working(make_up)


def test_a_unit_looks_up_to_the_very_top():
    calendars = office_calendars("B", OfficeTime((FIRST_HALF,), UNDER))
    assert {unit: calendars.of(unit, TUESDAY).key for unit in (1, 2, 3)} == {1: "A", 2: "A", 3: "A"}


def history(*said):
    return CalendarHistory(said, UNDER, lambda office: office_calendars("B", office))


@pytest.mark.parametrize(
    ("what", "unit", "received", "key"),
    [
        ("on the last day", 1, datetime(2026, 6, 30, 23, 59, tzinfo=VN), "A"),
        ("below it", 3, datetime(2026, 6, 30, 8, tzinfo=VN), "A"),
        ("a day later", 1, datetime(2026, 7, 1, tzinfo=VN), "B"),
        ("no unit", None, datetime(2026, 6, 30, 8, tzinfo=VN), "B"),
        ("never received", 1, None, "B"),
    ],
)
def test_a_dossier_is_judged_by_the_calendar_of_its_unit_on_its_day_of_reception(what, unit, received, key):
    past = history(Said(1, FIRST_HALF, 1, 100, None))
    assert past.of(unit, received, judged=None).key == key, what
    assert past.of(unit, received, judged=99) is B, what


def test_sayings_may_be_tried_without_being_kept():
    past = history()
    assert not past.imagine(OfficeTime((OFF,), ())).default.is_working(TUESDAY)
    assert past.present.default.is_working(TUESDAY)
