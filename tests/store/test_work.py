"""Long work in the table: claimed once, fenced by the attempt, retried, given up, taken from those who are heard of no more."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import event

from tracker.errors import UsageError
from tracker.store import claims, work
from tracker.store.claims import LeaseLost
from tracker.store.session import Store
from tracker.types import VN
from tracker.types.work import Outcome, Progress, WorkFault, WorkRequest, WorkRow, WorkState

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
LEASE = 60
TRIES = 3
BROKEN = WorkFault("Máy chủ bận.", "FAILED", final=False)
HOPELESS = WorkFault("Không có tệp.", "FILE_UNUSABLE", final=True)
FULL = WorkFault("Đĩa đã đầy.", "DISK_FULL", False)


def later(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def ask(store: Store, key: str = "k", kind: str = "toy", now: datetime = NOW, **given: Any) -> int:
    with store.transaction() as session:
        return work.ask(session, WorkRequest(kind, key, given.pop("params", {}), "an", **given), now)


def claim(
    store: Store, owner: str = "w1", now: datetime = NOW, kinds: tuple[str, ...] = ("toy",)
) -> WorkRow | None:
    return claims.claim(store, kinds, owner=owner, now=now, lease_seconds=LEASE, max_attempts=TRIES)


def taken(store: Store, owner: str = "w1", now: datetime = NOW) -> WorkRow:
    row = claim(store, owner, now)
    assert row is not None
    return row


def found(store: Store, work_id: int = 1) -> WorkRow:
    with store.read() as session:
        row = work.find_work(session, work_id)
    assert row is not None
    return row


def finish(store: Store, row: WorkRow, result: Mapping[str, Any] | None = None) -> None:
    with store.transaction() as session:
        claims.finish_in(session, row, result or {}, NOW)


def fail(store: Store, row: WorkRow, fault: WorkFault = BROKEN, now: datetime = NOW) -> WorkState:
    return claims.fail(store, row, fault, now=now, retry_seconds=30)


def outcomes(store: Store, work_id: int = 1) -> list[Outcome]:
    with store.read() as session:
        return [attempt.outcome for attempt in work.attempts_of(session, work_id)]


def cancel_asked(store: Store, work_id: int = 1, now: datetime = NOW) -> WorkState:
    with store.transaction() as session:
        return work.request_cancel(session, work_id, now)


def retried(store: Store, work_id: int = 1, now: datetime = NOW) -> None:
    with store.transaction() as session:
        work.retry(session, work_id, now)


# ---------------------------------------------------------------- asking and claiming


def test_work_asked_for_twice_with_one_key_is_there_once(store: Store):
    assert ask(store, "a", params={"day": "2026-08-24"}) == ask(store, "a", params={"day": "2026-08-25"}) == 1
    assert ask(store, "b") == 2
    assert found(store).params == {"day": "2026-08-24"}


def test_claimed_work_is_running_and_nobody_elses(store: Store):
    ask(store)
    row = taken(store)
    assert (row.state, row.owner, row.attempts, row.max_attempts) == (WorkState.RUNNING, "w1", 1, TRIES)
    assert row.lease_until == later(LEASE)
    assert claim(store, "w2") is None


def test_there_is_nothing_to_claim_where_nothing_was_asked_for(store: Store):
    assert claim(store) is None


@pytest.mark.parametrize(
    ("given", "now", "is_claimed"),
    [
        ({"not_before": later(60)}, later(59), False),
        ({"not_before": later(60)}, later(60), True),
        ({"kind": "other"}, NOW, False),
    ],
)
def test_work_is_begun_when_its_time_has_come_by_a_worker_that_knows_its_kind(
    store: Store, given: dict[str, Any], now: datetime, is_claimed: bool
):
    ask(store, **given)
    assert (claim(store, now=now) is not None) is is_claimed


def test_the_more_urgent_goes_first_and_among_equals_the_earlier(store: Store):
    for key, priority in (("slow", 5), ("first", 1), ("second", 1), ("urgent", 0)):
        ask(store, key, priority=priority)
    assert [taken(store).key for _ in range(4)] == ["urgent", "first", "second", "slow"]


def test_work_waits_until_all_that_it_comes_after_is_done(store: Store):
    first, second = ask(store, "first"), ask(store, "second")
    third = ask(store, "third", after=(first, second), priority=0)
    one, two = taken(store), taken(store)
    assert claim(store) is None
    finish(store, one)
    assert claim(store) is None
    with store.read() as session:
        assert [row.work_id for row in work.waits_for(session, third)] == [second]
    finish(store, two)
    assert taken(store).work_id == third


@pytest.mark.parametrize("end", [cancel_asked, lambda store: fail(store, taken(store), HOPELESS)])
def test_work_does_not_begin_after_work_that_was_not_done(store: Store, end: Callable[[Store], object]):
    first = ask(store, "first")
    ask(store, "second", after=(first,))
    end(store)
    assert claim(store, now=later(100_000)) is None


def test_many_who_claim_at_once_get_each_piece_once(store: Store):
    for number in range(24):
        ask(store, f"k{number}")
    together = Barrier(6)

    def worker(name: int) -> list[int]:
        together.wait()
        rows = iter(lambda: claim(store, f"w{name}"), None)
        return [row.work_id for row in rows if row]

    with ThreadPoolExecutor(6) as threads:
        got = [work_id for ids in threads.map(worker, range(6)) for work_id in ids]
    assert sorted(got) == list(range(1, 25))


def test_many_who_ask_at_once_for_the_same_get_the_same_work(store: Store):
    together = Barrier(6)

    def asker(number: int) -> int:
        together.wait()
        return ask(store, f"k{number % 2}")

    with ThreadPoolExecutor(6) as threads:
        got = list(threads.map(asker, range(6)))
    assert {got[0], got[1]} == {1, 2}
    assert got == [got[0], got[1]] * 3


@pytest.mark.postgresql_only("a file lets in one writer at a time")
def test_who_asks_in_between_waits_and_gets_a_number_of_its_own_or_the_same_work(store: Store):
    got: list[int] = []
    rivals = [Thread(target=lambda key=key: got.append(ask(store, key))) for key in ("mine", "theirs")]

    def meanwhile(*_: object) -> None:
        for rival in rivals:
            if rival.ident is None:
                rival.start()
                rival.join(1)  # one that does not wait for us is through by then

    with store.transaction() as session:
        event.listen(session, "before_flush", meanwhile)
        mine = work.ask(session, WorkRequest("toy", "mine", {}, "an"), NOW)
    for rival in rivals:
        rival.join()
    assert mine in got
    assert sorted({mine, *got}) == [1, 2]


# ---------------------------------------------------------------- the lease and its fence


def test_a_heartbeat_holds_the_lease_and_tells_progress(store: Store):
    ask(store)
    row = taken(store)
    beat = claims.heartbeat(store, row, later(50), LEASE, Progress(3, 9, "3 trong 9 tệp"))
    assert (beat.still_mine, beat.cancel_asked) == (True, False)
    assert found(store).lease_until == later(50 + LEASE)
    assert found(store).progress == Progress(3, 9, "3 trong 9 tệp")
    assert claims.reap(store, now=later(LEASE + 1), lease_seconds=LEASE) == []


def test_work_whose_lease_ran_out_goes_to_another(store: Store):
    ask(store)
    taken(store)
    assert claims.reap(store, now=later(LEASE), lease_seconds=LEASE) == []
    assert claims.reap(store, now=later(LEASE + 1), lease_seconds=LEASE) == [1]
    row = taken(store, "w2", later(LEASE + 1))
    assert (row.owner, row.attempts) == ("w2", 2)
    assert outcomes(store) == [Outcome.LOST, Outcome.RUNNING]


def test_who_was_taken_for_dead_can_neither_finish_nor_report_nor_go_on(store: Store):
    """The zombie: its process was stopped for longer than its lease, and wakes up when another has taken over."""
    ask(store)
    zombie = taken(store)
    claims.reap(store, now=later(LEASE + 1), lease_seconds=LEASE)
    for _state in ("waiting again", "with another"):
        assert not claims.heartbeat(store, zombie, later(70), LEASE).still_mine
        with pytest.raises(LeaseLost):
            finish(store, zombie)
        with pytest.raises(LeaseLost):
            fail(store, zombie)
        with pytest.raises(LeaseLost):
            claims.cancel(store, zombie, now=later(70))
        with pytest.raises(LeaseLost):
            claims.give_back(store, zombie, now=later(70))
        with pytest.raises(LeaseLost), store.transaction() as session:
            claims.checkpoint_in(session, zombie, {"at": 1})
        claim(store, "w2", later(LEASE + 1))
    assert (found(store).state, found(store).attempts, found(store).owner) == (WorkState.RUNNING, 2, "w2")
    assert found(store).checkpoint == {}


def test_the_effect_of_a_zombie_goes_with_its_refused_mark(store: Store):
    ask(store)
    zombie = taken(store)
    claims.reap(store, now=later(LEASE + 1), lease_seconds=LEASE)

    def effect_and_mark() -> None:
        with store.transaction() as session:
            work.ask(session, WorkRequest("toy", "effect", {}, "an"), NOW)
            claims.finish_in(session, zombie, {}, NOW)

    with pytest.raises(LeaseLost):
        effect_and_mark()
    with store.read() as session:
        assert work.find_key(session, "effect") is None


@pytest.mark.postgresql_only("a file lets in one writer at a time")
def test_nobody_takes_the_work_between_the_look_at_it_and_the_mark(store: Store):
    ask(store)
    row, stolen = taken(store), []
    with store.transaction() as session:
        event.listen(
            session,
            "before_flush",
            lambda *_: stolen.extend(claims.reap(store, now=later(LEASE + 1), lease_seconds=LEASE)),
        )
        claims.finish_in(session, row, {}, NOW)
    assert (stolen, found(store).state) == ([], WorkState.DONE)


def test_done_work_keeps_its_result_and_is_not_done_again(store: Store):
    ask(store)
    row = taken(store)
    finish(store, row, {"rows": 12})
    done = found(store)
    assert (done.state, done.result, done.owner, done.ended_at) == (WorkState.DONE, {"rows": 12}, None, NOW)
    assert claim(store, now=later(100_000)) is None
    with pytest.raises(LeaseLost):
        finish(store, row)


def test_the_next_attempt_goes_on_from_the_checkpoint(store: Store):
    ask(store)
    row = taken(store)
    with store.transaction() as session:
        claims.checkpoint_in(session, row, {"files": 2})
    claims.reap(store, now=later(LEASE + 1), lease_seconds=LEASE)
    assert taken(store, "w2", later(LEASE + 1)).checkpoint == {"files": 2}


# ---------------------------------------------------------------- failing


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (20, 3600)]
)
def test_the_wait_doubles_up_to_an_hour_and_neighbours_do_not_come_back_together(
    store: Store, attempts: int, seconds: int
):
    ask(store, max_attempts=30)
    row = taken(store)
    waits = [claims.wait_seconds(_with(row, number, attempts), 30) for number in (15, 16, 17)]
    assert waits == [seconds, seconds + 7, seconds + 14]


def _with(row: WorkRow, work_id: int, attempts: int) -> WorkRow:
    values = {name: getattr(row, name) for name in row.__slots__}
    return WorkRow(**{**values, "work_id": work_id, "attempts": attempts})


def test_failed_work_waits_for_its_time_and_is_dead_after_its_last_attempt(store: Store):
    ask(store)
    now = NOW
    for attempt in range(1, TRIES + 1):
        row = taken(store, now=now)
        state = fail(store, row, now=now)
        assert state is (WorkState.WAITING if attempt < TRIES else WorkState.DEAD)
        assert claim(store, now=now) is None
        now += timedelta(hours=2)
    dead = found(store)
    assert (dead.state, dead.fault, dead.fault_code) == (WorkState.DEAD, "Máy chủ bận.", "FAILED")
    assert outcomes(store) == [Outcome.FAILED] * TRIES
    assert claim(store, now=now) is None


def test_work_that_the_machine_did_not_let_be_done_waits_longer_each_time_and_never_dies(store: Store):
    ask(store)
    now, waits = NOW, []
    for _attempt in range(4 * TRIES):
        row = taken(store, now=now)
        assert claims.put_off(store, row, FULL, now=now, retry_seconds=30) is WorkState.WAITING
        waited = found(store)
        assert (waited.fault, waited.fault_code) == (FULL.told, FULL.code)
        waits.append((waited.not_before - now).total_seconds())
        now = waited.not_before
    assert waits == sorted(waits)
    assert waits[-1] <= claims.LONGEST_WAIT_SECONDS + 30
    assert (
        fail(store, taken(store, now=now), now=now) is WorkState.WAITING
    )  # an attempt of its own counts as ever


def test_what_would_fail_again_is_dead_at_once(store: Store):
    ask(store)
    assert fail(store, taken(store), HOPELESS) is WorkState.DEAD


def test_work_that_kills_its_worker_again_and_again_is_dead_in_the_end(store: Store):
    ask(store)
    for turn in range(TRIES):
        taken(store, f"w{turn}", later(turn * 100))
        claims.reap(store, now=later(turn * 100 + LEASE + 1), lease_seconds=LEASE)
    assert found(store).state is WorkState.DEAD
    assert found(store).fault_code == "LOST"


def test_a_number_of_attempts_of_its_own_goes_before_the_configured_one(store: Store):
    ask(store, max_attempts=1)
    assert fail(store, taken(store)) is WorkState.DEAD


def test_dead_work_is_tried_anew_by_hand_as_often_as_configured(store: Store):
    ask(store, max_attempts=1)
    fail(store, taken(store))
    retried(store, now=later(5))
    assert (found(store).state, found(store).fault) == (WorkState.WAITING, "")
    row = taken(store, now=later(5))
    assert (row.attempts, row.max_attempts) == (2, 1 + TRIES)


@pytest.mark.parametrize("state", ["waiting", "running", "done"])
def test_only_work_that_has_stopped_is_tried_anew(store: Store, state: str):
    ask(store)
    if state != "waiting":
        row = taken(store)
        if state == "done":
            finish(store, row)
    with pytest.raises(UsageError):
        retried(store)


# ---------------------------------------------------------------- giving up, giving back


def test_waiting_work_is_given_up_at_once(store: Store):
    ask(store)
    assert cancel_asked(store) is WorkState.CANCELLED
    assert claim(store) is None


def test_running_work_hears_that_it_is_to_be_given_up(store: Store):
    ask(store)
    row = taken(store)
    assert cancel_asked(store) is WorkState.RUNNING
    assert claims.heartbeat(store, row, NOW, LEASE).cancel_asked
    claims.cancel(store, row, now=NOW)
    assert found(store).state is WorkState.CANCELLED
    assert outcomes(store) == [Outcome.CANCELLED]


def test_work_to_be_given_up_is_not_begun_again_when_its_process_died(store: Store):
    ask(store)
    taken(store)
    cancel_asked(store)
    claims.reap(store, now=later(LEASE + 1), lease_seconds=LEASE)
    assert found(store).state is WorkState.CANCELLED


def test_ended_work_cannot_be_given_up(store: Store):
    ask(store)
    finish(store, taken(store))
    with pytest.raises(UsageError):
        cancel_asked(store)
    with pytest.raises(UsageError):
        cancel_asked(store, work_id=99)


def test_work_that_was_given_back_is_taken_over_at_once_and_loses_no_attempt(store: Store):
    ask(store)
    for turn in range(TRIES + 2):
        claims.give_back(store, taken(store, f"w{turn}"), now=NOW)
    row = taken(store)
    assert (row.attempts, row.max_attempts) == (TRIES + 3, 2 * TRIES + 2)


# ---------------------------------------------------------------- lists


def test_a_person_sees_own_work_and_that_of_the_kinds_that_are_theirs(store: Store):
    for kind, key, asker in (("toy", "a", "an"), ("toy", "b", "binh"), ("job", "c", "binh")):
        with store.transaction() as session:
            work.ask(session, WorkRequest(kind, key, {}, asker), NOW)
    with store.read() as session:

        def keys(**given: Any) -> list[str]:
            return [row.key for row in work.list_work(session, **given)]

        assert keys() == ["c", "b", "a"]
        assert keys(asked_by="an", kinds=()) == ["a"]
        assert keys(asked_by="an", kinds=("job",)) == ["c", "a"]
        assert keys(before=3, limit=1) == ["b"]
        assert keys(states=[WorkState.DONE]) == []
        assert work.count_by_state(session)[WorkState.WAITING] == 3


# ---------------------------------------------------------------- wishes and clocks


@pytest.mark.parametrize(
    "end",
    [
        lambda store, row: fail(store, row),
        lambda store, row: fail(store, row, HOPELESS),
        lambda store, row: claims.give_back(store, row, now=NOW),
        lambda store, row: claims.put_off(store, row, FULL, now=NOW, retry_seconds=30),
    ],
    ids=["failed", "failed for good", "given back", "put off"],
)
def test_a_wish_to_give_up_outlives_the_attempt(store: Store, end: Callable[[Store, WorkRow], object]):
    ask(store)
    row = taken(store)
    assert cancel_asked(store) is WorkState.RUNNING
    end(store, row)
    assert found(store).state is WorkState.CANCELLED
    assert claim(store, now=later(7200)) is None


def test_dead_work_is_put_aside_and_may_still_be_tried_again(store: Store):
    ask(store)
    fail(store, taken(store), HOPELESS)
    assert cancel_asked(store, now=later(60)) is WorkState.CANCELLED
    assert found(store).fault == HOPELESS.told
    retried(store)
    assert found(store).state is WorkState.WAITING


def test_work_that_was_done_in_the_end_has_no_fault_and_its_attempts_keep_theirs(store: Store):
    ask(store)
    fail(store, taken(store))
    finish(store, taken(store, now=later(60)))
    row = found(store)
    assert (row.state, row.fault, row.fault_code) == (WorkState.DONE, "", "")
    with store.read() as session:
        assert [each.fault for each in work.attempts_of(session, 1)] == [BROKEN.told, ""]


@pytest.mark.parametrize(("ahead", "is_taken"), [(LEASE, False), (LEASE + 1, True), (365 * 86_400, True)])
def test_a_lease_of_a_clock_that_was_put_back_holds_nothing(store: Store, ahead: int, is_taken: bool):
    ask(store, now=NOW)
    taken(store, now=later(ahead))
    assert claims.reap(store, now=NOW, lease_seconds=LEASE) == [1] * is_taken
