"""A database read and changed past the program: all its rows as plain values, statements, triggers that interfere."""

import sqlite3
from contextlib import closing
from datetime import date
from typing import Any

import psycopg

from tests.databases import Databases, libpq
from tracker.store.models import Base

TABLES = [table for table in Base.metadata.sorted_tables if table.name != "change_mark"]


def everything(kind: Databases, url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows as plain values, read past the program."""
    found = {}
    with kind.asking(url) as ask:
        for table in TABLES:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            rows = ask(f"SELECT {names} FROM {table.name}", ())
            found[table.name] = sorted((tuple(map(_plain, each)) for each in rows), key=repr)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


def rows_in(kind: Databases, url: str) -> int:
    """The rows of all tables."""
    with kind.asking(url) as ask:
        return sum(ask(f"SELECT count(*) FROM {table.name}", ())[0][0] for table in TABLES)


def do(url: str, *statements: str) -> None:
    """Change a database past the program."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        return
    with psycopg.connect(libpq(url), autocommit=True) as server:
        for statement in statements:
            server.execute(statement)


def planted(url: str, table: str, *, sqlite: str, postgresql: str) -> None:
    """A trigger in the target that does something for each row of a table before the program sees it again."""
    if url.startswith("sqlite"):
        do(url, f"CREATE TRIGGER planted AFTER INSERT ON {table} BEGIN {sqlite}; END")
        return
    do(
        url,
        f"CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {postgresql}; RETURN NEW; END$$",
        f"CREATE TRIGGER planted BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION planted()",
    )


def uprooted(url: str, table: str) -> None:
    """Without it again."""
    do(url, "DROP TRIGGER planted" + ("" if url.startswith("sqlite") else f" ON {table}"))
