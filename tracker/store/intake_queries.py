"""Dossiers by what became of their intake: candidates for `timekeeping.intake`, and counts of those that need no judge.

Also what loading needs to see that a source stopped telling of a dossier before it was accepted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.store.models import Batch, Dossier, Event, Procedure, Unit
from tracker.store.versions import known_dossiers, number
from tracker.timekeeping.intake import REASON_UNTOLD, SEEN_AGAIN, VANISHED, vanished_at
from tracker.types import Channel, EndKind, Facts, SourceStatus

SLICE = 10_000
Place = tuple[int | None, int | None, str]
"""(receiving, else resolving unit; field; channel): an export is often of one of these alone."""

FILED, DELETED = SourceStatus.FILED.value, SourceStatus.DELETED.value


@dataclass(frozen=True, slots=True)
class IntakeFilter:
    """Which intakes: begun by `moment` and not decided before `start` (UTC epoch seconds), of which units and channel.

    `sure`: accepted within so many seconds of filing is in time without asking (-1: ask always); filed in
    [sure_from, sure_to], where the calendar is loaded.
    """

    moment: int
    start: int | None = None
    unit_ids: frozenset[int] | None = None
    channel: Channel | None = None
    known: datetime | None = None
    sure: int = -1
    sure_from: int = 0
    sure_to: int = 0


@dataclass(frozen=True, slots=True)
class IntakeCandidate:
    """One dossier to be judged; `unit_id` is the receiving unit, else the resolving one. Personal data unmasked."""

    dossier_id: int
    code: str
    procedure: str
    unit: str
    unit_id: int | None
    resolving_unit_id: int | None
    applicant: str
    known_from: datetime
    facts: Facts


def counted(session: Session, chosen: IntakeFilter) -> dict[Channel, tuple[int, int]]:
    """Per channel (surely accepted in time, accepted without any filing told): what is counted without being judged."""
    dossiers = known_dossiers(chosen.known)
    sure, unfiled = _is_sure(dossiers, chosen), _is_unfiled(dossiers)
    c = dossiers.c
    found: dict[Channel, tuple[int, int]] = {}
    for branch in _branches(dossiers, chosen):
        query = (
            select(c.channel, _how_many(sure), _how_many(unfiled))
            .where(*branch, *_within(dossiers, chosen), or_(sure, unfiled))
            .group_by(c.channel)
        )
        for channel, in_time, unknown in session.execute(query):
            before = found.get(Channel(channel), (0, 0))
            found[Channel(channel)] = (before[0] + in_time, before[1] + unknown)
    return found


def candidates(
    session: Session, chosen: IntakeFilter, *, all_rows: bool = False
) -> Iterator[IntakeCandidate]:
    """Everything that `counted` does not count, or really everything; in no order."""
    dossiers = known_dossiers(chosen.known)
    rest: list[ColumnElement[bool]] = []
    if not all_rows:
        rest = [_how(_is_sure(dossiers, chosen)) == 0, _how(_is_unfiled(dossiers)) == 0]
    for branch in _branches(dossiers, chosen):
        query = _lines(dossiers).where(*branch, *_within(dossiers, chosen), *rest)
        result = session.execute(query)
        while rows := result.fetchmany(SLICE):
            gone = _vanished(session, [row.id for row in rows if row.received_at is None], chosen.known)
            yield from (_candidate(row, gone.get(row.id)) for row in rows)


# ---------------------------------------------------------------- conditions


def _is_taken_in(dossiers: FromClause) -> ColumnElement[bool]:
    c = dossiers.c
    refused = func.coalesce(c.end_kind, "") == EndKind.NOT_ACCEPTED.value
    return and_(c.received_at.is_not(None), c.status != FILED, ~refused)


def _branches(dossiers: FromClause, chosen: IntakeFilter) -> tuple[tuple[ColumnElement[bool], ...], ...]:
    """Open and ended dossiers apart, each by an index of its own; those decided before the start left out."""
    c = dossiers.c
    taken_in = _is_taken_in(dossiers)
    entered = func.coalesce(number(c.filed_at), number(c.post_received_at), number(c.received_at), 0)
    shared = (entered <= chosen.moment, or_(c.status != DELETED, c.received_at.is_(None)))
    ended = number(c.ended_at)
    if chosen.start is None:
        return (*shared, c.ended_at.is_(None)), (*shared, c.ended_at.is_not(None))
    decided_since = or_(~taken_in, number(c.received_at) >= chosen.start)
    return (
        (*shared, c.ended_at.is_(None), decided_since),
        (*shared, ended >= chosen.start, decided_since),
    )


def _is_sure(dossiers: FromClause, chosen: IntakeFilter) -> ColumnElement[bool]:
    c = dossiers.c
    if chosen.sure < 0:
        return false()
    filed, received, post = number(c.filed_at), number(c.received_at), number(c.post_received_at)
    return and_(
        _is_taken_in(dossiers),
        received <= chosen.moment,
        c.intake_due_at.is_(None),
        filed.between(chosen.sure_from, chosen.sure_to),
        received - filed <= chosen.sure,
        or_(c.post_received_at.is_(None), received - post <= chosen.sure),
    )


def _is_unfiled(dossiers: FromClause) -> ColumnElement[bool]:
    c = dossiers.c
    untold = and_(c.filed_at.is_(None), c.post_received_at.is_(None), c.intake_due_at.is_(None))
    return and_(_is_taken_in(dossiers), untold)


def _how(test: ColumnElement[bool]) -> ColumnElement[int]:
    """1 or 0; unknown is 0."""
    return case((test, 1), else_=0)


def _how_many(test: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(_how(test))


def _within(dossiers: FromClause, chosen: IntakeFilter) -> list[ColumnElement[bool]]:
    c = dossiers.c
    tests: list[ColumnElement[bool]] = []
    if chosen.unit_ids is not None:
        tests.append(func.coalesce(c.receiving_unit_id, c.resolving_unit_id).in_(chosen.unit_ids))
    if chosen.channel is not None:
        tests.append(c.channel == chosen.channel.value)
    return tests


# ---------------------------------------------------------------- rows


def _lines(dossiers: FromClause) -> Select[Any]:
    c, receiving = dossiers.c, aliased(Unit)
    return (
        select(
            *(c[name] for name in _COLUMNS),
            func.coalesce(Procedure.name, "").label("procedure"),
            func.coalesce(receiving.name, Unit.name, "").label("unit"),
        )
        .select_from(dossiers)
        .outerjoin(Procedure, Procedure.id == c.procedure_id)
        .outerjoin(Unit, Unit.id == c.resolving_unit_id)
        .outerjoin(receiving, receiving.id == c.receiving_unit_id)
    )


_COLUMNS = (
    "id",
    "code",
    "channel",
    "resolving_unit_id",
    "receiving_unit_id",
    "applicant_name",
    "filed_at",
    "post_received_at",
    "intake_due_at",
    "received_at",
    "refused_at",
    "withdrawn_at",
    "status",
    "flags",
    "refusal_reason",
    "known_from",
)


def _candidate(row: Any, gone: datetime | None) -> IntakeCandidate:
    return IntakeCandidate(
        dossier_id=row.id,
        code=row.code,
        procedure=row.procedure,
        unit=row.unit,
        unit_id=row.resolving_unit_id if row.receiving_unit_id is None else row.receiving_unit_id,
        resolving_unit_id=row.resolving_unit_id,
        applicant=row.applicant_name,
        known_from=row.known_from,
        facts=Facts(
            received_at=row.received_at,
            due_at=None,
            withdrawn_at=row.withdrawn_at,
            refused_at=row.refused_at,
            filed_at=row.filed_at,
            intake_due_at=row.intake_due_at,
            status=SourceStatus(row.status),
            channel=Channel(row.channel),
            post_received_at=row.post_received_at,
            refusal_reason=None if REASON_UNTOLD in row.flags.split() else row.refusal_reason,
            vanished_at=row.known_from if row.status == DELETED else gone,
        ),
    )


def _vanished(
    session: Session, dossier_ids: Sequence[int], known: datetime | None = None
) -> dict[int, datetime]:
    """Since when the source tells no longer of these dossiers; without those that it tells of."""
    if not dossier_ids:
        return {}
    query = (
        select(Event.dossier_id, Event.at, Event.kind)
        .where(Event.dossier_id.in_(dossier_ids), Event.kind.in_((VANISHED, SEEN_AGAIN)))
        .order_by(Event.dossier_id, Event.seq)
    )
    if known is not None:
        query = query.join(Batch, Batch.id == Event.batch_id).where(Batch.ingested_at <= known)
    events: dict[int, list[tuple[datetime, str]]] = {}
    for dossier_id, at, kind in session.execute(query):
        events.setdefault(dossier_id, []).append((at, kind))
    found = {dossier_id: vanished_at(told) for dossier_id, told in events.items()}
    return {dossier_id: at for dossier_id, at in found.items() if at is not None}


# ---------------------------------------------------------------- what a source stopped telling of


@dataclass(frozen=True, slots=True)
class Unaccepted:
    """An open dossier of a source that nobody accepted; told by its source at some `place`."""

    dossier_id: int
    code: str
    filed_at: int
    place: Place
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What some rows told of one place: first and last filing (UTC epoch seconds), any accepted, any not accepted?"""

    first: int
    last: int
    accepted: bool
    unaccepted: bool


