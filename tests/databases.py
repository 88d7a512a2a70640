"""The databases of the tests: SQLite files or databases of one PostgreSQL server, made empty, furnished, or as copies.

`chosen()` is what `--database` asked for; a folder has one database, and whoever opened it forgets it at the end.
"""

import atexit
import re
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
from sqlalchemy import make_url

from tracker.store.migrate import ensure_current
from tracker.store.partitioning import convert
from tracker.store.partitions import CODES
from tracker.store.session import open_store
from tracker.types import VN

# The year in which most tests load: a store in partitions gives the ids then that every other does.
PARTED_AT = datetime(2026, 1, 1, tzinfo=VN)
SQLITE, POSTGRESQL = "sqlite", "postgresql"
# What holds numbers by chance that say only that something changed.
BY_CHANCE = frozenset({"change_mark", "ledger_kept", "ledger_stale"})
Rows = list[tuple[Any, ...]]
Ask = Callable[[str, Sequence[Any]], Rows]


class Databases(ABC):
    """One kind of database; each is known by its URL."""

    name: str

    def __init__(self) -> None:
        self.opened: list[str] = []

    @abstractmethod
    def empty(self, folder: Path) -> str:
        """A database without any table for what works in this folder."""

    @abstractmethod
    def copy(self, url: str, folder: Path) -> str:
        """The same as another, which nobody uses at the moment."""

    def furnished(self, folder: Path) -> str:
        """Migrated, with the shipped catalogues and nothing else."""
        return self.copy(self._furnished_one, folder)

    @abstractmethod
    def forget(self, url: str) -> None:
        """Let go of it; nobody needs it any more."""

    @abstractmethod
    def asking(self, url: str) -> AbstractContextManager[Ask]:
        """Questions by the driver itself, without the program's own settings; marks are `?`."""

    @abstractmethod
    def columns(self, ask: Ask) -> dict[str, list[str]]:
        """All tables with their columns in order."""

    @abstractmethod
    def faults(self, ask: Ask) -> Rows:
        """What the database itself finds wrong with its content; nothing where it is sound."""

    def query(self, url: str, sql: str, values: Sequence[Any] = ()) -> Rows:
        """The rows of one question."""
        with self.asking(url) as ask:
            return ask(sql, values)

    def dump(self, url: str, without: Set[str]) -> dict[str, Rows]:
        """Every table of facts with all its rows in order, but for the columns `table.column` or `column` named."""
        dump = {}
        with self.asking(url) as ask:
            for table, columns in self.columns(ask).items():
                if table in BY_CHANCE:
                    continue
                kept = [c for c in columns if not {c, f"{table}.{c}"} & without]
                names = ", ".join(f'"{c}"' for c in kept) or "1"
                dump[table] = sorted(ask(f"SELECT {names} FROM {table}", ()), key=repr)
        return dump

    @abstractmethod
    def close(self) -> None:
        """End of the run."""

    def furnish(self, url: str) -> None:
        """Migrate it and fill it with the shipped catalogues."""
        furnish(url)

    @cached_property
    def _home(self) -> Path:
        home = Path(mkdtemp(prefix="dunghen-furnished-"))
        atexit.register(shutil.rmtree, home, ignore_errors=True)
        return home

    @cached_property
    def _furnished_one(self) -> str:
        url = self.empty(self._home)
        self.opened.remove(url)  # it stays for the whole run
        self.furnish(url)
        return url


def furnish(url: str) -> None:
    """Migrate it and fill it with the shipped catalogues, by the program's own first step."""
    store = open_store(url)
    ensure_current(store)
    store.close()


class SqliteFiles(Databases):
    """A file a folder, where the program itself would put it."""

    name = SQLITE

    def empty(self, folder: Path) -> str:
        """The name of a file that is not there yet."""
        url = f"sqlite:///{(folder / 'var' / 'dunghen.sqlite3').as_posix()}"
        self.opened.append(url)
        return url

    def copy(self, url: str, folder: Path) -> str:
        """A copy of the file."""
        new = self.empty(folder)
        _file(new).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_file(url), _file(new))
        return new

    def forget(self, url: str) -> None:
        """The folder goes with the test."""
        self.opened.remove(url)

    @contextmanager
    def asking(self, url: str) -> Iterator[Ask]:
        """A connection to the file."""
        with closing(sqlite3.connect(_file(url))) as connection:
            yield lambda sql, values: connection.execute(sql, values).fetchall()

    def columns(self, ask: Ask) -> dict[str, list[str]]:
        """From SQLite's own list."""
        tables = ask("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", ())
        return {name: [c[1] for c in ask(f"PRAGMA table_info({name})", ())] for (name,) in tables}

    def faults(self, ask: Ask) -> Rows:
        """Pages, indexes and foreign keys."""
        whole = ask("PRAGMA integrity_check", ())
        return [each for each in whole if each != ("ok",)] + ask("PRAGMA foreign_key_check", ())

    def close(self) -> None:
        """The furnished file goes with the process."""


