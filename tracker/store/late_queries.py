"""Candidates of the late list by index: what may be late at a moment. The verdict is `lateness.classify`'s."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from tracker.store.models import Field, Procedure, Unit
from tracker.store.rate_reading import summaries
from tracker.store.remembered import Mark, Remembered
from tracker.store.versions import (
    DAY,
    DUE_COLUMNS,
    FINISHING,
    VN_OFFSET,
    is_accepted,
    is_suspended_at,
    known_dossiers,
    known_suspensions,
    local_day,
    number,
    open_branches,
    working_unit,
)
from tracker.types import VN, Basis, Channel, Facts, Precision, SourceStatus, SuspensionKind
from tracker.types import Suspension as Pause

SLICE = 10_000
# Counts of open dossiers that a process made once, by unit and field asked for.
TALLIES = Remembered(500)


@dataclass(frozen=True, slots=True)
class LateFilter:
    """Which dossiers: on which basis, of which units and field; ends between two moments (UTC epoch seconds)."""

    as_of: int
    basis: Basis
    precision: Precision = Precision.DATE
    unit_ids: frozenset[int] | None = None
    field: str | None = None
    ended_from: int | None = None
    ended_to: int | None = None
    known: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One dossier that may be late, with everything a list line shows; personal data unmasked."""

    dossier_id: int
    code: str
    procedure: str
    field: str
    unit: str
    channel: Channel
    applicant: str
    officer: str
    reason: str
    limit_text: str
    dues: dict[Basis, datetime | None]
    facts: Facts
    working_unit_id: int | None
    ended_known_at: datetime | None


def finished_late(session: Session, chosen: LateFilter, *, limit: int | None = None) -> Iterator[Candidate]:
    """Dossiers that ended late by as-of, by end date: exact, since nothing about an end depends on suspensions."""
    dossiers = known_dossiers(chosen.known)
    c = dossiers.c
    late = is_past(c[DUE_COLUMNS[chosen.basis]], c.ended_at, chosen.precision)
    query = _candidate_query(dossiers, chosen, and_(*finished_tests(dossiers, chosen), late))
    yield from _candidates(session, query.order_by(c.ended_at, c.id).limit(limit), chosen)


def open_past_due(session: Session, chosen: LateFilter) -> Iterator[Candidate]:
    """Dossiers open at as-of with a due date passed on any basis, suspended ones among them; in no order."""
    dossiers = known_dossiers(chosen.known)
    passed = or_(*(number(dossiers.c[column]) < passed_before(chosen) for column in DUE_COLUMNS.values()))
    for still_open in open_branches(dossiers, chosen.as_of):
        query = _candidate_query(dossiers, chosen, and_(*still_open, passed))
        yield from _candidates(session, query, chosen)


def open_tallies(session: Session, chosen: LateFilter) -> dict[Basis, tuple[int, int, int]]:
    """Per basis (late, with a due date on it, all) of the dossiers open at as-of.

    What the tables of counts know to stand still, a process counts once; else each time.
    """
    by_date = chosen.known is None and chosen.precision is Precision.DATE
    kept = summaries(session) if by_date else None
    mark = kept.mark_of_now(chosen.as_of) if kept else None
    key = Mark((chosen.unit_ids, chosen.field), mark)
    found: dict[Basis, tuple[int, int, int]] | None = None if mark is None else TALLIES.get(key)
    if found is None:
        found = _open_tallies(session, chosen)
        if mark is not None:
            TALLIES.keep(key, found)
    return found


def _open_tallies(session: Session, chosen: LateFilter) -> dict[Basis, tuple[int, int, int]]:
    dossiers = known_dossiers(chosen.known)
    pauses, passed = known_suspensions(chosen.known), passed_before(chosen)
    late = {basis: case((is_open_late(dossiers, pauses, basis, chosen.as_of, passed), 1)) for basis in Basis}
    sums = [0] * (2 * len(Basis) + 1)
    for still_open in open_branches(dossiers, chosen.as_of):
        counts = [
            func.count(each) for basis in Basis for each in (late[basis], dossiers.c[DUE_COLUMNS[basis]])
        ]
        query = select(func.count(), *counts).select_from(dossiers)
        query = query.where(is_accepted(dossiers), *still_open, *within(dossiers, chosen))
        sums = [have + more for have, more in zip(sums, session.execute(query).one(), strict=True)]
    total, *parts = sums
    return {basis: (parts[2 * n], parts[2 * n + 1], total) for n, basis in enumerate(Basis)}


