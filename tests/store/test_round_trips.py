"""What a question to PostgreSQL costs beside its answer: no plan made twice, no lost connection used, one way for an entry of the log."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, select, text

from tests import databases
from tests.store.test_locks import WRITERS, all_at_once, note
from tracker.errors import OutdatedProgram
from tracker.measures.log_chain import BEGINNING, chained
from tracker.store import audit
from tracker.store.audit import Act, append_alone
from tracker.store.bulk import BulkWriter
from tracker.store.locks import Lock, hold
from tracker.store.models import AuditEntry
from tracker.store.session import Store
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
PREPARED = "SELECT count(*) FROM pg_prepared_statements"
# More often than the driver asks in words before it prepares, and than the server plans for each value.
OFTEN = 8
only_postgresql = pytest.mark.postgresql_only("the driver prepares statements, and connections can be lost")


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are put meanwhile."""
    told: list[str] = []

    def note_it(_connection: Any, _cursor: Any, statement: str, *_of: Any) -> None:
        told.append(statement)

    event.listen(store.engine, "before_cursor_execute", note_it)
    yield told
    event.remove(store.engine, "before_cursor_execute", note_it)


def looked(store: Store, number: int = 1, **detail: Any) -> None:
    append_alone(store, Act(NOW, "desk", "dossier", f"dossier:{number}", detail), lasting=False)


def entries(store: Store) -> list[tuple[Any, ...]]:
    with store.read() as session:
        return list(audit.entries(session))


def is_whole(store: Store) -> bool:
    with store.read() as session:
        return not audit.verify(session).broken


# ---------------------------------------------------------------- reading


@only_postgresql
def test_what_was_asked_often_in_snapshots_that_ended_is_prepared(store: Store):
    for _ in range(OFTEN):
        with store.read() as session:
            session.execute(select(AuditEntry.id).where(AuditEntry.actor == "desk")).all()
    with store.read() as session:
        assert session.scalar(text(PREPARED)) >= 1


@only_postgresql
def test_a_held_snapshot_leaves_its_prepared_statements_too(store: Store):
    for _ in range(OFTEN):
        store.hold()
        with store.read() as session:
            session.execute(select(AuditEntry.id).where(AuditEntry.actor == "desk")).all()
        store.let_go()
    with store.read() as session:
        assert session.scalar(text(PREPARED)) >= 1


def test_what_a_failed_transaction_wrote_is_taken_back(store: Store):
    def fail() -> None:
        with store.transaction() as session:
            audit.append_acts(session, [Act(NOW, "desk", "dossier", "dossier:1", {})])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert entries(store) == []


@only_postgresql
@pytest.mark.parametrize(
    "work", [entries, looked, lambda store: note(store, 1, 1)], ids=["reading", "looking", "writing"]
)
def test_connections_that_the_server_ended_while_idle_are_not_used_again(
    store: Store, work: Callable[[Store], object]
):
    with (
        store.read() as reading,
        store.transaction() as writing,
    ):  # two connections lie in the pool afterwards
        reading.scalar(select(1)), writing.scalar(select(1))
    url = store.engine.url.render_as_string(hide_password=False)
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    end = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}"
    with databases.chosen().asking(url) as ask:
        assert ask(end, ()) == [(True,), (True,)]
    work(store)
    assert is_whole(store)


# ---------------------------------------------------------------- an entry by itself


