"""Fixtures shared by flow and store tests: a fresh store, an empty office, a small province-year made once."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.flows.office import Office
from tracker.store.migrate import ensure_current
from tracker.store.session import Store, open_store
from tracker.synthetic.generate import GenerateResult, generate


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with the shipped catalogues and nothing else, closed: made once, copied often."""
    path = tmp_path_factory.mktemp("empty") / "dunghen.sqlite3"
    store = open_store(f"sqlite:///{path.as_posix()}")
    ensure_current(store)
    store.close()
    return path


@pytest.fixture
def store(empty_database: Path, tmp_path: Path) -> Iterator[Store]:
    """A fresh store of one's own."""
    path = tmp_path / "store.sqlite3"
    shutil.copyfile(empty_database, path)
    store = open_store(f"sqlite:///{path.as_posix()}")
    yield store
    store.close()


@pytest.fixture
def office(empty_database: Path, tmp_path: Path) -> Office:
    """An office with a fresh store."""
    office = Office(tmp_path)
    office.database.parent.mkdir()
    shutil.copyfile(empty_database, office.database)
    return office


@pytest.fixture(scope="session")
def daklak(tmp_path_factory: pytest.TempPathFactory) -> GenerateResult:
    """The preset daklak-2022 at a hundredth of its size."""
    folder = tmp_path_factory.mktemp("daklak")
    return generate("daklak-2022", folder, rows=None, seed=1, as_of=date(2026, 8, 24), scale=0.01)
