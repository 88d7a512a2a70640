"""The first and the last loaded date, what the calendar says when it refuses, and the twins' types."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from tracker.calendar_data import load_calendar
from tracker.errors import CalendarError, ConfigurationError
from tracker.timekeeping.calendar_definition import (
    CalendarDefinition,
    DayOff,
    MakeUpDay,
    instant,
    local_day,
    read_sessions,
    sessions_by_date,
    sessions_text,
)
from tracker.timekeeping.working_calendar import CHUNK, WorkingCalendar
from tracker.types import VN

B = load_calendar("B")
FIRST, LAST = date(2026, 6, 1), date(2026, 6, 12)  # two weeks, Monday to Friday
FULL = ((0, 1440),)
HELD = "nằm ngoài lịch làm việc T (01/06/2026–12/06/2026); hãy nạp lịch của năm đó"


def definition(**other):
    """Two weeks of days worked from 08:00 to 12:00 and from 13:00 to 17:00, the last Friday included."""
    weekdays = dict.fromkeys(range(5), ((480, 720), (780, 1020)))
    return replace(CalendarDefinition("T", "1", FIRST, LAST, weekdays, (), ()), **other)


T = WorkingCalendar(definition())


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def epoch(text):
    return int(at(text).timestamp())


def ordinals(*days):
    return np.array([day.toordinal() for day in days], dtype=np.int32)


def test_every_loaded_date_has_its_sessions_and_no_other():
    assert len(sessions_by_date(definition())) == 12


def test_the_first_and_the_last_loaded_date_are_held():
    assert (T.row(FIRST), T.row(LAST), T.size) == (0, 11, 12)
    assert (T.date_of(0), T.date_of(11)) == (FIRST, LAST)
    assert (T.row_at(epoch("2026-06-01T00:00")), T.row_at(epoch("2026-06-12T23:59:59"))) == (0, 11)
    assert (T.row_end(0), T.row_end(11)) == (epoch("2026-06-01T17:00"), epoch("2026-06-12T17:00"))
    assert (T.next_workday(FIRST), T.previous_workday(FIRST)) == (FIRST, FIRST)
    assert (T.next_worked_row(0), T.next_worked_row(11)) == (0, 11)
    assert (T.nth_row(1), T.nth_row(10)) == (0, 11)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: T.row(FIRST - timedelta(1)), "ngày 31/05/2026"),
        (lambda: T.row(LAST + timedelta(1)), "ngày 13/06/2026"),
        (lambda: T.row_at(epoch("2026-06-01T00:00") - 1), "thời điểm 23:59 31/05/2026"),
        (lambda: T.row_at(epoch("2026-06-13T00:00")), "thời điểm 00:00 13/06/2026"),
        (lambda: T.date_of(-1), "kết quả"),
        (lambda: T.date_of(12), "kết quả"),
        (lambda: T.row_end(-1), "kết quả"),
        (lambda: T.row_end(12), "kết quả"),
        (lambda: T.nth_row(0), "kết quả"),
        (lambda: T.nth_row(11), "kết quả"),
        (lambda: T.next_worked_row(-1), "kết quả"),
        (lambda: T.next_worked_row(12), "kết quả"),
        (lambda: T.add_minutes(at("2026-06-12T16:59"), 2), "kết quả"),
        (lambda: T.epoch_of_seconds(0), "kết quả"),
        (lambda: T.add_workdays_array(ordinals(FIRST), np.array([10])), "kết quả"),
        (lambda: T.add_workdays_array(ordinals(FIRST - timedelta(1)), 1), "một ngày trong dãy"),
        (lambda: T.add_workdays_array(ordinals(FIRST - timedelta(1)), 0), "một ngày trong dãy"),
        (lambda: T.add_workdays_array(ordinals(LAST + timedelta(1)), 2**30 + 5), "một ngày trong dãy"),
        (lambda: T.add_workdays_array(ordinals(FIRST - timedelta(1)), 2**31 + 5), "một ngày trong dãy"),
        (lambda: T.add_workdays_array(ordinals(FIRST), 2**31 - 1), "kết quả"),
        (lambda: T.add_workdays_array(ordinals(FIRST), 2**32 + 1), "kết quả"),
        (lambda: T.add_workdays_array(ordinals(*[FIRST] * CHUNK, LAST), 1), "kết quả"),
        (lambda: T.add_workdays(FIRST, 10), "kết quả"),
        (lambda: T.add_workdays(LAST + timedelta(1), 0), "ngày 13/06/2026"),
        (lambda: T.add_workdays(LAST + timedelta(1), 1), "ngày 13/06/2026"),
        (lambda: T.count_workdays(FIRST - timedelta(1), LAST), "ngày 31/05/2026"),
        (lambda: T.count_workdays(FIRST, LAST + timedelta(1)), "ngày 13/06/2026"),
        (lambda: T.count_workdays_array(ordinals(FIRST - timedelta(1)), ordinals(LAST)), "một ngày trong dãy"),
        (lambda: T.count_workdays_array(ordinals(*[FIRST] * CHUNK, FIRST - timedelta(1)), ordinals(LAST)), "một ngày trong dãy"),
        (lambda: T.count_workdays_array(ordinals(FIRST), ordinals(LAST + timedelta(1))), "một ngày trong dãy"),
        (lambda: T.working_minutes_array(np.array([epoch("2026-06-01T00:00") - 1]), np.array([epoch("2026-06-02")])), "một thời điểm trong dãy"),
        (lambda: T.working_minutes_array(np.array([epoch("2026-06-01")]), np.array([epoch("2026-06-13")])), "một thời điểm trong dãy"),
    ],
)  # fmt: skip
def test_beyond_them_the_calendar_says_what_lies_outside_and_what_it_holds(ask, said):
    with pytest.raises(CalendarError) as refused:
        ask()
    assert str(refused.value) == f"{said} {HELD}"


def test_up_to_the_very_end_the_arrays_answer():
    assert T.add_workdays_array(ordinals(FIRST), 9).tolist() == [LAST.toordinal()]
    assert T.add_workdays_array(ordinals(LAST), 0).tolist() == [LAST.toordinal()]
    assert T.count_workdays_array(ordinals(FIRST), ordinals(LAST)).tolist() == [9]
    whole = np.array([epoch("2026-06-01T00:00")]), np.array([epoch("2026-06-12T23:59:59")])
    assert T.working_minutes_array(*whole).tolist() == [10 * 480]
    assert T.working_minutes(at("2026-06-01T00:00"), at("2026-06-12T23:59:59")) == 10 * 480


@pytest.mark.parametrize("size", [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 1])
def test_more_dates_than_are_answered_at_a_time_have_the_same_answers(size):
    days = np.resize(ordinals(*(FIRST + timedelta(row) for row in range(7))), size)
    n = np.resize(np.array([0, 1, 2, 3, 4], dtype=np.int32), size)
    found = [
        T.add_workdays(date.fromordinal(d), k).toordinal() for d, k in zip(days[:35], n[:35], strict=True)
    ]
    assert (T.add_workdays_array(days, n) == np.resize(found, size)).all()
    counts = [T.count_workdays(date.fromordinal(d), LAST) for d in days[:7]]
    assert (T.count_workdays_array(days, ordinals(LAST)) == np.resize(counts, size)).all()


def test_a_table_of_dates_against_steps_is_answered_as_a_table():
    reached = T.add_workdays_array(ordinals(FIRST, LAST - timedelta(4))[:, None], np.array([0, 1, 4]))
    first, eighth = FIRST.toordinal(), FIRST.toordinal() + 7
    assert reached.tolist() == [[first, first + 1, first + 4], [eighth, eighth + 1, eighth + 4]]


def test_an_instant_is_counted_by_its_date():
    assert T.add_workdays(at("2026-06-05T16:00"), 1) == date(2026, 6, 8)
    assert T.count_workdays(at("2026-06-05T16:00"), at("2026-06-08T08:00")) == 1
    assert T.count_workdays(at("2026-06-08T08:00"), FIRST) == 0


def test_arrays_of_dates_are_32_bits_wide_and_those_of_minutes_64():
    days = ordinals(FIRST, LAST)
    assert T.add_workdays_array(days, np.array([1, 0], dtype=np.int64)).dtype == np.int32
    assert T.count_workdays_array(days, days).dtype == np.int32
    assert (
        T.working_minutes_array(np.array([epoch("2026-06-01")]), np.array([epoch("2026-06-02")])).dtype
        == np.int64
    )
    assert T.add_workdays_array(ordinals(), 1).tolist() == []


@pytest.mark.parametrize("seconds", [0, 1, 59])
def test_less_than_a_minute_is_no_minute_for_the_arrays_too(seconds):
    start = epoch("2026-06-01T08:00")
    assert T.working_minutes_array(np.array([start]), np.array([start + seconds])).tolist() == [0]
    assert T.working_minutes_array(np.array([start + 60]), np.array([start])).tolist() == [0]


def test_negative_amounts_are_refused_in_words():
    for ask, said in (
        (lambda: T.add_workdays(FIRST, -1), "n must not be negative"),
        (lambda: T.add_workdays_array(ordinals(FIRST), -1), "n must not be negative"),
        (lambda: T.add_minutes(at("2026-06-01T08:00"), -1), "minutes must not be negative"),
    ):
        with pytest.raises(ValueError, match=f"^{said}$"):
            ask()


@pytest.mark.parametrize(
    ("moment", "minutes", "reached"),
    [
        ("2026-06-01T00:00", 1, "2026-06-01T08:01"),
        ("2026-06-01T08:00", 240, "2026-06-01T12:00"),
        ("2026-06-01T08:00", 241, "2026-06-01T13:01"),
        ("2026-06-01T12:30", 240, "2026-06-01T17:00"),
        ("2026-06-01T17:00", 1, "2026-06-02T08:01"),
        ("2026-06-05T16:59", 1, "2026-06-05T17:00"),
        ("2026-06-05T16:59", 2, "2026-06-08T08:01"),
        ("2026-06-06T10:00", 480, "2026-06-08T17:00"),
        ("2026-06-01T09:00", 0, "2026-06-01T09:00"),
    ],
)
def test_added_minutes_pass_over_what_is_not_worked(moment, minutes, reached):
    assert T.add_minutes(at(moment), minutes) == at(reached)


def test_a_calendar_that_begins_on_days_off_counts_from_them():
    later = WorkingCalendar(definition(first=date(2026, 6, 6)))  # a Saturday
    saturday, sunday, monday = (date(2026, 6, day) for day in (6, 7, 8))
    days = ordinals(saturday, sunday, monday)
    assert later.add_workdays_array(days, 0).tolist() == days.tolist()
    assert later.add_workdays_array(days, 1).tolist() == ordinals(monday, monday, date(2026, 6, 9)).tolist()
    assert later.count_workdays_array(days, ordinals(LAST)).tolist() == [5, 5, 4]
    assert later.count_workdays_array(ordinals(saturday), days).tolist() == [0, 0, 1]
    for n in (6, 7, 8):
        with pytest.raises(CalendarError, match=r"^kết quả nằm ngoài"):
            later.add_workdays_array(ordinals(saturday), n)


@pytest.mark.parametrize("n", [12, 13, 2**31])
def test_where_every_date_is_worked_one_too_many_lies_outside(n):
    always = WorkingCalendar(definition(weekdays=dict.fromkeys(range(7), FULL)))
    assert always.add_workdays_array(ordinals(FIRST), 11).tolist() == [LAST.toordinal()]
    with pytest.raises(CalendarError, match=r"^kết quả nằm ngoài"):
        always.add_workdays_array(ordinals(FIRST), n)


@pytest.mark.parametrize(
    ("until", "minutes"),
    [("08:00", 0), ("08:30", 30), ("12:30", 240), ("13:30", 270), ("17:00", 480), ("23:59:59", 480)],
)
def test_what_is_worked_up_to_an_hour_is_the_same_for_one_and_for_an_array(until, minutes):
    start, end = epoch("2026-06-01T00:00"), epoch(f"2026-06-01T{until}")
    assert T.seconds_before(end) == T.working_seconds(start, end) == 60 * minutes
    assert T.working_minutes_array(np.array([start]), np.array([end])).tolist() == [minutes]


def test_the_first_second_of_work_is_the_first():
    assert T.epoch_of_seconds(1) == epoch("2026-06-01T08:00:01")
    assert T.working_seconds(epoch("2026-06-01T09:00"), epoch("2026-06-01T09:00")) == 0


def test_a_calendar_that_works_round_the_clock_ends_its_day_one_second_before_midnight():
    whole = WorkingCalendar(definition(weekdays=dict.fromkeys(range(7), FULL)))
    assert whole.day_end(FIRST) == at("2026-06-01T23:59:59")
    assert whole.working_minutes(at("2026-06-01T00:00"), at("2026-06-02T00:00")) == 1440
    assert whole.add_minutes(at("2026-06-01T00:00"), 1440) == at("2026-06-02T00:00")


def test_a_calendar_without_any_worked_date_counts_nothing_and_finds_nothing():
    idle = WorkingCalendar(definition(weekdays={}))
    assert idle.count_workdays(FIRST, LAST) == 0
    assert idle.working_minutes(at("2026-06-01T00:00"), at("2026-06-12T00:00")) == 0
    assert idle.day_end(FIRST) == at("2026-06-01T23:59:59")
    for ask in (lambda: idle.next_workday(FIRST), lambda: idle.add_workdays(FIRST, 1)):
        with pytest.raises(CalendarError):
            ask()


def test_a_make_up_day_of_an_unworked_weekday_is_not_worked():
    idle = MakeUpDay(date(2026, 6, 6), date(2026, 6, 7), "TB 1")
    assert not WorkingCalendar(definition(make_up=(idle,))).is_working(date(2026, 6, 6))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"first": LAST, "last": FIRST}, "ngày đầu sau ngày cuối"),
        ({"day_minutes": 0}, "ngày làm việc chuẩn phải dài hơn 0 phút"),
        ({"off": (DayOff(FIRST, "x", "y"), DayOff(FIRST, "x", "y"))}, "ngày 01/06/2026 khai hai lần"),
        ({"off": (DayOff(FIRST, "x", "y"),), "make_up": (MakeUpDay(FIRST, LAST, "y"),)}, "ngày 01/06/2026 khai hai lần"),
        ({"off": (DayOff(FIRST - timedelta(1), "x", "y"),)}, "ngày 31/05/2026 nằm ngoài các năm của lịch"),
        ({"make_up": (MakeUpDay(LAST + timedelta(1), LAST, "y"),)}, "ngày 13/06/2026 nằm ngoài các năm của lịch"),
        ({"weekdays": {0: ((480, 480),)}}, "các buổi làm việc phải theo thứ tự, không chồng nhau, trong 00:00–24:00"),
        ({"weekdays": {0: ((480, 720), (700, 800))}}, "các buổi làm việc phải theo thứ tự, không chồng nhau, trong 00:00–24:00"),
        ({"weekdays": {0: ((0, 1441),)}}, "các buổi làm việc phải theo thứ tự, không chồng nhau, trong 00:00–24:00"),
        ({"weekdays": {0: ((-1, 60),)}}, "các buổi làm việc phải theo thứ tự, không chồng nhau, trong 00:00–24:00"),
    ],
)  # fmt: skip
def test_a_definition_is_refused_with_its_fault(changed, fault):
    with pytest.raises(ConfigurationError) as refused:
        WorkingCalendar(definition(**changed))
    assert f"lịch T: {fault}" in refused.value.faults


@pytest.mark.parametrize("changed", [{"first": LAST}, {"day_minutes": 1}, {"off": (DayOff(LAST, "x", "y"),)}])
def test_a_definition_on_the_edge_of_what_is_allowed_is_taken(changed):
    assert WorkingCalendar(definition(**changed)).last == LAST


def test_what_is_provisional_is_told_by_day_and_by_year():
    extra = MakeUpDay(date(2026, 6, 6), LAST, "y", provisional=True)
    off = DayOff(LAST, "x", "y", provisional=True), DayOff(FIRST, "x", "y")
    table = WorkingCalendar(definition(off=off, make_up=(extra,)))
    assert table.provisional == (date(2026, 6, 6), LAST)
    assert table.provisional_years == {2026}
    assert T.provisional_years == frozenset()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1970-01-01T00:00", 0),
        ("1970-01-01T23:59:59", 0),
        ("1970-01-02T00:00", 1),
        ("1969-12-31T23:59:59", -1),
    ],
)
def test_an_instant_and_its_local_day_go_together(text, day):
    assert local_day(epoch(text)) == day
    assert instant(epoch(text)) == at(text)
    assert instant(epoch(text)).tzinfo is VN


@pytest.mark.parametrize(
    ("text", "sessions"),
    [
        ("", ()),
        ("07:00-11:30", ((420, 690),)),
        ("7:00-11:30 13:30-17:05", ((420, 690), (810, 1025))),
        ("07:00 – 11:30; 13:30–17:00", ((420, 690), (810, 1020))),
        ("07:00-11:30,13:30-17:00", ((420, 690), (810, 1020))),
        ("00:00-24:00", ((0, 1440),)),
    ],
)
def test_sessions_are_read_as_an_office_writes_them(text, sessions):
    assert read_sessions(text) == sessions
    assert read_sessions(sessions_text(sessions)) == sessions


def test_sessions_are_written_in_one_form():
    assert sessions_text(()) == ""
    assert sessions_text(((425, 690), (810, 1025))) == "07:05-11:30 13:30-17:05"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sáng", "các buổi làm việc không đọc được: 'sáng'"),
        ("07:00-11:30 và chiều", "các buổi làm việc không đọc được: '07:00-11:30 và chiều'"),
        ("07:00-11:30 X", "các buổi làm việc không đọc được: '07:00-11:30 X'"),
        ("07:00-11:60", "các buổi làm việc không đọc được: '07:00-11:60'"),
        ("11:30-07:00", "các buổi làm việc phải theo thứ tự, không chồng nhau: '11:30-07:00'"),
        ("07:00-07:00", "các buổi làm việc phải theo thứ tự, không chồng nhau: '07:00-07:00'"),
        ("07:00-11:30 11:30-17:00", "các buổi làm việc phải theo thứ tự, không chồng nhau: '07:00-11:30 11:30-17:00'"),
        ("07:00-08:00 23:00-24:01", "các buổi làm việc phải theo thứ tự, không chồng nhau: '07:00-08:00 23:00-24:01'"),
        ("00:00-24:01", "các buổi làm việc phải theo thứ tự, không chồng nhau: '00:00-24:01'"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_the_text(text, said):
    with pytest.raises(ValueError, match="các buổi làm việc") as refused:
        read_sessions(text)
    assert str(refused.value) == said
