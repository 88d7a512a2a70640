"""Deadlines: an answer already given for a date asked again, and what is left while the clock stands."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tracker.calendar_data import load_calendar
from tracker.config_data import load_regimes
from tracker.timekeeping.dated import NotInForceError
from tracker.timekeeping.deadlines import due_only, evaluate, plain_due_epoch
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.rules import CIVIL, HOURS, DeadlinePolicy
from tracker.types import VN, Suspension, SuspensionKind

B = load_calendar("B")
LATER = datetime(2026, 12, 1, tzinfo=VN)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def steps(received, limit, policy):
    return evaluate(at(received), parse_limit(limit), B, policy=policy, as_of=LATER).steps


@pytest.mark.parametrize("limit", ["1 ngày làm việc", "1 ngày"])
@pytest.mark.parametrize(("regimes", "first"), [((), ["received"]), (load_regimes(), ["received", "regime"])])
def test_another_reception_on_a_date_differs_in_its_first_steps_only(limit, regimes, first):
    policy = DeadlinePolicy(regimes=tuple(regimes))
    morning, evening = (steps(f"2026-08-10T{hour}:00", limit, policy) for hour in ("08", "19"))
    assert [step.rule for step in morning] == [*first, "counted", "due"]
    assert [step.rule for step in evening] == [step.rule for step in morning]
    assert {step.at for step in morning[: len(first)]} == {at("2026-08-10T08:00")}
    assert {step.at for step in evening[: len(first)]} == {at("2026-08-10T19:00")}
    assert evening[len(first) :] == morning[len(first) :]


@pytest.mark.parametrize(
    ("limit", "received", "due"),
    [
        ("4 giờ", "2026-08-10T07:30", "2026-08-10T11:30"),
        ("4 giờ", "2026-08-10T08:30", "2026-08-10T14:30"),
        ("1 ngày làm việc", "2026-08-10T08:30", "2026-08-11T17:00"),
        ("1 ngày làm việc", "2026-08-11T00:00", "2026-08-12T17:00"),
    ],
)
def test_two_receptions_on_one_date_have_each_its_own_due_instant(limit, received, due):
    parsed, policy = parse_limit(limit), DeadlinePolicy()
    for first in ("2026-08-10T07:00", "2026-08-11T07:00", received):
        for moment in (at(first), at(first).astimezone(UTC)):
            answer = due_only(moment, parsed, B, policy=policy, as_of=LATER)
    assert answer == at(due)
    assert answer.tzinfo is VN
    assert plain_due_epoch(int(at(received).timestamp()), parsed, B) == int(at(due).timestamp())


@pytest.mark.parametrize(
    ("what", "start", "restarts", "left"),
    [
        ("paused as it was received", "2026-08-10T09:00", [], 5 * 480 + 360),
        ("paused a day later", "2026-08-11T09:00", [], 4 * 480 + 360),
        ("begun anew during the pause", "2026-08-11T09:00", ["2026-08-12T09:00"], 5 * 480),
        ("begun anew before the pause", "2026-08-12T09:00", ["2026-08-11T09:00"], 4 * 480 + 360),
        ("begun anew as it paused", "2026-08-11T09:00", ["2026-08-11T09:00"], 5 * 480 + 360),
    ],
)
def test_while_the_clock_stands_what_was_left_is_told_or_the_whole_limit_if_it_began_anew_since(
    what, start, restarts, left
):
    answer = evaluate(
        at("2026-08-10T09:00"),
        parse_limit("5 ngày làm việc"),
        B,
        suspensions=[Suspension(at(start), None, SuspensionKind.PAUSE)],
        restarts=[at(moment) for moment in restarts],
        policy=DeadlinePolicy(),
        as_of=at("2026-08-13T09:00"),
    )
    assert answer.frozen_minutes == left, what


def test_a_limit_of_0_is_due_at_reception_told_in_the_zone_of_the_office():
    received = at("2026-08-10T09:00")
    answer = due_only(received.astimezone(UTC), parse_limit("0 giờ"), B, policy=DeadlinePolicy(), as_of=LATER)
    assert (answer, answer.tzinfo) == (received, VN)


HALF_HOURS = DeadlinePolicy(hours=(replace(HOURS, rounding_minutes=30),))


@pytest.mark.parametrize(
    ("what", "policy", "pause", "restarts", "due"),
    [
        ("begun anew after a pause", DeadlinePolicy(), ("07:20", "07:40"), ["08:00"], "09:00"),
        ("begun anew within a pause", DeadlinePolicy(), ("08:00", "10:30"), ["10:00"], "11:30"),
        ("a pause of no length", DeadlinePolicy(), ("08:00", "08:00"), [], "08:10"),
        ("a pause a second before the limit is used up", HALF_HOURS, ("08:09:59", "08:50"), [], "09:00"),
        (
            "a pause when it is used up, before what it is rounded to",
            HALF_HOURS,
            ("08:10", "08:50"),
            [],
            "08:30",
        ),
    ],
)
def test_an_hour_is_an_hour_of_work_since_it_began_at_last(what, policy, pause, restarts, due):
    answer = evaluate(
        at("2026-08-10T07:10"),
        parse_limit("1 giờ"),
        B,
        suspensions=[Suspension(*(at(f"2026-08-10T{time}") for time in pause), SuspensionKind.PAUSE)],
        restarts=[at(f"2026-08-10T{time}") for time in restarts],
        policy=policy,
        as_of=LATER,
    )
    assert answer.due_at == at(f"2026-08-10T{due}"), what


@pytest.mark.parametrize(
    ("limit", "rule", "flags", "reason"),
    [
        ("0 giờ", "hours", ("LIMIT_ZERO",), None),
        ("0 ngày làm việc", "civil", ("LIMIT_ZERO",), None),
        ("1 giờ", "hours", (), None),
        ("1 ngày làm việc", "civil", (), None),
        ("Không quy định", "civil", (), "LIMIT_NOT_SET"),
    ],
)
def test_every_answer_names_its_rule_its_calendar_and_its_steps(limit, rule, flags, reason):
    for hour in ("09:00", "10:00"):
        received = at(f"2026-08-10T{hour}").astimezone(UTC)
        answer = evaluate(received, parse_limit(limit), B, policy=DeadlinePolicy(), as_of=LATER)
        assert (answer.rule, answer.flags, answer.reason) == (rule, flags, reason)
        assert answer.calendar_version == B.version
        assert answer.steps
        assert answer.due_at is None or answer.due_at.tzinfo is VN


@pytest.mark.parametrize("limit", ["1 giờ", "1 ngày làm việc"])
def test_a_reception_before_the_first_edition_is_refused_with_the_rule_and_the_day(limit):
    turn = date(2026, 8, 11)
    policy = DeadlinePolicy(
        civil=(replace(CIVIL, valid_from=turn),), hours=(replace(HOURS, valid_from=turn),)
    )
    rule = policy.key_for(parse_limit(limit))
    with pytest.raises(NotInForceError) as refused:
        steps("2026-08-10T23:59", limit, policy)
    assert str(refused.value) == (
        f"quy tắc {rule} không có dòng nào áp dụng cho hồ sơ tiếp nhận ngày 10/08/2026"
    )


def test_every_pause_that_came_too_late_stands_in_the_proof():
    pauses = [
        Suspension(at(f"2026-08-{day}T09:00"), at(f"2026-08-{day}T10:00"), SuspensionKind.PAUSE)
        for day in (13, 14)
    ]
    answer = evaluate(
        at("2026-08-10T09:00"),
        parse_limit("1 ngày làm việc"),
        B,
        suspensions=pauses,
        policy=DeadlinePolicy(),
        as_of=LATER,
    )
    assert [step.rule for step in answer.steps].count("ignored") == 2
