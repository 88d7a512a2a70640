"""The ledger of apologies counted and paged: in which one state each dossier stands. Holds no personal data.

`ledger_state` is the twin of `letters.ledger.ledger_state`; a test holds the two equal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.store.letter_candidates import CHUNK
from tracker.store.models import Dossier, Letter, Obligation, Unit

PAGE = 50
OWED, VOID = "owed", "void"

# The newest letter of a dossier that is not void.
newest, _other = aliased(Letter), aliased(Letter)
_NEWEST_SEQ = (
    select(func.max(_other.seq))
    # A bare state would tempt SQLite to search by state, through every letter there is, for each dossier.
    .where(_other.dossier_id == Obligation.dossier_id, func.coalesce(_other.state, "") != VOID)
    .correlate(Obligation)
    .scalar_subquery()
)
IS_NEWEST = (newest.dossier_id == Obligation.dossier_id) & (newest.seq == _NEWEST_SEQ)
ledger_state: ColumnElement[str] = case(
    (Obligation.state != OWED, Obligation.state),
    (or_(newest.id.is_(None), newest.promise == "renewed"), literal(OWED)),
    (newest.promise == "kept", literal("promise_kept")),
    (newest.promise == "broken", literal("promise_broken")),
    else_=newest.state,
)


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Which dossiers of the ledger: of these units (None = all), in a ledger state, for a reason ("" = any)."""

    unit_ids: frozenset[int] | None = None
    state: str = ""
    reason: str = ""


class LedgerCount(NamedTuple):
    """How many dossiers of a unit stand in a state; unit None: nobody is known to owe it."""

    unit_id: int | None
    unit: str
    state: str
    dossiers: int


class LedgerRow(NamedTuple):
    """One dossier of the ledger with its newest live letter; `decided_by` made it owed or waived it, "" = the rules."""

    dossier_id: int
    code: str
    unit_id: int | None
    unit: str
    state: str
    held: str
    reason: str
    kind: str
    opened_at: datetime
    due_at: datetime | None
    source_due_at: datetime | None
    documented_due_at: datetime | None
    promised_at: datetime | None
    decided_by: str
    note: str
    escalated_at: datetime | None
    letter_id: int | None
    letter_kind: str | None
    number: str | None
    issued_on: date | None
    new_due_at: datetime | None


class Standing(NamedTuple):
    """Where a dossier stands; `held` is the state of its obligation."""

    dossier_id: int
    code: str
    held: str
    reason: str
    state: str


def ledger_counts(session: Session, unit_ids: frozenset[int] | None = None) -> list[LedgerCount]:
    """How many dossiers stand in each state, by the unit that owes the letter, in order of its name."""
    # As a table of its own: PostgreSQL takes no expression with parameters for the same one in GROUP BY.
    query = select(Obligation.unit_id, ledger_state.label("state")).outerjoin(newest, IS_NEWEST)
    standing = _within(query, LedgerFilter(unit_ids)).subquery()
    name = func.coalesce(Unit.name, "")
    counted = (
        select(standing.c.unit_id, name, standing.c.state, func.count())
        .outerjoin(Unit, Unit.id == standing.c.unit_id)
        .group_by(standing.c.unit_id, Unit.name, standing.c.state)
        .order_by(Unit.name, standing.c.unit_id, standing.c.state)
    )
    return [LedgerCount._make(row) for row in session.execute(counted)]


# Of which something may wait for somebody: by its own state, or by that of its letter.
WAITING = (OWED, "to_check")


def waiting_states(units: Any) -> Select[Any]:
    """The state of every dossier of the ledger that is owed a letter or has to be looked at, of the units of a parameter that
    expands (None = all), as a query; not of those that were settled, closed or over before the office began.
    """
    query = select(ledger_state.label("state")).select_from(Obligation).outerjoin(newest, IS_NEWEST)
    query = query.where(Obligation.state.in_(WAITING))
    return query if units is None else query.where(Obligation.unit_id.in_(units))


def ledger_page(
    session: Session, chosen: LedgerFilter, *, after: int | None = None, limit: int = PAGE
) -> list[LedgerRow]:
    """One page of the ledger in order of dossier id; `after` is the last dossier id of the page before."""
    o, d = Obligation, Dossier
    query: Any = select(
        o.dossier_id, func.coalesce(d.code, ""), o.unit_id, func.coalesce(Unit.name, ""), ledger_state, o.state,
        o.reason, o.kind, o.opened_at, o.due_at, d.source_due_at, d.documented_due_at, d.promised_at, o.decided_by,
        o.note, o.escalated_at, newest.id, newest.kind, newest.number, newest.issued_on, newest.new_due_at,
    )  # fmt: skip
    query = query.outerjoin(d, d.id == o.dossier_id).outerjoin(Unit, Unit.id == o.unit_id)
    query = _within(query.outerjoin(newest, IS_NEWEST), chosen).order_by(o.dossier_id).limit(limit)
    if after is not None:
        query = query.where(o.dossier_id > after)
    return [LedgerRow._make(row) for row in session.execute(query)]


def standings(session: Session) -> Iterator[Standing]:
    """Every dossier of the ledger, streamed, in no order."""
    o = Obligation
    query = select(o.dossier_id, func.coalesce(Dossier.code, ""), o.state, o.reason, ledger_state)
    query = query.outerjoin(Dossier, Dossier.id == o.dossier_id).outerjoin(newest, IS_NEWEST)
    found = session.execute(query, execution_options={"yield_per": CHUNK})
    for rows in found.partitions():
        yield from map(Standing._make, rows)


def _within(query: Any, chosen: LedgerFilter) -> Any:
    if chosen.unit_ids is not None:
        query = query.where(Obligation.unit_id.in_(chosen.unit_ids))
    if chosen.state:
        query = query.where(ledger_state == chosen.state)
    if chosen.reason:
        query = query.where(Obligation.reason == chosen.reason)
    return query
