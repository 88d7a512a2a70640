"""Of several workers one stays free of long pieces, so that nobody's preview waits for two great batches."""

from datetime import datetime, timedelta

from tests.store.test_work import LEASE, NOW, TRIES, ask, later
from tracker.store import claims, processes
from tracker.store.claims import Lanes
from tracker.store.session import Store

LANES = Lanes(frozenset({"batch", "preview"}), frozenset({"batch"}), timedelta(seconds=45))


def took(store: Store, owner: str, now: datetime = NOW) -> str:
    row = claims.claim(store, LANES, owner=owner, now=now, lease_seconds=LEASE, max_attempts=TRIES)
    return row.kind if row else ""


def test_of_two_workers_one_stays_free_of_long_pieces(store: Store) -> None:
    for owner in ("w1", "w2"):
        processes.begin(store, owner, "worker", NOW)
    for number in range(3):
        ask(store, f"b{number}", "batch")
    assert took(store, "w1") == "batch"
    assert took(store, "w2") == ""  # two batches wait, and are left to the first
    ask(store, "p", "preview")
    assert took(store, "w2") == "preview"
    processes.begin(store, "w3", "worker", NOW)
    assert took(store, "w3") == "batch"


def test_a_single_worker_does_everything_and_so_does_the_last_that_is_left(store: Store) -> None:
    ask(store, "b1", "batch")
    ask(store, "b2", "batch")
    processes.begin(store, "w1", "worker", NOW)
    processes.begin(store, "w2", "worker", NOW)
    assert took(store, "w1") == "batch"
    assert took(store, "w2") == ""
    processes.beat(store, "w2", "worker", later(50))
    assert (
        took(store, "w2", later(50)) == "batch"
    )  # nobody has heard of the first since, though it holds its lease still
