"""What a page asks of the database and writes to the log costs no more than it must: connections, disk, statements, faults."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, column, event, func, literal_column, select, table, text
from sqlalchemy.exc import DBAPIError

from tests import databases
from tests.letter_world import add_catalogue, add_dossiers, dossier
from tracker.errors import MachineFault
from tracker.search_text import asked
from tracker.store.audit import Act, append_alone
from tracker.store.driver_rows import numbered
from tracker.store.models import Dossier
from tracker.store.ready import Ready
from tracker.store.search_queries import candidates
from tracker.store.session import Store
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
IDS = bindparam("ids", expanding=True)
OF_IDS = select(Dossier.id).where(Dossier.id.in_(IDS))
# SQLite copies its log of changes back, and may begin it anew, when it has so many pages; a page in it has its head.
PAGES_OF_LOG, PAGE_BYTES = 1_000, 4_096 + 24


@contextmanager
def watched(store: Store) -> Iterator[list[tuple[Any, str]]]:
    """The driver's connections and the statements that are put by them meanwhile."""
    told: list[tuple[Any, str]] = []

    def note(connection: Any, _cursor: Any, statement: str, *_of: Any) -> None:
        told.append((connection.connection.driver_connection, statement))

    event.listen(store.engine, "before_cursor_execute", note)
    yield told
    event.remove(store.engine, "before_cursor_execute", note)


def show_page(store: Store, detail: str = "") -> None:
    """As a page does: read, tell the log, read no more."""
    store.hold()
    with store.read() as session:
        session.scalar(select(func.count(Dossier.id)))
    append_alone(store, Act(NOW, "desk", "board", "list", {"ids": detail}), lasting=False)
    store.let_go()


@pytest.mark.sqlite_only("the log of changes is a file beside SQLite's")
def test_pages_one_after_the_other_leave_no_snapshot_that_keeps_the_log_of_changes_growing(
    store: Store, tmp_path: Path
):
    (log,) = {Path(f"{file}-wal") for file in [store.engine.url.database]}
    for _page in range(500):
        show_page(store, "1" * 12_000)
    assert log.stat().st_size < 1.2 * PAGES_OF_LOG * PAGE_BYTES


def test_the_page_and_its_entry_of_the_log_use_the_connection_of_the_page_before(store: Store):
    with store.read() as reading, store.read() as more, store.transaction() as writing:
        for session in (reading, more, writing):  # so many lie in the pool afterwards
            session.scalar(select(1))
    with watched(store) as told:
        for _page in range(4):
            show_page(store)
    assert len({id(connection) for connection, _statement in told}) == 1


@pytest.mark.postgresql_only("SQLite has no arrays and prepares nothing")
def test_lists_of_numbers_of_any_length_and_size_are_one_prepared_statement(store: Store):
    ready = Ready(OF_IDS)
    with store.read() as session:
        for length in range(2, 12):
            assert ready.rows(session, {"ids": [10**number for number in range(length)]}) == []
        prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM dossier%'"
        assert session.scalar(text(prepared)) == 1


@pytest.mark.postgresql_only("SQLite has no arrays")
def test_a_single_number_stays_one_since_an_index_after_it_is_in_order_then(store: Store):
    with store.read() as session, watched(store) as told:
        Ready(OF_IDS).rows(session, {"ids": [7]})
    assert "ANY" not in told[-1][1]


@pytest.mark.parametrize(
    ("statement", "as_told", "names"),
    [
        ("SELECT 1", "SELECT 1", []),
        ("%(a)s::BIGINT, %(b)s, %(a)s", "$1::BIGINT, $2, $1", ["a", "b"]),
        ("x LIKE '100%%' AND y = %(y_1)s", "x LIKE '100%' AND y = $1", ["y_1"]),
        ("'%%(a)s' = %(a)s", "'%(a)s' = $1", ["a"]),
        (", ".join(f"%(v{n})s" for n in range(11)), ", ".join(f"${n + 1}" for n in range(11)), None),
    ],
)
def test_named_places_are_numbered_as_postgresql_takes_them(
    statement: str, as_told: str, names: list[str] | None
):
    assert numbered(statement) == (as_told, [f"v{n}" for n in range(11)] if names is None else names)


def test_a_fault_of_a_question_is_told_as_any_other(store: Store):
    ready = Ready(select(column("x")).select_from(table("nowhere")))
    with pytest.raises(DBAPIError, match="nowhere"), store.read() as session:
        ready.rows(session, {})
    with store.read() as session:
        assert Ready(select(literal_column("1"))).rows(session, {}) == [(1,)]


@pytest.mark.postgresql_only("a file is not lost between two questions")
def test_a_server_that_goes_between_two_questions_is_told_and_not_asked_again(store: Store):
    ready = Ready(OF_IDS)
    url = store.engine.url.render_as_string(hide_password=False)

    def lose() -> None:
        with store.read() as session:
            pid = session.scalar(text("SELECT pg_backend_pid()"))
            with databases.chosen().asking(url) as ask:
                ask(f"SELECT pg_terminate_backend({pid}, 5000)", ())
            ready.rows(session, {"ids": [1, 2]})

    with pytest.raises(MachineFault):
        lose()
    with store.read() as session:
        assert ready.rows(session, {"ids": [1, 2]}) == []


def test_who_sees_all_units_finds_a_code_by_the_codes_and_looks_through_no_keys(store: Store):
    add_catalogue(store)
    add_dossiers(
        store,
        *(dossier(n, code=f"T.1-260801-{n:05}", received_at=NOW - timedelta(days=n)) for n in range(1, 6)),
        dossier(6, code="T.2-260801-00006"),
    )
    with store.read() as session, watched(store) as told:
        found = candidates(session, asked("T.1").by_code_only(), None, limit=200)
    assert {one.code for one in found.found} == {f"T.1-260801-{n:05}" for n in range(1, 6)}
    assert not found.is_cut
    assert not any("search_key" in statement for _connection, statement in told)
