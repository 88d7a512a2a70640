"""The counts behind rates: one pass over the dossiers per period for ends, one for what is open at its end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from tracker.store.models import Field, Procedure, Unit
from tracker.store.versions import (
    DUE_COLUMNS,
    FINISHING,
    is_accepted,
    is_suspended_at,
    known_dossiers,
    known_suspensions,
    local_day,
    number,
    open_branches,
)
from tracker.types import Basis, EndKind, Level, SourceStatus

Keys = tuple[str, ...]
GROUPS = ("level", "unit", "field", "procedure", "channel")


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last second counted, UTC epoch seconds; `label` names a month, else empty."""

    start: int
    end: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class EndedCounts:
    """One group's dossiers that were there in the period; per basis (early, on time, late, no due) of finished ones."""

    keys: Keys
    received: int
    carried_over: int
    withdrawn: int
    refused: int
    verdicts: Mapping[Basis, tuple[int, int, int, int]]
    received_on_time: int


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """One group's dossiers open at the period's end."""

    keys: Keys
    open: int
    late: int
    no_due: int
    suspended: int


def ended_counts(
    session: Session, period: Period, by: Sequence[str], basis: Basis, known: datetime | None
) -> list[EndedCounts]:
    """Receptions, what was carried over, and ends of one period, by group."""
    dossiers = known_dossiers(known)
    c = dossiers.c
    keys = _keys(dossiers, by)
    received, ended = number(c.received_at), number(c.ended_at)
    in_period = and_(ended >= period.start, ended <= period.end)
    finished = and_(in_period, c.end_kind.in_(FINISHING))
    new = and_(received >= period.start, received <= period.end)
    sums = [
        _count(new),
        _count(and_(received < period.start, or_(c.ended_at.is_(None), ended >= period.start))),
        _count(and_(in_period, c.end_kind == EndKind.WITHDRAWN.value)),
        _count(and_(in_period, c.end_kind == EndKind.REFUSED.value)),
        _count(and_(finished, new, local_day(c.ended_at) <= local_day(c[DUE_COLUMNS[basis]]))),
    ]
    for each in Basis:
        due, end = local_day(c[DUE_COLUMNS[each]]), local_day(c.ended_at)
        sums += [_count(and_(finished, test)) for test in (end < due, end == due, end > due)]
        sums.append(_count(and_(finished, c[DUE_COLUMNS[each]].is_(None))))
    # Two disjoint halves, each served by its index: what ended in or after the period, and what is open to this day.
    halves = ((ended >= period.start,), (c.ended_at.is_(None), c.end_kind.is_(None)))
    found: dict[Keys, list[int]] = {}
    for half in halves:
        query = _joined(select(*keys, *sums), dossiers, by)
        query = query.where(is_accepted(dossiers), received <= period.end, *half).group_by(*keys)
        for row in session.execute(query):
            _add(found, _named(tuple(row)[: len(by)]), tuple(row)[len(by) :])
    return [_ended(keys, counts) for keys, counts in found.items()]


def _add(found: dict[Keys, list[int]], keys: Keys, counts: Sequence[int | None]) -> None:
    have = found.setdefault(keys, [0] * len(counts))
    found[keys] = [old + (new or 0) for old, new in zip(have, counts, strict=True)]


def _ended(keys: Keys, counts: Sequence[int]) -> EndedCounts:
    verdicts = {
        basis: (counts[at], counts[at + 1], counts[at + 2], counts[at + 3])
        for basis, at in zip(Basis, range(5, 5 + 4 * len(Basis), 4), strict=True)
    }
    received, carried_over, withdrawn, refused, on_time = counts[:5]
    return EndedCounts(keys, received, carried_over, withdrawn, refused, verdicts, on_time)


def open_counts(
    session: Session, period: Period, by: Sequence[str], basis: Basis, known: datetime | None
) -> list[OpenCounts]:
    """What is open at the end of a period, by group; lateness there is judged at that moment, by date."""
    dossiers = known_dossiers(known)
    due = dossiers.c[DUE_COLUMNS[basis]]
    keys = _keys(dossiers, by)
    suspended = is_suspended_at(dossiers, known_suspensions(known), period.end, due)
    passed = local_day(due) < literal((period.end + 25_200) // 86_400)
    # The order of `lateness.classify`: suspended, without a due date, overdue. CASE stops at the first that fits.
    state = case((suspended, "suspended"), (due.is_(None), "no_due"), (passed, "late"), else_="in_time")
    found: dict[Keys, dict[str, int]] = {}
    for still_open in open_branches(dossiers, period.end):
        query = _joined(select(*keys, state.label("state"), func.count()), dossiers, by)
        query = query.where(is_accepted(dossiers), *still_open).group_by(*keys, state)
        for row in session.execute(query):
            states = found.setdefault(_named(tuple(row)[: len(by)]), {})
            states[row[-2]] = states.get(row[-2], 0) + row[-1]
    return [
        OpenCounts(keys, sum(n.values()), n.get("late", 0), n.get("no_due", 0), n.get("suspended", 0))
        for keys, n in found.items()
    ]


def excluded_counts(session: Session, period: Period, known: datetime | None) -> dict[str, int]:
    """Dossiers of the period that are counted nowhere, by reason."""
    dossiers = known_dossiers(known)
    c = dossiers.c
    reason = case(
        (c.end_kind == EndKind.DELETED.value, "DELETED"),
        (c.end_kind == EndKind.NOT_ACCEPTED.value, "NOT_ACCEPTED"),
        (or_(c.status == SourceStatus.FILED.value), "NOT_ACCEPTED"),
        (and_(c.end_kind.is_not(None), c.ended_at.is_(None)), "END_UNDATED"),
        else_="RECEIVED_MISSING",
    )
    undated = and_(c.end_kind.is_not(None), c.ended_at.is_(None))
    first_seen = number(func.coalesce(c.received_at, c.filed_at, c.ended_at, c.known_from))
    query = (
        select(reason, func.count())
        .select_from(dossiers)
        .where(or_(~is_accepted(dossiers), undated), first_seen >= period.start, first_seen <= period.end)
        .group_by(reason)
    )
    return {name: count for name, count in session.execute(query)}


def _count(test: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((test, 1), else_=0))


def _keys(dossiers: FromClause, by: Sequence[str]) -> list[ColumnElement[Any]]:
    columns: Mapping[str, ColumnElement[Any]] = {
        "level": Unit.level.expression,
        "unit": Unit.name.expression,
        "field": Field.name.expression,
        "procedure": Procedure.name.expression,
        "channel": dossiers.c.channel,
    }
    return [columns[name] for name in by]


def _joined(query: Any, dossiers: FromClause, by: Iterable[str]) -> Any:
    joined: Any = dossiers
    if {"level", "unit"} & set(by):
        joined = joined.outerjoin(Unit, Unit.id == dossiers.c.resolving_unit_id)
    if "field" in by:
        joined = joined.outerjoin(Field, Field.id == dossiers.c.field_id)
    if "procedure" in by:
        joined = joined.outerjoin(Procedure, Procedure.id == dossiers.c.procedure_id)
    return query.select_from(joined)


def _named(keys: Sequence[Any]) -> Keys:
    return tuple(Level.UNKNOWN.value if key is None else str(key) for key in keys)
