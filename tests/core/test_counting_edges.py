"""Ways of counting on their boundaries: stops that touch the last date, cut-offs, limits beyond every calendar."""

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

import pytest

from tracker.calendar_data import load_calendar
from tracker.errors import CalendarError, UsageError
from tracker.timekeeping.calendar_definition import CalendarDefinition
from tracker.timekeeping.counting import count_of
from tracker.timekeeping.deadlines import due_only, evaluate, plain_due_epoch
from tracker.timekeeping.due_soon import DueSoon
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.rules import CIVIL, HOURS, DeadlinePolicy, DueTime, RuleFamily, SuspensionRule
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Limit, LimitUnit, Suspension, SuspensionEffect, SuspensionKind

B = load_calendar("B")
PLAIN = DeadlinePolicy()
LATER = datetime(2027, 6, 1, tzinfo=VN)
CUT_AT_THREE = replace(CIVIL, cutoff=15 * 60)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def due(received, limit, *stops, policy=PLAIN, restarts=(), as_of=LATER):
    held = [Suspension(at(start), at(end) if end else None, SuspensionKind.PAUSE) for start, end in stops]
    moments = [at(text) for text in restarts]
    return due_only(
        at(received), parse_limit(limit), B, suspensions=held, restarts=moments, policy=policy, as_of=as_of
    )


# Monday 10/08/2026; Saturday 22/08 is worked for Monday 31/08.
@pytest.mark.parametrize(
    ("what", "limit", "stop", "wanted"),
    [
        ("begins on the last date", "5 ngày làm việc", ("2026-08-17T08:00", "2026-08-18T08:00"), "2026-08-18T17:00"),
        ("begins as it falls due", "5 ngày làm việc", ("2026-08-17T17:00", "2026-08-18T08:00"), "2026-08-17T17:00"),
        ("begins a second before", "5 ngày làm việc", ("2026-08-17T16:59:59", "2026-08-18T08:00"), "2026-08-18T17:00"),
        ("within the last date", "5 ngày làm việc", ("2026-08-17T08:00", "2026-08-17T16:00"), "2026-08-17T17:00"),
        ("on the date of reception", "5 ngày làm việc", ("2026-08-10T09:00", "2026-08-11T08:00"), "2026-08-17T17:00"),
        ("from reception over a date", "5 ngày làm việc", ("2026-08-10T09:00", "2026-08-12T00:00"), "2026-08-18T17:00"),
        ("from before reception", "5 ngày làm việc", ("2026-08-07T09:00", "2026-08-12T00:00"), "2026-08-18T17:00"),
        ("over a weekend only", "5 ngày làm việc", ("2026-08-15T00:00", "2026-08-17T00:00"), "2026-08-17T17:00"),
        ("ends at midnight", "5 ngày làm việc", ("2026-08-12T00:00", "2026-08-13T00:00"), "2026-08-18T17:00"),
        ("begins on the last date", "7 ngày", ("2026-08-17T08:00", "2026-08-18T08:00"), "2026-08-18T17:00"),
        ("begins on the date before", "7 ngày", ("2026-08-16T08:00", "2026-08-17T08:00"), "2026-08-18T17:00"),
        ("begins on the day rolled to", "6 ngày", ("2026-08-17T08:00", "2026-08-19T08:00"), "2026-08-17T17:00"),
        ("within a calendar date", "7 ngày", ("2026-08-12T08:00", "2026-08-12T16:00"), "2026-08-17T17:00"),
        ("on the date of reception", "7 ngày", ("2026-08-10T09:00", "2026-08-11T08:00"), "2026-08-17T17:00"),
        ("over a date of a month", "1 tháng", ("2026-08-12T08:00", "2026-08-13T08:00"), "2026-09-11T17:00"),
        ("begins as it falls due", "8 giờ", ("2026-08-11T09:00", "2026-08-11T10:00"), "2026-08-11T09:00"),
        ("a second before the end", "8 giờ", ("2026-08-11T08:59:59", "2026-08-11T10:59:59"), "2026-08-11T11:00"),
        ("outside working time", "8 giờ", ("2026-08-10T18:00", "2026-08-11T06:00"), "2026-08-11T09:00"),
        ("from before reception", "8 giờ", ("2026-08-10T07:00", "2026-08-10T10:00"), "2026-08-11T10:00"),
    ],
)  # fmt: skip
def test_a_pause_moves_the_end_by_what_it_freezes_and_no_more(what, limit, stop, wanted):
    assert due("2026-08-10T09:00", limit, stop) == at(wanted), what


