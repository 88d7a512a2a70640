"""Findings as pages and files read them: by filters and page, one alone, counts; and hidden lateness by unit and month."""

from collections.abc import Collection, Iterator
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from tracker.store.models import Batch, Dossier, Finding, HiddenMonth, Procedure, Source, Unit
from tracker.store.versions import number
from tracker.types import VN
from tracker.types.finding_lists import (
    FindingCount,
    FindingQuestion,
    FindingRow,
    FindingSpot,
    HiddenCount,
    HiddenRow,
)
from tracker.types.findings import FindingKind, FindingState, read_evidence

CHUNK = 1_000
# No dossier has so many; a page bears no more.
MOST_OF_DOSSIER = 100
A_DAY = timedelta(days=1)


def find_page(
    session: Session, asked: FindingQuestion, *, after: FindingSpot | None = None, limit: int
) -> list[FindingRow]:
    """So many findings after a place in the list, the newest first."""
    return [_row(each) for each in session.execute(_listed(asked, after).limit(limit))]


def all_findings(session: Session, asked: FindingQuestion) -> Iterator[FindingRow]:
    """All of them, streamed in the order of the list."""
    found = session.execute(_listed(asked, None), execution_options={"yield_per": CHUNK})
    for rows in found.partitions():
        for each in rows:
            yield _row(each)


def ids_of(session: Session, asked: FindingQuestion, *, limit: int) -> list[int]:
    """The numbers of the list's findings, in its order."""
    query = select(Finding.id).where(*_tests(asked)).order_by(Finding.at.desc(), Finding.id.desc())
    return list(session.scalars(query.limit(limit)))


def count_findings(session: Session, asked: FindingQuestion, *, cap: int) -> int:
    """How many there are, counted no further than one above `cap`."""
    found = select(Finding.id).where(*_tests(asked)).limit(cap + 1).subquery()
    return int(session.scalar(select(func.count()).select_from(found)) or 0)


def finding_counts(session: Session, asked: FindingQuestion) -> list[FindingCount]:
    """By kind, state and whether they are gone; kind, state and `is_gone` of the question narrow nothing."""
    is_gone = Finding.gone_at.is_not(None)
    query = select(Finding.kind, Finding.state, is_gone, func.count()).where(*_place(asked))
    return [
        FindingCount(FindingKind(kind), FindingState(state), bool(gone), count)
        for kind, state, gone, count in session.execute(query.group_by(Finding.kind, Finding.state, is_gone))
    ]


def find_finding(session: Session, finding_id: int, unit_ids: Collection[int] | None) -> FindingRow | None:
    """One finding of these units (None = all); None where there is none."""
    query = _rows().where(Finding.id == finding_id, *_of_units(unit_ids))
    found = session.execute(query).one_or_none()
    return None if found is None else _row(found)


def findings_of_dossier(
    session: Session, dossier_id: int, unit_ids: Collection[int] | None
) -> list[FindingRow]:
    """What was ever found about a dossier, the newest first; `MOST_OF_DOSSIER` at most."""
    query = _rows().where(Finding.dossier_id == dossier_id, *_of_units(unit_ids))
    query = query.order_by(Finding.at.desc(), Finding.id.desc()).limit(MOST_OF_DOSSIER)
    return [_row(each) for each in session.execute(query)]


class StandingFinding(NamedTuple):
    """A finding of a dossier that stands, as the dossier's page counts it."""

    finding_id: int
    unit_id: int
    state: str


def standing_query(dossier_id: ColumnElement[int]) -> Select[Any]:
    """The findings of a dossier that stand, for `dossier_sheet`."""
    columns: tuple[Any, ...] = (Finding.id, Finding.unit_id, Finding.state)
    return (
        select(*columns)
        .select_from(Finding)
        .where(Finding.dossier_id == dossier_id, Finding.gone_at.is_(None))
    )


