"""Which runs of jobs are due: by time, day, what was asked for, and what was missed."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import ConfigurationError
from tracker.timekeeping.schedule import (
    MOST_DAYS_BACK,
    CatchUp,
    Cause,
    DueRun,
    JobTime,
    due_runs,
    latest_day,
    next_moment,
    with_times,
)
from tracker.types import VN

SINCE = datetime(2026, 11, 20, 10, 0, tzinfo=VN)
SEAL = JobTime("seal", time(23, 30), catch_up=CatchUp.EACH)
CHECK = JobTime("check", time(7, 0))
ALARM = JobTime("alarm", time(7, 0), catch_up=CatchUp.NONE)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def due(job: JobTime, now: str, *asked: str, since: datetime = SINCE) -> list[str]:
    """The days asked for, as "20" or, caught up, "20+"."""
    days = {(job.name, date.fromisoformat(f"2026-{day}")) for day in asked}
    runs = due_runs([job], known_since={job.name: since}, asked=days, now=moment(now))
    return [f"{run.day:%m-%d}" + ("+" if run.cause is Cause.CATCH_UP else "") for run in runs]


CASES = {
    "a second before its time nothing is due": (CHECK, "2026-11-21 06:59:59", ["11-20"], []),
    "at its time the run of the day is due": (CHECK, "2026-11-21 07:00:00", ["11-20"], ["11-21"]),
    "ten minutes later it is still on time": (CHECK, "2026-11-21 07:10:00", ["11-20"], ["11-21"]),
    "a second more and it is caught up": (CHECK, "2026-11-21 07:10:01", ["11-20"], ["11-21+"]),
    "what was asked for is not asked for again": (CHECK, "2026-11-21 07:00:00", ["11-20", "11-21"], []),
    "of several missed days the latest is caught up once": (CHECK, "2026-11-25 06:00:00", ["11-20"], ["11-24+"]),
    "after that nothing more": (CHECK, "2026-11-25 06:00:00", ["11-20", "11-24"], []),
    "a job whose every day counts gets each missed day": (SEAL, "2026-11-23 09:00:00", ["11-20"], ["11-21+", "11-22+"]),
    "also one in the middle that is missing": (SEAL, "2026-11-23 09:00:00", ["11-20", "11-22"], ["11-21+"]),
    "a job that is of no use too late is left out": (ALARM, "2026-11-21 07:10:01", [], []),
    "and asked for on time": (ALARM, "2026-11-21 07:10:00", [], ["11-21"]),
    "before the day of installation nothing was missed": (SEAL, "2026-11-20 11:00:00", [], []),
    "the day of installation itself counts": (SEAL, "2026-11-21 11:00:00", [], ["11-20+"]),
    "also for a time before the moment of installation": (CHECK, "2026-11-20 11:00:00", [], ["11-20+"]),
    "a clock put back asks for nothing": (SEAL, "2026-11-18 23:45:00", [], []),
    "a job that is off is never due": (JobTime("seal", None), "2026-11-21 23:30:00", [], []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_due_runs(name: str):
    job, now, asked, expected = CASES[name]
    assert due(job, now, *asked) == expected


def test_a_job_that_this_installation_does_not_know_yet_is_not_due():
    assert due_runs([CHECK], known_since={}, asked=(), now=SINCE) == ()


def test_a_clock_that_jumps_by_years_asks_for_two_months_at_most():
    assert len(due(SEAL, "2036-11-20 23:30:00")) == MOST_DAYS_BACK


def test_runs_come_by_day_and_within_a_day_in_the_order_of_the_jobs():
    jobs = with_times(
        [JobTime("b", time(5, 0), ("a",), CatchUp.EACH), JobTime("a", time(4, 0), catch_up=CatchUp.EACH)], {}
    )
    since = {"a": SINCE, "b": SINCE}
    runs = due_runs(jobs, known_since=since, asked=(), now=moment("2026-11-21 06:00:00"))
    assert [(run.job, run.day.day) for run in runs] == [("a", 20), ("b", 20), ("a", 21), ("b", 21)]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, {"a": time(4), "b": time(5)}),
        ({"a": "06:30"}, {"a": time(6, 30), "b": time(6, 30)}),  # not before the job that it follows
        ({"a": "off"}, {"a": None, "b": time(5)}),  # one that is off holds up nobody
        ({"b": "off"}, {"a": time(4), "b": None}),
        ({"b": "03:00"}, {"a": time(4), "b": time(4)}),
    ],
)
def test_times_of_the_configuration(told: dict[str, str], expected: dict[str, time | None]):
    jobs = with_times([JobTime("b", time(5), ("a",)), JobTime("a", time(4))], told)
    assert {job.name: job.at for job in jobs} == expected


def test_a_job_that_is_none_is_a_fault_of_the_configuration():
    with pytest.raises(ConfigurationError, match="khong-co"):
        with_times([CHECK], {"khong-co": "07:00"})


def test_jobs_that_wait_for_each_other_are_a_fault_of_the_program():
    with pytest.raises(ValueError, match="circle"):
        with_times([JobTime("a", time(4), ("b",)), JobTime("b", time(4), ("a",))], {})


@pytest.mark.parametrize(
    ("now", "latest", "next_one"),
    [
        ("2026-11-21 06:59:59", "2026-11-20", "2026-11-21 07:00"),
        ("2026-11-21 07:00:00", "2026-11-21", "2026-11-22 07:00"),
    ],
)
def test_the_latest_day_and_the_next_moment(now: str, latest: str, next_one: str):
    assert latest_day(time(7), moment(now)) == date.fromisoformat(latest)
    assert next_moment(time(7), moment(now)) == moment(next_one)


@given(st.lists(st.timedeltas(timedelta(days=-3), timedelta(days=4)), max_size=25))
def test_whatever_the_clock_does_no_run_is_due_twice_and_every_day_that_passed_was(jumps: list[timedelta]):
    """Ticks at moments that jump forward and back, each asking for what is due."""
    asked: set[tuple[str, date]] = set()
    now, latest = SINCE, SINCE
    for jump in jumps:
        now = max(now + jump, SINCE - timedelta(days=5))
        latest = max(latest, now)
        for run in due_runs([SEAL], known_since={"seal": SINCE}, asked=asked, now=now):
            assert (run.job, run.day) not in asked
            asked.add((run.job, run.day))
        assert due_runs([SEAL], known_since={"seal": SINCE}, asked=asked, now=now) == ()
    passed = (latest_day(time(23, 30), latest) - SINCE.date()).days + 1 if jumps else 0
    assert len(asked) == max(passed, 0)
    assert DueRun("seal", SINCE.date() - timedelta(days=1), Cause.CLOCK) not in asked
