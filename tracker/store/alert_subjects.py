"""What alerts are about, as a line names it: dossiers by code and procedure, letters by their dossier, sources and units by name."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.store.models import Dossier, Letter, Procedure, Source, Unit


class Named(NamedTuple):
    """A dossier, or a letter's one: its code and procedure; no person."""

    code: str
    procedure: str
    dossier_id: int


def dossiers(session: Session, ids: Collection[int]) -> dict[int, Named]:
    """Dossiers by id; a few of them."""
    query = (
        select(Dossier.id, Dossier.code, func.coalesce(Procedure.name, ""))
        .outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
        .where(Dossier.id.in_(list(ids)))
    )
    return {number: Named(code, procedure, number) for number, code, procedure in session.execute(query)}


def letters(session: Session, ids: Collection[int]) -> dict[int, Named]:
    """The dossiers of letters, by the letter's id; a few of them."""
    query = (
        select(Letter.id, Dossier.code, func.coalesce(Procedure.name, ""), Dossier.id)
        .join(Dossier, Dossier.id == Letter.dossier_id)
        .outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
        .where(Letter.id.in_(list(ids)))
    )
    return {
        number: Named(code, procedure, dossier) for number, code, procedure, dossier in session.execute(query)
    }


def sources(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Sources by id."""
    if not ids:
        return {}
    query = select(Source.id, Source.name).where(Source.id.in_(list(ids)))
    return {number: name for number, name in session.execute(query)}


def units(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Units by id."""
    query = select(Unit.id, Unit.name).where(Unit.id.in_(list(ids)))
    return {number: name for number, name in session.execute(query)}
