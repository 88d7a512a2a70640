"""The open dossiers of a board counted in one statement: by how they stand, those near their due date by what decides it.

Whether one is due soon, or waits too long to be accepted, depends on a calendar: such dossiers come in groups of equal
facts, and `timekeeping.lateness.classify` judges each group once.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from tracker.store.board import UNITS, Selection, open_query, shape_of
from tracker.store.models import Dossier, Letter, Obligation
from tracker.store.open_states import OpenState, open_state
from tracker.store.ready import Ready, as_moment
from tracker.store.versions import DAY, VN_OFFSET, number
from tracker.timekeeping.calendar_definition import local_day
from tracker.types import Channel, Facts, SourceStatus


@dataclass(frozen=True, slots=True)
class CountQuestion:
    """What is counted: the selection (its states are not looked at), what is new since a moment, who may be due soon.

    `near_until`: running dossiers due before it come with the facts that decide. `by_unit`: units have calendars of their own,
    so these come apart. `at_most`: no more dossiers are read than that; `most_owed`: nor more letters, whatever else narrows.
    """

    chosen: Selection
    since: datetime
    near_until: datetime
    by_unit: bool
    at_most: int
    most_owed: int


class OpenGroup(NamedTuple):
    """So many `dossiers` of which the same is known as far as it decides; `is_new`: they came to stand so since then.

    `facts` are given of filed ones and of running ones near their due date; of others they are empty.
    """

    state: OpenState
    is_new: bool
    facts: Facts
    limit_text: str
    unit_id: int | None
    is_near: bool
    dossiers: int


class Counted(NamedTuple):
    """All open dossiers of the selection in groups, in no order, and how many letters the same units owe."""

    groups: list[OpenGroup]
    letters: int


def open_groups(session: Session, asked: CountQuestion) -> Counted:
    """Both by one question."""
    shape, values = shape_of(asked.chosen)
    grouped = _grouped(shape, by_unit=asked.by_unit, at_most=asked.at_most)
    values[MOST_OWED.key] = asked.most_owed
    values |= {
        SINCE.key: int(asked.since.timestamp()), NEAR_UNTIL.key: int(asked.near_until.timestamp()),
        SINCE_DAY.key: local_day(int(asked.since.timestamp())),
    }  # fmt: skip
    rows = grouped.rows(session, values)
    groups = [_group(_Row._make(row[1:])) for row in rows if row[1] is not None]
    return Counted(groups, int(rows[0][0]))


class _Row(NamedTuple):
    """A group as the database gives it, in the order of `_keys`; instants in epoch seconds."""

    state: str
    is_new: int
    due_at: int | None
    limit_text: str | None
    unit_id: int | None
    begun_day: int | None
    filed_at: int | None
    received_at: int | None
    post_received_at: int | None
    intake_due_at: int | None
    channel: str | None
    dossiers: int


SINCE: Any = bindparam("since", type_=BigInteger)
SINCE_DAY: Any = bindparam("since_day", type_=BigInteger)
MOST_OWED: Any = bindparam("most_owed", type_=BigInteger)
NEAR_UNTIL: Any = bindparam("near_until", type_=BigInteger)


@lru_cache(200)
def _grouped(chosen: Selection, *, by_unit: bool, at_most: int) -> Ready:
    """Made once a shape: its moments and units are given when it is asked."""
    one = _keys(chosen, by_unit, at_most).subquery("keys")
    columns = [one.c[name] for name in one.c.keys()]  # noqa: SIM118 -- a collection of columns, no dict
    groups = select(*columns, func.count().label("dossiers")).group_by(*columns).subquery("groups")
    owed = select(_owed(is_narrowed=chosen.unit_ids is not None).label("letters")).subquery("owed")
    # The letters stand in every row, and in one of their own where there is no group.
    return Ready(select(owed, groups).select_from(owed.outerjoin(groups, true())))


def _owed(*, is_narrowed: bool) -> Any:
    """How many dossiers of the units are owed an apology that was not delivered yet."""
    delivered = exists().where(Letter.dossier_id == Obligation.dossier_id, Letter.state == "delivered")
    query = select(Obligation.dossier_id).where(Obligation.state == "owed", ~delivered)
    if is_narrowed:  # who owes the letter, as the list of obligations is narrowed
        query = query.where(Obligation.unit_id.in_(UNITS))
    return select(func.count()).select_from(query.limit(MOST_OWED).subquery()).scalar_subquery()


def _keys(chosen: Selection, by_unit: bool, at_most: int) -> Select[Any]:
    """One row a dossier with only what decides; what decides nothing about it is NULL, so that groups are few."""
    c = _candidates(chosen, at_most).subquery("candidates").c
    is_near = and_(c.state == OpenState.RUNNING.value, c.due_at < NEAR_UNTIL)
    is_filed = c.state == OpenState.FILED.value

    def where(test: ColumnElement[bool], value: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((test, value), else_=null())

    of_unit = (
        where(or_(is_near, is_filed), func.coalesce(c.resolving_unit_id, c.receiving_unit_id)).label(
            "unit_id"
        ),
        where(is_near, (c.received_at + VN_OFFSET) // DAY).label("begun_day"),
    )
    nobody = (null().label("unit_id"), null().label("begun_day"))
    return select(
        c.state,
        cast(case((_is_new(c), 1), else_=0), Integer).label("is_new"),
        where(is_near, c.due_at).label("due_at"),
        where(is_near, c.limit_text).label("limit_text"),
        *(of_unit if by_unit else nobody),
        *(where(is_filed, c[name]).label(name) for name in _OF_FILED),
    )


_OF_FILED = ("filed_at", "received_at", "post_received_at", "intake_due_at", "channel")
_MOMENTS = ("filed_at", "received_at", "post_received_at", "intake_due_at", "suspended_from")


def _candidates(chosen: Selection, at_most: int) -> Select[Any]:
    """The dossiers, how each stands; read no further than `at_most`, which also keeps the state from being told anew."""
    d, state = Dossier, open_state(chosen.as_of)
    query = select(
        state.label("state"),
        number(d.source_due_at.expression).label("due_at"),
        *(number(getattr(d, name).expression).label(name) for name in _MOMENTS),
        d.channel,
        d.limit_text,
        d.resolving_unit_id,
        d.receiving_unit_id,
    )
    narrowed: Select[Any] = open_query(query, chosen)
    return narrowed.limit(at_most)


def _is_new(c: Any) -> ColumnElement[bool]:
    """Did a candidate come to stand so since then? For running ones: did it come at all?

    Asked of what `_candidates` gives, where its state stands already: it is long, and told once.
    """
    came, passed_by_then = c.received_at > SINCE, (c.due_at + VN_OFFSET) // DAY < SINCE_DAY
    return case(
        (c.state == OpenState.FILED.value, c.filed_at > SINCE),
        (c.state == OpenState.SUSPENDED.value, c.suspended_from > SINCE),
        (c.state == OpenState.OVERDUE.value, or_(came, ~passed_by_then)),
        else_=came,
    )


def _group(row: _Row) -> OpenGroup:
    state = OpenState(row.state)
    facts = Facts(None, None)
    if row.due_at is not None:
        begun = row.begun_day * DAY - VN_OFFSET if row.begun_day else 0  # the day alone chooses the calendar
        facts = Facts(as_moment(begun), as_moment(row.due_at), status=SourceStatus.PROCESSING)
    elif state is OpenState.FILED:
        facts = Facts(
            as_moment(row.received_at), None, filed_at=as_moment(row.filed_at), status=SourceStatus.FILED,
            channel=Channel(row.channel or ""), post_received_at=as_moment(row.post_received_at),
            intake_due_at=as_moment(row.intake_due_at),
        )  # fmt: skip
    is_near = row.due_at is not None
    return OpenGroup(state, bool(row.is_new), facts, row.limit_text or "", row.unit_id, is_near, row.dossiers)
