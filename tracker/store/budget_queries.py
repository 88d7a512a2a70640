"""Open dossiers of some levels by what can still become of them in a year: counts by unit, and those that can be kept.

The SQL twin of `timekeeping.lateness.classify` for open dossiers, in the order in which that judges; held equal by tests.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, select
from sqlalchemy.orm import Session

from tracker.measures.budget import OpenStanding
from tracker.store.models import Unit
from tracker.store.rate_queries import OPEN_LATE, OPEN_NO_DUE, SUSPENDED, open_state, unit_names
from tracker.store.rate_reading import summaries
from tracker.store.versions import (
    DAY,
    DUE_COLUMNS,
    VN_OFFSET,
    either,
    is_accepted,
    is_suspended_at,
    known_dossiers,
    known_suspensions,
    number,
    open_branches,
)
from tracker.types import Basis, Level


@dataclass(frozen=True, slots=True)
class StakeFilter:
    """Open dossiers of units of some levels at a moment, that may still end in time by another (UTC epoch seconds).

    `unit_ids`: only of these units. `received_from`: only those received since then, where the criterion counts these.
    """

    as_of: int
    until: int
    levels: frozenset[Level]
    basis: Basis
    unit_ids: frozenset[int] | None = None
    received_from: int | None = None
    known: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """The open dossiers of one unit."""

    unit_id: int
    unit: str
    standing: OpenStanding


def open_standings(session: Session, chosen: StakeFilter) -> list[UnitStanding]:
    """The open dossiers of each unit; units with none are left out. Out of the summary tables where these can tell."""
    summed = _summed_standings(session, chosen)
    return _counted_standings(session, chosen) if summed is None else summed


def _summed_standings(session: Session, chosen: StakeFilter) -> list[UnitStanding] | None:
    """What stands open of each unit by the tables; only what is due after the end is looked for among the dossiers."""
    kept = summaries(session) if chosen.known is None and chosen.received_from is None else None
    standing = kept.open_of_units(chosen.as_of, chosen.basis) if kept else None
    if standing is None:
        return None
    later = _due_later(session, chosen)
    levels = {level.value for level in chosen.levels}
    return [
        UnitStanding(unit_id, name, _standing(standing[unit_id], later.get(unit_id, 0)))
        for unit_id, level, name, _code in unit_names(session)
        if level in levels
        and unit_id in standing
        and standing[unit_id][0]
        and (chosen.unit_ids is None or unit_id in chosen.unit_ids)
    ]


def _standing(counts: Sequence[int], due_later: int) -> OpenStanding:
    total, overdue, no_due, suspended = counts
    keepable = total - overdue - no_due - suspended - due_later
    return OpenStanding(
        keepable=keepable, overdue=overdue, no_due=no_due, suspended=suspended, due_later=due_later
    )


def _due_later(session: Session, chosen: StakeFilter) -> Counter[int]:
    """Open dossiers of each unit that are due after the end and not suspended, by the index of due dates."""
    dossiers = known_dossiers(chosen.known)
    c = dossiers.c
    due = c[DUE_COLUMNS[chosen.basis]]
    suspended = is_suspended_at(dossiers, known_suspensions(chosen.known), chosen.as_of, due)
    found: Counter[int] = Counter()
    counted: Any = select(Unit.id, func.count().label("count"))
    queries = [
        counted.select_from(dossiers)
        .join(Unit, Unit.id == c.resolving_unit_id)
        .where(*_of_levels(dossiers, chosen), *still_open, number(due) > chosen.until, ~suspended)
        .group_by(Unit.id)
        for still_open in open_branches(dossiers, chosen.as_of)
    ]
    for row in session.execute(either(queries)):
        found[row.id] += row[1]
    return found


def _counted_standings(session: Session, chosen: StakeFilter) -> list[UnitStanding]:
    dossiers = known_dossiers(chosen.known)
    state = _state(dossiers, chosen)
    names: dict[int, str] = {}
    found: dict[int, Counter[str]] = {}
    for still_open in open_branches(dossiers, chosen.as_of):
        query = select(Unit.id, Unit.name, state.label("state"), func.count()).select_from(dossiers)
        query = query.join(Unit, Unit.id == dossiers.c.resolving_unit_id)
        query = query.where(*_of_levels(dossiers, chosen), *still_open).group_by(Unit.id, Unit.name, "state")
        for unit_id, name, of_state, count in session.execute(query):
            names[unit_id] = name
            found.setdefault(unit_id, Counter())[of_state] += count
    return [
        UnitStanding(unit_id, names[unit_id], OpenStanding(**counts)) for unit_id, counts in found.items()
    ]


def keepable_ids(session: Session, chosen: StakeFilter, *, limit: int | None) -> list[int]:
    """Dossiers that are not late yet and due by the end, the next due first."""
    dossiers = known_dossiers(chosen.known)
    c = dossiers.c
    due = c[DUE_COLUMNS[chosen.basis]]
    suspended = is_suspended_at(dossiers, known_suspensions(chosen.known), chosen.as_of, due)
    in_time = and_(number(due) >= _midnight(chosen.as_of), number(due) <= chosen.until, ~suspended)
    queries = [
        select(number(due).label("due"), c.id)
        .select_from(dossiers)
        .join(Unit, Unit.id == c.resolving_unit_id)
        .where(*_of_levels(dossiers, chosen), *still_open, in_time)
        .order_by(due, c.id)
        .limit(limit)
        for still_open in open_branches(dossiers, chosen.as_of)
    ]
    found = sorted((at, key) for at, key in session.execute(either(queries)))
    return [key for _, key in found[:limit]]


def _of_levels(dossiers: FromClause, chosen: StakeFilter) -> list[ColumnElement[bool]]:
    """Of the filter all but the dates; `Unit` is the resolving one."""
    c = dossiers.c
    tests = [is_accepted(dossiers), Unit.level.in_(sorted(chosen.levels))]
    if chosen.unit_ids is not None:
        tests.append(c.resolving_unit_id.in_(chosen.unit_ids))
    if chosen.received_from is not None:
        tests.append(number(c.received_at) >= chosen.received_from)
    return tests


def _state(dossiers: FromClause, chosen: StakeFilter) -> ColumnElement[str]:
    """A name of `OpenStanding`; what is late, `open_state` says."""
    state = open_state(dossiers, known_suspensions(chosen.known), chosen.as_of, chosen.basis)
    is_later = number(dossiers.c[DUE_COLUMNS[chosen.basis]]) > chosen.until
    return case(
        {SUSPENDED: "suspended", OPEN_NO_DUE: "no_due", OPEN_LATE: "overdue"},
        value=state,
        else_=case((is_later, "due_later"), else_="keepable"),
    )


def _midnight(moment: int) -> int:
    """The first second of its date in Vietnam."""
    return (moment + VN_OFFSET) // DAY * DAY - VN_OFFSET