@pytest.mark.parametrize(
    "act",
    [
        Act(NOW, "desk", "dossier", "dossier:1", {}),
        Act(NOW, 'quo"te', "back\\slash", "a\nline\ttab", {"đơn": ["vị", 1.5, None, True], 'k"': "%s %(id)s {}"}),
        Act(NOW, "a\0b", "x", "\ud800\u2028\x1f\x7f", {"c": "\0\ud800ệ😀"}),
        Act(NOW, "", "", "", {}),
    ],
)  # fmt: skip
def test_an_entry_by_itself_is_the_one_that_a_transaction_would_write(store: Store, act: Act):
    """PostgreSQL chains it in SQL."""
    append_alone(store, act)
    append_alone(store, act, lasting=False)
    with store.transaction() as session:
        audit.append_acts(session, [act])
    first, second, third = entries(store)
    assert first[1:6] == second[1:6] == third[1:6]
    for before, entry in ((BEGINNING, first), (first[6], second), (second[6], third)):
        assert entry[6] == chained(before, entry)
    assert [first[0], second[0], third[0]] == [1, 2, 3]
    assert json.loads(third[5]).keys() == {each.replace("\0", "\ufffd") for each in act.detail}


@only_postgresql
def test_an_entry_by_itself_is_one_statement(store: Store):
    with counted(store) as told:
        looked(store)
    assert len(told) == 1
    assert "synchronous_commit', 'off'" in told[0]
    with counted(store) as told:
        append_alone(store, Act(NOW, "desk", "late_export", "xlsx", {}))
    assert len(told) == 1
    assert "synchronous_commit" not in told[0]


def test_who_holds_a_snapshot_reads_the_entry_that_it_wrote_by_itself(store: Store):
    store.hold()
    assert entries(store) == []
    looked(store)
    assert len(entries(store)) == 1
    store.let_go()


@only_postgresql
def test_whoever_waited_for_the_lock_of_the_log_chains_to_what_came_meanwhile(store: Store):
    """The statement saw the head before it had the lock."""
    looked(store)
    with store.transaction() as session:
        hold(session, Lock.AUDIT)
        audit.append_acts(session, [Act(NOW, "head", "x", "y", {})])

        def commit_when_somebody_waits() -> None:
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while not session.scalar(text(waiting)):
                session.scalar(text("SELECT pg_sleep(0.005)"))
            session.commit()

        assert all_at_once([commit_when_somebody_waits, lambda: looked(store, 2)]) == [None, None]
    assert [(each[0], each[2]) for each in entries(store)] == [(1, "desk"), (2, "head"), (3, "desk")]
    assert is_whole(store)


def test_an_entry_by_itself_is_refused_by_a_database_that_was_migrated_meanwhile(store: Store):
    looked(store)
    store.stay_at("of another program")
    with pytest.raises(OutdatedProgram):
        looked(store)
    assert len(entries(store)) == 1


def test_entries_by_themselves_and_those_of_deeds_at_once_make_one_chain(store: Store):
    def writer(number: int) -> Callable[[], None]:
        def write() -> None:
            for turn in range(10):
                looked(store, turn)
                note(store, number, turn)

        return write

    assert all_at_once([writer(number) for number in range(WRITERS)]) == [None] * WRITERS
    assert [each[0] for each in entries(store)] == list(range(1, WRITERS * 30 + 1))
    assert is_whole(store)


# ---------------------------------------------------------------- looking up many


@pytest.mark.parametrize(
    "codes", [["A-1"], ["A-1", 'q"t', "b\\s", "{,}", "NULL", "ệ", " x ", "", "'", "%s"], ['"', "\\"], ['","']]
)
def test_many_codes_are_looked_up_whatever_they_are_written_with(store: Store, codes: list[str]):
    with store.transaction() as session:
        writer = BulkWriter(session)
        names = ("code", "dossier_id")
        session.execute(text("CREATE TEMPORARY TABLE given (code TEXT, dossier_id BIGINT)"))
        writer.fill("given", names, [(code, number) for number, code in enumerate([*codes, "other"])])
        by_code = writer._with("SELECT dossier_id FROM given WHERE code", codes)
        assert sorted(number for (number,) in by_code) == list(range(len(codes)))
        by_number = writer._with("SELECT code FROM given WHERE dossier_id", [len(codes), 10**18])
        assert [tuple(row) for row in by_number] == [("other",)]
