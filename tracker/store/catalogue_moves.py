"""Which dossiers a change of the catalogues may concern, by the indexes of open and of ended ones; where they now belong.

What becomes of them is decided in `tracker.pipeline.recomputing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from tracker.store.catalogue import alias_key, procedure_aliases
from tracker.store.catalogue_edits import MADE_UP, unit_aliases
from tracker.store.models import Dossier, Procedure, Unit
from tracker.text import fold
from tracker.types import Level

# SQLite takes up to 32,766 parameters in one statement.
SLICE = 10_000


@dataclass(frozen=True, slots=True)
class Scope:
    """What was changed, by ids: procedures and fields whose limits may be other ones, units whose commune may be.

    `old_procedures`, `old_units`: rows that were made up for an unknown name and now belong to another one, or have
    become known themselves.
    """

    procedures: frozenset[int] = frozenset()
    fields: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()
    old_procedures: frozenset[int] = frozenset()
    old_units: frozenset[int] = frozenset()

    def as_params(self) -> dict[str, list[int]]:
        """As JSON values."""
        return {name: sorted(getattr(self, name)) for name in self.__slots__}


def scope_of(params: Mapping[str, Any]) -> Scope:
    """A scope from its JSON values."""
    return Scope(**{name: frozenset(params.get(name, ())) for name in Scope.__slots__})


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where dossiers belong as the catalogues say now: old id -> new id, each procedure's code and field, known units."""

    procedures: Mapping[int, int]
    units: Mapping[int, int]
    codes: Mapping[int, str]
    fields: Mapping[int, int | None]
    unknown_units: frozenset[int]


def concerned(session: Session, scope: Scope) -> list[int]:
    """The dossiers whose documented due date, unit, procedure or field may be another one, in order of their ids.

    Open ones, and ended ones without a documented date; of old procedures and units all.
    """
    d = Dossier
    depends = [
        column.in_(part)
        for column, values in (
            (d.procedure_id, scope.procedures),
            (d.field_id, scope.fields),
            (func.coalesce(d.resolving_unit_id, d.receiving_unit_id), scope.units),
        )
        for part in _slices(sorted(values))
    ]
    found: set[int] = set()
    for each in depends:
        is_open = (d.ended_at.is_(None), d.received_at.is_not(None), each)
        found.update(session.scalars(select(d.id).where(*is_open)))
        undated = (d.ended_at.is_not(None), d.documented_due_at.is_(None), d.received_at.is_not(None), each)
        found.update(session.scalars(select(d.id).where(*undated)))
    for part in _slices(sorted(scope.procedures)):
        with_field = select(Procedure.id).where(Procedure.field_id.is_not(None), Procedure.id.in_(part))
        found.update(
            session.scalars(select(d.id).where(d.field_id.is_(None), d.procedure_id.in_(with_field)))
        )
    for test in _of_old(scope):
        found.update(session.scalars(select(d.id).where(test)))
    return sorted(found)


def _of_old(scope: Scope) -> list[ColumnElement[bool]]:
    d, tests = Dossier, list[ColumnElement[bool]]()
    tests += [d.procedure_id.in_(part) for part in _slices(sorted(scope.old_procedures))]
    for part in _slices(sorted(scope.old_units)):
        columns = (d.resolving_unit_id, d.receiving_unit_id, d.returning_unit_id)
        tests.append(or_(*(column.in_(part) for column in columns)))
    return tests


def _slices(values: Sequence[int]) -> list[Sequence[int]]:
    return [values[start : start + SLICE] for start in range(0, len(values), SLICE)]


def belonging(session: Session) -> Belonging:
    """Where dossiers belong as the catalogues stand."""
    rows = session.execute(select(Procedure.id, Procedure.code, Procedure.field_id)).all()
    owners = procedure_aliases(session)
    codes = {number: code for number, code, _ in rows}
    procedures = {
        number: owner
        for number, code, _ in rows
        if (owner := owners.get(alias_key(code.removeprefix(MADE_UP)), number)) != number and owner in codes
    }
    return Belonging(
        procedures=procedures,
        units=moved_units(session),
        codes=codes,
        fields={number: field for number, _, field in rows},
        unknown_units=frozenset(session.scalars(select(Unit.id).where(Unit.level == Level.UNKNOWN.value))),
    )


def moved_units(session: Session) -> dict[int, int]:
    """The made-up units whose name now means another one -> that one."""
    spellings = unit_aliases(session)
    made_up = select(Unit.id, Unit.name).where(Unit.code.startswith(MADE_UP))
    return {
        number: owner
        for number, name in session.execute(made_up)
        if (owner := spellings.get(fold(name), number)) != number
    }


def old_procedures(session: Session, procedure_ids: frozenset[int]) -> frozenset[int]:
    """The procedures that now belong to one of these."""
    moved = belonging(session).procedures
    return frozenset(old for old, new in moved.items() if new in procedure_ids)


def old_units(session: Session, unit_ids: frozenset[int]) -> frozenset[int]:
    """The made-up units that now belong to one of these."""
    return frozenset(old for old, new in moved_units(session).items() if new in unit_ids)
