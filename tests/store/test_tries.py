"""Counts against guessing: in windows, for all processes together, never what holds somebody up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import select

from app.access import Limit
from app.context import AppContext
from app.tries import Tries
from tests.databases import SQLITE, chosen
from tests.store.test_locks import held_elsewhere
from tracker.store.locks import Lock
from tracker.store.models import RateCount
from tracker.store.session import BUSY_TIMEOUT_MS, Store, open_store
from tracker.store.tries import count_try
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
KEY = "auth.login 192.0.2.1"
NO_WAIT = BUSY_TIMEOUT_MS / 2000  # seconds: half of what other writers wait


def tries(store: Store, count: int, *, seconds_later: int = 0, key: str = KEY) -> list[int | None]:
    now = NOW + timedelta(seconds=seconds_later)
    return [count_try(store, key, now=now, seconds=60) for _ in range(count)]


def test_tries_count_up_within_a_window(store: Store):
    assert tries(store, 3) == [1, 2, 3]
    assert tries(store, 1, seconds_later=59) == [4]


def test_the_window_begins_with_its_first_try_and_ends_after_its_length(store: Store):
    tries(store, 3)
    assert tries(store, 2, seconds_later=60) == [1, 2]
    assert tries(store, 1, seconds_later=119) == [3]


def test_each_key_is_counted_by_itself(store: Store):
    tries(store, 3)
    assert tries(store, 1, key="auth.login 192.0.2.2") == [1]


def test_processes_count_together_and_none_is_lost(store: Store):
    other = open_store(store.engine.url.render_as_string(hide_password=False))
    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda n: tries((store, other)[n % 2], 1)[0], range(40)))
    other.close()
    kept = [count for count in counts if count is not None]  # a busy moment gives None, never a wrong number
    assert sorted(kept) == list(range(1, len(kept) + 1))


def test_counts_of_long_ago_are_swept(store: Store):
    tries(store, 1)
    tries(store, 1, key="new", seconds_later=60 + 3600)
    with store.read() as session:
        assert session.scalars(select(RateCount.key)).all() == ["new"]


def test_a_database_that_is_busy_keeps_no_try_waiting_and_the_process_counts_by_itself(
    store: Store, tmp_path
):
    context = AppContext(tmp_path / "config.toml")
    context.__dict__["store"] = store
    counting = Tries(context)
    with ThreadPoolExecutor(1) as thread, held_elsewhere(store, Lock.AUDIT):
        if chosen().name == SQLITE:
            assert thread.submit(tries, store, 1).result(timeout=NO_WAIT) == [None]
        work = thread.submit(lambda: [counting.are_too_many(KEY, Limit(3, 60), NOW) for _ in range(5)])
        over = work.result(timeout=NO_WAIT)
    assert over == [False, False, False, True, True]


def test_counting_leaves_the_connection_as_patient_as_it_was(store: Store):
    tries(store, 1)
    if chosen().name == SQLITE:
        with store.read() as session:
            waits = session.connection().exec_driver_sql("PRAGMA busy_timeout").scalar()
        assert waits == BUSY_TIMEOUT_MS
    else:
        with store.read() as session:
            waits = session.connection().exec_driver_sql("SHOW lock_timeout").scalar()
        assert waits == f"{BUSY_TIMEOUT_MS // 1000}s"
