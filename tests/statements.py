"""What each test asks of PostgreSQL, written down as a run goes: a plugin for `scripts/thin_tests.py` alone.

The server itself tells which statements it was sent, by whichever process, with values left out (pg_stat_statements). So
one test runs at a time. Seconds are those of processor of the test's process, of all that it started, and of the server.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import postgres
from tests.conftest import server_key

WHERE = "DUNGHEN_STATEMENTS"
TOLD = (
    "SELECT DISTINCT query FROM pg_stat_statements"
    " WHERE dbid <> (SELECT oid FROM pg_database WHERE datname = 'postgres')"
)
postgres.SETTINGS.update(
    {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.max": "50000"}
)
asking = pytest.StashKey["Asking"]()


class Asking:
    """Somebody at the server beside the tests, who comes again where a test has ended it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ask("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        self.forget()

    def statements(self) -> list[str]:
        """What was asked since `forget`."""
        return [text for (text,) in self._ask(TOLD)]

    def forget(self) -> None:
        """From here on."""
        self._ask("SELECT pg_stat_statements_reset()")

    def _ask(self, sql: str) -> list[Any]:
        with psycopg.connect(self._url, autocommit=True) as connection:
            found = connection.execute(sql)
            return found.fetchall() if found.description else []


def pytest_collection_finish(session: pytest.Session) -> None:
    """The server runs by now."""
    session.config.stash[asking] = Asking(session.config.stash[server_key].url)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A line for each test: its name, seconds, statements."""
    before = _seconds()
    yield
    server = item.config.stash[server_key]
    server.revive()
    asked = item.config.stash[asking]
    told = {"id": item.nodeid, "seconds": round(_seconds() - before, 2), "asked": asked.statements()}
    asked.forget()
    with Path(os.environ[WHERE]).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(told) + "\n")


def _seconds() -> float:
    """Of processor: ours, of children that have ended, and of those that run, with theirs."""
    mine = os.times()
    return mine.user + mine.system + mine.children_user + mine.children_system + _of_running(os.getpid())


def _of_running(parent: int) -> float:
    tick, found, children = os.sysconf("SC_CLK_TCK"), 0.0, {parent}
    for number, above, ticks in sorted(_processes()):
        if above in children:
            children.add(number)
            found += ticks / tick
    return found


def _processes() -> Iterator[tuple[int, int, int]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        yield int(folder.name), int(fields[1]), sum(map(int, fields[11:15]))