def _file(url: str) -> Path:
    return Path(make_url(url).database or "")


INVALID = (
    "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    " UNION ALL SELECT conname FROM pg_constraint WHERE NOT convalidated"
)
FOREIGN_KEYS = (
    "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, b.attname"
    " FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
    " JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1] WHERE c.contype = 'f'"
)


def _marked(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


class PostgresqlServer(Databases):
    """A database each on one server, made from a template in some ten milliseconds and dropped afterwards."""

    name = POSTGRESQL

    def __init__(self, server: str, run: str, *, in_partitions: bool = False) -> None:
        super().__init__()
        self._in_partitions = in_partitions
        self._server = make_url(server)
        self._run = re.sub(r"\W", "_", run)
        self._numbers = count(1)
        self._admin = psycopg.connect(libpq(server), autocommit=True)

    def empty(self, folder: Path) -> str:
        """From template0; where the server can, its texts would be ordered the Vietnamese way if nobody said else."""
        vietnamese = " LOCALE_PROVIDER icu ICU_LOCALE 'vi'" if self._orders_like_people else ""
        return self._make(f"TEMPLATE template0 ENCODING 'UTF8'{vietnamese}")

    def empty_of_encoding(self, encoding: str) -> str:
        """A database as some administrators make them."""
        return self._make(f"TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")

    def copy(self, url: str, folder: Path) -> str:
        """With the other as template; who still looks into it is sent away."""
        source = make_url(url).database
        self._do("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [source])
        # File by file: to write every page into the server's own log first, as is usual since 15, costs half as much again.
        return self._make(f"TEMPLATE {source} STRATEGY file_copy")

    def _make(self, how: str) -> str:
        name = f"dunghen_{self._run}_{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name} {how}")
        url = self._server.set(database=name).render_as_string(hide_password=False)
        self.opened.append(url)
        return url

    def _do(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """As the one who makes databases; once more where the server was restarted meanwhile."""
        try:
            return self._admin.execute(sql, values)
        except psycopg.OperationalError:
            self._admin = psycopg.connect(
                libpq(self._server.render_as_string(hide_password=False)), autocommit=True
            )
            return self._admin.execute(sql, values)

    @cached_property
    def _orders_like_people(self) -> bool:
        found = self._do("SELECT count(*) FROM pg_collation WHERE collname = 'vi-x-icu'").fetchone()
        return found is not None and found[0] > 0

    def forget(self, url: str) -> None:
        """Drop it."""
        self.opened.remove(url)
        self._drop(url)

    def _drop(self, url: str) -> None:
        self._do(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    @contextmanager
    def asking(self, url: str) -> Iterator[Ask]:
        """A connection of its own."""
        with closing(psycopg.connect(libpq(url), autocommit=True)) as connection:
            yield lambda sql, values: connection.execute(_marked(sql), list(values)).fetchall()

    def furnish(self, url: str) -> None:
        """In partitions by year, where the run asks for it."""
        super().furnish(url)
        if self._in_partitions:
            store = open_store(url)
            convert(store, PARTED_AT, lambda _: None)
            store.close()

    def columns(self, ask: Ask) -> dict[str, list[str]]:
        """From the catalogue, as the models have it."""
        sql = (
            "SELECT table_name, column_name FROM information_schema.columns"
            " JOIN pg_class c ON c.oid = to_regclass(table_name) AND NOT c.relispartition"
            f" WHERE table_schema = 'public' AND table_name <> '{CODES}' ORDER BY table_name, ordinal_position"
        )
        found: dict[str, list[str]] = {}
        for table, column in ask(sql, ()):
            found.setdefault(table, []).append(column)
        return found

    def faults(self, ask: Ask) -> Rows:
        """Indexes and constraints that are not valid; rows that point to nothing."""
        faults = ask(INVALID, ())
        for table, column, other, key in ask(FOREIGN_KEYS, ()):
            astray = (
                f"t.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {other} o WHERE o.{key} = t.{column})"
            )
            faults += ask(f"SELECT '{table}', '{column}' FROM {table} t WHERE {astray} LIMIT 1", ())
        return faults

    def close(self) -> None:
        """Drop what is left, the template last."""
        for url in self.opened:
            self._drop(url)
        if "_furnished_one" in vars(self):
            self._drop(self._furnished_one)
        self._admin.close()


def libpq(url: str) -> str:
    """The URL as the driver itself wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


# ---------------------------------------------------------------- what the run asked for

_choice: list[Databases] = []


def choose(databases: Databases) -> None:
    """Use this kind from now on."""
    _choice[:] = [databases]


def chosen() -> Databases:
    """The kind that was asked for; SQLite where nobody asked (pictures, benchmarks)."""
    if not _choice:
        choose(SqliteFiles())
    return _choice[0]


@contextmanager
def forgotten_afterwards() -> Iterator[None]:
    """What is opened within is forgotten at the end; what was there before stays."""
    databases = chosen()
    before = set(databases.opened)
    yield
    for url in [url for url in databases.opened if url not in before]:
        databases.forget(url)
