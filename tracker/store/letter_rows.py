"""What the pages of letters list: letters at a step of the ledger, obligations in a state, each with what a row shows.

A letter is listed at a step where the ledger says so of its dossier (`letter_register.ledger_state`), so that a list is
as long as its count. No personal data but the applicant's name and typed reasons, which whoever shows them masks by role.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from tracker.store.letter_register import IS_NEWEST, ledger_state, newest
from tracker.store.models import Dossier, Obligation, ObligationStep, Procedure, Unit

PAGE = 50
VOID, DELIVERED = "void", "delivered"
_STEP_OF_PROMISE = {"kept": "promise_kept", "broken": "promise_broken"}
# A database takes only so many parameters in one statement (SQLite: 32,766).
SLICE = 10_000


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows: of these units (None = all), at a step ("" = any), of a kind, with a code that begins so ("" = any)."""

    unit_ids: frozenset[int] | None = None
    state: str = ""
    kind: str = ""
    code: str = ""


class ListedLetter(NamedTuple):
    """One letter of a list; `promise` is one of `letters.path.Promise`."""

    letter_id: int
    dossier_id: int
    code: str
    applicant: str
    kind: str
    state: str
    promise: str
    unit: str
    due_at: datetime | None
    new_due_at: datetime | None
    reason: str
    short_code: str
    number: str | None
    issued_on: date | None
    delivered_at: datetime | None
    delivered_by: str
    desk_told_at: datetime | None
    desk_done_at: datetime | None
    file: str
    as_of: datetime
    signer_id: int | None

    @property
    def step(self) -> str:
        """Where it stands, with what became of its new date."""
        return _STEP_OF_PROMISE.get(self.promise, self.state)


class ListedDuty(NamedTuple):
    """One dossier of the ledger: `state` of its obligation, `step` with what happened to its letter."""

    dossier_id: int
    code: str
    applicant: str
    procedure: str
    state: str
    step: str
    reason: str
    kind: str
    unit: str
    unit_id: int | None
    opened_at: datetime
    missed_at: datetime | None
    source_due_at: datetime | None
    documented_due_at: datetime | None
    promised_at: datetime | None
    ended_at: datetime | None
    suspended_from: datetime | None
    decided_by: str
    note: str
    late_reason: str
    source_reason: str
    fault_unit_id: int | None
    escalated_at: datetime | None
    letter_id: int | None


class DutyStep(NamedTuple):
    """What happened to an obligation."""

    state: str
    reason: str
    at: datetime
    actor: str
    note: str


# ---------------------------------------------------------------- letters


def letter_rows(
    session: Session, chosen: RowFilter, *, after: int | None = None, limit: int = PAGE
) -> list[ListedLetter]:
    """One page of letters, newest first; `after` is the last letter id of the page before."""
    query = _letters(chosen, *_letter_columns()).order_by(newest.id.desc()).limit(limit)
    if after is not None:
        query = query.where(newest.id < after)
    return [ListedLetter._make(row) for row in session.execute(query)]


def letter_ids(session: Session, chosen: RowFilter, *, after: int = 0, limit: int | None = None) -> list[int]:
    """The ids of the letters of a list above `after`, oldest first."""
    query = _letters(chosen, newest.id).where(newest.id > after).order_by(newest.id).limit(limit)
    return list(session.scalars(query))


def letters_by_id(
    session: Session, ids: Sequence[int], unit_ids: frozenset[int] | None
) -> list[ListedLetter]:
    """These letters, as far as they are of these units (None = all), in the order asked for."""
    found: dict[int, ListedLetter] = {}
    for start in range(0, len(ids), SLICE):
        query = _letters(RowFilter(unit_ids), *_letter_columns()).where(
            newest.id.in_(ids[start : start + SLICE])
        )
        found.update({row[0]: ListedLetter._make(row) for row in session.execute(query)})
    return [found[number] for number in dict.fromkeys(ids) if number in found]


def letters_of(session: Session, dossier_id: int) -> list[ListedLetter]:
    """All letters of one dossier, void ones too, in order."""
    query = _letters(RowFilter(), *_letter_columns()).where(newest.dossier_id == dossier_id)
    return [ListedLetter._make(row) for row in session.execute(query.order_by(newest.seq))]


def letters_query(dossier_id: ColumnElement[int]) -> Select[Any]:
    """The letters of one dossier for `dossier_sheet`, each with its number among them as the last column."""
    query: Select[Any] = _letters(RowFilter(), *_letter_columns(), newest.seq)
    return query.where(newest.dossier_id == dossier_id)


def letter_count(session: Session, chosen: RowFilter) -> int:
    """How many letters a list has."""
    counted = _letters(chosen, newest.id).subquery()
    return int(session.scalar(select(func.count()).select_from(counted)) or 0)


def _letter_columns() -> tuple[Any, ...]:
    n = newest
    return (
        n.id, n.dossier_id, Dossier.code, Dossier.applicant_name, n.kind, n.state, n.promise, func.coalesce(Unit.name, ""),
        n.due_at, n.new_due_at, n.reason, n.short_code, n.number, n.issued_on, n.delivered_at, n.delivered_by,
        n.desk_told_at, n.desk_done_at, n.file, n.as_of, n.signer_id,
    )  # fmt: skip


