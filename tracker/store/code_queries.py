"""Dossiers without a code of their own, and which dossiers they might be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from tracker.store.models import CodeAlias, Dossier, Procedure, Source, Unit
from tracker.types import EndKind

# Provisional codes begin with this sign, which no code of an office does.
FIRST, AFTER = "?", "@"
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
class Ruled:
    """A decision about a code."""

    source: str
    alias: str
    code: str
    kind: str
    reason: str
    made_by: str
    made_at: datetime


def without_code(session: Session, *, limit: int, after: str = FIRST) -> list[Codeless]:
    """Dossiers under a provisional code that were not joined to another, in order of code."""
    query = (
        _told()
        .where(Dossier.code > after, Dossier.code < AFTER)
        .where(func.coalesce(Dossier.end_kind, "") != EndKind.DELETED.value)
        .order_by(Dossier.code)
        .limit(limit)
    )
    return [Codeless(*row) for row in session.execute(query)]


def candidates(session: Session, codeless: Codeless, *, limit: int = 10) -> list[Codeless]:
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
