"""What a simulation of a year is made of: open dossiers and recent ends by unit and field, the first ones of a choice, how
long dossiers take. Counts alone but for the list of those that can be kept; the SQL twin of `lateness.classify` is `open_state`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, exists, func, literal, select
from sqlalchemy.orm import Session

from tracker.store.budget_queries import StakeFilter
from tracker.store.late_queries import is_past
from tracker.store.models import DossierRisk, ForecastRun, Unit
from tracker.store.rate_queries import OPEN_LATE, OPEN_NO_DUE, SUSPENDED, open_state
from tracker.store.versions import (
    DAY,
    DUE_COLUMNS,
    FINISHING,
    VN_OFFSET,
    either,
    is_accepted,
    is_suspended_at,
    known_dossiers,
    known_suspensions,
    local_day,
    number,
    open_branches,
)
from tracker.types import Basis, EndKind, Precision, SuspensionKind


class OpenRow(NamedTuple):
    """So many open dossiers of a unit and field that stand alike; `state` is a name of `OpenStanding`.

    `counted`: received in the year; `recent`: received since the window began.
    """

    unit_id: int
    field_id: int | None
    state: str
    counted: bool
    recent: bool
    dossiers: int


class EndedRow(NamedTuple):
    """Ends of a unit and field in the window: in a rate, late ones among them; and how many that ended were received in it."""

    unit_id: int
    field_id: int | None
    ended: int
    late: int
    received: int


class Which(StrEnum):
    """Which open dossiers are chosen; suspended ones and those without a due date never are."""

    ANY = "any"
    OVERDUE = "overdue"
    IN_TIME = "in_time"


@dataclass(frozen=True, slots=True)
class Choice:
    """The first `count` open dossiers by due date, of units and a field; `older_than`: overdue by so many calendar days at least."""

    count: int
    which: Which = Which.ANY
    unit_ids: frozenset[int] | None = None
    field_id: int | None = None
    older_than: int = 0


class ChosenRow(NamedTuple):
    """So many chosen dossiers of a unit and field that are late or not, and received in the year or not."""

    unit_id: int
    field_id: int | None
    is_late: bool
    counted: bool
    dossiers: int


class KeepableRow(NamedTuple):
    """An open dossier that can still end in time; instants are epoch seconds, `paused` whole days that it was suspended.

    `chance` is the forecast's, in ten-thousandths; None: it has none.
    """

    dossier_id: int
    unit_id: int
    procedure_id: int | None
    received: int
    due: int
    counted: bool
    paused: int
    chance: int | None


class Foreseen(NamedTuple):
    """A run of the forecast; `is_invented`: it learned from generated data."""

    run_id: int
    is_invented: bool


class TakenRow(NamedTuple):
    """So many dossiers of a unit and procedure that ended after so many calendar days; `late` of them late."""

    unit_id: int
    procedure_id: int | None
    days: int
    dossiers: int
    late: int


def open_rows(session: Session, chosen: StakeFilter, *, year_from: int, recent_from: int) -> list[OpenRow]:
    """Open dossiers of the levels by what can still become of them in the year."""
    dossiers = known_dossiers(chosen.known)
    c = dossiers.c
    state, received = _state(dossiers, chosen), number(c.received_at)
    keys = [
        c.resolving_unit_id.label("unit_id"),
        c.field_id,
        state.label("state"),
        case((received >= year_from, 1), else_=0).label("counted"),
        case((received >= recent_from, 1), else_=0).label("recent"),
    ]
    queries: list[Select[Any]] = [
        _of_units(select(*keys, func.count().label("count")), dossiers, chosen, still_open).group_by(
            c.resolving_unit_id, c.field_id, "state", "counted", "recent"
        )
        for still_open in open_branches(dossiers, chosen.as_of)
    ]
    return [
        OpenRow(unit, field, state, bool(counted), bool(recent), count)
        for unit, field, state, counted, recent, count in session.execute(either(queries))
    ]


def ended_rows(session: Session, chosen: StakeFilter, start: int) -> list[EndedRow]:
    """What ended from `start` to as-of; a withdrawal and an end without a due date stand in no rate."""
    dossiers = known_dossiers(chosen.known)
    c = dossiers.c
    due = c[DUE_COLUMNS[chosen.basis]]
    in_rate = and_(c.end_kind.in_(FINISHING), due.is_not(None))
    sums = [
        func.sum(case((in_rate, 1), else_=0)),
        func.sum(case((and_(in_rate, local_day(c.ended_at) > local_day(due)), 1), else_=0)),
        func.sum(case((number(c.received_at) >= start, 1), else_=0)),
    ]
    keys = [c.resolving_unit_id, c.field_id]
    within = (number(c.ended_at) >= start, number(c.ended_at) <= chosen.as_of)
    query = _of_units(select(*keys, *sums), dossiers, chosen, within).group_by(*keys)
    return [
        EndedRow(unit, field, int(ended), int(late), int(received))
        for unit, field, ended, late, received in session.execute(query)
    ]


def chosen_rows(session: Session, chosen: StakeFilter, choice: Choice, *, year_from: int) -> list[ChosenRow]:
    """The first dossiers of a choice, by due date and id, counted by what they become if they end at as-of."""
    dossiers = known_dossiers(chosen.known)
    c = dossiers.c
    due = number(c[DUE_COLUMNS[chosen.basis]])
    midnight = _midnight(chosen.as_of)
    values = [
        c.resolving_unit_id.label("unit_id"),
        c.field_id,
        case((due < midnight, 1), else_=0).label("is_late"),
        case((number(c.received_at) >= year_from, 1), else_=0).label("counted"),
        due.label("due"),
        c.id,
    ]
    tests = _chosen_tests(dossiers, chosen, choice)
    queries = [
        _of_units(select(*values), dossiers, chosen, (*still_open, *tests))
        .order_by(due, c.id)
        .limit(choice.count)
        for still_open in open_branches(dossiers, chosen.as_of)
    ]
    both = either(queries).subquery()
    first = select(both).order_by(both.c.due, both.c.id).limit(choice.count).subquery()
    keys: list[Any] = [first.c[name] for name in ("unit_id", "field_id", "is_late", "counted")]
    counts: Any = select(*keys, func.count()).group_by(*keys)
    return [
        ChosenRow(unit, field, bool(is_late), bool(counted), count)
        for unit, field, is_late, counted, count in session.execute(counts)
    ]


def _chosen_tests(dossiers: FromClause, chosen: StakeFilter, choice: Choice) -> list[ColumnElement[bool]]:
    column = dossiers.c[DUE_COLUMNS[chosen.basis]]
    due, midnight = number(column), _midnight(chosen.as_of)
    suspended = is_suspended_at(dossiers, known_suspensions(chosen.known), chosen.as_of, column)
    tests = [due.is_not(None), ~suspended]
    if choice.which is Which.OVERDUE:
        tests.append(due < midnight)
    if choice.which is Which.IN_TIME:
        tests.append(due >= midnight)
    if choice.older_than:
        tests.append(due < midnight - (choice.older_than - 1) * DAY)
    if choice.unit_ids is not None:
        tests.append(dossiers.c.resolving_unit_id.in_(choice.unit_ids))
    if choice.field_id is not None:
        tests.append(dossiers.c.field_id == choice.field_id)
    return tests


# ---------------------------------------------------------------- the list worth an hour


def latest_forecast(session: Session) -> Foreseen | None:
    """The newest run of the forecast; None: there was none."""
    query = select(ForecastRun.id, ForecastRun.is_invented).order_by(ForecastRun.id.desc()).limit(1)
    row = session.execute(query).first()
    return None if row is None else Foreseen(row[0], bool(row[1]))


def keepable_rows(session: Session, chosen: StakeFilter, *, year_from: int) -> list[KeepableRow]:
    """Open dossiers that are not late yet, not suspended and due by the end of the year, in no order.

    Chances are of the newest forecast, and for the source's due date of now alone.
    """
    dossiers = known_dossiers(chosen.known)
    c = dossiers.c
    due, received = number(c[DUE_COLUMNS[chosen.basis]]), number(c.received_at)
    foreseen = chosen.known is None and chosen.basis is Basis.SOURCE
    chance: ColumnElement[Any] = DossierRisk.__table__.c.chance if foreseen else literal(None)
    values = [c.id, c.resolving_unit_id, c.procedure_id, received.label("received"), due.label("due")]
    values += [
        case((received >= year_from, 1), else_=0).label("counted"),
        _paused(dossiers, chosen).label("paused"),
        chance.label("chance"),
    ]
    suspended = is_suspended_at(
        dossiers, known_suspensions(chosen.known), chosen.as_of, c[DUE_COLUMNS[chosen.basis]]
    )
    tests = (due >= _midnight(chosen.as_of), due <= chosen.until, ~suspended)
    queries = []
    for still_open in open_branches(dossiers, chosen.as_of):
        query = _of_units(select(*values), dossiers, chosen, (*still_open, *tests))
        if foreseen:
            query = query.outerjoin(DossierRisk.__table__, DossierRisk.__table__.c.dossier_id == c.id)
        queries.append(query)
    return [
        KeepableRow(row[0], row[1], row[2], row[3], row[4], bool(row[5]), int(row[6]) // DAY, row[7])
        for row in session.execute(either(queries))
    ]


def _paused(dossiers: FromClause, chosen: StakeFilter) -> ColumnElement[Any]:
    """Seconds that a dossier was suspended by as-of; its suspensions seldom overlap, and then it counts too many."""
    s = known_suspensions(chosen.known).c
    begun = (
        s.dossier_id == dossiers.c.id,
        s.kind != SuspensionKind.NONE.value,
        number(s.start_at) <= chosen.as_of,
    )
    ended = func.coalesce(number(s.end_at), chosen.as_of)
    lasted = case((ended > chosen.as_of, chosen.as_of), else_=ended) - number(s.start_at)
    seconds: ColumnElement[Any] = select(func.coalesce(func.sum(lasted), 0)).where(*begun).scalar_subquery()
    return seconds


def taken_rows(session: Session, chosen: StakeFilter, start: int) -> list[TakenRow]:
    """How many days dossiers took that finished from `start` to as-of and were never suspended."""
    dossiers = known_dossiers(chosen.known)
    pauses = known_suspensions(chosen.known)
    c = dossiers.c
    due = c[DUE_COLUMNS[chosen.basis]]
    days = (local_day(c.ended_at) - local_day(c.received_at)).label("days")
    keys = [c.resolving_unit_id, c.procedure_id, days]
    late = func.sum(case((is_past(due, c.ended_at, Precision.DATE), 1), else_=0))
    within = (
        number(c.ended_at) >= start,
        number(c.ended_at) <= chosen.as_of,
        c.end_kind == EndKind.FINISHED.value,
        number(c.ended_at) >= number(c.received_at),
        ~exists().where(pauses.c.dossier_id == c.id),
    )
    query = _of_units(select(*keys, func.count(), late), dossiers, chosen, within).group_by(*keys[:2], "days")
    return [
        TakenRow(unit, procedure, int(taken), count, int(of_these_late))
        for unit, procedure, taken, count, of_these_late in session.execute(query)
    ]


# ---------------------------------------------------------------- shared


def _of_units(
    query: Select[Any], dossiers: FromClause, chosen: StakeFilter, tests: Sequence[ColumnElement[bool]]
) -> Select[Any]:
    """Dossiers of units of the levels; of some units where the filter names any."""
    c = dossiers.c
    query = query.select_from(dossiers).join(Unit, Unit.id == c.resolving_unit_id)
    query = query.where(is_accepted(dossiers), Unit.level.in_(sorted(chosen.levels)), *tests)
    return query if chosen.unit_ids is None else query.where(c.resolving_unit_id.in_(chosen.unit_ids))


def _state(dossiers: FromClause, chosen: StakeFilter) -> ColumnElement[str]:
    state = open_state(dossiers, known_suspensions(chosen.known), chosen.as_of, chosen.basis)
    is_later = number(dossiers.c[DUE_COLUMNS[chosen.basis]]) > chosen.until
    named = {SUSPENDED: "suspended", OPEN_NO_DUE: "no_due", OPEN_LATE: "overdue"}
    return case(named, value=state, else_=case((is_later, "due_later"), else_="keepable"))


def _midnight(moment: int) -> int:
    """The first second of its date in Vietnam."""
    return (moment + VN_OFFSET) // DAY * DAY - VN_OFFSET
