"""Processes: heard of, silent, gone."""

from datetime import datetime, timedelta

from tracker.store import processes
from tracker.store.session import Store
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)


def after(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_process_is_alive_as_long_as_it_is_heard_of_and_has_not_said_goodbye(store: Store):
    silence = timedelta(seconds=30)

    def alive(now: datetime) -> bool:
        with store.read() as session:
            return processes.is_alive(session, "worker", now, silence)

    assert not alive(NOW)
    processes.begin(store, "w1", "worker", NOW)
    assert alive(after(30))
    assert not alive(after(31))
    processes.beat(store, "w1", "worker", after(40), "ingest #3")
    assert alive(after(60))
    processes.end(store, "w1", after(61))
    assert not alive(after(61))
    processes.begin(store, "w2", "worker", NOW + timedelta(days=8))
    with store.read() as session:
        assert [row.owner for row in processes.list_processes(session)] == ["w2"]
