"""Runs of jobs in the database: asked for once, by hand as often as wanted, each with its work, in their order."""

from datetime import date, datetime, timedelta

import pytest

from tracker.store import claims, schedule
from tracker.store.schedule import RunRequest, RunRow, ask_run
from tracker.store.session import Store
from tracker.timekeeping.schedule import Cause
from tracker.types import VN
from tracker.types.work import WorkState

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=VN)
DAY = date(2026, 11, 22)


def ask(
    store: Store, job: str, cause: Cause = Cause.CLOCK, day: date = DAY, after: tuple[str, ...] = ()
) -> RunRow:
    with store.transaction() as session:
        return ask_run(session, RunRequest(job, day, cause, "scheduler", after), NOW)


def work_of_kind_job(store: Store) -> list[int]:
    """Claim and finish everything that may begin; the ids in that order."""
    done = []
    while row := claims.claim(store, ["job"], owner="w", now=NOW, lease_seconds=60, max_attempts=3):
        with store.transaction() as session:
            claims.finish_in(session, row, {}, NOW)
        done.append(row.work_id)
    return done


def test_the_run_of_a_day_is_asked_for_once(store: Store):
    first, again = ask(store, "seal"), ask(store, "seal", Cause.CATCH_UP)
    assert again == first
    assert (first.seq, first.cause, first.work.key) == (1, Cause.CLOCK, "job:seal:2026-11-22:1")
    assert first.work.params == {"job": "seal", "day": "2026-11-22"}


def test_a_run_by_hand_has_a_number_of_its_own_and_never_takes_the_place_of_the_days_run(store: Store):
    by_hand = [ask(store, "seal", Cause.BY_HAND) for _ in range(2)]
    assert [run.seq for run in by_hand] == [2, 3]
    with store.read() as session:
        assert schedule.asked_since(session, DAY) == frozenset()
    assert ask(store, "seal").seq == 1
    with store.read() as session:
        assert schedule.asked_since(session, DAY) == {("seal", DAY)}


def test_a_run_waits_for_the_run_of_the_same_day_that_it_follows(store: Store):
    first = ask(store, "a")
    second = ask(store, "b", after=("a", "off"))
    other_day = ask(store, "b", day=DAY - timedelta(days=1), after=("a",))
    with store.transaction() as session:
        schedule.work.request_cancel(session, first.work.work_id, NOW)
    assert work_of_kind_job(store) == [other_day.work.work_id]
    with store.transaction() as session:
        schedule.work.retry(session, first.work.work_id, NOW)
    assert work_of_kind_job(store) == [first.work.work_id, second.work.work_id]


def test_a_job_is_known_since_it_was_first_seen(store: Store):
    later = NOW + timedelta(days=3)
    with store.transaction() as session:
        schedule.known_jobs(session, ["a"], NOW)
        assert schedule.known_jobs(session, ["a", "b"], later) == {"a": NOW, "b": later}
    with store.read() as session:
        assert schedule.jobs_known(session) == {"a": NOW, "b": later}


def test_the_history_is_newest_first_by_pages_and_by_job(store: Store):
    runs = [ask(store, job, day=DAY - timedelta(days=back)) for back in (2, 1, 0) for job in ("a", "b")]
    work_of_kind_job(store)
    with store.read() as session:
        found = schedule.history(session, limit=4)
        rest = schedule.history(session, before=found[-1].run_id)
        only = schedule.history(session, "b")
        last = schedule.last_runs(session, ["a", "b", "c"])
        done = schedule.done_since(session, DAY - timedelta(days=1))
    assert [run.run_id for run in [*found, *rest]] == [run.run_id for run in runs][::-1]
    assert {run.job for run in only} == {"b"}
    assert {job: run.day for job, run in last.items()} == {"a": DAY, "b": DAY}
    assert found[0].work.state is WorkState.DONE
    assert done == {(job, DAY - timedelta(days=back)) for job in "ab" for back in (0, 1)}


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_kept(store: Store, cause: Cause):
    assert ask(store, "seal", cause).cause is cause


# ---------------------------------------------------------------- a run again, and clocks that are put back


def test_what_waits_for_a_run_that_came_to_nothing_waits_for_the_run_by_hand_instead(store: Store):
    first, second = ask(store, "a"), ask(store, "b", after=("a",))
    with store.transaction() as session:
        schedule.work.request_cancel(session, first.work.work_id, NOW)
    again = ask(store, "a", Cause.BY_HAND)
    assert work_of_kind_job(store) == [again.work.work_id, second.work.work_id]


def test_a_run_by_hand_takes_no_place_of_one_that_is_still_to_be_done(store: Store):
    first, second = ask(store, "a"), ask(store, "b", after=("a",))
    again = ask(store, "a", Cause.BY_HAND)
    assert work_of_kind_job(store) == [run.work.work_id for run in (first, second, again)]


def test_a_job_known_by_a_clock_that_was_ahead_is_known_from_now_on(store: Store):
    with store.transaction() as session:
        schedule.known_jobs(session, ["a"], NOW + timedelta(days=3650))
        assert schedule.known_jobs(session, ["a"], NOW) == {"a": NOW}


def test_a_run_of_a_clock_that_was_ahead_leaves_the_place_of_its_day_free(store: Store):
    early = ask(store, "seal", day=DAY + timedelta(days=1))
    with store.transaction() as session:
        schedule.make_room(session, NOW - timedelta(days=1))
        assert schedule.asked_since(session, DAY) == frozenset()
    again = ask(store, "seal", day=DAY + timedelta(days=1))
    assert (again.seq, again.work.key) == (1, "job:seal:2026-11-23:1")
    assert again.work.work_id != early.work.work_id


@pytest.mark.parametrize(
    ("asked", "day"),
    [(timedelta(), DAY), (timedelta(hours=5), DAY), (timedelta(minutes=1), DAY + timedelta(days=1))],
    ids=["its day has come", "by a clock that was put back within its day", "clocks are a little apart"],
)
def test_a_run_whose_day_has_come_keeps_its_place(store: Store, asked: timedelta, day: date):
    with store.transaction() as session:
        ask_run(session, RunRequest("seal", day, Cause.CLOCK, "scheduler"), NOW + asked)
        schedule.make_room(session, NOW)
        assert schedule.asked_since(session, DAY) == {("seal", day)}
