"""The migrated database is the one that the models describe, forwards and backwards, and its indexes are used."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect

import migrations
from tests.flows.office import NOW, csv_text, row
from tracker.errors import WorkFailed
from tracker.pipeline import IngestPlan, ingest
from tracker.store import late_queries
from tracker.store.late_queries import LateFilter
from tracker.store.migrate import ensure_current, newest_revision, revision, revisions, upgrade
from tracker.store.models import Base
from tracker.store.models.dossiers import DossierColumns
from tracker.store.session import Store
from tracker.types import Basis, DossierVersion

AS_OF = 1_672_592_399  # 01/01/2023 23:59:59


def alembic(store: Store) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["engine"] = store.engine
    return config


@pytest.fixture
def filled(store: Store, tmp_path: Path) -> Store:
    """A store with a few dossiers of several kinds."""
    path = tmp_path / "tep.csv"
    ends = ("", "10/03/2022 08:00:00", "20/04/2022 08:00:00")
    rows = [row(n, finished_at=ends[n % 3], due_at="15/03/2022" if n % 7 else "x") for n in range(1, 60)]
    path.write_text(csv_text(rows), "utf-8")
    ingest(store, "B", IngestPlan((path,), NOW), lambda _: None)
    return store


def tables(store: Store) -> set[str]:
    return set(inspect(store.engine).get_table_names())


def test_an_empty_database_goes_up_down_and_up_again(empty_store: Store):
    store = empty_store
    assert upgrade(store) == newest_revision() == revision(store)
    there = tables(store)
    assert there == {*Base.metadata.tables, "alembic_version"}
    command.downgrade(alembic(store), "base")
    assert tables(store) == {"alembic_version"}
    assert revision(store) is None
    upgrade(store)
    assert tables(store) == there


def test_a_filled_database_goes_down_and_up_again_and_can_be_filled_anew(filled: Store, tmp_path: Path):
    command.downgrade(alembic(filled), "base")
    assert tables(filled) == {"alembic_version"}
    upgrade(filled)
    report = ingest(filled, "B", IngestPlan((tmp_path / "tep.csv",), NOW), lambda _: None)
    assert (report.read, report.rejected) == (59, 8)


def test_the_names_of_the_files_say_the_revisions_that_alembic_reads_in_them(empty_store: Store):
    script = ScriptDirectory.from_config(alembic(empty_store))
    assert list(revisions()) == [each.revision for each in script.walk_revisions()][::-1]
    assert newest_revision() == script.get_current_head()


def test_upgrading_what_is_current_changes_nothing(filled: Store):
    def counts() -> dict[str, int]:
        with filled.read() as session:
            connection = session.connection()
            return {
                name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
                for name in sorted(tables(filled))
            }

    before = counts()
    upgrade(filled)
    ensure_current(filled)
    assert counts() == before


def test_a_database_of_another_version_is_refused_and_left_alone(filled: Store):
    with filled.transaction() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WorkFailed, match="9999"):
        ensure_current(filled)


def test_a_database_of_somebody_else_is_refused(empty_store: Store):
    store = empty_store
    with store.transaction() as session:
        session.connection().exec_driver_sql("CREATE TABLE ban_ghi (id INTEGER)")
    with pytest.raises(WorkFailed, match="db upgrade"):
        ensure_current(store)
    assert tables(store) == {"ban_ghi"}


def test_models_and_migrations_say_the_same(store: Store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_version_has_the_fields_of_its_model_in_their_order():
    assert DossierVersion._fields == tuple(DossierColumns.__annotations__)


@pytest.mark.parametrize("table", ["dossier", "dossier_revision"])
def test_both_dossier_tables_have_the_columns_of_a_version(store: Store, table: str):
    names = [column["name"] for column in inspect(store.engine).get_columns(table)]
    assert [name for name in names if name in DossierVersion._fields] == list(DossierVersion._fields)


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, object]]]:
    """What goes to the database meanwhile."""
    seen: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        seen.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine, "before_cursor_execute", note)


def lists(store: Store, query, chosen: LateFilter) -> list[tuple[str, object]]:
    """The statements that choose the dossiers of a list."""
    with store.read() as session, statements(store) as seen:
        list(query(session, chosen))
    return [each for each in seen if "FROM dossier" in each[0]]


def plan(store: Store, query, chosen: LateFilter) -> list[str]:
    """How SQLite finds the dossiers of a list."""
    found = []
    for statement, parameters in lists(store, query, chosen):
        with store.read() as session:
            rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found += [str(each[-1]) for each in rows if " dossier" in each[-1]]
    return found


@pytest.mark.sqlite_only("its query plan")
@pytest.mark.parametrize("basis", Basis)
def test_the_open_late_list_goes_by_indexes_of_open_and_of_later_ended_dossiers(filled: Store, basis: Basis):
    still_open, ended_later = plan(filled, late_queries.open_past_due, LateFilter(AS_OF, basis))
    assert "USING INDEX ix_dossier_open_" in still_open
    assert re.match("SEARCH dossier USING .*INDEX ix_dossier_ended", ended_later)


@pytest.mark.sqlite_only("its query plan")
def test_the_finished_late_list_goes_by_the_index_of_those_that_ended_late(filled: Store):
    (found,) = plan(filled, late_queries.finished_late, LateFilter(AS_OF, Basis.SOURCE))
    assert re.match("(SEARCH|SCAN) dossier USING INDEX ix_dossier_ended_late", found)
