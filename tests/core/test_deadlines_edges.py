"""Deadlines: an answer already given for a date asked again, and what is left while the clock stands."""

from datetime import UTC, datetime

import pytest

from tracker.calendar_data import load_calendar
from tracker.config_data import load_regimes
from tracker.timekeeping.deadlines import due_only, evaluate, plain_due_epoch
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.rules import DeadlinePolicy
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
