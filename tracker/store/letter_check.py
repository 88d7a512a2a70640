"""What anybody may know of letters that were issued: one by its short code, all of them as a list. No personal data is read.

A name is read only where it stands in a catalogue: a unit or procedure that a source made up is free text and may name
somebody, so it is read as "".
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session

from tracker.store.catalogue_edits import MADE_UP
from tracker.store.models import Dossier, Letter, Procedure, ProcedureLimit, Unit

ISSUED = ("numbered", "delivered")


class CheckedLetter(NamedTuple):
    """A letter as its short code tells of it; `code` is the dossier's, in full."""

    unit: str
    kind: str
    state: str
    number: str
    issued_on: date | None
    code: str
    new_due_at: datetime | None
    promise: str


@dataclass(frozen=True, slots=True)
class PublicFilter:
    """Letters of these units (None = all) whose date lies in a span, both ends included (None = always)."""

    unit_ids: frozenset[int] | None = None
    start: date | None = None
    end: date | None = None


class PublicLine(NamedTuple):
    """An issued letter as the public list needs it; `code` is the dossier's, in full."""

    code: str
    unit: str
    procedure: str
    kind: str
    due_at: datetime | None
    ended_at: datetime | None
    received_at: datetime | None
    resolving_unit_id: int | None
    receiving_unit_id: int | None
    issued_on: date
    new_due_at: datetime | None
    promise: str


catalogued_unit = case((Unit.code.startswith(MADE_UP), ""), else_=func.coalesce(Unit.name, ""))
_has_limit = exists().where(ProcedureLimit.procedure_id == Procedure.id)
catalogued_procedure = case((_has_limit, func.coalesce(Procedure.name, "")), else_="")


def letter_by_code(session: Session, short_code: str) -> CheckedLetter | None:
    """The letter that bears a short code; the same single look-up whether there is one or not."""
    query = (
        select(
            catalogued_unit, Letter.kind, Letter.state, func.coalesce(Letter.number, ""), Letter.issued_on,
            func.coalesce(Dossier.code, ""), Letter.new_due_at, Letter.promise,
        )
        .outerjoin(Unit, Unit.id == Letter.unit_id)
        .outerjoin(Dossier, Dossier.id == Letter.dossier_id)
        .where(Letter.short_code == short_code)
    )  # fmt: skip
    row = session.execute(query).one_or_none()
    return None if row is None else CheckedLetter._make(row)


def public_count(session: Session, chosen: PublicFilter) -> int:
    """How many letters the list has."""
    return int(session.execute(_issued(select(func.count()).select_from(Letter), chosen)).scalar_one())


def public_lines(session: Session, chosen: PublicFilter, *, skip: int, limit: int) -> list[PublicLine]:
    """One page of the list, the newest letters first."""
    query: Any = select(
        func.coalesce(Dossier.code, ""), catalogued_unit, catalogued_procedure, Letter.kind, Letter.due_at, Dossier.ended_at,
        Dossier.received_at, Dossier.resolving_unit_id, Dossier.receiving_unit_id, Letter.issued_on,
        Letter.new_due_at, Letter.promise,
    )  # fmt: skip
    query = query.select_from(Letter).outerjoin(Dossier, Dossier.id == Letter.dossier_id)
    query = query.outerjoin(Unit, Unit.id == Letter.unit_id)
    query = query.outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
    query = _issued(query, chosen).order_by(Letter.issued_on.desc(), Letter.id.desc())
    return [PublicLine._make(row) for row in session.execute(query.offset(skip).limit(limit))]


def public_units(session: Session) -> dict[int, str]:
    """The units of the catalogue that issued letters, by name."""
    query = _issued(select(Letter.unit_id).distinct(), PublicFilter())
    named = select(Unit.id, Unit.name).where(Unit.id.in_(query), ~Unit.code.startswith(MADE_UP))
    return {unit_id: name for unit_id, name in session.execute(named.order_by(Unit.name, Unit.id))}


def issued_span(session: Session) -> tuple[date, date] | None:
    """The dates of the first and the last letter; None before there is any."""
    query = select(func.min(Letter.issued_on), func.max(Letter.issued_on))
    first, last = session.execute(_issued(query, PublicFilter())).one()
    return None if first is None else (first, last)


def _issued(query: Any, chosen: PublicFilter) -> Any:
    query = query.where(Letter.state.in_(ISSUED), Letter.issued_on.is_not(None))
    if chosen.unit_ids is not None:
        query = query.where(Letter.unit_id.in_(sorted(chosen.unit_ids)))
    if chosen.start is not None:
        query = query.where(Letter.issued_on >= chosen.start)
    if chosen.end is not None:
        query = query.where(Letter.issued_on <= chosen.end)
    return query
