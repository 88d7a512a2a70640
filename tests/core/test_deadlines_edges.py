"""Deadlines: an answer already given for a date, and the first steps of another reception on it."""

from datetime import datetime

import pytest

from tracker.calendar_data import load_calendar
from tracker.config_data import load_regimes
from tracker.timekeeping.deadlines import evaluate
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.rules import DeadlinePolicy
from tracker.types import VN

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
