"""What may account for a difference between a source's report and our counts, and what may be told twice."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.store.models import Batch, Dossier, Procedure, Rejection, Source, Telling, Unit, UnitAlias
from tracker.store.versions import is_accepted, known_dossiers, number
from tracker.text import PROVISIONAL, fold
from tracker.types import EndKind, SourceStatus
from tracker.types.reconciling import Conflict

SLICE = 10_000


def last_told(session: Session, source_id: int, known: datetime | None) -> datetime | None:
    """When a batch of this source last came in, by what was known."""
    query = select(func.max(Batch.ingested_at)).where(Batch.source_id == source_id)
    return session.scalar(query if known is None else query.where(Batch.ingested_at <= known))


class OpenRejections(NamedTuple):
    """Rows of a source that wait to be mended, by the unit that they name (None: they name none that is known)."""

    by_unit: Mapping[int | None, int]
    total: int


def open_rejections(session: Session, source_id: int, known: datetime | None) -> OpenRejections:
    """How many rows of a source could not be used and were neither mended nor put aside."""
    query = (
        select(Rejection.cells, Rejection.fields)
        .join(Batch, Batch.id == Rejection.batch_id)
        .where(Batch.source_id == source_id)
        .where(Rejection.resolved_batch_id.is_(None), Rejection.closed_at.is_(None))
    )
    if known is not None:
        query = query.where(Batch.ingested_at <= known)
    units = {folded: unit for folded, unit in session.execute(select(UnitAlias.folded, UnitAlias.unit_id))}
    found: Counter[int | None] = Counter()
    result = session.execute(query)
    while rows := result.fetchmany(SLICE):
        for cells, fields in rows:
            found[units.get(fold(_unit_cell(cells, fields)))] += 1
    return OpenRejections(dict(found), found.total())


def _unit_cell(cells: str, fields: str) -> str:
    """What a rejected row says of its unit; empty where that is not told."""
    if not fields:
        return ""
    told = dict(zip(json.loads(fields), json.loads(cells), strict=False))
    return str(told.get("resolving_unit") or told.get("receiving_unit") or "")


def provisional(session: Session, start: int, end: int, known: datetime | None) -> Mapping[int | None, int]:
    """Dossiers without a code of their own that a period counts (UTC epoch seconds), by unit."""
    dossiers = known_dossiers(known)
    c = dossiers.c
    query = (
        select(c.resolving_unit_id, func.count())
        .select_from(dossiers)
        .where(c.code >= PROVISIONAL, c.code < chr(ord(PROVISIONAL) + 1), is_accepted(dossiers))
        .where(number(c.received_at) <= end, func.coalesce(number(c.ended_at), end) >= start)
        .group_by(c.resolving_unit_id)
    )
    return {unit: count for unit, count in session.execute(query)}


def uncounted(session: Session, start: int, end: int, known: datetime | None) -> Mapping[int | None, int]:
    """Dossiers first heard of in a period (UTC epoch seconds) that no rate counts though their source may, by unit.

    Deleted ones, ones without a reception, ones ended without a date; not those that nobody accepted.
    """
    dossiers = known_dossiers(known)
    c = dossiers.c
    no_reception = and_(c.received_at.is_(None), c.end_kind.is_(None), c.status != SourceStatus.FILED.value)
    undated = and_(c.end_kind.is_not(None), c.ended_at.is_(None), c.end_kind != EndKind.NOT_ACCEPTED.value)
    first_seen = number(func.coalesce(c.received_at, c.filed_at, c.ended_at, c.known_from))
    query = (
        select(c.resolving_unit_id, func.count())
        .select_from(dossiers)
        .where(or_(no_reception, undated, c.end_kind == EndKind.DELETED.value))
        .where(first_seen.between(start, end))
        .group_by(c.resolving_unit_id)
    )
    return {unit: count for unit, count in session.execute(query)}


# ---------------------------------------------------------------- told twice


class ReceivedRow(NamedTuple):
    """A dossier as far as it may be another one's double; personal data unmasked."""

    dossier_id: int
    code: str
    applicant: str
    procedure_id: int
    received_at: int
    unit_id: int | None
    source_id: int
    is_open: bool


