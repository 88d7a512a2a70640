"""The working calendar: days, minutes, its table, and its refusal outside the loaded years."""

from datetime import date, datetime

import numpy as np
import pytest

from tracker.calendar_data import load_calendar
from tracker.errors import CalendarError, ConfigurationError, UsageError
from tracker.timekeeping.calendar_definition import CalendarDefinition, DayKind, DayOff
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN

A, B = load_calendar("A"), load_calendar("B")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def day(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2026-08-10", DayKind.WORKDAY),
        ("2026-08-15", DayKind.WEEKEND),
        ("2026-08-22", DayKind.MAKE_UP),
        ("2026-08-31", DayKind.HOLIDAY),
        ("2026-11-24", DayKind.HOLIDAY),
        ("2026-01-02", DayKind.HOLIDAY),
        ("2026-01-10", DayKind.MAKE_UP),
        ("2018-12-31", DayKind.HOLIDAY),
        ("2019-01-05", DayKind.MAKE_UP),
        ("2024-04-29", DayKind.HOLIDAY),
        ("2025-04-26", DayKind.MAKE_UP),
    ],
)
def test_a_date_is_worked_or_not_by_the_notices(text, kind):
    assert B.kind(day(text)) is kind
    assert B.is_working(day(text)) is (kind in (DayKind.WORKDAY, DayKind.MAKE_UP))


@pytest.mark.parametrize(
    ("year", "working_days"),
    [(2018, 250), (2019, 252), (2020, 252), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 250)],
)
def test_a_year_has_its_number_of_working_days(year, working_days):
    assert B.count_workdays(date(year, 1, 1), date(year, 12, 31)) == working_days


def test_every_day_off_is_a_weekday_and_names_its_notice():
    assert [e.day for e in B.off.values() if e.day.weekday() > 4 or not e.notice or not e.name] == []
    assert [e.day for e in B.make_up.values() if e.day.weekday() != 5 or not e.notice] == []
    assert {e.replaces for e in B.make_up.values()} <= set(B.off)


def test_only_2027_is_provisional():
    assert B.provisional_years == {2027}


def test_a_make_up_day_has_the_sessions_of_the_day_it_replaces():
    assert B.sessions(day("2026-08-22")) == B.sessions(day("2026-08-24")) == ((420, 690), (810, 1020))
    assert A.sessions(day("2026-08-22")) == ((450, 690), (810, 1050))
    assert B.sessions(day("2026-08-23")) == ()


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2026-08-15", 5, "2026-08-21"),
        ("2026-08-21", 1, "2026-08-22"),
        ("2026-08-28", 1, "2026-09-03"),
        ("2026-08-15", 0, "2026-08-15"),
        ("2026-12-31", 1, "2027-01-04"),
    ],
)
def test_the_nth_working_date_after_a_date(start, n, expected):
    assert B.add_workdays(day(start), n) == day(expected)


def test_count_leaves_out_the_first_date_and_takes_in_the_last():
    assert B.count_workdays(day("2026-08-10"), day("2026-08-11")) == 1
    assert B.count_workdays(day("2026-08-10"), day("2026-08-10")) == 0
    assert B.count_workdays(day("2026-08-11"), day("2026-08-10")) == 0


def test_next_and_previous_working_date_stay_on_a_working_date():
    assert B.next_workday(day("2026-08-31")) == day("2026-09-03")
    assert B.next_workday(day("2026-09-03")) == day("2026-09-03")
    assert B.previous_workday(day("2026-09-02")) == day("2026-08-28")
    assert B.previous_workday(day("2026-08-28")) == day("2026-08-28")


def test_a_day_ends_with_its_last_session_or_with_itself():
    assert A.day_end(day("2026-08-10")) == at("2026-08-10T17:30")
    assert B.day_end(day("2026-08-10")) == at("2026-08-10T17:00")
    assert B.day_end(day("2026-08-15")) == at("2026-08-15T23:59:59")


