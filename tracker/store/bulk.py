"""Bulk paths of one batch: rows as tuples straight to the driver, ids assigned here, in the transaction of the caller.

SQLite takes executemany; PostgreSQL takes COPY, and COPY into a temporary table merged in one statement where rows
replace others (benchmarks, loading: everything else costs 1.4 to 19 times as much there).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, String, TypeDecorator
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from tracker.store.ids import next_id, next_id_at
from tracker.store.models import (
    Base,
    Dossier,
    DossierRevision,
    DueSeen,
    Event,
    ProgressEvent,
    RawBlock,
    Rejection,
    Suspension,
)
from tracker.store.partitions import DOSSIERS, to_analyze
from tracker.store.touched import Touched
from tracker.types import DossierVersion

# SQLite takes up to 32,766 parameters in one statement.
LOOKUP_SLICE = 10_000
VERSION = ", ".join(f'd."{name}"' for name in DossierVersion._fields)
STAGED = "staged_dossier"
# What PostgreSQL calls the kinds of values that are given to it as it keeps them; a long number is an Integer as well.
COPIED_AS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (BigInteger, "int8"), (Integer, "int4"), (String, "varchar"), (LargeBinary, "bytea"),
)  # fmt: skip
SHORT = 2**31
# How closely the planner looks at tables after a load, of PostgreSQL's usual 100.
PLANNED_WITH = 50
# The columns of a dossier that conditions, joins and orders of queries are about.
PLANNED_BY = (
    "id", "known_from", "source_id", "code", "procedure_id", "field_id", "resolving_unit_id", "receiving_unit_id",
    "returning_unit_id", "channel", "applicant_kind", "filed_at", "received_at", "promised_at", "source_due_at",
    "documented_due_at", "finished_at", "returned_at", "ended_at", "end_kind", "suspended_from", "status", "batch_id",
    "intake_due_at", "ended_known_at",
)  # fmt: skip


class Known(NamedTuple):
    """What is needed of a stored dossier to see whether a row tells something new."""

    dossier_id: int
    row_hash: bytes
    updated_at: int | None
    source_id: int
    procedure_id: int | None
    received_at: int | None
    is_open: bool


class Told(NamedTuple):
    """What a source that does not govern a dossier has told of it."""

    source_id: int
    row_hash: bytes
    updated_at: int | None
    body: str
    disagrees: str


class Stored(NamedTuple):
    """A dossier as it stands, since when it is known, and the code of its procedure."""

    version: DossierVersion
    known_from: int
    procedure: str


# Of these a load writes whole rows, so that in a staged load they go past the view, whose trigger costs half as much again.
WHOLE: tuple[type[Base], ...] = (Dossier, DueSeen, Event, ProgressEvent, RawBlock, Suspension)


def _staged(connection: Connection) -> dict[str, str]:
    """Table -> where its new rows lie, on a connection with a staging file (`tracker.store.staging`)."""
    files = {row[1] for row in connection.exec_driver_sql("PRAGMA database_list")}
    names = [model.__tablename__ for model in WHOLE]
    return {name: f"staging.staged_{name}" for name in names} if "staging" in files else {}


def _array(values: Sequence[Any]) -> tuple[str, str]:
    """Numbers or texts as PostgreSQL reads an array, and the kind of its members: the driver takes ten times as long."""
    if isinstance(values[0], int):
        return "bigint", f"{{{','.join(map(str, values))}}}"
    body = '","'.join(values)
    if "\\" in body or body.count('"') != 2 * (len(values) - 1):
        body = '","'.join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "text", f'{{"{body}"}}'


class CopyKinds(NamedTuple):
    """How PostgreSQL takes rows of some columns in its own notation; `short`: which of them hold no more than `SHORT`."""

    names: tuple[str, ...]
    short: tuple[int, ...]


@lru_cache(maxsize=256)
def copy_kinds(table: str, columns: tuple[str, ...]) -> CopyKinds | None:
    """None: a temporary table, or one with columns whose values are given otherwise than PostgreSQL keeps them."""
    model = Base.metadata.tables.get(table)
    if model is None:
        return None
    told = [model.columns[name] for name in columns]
    kinds = [next((kind for type_, kind in COPIED_AS if isinstance(_plain(one), type_)), "") for one in told]
    # The number of another row was read from that row, and so fits.
    short = (at for at, kind in enumerate(kinds) if kind == "int4" and not columns[at].endswith("_id"))
    return CopyKinds(tuple(kinds), tuple(short)) if all(kinds) else None


def _plain(column: Column[Any]) -> TypeEngine[Any]:
    kind = column.type
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def fill_table(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert tuples, in the order of `columns`, of values as the database keeps them: instants in epoch seconds, days as text."""
    batch = rows if isinstance(rows, list) else list(rows)
    if not batch:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, columns, batch)
        return
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", batch)


