"""Rows of a load on SQLite, kept in a file of their own until all of them become visible in one short step.

SQLite's write lock belongs to a file: while a load fills the staging file, everybody else writes to the database. To
the load the two look like one: temporary views with the names of the tables lay staged rows over stored ones, and
triggers turn what is written to them aside. Queries and bulk paths need not know.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from tracker.errors import WorkFailed
from tracker.store.models import (
    Base,
    Batch,
    BatchSeen,
    CodeAlias,
    Dossier,
    DossierRevision,
    DueSeen,
    Event,
    Field,
    Procedure,
    ProgressEvent,
    RawBlock,
    Rejection,
    Source,
    Suspension,
    SuspensionRevision,
    Telling,
    Unit,
    UnitAlias,
    WaitingEvent,
)

# What a load writes to, those first to which others point. Whatever else it wrote to would take the write lock.
TABLES: tuple[type[Base], ...] = (
    Source, Unit, UnitAlias, Field, Procedure, Batch, RawBlock, Rejection,
    Dossier, DossierRevision, DueSeen, Suspension, SuspensionRevision, Event, ProgressEvent,
    Telling, CodeAlias, WaitingEvent, BatchSeen,
)  # fmt: skip
REPLACED: frozenset[type[Base]] = frozenset({Batch, Dossier, Rejection, Telling, CodeAlias, WaitingEvent})
DELETED: frozenset[type[Base]] = frozenset({Suspension})
# Dossiers are looked up by it as well; on all other tables the key is enough.
CODES = "CREATE UNIQUE INDEX staging.staged_dossier_code ON staged_dossier (code)"
CACHE_KIB = 32_768
MOVED = "Cấu trúc cơ sở dữ liệu đã đổi trong lúc nạp. Không có gì được ghi; hãy nạp lại."


@dataclass(frozen=True, slots=True)
class _Shape:
    """A table as the database has it."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    values: tuple[str, ...]  # of a new row, as SQL: a column that nobody names has its default
    key: tuple[str, ...]
    is_replaced: bool
    is_deleted: bool

    @property
    def listed(self) -> str:
        """Its columns."""
        return _names(self.columns)

    @property
    def keys(self) -> str:
        """The columns of its key."""
        return _names(self.key)


class Staging:
    """The staging file of one load, attached to a connection that is the load's own and has begun no transaction."""

    def __init__(self, connection: Connection, file: Path) -> None:
        self._connection = connection
        self._shapes = [_shape(connection, model) for model in TABLES]
        self._version = self._schema_version()
        connection.rollback()
        # Past SQLAlchemy, which would begin a transaction first: nothing can be attached within one.
        self._execute = connection.connection.cursor().execute
        self._execute("ATTACH ? AS staging", (str(file),))
        # Nobody wants the file after a fault: it needs neither a journal nor to be safe on the disk.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{CACHE_KIB}"):
            self._execute(f"PRAGMA staging.{pragma}")
        for shape in self._shapes:
            for statement in _covering(shape):
                self._execute(statement)
        self._execute(CODES)

    def uncover(self) -> None:
        """From now on the names of tables mean the database's own."""
        for shape in self._shapes:
            self._execute(f"DROP VIEW temp.{shape.name}")

    def publish(self) -> None:
        """Move everything into the tables of the database, in the transaction of the connection.

        Raises:
            WorkFailed: another process has migrated the database meanwhile.
        """
        if self._schema_version() != self._version:
            raise WorkFailed(MOVED)
        for shape in self._shapes:
            for statement in _publishing(shape, only_new=self._holds_only_new(shape)):
                self._connection.exec_driver_sql(statement)

    def _holds_only_new(self, shape: _Shape) -> bool:
        """Do all staged rows come after the stored ones? Then none can be put in the place of another."""
        if shape.key != ("id",):
            return False
        first = self._connection.exec_driver_sql(f"SELECT min(id) FROM staging.staged_{shape.name}").scalar()
        last = self._connection.exec_driver_sql(f"SELECT max(id) FROM main.{shape.name}").scalar()
        return first is not None and (last is None or first > last)

    def _schema_version(self) -> int:
        return int(self._connection.exec_driver_sql("PRAGMA main.schema_version").scalar_one())


