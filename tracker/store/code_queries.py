"""Dossiers without a code of their own, and which dossiers they might be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from tracker.store.models import Batch, CodeAlias, Dossier, Procedure, Rejection, Source, Unit
from tracker.text import PROVISIONAL, normal_code
from tracker.types import EndKind

# All provisional codes stand between these.
FIRST, AFTER = PROVISIONAL, chr(ord(PROVISIONAL) + 1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Codeless:
    """A dossier that came without a code."""

    dossier_id: int
    code: str
    source: str
    unit: str
    procedure: str
    applicant: str
    received_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row whose code is another dossier's: its code, source, the name of its file, its row there, its batch."""

    code: str
    source: str
    file: str
    row: int
    batch_id: int


@dataclass(frozen=True, slots=True)
class Ruled:
    """A decision about a code."""

    source: str
    alias: str
    code: str
    kind: str
    reason: str
    made_by: str
    made_at: datetime


def without_code(
    session: Session, *, limit: int, after: str = FIRST, unit_ids: frozenset[int] | None = None
) -> list[Codeless]:
    """Dossiers under a provisional code that were not joined to another, in order of code; None = of all units."""
    query = _codeless(unit_ids).where(Dossier.code > after).order_by(Dossier.code).limit(limit)
    return [Codeless(*row) for row in session.execute(query)]


def codeless(session: Session, code: str, *, unit_ids: frozenset[int] | None) -> Codeless | None:
    """One of them."""
    row = session.execute(_codeless(unit_ids).where(Dossier.code == normal_code(code))).first()
    return Codeless(*row) if row else None


def is_within(session: Session, code: str, unit_ids: frozenset[int] | None) -> bool:
    """Is there a dossier with this code, and do these units resolve it?"""
    query = select(Dossier.id).where(Dossier.code == normal_code(code))
    if unit_ids is not None:
        query = query.where(Dossier.resolving_unit_id.in_(unit_ids))
    return session.execute(query).first() is not None


def _codeless(unit_ids: frozenset[int] | None) -> Select[*tuple[Any, ...]]:
    query = (
        _told()
        .where(Dossier.code > FIRST, Dossier.code < AFTER)
        .where(func.coalesce(Dossier.end_kind, "") != EndKind.DELETED.value)
    )
    return query if unit_ids is None else query.where(Dossier.resolving_unit_id.in_(unit_ids))


def conflicts(session: Session, code: str, *, limit: int) -> list[Conflict]:
    """Rows that were kept back with this code of rejection, and whose dossier codes nobody has decided about."""
    decided = exists().where(CodeAlias.source_id == Batch.source_id, CodeAlias.alias == Rejection.value)
    query = (
        select(Rejection.value, Source.key, Rejection.file, Rejection.row, Rejection.batch_id)
        .join(Batch, Batch.id == Rejection.batch_id)
        .join(Source, Source.id == Batch.source_id)
        .where(Rejection.resolved_batch_id.is_(None), Rejection.closed_at.is_(None))
        .where(Rejection.code == code, ~decided)
        .order_by(Rejection.id)
        .limit(limit)
    )
    return [
        Conflict(value, source, Path(file).name, row, batch)
        for value, source, file, row, batch in session.execute(query)
    ]


def candidates(
    session: Session, codeless: Codeless, *, unit_ids: frozenset[int] | None = None, limit: int = 10
) -> list[Codeless]:
    """Dossiers with a code, of the same applicant, received on the same day or one beside it. A suggestion, no more."""
    if codeless.received_at is None or not codeless.applicant:
        return []
    span = (codeless.received_at - DAY, codeless.received_at + DAY)
    # Registers without codes write name and address into one cell.
    begins = func.substr(codeless.applicant, 1, func.length(Dossier.applicant_name)) == Dossier.applicant_name
    query = (
        _told()
        .where(Dossier.received_at.between(*span), Dossier.applicant_name != "", begins)
        .where((Dossier.code < FIRST) | (Dossier.code >= AFTER))
        .order_by(Dossier.code)
        .limit(limit)
    )
    if unit_ids is not None:
        query = query.where(Dossier.resolving_unit_id.in_(unit_ids))
    return [Codeless(*row) for row in session.execute(query)]


def rulings(session: Session, *, limit: int = 200) -> list[Ruled]:
    """What persons have decided, newest first."""
    query = (
        select(
            Source.key, CodeAlias.alias, CodeAlias.code, CodeAlias.kind, CodeAlias.reason, CodeAlias.made_by,
            CodeAlias.made_at,
        )
        .join(Source, Source.id == CodeAlias.source_id)
        .where(CodeAlias.made_by != "")
        .order_by(CodeAlias.made_at.desc(), CodeAlias.alias)
        .limit(limit)
    )  # fmt: skip
    return [Ruled(*row) for row in session.execute(query)]


def _told() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Dossier.id, Dossier.code, Source.key, func.coalesce(Unit.name, ""), func.coalesce(Procedure.name, ""),
            Dossier.applicant_name, Dossier.received_at, Dossier.source_due_at,
        )
        .join(Source, Source.id == Dossier.source_id)
        .outerjoin(Unit, Unit.id == Dossier.resolving_unit_id)
        .outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
    )  # fmt: skip