# formats.md 6.2, cases 28-35 (calendar A)
@pytest.mark.parametrize(
    ("case", "start", "end", "minutes"),
    [
        (28, "2026-08-14T16:00", "2026-08-17T08:30", 150),
        (29, "2026-08-10T08:00", "2026-08-10T18:30", 450),
        (30, "2026-08-15T08:00", "2026-08-16T18:30", 0),
        (31, "2026-08-28T16:30", "2026-09-03T08:30", 120),
        (32, "2026-08-10T17:45", "2026-08-11T07:00", 0),
        (33, "2026-08-10T18:00", "2026-08-11T08:30", 60),
        (34, "2026-08-10T09:00", "2026-08-11T18:30", 870),
        (35, "2026-08-10T11:00", "2026-08-10T14:00", 60),
    ],
)
def test_working_minutes_count_only_sessions(case, start, end, minutes):
    assert A.working_minutes(at(start), at(end)) == minutes, case


def test_working_minutes_are_rounded_down_once_over_the_whole_stretch():
    assert B.working_minutes(at("2026-08-10T08:00:30"), at("2026-08-10T08:01:29")) == 0
    assert B.working_minutes(at("2026-08-10T11:29:30"), at("2026-08-10T13:30:30")) == 1
    assert B.working_minutes(at("2026-08-10T09:00"), at("2026-08-10T08:00")) == 0


def test_added_minutes_that_reach_a_session_end_are_shown_as_that_end():
    assert B.add_minutes(at("2026-08-10T07:00"), 270) == at("2026-08-10T11:30")
    assert B.add_minutes(at("2026-08-10T07:00"), 271) == at("2026-08-10T13:31")
    assert B.add_minutes(at("2026-08-15T07:00"), 0) == at("2026-08-15T07:00")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: B.is_working(day("2017-12-31")),
        lambda: B.is_working(day("2028-01-01")),
        lambda: B.add_workdays(day("2027-12-31"), 1),
        lambda: B.count_workdays(day("2017-12-31"), day("2018-01-05")),
        lambda: B.next_workday(day("2028-01-01")),
        lambda: B.previous_workday(day("2018-01-01")),
        lambda: B.working_minutes(at("2017-12-31T08:00"), at("2018-01-05T08:00")),
        lambda: B.add_minutes(at("2027-12-31T16:59"), 2),
        lambda: B.add_workdays_array(np.array([day("2028-01-01").toordinal()]), 1),
        lambda: B.add_workdays_array(np.array([day("2027-12-31").toordinal()]), 1),
        lambda: B.count_workdays_array(np.array([1]), np.array([2])),
        lambda: B.working_minutes_array(np.array([0]), np.array([1])),
    ],
)
def test_outside_the_loaded_years_the_calendar_refuses(ask):
    with pytest.raises(CalendarError):
        ask()


def test_a_negative_number_of_days_or_minutes_is_refused():
    for ask in (
        lambda: B.add_workdays(day("2026-08-10"), -1),
        lambda: B.add_minutes(at("2026-08-10T08:00"), -1),
        lambda: B.add_workdays_array(np.array([day("2026-08-10").toordinal()]), -1),
    ):
        with pytest.raises(ValueError, match="negative"):
            ask()


def test_a_calendar_that_nobody_declared_is_refused():
    with pytest.raises(UsageError):
        load_calendar("Z")


def test_a_broken_definition_names_all_its_faults():
    off = DayOff(date(2030, 1, 1), "x", "y")
    broken = CalendarDefinition(
        "X", "1", date(2026, 1, 1), date(2026, 12, 31), {0: ((600, 500),)}, (off, off), (), day_minutes=0
    )
    with pytest.raises(ConfigurationError) as error:
        WorkingCalendar(broken)
    assert len(error.value.faults) == 5


def test_the_array_methods_equal_the_scalar_ones_on_every_date():
    days = [B.date_of(row) for row in range(B.size - 40)]
    ordinals = np.array([d.toordinal() for d in days])
    for n in (0, 1, 15):
        assert B.add_workdays_array(ordinals, n).tolist() == [B.add_workdays(d, n).toordinal() for d in days]
    later = ordinals + 17
    counts = B.count_workdays_array(ordinals, later)
    assert counts.tolist() == [B.count_workdays(d, date.fromordinal(d.toordinal() + 17)) for d in days]