def test_two_pauses_that_overlap_on_a_date_freeze_it_once():
    stops = (("2026-08-11T08:00", "2026-08-12T10:00"), ("2026-08-12T11:00", "2026-08-13T08:00"))
    assert due("2026-08-10T09:00", "5 ngày làm việc", *stops) == at("2026-08-19T17:00")
    assert due("2026-08-10T09:00", "7 ngày", *stops) == at("2026-08-19T17:00")


def test_after_a_restart_only_what_is_still_frozen_counts():
    frozen = ("2026-08-11T08:00", "2026-08-13T08:00")
    assert due("2026-08-10T09:00", "5 ngày làm việc", frozen, restarts=["2026-08-14T09:00"]) == at(
        "2026-08-21T17:00"
    )
    assert due("2026-08-10T09:00", "5 ngày làm việc", frozen, restarts=["2026-08-12T09:00"]) == at(
        "2026-08-19T17:00"
    )
    assert due("2026-08-10T09:00", "5 ngày làm việc", restarts=["2026-08-17T17:00"]) == at("2026-08-17T17:00")


@pytest.mark.parametrize(
    ("received", "limit", "wanted"),
    [
        ("2026-08-10T15:00", "1 ngày làm việc", "2026-08-11T17:00"),
        ("2026-08-10T15:00:01", "1 ngày làm việc", "2026-08-12T17:00"),
        ("2026-08-15T16:00", "1 ngày làm việc", "2026-08-17T17:00"),
        ("2026-08-14T16:00", "1 ngày làm việc", "2026-08-18T17:00"),
        ("2026-08-10T15:00", "7 ngày", "2026-08-17T17:00"),
        ("2026-08-10T15:00:01", "7 ngày", "2026-08-18T17:00"),
        ("2026-08-10T15:00", "1 tháng", "2026-09-10T17:00"),
        ("2026-08-10T15:00:01", "1 tháng", "2026-09-11T17:00"),
    ],
)
def test_a_cut_off_moves_only_what_comes_after_it_on_a_working_day(received, limit, wanted):
    policy = DeadlinePolicy(civil=(CUT_AT_THREE,))
    assert due(received, limit, policy=policy) == at(wanted)
    assert evaluate(at(received), parse_limit(limit), B, policy=policy, as_of=LATER).due_at == at(wanted)


@pytest.mark.parametrize(
    ("limit", "rule", "by_date"),
    [
        ("5 ngày làm việc", CIVIL, True),
        ("5 ngày", CIVIL, True),
        ("1 tháng", CIVIL, True),
        ("5 ngày làm việc", CUT_AT_THREE, False),
        ("5 ngày", CUT_AT_THREE, False),
        ("5 ngày làm việc", replace(CIVIL, count_receiving_day=True), False),
        ("5 ngày làm việc", replace(CIVIL, due_time=DueTime.KEEP), False),
        ("5 ngày làm việc", replace(CIVIL, due_time=DueTime.CLOSING, closings=(1050,)), True),
        ("5 ngày làm việc", HOURS, False),
    ],
)  # fmt: skip
def test_only_a_count_that_never_looks_at_the_time_of_day_may_be_kept_by_date(limit, rule, by_date):
    assert count_of(parse_limit(limit), rule, B).by_date is by_date


