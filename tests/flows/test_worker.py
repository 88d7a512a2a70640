"""Workers: done once with its mark, retried, given up, given back, gone on with where a killed one left off."""

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from app.grip import Grip
from app.work_kinds import WorkKind
from app.worker import Worker
from tests import warm
from tests.flows.office import NOW, ROOT, Office
from tests.flows.toy_work import STEPS, TOYS, context_of, make_table
from tracker.store import processes, work
from tracker.types.work import Outcome, Progress, WorkRequest, WorkRow, WorkState

SEEDS = (0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2)))
PATIENCE_SECONDS = 60


class Shop:
    """An office with work of the tests, and workers in this process whose clock is moved by hand."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.context = context_of(office, NOW)
        self.store = self.context.store
        make_table(self.store)

    def ask(self, kind: str, count: int = 1, **params: Any) -> list[int]:
        """So many pieces of work of a kind; their ids."""
        with self.store.transaction() as session:
            return [
                work.ask(
                    session, WorkRequest(kind, f"{kind}:{number}", params, "an"), NOW - timedelta(days=1)
                )
                for number in range(count)
            ]

    def worker(self, owner: str = "w1") -> Worker:
        """A worker in this process."""
        return Worker(self.context, owner, TOYS)

    def row(self, work_id: int = 1) -> WorkRow:
        """A piece of work as it stands."""
        with self.store.read() as session:
            row = work.find_work(session, work_id)
        assert row is not None
        return row

    def outcomes(self, work_id: int = 1) -> list[Outcome]:
        """How its attempts ended."""
        with self.store.read() as session:
            return [attempt.outcome for attempt in work.attempts_of(session, work_id)]

    def effects(self) -> Counter[tuple[int, int]]:
        """How often each step of each piece was done."""
        return Counter(self.office.query("SELECT work_id, step FROM toy_effect"))

    def cancel(self, work_id: int = 1) -> None:
        """Somebody asks for it to be given up."""
        with self.store.transaction() as session:
            work.request_cancel(session, work_id, NOW)


@pytest.fixture
def shop(office: Office) -> Iterator[Shop]:
    made = Shop(office)
    yield made
    made.store.close()


def once(ids: list[int]) -> Counter[tuple[int, int]]:
    return Counter((work_id, step) for work_id in ids for step in range(STEPS))


def until(happened: Callable[[], bool]) -> None:
    """Wait for something that another thread or process does."""
    for _turn in range(PATIENCE_SECONDS * 50):
        if happened():
            return
        Event().wait(0.02)
    raise AssertionError("nothing happened")


# ---------------------------------------------------------------- one worker


def test_a_worker_does_what_there_is_and_says_when_there_is_no_more(shop: Shop):
    ids = shop.ask("steps", 3)
    assert shop.worker().run_until_idle() == 3
    assert shop.effects() == once(ids)
    assert [shop.row(work_id).result for work_id in ids] == [{"steps": STEPS}] * 3
    assert not shop.worker().run_once(NOW)


def test_what_a_handler_gives_back_is_the_result(shop: Shop):
    shop.ask("told", word="xong")
    shop.worker().run_once(NOW)
    assert (shop.row().state, shop.row().result) == (WorkState.DONE, {"told": "xong"})


def test_work_of_an_unknown_kind_is_left_for_those_who_know_it(shop: Shop):
    shop.ask("another")
    assert not shop.worker().run_once(NOW)
    assert shop.row().state is WorkState.WAITING


@pytest.mark.parametrize(
    ("how", "state", "fault"),
    [
        ("database", WorkState.WAITING, "Cơ sở dữ liệu đang bận."),
        ("bug", WorkState.WAITING, "KeyError tại toy_work.py:"),
        ("usage", WorkState.DEAD, "không có tệp"),
    ],
)
def test_a_fault_is_told_and_retried_unless_it_would_come_again(
    shop: Shop, caplog: pytest.LogCaptureFixture, how: str, state: WorkState, fault: str
):
    shop.ask("broken", how=how)
    shop.worker().run_once(NOW)
    row = shop.row()
    assert row.state is state
    assert fault in row.fault
    assert shop.outcomes() == [Outcome.FAILED]
    # What an unexpected error says may hold data of a person.
    assert "Nguyễn" not in row.fault + caplog.text


def test_work_that_fails_each_time_is_dead_after_the_configured_attempts(shop: Shop):
    shop.ask("broken", how="bug")
    worker = shop.worker()
    for _turn in range(20):
        worker.run_once(shop.context.now())
        shop.context.instant += timedelta(hours=2)
    assert shop.row().state is WorkState.DEAD
    assert shop.outcomes() == [Outcome.FAILED] * shop.context.config.work.max_attempts


# ---------------------------------------------------------------- progress, giving up, giving back


@contextmanager
def working(shop: Shop) -> Iterator[Event]:
    """A worker in a thread of its own; the event tells it to end."""
    stop = Event()
    thread = Thread(target=shop.worker().run_forever, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def test_progress_is_seen_while_the_work_goes_on_and_a_wish_to_give_up_is_heard(shop: Shop):
    shop.ask("until_asked")
    with working(shop):
        until(lambda: shop.row().progress.done > 0)
        assert shop.row().progress.told == "đang chờ"
        shop.cancel()
        until(lambda: shop.row().state is WorkState.CANCELLED)
    assert shop.outcomes() == [Outcome.CANCELLED]


def test_a_worker_that_is_told_to_end_gives_its_work_back_at_once(shop: Shop):
    shop.ask("until_asked")
    with working(shop) as stop:
        until(lambda: shop.row().state is WorkState.RUNNING)
        stop.set()
    assert (shop.row().state, shop.row().owner) == (WorkState.WAITING, None)
    assert shop.outcomes() == [Outcome.GIVEN_BACK]
    with shop.store.read() as session:
        (process,) = processes.list_processes(session)
    assert (process.kind, process.ended_at) == ("worker", NOW)


def test_a_worker_that_lost_its_work_to_another_leaves_the_others_result(shop: Shop):
    """Between its claim and its end another took over: its own end is refused, with the effect of its last step."""
    (work_id,) = shop.ask("steps")
    zombie = shop.worker("zombie")
    context = context_of(shop.office, NOW + timedelta(hours=1))
    rival = Worker(context, "rival", TOYS)
    took_over = False

    def steal() -> None:
        nonlocal took_over
        took_over = took_over or rival.run_once(context.now())

    zombie.kinds = {"steps": _stolen_at(5, steal)}
    zombie.run_once(NOW)
    context.store.close()
    assert took_over
    assert shop.effects() == once([work_id])
    assert shop.outcomes() == [Outcome.LOST, Outcome.DONE]


def _stolen_at(at: int, steal: Callable[[], None]) -> WorkKind:
    """`steps`, but that before one of its steps the process is stopped for longer than its lease."""

    def run(grip: Grip) -> None:
        usual = grip.progress

        def progress(done: int, total: int | None = None, words: str = "") -> None:
            if done == at:
                steal()
            usual(done, total, words)

        grip.progress = progress
        TOYS["steps"].run(grip)

    return replace(TOYS["steps"], run=run)


# ---------------------------------------------------------------- processes that are killed


def start(shop: Shop) -> subprocess.Popen[bytes]:
    """A worker as a process of its own, by the real clock."""
    told = {**os.environ, **shop.office.environment}
    environment = {name: value for name, value in told.items() if value is not None}
    command = [sys.executable, "-m", "tests.flows.toy_work", str(shop.office.config)]
    return warm.Program(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def count(shop: Shop) -> int:
    return int(shop.office.query("SELECT count(*) FROM toy_effect")[0][0])


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_any_moment_no_step_is_lost_or_doubled_and_another_goes_on(shop: Shop, seed: int):
    """Two at work; one is killed at a moment by chance, then the other; who comes after the lease does the rest."""
    ids = shop.ask("steps", 6, pause=0.004)
    first, second = sorted(random.Random(seed).sample(range(1, 6 * STEPS - 8), 2))
    workers = [start(shop), start(shop)]
    for victim, moment in zip(workers, (first, second), strict=True):
        until(lambda: count(shop) >= moment)  # noqa: B023 - called within this turn
        victim.kill()
        victim.wait()
    assert count(shop) < 6 * STEPS, "killed too late to say anything"
    assert set(shop.effects().values()) == {1}
    later = context_of(shop.office, NOW + timedelta(days=3650))
    Worker(later, "after", TOYS).run_until_idle()
    later.store.close()
    assert shop.effects() == once(ids)
    assert {shop.row(work_id).state for work_id in ids} == {WorkState.DONE}
    assert shop.office.is_sound()


def test_a_worker_process_that_is_told_to_end_gives_back_and_ends(shop: Shop):
    shop.ask("until_asked")
    process = start(shop)
    until(lambda: shop.row().progress != Progress(0))
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0
    assert shop.row().state is WorkState.WAITING
    assert shop.outcomes() == [Outcome.GIVEN_BACK]


@pytest.mark.postgresql_only("a file cannot hang up")
def test_a_worker_whose_server_hangs_up_waits_and_goes_on(shop: Shop):
    ids = shop.ask("steps", 8, pause=0.01)
    with working(shop):
        for moment in (10, 40):
            until(lambda: count(shop) >= moment)  # noqa: B023 - called within this turn
            shop.office.query(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'dunghen'"
            )
        until(lambda: count(shop) >= 6 * STEPS)
    shop.context.instant += timedelta(days=1)
    shop.worker("after").run_until_idle()
    assert shop.effects() == once(ids)


def test_no_fault_ends_the_loop_of_a_worker(shop: Shop, caplog: pytest.LogCaptureFixture):
    """A table that is gone for a while stands for every fault that nobody foresaw."""
    (work_id,) = shop.ask("told", word="xong")
    rename(shop, "work_item", "work_item_away")
    stop = Event()
    thread = Thread(target=shop.worker().run_forever, args=(stop,))
    thread.start()
    for _turn in range(PATIENCE_SECONDS * 20):
        if "loop_failed" in caplog.text:
            break
        stop.wait(0.05)
    rename(shop, "work_item_away", "work_item")
    for _turn in range(PATIENCE_SECONDS * 20):
        if shop.row(work_id).state is WorkState.DONE:
            break
        stop.wait(0.05)
    stop.set()
    thread.join()
    assert shop.row(work_id).state is WorkState.DONE


def rename(shop: Shop, old: str, new: str) -> None:
    with shop.store.transaction() as session:
        session.connection().exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
