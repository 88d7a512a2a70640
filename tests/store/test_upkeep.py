"""What a step adds many rows to is known to PostgreSQL's planner with that step, not when autovacuum comes by."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from tests.letter_world import add_dossiers, at, ended
from tracker.store import letter_store, obligation_store, upkeep
from tracker.store.letter_store import DraftRow
from tracker.store.models import AuditEntry, Letter, Obligation
from tracker.store.obligation_store import LedgerChange, Moment
from tracker.store.session import Session, Store

pytestmark = pytest.mark.postgresql_only(
    "its planner; SQLite's ways of looking do not depend on how full a table is"
)

ROWS = upkeep.MANY
WHEN = at(12)
EPOCH = int(WHEN.timestamp())


def letters(session: Session) -> None:
    rows = [
        DraftRow(n, 1, "overdue", "phieu", 1, EPOCH, EPOCH, None, "", f"T{n}", "") for n in range(1, ROWS + 1)
    ]
    letter_store.insert_drafts(session, rows, now=WHEN, actor="thử")


def ledger(session: Session) -> None:
    changes = [
        LedgerChange(n, "owed", "late", "overdue", EPOCH, None, 0, has_step=True) for n in range(1, ROWS + 1)
    ]
    obligation_store.write_changes(session, changes, Moment(EPOCH, WHEN, "thử"))


def believed(session: Session, table: Any) -> int:
    """How many rows the planner thinks that it has; -1: it never looked."""
    found: int = session.scalar(
        text("SELECT reltuples::int FROM pg_class WHERE oid = to_regclass(:name)"),
        {"name": table.__tablename__},
    )
    return found


@pytest.mark.parametrize(("add", "table"), [(letters, Letter), (ledger, Obligation)])
def test_the_planner_knows_of_many_rows_as_soon_as_others_see_them(
    store: Store, add: Callable[[Session], None], table: Any
):
    add_dossiers(store, *(ended(n, at(10)) for n in range(1, ROWS + 1)))
    with store.read() as session:
        assert believed(session, table) <= 0
    with store.transaction() as session:
        add(session)
    with store.read() as session:
        assert believed(session, table) == ROWS


def test_it_does_not_look_for_a_few(store: Store):
    with store.transaction() as session:
        upkeep.look_after(session, upkeep.MANY - 1, AuditEntry.__tablename__)
        before = believed(session, AuditEntry)
        upkeep.look_after(session, upkeep.MANY, AuditEntry.__tablename__)
        assert (before, believed(session, AuditEntry)) == (-1, 0)


def test_a_table_that_somebody_else_looks_at_is_not_waited_for(store: Store):
    with store.transaction() as held, store.transaction() as session:
        held.execute(text("LOCK TABLE letter IN SHARE UPDATE EXCLUSIVE MODE"))
        session.execute(text("SET LOCAL lock_timeout = '1s'"))
        upkeep.look_after(session, upkeep.MANY, "letter", "obligation")
        assert (believed(session, Letter), believed(session, Obligation)) == (-1, 0)
