"""The choice of database for a run, and fixtures shared by flow and store tests: a fresh store, an empty office, a small
province-year made once.

`--database postgresql` runs the same tests on a PostgreSQL server (`tests/postgres.py`). A test that is about one of the
two alone says so with its reason, `@pytest.mark.sqlite_only("...")`, and is left out of the other run, which counts it.
"""

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from weakref import WeakSet

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import event
from sqlalchemy.pool import Pool

from tests import compiled, databases, postgres, warm
from tests.databases import POSTGRESQL, SQLITE, PostgresqlServer
from tests.flows.office import Office
from tests.trying import AT_LENGTH, USUALLY
from tracker.store.backup.workplace import ENDING
from tracker.store.session import Store, open_store
from tracker.synthetic.generate import GenerateResult, generate

ONLY = {"sqlite_only": SQLITE, "postgresql_only": POSTGRESQL}
# How long an example takes says how busy the machine is, not whether it is right. Tests that say no number of their own
# try so many examples each time, and more in `make test-long`.
settings.register_profile(
    "house", deadline=None, max_examples=USUALLY, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("wide", settings.get_profile("house"), max_examples=AT_LENGTH)
settings.load_profile("house")
compiled.share()
# New objects before the youngest, the middle and the oldest are looked through: a page makes some ten thousand.
GARBAGE = (20_000, 50, 100)
server_key = pytest.StashKey[postgres.Server]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database`: where the stores of the tests lie."""
    parser.addoption("--database", choices=(SQLITE, POSTGRESQL), default=SQLITE, help="database of the tests")
    parser.addoption("--partitioned", action="store_true", help="PostgreSQL with a partition a year")
    told = "without `either_database`, without those of asked_elsewhere.txt, and one value of a test where many ask the same"
    parser.addoption("--thin", action="store_true", help=told)
    parser.addoption(
        "--cold", action="store_true", help="every program that tests start loads its libraries anew"
    )


def pytest_configure(config: pytest.Config) -> None:
    """How widely to try; one server for the whole run, started by the process that hands out the tests."""
    if is_long(config):
        settings.load_profile("wide")
    if config.getoption("--cold"):
        warm.start_cold()
    if config.getoption("--database") == SQLITE:
        return
    worker = getattr(config, "workerinput", None)
    if worker is None:
        config.stash[server_key] = _server()
        if not _is_controller(config):
            _choose(config, config.stash[server_key].url, "alone")
        return
    _choose(config, worker["postgres_url"], worker["workerid"])


def is_long(config: pytest.Config) -> bool:
    """Is this `make test-long`?"""
    return "not long" not in config.option.markexpr.replace("long or not long", "")


def _server() -> postgres.Server:
    try:
        return postgres.start()
    except postgres.NoServer as error:
        raise pytest.UsageError(str(error)) from error


def _is_controller(config: pytest.Config) -> bool:
    return bool(getattr(config.option, "dist", "no") != "no" and getattr(config.option, "tx", None))


def _choose(config: pytest.Config, url: str, name: str) -> None:
    in_partitions = config.getoption("--partitioned")
    databases.choose(PostgresqlServer(url, f"{os.getpid()}_{name}", in_partitions=in_partitions))
    sys.addaudithook(_note_files)
    event.listen(Pool, "connect", _note_connection)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Each worker of pytest-xdist is told where the server is."""
    if server_key in node.config.stash:
        node.workerinput["postgres_url"] = node.config.stash[server_key].url


def pytest_unconfigure(config: pytest.Config) -> None:
    """The databases of this process go, and with its starter the server."""
    warm.close()
    databases.chosen().close()
    if server_key in config.stash:
        config.stash[server_key].stop()


LONG_FILES = (
    "test_browser_axe.py", "test_browser_pages.py", "test_browser_layout.py", "test_browser.py", "test_browser_print.py",
)  # fmt: skip
FOLDERS = ("flows", "documents", "web", "store", "structure")


def _turn(item: pytest.Item) -> tuple[int, int]:
    """Long files, then folder by folder; within a folder as they are found."""
    folder = item.path.parent.name
    is_long = item.path.name in LONG_FILES
    return (
        (0, LONG_FILES.index(item.path.name))
        if is_long
        else (1, FOLDERS.index(folder) if folder in FOLDERS else 9)
    )


# Where each value may be another question to the database.
WHOLE_FOLDERS = ("store",)
# Tests that ask nothing of PostgreSQL that no other test asks, a line each: written by `scripts/thin_tests.py`.
ASKED_ELSEWHERE = Path(__file__).with_name("asked_elsewhere.txt")


def _thinned(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """What leads through the same questions to the database as other tests, and as a first value of the same test."""
    elsewhere = set(ASKED_ELSEWHERE.read_text("utf-8").split())
    alike, seen = [], set()
    for item in items:
        name = item.nodeid.partition("[")[0]
        is_whole = item.path.parent.name in WHOLE_FOLDERS or item.get_closest_marker("every_value")
        is_asked = name in elsewhere or item.get_closest_marker("either_database")
        if is_asked or (name in seen and not is_whole):
            alike.append(item)
        seen.add(name)
    return alike


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other database; whoever says so has to say why."""
    chosen = config.getoption("--database")
    left_out = _thinned(items) if config.getoption("--thin") else []
    for item in items:
        for name, database in ONLY.items():
            mark = item.get_closest_marker(name)
            if mark and not mark.args:
                raise pytest.UsageError(f"{item.nodeid}: {name} needs a reason")
            if mark and database != chosen:
                left_out.append(item)
    # Files are handed out whole: those that take minutes come first, so that none of them is begun when all else is done.
    items.sort(key=_turn)
    if left_out:
        gone = set(left_out)
        config.hook.pytest_deselected(items=list(gone))
        items[:] = [item for item in items if item not in gone]


def pytest_collection_finish() -> None:
    """What stands after the collection stays to the end: whoever collects garbage need not look through it each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


# ---------------------------------------------------------------- which database a test used

_files_opened: list[str] = []
_connections: WeakSet[psycopg.Connection[Any]] = WeakSet()


def _note_files(happened: str, arguments: tuple[Any, ...]) -> None:
    if happened == "sqlite3.connect" and ENDING not in str(
        arguments[0]
    ):  # a backup is a SQLite file everywhere
        _files_opened.append(str(arguments[0]))


def _note_connection(connection: Any, _record: Any) -> None:
    if isinstance(connection, psycopg.Connection):
        _connections.add(connection)


@pytest.fixture(autouse=True)
def databases_go_with_their_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test opens is dropped with it; in a PostgreSQL run none may quietly work on a SQLite file."""
    _files_opened.clear()
    with databases.forgotten_afterwards():
        yield
        # Connections that are not closed complain in whichever test comes next; a pool opens new ones.
        for connection in list(_connections):
            connection.close()
    if not request.node.get_closest_marker("both_databases"):
        assert _files_opened == [], "a test of the PostgreSQL run opened a SQLite file"


# ---------------------------------------------------------------- stores and offices


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A fresh store of one's own."""
    store = open_store(databases.chosen().furnished(tmp_path / "store"))
    yield store
    store.close()


@pytest.fixture
def empty_store(tmp_path: Path) -> Iterator[Store]:
    """A store without any table yet."""
    store = open_store(databases.chosen().empty(tmp_path / "empty"))
    yield store
    store.close()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with a fresh store."""
    return Office(tmp_path).furnished()


@pytest.fixture(scope="session")
def daklak(tmp_path_factory: pytest.TempPathFactory) -> GenerateResult:
    """The preset daklak-2022 at a hundredth of its size."""
    folder = tmp_path_factory.mktemp("daklak")
    return generate("daklak-2022", folder, rows=None, seed=1, as_of=date(2026, 8, 24), scale=0.01)
