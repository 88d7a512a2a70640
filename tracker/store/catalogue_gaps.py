"""What is met in the data and in no catalogue: procedures without a limit, units that nobody knows; with counts.

Counted in two passes for all of them, by the indexes of ended and of open dossiers.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tracker.store.catalogue_edits import MADE_UP
from tracker.store.models import Dossier, Field, Procedure, ProcedureLimit, Unit


class Counts(NamedTuple):
    """Dossiers in all, and those of them that are open."""

    dossiers: int
    still_open: int


class ProcedureGap(NamedTuple):
    """A procedure that is met in the data and has no limit in the catalogue."""

    procedure_id: int
    code: str
    name: str
    field: str
    dossiers: int
    still_open: int


class UnitGap(NamedTuple):
    """A name in a column of units that no catalogue knows; its dossiers, where it resolves them."""

    unit_id: int
    name: str
    dossiers: int
    still_open: int


class ProcedureGaps(NamedTuple):
    """The procedures without a limit, those with most dossiers first, and the dossiers that name no procedure at all."""

    procedures: list[ProcedureGap]
    nameless: Counts


class Coverage(NamedTuple):
    """Both kinds of gaps, and how many dossiers there are in all: what share of them is covered."""

    procedures: list[ProcedureGap]
    units: list[UnitGap]
    dossiers: int


def coverage(session: Session) -> Coverage:
    """Everything that the catalogue lacks, and the dossiers in all, each counted once."""
    counted = _counted(session, Dossier.procedure_id)
    dossiers = sum(each.dossiers for each in counted.values())
    return Coverage(_without_limit(session, counted), unknown_units(session), dossiers)


def procedures_without_limit(session: Session) -> ProcedureGaps:
    """What is met in the data and has no limit in the catalogue."""
    counted = _counted(session, Dossier.procedure_id)
    return ProcedureGaps(_without_limit(session, counted), counted.get(None, Counts(0, 0)))


def _without_limit(session: Session, counted: Mapping[int | None, Counts]) -> list[ProcedureGap]:
    with_limit = select(ProcedureLimit.procedure_id)
    query = (
        select(Procedure.id, Procedure.code, Procedure.name, func.coalesce(Field.name, ""))
        .outerjoin(Field, Field.id == Procedure.field_id)
        .where(Procedure.id.not_in(with_limit))
    )
    gaps = [
        ProcedureGap(number, code, name, field, *counted[number])
        for number, code, name, field in session.execute(query)
        if number in counted
    ]
    gaps.sort(key=lambda gap: (-gap.dossiers, gap.code))
    return gaps


def unknown_units(session: Session) -> list[UnitGap]:
    """All that were not said to be another one, those with most dossiers first.

    One without dossiers of its own is only named as the place where dossiers are received or handed over.
    """
    counted = _counted(session, Dossier.resolving_unit_id)
    query = select(Unit.id, Unit.name).where(Unit.code.startswith(MADE_UP), Unit.successor_id.is_(None))
    gaps = [
        UnitGap(number, name, *counted.get(number, Counts(0, 0))) for number, name in session.execute(query)
    ]
    return sorted(gaps, key=lambda gap: (-gap.dossiers, gap.name))


def _counted(session: Session, column: InstrumentedAttribute[int | None]) -> dict[int | None, Counts]:
    ended = select(column, func.count()).where(Dossier.ended_at.is_not(None)).group_by(column)
    found = {number: Counts(count, 0) for number, count in session.execute(ended)}
    others = (
        select(column, func.count(), func.count().filter(Dossier.end_kind.is_(None)))
        .where(Dossier.ended_at.is_(None))
        .group_by(column)
    )
    for number, count, still_open in session.execute(others):
        found[number] = Counts(found.get(number, Counts(0, 0)).dossiers + count, still_open)
    return found
