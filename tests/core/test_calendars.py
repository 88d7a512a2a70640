"""Calendars that inherit from each other, half days, units that work by another one, and how all was known earlier."""

from datetime import date, datetime

import pytest

from tracker.calendar_data import load_calendar, office_calendars
from tracker.errors import ConfigurationError, UsageError
from tracker.timekeeping.calendar_definition import (
    CalendarDefinition,
    ChangedDay,
    DayKind,
    read_sessions,
    sessions_text,
)
from tracker.timekeeping.calendars import CalendarHistory, differing_days
from tracker.timekeeping.deadlines import plain_due_epoch
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.office_time import NATIONAL, Assignment, OfficeBase, OfficeDay, OfficeTime, Said
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Limit

B = load_calendar("B")
TUESDAY, SATURDAY, MONDAY_OFF = date(2026, 3, 10), date(2026, 3, 14), date(2026, 8, 31)
MORNING, WEEK = ((420, 690),), ((420, 690), (810, 1020))
OWN = OfficeBase("X", "Chi nhánh X", "B", None, None, "QĐ 1")
SIX_DAYS = OfficeBase(
    "S", "Sáu ngày", "X", tuple((n, WEEK if n < 5 else MORNING) for n in range(6)), None, "QĐ 2"
)


def off(calendar="B", day=TUESDAY, **given):
    return OfficeDay(calendar, day, "Lễ hội", "TB 1", **given)


def known(*sayings, parents=(), default="B"):
    return office_calendars(default, OfficeTime(sayings, parents))


# ---------------------------------------------------------------- inheritance


def test_without_a_word_of_the_office_the_calendars_are_the_shipped_ones():
    assert known().default is B
    assert known().keys() == ("A", "B")
    assert known().is_one


@pytest.mark.parametrize(
    ("declared_for", "not_worked_in"),
    [("B", {"B", "X", "S"}), ("X", {"X", "S"}), ("S", {"S"}), ("A", {"A"}), (NATIONAL, {"A", "B", "X", "S"})],
)
def test_a_day_counts_for_every_calendar_that_inherits_from_the_one_it_is_declared_for(
    declared_for, not_worked_in
):
    calendars = known(OWN, SIX_DAYS, off(declared_for))
    assert {
        key for key in ("A", "B", "X", "S") if not calendars.get(key).is_working(TUESDAY)
    } == not_worked_in


def test_an_heir_may_say_otherwise_for_the_same_date():
    calendars = known(OWN, off("B"), off("X", replaces=TUESDAY))
    assert not calendars.get("B").is_working(TUESDAY)
    assert calendars.get("X").sessions(TUESDAY) == WEEK


def test_the_office_may_work_on_a_shipped_holiday():
    assert known(off(day=MONDAY_OFF, replaces=MONDAY_OFF)).default.is_working(MONDAY_OFF)


def test_an_heir_has_its_own_week_and_the_holidays_of_its_base():
    six = known(OWN, SIX_DAYS).get("S")
    assert six.sessions(SATURDAY) == MORNING
    assert six.kind(MONDAY_OFF) is DayKind.HOLIDAY
    assert six.day_minutes == B.day_minutes


def test_a_calendar_without_a_base_or_in_a_circle_is_refused():
    for wrong in (
        (OfficeBase("X", "x", "Y", None, None, "q"),),
        (OfficeBase("X", "x", "X", None, None, "q"),),
    ):
        with pytest.raises(UsageError):
            known(*wrong).get("X")
    with pytest.raises(UsageError, match="có: A, B"):
        known(default="Z")


# ---------------------------------------------------------------- versions


def test_equal_content_has_an_equal_version_and_one_compiled_calendar():
    assert known(off()).default is known(off(), OWN).default
    assert known(off()).default.version == known(off(NATIONAL)).default.version
    assert known(off()).default.version.startswith(f"{B.version}+")
    assert known(OWN).get("X").version == B.version


@pytest.mark.parametrize(
    "other",
    [
        off(day=SATURDAY),
        off(provisional=True),
        off(sessions=MORNING),
        OfficeDay("B", TUESDAY, "Lễ hội", "TB 2"),
    ],
)
def test_other_content_has_another_version(other):
    assert known(other).default.version != known(off()).default.version


# ---------------------------------------------------------------- half days


def test_a_half_day_is_a_working_date_that_ends_with_its_own_last_session():
    half = known(off(sessions=MORNING)).default
    assert half.kind(TUESDAY) is DayKind.HALF_DAY
    assert half.count_workdays(date(2026, 3, 9), date(2026, 3, 11)) == 2
    assert half.day_end(TUESDAY) == datetime(2026, 3, 10, 11, 30, tzinfo=VN)
    assert half.working_minutes(datetime(2026, 3, 10, tzinfo=VN), datetime(2026, 3, 11, tzinfo=VN)) == 270


def test_a_date_off_may_be_worked_for_some_hours():
    assert known(off(day=SATURDAY, sessions=MORNING)).default.is_working(SATURDAY)