def load_sources(session: Session, batch_ids: Collection[int]) -> dict[int, str]:
    """From which source each of these loads came, by its name."""
    query = select(Batch.id, func.coalesce(func.nullif(Source.name, ""), Source.key))
    query = query.join(Source, Source.id == Batch.source_id).where(Batch.id.in_(sorted(batch_ids)))
    return {number: name for number, name in session.execute(query)}


def _listed(asked: FindingQuestion, after: FindingSpot | None) -> Select[Any]:
    query = _rows().where(*_tests(asked)).order_by(Finding.at.desc(), Finding.id.desc())
    if after is None:
        return query
    at = number(Finding.__table__.c.at)
    # The first test by itself goes by the index.
    return query.where(at <= after.at, or_(at < after.at, Finding.id < after.finding_id))


def _rows() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Finding.id, Finding.dossier_id, func.coalesce(Dossier.code, ""), func.coalesce(Procedure.name, ""), Finding.unit_id,
        func.coalesce(Unit.name, ""), Dossier.resolving_unit_id, Finding.kind, Finding.at, Finding.evidence,
        Finding.found_at, Finding.gone_at, Finding.state,
    )  # fmt: skip
    return (
        select(*columns)
        .select_from(Finding)
        .outerjoin(Dossier, Dossier.id == Finding.dossier_id)
        .outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(Unit, Unit.id == Finding.unit_id)
    )


def _row(found: Any) -> FindingRow:
    (
        finding_id,
        dossier_id,
        code,
        procedure,
        unit_id,
        unit,
        now_unit,
        kind,
        at,
        evidence,
        found_at,
        gone_at,
        state,
    ) = found
    return FindingRow(
        finding_id, dossier_id, code, procedure, unit_id, unit, now_unit, FindingKind(kind), at, read_evidence(evidence),
        found_at, gone_at, FindingState(state),
    )  # fmt: skip


def _tests(asked: FindingQuestion) -> Iterator[ColumnElement[bool]]:
    yield from _place(asked)
    yield Finding.gone_at.is_not(None) if asked.is_gone else Finding.gone_at.is_(None)
    if asked.kind is not None:
        yield Finding.kind == asked.kind.value
    if asked.state is not None:
        yield Finding.state == asked.state.value


def _place(asked: FindingQuestion) -> Iterator[ColumnElement[bool]]:
    """Units and days."""
    yield from _of_units(asked.unit_ids)
    if asked.start is not None:
        yield Finding.at >= datetime.combine(asked.start, time.min, VN)
    if asked.end is not None:
        yield Finding.at < datetime.combine(asked.end + A_DAY, time.min, VN)


def _of_units(unit_ids: Collection[int] | None) -> Iterator[ColumnElement[bool]]:
    if unit_ids is not None:
        yield Finding.unit_id.in_(sorted(unit_ids))


# ---------------------------------------------------------------- hidden lateness


def hidden_rows(session: Session, unit_ids: Collection[int] | None, first: int, last: int) -> list[HiddenRow]:
    """What is hidden by month and unit, in that order, from one month to another, both included (year * 100 + month)."""
    h = HiddenMonth
    sums = [
        func.sum(each)
        for each in (h.ended, h.complete, h.late, h.hidden_documented, h.hidden_promised, h.hidden)
    ]
    query = select(h.month, h.unit_id, *sums).where(and_(h.month >= first, h.month <= last))
    if unit_ids is not None:
        query = query.where(h.unit_id.in_(sorted(unit_ids)))
    query = query.group_by(h.month, h.unit_id).order_by(h.month, h.unit_id)
    return [
        HiddenRow(month, unit_id, HiddenCount(*(int(each) for each in counts)))
        for month, unit_id, *counts in session.execute(query)
    ]


def hidden_months(session: Session) -> tuple[int, int] | None:
    """The first and the last month that were counted; None where none was."""
    first, last = session.execute(select(func.min(HiddenMonth.month), func.max(HiddenMonth.month))).one()
    return None if first is None else (first, last)
