"""Reports from a real second server: never older than the moment asked, else from the primary, and it is said why."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime

import pytest
from psycopg import Rollback
from sqlalchemy import func, select, text

from tests.replica_world import DATABASE, HASTY, Pair
from tracker.errors import ConfigurationError, WorkFailed
from tracker.store import audit, replica
from tracker.store.audit import Act
from tracker.store.models import AuditEntry, Source
from tracker.store.replica import ReadFrom, State
from tracker.store.session import Session, Store, kept, open_store
from tracker.types import VN

pytestmark = pytest.mark.postgresql_only("a second server streams from the first")
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=VN)
FROM_REPLICA = ReadFrom(True)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.stop()


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica that failed in one test is asked again at once by the next."""
    monkeypatch.setattr(replica, "AWAY_SECONDS", 0.0)
    monkeypatch.setattr(replica, "BEHIND_SECONDS", 0.0)


def note(store: Store, *, lasting: bool = True) -> None:
    with store.transaction(lasting=lasting) as session:
        audit.append_acts(session, [Act(NOW, "desk", "export", "", {})])


def noted(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def is_replica(session: Session) -> bool:
    return bool(session.scalar(text("SELECT pg_is_in_recovery()")))


def look(store: Store) -> tuple[int, bool, ReadFrom | None]:
    """Entries of the log, whether a replica told them, and which server the store says that it was."""
    with store.read() as session:
        return noted(session), is_replica(session), store.source


def test_reports_come_from_the_replica_and_all_else_from_the_primary(pair: Pair):
    with pair.store() as store:
        assert store.from_reports(lambda: look(store))[1:] == (True, FROM_REPLICA)
        assert look(store)[1:] == (False, None)


def test_a_report_holds_whatever_was_committed_before_it_was_asked_for(pair: Pair):
    with pair.store() as store:
        before, _, _ = look(store)
        for turn in range(1, 31):
            note(store, lasting=turn % 3 > 0)  # every third waits for no disk: no replica has it by itself
            assert store.from_reports(lambda: look(store)) == (before + turn, True, FROM_REPLICA)


def test_a_transaction_that_is_under_way_holds_no_report_up_and_does_not_show(pair: Pair):
    with pair.store() as store:
        before, _, _ = look(store)
        with pair.asking(pair.primary) as other, other.transaction():
            other.execute("INSERT INTO source (id, key, name, priority) VALUES (901, 'n', 'N', 1)")
            assert store.from_reports(lambda: look(store)) == (before, True, FROM_REPLICA)
            raise Rollback


def test_who_holds_a_snapshot_keeps_one_of_the_replica_until_it_writes(pair: Pair):
    with pair.store() as store:
        store.hold()
        before, there, _ = look(store)
        assert not there

        def report() -> None:
            assert look(store) == (before, True, FROM_REPLICA)
            with pair.store() as other:
                note(other)
            assert look(store)[0] == before
            note(store)
            assert look(store) == (before + 2, True, FROM_REPLICA)

        store.from_reports(report)
        assert look(store) == (before + 2, False, None)
        store.let_go()


def test_what_a_process_keeps_of_reference_data_is_kept_apart(pair: Pair):
    def names(store: Store) -> tuple[str, ...]:
        with store.read() as session:
            query = select(Source.name).where(Source.id == 902)
            return kept(session, "names of the test", lambda: tuple(session.scalars(query)))

    with pair.store() as store:
        assert store.from_reports(lambda: names(store)) == names(store) == ()


def test_a_replica_that_is_behind_is_waited_for_no_longer_than_configured_and_named(pair: Pair):
    with pair.store(HASTY) as store, pair.lagging():
        before, _, _ = look(store)
        note(store)
        entries, there, source = store.from_reports(lambda: look(store))
        assert (entries, there) == (before + 1, False)
        assert source is not None
        assert source.words.startswith("Đọc từ máy chủ chính vì máy đọc báo cáo trễ ")
        assert source.told["read_from"] == "primary"
        assert store.replica is not None
        standing = store.replica.standing()
        assert (standing.state, bool(standing.lag_bytes)) == (State.BEHIND, True)


def test_one_that_is_behind_is_left_alone_for_a_while_and_then_tried_again(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(replica, "BEHIND_SECONDS", 3600.0)
    with pair.store(HASTY) as store:
        assert store.replica is not None
        with pair.lagging():
            note(store)
            assert not store.from_reports(lambda: look(store))[1]
        # It has caught up by now, but nobody waits to find out.
        assert not store.from_reports(lambda: look(store))[1]
        assert store.replica.standing().state is State.BEHIND
        assert store.replica.snapshots == 0
        monkeypatch.setattr(replica, "BEHIND_SECONDS", 0.0)
        assert store.from_reports(lambda: look(store))[1]


def test_a_replica_hours_behind_is_not_waited_for_at_all(pair: Pair):
    limits = replica.ReplicaLimits(3600.0, 0.2)
    with pair.store(limits) as store, pair.lagging():
        note(store)
        assert not store.from_reports(lambda: look(store))[1]


def interrupted(store: Store, happens: Callable[[], None]) -> list[int]:
    """What a report reads before and after something befalls the replica, by attempt: the last one is whole."""
    told: list[int] = []

    def report() -> list[int]:
        told.clear()
        with store.read() as session:
            told.append(noted(session))
            if is_replica(session):
                happens()
            told.append(noted(session))
        return told

    return store.from_reports(report)


def test_a_replica_that_is_killed_in_the_middle_costs_the_report_a_second_attempt(pair: Pair):
    with pair.store() as store:
        before, _, _ = look(store)
        # Its process goes, the connection with it; the server starts again on the same data.
        assert interrupted(store, lambda: pair.crash(pair.replica)) == [before, before]
        assert store.from_reports(lambda: look(store)) == (before, True, FROM_REPLICA)


def test_a_connection_that_is_ended_there_costs_it_one_too_and_the_reason_is_told(pair: Pair):
    ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
    sources = []

    def end() -> None:
        pair.on_replica(f"{ended} '{DATABASE}'")

    def report() -> int:
        with store.read() as session:
            if is_replica(session):
                end()
            sources.append(store.source)
            return noted(session)

    with pair.store() as store:
        before, _, _ = look(store)
        assert store.from_reports(report) == before
    assert sources == [FROM_REPLICA, ReadFrom(False, replica.LOST)]


def test_a_question_in_the_way_of_recovery_is_asked_of_the_primary(pair: Pair):
    pair.on_replica("ALTER SYSTEM SET max_standby_streaming_delay = 0")
    pair.on_replica("SELECT pg_reload_conf()")
    with pair.asking(pair.primary) as primary, pair.store() as store:
        primary.execute("CREATE TABLE crowd AS SELECT generate_series(1, 1000) AS number")

        def clean() -> None:
            primary.execute("DELETE FROM crowd")
            primary.execute("VACUUM crowd")
            wait_until_replayed(pair)

        attempts = []

        def report() -> int:
            with store.read() as session:
                first = session.scalar(text("SELECT count(*) FROM crowd"))
                attempts.append((first, store.source))
                if is_replica(session):
                    clean()
                second = session.scalar(text("SELECT count(*) FROM crowd"))
                assert first == second
                return int(second or 0)

        assert store.from_reports(report) == 0
        primary.execute("DROP TABLE crowd")
    pair.on_replica("ALTER SYSTEM RESET max_standby_streaming_delay")
    pair.on_replica("SELECT pg_reload_conf()")
    assert attempts == [(1000, FROM_REPLICA), (0, ReadFrom(False, replica.CONFLICT))]


def wait_until_replayed(pair: Pair) -> None:
    """By the replica itself, however long it takes."""
    with pair.store() as other:
        other.from_reports(lambda: look(other))


def test_a_replica_that_is_away_is_named_without_its_password_and_no_page_waits_twice(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(replica, "AWAY_SECONDS", 3600.0)
    secret = "bi-mat-lam"
    with pair.store(reports_url=f"postgresql://dh:{secret}@127.0.0.1:1/co_so") as store:
        assert store.replica is not None
        source = store.from_reports(lambda: look(store))[2]
        assert source == ReadFrom(False, replica.AWAY)
        assert store.from_reports(lambda: look(store))[2] == source
        standing = store.replica.standing()
        assert (standing.state, secret in standing.said, "127.0.0.1" in standing.said) == (
            State.AWAY,
            False,
            True,
        )


def test_a_server_that_is_none_of_ours_is_refused(pair: Pair, store: Store):
    foreign = store.engine.url.render_as_string(hide_password=False)
    for url, why in {
        foreign: replica.FOREIGN,
        pair.url(pair.replica, database="postgres"): replica.FOREIGN,
        pair.url(pair.primary): replica.WRITABLE,
    }.items():
        with pair.store(reports_url=url) as ours:
            assert ours.from_reports(lambda: look(ours))[1:] == (False, ReadFrom(False, why))
            assert ours.replica is not None
            assert ours.replica.standing().state is State.REFUSED


def test_a_role_that_may_only_read_is_enough_and_one_that_may_not_is_told(pair: Pair):
    with pair.asking(pair.primary) as primary:
        primary.execute("CREATE ROLE reports LOGIN PASSWORD 'p'")
    wait_until_replayed(pair)  # who is not known there cannot be told what he may not do
    url = pair.url(pair.replica, username="reports", password="p")
    with pair.store(reports_url=url) as store:
        assert store.from_reports(lambda: look(store))[2] == ReadFrom(False, replica.NOT_ALLOWED)
        with pair.asking(pair.primary) as primary:
            primary.execute("GRANT pg_read_all_data, pg_monitor TO reports")
        assert store.from_reports(lambda: look(store))[1:] == (True, FROM_REPLICA)


def test_a_report_cannot_write(pair: Pair):
    def write() -> None:
        with store.read() as session:
            audit.append_acts(session, [Act(NOW, "desk", "export", "", {})])

    with pair.store() as store, pytest.raises(WorkFailed, match="không đủ quyền"):
        store.from_reports(write)


def test_after_the_primary_crashed_the_replica_follows_it_again(pair: Pair):
    with pair.store() as store:
        before, _, _ = look(store)
        pair.crash(pair.primary)
        note(store)
        assert store.from_reports(lambda: look(store)) == (before + 1, True, FROM_REPLICA)


def test_an_address_of_another_kind_is_refused_when_the_store_is_opened(store: Store):
    ours = store.engine.url.render_as_string(hide_password=False)
    for url, reports in ((ours, "sqlite:///a.sqlite3"), ("sqlite:///a.sqlite3", ours)):
        with pytest.raises(ConfigurationError, match="reports_url"):
            open_store(url, reports_url=reports)


def test_a_promoted_replica_is_read_no_more_and_one_of_the_old_branch_neither(pair: Pair):
    """The last one: the pair is none any more."""
    other = pair.another()
    try:
        with pair.store() as store:
            assert store.from_reports(lambda: look(store))[1]
            pair.on_replica("SELECT pg_promote()")
            assert store.from_reports(lambda: look(store))[1:] == (False, ReadFrom(False, replica.WRITABLE))
        # The promoted one is the primary now; the other still follows the one before.
        with closing(open_store(pair.url(pair.replica), reports_url=pair.url(other))) as store:
            note(store)
            assert store.from_reports(lambda: look(store))[1:] == (
                False,
                ReadFrom(False, replica.ANOTHER_BRANCH),
            )
    finally:
        other.stop()
