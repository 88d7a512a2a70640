"""Leases: one holder at a time, taken over when it runs out, fenced by a token that grows."""

import threading
from datetime import datetime, timedelta

import pytest

from tracker.store import leases
from tracker.store.leases import acquire, find_lease, holds, release, renew
from tracker.store.session import Store, open_store
from tracker.types import VN

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=VN)
SECONDS = 60


def take(store: Store, owner: str, after: int = 0) -> int | None:
    return acquire(store, "scheduler", owner, NOW + timedelta(seconds=after), SECONDS)


def is_mine(store: Store, token: int) -> bool:
    with store.transaction() as session:
        return holds(session, "scheduler", token)


def test_the_first_gets_it_and_a_second_waits(store: Store):
    assert (take(store, "a"), take(store, "b")) == (1, None)


@pytest.mark.parametrize(("after", "token"), [(59, None), (60, 2)])
def test_another_takes_over_when_it_has_run_out(store: Store, after: int, token: int | None):
    take(store, "a")
    assert take(store, "b", after) == token


def test_who_holds_it_keeps_it_with_the_same_token_and_for_longer(store: Store):
    assert (take(store, "a"), take(store, "a", 50)) == (1, 1)
    assert (take(store, "b", 109), take(store, "b", 110)) == (None, 2)


def test_renewing_is_for_the_holder_only(store: Store):
    take(store, "a")
    assert renew(store, "scheduler", 1, NOW + timedelta(seconds=80), SECONDS)  # late, but nobody came
    assert take(store, "b", 140) == 2
    assert not renew(store, "scheduler", 1, NOW + timedelta(seconds=141), SECONDS)
    assert take(store, "a", 199) is None


def test_who_wakes_up_after_its_lease_holds_nothing(store: Store):
    take(store, "a")
    take(store, "b", 60)
    assert (is_mine(store, 1), is_mine(store, 2)) == (False, True)


def test_a_released_lease_is_free_at_once_and_only_its_holder_releases_it(store: Store):
    take(store, "a")
    release(store, "scheduler", 7, NOW)
    assert take(store, "b", 1) is None
    release(store, "scheduler", 1, NOW)
    assert take(store, "b", 1) == 2
    release(store, "scheduler", 1, NOW)
    assert is_mine(store, 2)


def test_a_heartbeat_of_a_clock_that_was_wrong_by_years_blocks_nobody(store: Store):
    take(store, "a", 10 * 365 * 86_400)
    assert take(store, "b") == 2
    with store.read() as session:
        found = find_lease(session, "scheduler")
    assert found
    assert (found.owner, found.until) == ("b", NOW + timedelta(seconds=SECONDS))


def test_leases_of_different_names_know_nothing_of_each_other(store: Store):
    take(store, "a")
    assert acquire(store, "another", "b", NOW, SECONDS) == 1


def test_of_many_that_reach_for_it_at_once_one_gets_it(store: Store):
    url = store.engine.url.render_as_string(hide_password=False)
    begin, tokens = threading.Barrier(6), []

    def reach(owner: str) -> None:
        own = open_store(url)
        begin.wait()
        tokens.append(take(own, owner))
        own.close()

    threads = [threading.Thread(target=reach, args=(f"p{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(token for token in tokens if token is not None) == [1]


def test_nobody_takes_it_while_the_holder_writes_under_it(store: Store):
    """What is done under a lease is committed before another can hold it."""
    url = store.engine.url.render_as_string(hide_password=False)
    take(store, "a")
    other, order = open_store(url), []

    def take_over() -> None:
        order.append(f"taken {take(other, 'b', 60)}")

    thread = threading.Thread(target=take_over)
    with store.transaction() as session:
        assert leases.holds(session, "scheduler", 1)
        thread.start()
        thread.join(0.3)
        order.append("written")
    thread.join()
    other.close()
    assert order == ["written", "taken 2"]
