"""PostgreSQL can use the partial indexes for the lists, whatever it was told to plan without knowing the values."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from psycopg import RawCursor
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tests.letter_world import add_dossiers, at, ended
from tests.store.test_letter_store import late_query
from tests.store.test_schema import AS_OF, lists
from tracker.store import board, late_page, late_queries
from tracker.store.board import Selection
from tracker.store.late_queries import LateFilter
from tracker.store.models import Dossier
from tracker.store.open_states import OpenState
from tracker.store.session import Store
from tracker.store.versions import DUE_COLUMNS
from tracker.types import VN, Basis

pytestmark = pytest.mark.postgresql_only(
    "its query plans; SQLite's stand in test_schema.py and test_letter_store.py"
)

HOUR = 3_600
# So often the server plans a prepared statement for its values, to see what that gains.
PLANNED_ANEW = 5


@pytest.fixture
def planner(store: Store) -> Iterator[Connection]:
    """Ten thousand dossiers, one in fifty of them late or open, and a connection that plans once for all values."""
    add_dossiers(store, ended(1, at(10)))
    own = {
        "id": "n",
        "code": "'H15.01-220601-' || n",
        "ended_at": "CASE WHEN n % 100 > 0 THEN ended_at + n + CASE WHEN n % 100 = 1 THEN 2592000 ELSE 0 END END",
        "end_kind": "CASE WHEN n % 100 > 0 THEN end_kind END",
    }
    names = [column.name for column in Dossier.__table__.columns]
    values = ", ".join(own.get(name, name) for name in names)
    with store.transaction() as session:
        session.execute(
            text(
                f"INSERT INTO dossier ({', '.join(names)}) SELECT {values}"
                " FROM dossier, generate_series(2, 10000) AS n WHERE id = 1"
            )
        )
        session.execute(text("ANALYZE dossier"))
    with store.read() as session:
        connection = session.connection()
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        yield connection


def plan(planner: Connection, statement: str, parameters: object) -> str:
    driver = planner.connection.driver_connection
    assert driver is not None
    # What pages ask most is put with numbered places (`tracker.store.driver_rows`).
    cursor = RawCursor(driver) if "$1" in statement else driver.cursor()
    rows = cursor.execute(f"EXPLAIN {statement}", parameters, prepare=True).fetchall()
    return "\n".join(line for (line,) in rows)


@pytest.mark.parametrize("basis", Basis)
def test_the_open_late_list_goes_by_indexes_of_open_and_of_later_ended_dossiers(
    store: Store, planner: Connection, basis: Basis
):
    still_open, ended_later = lists(store, late_queries.open_past_due, LateFilter(AS_OF, basis))
    assert "ix_dossier_open_" in plan(planner, *still_open)
    assert "ix_dossier_ended" in plan(planner, *ended_later)


def a_page(session: Session, chosen: LateFilter) -> list[late_page.Line]:
    return late_page.open_page(session, chosen, begin=0, limit=50)


@pytest.mark.parametrize("basis", Basis)
def test_a_page_of_the_late_list_finds_its_dossiers_by_indexes_and_each_of_them_by_its_id(
    store: Store, planner: Connection, basis: Basis
):
    (found,) = lists(store, a_page, LateFilter(AS_OF, basis))
    made = plan(planner, *found)
    for index in (f"ix_dossier_open_{DUE_COLUMNS[basis]}", "ix_dossier_ended", "pk_dossier"):
        assert index in made, made
    assert "Seq Scan on dossier" not in made


def test_a_page_of_the_late_list_is_planned_once_and_not_anew_for_every_person_who_looks(
    store: Store, planner: Connection
):
    plans = text("SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements")
    with store.read() as session:
        for moment in range(AS_OF, AS_OF + 40 * HOUR, HOUR):
            assert len(a_page(session, LateFilter(moment, Basis.SOURCE))) == 50
        once, anew = session.execute(plans).one()
    assert (once > anew, anew) == (True, PLANNED_ANEW)


def test_the_finished_late_list_goes_by_the_index_of_those_that_ended_late(store: Store, planner: Connection):
    (found,) = lists(store, late_queries.finished_late, LateFilter(AS_OF, Basis.SOURCE))
    assert "ix_dossier_ended_late" in plan(planner, *found)


def test_the_board_goes_by_the_index_of_open_dossiers(store: Store, planner: Connection):
    running = frozenset({OpenState.OVERDUE, OpenState.RUNNING})
    chosen = Selection(datetime.fromtimestamp(AS_OF, VN), running)
    (found,) = lists(store, lambda s, c: board.open_dossiers(s, c, limit=50), chosen)
    assert "ix_dossier_open_source_due_at" in plan(planner, *found)


def test_a_search_goes_by_the_index_of_codes(store: Store, planner: Connection):
    (found,) = lists(store, lambda s, text: board.codes_like(s, text, None, limit=20), "H15")
    made = plan(planner, *found)
    assert "uq_dossier_code" in made
    assert ">= " in made.split("uq_dossier_code")[1].split("\n")[1], (
        "the beginning of a code bounds the index"
    )


def test_the_late_list_of_letters_uses_the_partial_index(planner: Connection):
    rows = planner.execute(text(f"EXPLAIN {late_query()}"), {"as_of": 1, "midnight": 1}).scalars()
    assert "ix_dossier_ended_late" in "\n".join(rows)