@pytest.mark.parametrize(
    "limit", ["1000000 tháng", "900 tháng", "121 tháng", "9999 ngày làm việc", "4000 ngày"]
)
@pytest.mark.parametrize("received", ["2018-01-15T08:00", "2026-08-10T08:00"])
def test_a_limit_beyond_the_loaded_years_is_refused_however_long(limit, received):
    with pytest.raises(CalendarError):
        due(received, limit)
    assert plain_due_epoch(int(at(received).timestamp()), parse_limit(limit), B) is None


def test_the_longest_limit_that_the_calendar_holds_is_counted():
    assert due("2018-01-02T08:00", "119 tháng") == at("2027-12-02T17:00")
    assert due("2027-12-30T08:00", "1 ngày làm việc") == at("2027-12-31T17:00")
    assert due("2027-12-30T08:00", "1 ngày") == at("2027-12-31T17:00")


@pytest.mark.parametrize(
    ("start", "months", "wanted"),
    [
        ("2026-01-31", 1, "2026-03-02"),  # 28/02 is a Saturday
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-12-31", 2, "2027-03-01"),  # 28/02 is a Sunday
        ("2026-11-30", 1, "2026-12-30"),
        ("2025-12-01", 1, "2026-01-05"),  # 01/01 to 04/01 are off
        ("2025-12-15", 12, "2026-12-15"),
    ],
)
def test_months_lead_to_the_same_day_number_or_to_the_months_last(start, months, wanted):
    assert due(f"{start}T09:00", f"{months} tháng").date() == date.fromisoformat(wanted)


@pytest.mark.parametrize(
    ("limit", "minutes"),
    [
        ("5 ngày làm việc", 5 * 480),
        ("8 giờ", 480),
        ("0,5 giờ", 30),
        ("7 ngày", 5 * 480),
        ("1 ngày", 480),
    ],
)
def test_a_restart_that_still_lasts_leaves_the_whole_limit(limit, minutes):
    rule = SuspensionRule(SuspensionKind.SUPPLEMENT, SuspensionEffect.RESTART, "x")
    policy = DeadlinePolicy(suspensions=(rule,))
    held = [Suspension(at("2026-08-10T09:10"), None, SuspensionKind.SUPPLEMENT)]
    answer = evaluate(
        at("2026-08-10T09:00"),
        parse_limit(limit),
        B,
        suspensions=held,
        policy=policy,
        as_of=at("2026-08-12T10:00"),
    )
    assert answer.frozen_minutes == minutes
    assert isinstance(answer.frozen_minutes, int)


@pytest.mark.parametrize(
    ("unit", "value", "rule"),
    [
        (LimitUnit.DAY, Fraction(1, 2), PLAIN),
        (LimitUnit.MONTH, Fraction(1, 2), PLAIN),
        (LimitUnit.HOUR, Fraction(4), DeadlinePolicy(asked=(CIVIL,))),
        (LimitUnit.WORKDAY, Fraction(5, 2), DeadlinePolicy(asked=(CIVIL,))),
        (LimitUnit.DAY, Fraction(7), DeadlinePolicy(asked=(HOURS,))),
        (LimitUnit.MONTH, Fraction(1), DeadlinePolicy(asked=(HOURS,))),
    ],
)
def test_a_rule_refuses_what_it_cannot_count_and_names_it(unit, value, rule):
    limit = Limit(value, unit, "lạ")
    with pytest.raises(UsageError, match="không tính được thời hạn “lạ”"):
        due_only(at("2026-08-10T09:00"), limit, B, policy=rule, as_of=LATER)


@pytest.mark.parametrize(
    ("limit", "minutes"),
    [
        (None, 960),
        ("1 ngày làm việc", 120),
        ("8 ngày làm việc", 960),
        ("9 ngày làm việc", 960),
        ("7 ngày làm việc", 840),
        ("4 ngày", 480),
        ("4 giờ", 60),
        ("30 phút", 7),
        ("1 tháng", 960),
        ("0 ngày", 960),
    ],
)
def test_due_soon_is_two_working_days_or_a_quarter_of_the_limit(limit, minutes):
    assert DueSoon().minutes(parse_limit(limit) if limit else None, 480) == minutes
    assert DueSoon(days=0).minutes(parse_limit(limit) if limit else None, 480) == 0


