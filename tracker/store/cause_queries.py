"""Dossiers that ended, with their steps and suspensions, as the causes of lateness are told from them. No verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, exists, select
from sqlalchemy.orm import Session

from tracker.measures.step_shares import StepTold
from tracker.store.late_queries import is_past, suspensions_of
from tracker.store.models import ProgressEvent
from tracker.store.versions import (
    FINISHING,
    is_accepted,
    known_dossiers,
    number,
    working_unit,
)
from tracker.text import fold
from tracker.types import Facts, Precision, SourceStatus, Suspension

TOGETHER = 4_000
COLUMNS = (
    "id", "code", "resolving_unit_id", "receiving_unit_id", "field_id", "procedure_id", "late_reason", "received_at",
    "source_due_at", "finished_at", "returned_at", "refused_at", "status", "ended_at", "ended_known_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EndsAsked:
    """Dossiers that ended between two moments (UTC epoch seconds, both included), as known then (None = now)."""

    first: int
    last: int
    known: datetime | None = None


class EndedDossier(NamedTuple):
    """A dossier that ended, late by the source's date or with steps that were told; ids None = not known.

    `facts` carry the source's due date; `steps` are in the order in which they were told, `ended_at` UTC epoch seconds.
    """

    dossier_id: int
    code: str
    unit_id: int | None
    field_id: int | None
    procedure_id: int | None
    reason: str
    working_unit_id: int | None
    ended_at: int
    ended_known_at: datetime | None
    facts: Facts
    steps: Sequence[StepTold]


def late_ones(session: Session, asked: EndsAsked) -> Iterator[EndedDossier]:
    """Those that ended after the source's due date, some thousand at a time; in order of their ends."""
    dossiers = known_dossiers(asked.known)
    yield from _read(session, dossiers, asked, (_is_late(dossiers),))


def in_time_with_steps(session: Session, asked: EndsAsked) -> Iterator[EndedDossier]:
    """Those that ended in time by the source's date and of which any step was told."""
    dossiers = known_dossiers(asked.known)
    p = ProgressEvent
    told = exists().where(p.dossier_id == dossiers.c.id)
    if asked.known is not None:
        told = told.where(p.known_from <= asked.known)
    yield from _read(session, dossiers, asked, (~_is_late(dossiers), told))


def _is_late(dossiers: FromClause) -> ColumnElement[bool]:
    return is_past(dossiers.c.source_due_at, dossiers.c.ended_at, Precision.DATE)


def _read(
    session: Session, dossiers: FromClause, asked: EndsAsked, tests: Sequence[ColumnElement[bool]]
) -> Iterator[EndedDossier]:
    c = dossiers.c
    ended = number(c.ended_at)
    query: Select[Any] = (
        select(*(c[name] for name in COLUMNS))
        .where(
            is_accepted(dossiers),
            c.end_kind.in_(FINISHING),
            ended >= asked.first,
            ended <= asked.last,
            *tests,
        )
        .order_by(ended, c.id)
    )
    result = session.execute(query, execution_options={"yield_per": TOGETHER})
    try:
        for rows in result.partitions():
            yield from _dossiers(session, rows, asked)
    finally:
        result.close()


def _dossiers(session: Session, rows: Sequence[Any], asked: EndsAsked) -> Iterator[EndedDossier]:
    ids = [row.id for row in rows]
    steps, pauses = steps_of(session, ids, asked.known), suspensions_of(session, ids, asked.known)
    for row in rows:
        yield EndedDossier(
            row.id, row.code, row.resolving_unit_id, row.field_id, row.procedure_id, row.late_reason,
            working_unit(row.resolving_unit_id, row.receiving_unit_id), int(row.ended_at.timestamp()),
            row.ended_known_at, _facts(row, pauses.get(row.id, ())), steps.get(row.id, ()),
        )  # fmt: skip


def _facts(row: Any, pauses: tuple[Suspension, ...]) -> Facts:
    return Facts(
        received_at=row.received_at,
        due_at=row.source_due_at,
        finished_at=row.finished_at,
        returned_at=row.returned_at,
        refused_at=row.refused_at,
        status=SourceStatus(row.status),
        suspensions=pauses,
    )


def steps_of(
    session: Session, dossier_ids: Sequence[int], known: datetime | None = None
) -> dict[int, list[StepTold]]:
    """The steps of these dossiers as they were told, in that order. Whose department is the name of the officer has none."""
    p: Any = ProgressEvent.__table__.c
    columns = (
        p.dossier_id, p.officer_name, number(p.at), p.department, number(p.step_begun_at), number(p.step_due_at)
    )  # fmt: skip
    query = select(*columns).where(p.dossier_id.in_(dossier_ids)).order_by(p.dossier_id, p.seq)
    if known is not None:
        query = query.where(p.known_from <= known)
    found: dict[int, list[StepTold]] = {}
    for dossier_id, officer, *told in session.execute(query):
        step = StepTold(*told)
        if officer and step.department and fold(officer) == fold(step.department):
            step = step._replace(department="")
        found.setdefault(dossier_id, []).append(step)
    return found
