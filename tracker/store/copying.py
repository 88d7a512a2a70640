"""Moving a whole store into another database of either kind, and proving that both then say the same.

Read in one snapshot, written in one transaction: until both sides are found equal, row by row, nobody sees anything of
it, and a killed run leaves the tables empty. Letters themselves are files and no part of this.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    Connection,
    Date,
    MetaData,
    Row,
    Table,
    func,
    inspect,
    literal,
    make_url,
    select,
    type_coerce,
)
from sqlalchemy.exc import ArgumentError, DBAPIError

from tracker.errors import UsageError, WorkFailed
from tracker.store.faults import is_lost, one_line
from tracker.store.migrate import create_tables, newest_revision, revision
from tracker.store.models import Base, Batch, ChangeMark, Dossier, Instant, RawBlock
from tracker.store.partitions import cover, own_tables, partitions
from tracker.store.session import Store, open_store

Say = Callable[[str], None]
Rows = Iterable[Sequence[Any]]

# Rows that are in memory at a time; a raw block alone may have some hundred kilobytes.
CHUNK, CHUNK_OF_BLOCKS = 2_000, 20
SAY_EVERY = 100_000
REVISION_TABLE = "alembic_version"  # Alembic's own
# Whoever is pointed to comes first. Each database renews its marks by itself, when the rows they stand for arrive.
TABLES = [table for table in Base.metadata.sorted_tables if table.name != ChangeMark.__tablename__]
# Two letters at least: "C:\\dunghen.sqlite3" is a file.
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+]+:")
SECRETS = ("password", "sslpassword")
POSTGRESQL_PORT = 5432


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table that is equal on both sides: its rows, and the SHA-256 of their canonical text in the order of the key."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What was moved from where to where (addresses without passwords), proved equal."""

    source: str
    target: str
    tables: tuple[CopiedTable, ...]

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(table.rows for table in self.tables)

    @property
    def sha256(self) -> str:
        """Over the tables in their order: equal stores, equal sum."""
        lines = "".join(f"{table.name} {table.rows} {table.sha256}\n" for table in self.tables)
        return hashlib.sha256(lines.encode()).hexdigest()


def copy_store(source: str, target: str, say: Say, *, as_it_is: bool = False) -> CopyReport:
    """Copy all rows of one database (address, or path of a SQLite file) into another that has none, and compare.

    `as_it_is`: one of an earlier revision too, into tables of that revision, as before an upgrade.

    Raises:
        UsageError: the addresses cannot be meant: one and the same, not there, or not kept anywhere.
        WorkFailed: another revision, a target that holds something, or a difference; the target has no rows then.
    """
    addresses = _address(source), _address(target)
    told = make_url(addresses[0]), make_url(addresses[1])
    _refuse_confusion(*told)
    with closing(open_store(addresses[0])) as old, closing(open_store(addresses[1])) as new:
        present = revision(old)
        if present is None or not as_it_is:
            _require_newest(old)
            present = newest_revision()
        _make_ready(new, present)
        with old.read() as reading, new.transaction() as writing:
            chosen = tables_of(reading.connection(), present)
            tables = fill_tables(reading.connection(), writing.connection(), chosen, say)
    return CopyReport(_shown(told[0]), _shown(told[1]), tables)


def tables_of(connection: Connection, present: str) -> Sequence[Table]:
    """The tables to be copied: those of the models, of an earlier revision as the database itself describes them."""
    if present == newest_revision():
        return TABLES
    found = MetaData()
    found.reflect(connection)
    return [
        table for table in found.sorted_tables if table.name not in (REVISION_TABLE, ChangeMark.__tablename__)
    ]


def fill_tables(
    source: Connection, target: Connection, tables: Sequence[Table], say: Say
) -> tuple[CopiedTable, ...]:
    """Copy the rows of these tables in the transaction of the target, and hold both sides against each other.

    Raises:
        WorkFailed: the target has rows already, or takes something otherwise than it was given.
    """
    _claim(target, tables)
    if partitions(target):  # they have to reach as far as the source
        cover(target, *(source.scalar(select(func.max(key))) or 0 for key in (Dossier.id, Batch.id)))
    for table in tables:
        _fill(source, target, table, say)
    _require_keys(target)
    proved = tuple(_proved(source, target, table, say) for table in tables)
    _tell_planner(target, tables)
    return proved