def unaccepted(session: Session, source_id: int, codes: Sequence[str] | None = None) -> list[Unaccepted]:
    """All of a source that have a filing, by the index of open dossiers; with `codes` those of these codes alone."""
    if codes is not None:
        slices = (codes[start : start + SLICE] for start in range(0, len(codes), SLICE))
        return [one for some in slices for one in _unaccepted(session, source_id, Dossier.code.in_(some))]
    return _unaccepted(session, source_id)


def _unaccepted(session: Session, source_id: int, *which: ColumnElement[bool]) -> list[Unaccepted]:
    filed = number(Dossier.filed_at.expression)
    query = select(Dossier.id, Dossier.code, filed, *_place()).where(
        Dossier.ended_at.is_(None),
        Dossier.end_kind.is_(None),
        Dossier.source_id == source_id,
        Dossier.filed_at.is_not(None),
        _waits(),
        *which,
    )
    rows = session.execute(query).all()
    gone: set[int] = set()
    for start in range(0, len(rows), SLICE):
        gone |= _vanished(session, [row.id for row in rows[start : start + SLICE]]).keys()
    return [Unaccepted(number_, code, at, (*place,), number_ in gone) for number_, code, at, *place in rows]


def told_of(session: Session, dossier_ids: Sequence[int]) -> dict[Place, Told]:
    """What is known of these dossiers, by place; those without a filing left out."""
    filed, waits = number(Dossier.filed_at.expression), _how(_waits())
    figures = (func.min(filed), func.max(filed), func.min(waits), func.max(waits))
    found: dict[Place, Told] = {}
    for start in range(0, len(dossier_ids), SLICE):
        query = (
            select(*figures, *_place())
            .where(Dossier.id.in_(list(dossier_ids[start : start + SLICE])), Dossier.filed_at.is_not(None))
            .group_by(*_place())
        )
        for first, last, all_wait, any_waits, *place in session.execute(query):
            told = Told(first, last, not all_wait, bool(any_waits))
            found[(*place,)] = _together(found.get((*place,)), told)
    return found


def _place() -> tuple[ColumnElement[Any], ...]:
    unit = func.coalesce(Dossier.receiving_unit_id, Dossier.resolving_unit_id)
    return unit, Dossier.field_id.expression, Dossier.channel.expression


def _waits() -> ColumnElement[bool]:
    return or_(Dossier.received_at.is_(None), Dossier.status == FILED)


def _together(before: Told | None, more: Told) -> Told:
    if before is None:
        return more
    return Told(
        min(before.first, more.first),
        max(before.last, more.last),
        before.accepted or more.accepted,
        before.unaccepted or more.unaccepted,
    )
