"""Bulk paths: rows as tuples straight to the driver, ids assigned here, all in the transaction of the caller."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.store.models import (
    Base,
    Dossier,
    DossierRevision,
    DueSeen,
    Event,
    RawBlock,
    Rejection,
    Suspension,
)
from tracker.types import DossierVersion

# Level 1: the last tenth of size would cost three times the time of a whole ingest's normalisation.
RAW_COMPRESSION = 1
LOOKUP_SLICE = 10_000


class Known(NamedTuple):
    """What is needed of a stored dossier to see whether a row tells something new."""

    dossier_id: int
    row_hash: bytes
    updated_at: int | None


class BulkWriter:
    """Writes one batch; nothing is visible to others before the caller commits."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection()
        self._mark = "?" if self._connection.dialect.paramstyle == "qmark" else "%s"
        self._next = {
            model: int(session.scalar(select(func.coalesce(func.max(model.id), 0))) or 0) + 1
            for model in (Dossier, Rejection)
        }

    def next_ids(self, model: type[Dossier] | type[Rejection], how_many: int) -> range:
        """Take the next ids of a table."""
        first = self._next[model]
        self._next[model] = first + how_many
        return range(first, first + how_many)

    def insert(self, model: type[Base], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert tuples in the order of `columns`."""
        batch = rows if isinstance(rows, list) else list(rows)
        if not batch:
            return
        marks = ", ".join([self._mark] * len(columns))
        names = ", ".join(f'"{name}"' for name in columns)
        self._connection.exec_driver_sql(
            f"INSERT INTO {model.__tablename__} ({names}) VALUES ({marks})", batch
        )

    def known(self, source_id: int, codes: Sequence[str]) -> Mapping[str, Known]:
        """What is stored under these codes."""
        found: dict[str, Known] = {}
        for start in range(0, len(codes), LOOKUP_SLICE):
            part = tuple(codes[start : start + LOOKUP_SLICE])
            marks = ", ".join([self._mark] * len(part))
            rows = self._connection.exec_driver_sql(
                f"SELECT code, id, row_hash, updated_at FROM dossier WHERE source_id = {self._mark}"
                f" AND code IN ({marks})",
                (source_id, *part),
            )
            found.update({row[0]: Known(row[1], row[2], row[3]) for row in rows.fetchall()})
        return found

    # ------------------------------------------------------------ dossiers

    def add_dossiers(self, versions: Sequence[DossierVersion], known_from: int) -> range:
        """Insert new dossiers; their ids in order."""
        ids = self.next_ids(Dossier, len(versions))
        columns = ("id", *DossierVersion._fields, "known_from")
        self.insert(
            Dossier, columns, [(i, *version, known_from) for i, version in zip(ids, versions, strict=True)]
        )
        return ids

    def load(self, dossier_id: int) -> tuple[DossierVersion, int]:
        """The stored version of a dossier, and since when it is known."""
        names = ", ".join(f'"{name}"' for name in DossierVersion._fields)
        row = self._connection.exec_driver_sql(
            f"SELECT {names}, known_from FROM dossier WHERE id = {self._mark}", (dossier_id,)
        ).one()
        return DossierVersion._make((*row[:-4], bytes(row[-4]), *row[-3:-1])), row[-1]

    def replace_dossier(self, dossier_id: int, version: DossierVersion, known_from: int) -> None:
        """Keep the stored version as a revision and put the new one in its place."""
        stored, since = self.load(dossier_id)
        columns = ("id", *DossierVersion._fields, "known_from", "known_until")
        # Two tellings within one batch were never known apart: only what an earlier batch said is a revision.
        if since != known_from:
            self.insert(DossierRevision, columns, [(dossier_id, *stored, since, known_from)])
        settings = ", ".join(f'"{name}" = {self._mark}' for name in (*DossierVersion._fields, "known_from"))
        self._connection.exec_driver_sql(
            f"UPDATE dossier SET {settings} WHERE id = {self._mark}", (*version, known_from, dossier_id)
        )

    # ------------------------------------------------------------ what belongs to a dossier

    def append_dues(self, rows: list[tuple[int, int, str, int | None, int, int]]) -> None:
        """Due dates seen: (dossier, seq, kind, due, seen at, batch)."""
        self.insert(DueSeen, ("dossier_id", "seq", "kind", "due_at", "seen_at", "batch_id"), rows)

    def dues_seen(self, dossier_id: int) -> set[int | None]:
        """The due dates that were ever told of a dossier."""
        rows = self._connection.exec_driver_sql(
            f"SELECT due_at FROM due_seen WHERE dossier_id = {self._mark}", (dossier_id,)
        )
        return set(rows.scalars())

    def append_events(self, rows: list[tuple[int, int, int, str, str, int]]) -> None:
        """Events: (dossier, seq, at, kind, text, batch)."""
        self.insert(Event, ("dossier_id", "seq", "at", "kind", "text", "batch_id"), rows)

    def add_suspensions(self, rows: list[tuple[int, int, str, int, int | None, int, int]]) -> None:
        """Suspensions: (dossier, seq, kind, start, end, batch, known from)."""
        columns = ("dossier_id", "seq", "kind", "start_at", "end_at", "batch_id", "known_from")
        self.insert(Suspension, columns, rows)

    def retire_suspensions(self, dossier_id: int, known_until: int) -> None:
        """Keep what an earlier batch told as revisions, and make room for what is told now."""
        columns = "dossier_id, known_from, seq, kind, start_at, end_at, batch_id"
        self._connection.exec_driver_sql(
            f"INSERT INTO suspension_revision ({columns}, known_until)"
            f" SELECT {columns}, {self._mark} FROM suspension"
            f" WHERE dossier_id = {self._mark} AND known_from <> {self._mark}",
            (known_until, dossier_id, known_until),
        )
        self._connection.exec_driver_sql(
            f"DELETE FROM suspension WHERE dossier_id = {self._mark}", (dossier_id,)
        )

    def next_seq(self, table: type[DueSeen] | type[Event], dossier_id: int) -> int:
        """The next number in a dossier's own sequence."""
        found = self._connection.exec_driver_sql(
            f"SELECT max(seq) FROM {table.__tablename__} WHERE dossier_id = {self._mark}", (dossier_id,)
        ).scalar()
        return 0 if found is None else int(found) + 1

    def add_raw_block(self, batch_id: int, block: int, file: str, rows: tuple[int, int], text: str) -> None:
        """One block of redacted raw rows, compressed."""
        columns = ("batch_id", "block", "file", "first_row", "last_row", "body")
        body = zlib.compress(text.encode(), RAW_COMPRESSION)
        self.insert(RawBlock, columns, [(batch_id, block, file, *rows, body)])