# ---------------------------------------------------------------- addresses


def _address(text: str) -> str:
    address = text if SCHEME.match(text) else f"sqlite:///{Path(text).resolve().as_posix()}"
    try:
        make_url(address)
    except (ArgumentError, ValueError):
        # Not its text: it may hold a password.
        raise UsageError("Địa chỉ cơ sở dữ liệu không đúng dạng.") from None
    return address


def _refuse_confusion(source: URL, target: URL) -> None:
    for url in (source, target):
        if _is_file(url) and (url.database or ":memory:") == ":memory:":
            raise UsageError("Cần một tệp SQLite hoặc một cơ sở dữ liệu PostgreSQL, không phải bộ nhớ tạm.")
    if _is_file(source) and not Path(source.database or "").is_file():
        raise UsageError(f"Không có tệp {source.database}.")
    if _place(source) == _place(target):
        raise UsageError("Nguồn và đích là một cơ sở dữ liệu.")


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _place(url: URL) -> tuple[object, ...]:
    """What two addresses of one database have in common."""
    if _is_file(url):
        return (Path(url.database or "").resolve(),)
    host, port = (url.query.get(name) or value for name, value in (("host", url.host), ("port", url.port)))
    return host or "localhost", str(port or POSTGRESQL_PORT), url.database or url.username


def is_one_database(one: str, other: str) -> bool:
    """Do two addresses (or paths of SQLite files) mean the same database?"""
    return _place(make_url(_address(one))) == _place(make_url(_address(other)))


def _shown(url: URL) -> str:
    hidden = {name: "***" for name in SECRETS if name in url.query}
    return url.update_query_dict(hidden).render_as_string(hide_password=True)


# ---------------------------------------------------------------- what may be copied, and into what


def _require_newest(source: Store) -> None:
    present, newest = revision(source), newest_revision()
    if present != newest:
        raise WorkFailed(
            f"Cơ sở dữ liệu nguồn ở phiên bản {present or 'lạ'}, chương trình cần {newest}. "
            "Sao lưu nguồn rồi chạy cho nó: dunghen db upgrade"
        )


def _make_ready(target: Store, wanted: str) -> None:
    """Our tables without rows; the catalogues come from the source like everything else."""
    present = revision(target)
    with target.read() as session:
        found = inspect(session.connection())
        names = {*found.get_table_names(), *found.get_view_names()} - own_tables(session.connection())
    if strange := names - {*Base.metadata.tables, REVISION_TABLE}:
        raise WorkFailed(f"Cơ sở dữ liệu đích có bảng của chương trình khác: {', '.join(sorted(strange))}.")
    if not names:
        create_tables(target, wanted)
    elif present != wanted:
        raise WorkFailed(
            f"Cơ sở dữ liệu đích ở phiên bản {present or 'lạ'}: hãy dùng một cơ sở dữ liệu còn trống."
        )


def _claim(target: Connection, tables: Sequence[Table]) -> None:
    """Nobody else writes there from now on, and nobody has."""
    if _copies(target):
        names = ", ".join(table.name for table in tables)
        target.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
    else:
        # A unit may stand before its parent; PostgreSQL looks at the end of each COPY.
        target.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    filled = [
        table.name
        for table in tables
        if target.execute(select(literal(1)).select_from(table).limit(1)).first() is not None
    ]
    if filled:
        raise WorkFailed(
            f"Cơ sở dữ liệu đích đã có dữ liệu (bảng {', '.join(filled)}): hãy dùng một cơ sở dữ liệu còn trống."
        )


