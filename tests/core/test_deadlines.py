"""Deadlines: dates and months, refusals, cut-off and the proof; the numbered cases stand in test_worked_cases."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from tracker.calendar_data import load_calendar
from tracker.config_data import load_policy
from tracker.errors import CalendarError, UsageError
from tracker.timekeeping.deadlines import due_only, evaluate, plain_due_epoch
from tracker.timekeeping.limits import parse_limit
from tracker.types import VN, LimitUnit, NoLimit, Suspension, SuspensionKind

B = load_calendar("B")
BY_UNIT = load_policy()
LATER = datetime(2026, 12, 1, tzinfo=VN)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def pause(start, end, kind=SuspensionKind.PAUSE):
    return Suspension(at(start), at(end) if end else None, kind)


def supplement(start, end):
    return pause(start, end, SuspensionKind.SUPPLEMENT)


def deadline(received, limit, *suspensions, calendar=B, policy=BY_UNIT, restarts=(), as_of=LATER):
    return evaluate(
        at(received),
        parse_limit(limit),
        calendar,
        suspensions=suspensions,
        restarts=[at(moment) for moment in restarts],
        policy=policy,
        as_of=as_of,
    )


@pytest.mark.parametrize(
    ("received", "limit", "due"),
    [
        ("2026-08-10T09:00", "1 ngày làm việc", "2026-08-11T17:00"),
        ("2026-08-10T15:30", "1 ngày làm việc", "2026-08-11T17:00"),
        ("2026-08-15T09:00", "5 ngày làm việc", "2026-08-21T17:00"),
        ("2026-08-21T10:00", "1 ngày làm việc", "2026-08-22T17:00"),
        ("2026-08-28T10:00", "5 ngày làm việc", "2026-09-09T17:00"),
        ("2026-01-31T10:00", "1 tháng", "2026-03-02T17:00"),
        ("2026-06-30T10:00", "1 tháng", "2026-07-30T17:00"),
        ("2026-06-30T10:00", "13 tháng", "2027-07-30T17:00"),
        ("2026-12-30T10:00", "2 tháng", "2027-03-01T17:00"),
    ],
)
def test_civil_leaves_out_the_reception_date_and_ends_with_the_last_session(received, limit, due):
    answer = deadline(received, limit)
    assert answer.due_at == at(due)
    assert answer.rule == "civil"


@pytest.mark.parametrize("rule", [None, "civil", "hours"])
@pytest.mark.parametrize("limit", ["0 ngày làm việc", "0 giờ", "0 ngày", "0 tháng"])
def test_a_limit_of_0_is_due_at_reception_and_flagged(rule, limit):
    answer = deadline("2026-08-15T09:00", limit, policy=load_policy(rule))
    assert answer.due_at == at("2026-08-15T09:00")
    assert answer.flags == ("LIMIT_ZERO",)


@pytest.mark.parametrize(
    ("rule", "limit"),
    [
        ("civil", "4 giờ"),
        ("civil", "30 phút"),
        ("civil", "0,5 ngày"),
        ("hours", "15 ngày"),
        ("hours", "1 tháng"),
    ],
)
def test_a_rule_refuses_limits_it_cannot_count(rule, limit):
    with pytest.raises(UsageError):
        deadline("2026-08-10T09:00", limit, policy=load_policy(rule))


def test_a_rule_nobody_declared_is_refused():
    with pytest.raises(UsageError):
        load_policy("bkav9")


@pytest.mark.parametrize(
    "limit", ["15 ngày làm việc", "15 ngày", "3000 tháng", "999999999 ngày", "9999999 giờ"]
)
def test_outside_the_calendar_no_due_date_is_guessed(limit):
    with pytest.raises(CalendarError):
        deadline("2027-12-30T09:00", limit)
    assert plain_due_epoch(int(at("2027-12-30T09:00").timestamp()), parse_limit(limit), B) is None


def test_without_a_computable_limit_there_is_no_due_date_but_a_reason():
    answer = deadline("2026-08-10T09:00", "Không quy định")
    assert (answer.due_at, answer.reason) == (None, "LIMIT_NOT_SET")
    assert [step.rule for step in answer.steps] == ["no_limit"]
    assert due_only(at("2026-08-10T09:00"), NoLimit("X", ""), B, policy=BY_UNIT, as_of=LATER) is None


def test_a_due_date_in_a_provisional_year_says_so():
    assert deadline("2026-12-20T09:00", "20 ngày làm việc").flags == ("CALENDAR_PROVISIONAL",)


def test_a_cut_off_moves_a_later_reception_to_the_next_working_day():
    policy = replace(BY_UNIT, civil=(replace(BY_UNIT.civil[0], cutoff=15 * 60),))

    def due_on(received):
        return deadline(received, "1 ngày làm việc", policy=policy).due_at

    assert due_on("2026-08-10T15:00") == at("2026-08-11T17:00")
    assert due_on("2026-08-10T15:00:01") == at("2026-08-12T17:00")
    assert due_on("2026-08-15T16:00") == at("2026-08-17T17:00")


def test_land_days_are_working_days_where_the_procedure_says_so():
    limit = parse_limit("15 ngày", day_kind=LimitUnit.WORKDAY)
    answer = evaluate(at("2026-08-10T09:00"), limit, B, policy=BY_UNIT, as_of=LATER)
    assert answer.due_at == at("2026-08-28T17:00")


def test_the_proof_tells_every_date_with_its_source():
    answer = deadline("2026-08-20T09:00", "9 ngày làm việc")
    told = [(step.at.date(), step.rule) for step in answer.steps[2:-1]]
    assert [day for day, _ in told] == [
        date.fromordinal(date(2026, 8, 21).toordinal() + n) for n in range(15)
    ]
    assert dict(told)[date(2026, 8, 22)] == "make_up"
    assert dict(told)[date(2026, 8, 23)] == "weekend"
    assert dict(told)[date(2026, 9, 1)] == "holiday"
    assert sum(rule in ("counted", "make_up") for _, rule in told) == 9
    assert all(step.source and step.text for step in answer.steps)
    assert answer.steps[-1].due_at == answer.due_at == at("2026-09-04T17:00")


def test_the_proof_tells_rolling_suspension_restart_and_what_came_too_late():
    rolled = deadline("2026-08-28T10:00", "3 ngày")
    assert [step.rule for step in rolled.steps[-3:]] == ["holiday", "rolled", "due"]
    restarted = deadline(
        "2024-08-12T09:00", "5 ngày làm việc", supplement("2024-08-14T16:00", "2024-08-19T08:00")
    )
    rules = [step.rule for step in restarted.steps]
    assert rules.index("suspension") < rules.index("restarted")
    assert rules[rules.index("restarted") :].count("counted") == 5
    late = deadline("2026-08-10T09:00", "2 ngày làm việc", pause("2026-08-20T09:00", "2026-08-21T09:00"))
    assert "ignored" in [step.rule for step in late.steps]


def test_the_proof_of_an_hours_limit_adds_up():
    answer = deadline("2026-08-14T16:00", "12 giờ", pause("2026-08-17T09:00", "2026-08-17T10:00"))
    worked = [step.text for step in answer.steps if step.rule == "worked"]
    assert worked[0].startswith("Thứ Sáu 14/08/2026: tính 60 phút")
    assert worked[-1].endswith("720/720 phút.")
    assert answer.due_at == at("2026-08-18T11:00")