def _letters(chosen: RowFilter, *columns: Any) -> Any:
    query: Any = select(*columns).select_from(newest).join(Dossier, Dossier.id == newest.dossier_id)
    query = query.outerjoin(Unit, Unit.id == newest.unit_id)
    if chosen.state == VOID:
        query = query.where(newest.state == VOID)
    elif chosen.state:
        query = query.join(Obligation, IS_NEWEST).where(ledger_state == chosen.state)
        # Said once more, by itself, so that a database may go by the index of states.
        query = query.where(
            newest.state == (DELIVERED if chosen.state in _STEP_OF_PROMISE.values() else chosen.state)
        )
    if chosen.unit_ids is not None:
        query = query.where(newest.unit_id.in_(chosen.unit_ids))
    if chosen.kind:
        query = query.where(newest.kind == chosen.kind)
    if chosen.code:
        query = query.where(or_(_begins(newest.short_code, chosen.code), _begins(Dossier.code, chosen.code)))
    return query


def _begins(column: Any, text: str) -> Any:
    return (column >= text) & (column < text + "\U0010ffff")


# ---------------------------------------------------------------- obligations


def duty_rows(
    session: Session, chosen: RowFilter, *, after: int | None = None, limit: int = PAGE
) -> list[ListedDuty]:
    """One page of the ledger, newest dossier first; `after` is the last dossier id of the page before."""
    query = _duties(chosen, *_duty_columns()).order_by(Obligation.dossier_id.desc()).limit(limit)
    if after is not None:
        query = query.where(Obligation.dossier_id < after)
    return [ListedDuty._make(row) for row in session.execute(query)]


def duty_ids(session: Session, chosen: RowFilter, *, after: int = 0, limit: int | None = None) -> list[int]:
    """The dossiers of a list of obligations above `after`, in order."""
    query = _duties(chosen, Obligation.dossier_id).where(Obligation.dossier_id > after)
    return list(session.scalars(query.order_by(Obligation.dossier_id).limit(limit)))


def duties_by_id(session: Session, ids: Sequence[int], unit_ids: frozenset[int] | None) -> list[ListedDuty]:
    """The obligations of these dossiers, as far as these units owe them (None = all), in the order asked for."""
    found: dict[int, ListedDuty] = {}
    for start in range(0, len(ids), SLICE):
        part = ids[start : start + SLICE]
        query = _duties(RowFilter(unit_ids), *_duty_columns()).where(Obligation.dossier_id.in_(part))
        found.update({row[0]: ListedDuty._make(row) for row in session.execute(query)})
    return [found[number] for number in dict.fromkeys(ids) if number in found]


def duty_query(dossier_id: ColumnElement[int]) -> Select[Any]:
    """The obligation of one dossier for `dossier_sheet`."""
    query: Select[Any] = _duties(RowFilter(), *_duty_columns())
    return query.where(Obligation.dossier_id == dossier_id)


def duty_count(session: Session, chosen: RowFilter) -> int:
    """How many dossiers a list of obligations has."""
    counted = _duties(chosen, Obligation.dossier_id).subquery()
    return int(session.scalar(select(func.count()).select_from(counted)) or 0)


def duty_steps(session: Session, dossier_id: int) -> list[DutyStep]:
    """The steps of an obligation, in order."""
    s = ObligationStep
    query = select(s.state, s.reason, s.at, s.actor, s.note).where(s.dossier_id == dossier_id).order_by(s.seq)
    return [DutyStep._make(row) for row in session.execute(query)]


def _duty_columns() -> tuple[Any, ...]:
    o, d = Obligation, Dossier
    return (
        o.dossier_id, func.coalesce(d.code, ""), func.coalesce(d.applicant_name, ""), func.coalesce(Procedure.name, ""),
        o.state, ledger_state, o.reason, o.kind, func.coalesce(Unit.name, ""), o.unit_id, o.opened_at, o.due_at,
        d.source_due_at, d.documented_due_at, d.promised_at, d.ended_at, d.suspended_from, o.decided_by, o.note, o.late_reason,
        func.coalesce(d.late_reason, ""), o.fault_unit_id, o.escalated_at, newest.id,
    )  # fmt: skip


def _duties(chosen: RowFilter, *columns: Any) -> Any:
    query: Any = select(*columns).select_from(Obligation)
    query = query.outerjoin(Dossier, Dossier.id == Obligation.dossier_id)
    query = query.outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
    query = query.outerjoin(Unit, Unit.id == Obligation.unit_id).outerjoin(newest, IS_NEWEST)
    if chosen.state:
        query = query.where(ledger_state == chosen.state)
    if chosen.unit_ids is not None:
        query = query.where(Obligation.unit_id.in_(chosen.unit_ids))
    if chosen.kind:
        query = query.where(Obligation.kind == chosen.kind)
    if chosen.code:
        query = query.where(_begins(Dossier.code, chosen.code))
    return query