# NĐ 61 knows no rounding; rules that round are for comparison with other programs.
@pytest.mark.parametrize(
    ("received", "limit", "wanted"),
    [
        ("2026-08-10T09:00", "1 giờ", "2026-08-10T10:00"),
        ("2026-08-10T09:00:01", "1 giờ", "2026-08-10T10:15"),
        ("2026-08-10T09:14:59", "1 giờ", "2026-08-10T10:15"),
        ("2026-08-10T09:15", "1 giờ", "2026-08-10T10:15"),
        ("2026-08-10T09:16", "1 giờ", "2026-08-10T10:30"),
        ("2026-08-10T10:29", "1 giờ", "2026-08-10T11:30"),
        ("2026-08-10T16:50", "9 phút", "2026-08-10T17:00"),
    ],
)
def test_a_rule_that_rounds_goes_up_to_the_next_quarter_within_the_session(received, limit, wanted):
    rule = replace(HOURS, rounding_minutes=15)
    assert due(received, limit, policy=DeadlinePolicy(hours=(rule,))) == at(wanted)


def test_rounding_goes_by_the_local_clock():
    rule = DeadlinePolicy(hours=(replace(HOURS, rounding_minutes=90),))
    assert due("2026-08-10T08:10", "1 giờ", policy=rule) == at("2026-08-10T10:30")  # seven times 90 minutes


def test_rounding_never_leaves_the_session():
    rule = DeadlinePolicy(hours=(replace(HOURS, rounding_minutes=60),))
    assert due("2026-08-10T10:20", "1 giờ", policy=rule) == at("2026-08-10T11:30")  # 12:00 is not worked
    assert due("2026-08-10T10:30", "1 giờ", policy=rule) == at("2026-08-10T11:30")


@pytest.mark.parametrize(
    ("what", "changes", "received", "wanted"),
    [
        ("the day of reception counts", {"count_receiving_day": True}, "2026-08-10T09:00", "2026-08-10T17:00"),
        ("up to its very end", {"count_receiving_day": True}, "2026-08-10T17:00", "2026-08-10T17:00"),
        ("after it the next one does", {"count_receiving_day": True}, "2026-08-10T17:00:01", "2026-08-11T17:00"),
        ("on a day off the next one does", {"count_receiving_day": True}, "2026-08-15T09:00", "2026-08-17T17:00"),
        ("at the time of reception", {"due_time": DueTime.KEEP}, "2026-08-10T09:20:30", "2026-08-11T09:20:30"),
        ("at a fixed time", {"due_time": DueTime.CLOSING, "closings": (690, 1050)}, "2026-08-10T09:20", "2026-08-11T17:30"),
    ],
)  # fmt: skip
def test_a_limit_of_one_working_day_by_the_parameters_of_a_rule(what, changes, received, wanted):
    policy = DeadlinePolicy(civil=(replace(CIVIL, **changes),))
    assert due(received, "1 ngày làm việc", policy=policy) == at(wanted), what


HALF_DAYS = replace(CIVIL, family=RuleFamily.HALF_DAYS, due_time=DueTime.HALF_DAY_END, closings=(690, 960))


@pytest.mark.parametrize(
    ("received", "limit", "wanted"),
    [
        ("2026-08-10T09:00", "0,5 ngày làm việc", "2026-08-10T16:00"),
        ("2026-08-10T11:30", "0,5 ngày làm việc", "2026-08-10T16:00"),
        ("2026-08-10T11:30:01", "0,5 ngày làm việc", "2026-08-11T11:30"),
        ("2026-08-10T16:00", "0,5 ngày làm việc", "2026-08-11T11:30"),
        ("2026-08-10T16:00:01", "0,5 ngày làm việc", "2026-08-11T16:00"),
        ("2026-08-10T00:00", "1 ngày làm việc", "2026-08-11T11:30"),
        ("2026-08-15T09:00", "1 ngày làm việc", "2026-08-18T11:30"),
    ],
)
def test_half_days_are_counted_from_the_one_after_that_of_reception(received, limit, wanted):
    assert due(received, limit, policy=DeadlinePolicy(asked=(HALF_DAYS,))) == at(wanted)


