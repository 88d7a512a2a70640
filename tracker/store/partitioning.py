"""Making partitions out of whole tables: the rows of each year moved, compared, and put in place of what was, in one step.

One transaction: a run that is killed, or finds a difference, leaves the store as it was. Nobody else may be at work.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from tracker.errors import UsageError, WorkFailed
from tracker.store.locks import Lock, hold
from tracker.store.partition_codes import forget_codes, keep_codes
from tracker.store.partition_years import pieces
from tracker.store.partitions import (
    CODES,
    DOSSIERS,
    SPLITS,
    Partition,
    Split,
    bounds,
    name_indexes,
    partitions,
)
from tracker.store.session import Store

Say = Callable[[str], None]
BEFORE = "{0}_before"
# The one index that says no two rows are alike without holding what parts the table; `dossier_code` says it instead.
UNIQUE_BEFORE = "uq_dossier_code"
LOCK_SECONDS = 10
BUILD_MEMORY = "256MB"
# Bytes: smaller tables are done in no time.
WORTH_A_WORD = 1 << 20
ONLY_POSTGRESQL = "Chỉ PostgreSQL có phân vùng theo năm; cơ sở dữ liệu này là SQLite và không cần. Muốn chuyển sang PostgreSQL: dunghen db copy."
IN_USE = (
    "Cơ sở dữ liệu đang được dùng ({count} kết nối khác): hãy dừng dunghen serve, worker, scheduler và mọi lệnh khác "
    "rồi chạy lại. Không có gì bị thay đổi."
)
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend' AND usename = current_user"
)
_SIZES = text(
    "SELECT pg_table_size(CAST(:name AS regclass)), pg_indexes_size(CAST(:name AS regclass)),"
    " (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = CAST(:name AS regclass))"
)
_INDEXES = text(
    "SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisunique, pg_get_constraintdef(k.oid)"
    " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'p'"
    " WHERE i.indrelid = CAST(:name AS regclass) ORDER BY k.oid IS NULL, c.relname"
)
_GRANTS = text(
    "SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, a.privilege_type"
    " FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = CAST(:name AS regclass) AND a.grantee <> c.relowner"
)
# Rows in any order: the sum of the hashes of their texts.
_SUM = "SELECT count(*), coalesce(sum(hashtextextended(CAST(t AS text), 0)::numeric), 0)::text FROM {0} t"


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A table that is whole yet: its bytes with indexes, about how many rows, and the partitions it is to have."""

    table: str
    size: int
    rows: int
    pieces: tuple[Partition, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, and which tables are in partitions already."""

    tables: tuple[TablePlan, ...]
    done: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes that both copies need beside each other, until the step is over."""
        return sum(each.size for each in self.tables)


class Moved(NamedTuple):
    """A table that is in partitions now: its rows, and the sum of their hashes, the same before and after."""

    table: str
    rows: int
    checksum: str
    partitions: tuple[str, ...]


def look(store: Store, now: datetime) -> Plan:
    """What `convert` would do.

    Raises:
        UsageError: the database is SQLite.
    """
    _require_postgresql(store)
    with store.read() as session:
        return _plan(session.connection(), now)


def convert(store: Store, now: datetime, say: Say) -> tuple[Moved, ...]:
    """Put every big table into partitions by year; nothing where they are. Afterwards `tidy` once.

    Raises:
        UsageError: the database is SQLite.
        WorkFailed: somebody else is connected, or a difference was found; nothing has changed.
    """
    _require_postgresql(store)
    with _alone(store) as connection:
        plan = _plan(connection, now)
        _lock(connection, [each.table for each in plan.tables])
        moved = tuple(_moved(connection, each, say) for each in plan.tables)
        if any(each.table == DOSSIERS for each in moved):
            say(f"Lập bảng mã hồ sơ {CODES}…")
            keep_codes(connection)
        for each in moved:
            connection.exec_driver_sql(f"ANALYZE {each.table}")
    return moved


def undo(store: Store, say: Say) -> tuple[Moved, ...]:
    """Make whole tables of those in partitions, rows compared; nothing where there are none. Raises as `convert`."""
    _require_postgresql(store)
    with _alone(store) as connection:
        there = partitions(connection)
        _lock(connection, list(there))
        moved = tuple(_whole_again(connection, table, say) for table in there)
        if there:
            forget_codes(connection)
        for each in moved:
            connection.exec_driver_sql(f"ANALYZE {each.table}")
    return moved


def _whole_again(connection: Connection, table: str, say: Say) -> Moved:
    say(f"{table}: gộp các năm…")
    with _replaced(connection, table, ()) as parted:
        connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM {parted}")
        rows, checksum = _compared(connection, parted, table)
    return Moved(table, rows, checksum, ())


def empty_whole_tables(connection: Connection) -> None:
    """Empty whole tables in the place of those in partitions, whose rows are lost; for who takes all tables away anyway."""
    there = partitions(connection)
    for table in there:
        with _replaced(connection, table, ()):
            pass
    if there:
        forget_codes(connection)


def tidy(store: Store, tables: tuple[str, ...], say: Say) -> None:
    """VACUUM partitions that were filled at one go, so that counts need not look at their rows; safe at any time."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table, each in partitions(connection).items():
            if table in tables:
                say(f"Dọn {table}…")
            for one in each if table in tables else ():
                connection.exec_driver_sql(f"VACUUM {one.name}")


# ---------------------------------------------------------------- before


def _require_postgresql(store: Store) -> None:
    if store.engine.dialect.name != "postgresql":
        raise UsageError(ONLY_POSTGRESQL)


@contextmanager
def _alone(store: Store) -> Iterator[Connection]:
    """One transaction while nobody else is connected, our own pool neither."""
    store.engine.dispose()
    with store.transaction() as session:
        connection = session.connection()
        hold(connection, Lock.SCHEMA)
        hold(connection, Lock.INGEST)
        _require_alone(connection)
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        connection.exec_driver_sql(f"SET LOCAL maintenance_work_mem = '{BUILD_MEMORY}'")
        yield connection


def _lock(connection: Connection, tables: list[str]) -> None:
    if tables:
        connection.exec_driver_sql(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")


def _require_alone(connection: Connection) -> None:
    if count := connection.execute(_OTHERS).scalar_one():
        raise WorkFailed(IN_USE.format(count=count))


def _plan(connection: Connection, now: datetime) -> Plan:
    there = partitions(connection)
    return Plan(
        tuple(_table_plan(connection, split, now) for split in SPLITS if split.table not in there),
        tuple(there),
    )


def _table_plan(connection: Connection, split: Split, now: datetime) -> TablePlan:
    heap, indexes, rows = connection.execute(_SIZES, {"name": split.table}).one()
    return TablePlan(split.table, heap + indexes, rows, pieces(connection, split, now))


# ---------------------------------------------------------------- one table


def _moved(connection: Connection, plan: TablePlan, say: Say) -> Moved:
    with _replaced(connection, plan.table, plan.pieces) as whole:
        for piece in plan.pieces:
            if plan.size > WORTH_A_WORD:
                say(f"{plan.table}: chuyển năm {piece.year}…")
            within = _within(_key(plan.table), piece)
            connection.exec_driver_sql(f"INSERT INTO {piece.name} SELECT * FROM {whole} WHERE {within}")
        if plan.size > WORTH_A_WORD:
            say(f"{plan.table}: đối chiếu và lập chỉ mục…")
        rows, checksum = _compared(connection, whole, plan.table)
    return Moved(plan.table, rows, checksum, tuple(each.name for each in plan.pieces))


def _key(table: str) -> str:
    return next(split.key for split in SPLITS if split.table == table)


@contextmanager
def _replaced(connection: Connection, table: str, pieces: tuple[Partition, ...]) -> Iterator[str]:
    """Put an empty table with these partitions (none: a whole one) in the place of one that stays within under the name
    given, and goes at the end; indexes and grants as they were.
    """
    run, before = connection.exec_driver_sql, BEFORE.format(table)
    indexes = [_Index(*row) for row in connection.execute(_INDEXES, {"name": table})]
    grants = [tuple(row) for row in connection.execute(_GRANTS, {"name": table})]
    run(f"ALTER TABLE {table} RENAME TO {before}")
    alike = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMMENTS"
    parted = f" PARTITION BY RANGE ({_key(table)})" if pieces else ""
    run(f"CREATE TABLE {table} (LIKE {before} {alike}){parted}")
    for piece in pieces:
        run(f"CREATE TABLE {piece.name} PARTITION OF {table} FOR VALUES {bounds(piece.first, piece.end)}")
    yield before
    run(f"DROP TABLE {before}")
    for index in indexes:
        _build(connection, table, index, is_parted=bool(pieces))
    for piece in pieces:
        name_indexes(connection, piece.name, piece.year)
    for who, right in grants:
        run(f"GRANT {right} ON {table} TO {who}")


def _within(key: str, piece: Partition) -> str:
    end = f"{key} < {piece.end}"
    return end if piece.first is None else f"{key} >= {piece.first} AND {end}"


def _compared(connection: Connection, whole: str, table: str) -> tuple[int, str]:
    before, after = (connection.exec_driver_sql(_SUM.format(name)).one() for name in (whole, table))
    if tuple(before) != tuple(after):
        raise WorkFailed(
            f"Bảng {table}: trước {before[0]} dòng, sau {after[0]} dòng. Không có gì bị thay đổi."
        )
    return int(after[0]), str(after[1])


class _Index(NamedTuple):
    name: str
    definition: str
    is_unique: bool
    primary: str | None


def _build(connection: Connection, table: str, index: _Index, *, is_parted: bool) -> None:
    """The index on the table, of all partitions: each of them gets its own, later ones as well."""
    if index.primary is not None:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {index.name} {index.primary}")
        return
    if index.is_unique and index.name != UNIQUE_BEFORE:
        raise WorkFailed(f"Chỉ mục {index.name} không phân vùng được. Không có gì bị thay đổi.")
    unique = "UNIQUE " if index.name == UNIQUE_BEFORE and not is_parted else ""
    definition = re.sub(r"^CREATE (UNIQUE )?INDEX", f"CREATE {unique}INDEX", index.definition)
    connection.exec_driver_sql(definition.replace(" ON ONLY ", " ON ").replace("%", "%%"))