@pytest.mark.parametrize(("limit", "due"), [("1 ngày làm việc", "11:30 10/03"), ("5 giờ", "07:30 11/03")])
def test_what_is_due_on_a_half_day_is_due_by_its_sessions(limit, due):
    half = known(off(sessions=MORNING)).default
    parsed = parse_limit(limit)
    assert isinstance(parsed, Limit)
    received = datetime(2026, 3, 9 if "ngày" in limit else 10, 7, tzinfo=VN)
    found = plain_due_epoch(int(received.timestamp()), parsed, half)
    assert f"{datetime.fromtimestamp(found, VN):%H:%M %d/%m}" == due


def test_a_half_day_without_a_session_is_refused():
    year = date(2026, 1, 1), date(2026, 12, 31)
    empty = ChangedDay(TUESDAY, (), "x", "y")
    with pytest.raises(ConfigurationError, match="không có buổi nào"):
        WorkingCalendar(CalendarDefinition("X", "1", *year, {0: WEEK}, (), (), changed=(empty,)))


@pytest.mark.parametrize(
    ("text", "sessions"),
    [("", ()), ("07:00-11:30", MORNING), ("7:00–11:30, 13:30 - 17:00", WEEK), ("00:00-24:00", ((0, 1440),))],
)
def test_sessions_are_read_and_written(text, sessions):
    assert read_sessions(text) == sessions
    assert read_sessions(sessions_text(sessions)) == sessions


@pytest.mark.parametrize(
    "text", ["sáng", "07:00", "07:60-08:00", "08:00-07:00", "07:00-11:30 11:00-12:00", "23:00-24:01"]
)
def test_sessions_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match="buổi làm việc"):
        read_sessions(text)


# ---------------------------------------------------------------- units

PARENTS = ((2, 1), (3, 2), (4, 1))  # 1 over 2 over 3, and 4 beside 2
FIRST_HALF = Assignment(2, "A", None, date(2026, 6, 30), "QĐ 3")
SECOND_HALF = Assignment(2, "X", date(2026, 7, 1), None, "QĐ 4")


@pytest.mark.parametrize(
    ("unit", "received", "key"),
    [
        (2, date(2026, 6, 30), "A"),
        (2, date(2026, 7, 1), "X"),
        (3, date(2026, 6, 30), "A"),  # that of the unit above
        (1, date(2026, 6, 30), "B"),
        (4, date(2026, 6, 30), "B"),
        (99, date(2026, 6, 30), "B"),
        (None, date(2026, 6, 30), "B"),
        (2, None, "B"),
    ],
)
def test_a_unit_works_by_its_own_calendar_else_by_that_of_the_unit_above(unit, received, key):
    calendars = known(OWN, FIRST_HALF, SECOND_HALF, parents=PARENTS)
    assert calendars.of(unit, received) is calendars.get(key)


def test_the_nearest_unit_and_of_its_assignments_the_latest_goes_before():
    always = Assignment(2, "A", None, None, "QĐ 5")
    calendars = known(OWN, always, SECOND_HALF, Assignment(3, "B", None, None, "QĐ"), parents=PARENTS)
    assert calendars.of(2, date(2026, 7, 1)).key == "X"
    assert calendars.of(3, date(2026, 7, 1)).key == "B"
    assert not calendars.is_one


def test_units_in_a_circle_end_the_search():
    assert known(Assignment(9, "A", None, None, "q"), parents=((1, 2), (2, 1))).of(1, TUESDAY) is B


# ---------------------------------------------------------------- history


def history(*said):
    return CalendarHistory(said, (), lambda office: office_calendars("B", office))


@pytest.mark.parametrize(
    ("moment", "is_worked"),
    [(99, True), (100, False), (199, False), (200, True), (10**9, True), (None, True)],
)
def test_a_day_counts_while_it_was_known(moment, is_worked):
    past = history(Said(1, off(), 1, 100, 200))
    assert past.at(moment).default.is_working(TUESDAY) is is_worked


def test_an_open_dossier_is_judged_by_what_is_known_and_an_ended_one_by_what_was_known_then():
    past = history(Said(1, off(), 1, 100, None))
    received = datetime(2026, 3, 2, 8, tzinfo=VN)
    at_100 = datetime.fromtimestamp(100, VN)
    assert past.of(1, received, judged=None) is past.present.default
    assert past.of(1, received, judged=None, known=datetime.fromtimestamp(99, VN)) is B
    assert past.of(1, received, judged=99) is B
    assert past.of(1, received, judged=at_100) is past.present.default


def test_calendars_differ_on_the_dates_with_other_sessions_only():
    assert differing_days(B, known(off()).default) == [TUESDAY]
    assert differing_days(B, known(off(day=SATURDAY)).default) == []
    assert differing_days(B, known(OfficeDay("B", MONDAY_OFF, "Quốc khánh", "mới")).default) == []
