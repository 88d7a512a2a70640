"""How an open dossier stands at a moment, as the board asks: the SQL twin of `timekeeping.lateness.classify`.

It tells what needs no calendar; whether a running dossier is due soon, and whether a filed one waits too long, says
`classify` alone. A test holds the two equal on random dossiers.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, case, literal, or_

from tracker.store.models import Dossier
from tracker.store.versions import AWAITING, local_day
from tracker.timekeeping.calendar_definition import local_day as day_of
from tracker.types import SourceStatus


class OpenState(StrEnum):
    """Where an open dossier stands; RUNNING is on track or due soon, FILED waits to be accepted, in time or not."""

    FILED = "filed"
    SUSPENDED = "suspended"
    NO_DUE = "no_due"
    OVERDUE = "overdue"
    RUNNING = "running"
    OTHER = "other"  # deleted, refused, withdrawn without a date, or nobody knows: on no list of the board


_OVER = (SourceStatus.DELETED.value, SourceStatus.REFUSED.value, SourceStatus.WITHDRAWN.value)


# The moment of a query that is made once and asked again and again; `at` gives their values.
AS_OF: Any = bindparam("as_of", type_=Dossier.received_at.type)
AS_OF_DAY: Any = bindparam("as_of_day", type_=BigInteger)


def at(as_of: datetime) -> dict[str, Any]:
    """The values of a query whose moment was left open."""
    return {AS_OF.key: as_of, AS_OF_DAY.key: day_of(int(as_of.timestamp()))}


def open_state(as_of: datetime | None) -> ColumnElement[str]:
    """A name of `OpenState` for each row of `Dossier` that has not ended, in the order in which `classify` judges.

    None leaves the moment open until the query is asked (`at`).
    """
    d, moment = Dossier, AS_OF if as_of is None else as_of
    is_filed = d.status == SourceStatus.FILED.value
    not_received = or_(d.received_at.is_(None), d.received_at > moment)
    standing = and_(d.suspended_from.is_not(None), d.suspended_from <= moment)
    before_due = or_(d.source_due_at.is_(None), d.suspended_from < d.source_due_at)
    answers: tuple[tuple[ColumnElement[bool], OpenState], ...] = (
        (d.status.in_(_OVER), OpenState.OTHER),
        (and_(or_(not_received, is_filed), or_(d.filed_at <= moment, is_filed)), OpenState.FILED),
        (and_(standing, before_due), OpenState.SUSPENDED),
        (and_(~standing, d.status.in_(AWAITING)), OpenState.SUSPENDED),
        (not_received, OpenState.OTHER),
        (d.source_due_at.is_(None), OpenState.NO_DUE),
        (is_passed(as_of), OpenState.OVERDUE),
    )
    return case(*((test, literal(state.value)) for test, state in answers), else_=OpenState.RUNNING.value)


def is_passed(as_of: datetime | None) -> ColumnElement[bool]:
    """Was the source's due date on an earlier date than that of the moment?"""
    due: ColumnElement[Any] = Dossier.source_due_at.expression
    return local_day(due) < (AS_OF_DAY if as_of is None else literal(day_of(int(as_of.timestamp()))))
