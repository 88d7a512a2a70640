"""The table of search keys: rows that dossiers should have, as the dossiers tell; rows put in and taken away in bulk."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.search_text import Findable
from tracker.store.bulk import BulkWriter
from tracker.store.ids import runs
from tracker.store.models import Dossier, DossierRevision, SearchKey
from tracker.store.search_marks import FOUND_BY, KeyRow, Span, key_rows

COLUMNS = ("unit_id", "key", "dossier_id")
_PUT = "INSERT OR IGNORE INTO search_key (unit_id, key, dossier_id) VALUES (?, ?, ?)"
# Three parameters a row, of the 32,766 that SQLite takes.
PROBED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The keys of some dossiers as they stand, and those that earlier versions of them may have left behind."""

    present: list[KeyRow]
    outdated: list[KeyRow]


def wanted(session: Session, span: Span) -> Wanted:
    """What the dossiers of a span should have in the table, and what not."""
    present = set(_rows(session, Dossier, span))
    outdated = set(_rows(session, DossierRevision, span)) - present
    return Wanted(list(present), list(outdated))


def _rows(session: Session, model: type[Dossier] | type[DossierRevision], span: Span) -> Iterator[KeyRow]:
    columns: list[Any] = [getattr(model, name) for name in FOUND_BY]
    query = select(model.id, *columns).where(model.id.between(*span)).distinct()
    for number, code, name, phone, unit in session.execute(query):
        yield from key_rows(number, unit, Findable(code, name, phone))


def put_keys(session: Session, rows: Sequence[KeyRow]) -> None:
    """Add keys; ones that are there already are no fault."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(_PUT, list(rows))
        return
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE IF NOT EXISTS staged_search_key (LIKE search_key) ON COMMIT DROP"
    )
    BulkWriter(session).fill("staged_search_key", COLUMNS, rows)
    connection.exec_driver_sql(
        "INSERT INTO search_key SELECT * FROM staged_search_key ON CONFLICT DO NOTHING"
    )
    connection.exec_driver_sql("TRUNCATE staged_search_key")


def drop_some(session: Session, limit: int) -> int:
    """Take away up to `limit` keys, whichever; how many were."""
    marks = "%s" if session.connection().dialect.name == "postgresql" else "?"
    done = session.connection().exec_driver_sql(
        "DELETE FROM search_key WHERE (unit_id, key, dossier_id) IN"
        f" (SELECT unit_id, key, dossier_id FROM search_key LIMIT {marks})",
        (limit,),
    )
    return int(done.rowcount)


# ---------------------------------------------------------------- checking


def count_keys(session: Session) -> int:
    """How many there are."""
    return int(session.scalar(select(func.count()).select_from(SearchKey)) or 0)


def spans_of_all(session: Session, size: int) -> list[Span]:
    """All ids of dossiers, in spans of `size`, newest first."""
    return [
        (max(first, end - size + 1), end)
        for first, last in runs(session, Dossier.id)
        for end in range(last, first - 1, -size)
    ]


def missing(session: Session, rows: Iterable[KeyRow]) -> Iterator[KeyRow]:
    """Those of these keys that are not in the table."""
    every = list(rows)
    for start in range(0, len(every), PROBED_AT_ONCE):
        yield from _missing(session, every[start : start + PROBED_AT_ONCE])


def _missing(session: Session, rows: Sequence[KeyRow]) -> list[KeyRow]:
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        source = "SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[])"
        values: tuple[Any, ...] = tuple(list(column) for column in zip(*rows, strict=True))
    else:
        source = "VALUES " + ", ".join(["(?, ?, ?)"] * len(rows))
        values = tuple(value for row in rows for value in row)
    found = connection.exec_driver_sql(
        f"WITH asked (unit, key, dossier) AS ({source}) SELECT unit, key, dossier FROM asked WHERE NOT EXISTS"
        " (SELECT 1 FROM search_key k WHERE k.unit_id = asked.unit AND k.key = asked.key AND k.dossier_id = asked.dossier)",
        values,
    )
    return [(unit, key, dossier) for unit, key, dossier in found]