@pytest.mark.parametrize(
    ("stop", "wanted"),
    [
        (("2026-08-11T08:00", "2026-08-12T08:00"), "2026-08-12T11:30"),
        (("2026-08-11T08:00", "2026-08-11T16:00"), "2026-08-11T11:30"),
        (("2026-08-10T09:30", "2026-08-11T09:00"), "2026-08-11T16:00"),
        (("2026-08-07T08:00", "2026-08-12T08:00"), "2026-08-12T16:00"),
    ],
)
def test_half_days_of_a_frozen_date_are_passed_over(stop, wanted):
    assert due("2026-08-10T09:00", "1 ngày làm việc", stop, policy=DeadlinePolicy(asked=(HALF_DAYS,))) == at(
        wanted
    )


def test_two_half_days_are_a_standard_working_day():
    for text, minutes in (("0,5 ngày làm việc", 240), ("2 ngày làm việc", 960)):
        whole = count_of(parse_limit(text), HALF_DAYS, B).whole_minutes(0)
        assert (whole, type(whole)) == (minutes, int)


def test_beyond_the_last_half_day_is_refused():
    policy = DeadlinePolicy(asked=(HALF_DAYS,))
    assert due("2027-12-31T09:00", "0,5 ngày làm việc", policy=policy) == at("2027-12-31T16:00")
    for received, limit in (
        ("2027-12-31T09:00", "1 ngày làm việc"),
        ("2028-01-01T09:00", "0,5 ngày làm việc"),
    ):
        with pytest.raises(CalendarError):
            due(received, limit, policy=policy)


def test_a_half_day_is_found_by_its_place_on_the_date():
    count = count_of(parse_limit("0,5 ngày làm việc"), HALF_DAYS, B)
    noon = int(at("2026-08-11T12:00").timestamp())
    found = [
        count.ends[n] for n in (count.first_of_date(noon), count.place(noon), count.first_after_date(noon))
    ]
    assert found == [int(at(f"2026-08-{text}").timestamp()) for text in ("11T11:30", "11T16:00", "12T11:30")]


SMALL = CalendarDefinition(
    key="NHO",
    version="1",
    first=date(2026, 8, 10),
    last=date(2026, 12, 31),
    weekdays=dict.fromkeys(range(5), ((420, 690), (810, 1020))),
    off=(),
    make_up=(),
)
COUNTED_AND_KEPT = replace(CIVIL, count_receiving_day=True, due_time=DueTime.KEEP)


def test_the_receiving_day_that_keeps_the_time_is_day_one_even_after_closing():
    count = count_of(parse_limit("1 ngày làm việc"), COUNTED_AND_KEPT, B)
    for text in ("2026-08-10T09:00", "2026-08-10T18:00"):
        received = int(at(text).timestamp())
        assert count.due(received, ()) == received


@pytest.mark.parametrize(("first", "refused"), [("2026-08-10", True), ("2026-08-09", False)])
def test_a_receiving_day_that_is_counted_needs_a_date_before_it_in_the_calendar(first, refused):
    calendar = WorkingCalendar(replace(SMALL, first=date.fromisoformat(first)))
    count = count_of(parse_limit("1 ngày làm việc"), COUNTED_AND_KEPT, calendar)
    received = int(at("2026-08-10T09:00").timestamp())
    if refused:
        with pytest.raises(CalendarError):
            count.due(received, ())
    else:
        assert count.due(received, ()) == received


def test_a_receiving_day_that_is_counted_may_be_the_last_of_the_calendar():
    calendar = WorkingCalendar(replace(SMALL, first=date(2026, 8, 3), last=date(2026, 8, 10)))
    received = int(at("2026-08-10T09:00").timestamp())
    count = count_of(parse_limit("1 ngày làm việc"), COUNTED_AND_KEPT, calendar)
    assert count.due(received, ()) == received