def _shape(connection: Connection, model: type[Base]) -> _Shape:
    name = model.__tablename__
    told = connection.exec_driver_sql(f"PRAGMA main.table_info({name})").all()
    return _Shape(
        name,
        columns=tuple(row.name for row in told),
        types=tuple(row.type for row in told),
        values=tuple(_value(row) for row in told),
        key=tuple(row.name for row in sorted(told, key=lambda row: row.pk) if row.pk),
        is_replaced=model in REPLACED,
        is_deleted=model in DELETED,
    )


def _value(column: Any) -> str:
    if column.notnull and column.dflt_value is not None:
        return f'coalesce(NEW."{column.name}", {column.dflt_value})'
    return f'NEW."{column.name}"'


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _covering(shape: _Shape) -> Iterator[str]:
    """The staging table, the view that lays it over the stored one, and what becomes of writes to that view."""
    yield _table(shape)
    if shape.is_deleted:
        yield f"CREATE TABLE staging.gone_{shape.name} ({shape.keys}, PRIMARY KEY ({shape.keys})) WITHOUT ROWID"
    yield _view(shape)
    insert = f"staged_{shape.name} ({shape.listed}) VALUES ({', '.join(shape.values)});"
    yield _trigger(shape, "INSERT", f"INSERT INTO {insert}")
    if shape.is_replaced:
        yield _trigger(shape, "UPDATE", f"INSERT OR REPLACE INTO {insert}")
    if shape.is_deleted:
        old = [f'OLD."{column}"' for column in shape.key]
        same = " AND ".join(f'"{column}" = OLD."{column}"' for column in shape.key)
        yield _trigger(
            shape,
            "DELETE",
            f"INSERT OR IGNORE INTO gone_{shape.name} VALUES ({', '.join(old)});"
            f" DELETE FROM staged_{shape.name} WHERE {same};",
        )


def _table(shape: _Shape) -> str:
    if shape.key == ("id",):
        kinds = [
            "INTEGER PRIMARY KEY" if n == "id" else t for n, t in zip(shape.columns, shape.types, strict=True)
        ]
        end = ")"
    else:
        kinds = list(shape.types)
        end = f", PRIMARY KEY ({shape.keys})) WITHOUT ROWID"
    columns = ", ".join(f'"{name}" {kind}' for name, kind in zip(shape.columns, kinds, strict=True))
    return f"CREATE TABLE staging.staged_{shape.name} ({columns}{end}"


def _view(shape: _Shape) -> str:
    hidden = []
    if shape.is_replaced:
        hidden.append(f"staged_{shape.name}")
    if shape.is_deleted:
        hidden.append(f"gone_{shape.name}")
    same = " AND ".join(f'h."{column}" = r."{column}"' for column in shape.key)
    where = " AND ".join(f"NOT EXISTS (SELECT 1 FROM staging.{table} h WHERE {same})" for table in hidden)
    return (
        f"CREATE TEMP VIEW {shape.name} AS SELECT {shape.listed} FROM staging.staged_{shape.name}"
        f" UNION ALL SELECT {shape.listed} FROM main.{shape.name} r WHERE {where or 'true'}"
    )


def _trigger(shape: _Shape, verb: str, body: str) -> str:
    name = f"{verb.lower()}_{shape.name}"
    return f"CREATE TEMP TRIGGER {name} INSTEAD OF {verb} ON {shape.name} BEGIN {body} END"


def _publishing(shape: _Shape, *, only_new: bool) -> Iterator[str]:
    """From the staging table into the stored one; a row is put in place of another only where loads do so."""
    if shape.is_deleted:
        gone = f"SELECT {shape.keys} FROM staging.gone_{shape.name}"
        yield f"DELETE FROM main.{shape.name} WHERE ({shape.keys}) IN ({gone})"
    source = f"SELECT {shape.listed} FROM staging.staged_{shape.name} WHERE true"
    statement = f"INSERT INTO main.{shape.name} ({shape.listed}) {source} ORDER BY {shape.keys}"
    if shape.is_replaced and not only_new:
        others = [column for column in shape.columns if column not in shape.key]
        settings = ", ".join(f'"{column}" = excluded."{column}"' for column in others)
        statement += f" ON CONFLICT ({shape.keys}) DO UPDATE SET {settings}"
    yield statement