def is_open_late(
    dossiers: FromClause, suspensions: FromClause, basis: Basis, moment: Any, passed: Any
) -> ColumnElement[bool]:
    """Of a dossier open at a moment: its due date lies before `passed`, and it is not suspended. The cheap test comes first.

    The SQL twin of `lateness.classify`; held equal by tests. Moments in epoch seconds, or parameters for them.
    """
    due = dossiers.c[DUE_COLUMNS[basis]]
    return and_(number(due) < passed, ~is_suspended_at(dossiers, suspensions, moment, due))


def passed_before(chosen: LateFilter) -> int:
    """Due dates of open dossiers before this moment have passed."""
    midnight = (chosen.as_of + VN_OFFSET) // DAY * DAY - VN_OFFSET
    return midnight if chosen.precision is Precision.DATE else chosen.as_of


def of_ids(session: Session, chosen: LateFilter, dossier_ids: Sequence[int]) -> Iterator[Candidate]:
    """These dossiers as far as they were accepted and lie in the units asked for, late or not; in no order."""
    dossiers = known_dossiers(chosen.known)
    for start in range(0, len(dossier_ids), SLICE):
        ids = list(dossier_ids[start : start + SLICE])
        yield from _candidates(session, _candidate_query(dossiers, chosen, dossiers.c.id.in_(ids)), chosen)


def open_coverage(session: Session, chosen: LateFilter) -> dict[Basis, tuple[int, int]]:
    """Per basis (with a due date on it, all) of the dossiers open at as-of."""
    dossiers = known_dossiers(chosen.known)
    c = dossiers.c
    sums = [0] * (len(Basis) + 1)
    for still_open in open_branches(dossiers, chosen.as_of):
        counts = [func.count(c[DUE_COLUMNS[basis]]) for basis in Basis]
        query = select(func.count(), *counts).select_from(dossiers)
        row = session.execute(
            query.where(is_accepted(dossiers), *still_open, *within(dossiers, chosen))
        ).one()
        sums = [have + more for have, more in zip(sums, row, strict=True)]
    return {basis: (computed, sums[0]) for basis, computed in zip(Basis, sums[1:], strict=True)}


def finished_counts(session: Session, chosen: LateFilter) -> dict[Basis, tuple[int, int, int]]:
    """Per basis (late, with a due date on it, all) of the dossiers finished by as-of."""
    dossiers = known_dossiers(chosen.known)
    c = dossiers.c
    sums: list[Any] = []
    for basis in Basis:
        due = c[DUE_COLUMNS[basis]]
        late = case((is_past(due, c.ended_at, chosen.precision), 1), else_=0)
        sums += [func.coalesce(func.sum(late), 0), func.count(due)]
    query = select(func.count(), *sums).select_from(dossiers)
    tests = (is_accepted(dossiers), *finished_tests(dossiers, chosen), *within(dossiers, chosen))
    total, *parts = session.execute(query.where(*tests)).one()
    return {basis: (parts[2 * n], parts[2 * n + 1], total) for n, basis in enumerate(Basis)}


def finished_tests(dossiers: FromClause, chosen: LateFilter) -> list[ColumnElement[bool]]:
    """Finished by as-of, within the span of ends that is asked for."""
    ended = number(dossiers.c.ended_at)
    tests = [dossiers.c.end_kind.in_(FINISHING), ended <= chosen.as_of]
    if chosen.ended_from is not None:
        tests.append(ended >= chosen.ended_from)
    if chosen.ended_to is not None:
        tests.append(ended <= chosen.ended_to)
    return tests


def is_past(due: ColumnElement[Any], end: ColumnElement[Any], precision: Precision) -> ColumnElement[bool]:
    """Does the end lie after the due date?"""
    return local_day(end) > local_day(due) if precision is Precision.DATE else number(end) > number(due)


