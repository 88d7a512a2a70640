"""Databases of earlier revisions: migrated so far and no further, and filled with the oddest rows that their tables take."""

import lzma
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    insert,
    select,
    text,
)

from tests.store.odd_rows import DAYS, TEXTS
from tracker.store.migrate import VERSION_TABLE, alembic_config
from tracker.store.session import Store

FIXTURES = Path(__file__).parents[1] / "data" / "revisions"
# Marks are drawn by chance, by triggers of the database itself.
BY_CHANCE = {VERSION_TABLE, "change_mark"}
# An index reckons with instants; they have to leave it room.
LARGE, SMALL = (-(2**62), 2**62, 0, -1), (-(2**31), 2**31 - 1, 0, -1)
Rows = dict[tuple[Any, ...], dict[str, Any]]


def migrated_to(store: Store, revision: str) -> None:
    """The tables as that revision had them."""
    command.upgrade(alembic_config(store), revision)


def tables_of(connection: Connection) -> list[Table]:
    """Its tables as the database itself describes them, whoever is pointed to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in BY_CHANCE]


def rows_of(connection: Connection, table: Table) -> Rows:
    """All rows by their key."""
    keys = [column.name for column in table.primary_key.columns]
    found = connection.execute(select(table)).mappings()
    return {tuple(row[key] for key in keys): dict(row) for row in found}


def filled_oddly(connection: Connection, revision: str, tables: Iterable[Table]) -> None:
    """Rows of the oddest values in every table and column of this revision; their keys are like those of no other one."""
    connection.execute(text(_LATER_KEYS[connection.dialect.name]))
    for table in tables:
        rows = [_odd_row(table, number, int(revision)) for number in range(len(TEXTS))]
        connection.execute(insert(table), rows)


# Rows point to the row behind them in their own table; PostgreSQL is asked not to look before the end.
_LATER_KEYS = {
    "sqlite": "PRAGMA defer_foreign_keys = ON",
    "postgresql": "SET LOCAL session_replication_role = replica",
}


def _odd_row(table: Table, number: int, revision: int) -> dict[str, Any]:
    return {column.name: _odd_value(column, number, revision) for column in table.columns}


def _odd_value(column: Any, number: int, revision: int) -> Any:
    kind, last = column.type, number == len(TEXTS) - 1
    if column.foreign_keys:
        if last and column.nullable:
            return None
        return _key(kind, 0 if last else number + 1, revision)
    if column.primary_key or column.name in _alone(column.table):
        return _key(kind, number, revision)
    if column.nullable and number % 3 == 0:
        return None
    if isinstance(kind, Boolean):
        return bool(number % 2)
    if isinstance(kind, Date):
        return DAYS[number] if number < len(DAYS) else _key(kind, number, revision)
    if isinstance(kind, LargeBinary):
        return bytes(range(256)) if number else b""
    if isinstance(kind, Integer):
        extremes = LARGE if _is_large(kind) else SMALL
        return extremes[number] if number < len(extremes) else number
    return _key(kind, number, revision)


def _alone(table: Table) -> set[str]:
    """Columns that make rows unique, alone or with others."""
    kept = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    return {
        column.name for each in (*kept, *(i for i in table.indexes if i.unique)) for column in each.columns
    }


def _key(kind: Any, number: int, revision: int) -> Any:
    if isinstance(kind, Date):
        return DAYS[2] + timedelta(days=revision * 100 + number)
    if isinstance(kind, Integer):
        return (9_999_999_990 if _is_large(kind) else 999_999_990) + revision * 100 + number
    return TEXTS[number] + ("" if revision == 1 else f"·{revision}")


def _is_large(kind: Any) -> bool:
    return "BIG" in type(kind).__name__.upper()


# ---------------------------------------------------------------- as an office had it


def frozen(revision: str, path: Path) -> None:
    """The database that the program of this revision filled (scripts/revision_fixtures.py), as a new SQLite file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = lzma.decompress((FIXTURES / f"{revision}.sql.xz").read_bytes()).decode()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(told)


def shapes(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Each thing that a SQLite file has, and the words it was made by, without what only looks."""
    found = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name"
    )
    for name, made_by in found:
        columns, *constraints = " ".join(made_by.replace('"', "").split()).rstrip(" )").split(", CONSTRAINT ")
        # Tables that were made anew have their constraints in an order of chance.
        yield name, ", ".join((columns, *sorted(each.rstrip(" )") for each in constraints)))
