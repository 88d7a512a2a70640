"""The open dossiers for the desk board: candidates in SQL, by index and page by page; no verdict is given here.

Whether a candidate is late, due soon or suspended says `timekeeping.lateness.classify`, for every row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, exists, func, literal, select, tuple_
from sqlalchemy.orm import Session

from tracker.store.models import (
    Batch,
    Dossier,
    Field,
    Letter,
    Obligation,
    Procedure,
    Suspension,
    Unit,
)
from tracker.store.versions import working_unit
from tracker.types import Channel, Facts, SourceStatus, SuspensionKind
from tracker.types import Suspension as Pause

# What the databases can hold as a whole number; nothing has a larger id or instant.
LARGEST = 2**63 - 1


class OpenKind(StrEnum):
    """Which open dossiers, and in which order: by due date, by filing, by start of the suspension."""

    DUE = "due"
    FILED = "filed"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the ordering instant (epoch seconds) and the dossier's id; an address may name any number."""

    at: int
    dossier_id: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Open dossiers of some units (None = all), due in [due_from, due_until), after a cursor."""

    kind: OpenKind
    unit_ids: frozenset[int] | None = None
    due_from: datetime | None = None
    due_until: datetime | None = None
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class OpenDossier:
    """One candidate of the board; personal data unmasked (mask at the edge)."""

    cursor: Cursor
    code: str
    procedure: str
    field: str
    unit: str
    officer: str
    applicant: str
    limit_text: str
    letter: str | None
    facts: Facts
    working_unit_id: int | None


def has_data(session: Session) -> bool:
    """Was anything ever ingested?"""
    return session.execute(select(Batch.id).limit(1)).first() is not None


def last_ingest(session: Session) -> datetime | None:
    """When the newest batch came in."""
    return session.scalar(select(func.max(Batch.ingested_at)))


def end_years(session: Session) -> list[int]:
    """The years in which dossiers ended, newest first."""
    first, last = session.execute(select(func.min(Dossier.ended_at), func.max(Dossier.ended_at))).one()
    return [] if first is None or last is None else list(range(last.year, first.year - 1, -1))


def open_dossiers(session: Session, chosen: Selection, *, limit: int) -> list[OpenDossier]:
    """Up to `limit` candidates in the order of their kind, with everything a line of the board shows."""
    key = _order_key(chosen.kind)
    query = _filtered(_lines(key), chosen, key).order_by(key, Dossier.id).limit(limit)
    found = session.execute(query).all()
    pauses = _open_pauses(session, [row.id for row in found if row.suspended_from is not None])
    return [_open_dossier(row, pauses) for row in found]


def open_facts(session: Session, chosen: Selection, *, limit: int) -> Iterator[tuple[Facts, str, int | None]]:
    """Facts, the limit's text and the unit whose calendar counts, of up to `limit` candidates; without names."""
    query = _filtered(select(*_FACTS), chosen, _order_key(chosen.kind)).limit(limit)
    for row in session.execute(query):
        pause = SuspensionKind.PAUSE if row.suspended_from else None
        yield _facts(row, pause), row.limit_text, working_unit(row.resolving_unit_id, row.receiving_unit_id)


def letters_owed(session: Session, unit_ids: frozenset[int] | None, *, limit: int) -> int:
    """How many dossiers are owed an apology that was not delivered yet; counts no further than `limit`."""
    delivered = exists().where(Letter.dossier_id == Obligation.dossier_id, Letter.state == "delivered")
    query = select(Obligation.dossier_id).where(Obligation.state == "owed", ~delivered)
    if unit_ids is not None:
        query = query.join(Dossier, Dossier.id == Obligation.dossier_id)
        query = query.where(Dossier.resolving_unit_id.in_(unit_ids))
    return int(session.scalar(select(func.count()).select_from(query.limit(limit).subquery())) or 0)


def is_letter_of(session: Session, letter_id: int, unit_ids: frozenset[int] | None) -> bool:
    """Is there such a letter, and is it one of these units (None = all)?"""
    query = select(Letter.id).where(Letter.id == min(letter_id, LARGEST))
    if unit_ids is not None:
        query = query.where(Letter.unit_id.in_(unit_ids))
    return session.execute(query).first() is not None


def codes_like(
    session: Session, text: str, unit_ids: frozenset[int] | None, *, limit: int
) -> list[tuple[str, str, str]]:
    """Dossiers whose code begins with `text`: (code, procedure, unit); the exact code comes first."""
    query = (
        select(Dossier.code, func.coalesce(Procedure.name, ""), func.coalesce(Unit.name, ""))
        .outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(Unit, Unit.id == Dossier.resolving_unit_id)
        .where(Dossier.code >= text, Dossier.code < text + "\U0010ffff")
        .order_by(Dossier.code)
        .limit(limit)
    )
    if unit_ids is not None:
        query = query.where(Dossier.resolving_unit_id.in_(unit_ids))
    return [(code, procedure, unit) for code, procedure, unit in session.execute(query)]