def within(dossiers: FromClause, chosen: LateFilter) -> list[ColumnElement[bool]]:
    """Of the units and the field that are asked for."""
    tests: list[ColumnElement[bool]] = []
    if chosen.unit_ids is not None:
        tests.append(dossiers.c.resolving_unit_id.in_(chosen.unit_ids))
    if chosen.field is not None:
        tests.append(dossiers.c.field_id.in_(select(Field.id).where(Field.name == chosen.field)))
    return tests


def _candidate_query(dossiers: FromClause, chosen: LateFilter, test: ColumnElement[bool]) -> Select[Any]:
    c = dossiers.c
    return (
        select(
            *(c[name] for name in COLUMNS),
            Procedure.name.label("procedure_name"),
            Field.name.label("field_name"),
            Unit.name.label("unit_name"),
        )
        .select_from(dossiers)
        .outerjoin(Procedure, Procedure.id == c.procedure_id)
        .outerjoin(Field, Field.id == c.field_id)
        .outerjoin(Unit, Unit.id == c.resolving_unit_id)
        .where(is_accepted(dossiers), test, *within(dossiers, chosen))
    )


def _candidates(session: Session, query: Select[Any], chosen: LateFilter) -> Iterator[Candidate]:
    result = session.execute(query)
    while rows := result.fetchmany(SLICE):
        pauses = suspensions_of(session, [row.id for row in rows], chosen.known)
        yield from (candidate(row, pauses.get(row.id, ()), chosen) for row in rows)


COLUMNS = (
    "id",
    "code",
    "channel",
    "applicant_name",
    "officer_name",
    "late_reason",
    "limit_text",
    "source_due_at",
    "promised_at",
    "documented_due_at",
    "received_at",
    "finished_at",
    "returned_at",
    "refused_at",
    "ended_at",
    "status",
    "resolving_unit_id",
    "receiving_unit_id",
    "ended_known_at",
)


def suspensions_of(
    session: Session, dossier_ids: Sequence[int], known: datetime | None = None
) -> dict[int, tuple[Pause, ...]]:
    """The suspensions of these dossiers, in order, as known then."""
    if not dossier_ids:
        return {}
    s = known_suspensions(known).c
    query = (
        select(s.dossier_id, s.start_at, s.end_at, s.kind)
        .where(s.dossier_id.in_(dossier_ids))
        .order_by(s.dossier_id, s.seq)
    )
    found: dict[int, list[Pause]] = {}
    for dossier_id, start, end, kind in session.execute(query):
        found.setdefault(dossier_id, []).append(Pause(start, end, SuspensionKind(kind)))
    return {dossier_id: tuple(pauses) for dossier_id, pauses in found.items()}


def candidate(row: Any, pauses: tuple[Pause, ...], chosen: LateFilter) -> Candidate:
    """From the values of `COLUMNS` and the names of procedure, field and unit."""
    dues = {
        Basis.SOURCE: row.source_due_at,
        Basis.PROMISED: row.promised_at,
        Basis.DOCUMENTED: row.documented_due_at,
    }
    # The status is the source's present word; of a moment before the end it says nothing.
    ended_later = row.ended_at is not None and row.ended_at > datetime.fromtimestamp(chosen.as_of, VN)
    return Candidate(
        dossier_id=row.id,
        code=row.code,
        procedure=row.procedure_name or "",
        field=row.field_name or "",
        unit=row.unit_name or "",
        channel=Channel(row.channel),
        applicant=row.applicant_name,
        officer=row.officer_name,
        reason=row.late_reason,
        limit_text=row.limit_text,
        dues=dues,
        facts=Facts(
            received_at=row.received_at,
            due_at=dues[chosen.basis],
            finished_at=row.finished_at,
            returned_at=row.returned_at,
            refused_at=row.refused_at,
            status=SourceStatus.PROCESSING if ended_later else SourceStatus(row.status),
            suspensions=pauses,
        ),
        working_unit_id=working_unit(row.resolving_unit_id, row.receiving_unit_id),
        ended_known_at=row.ended_known_at,
    )