def _copies(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


# ---------------------------------------------------------------- rows


def _rows(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    """The rows in the order of their key, streamed: numbers as numbers, texts by code point on both databases."""
    # An instant stays the number that it is stored as: any number can be, not every one is a date of the calendar.
    columns = (
        type_coerce(column, BigInteger) if isinstance(column.type, Instant) else column
        for column in table.columns
    )
    query = select(*columns).order_by(*table.primary_key.columns)
    with connection.execute(query, execution_options={"yield_per": _chunk(table)}) as found:
        yield from found


def _chunk(table: Table) -> int:
    return CHUNK_OF_BLOCKS if table.name == RawBlock.__tablename__ else CHUNK


def _chunks(connection: Connection, table: Table, say: Say) -> Iterator[list[Row[Any]]]:
    say(f"Chép {table.name}…")
    rows: list[Row[Any]] = []
    for number, row in enumerate(_rows(connection, table), 1):
        rows.append(row)
        if len(rows) == _chunk(table):
            yield rows
            rows = []
        if number % SAY_EVERY == 0:
            say(f"Chép {table.name}: {number} dòng…")
    if rows:
        yield rows


def _fill(source: Connection, target: Connection, table: Table, say: Say) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    write = _by_copy if _copies(target) else _by_insert
    with _told(target, table):
        write(target, table, names, _chunks(source, table, say))


@contextmanager
def _told(target: Connection, table: Table) -> Iterator[None]:
    """What the target cannot take (a number too large, a NUL, a key that leads nowhere), with the name of its table. A server
    that is gone, on either side, is no table's fault.
    """
    driver: Any = target.dialect.loaded_dbapi
    try:
        yield
    except (DBAPIError, driver.Error) as error:
        if is_lost(error, target.engine.url):
            raise
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise WorkFailed(
            f"Không chép được bảng {table.name}: {one_line(cause)}. Không có gì được ghi."
        ) from error


def _by_copy(target: Connection, table: Table, names: str, chunks: Iterable[Rows]) -> None:
    """One COPY for the whole table: foreign keys within it are looked at when it ends."""
    driver: Any = target.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for rows in chunks:
            for row in rows:
                copy.write_row(row)


def _by_insert(target: Connection, table: Table, names: str, chunks: Iterable[Rows]) -> None:
    marks = ", ".join("?" * len(table.columns))
    has_dates = any(isinstance(column.type, Date) for column in table.columns)
    for rows in chunks:
        values = [tuple(map(_for_sqlite, row)) if has_dates else tuple(row) for row in rows]
        target.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", values)


def _for_sqlite(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _require_keys(target: Connection) -> None:
    """Keys that lead nowhere; PostgreSQL has looked at them already, SQLite would say no more than that there are some."""
    if _copies(target):
        return
    if lost := target.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise WorkFailed(
            f"Không chép được bảng {lost[0]}: có dòng trỏ đến {lost[2]} không tồn tại. Không có gì được ghi."
        )


def _tell_planner(target: Connection, tables: Sequence[Table]) -> None:
    """PostgreSQL plans by statistics, which a table filled at one go has not yet."""
    if _copies(target):
        target.exec_driver_sql("ANALYZE " + ", ".join(table.name for table in tables))


# ---------------------------------------------------------------- the proof


def _proved(source: Connection, target: Connection, table: Table, say: Say) -> CopiedTable:
    """The table as both sides give it back."""
    say(f"Đối chiếu {table.name}…")
    given, taken = (_summed(side, table) for side in (source, target))
    if given != taken:
        raise WorkFailed(
            f"Bảng {table.name}: nguồn {given.rows} dòng, đích {taken.rows} dòng; "
            f"dòng khác nhau đầu tiên có khóa {_first_difference(source, target, table)}. Không có gì được ghi."
        )
    return given


def _summed(connection: Connection, table: Table) -> CopiedTable:
    count, digest = 0, hashlib.sha256()
    for row in _rows(connection, table):
        digest.update(canonical(row))
        count += 1
    return CopiedTable(table.name, count, digest.hexdigest())


def canonical(row: Sequence[Any]) -> bytes:
    """One line of JSON: numbers, texts letter by letter (never normalized), dates as ISO, bytes as hexadecimal."""
    return _JSON.encode(tuple(row)).encode() + b"\n"


def _canonical_value(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else bytes(value).hex()


_JSON = json.JSONEncoder(default=_canonical_value, separators=(",", ":"), check_circular=False)


def _first_difference(source: Connection, target: Connection, table: Table) -> str:
    """The smallest key at which the sides differ; a row that only one side has differs."""
    positions = [list(table.columns).index(column) for column in table.primary_key.columns]

    def key(row: Row[Any]) -> tuple[Any, ...]:
        return tuple(row[position] for position in positions)

    for given, taken in zip_longest(_rows(source, table), _rows(target, table)):
        if given is None or taken is None or canonical(given) != canonical(taken):
            found = min(key(row) for row in (given, taken) if row is not None)
            return ", ".join(map(str, found))
    raise AssertionError(f"{table.name} was different and no longer is")
