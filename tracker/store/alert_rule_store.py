"""Rules of alerts that offices set: read with who set them, added as new rows, and counts of what one would concern.

No row is ever changed. Which rule governs where says `notifications.alerts.rules`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import Alert, AlertRule, Dossier, Procedure

DOSSIER = "dossier"
SLICE = 500


class RuleEntry(NamedTuple):
    """A rule as it is kept, with who set it, when and why; `who` are words joined by a space, none: taken back."""

    rule_id: int
    measure: str
    threshold: int
    unit_id: int | None
    field_id: int | None
    procedure_id: int | None
    who: str
    is_urgent: bool
    is_on: bool
    valid_from: date
    entered_by: str
    entered_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class NewRow:
    """A rule about to be written."""

    measure: str
    threshold: int
    unit_id: int | None
    field_id: int | None
    procedure_id: int | None
    who: str
    is_urgent: bool
    is_on: bool
    valid_from: date
    reason: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Dossiers of some units (None = all), a field and a procedure."""

    unit_ids: frozenset[int] | None = None
    field_id: int | None = None
    procedure_id: int | None = None


def rule_entries(session: Session) -> list[RuleEntry]:
    """All rules of offices, in the order in which they were entered."""
    columns = [getattr(AlertRule, "id" if name == "rule_id" else name) for name in RuleEntry._fields]
    found: Any = session.execute(select(*columns).order_by(AlertRule.id))
    return [RuleEntry(*row) for row in found]


class ProcedureName(NamedTuple):
    """A procedure as a scope names it."""

    code: str
    name: str
    field_id: int | None


def procedure_names(session: Session, procedure_ids: Collection[int]) -> dict[int, ProcedureName]:
    """Some procedures by id."""
    columns = (Procedure.id, Procedure.code, Procedure.name, Procedure.field_id)
    query = select(*columns).where(_one_of(Procedure.id, procedure_ids))
    return {
        number: ProcedureName(code, name, field_id) for number, code, name, field_id in session.execute(query)
    }


def lock_rules(session: Session) -> None:
    """Let nobody else write rules until the transaction ends; a look that goes on goes by those it has read."""
    hold(session, Lock.SAID_OF_ALERTS)


def add_rule(session: Session, new: NewRow, *, by: str, at: datetime) -> int:
    """Write a rule; its id. Call `lock_rules` before."""
    number = next_id(session, AlertRule.id)
    values = {name: getattr(new, name) for name in NewRow.__slots__}
    session.execute(insert(AlertRule), [{"id": number, **values, "entered_by": by, "entered_at": at}])
    return number


def count_open(session: Session, scope: Scope) -> int:
    """How many dossiers of a scope are open now; of a dossier without a resolving unit the receiving one counts."""
    query = select(func.count()).select_from(Dossier)
    query = query.where(Dossier.ended_at.is_(None), Dossier.end_kind.is_(None))
    return int(session.scalar(query.where(*_lies_in(scope))) or 0)


def count_told(session: Session, scope: Scope, *, measure: str, threshold: int | None, since: date) -> int:
    """How many claims of a rung (None: of a measure) were told of in a scope since a day."""
    query = select(func.count()).select_from(Alert)
    query = query.where(Alert.day >= since, Alert.measure == measure, Alert.fate == "told")
    if threshold is not None:
        query = query.where(Alert.threshold == threshold)
    if scope.unit_ids is not None:
        query = query.where(_one_of(Alert.unit_id.expression, scope.unit_ids))
    if scope.field_id is not None or scope.procedure_id is not None:
        query = query.where(Alert.subject_kind == DOSSIER)
        inside = Scope(None, scope.field_id, scope.procedure_id)
        query = query.where(exists().where(Dossier.id == Alert.subject_id, *_lies_in(inside)))
    return int(session.scalar(query) or 0)


def _lies_in(scope: Scope) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = []
    if scope.unit_ids is not None:
        unit = func.coalesce(Dossier.resolving_unit_id, Dossier.receiving_unit_id)
        tests.append(_one_of(unit, scope.unit_ids))
    if scope.field_id is not None:
        tests.append(Dossier.field_id == scope.field_id)
    if scope.procedure_id is not None:
        tests.append(Dossier.procedure_id == scope.procedure_id)
    return tests


def _one_of(column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """Some at a time: no database takes any number of values in one list."""
    numbers = sorted(ids)
    starts = range(0, len(numbers), SLICE) if numbers else [0]
    return or_(*(column.in_(numbers[start : start + SLICE]) for start in starts))
