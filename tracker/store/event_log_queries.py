"""What an event log reads: which dossiers are its cases, in order, and the steps and ends of some of them. No persons."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from tracker.store.models import Dossier, Event, Field, Procedure, ProgressEvent, Unit
from tracker.store.versions import is_accepted, number
from tracker.text import fold
from tracker.types import VN, EndKind
from tracker.types.event_log import EndTold, EventLogQuestion, LogBy, StepTold

CHUNK = 1000
LAST_SECOND = time(23, 59, 59)
ENDED = (EndKind.FINISHED.value, EndKind.REFUSED.value, EndKind.WITHDRAWN.value)
HISTORY = (*ENDED, "reopened")


class Logged(NamedTuple):
    """A case: its dossier, how it ended, and the words that the dossier itself does not hold."""

    dossier_id: int
    ended_at: datetime | None
    end_kind: str | None
    procedure_code: str
    receiving_unit: str


def cases(session: Session, asked: EventLogQuestion) -> Iterator[Logged]:
    """The cases of a question by the moment that puts them into its period, streamed."""
    receiving = aliased(Unit)
    d: Any = Dossier.__table__
    query = (
        select(d.c.id, d.c.ended_at, d.c.end_kind, Procedure.code, receiving.name)
        .select_from(d)
        .outerjoin(Procedure, Procedure.id == d.c.procedure_id)
        .outerjoin(receiving, receiving.id == d.c.receiving_unit_id)
        .order_by(number(d.c[_column(asked)]), d.c.id)
    )
    found = session.execute(_of(query, asked), execution_options={"yield_per": CHUNK})
    for rows in found.partitions():
        for dossier_id, ended_at, end_kind, code, unit in rows:
            yield Logged(dossier_id, ended_at, end_kind, code or "", unit or "")


def count_cases(session: Session, asked: EventLogQuestion, cap: int) -> int:
    """How many cases there are, counted to one above `cap`."""
    d: Any = Dossier.__table__
    found = _of(select(d.c.id).select_from(d), asked).limit(cap + 1).subquery()
    return int(session.scalar(select(func.count()).select_from(found)) or 0)


def _column(asked: EventLogQuestion) -> str:
    return "ended_at" if asked.by is LogBy.ENDED else "received_at"


def _of(query: Select[Any], asked: EventLogQuestion) -> Select[Any]:
    d: Any = Dossier.__table__
    moment = number(d.c[_column(asked)])
    first = int(datetime.combine(asked.start, time.min, VN).timestamp())
    last = int(datetime.combine(asked.end, LAST_SECOND, VN).timestamp())
    query = query.where(is_accepted(d), moment >= first, moment <= min(last, int(asked.as_of.timestamp())))
    if asked.by is LogBy.ENDED:
        query = query.where(d.c.ended_at.is_not(None), d.c.end_kind.in_(ENDED))
    if asked.unit_ids is not None:
        query = query.where(d.c.resolving_unit_id.in_(asked.unit_ids))
    if asked.field is not None:
        query = query.where(d.c.field_id.in_(select(Field.id).where(Field.name == asked.field)))
    if asked.procedure is not None:
        query = query.where(
            d.c.procedure_id.in_(select(Procedure.id).where(Procedure.code == asked.procedure))
        )
    return query


def steps_of(session: Session, dossier_ids: Sequence[int]) -> dict[int, tuple[StepTold, ...]]:
    """The steps of these dossiers in order of time; that a department is an officer's name is all that is told of officers."""
    p = ProgressEvent
    query = (
        select(p.dossier_id, p.at, p.step_begun_at, p.step_due_at, p.department, p.status, p.officer_name)
        .where(p.dossier_id.in_(dossier_ids))
        .order_by(p.dossier_id, p.at, p.seq)
    )
    found: dict[int, list[StepTold]] = {}
    for dossier_id, at, begun, due, department, status, officer in session.execute(query):
        is_officer = bool(officer) and fold(department) == fold(officer)
        found.setdefault(dossier_id, []).append(StepTold(at, begun, due, department, status, is_officer))
    return {dossier_id: tuple(steps) for dossier_id, steps in found.items()}


def ends_of(session: Session, dossier_ids: Sequence[int]) -> dict[int, tuple[EndTold, ...]]:
    """The ends and reopenings of these dossiers that their history holds, in the order in which they were told."""
    query = (
        select(Event.dossier_id, Event.at, Event.kind)
        .where(Event.dossier_id.in_(dossier_ids), Event.kind.in_(HISTORY))
        .order_by(Event.dossier_id, Event.seq)
    )
    found: dict[int, list[EndTold]] = {}
    for dossier_id, at, kind in session.execute(query):
        found.setdefault(dossier_id, []).append(EndTold(at, kind))
    return {dossier_id: tuple(ends) for dossier_id, ends in found.items()}
