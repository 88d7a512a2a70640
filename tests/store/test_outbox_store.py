"""The outbox in the database: who looks for what by which index, and marks by who saw it last. Counts after a clock went back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from notifications.outbox import OutboxDraft, put
from tests.databases import SQLITE, chosen
from tests.mailroom import NOW, SEAL
from tests.store.test_schema import statements
from tracker.store import inbox, outbox, outbox_queries
from tracker.store.models import OutboxMessage
from tracker.store.outbox import EventKind, Lease, Mark, MessageState, Way
from tracker.store.session import Store
from tracker.store.tries import CLOCKS_APART, count_try

UNTIL = NOW + timedelta(seconds=60)
SETTLED = Mark(MessageState.SENT, EventKind.SETTLED)


def asking(store: Store, ask: Any, table: str) -> list[tuple[str, Any]]:
    """The statements by which a table is searched meanwhile."""
    with statements(store) as seen:
        ask()
    return [(sql, values) for sql, values in seen if sql.startswith("SELECT") and f"FROM {table}" in sql]


def plans(store: Store, ask: Any, table: str) -> Iterator[str]:
    """How the database goes about them, whatever it was told to plan without knowing the values."""
    for sql, values in asking(store, ask, table):
        with store.read() as session:
            connection = session.connection()
            if chosen().name == SQLITE:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
            else:
                connection.execute(text("SET LOCAL enable_seqscan = off"))
                connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
                driver: Any = connection.connection.driver_connection
                rows = driver.execute(f"EXPLAIN {sql}", values, prepare=True).fetchall()
            yield "\n".join(str(row[-1]) for row in rows)


@pytest.fixture(params=[False, True], ids=["never analyzed", "analyzed"])
def full(store: Store, request: pytest.FixtureRequest) -> Store:
    """A thousand messages that wait, most of them for mail; the database knows that, or not."""
    with store.transaction() as session:
        put(session, SEAL, NOW)
        names = [column.name for column in OutboxMessage.__table__.columns]
        own = {"id": "n", "key": "'k' || n", "channel": "CASE WHEN n % 50 > 0 THEN 'email' ELSE 'in_app' END"}
        values = ", ".join(own.get(name, name) for name in names)
        counted = "WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)"
        session.execute(
            text(
                f"INSERT INTO outbox_message ({', '.join(names)}) {counted}"
                f" SELECT {values} FROM outbox_message, numbers WHERE id = 1"
            )
        )
        if request.param:
            session.execute(text("ANALYZE outbox_message"))
    return store


def test_the_next_message_of_a_channel_is_found_by_the_index_of_those_that_wait(full: Store):
    lease, ways = Lease("w", UNTIL), [Way("in_app"), Way("webhook", frozenset({"cong"}))]
    found = list(plans(full, lambda: outbox.claim(full, lease, NOW, ways), "outbox_message"))
    assert len(found) == 3
    assert all("ix_outbox_message_waiting" in plan for plan in found)


def test_what_is_swept_is_found_by_its_own_index(full: Store):
    for condition, index in (
        (outbox.past_their_time(NOW), "ix_outbox_message_not_after"),
        (outbox.overdue_leases(NOW, 60), "ix_outbox_message_sending"),
    ):
        looking = lambda which=condition: outbox.sweep(full, which, lambda *_: SETTLED, NOW)  # noqa: E731
        [found] = plans(full, looking, "outbox_message")
        assert index in found


def test_what_is_unread_is_counted_by_the_index_of_what_is_unread(store: Store):
    def count() -> None:
        with store.read() as session:
            inbox.count_unread(session, 1, cap=99)

    [found] = plans(store, count, "inbox_message")
    assert "ix_inbox_message_unread" in found


# ---------------------------------------------------------------- who may mark


@pytest.mark.postgresql_only("on SQLite who decides holds the one write lock while looking")
def test_of_two_who_decide_at_once_the_second_finds_the_message_as_the_first_left_it(store: Store):
    with store.transaction() as session:
        number = put(session, OutboxDraft("watchdog", "k", "email", "a@vi-du.vn"), NOW)
    waits, given_up = (MessageState.WAITING,), Mark(MessageState.CANCELLED, EventKind.CANCELLED)
    with store.transaction() as slow:
        seen = slow.get_one(OutboxMessage, number)  # kept, so that the session knows it as it was
        assert seen.state == MessageState.WAITING
        with store.transaction() as quick:
            assert outbox.settle(quick, number, waits, given_up, NOW)
        assert outbox.settle(slow, number, waits, SETTLED, NOW) is False
    with store.read() as session:
        assert [event.kind for event in outbox_queries.events_of(session, number)] == ["put", "cancelled"]


# ---------------------------------------------------------------- windows of tries


def test_a_window_of_a_clock_that_was_ahead_is_over_once_it_is_put_back(store: Store):
    ahead = NOW + timedelta(days=400)
    assert [count_try(store, "k", now=ahead, seconds=60) for _ in range(3)] == [1, 2, 3]
    assert [count_try(store, "k", now=NOW, seconds=60) for _ in range(2)] == [1, 2]


def test_a_window_of_a_process_whose_clock_is_a_little_ahead_counts_on(store: Store):
    assert count_try(store, "k", now=NOW + CLOCKS_APART, seconds=60) == 1
    assert count_try(store, "k", now=NOW, seconds=60) == 2
