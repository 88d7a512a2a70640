"""What the tests of a run work on is the database that the run was asked for, through every door."""

from pathlib import Path

import pytest

from tests import databases
from tests.flows.office import Office, row
from tests.web.world import make_context
from tracker.store.session import Store

VERSION = {databases.SQLITE: "SELECT 'SQLite ' || sqlite_version()", databases.POSTGRESQL: "SELECT version()"}
NAMES = {databases.SQLITE: "SQLite 3", databases.POSTGRESQL: "PostgreSQL "}


@pytest.fixture
def asked_for(pytestconfig: pytest.Config) -> str:
    """The word after `--database`."""
    return pytestconfig.getoption("--database")


def test_the_choice_is_what_was_asked_for(asked_for: str):
    assert databases.chosen().name == asked_for


def test_a_store_is_of_the_kind_that_was_asked_for(store: Store, empty_store: Store, asked_for: str):
    for each in (store, empty_store):
        assert each.engine.dialect.name == asked_for
        with each.read() as session:
            told = session.connection().exec_driver_sql(VERSION[asked_for]).scalar_one()
        assert told.startswith(NAMES[asked_for])


def test_an_office_works_there_in_this_process_and_as_a_program(tmp_path: Path, asked_for: str):
    office = Office(tmp_path)
    office.ingest([row(1)])
    assert office.program("ingest", office.write("tep.csv", [row(2)])).status == 0
    assert office.query("SELECT count(*) FROM dossier") == [(2,)]
    ((version,),) = office.query(VERSION[asked_for])
    assert version.startswith(NAMES[asked_for])
    assert office.database.exists() == (asked_for == databases.SQLITE)


def test_the_pages_work_there(tmp_path: Path, asked_for: str):
    assert make_context(tmp_path).store.engine.dialect.name == asked_for


def test_a_store_and_an_office_of_one_test_are_two_databases(store: Store, office: Office):
    assert store.engine.url.render_as_string(hide_password=False) != office.url