def received(session: Session, start: int, end: int) -> Iterator[ReceivedRow]:
    """Dossiers of named applicants received in a period (UTC epoch seconds, both included), in no order; those deleted,
    or joined to another one, left out.
    """
    at = number(Dossier.received_at.expression)
    query = select(
        Dossier.id,
        Dossier.code,
        Dossier.applicant_name,
        func.coalesce(Dossier.procedure_id, 0),
        at,
        Dossier.resolving_unit_id,
        Dossier.source_id,
        Dossier.end_kind.is_(None),
    ).where(
        at.between(start, end),
        Dossier.applicant_name != "",
        Dossier.procedure_id.is_not(None),
        func.coalesce(Dossier.end_kind, "") != EndKind.DELETED.value,
    )
    result = session.execute(query)
    while rows := result.fetchmany(SLICE):
        yield from map(ReceivedRow._make, rows)


class DifferingTelling(NamedTuple):
    """A dossier that another source tells differently; `body` as the store keeps it, `fields` joined by a space."""

    dossier_id: int
    code: str
    unit_id: int | None
    unit: str
    source: str
    other: str
    fields: str
    body: str


def differing(session: Session) -> list[DifferingTelling]:
    """Every telling that says something else than its dossier, by its code."""
    found = session.execute(_differing().order_by(Dossier.code, Telling.source_id))
    return [DifferingTelling(*row) for row in found]


def differing_of(session: Session, dossier_id: int) -> list[DifferingTelling]:
    """The same of one dossier."""
    of_one = _differing().where(Telling.dossier_id == dossier_id).order_by(Telling.source_id)
    return [DifferingTelling(*row) for row in session.execute(of_one)]


def differing_query(dossier_id: ColumnElement[int]) -> Select[Any]:
    """The same of one dossier for `dossier_sheet`, with the number of the other source last."""
    return _differing().where(Telling.dossier_id == dossier_id).add_columns(Telling.source_id)


def _differing() -> Select[Any]:
    other = aliased(Source)
    columns: tuple[Any, ...] = (
        Dossier.id,
        Dossier.code,
        Dossier.resolving_unit_id,
        func.coalesce(Unit.name, ""),
        Source.key,
    )
    return (
        select(*columns, other.key, Telling.disagrees, Telling.body)
        .select_from(Telling)
        .join(Dossier, Dossier.id == Telling.dossier_id)
        .join(Source, Source.id == Dossier.source_id)
        .join(other, other.id == Telling.source_id)
        .outerjoin(Unit, Unit.id == Dossier.resolving_unit_id)
        # Written out: by a parameter no partial index is taken, and SQLite prepares the statement anew each time.
        .where(Telling.disagrees != literal_column("''"), Telling.source_id != Dossier.source_id)
    )


def values_of(session: Session, dossier_id: int, names: list[str]) -> dict[str, object]:
    """Columns of a dossier as the store keeps them: instants in UTC epoch seconds."""
    row = session.execute(
        select(*(getattr(Dossier, name) for name in names)).where(Dossier.id == dossier_id)
    ).one()
    return {
        name: int(value.timestamp()) if isinstance(value, datetime) else value
        for name, value in zip(names, row, strict=True)
    }


def names_of(session: Session, column: str) -> Mapping[int, str]:
    """What the ids of a column stand for: `procedure_id` or a unit's."""
    model = Procedure if column == "procedure_id" else Unit
    return {of: name for of, name in session.execute(select(model.id, model.name))}


def conflicts(session: Session, code: str) -> list[Conflict]:
    """Rows rejected with this code that nobody has dealt with yet, the newest first."""
    query = (
        select(
            Rejection.id,
            Rejection.batch_id,
            Source.key,
            Rejection.file,
            Rejection.row,
            Rejection.value,
            Rejection.message,
        )
        .join(Batch, Batch.id == Rejection.batch_id)
        .join(Source, Source.id == Batch.source_id)
        .where(Rejection.code == code)
        .where(Rejection.resolved_batch_id.is_(None), Rejection.closed_at.is_(None))
        .order_by(Rejection.id.desc())
    )
    return [Conflict(*row) for row in session.execute(query)]