def _copy(connection: Connection, table: str, columns: Sequence[str], rows: list[Sequence[Any]]) -> None:
    """In PostgreSQL's own notation wherever it can be, which costs us half of writing texts."""
    driver: Any = connection.connection.driver_connection
    kinds = copy_kinds(table, tuple(columns))
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f"COPY {table} ({names}) FROM STDIN"
    with (
        driver.cursor() as cursor,
        cursor.copy(f"{statement} (FORMAT binary)" if kinds else statement) as copy,
    ):
        if kinds:
            copy.set_types(kinds.names)
            _refuse_large(rows, kinds.short)
        write = copy.write_row
        for row in rows:
            write(row)


def _refuse_large(rows: list[Sequence[Any]], short: Sequence[int]) -> None:
    """The driver would cut off what does not fit."""
    for at in short:
        values = {row[at] for row in rows} - {None}
        if values and not -SHORT <= min(values) <= max(values) < SHORT:
            raise OverflowError(at)


class BulkWriter:
    """Writes one batch; nothing is visible to others before the caller commits.

    `at`: the moment of knowledge, from which the ids of a year may begin anew; None: no new dossiers come.
    """

    def __init__(self, session: Session, at: datetime | None = None) -> None:
        self._connection = session.connection()
        self._copies = self._connection.dialect.name == "postgresql"
        self._mark = "%s" if self._copies else "?"
        self._tables = {} if self._copies else _staged(self._connection)
        self._next = {model: next_id(session, model.id) for model in (Dossier, Rejection)}
        if at is not None:
            self._next[Dossier] = next_id_at(session, Dossier.id, DOSSIERS, at)
        # Which counts by month and search keys change with what is written: the caller puts it down in the same step.
        self.touched = Touched()

    def next_ids(self, model: type[Dossier] | type[Rejection], how_many: int) -> range:
        """Take the next ids of a table."""
        first = self._next[model]
        self._next[model] = first + how_many
        return range(first, first + how_many)

    def insert(self, model: type[Base], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert tuples in the order of `columns`."""
        self.fill(model.__tablename__, columns, rows)

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """The same for a table by its name, a temporary one for instance."""
        fill_table(self._connection, self._tables.get(table, table), columns, rows)

    def _with(self, before: str, values: Sequence[Any], *, first: Sequence[Any] = ()) -> Iterator[Any]:
        """The result rows of a statement that ends in `<column> IN values`, run slice by slice."""
        for start in range(0, len(values), LOOKUP_SLICE):
            part = list(values[start : start + LOOKUP_SLICE])
            if self._copies:
                kind, told = _array(part)
                found = self._connection.exec_driver_sql(f"{before} = ANY(%s::{kind}[])", (*first, told))
            else:
                marks = ", ".join("?" * len(part))
                found = self._connection.exec_driver_sql(f"{before} IN ({marks})", (*first, *part))
            if found.returns_rows:
                yield from found.fetchall()

    def known(self, codes: Sequence[str]) -> dict[str, Known]:
        """What is stored under these codes, whichever source tells it."""
        query = (
            "SELECT code, id, row_hash, updated_at, source_id, procedure_id, received_at, ended_at"
            " FROM dossier WHERE code"
        )
        return {
            code: Known(number, bytes(digest), updated, source, procedure, received, ended is None)
            for code, number, digest, updated, source, procedure, received, ended in self._with(query, codes)
        }

    # ------------------------------------------------------------ dossiers

    def add_dossiers(self, ids: range, versions: Sequence[DossierVersion], known_from: int) -> None:
        """Insert new dossiers under ids taken before."""
        self.touched.added(ids, versions)
        columns = ("id", *DossierVersion._fields, "known_from")
        rows = [(i, *version, known_from) for i, version in zip(ids, versions, strict=True)]
        self.insert(Dossier, columns, rows)

    def analyze(self) -> None:
        """Tell PostgreSQL's planner how the tables look now; after a large batch it would not know for a minute.

        Names, addresses and words decide no plan, and looking at them costs as much as at all the rest: they are left to
        autovacuum.
        """
        if self._copies:
            # A smaller sample than the usual one: autovacuum takes that anyway, a minute later.
            self._connection.exec_driver_sql(f"SET LOCAL default_statistics_target = {PLANNED_WITH}")
            columns = f" ({', '.join(PLANNED_BY)})"
            dossiers = [table + columns for table in to_analyze(self._connection, ("dossier",))]
            others = to_analyze(self._connection, ("due_seen", "suspension", "event"))
            self._connection.exec_driver_sql("ANALYZE " + ", ".join([*dossiers, *others]))

    def load(self, dossier_ids: Sequence[int]) -> dict[int, Stored]:
        """Dossiers as they stand."""
        query = (
            f"SELECT {VERSION}, d.known_from, coalesce(p.code, ''), d.id"
            " FROM dossier d LEFT JOIN procedure p ON p.id = d.procedure_id WHERE d.id"
        )
        hash_at = DossierVersion._fields.index("row_hash")
        found: dict[int, Stored] = {}
        for row in self._with(query, dossier_ids):
            values = (*row[:hash_at], bytes(row[hash_at]), *row[hash_at + 1 : -3])
            found[row[-1]] = Stored(DossierVersion._make(values), row[-3], row[-2])
        return found

    def replace_dossiers(
        self, stored: Mapping[int, Stored], versions: Mapping[int, DossierVersion], known_from: int
    ) -> None:
        """Keep what stood as revisions and put new versions in its place.

        Two tellings within one batch were never known apart: only what an earlier batch said is a revision.
        """
        for number, version in versions.items():
            before = stored[number]
            self.touched.replaced(number, before.version, version, is_kept=before.known_from != known_from)
        revisions = [
            (number, *stored[number].version, stored[number].known_from, known_from)
            for number in versions
            if stored[number].known_from != known_from
        ]
        names = (*DossierVersion._fields, "known_from")
        self.insert(DossierRevision, ("id", *names, "known_until"), revisions)
        if self._copies:
            self._merge(names, [(number, *version, known_from) for number, version in versions.items()])
        elif versions:
            settings = ", ".join(f'"{name}" = ?' for name in names)
            rows = [(*version, known_from, number) for number, version in versions.items()]
            self._connection.exec_driver_sql(f"UPDATE dossier SET {settings} WHERE id = ?", rows)

    def _merge(self, names: Sequence[str], rows: list[Sequence[Any]]) -> None:
        """Rows (id, then `names`) over those of the same id, by way of a temporary table."""
        execute = self._connection.exec_driver_sql
        execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {STAGED} (LIKE dossier) ON COMMIT DROP")
        self.fill(STAGED, ("id", *names), rows)
        settings = ", ".join(f'"{name}" = s."{name}"' for name in names)
        execute(f"UPDATE dossier SET {settings} FROM {STAGED} s WHERE dossier.id = s.id")
        execute(f"TRUNCATE {STAGED}")

    # ------------------------------------------------------------ what belongs to a dossier

    def append_dues(self, rows: list[tuple[int, int, str, int | None, int, int]]) -> None:
        """Due dates seen: (dossier, seq, kind, due, seen at, batch)."""
        self.insert(DueSeen, ("dossier_id", "seq", "kind", "due_at", "seen_at", "batch_id"), rows)

    def dues_seen(self, dossier_ids: Sequence[int]) -> dict[int, list[int | None]]:
        """The due dates that were ever told of dossiers, in order."""
        query = "SELECT dossier_id, due_at, seq FROM due_seen WHERE dossier_id"
        seen: dict[int, list[int | None]] = {}
        for number, due, _ in sorted(self._with(query, dossier_ids), key=lambda row: (row[0], row[2])):
            seen.setdefault(number, []).append(due)
        return seen

    def append_events(self, rows: list[tuple[int, int, int, str, str, int]]) -> None:
        """Events: (dossier, seq, at, kind, text, batch)."""
        self.insert(Event, ("dossier_id", "seq", "at", "kind", "text", "batch_id"), rows)

    def events_counted(self, dossier_ids: Sequence[int]) -> dict[int, int]:
        """How many events dossiers have: the next number in the sequence of each."""
        counts: dict[int, int] = {}
        for (number,) in self._with("SELECT dossier_id FROM event WHERE dossier_id", dossier_ids):
            counts[number] = counts.get(number, 0) + 1
        return counts

    def add_suspensions(self, rows: list[tuple[int, int, str, int, int | None, int, int]]) -> None:
        """Suspensions: (dossier, seq, kind, start, end, batch, known from)."""
        columns = ("dossier_id", "seq", "kind", "start_at", "end_at", "batch_id", "known_from")
        self.insert(Suspension, columns, rows)

    def suspensions(self, dossier_ids: Sequence[int]) -> dict[int, list[tuple[str, int, int | None]]]:
        """The suspensions of dossiers as they stand: (kind, start, end), in order of start."""
        query = "SELECT dossier_id, start_at, end_at, kind FROM suspension WHERE dossier_id"
        found: dict[int, list[tuple[str, int, int | None]]] = {}
        for number, start, end, kind in sorted(self._with(query, dossier_ids), key=lambda row: row[:2]):
            found.setdefault(number, []).append((kind, start, end))
        return found

    def retire_suspensions(self, dossier_ids: Sequence[int], known_until: int) -> None:
        """Keep what an earlier batch told as revisions, and make room for what is told now."""
        self.touched.suspended(
            dossier_ids, self.suspensions(dossier_ids) if self.touched.wants_pauses else {}
        )
        columns = "dossier_id, known_from, seq, kind, start_at, end_at, batch_id"
        keep = (
            f"INSERT INTO suspension_revision ({columns}, known_until)"
            f" SELECT {columns}, {self._mark} FROM suspension WHERE known_from <> {self._mark} AND dossier_id"
        )
        list(self._with(keep, dossier_ids, first=(known_until, known_until)))
        list(self._with("DELETE FROM suspension WHERE dossier_id", dossier_ids))

    def add_steps(self, rows: Sequence[Sequence[Any]]) -> None:
        """Progress events, in the order of the columns of `ProgressEvent`."""
        self.touched.stepped(row[0] for row in rows)
        self.insert(ProgressEvent, [column.name for column in ProgressEvent.__table__.columns], rows)

    def steps(self, dossier_ids: Sequence[int]) -> dict[int, list[tuple[int, str, str, str, str]]]:
        """The progress events of dossiers, in order: (at, status, status as told, officer, text)."""
        query = (
            "SELECT dossier_id, seq, at, status, status_text, officer_name, text"
            " FROM progress_event WHERE dossier_id"
        )
        found: dict[int, list[tuple[int, str, str, str, str]]] = {}
        for number, _, *step in sorted(map(tuple, self._with(query, dossier_ids))):
            found.setdefault(number, []).append((step[0], step[1], step[2], step[3], step[4]))
        return found

    def add_raw_block(self, batch_id: int, block: int, file: str, rows: tuple[int, int], body: bytes) -> None:
        """One block of redacted raw rows, compressed."""
        columns = ("batch_id", "block", "file", "first_row", "last_row", "body")
        self.insert(RawBlock, columns, [(batch_id, block, file, *rows, body)])