_FACTS: tuple[Any, ...] = (
    Dossier.id,
    Dossier.filed_at,
    Dossier.received_at,
    Dossier.source_due_at,
    Dossier.suspended_from,
    Dossier.status,
    Dossier.limit_text,
    Dossier.resolving_unit_id,
    Dossier.receiving_unit_id,
    Dossier.channel,
    Dossier.post_received_at,
    Dossier.intake_due_at,
)


def _order_key(kind: OpenKind) -> ColumnElement[Any]:
    if kind is OpenKind.FILED:
        return func.coalesce(Dossier.filed_at, 0)
    return (
        Dossier.suspended_from.expression if kind is OpenKind.SUSPENDED else Dossier.source_due_at.expression
    )


def _lines(key: ColumnElement[Any]) -> Select[Any]:
    newest = (
        select(Letter.state)
        .where(Letter.dossier_id == Dossier.id, Letter.state != "void")
        .order_by(Letter.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            *_FACTS,
            key.label("ordered_by"),
            Dossier.code,
            Dossier.officer_name,
            Dossier.applicant_name,
            Procedure.name.label("procedure"),
            Field.name.label("field"),
            Unit.name.label("unit"),
            newest.label("letter"),
        )
        .outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(Field, Field.id == Dossier.field_id)
        .outerjoin(Unit, Unit.id == Dossier.resolving_unit_id)
    )


def _filtered(query: Any, chosen: Selection, key: ColumnElement[Any]) -> Any:
    query = query.where(Dossier.ended_at.is_(None), _of_kind(chosen.kind))
    if chosen.due_from is not None:
        query = query.where(Dossier.source_due_at >= chosen.due_from)
    if chosen.due_until is not None:
        query = query.where(Dossier.source_due_at < chosen.due_until)
    if chosen.unit_ids is not None:
        query = query.where(Dossier.resolving_unit_id.in_(chosen.unit_ids))
    if chosen.after is not None:
        query = query.where(_is_after(chosen.after, key))
    return query


def _is_after(cursor: Cursor, key: ColumnElement[Any]) -> ColumnElement[bool]:
    at, dossier_id = min(cursor.at, LARGEST), min(cursor.dossier_id, LARGEST)
    return tuple_(key, Dossier.id) > tuple_(literal(at, BigInteger), literal(dossier_id, BigInteger))


def _of_kind(kind: OpenKind) -> ColumnElement[bool]:
    if kind is OpenKind.FILED:
        return and_(Dossier.received_at.is_(None), Dossier.source_due_at.is_(None))
    if kind is OpenKind.SUSPENDED:
        return Dossier.suspended_from.is_not(None)
    return Dossier.source_due_at.is_not(None)


def _open_pauses(session: Session, dossier_ids: list[int]) -> dict[int, SuspensionKind]:
    if not dossier_ids:
        return {}
    query = select(Suspension.dossier_id, Suspension.kind).where(
        Suspension.dossier_id.in_(dossier_ids), Suspension.end_at.is_(None)
    )
    return {dossier_id: SuspensionKind(kind) for dossier_id, kind in session.execute(query)}


def _facts(row: Any, pause: SuspensionKind | None) -> Facts:
    open_pause = (Pause(row.suspended_from, None, pause),) if row.suspended_from and pause else ()
    return Facts(
        received_at=row.received_at,
        due_at=row.source_due_at,
        filed_at=row.filed_at,
        status=SourceStatus(row.status),
        suspensions=open_pause,
        channel=Channel(row.channel),
        post_received_at=row.post_received_at,
        intake_due_at=row.intake_due_at,
    )


def _open_dossier(row: Any, pauses: dict[int, SuspensionKind]) -> OpenDossier:
    ordered_by = row.ordered_by
    return OpenDossier(
        cursor=Cursor(ordered_by if isinstance(ordered_by, int) else int(ordered_by.timestamp()), row.id),
        code=row.code,
        procedure=row.procedure or "",
        field=row.field or "",
        unit=row.unit or "",
        officer=row.officer_name,
        applicant=row.applicant_name,
        limit_text=row.limit_text,
        letter=row.letter,
        facts=_facts(row, pauses.get(row.id, SuspensionKind.PAUSE if row.suspended_from else None)),
        working_unit_id=working_unit(row.resolving_unit_id, row.receiving_unit_id),
    )
