"""Dossiers as they were known at a moment (knowledge time), and the shared pieces of SQL about their dates."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    exists,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)

from tracker.store.models import Dossier, DossierRevision, Suspension, SuspensionRevision
from tracker.types import Basis, EndKind, SourceStatus, SuspensionKind

VN_OFFSET = 25_200
DAY = 86_400
DUE_COLUMNS = {
    Basis.SOURCE: "source_due_at",
    Basis.PROMISED: "promised_at",
    Basis.DOCUMENTED: "documented_due_at",
}
# Counted in rates: an end that finished the work. A refusal after acceptance is one.
FINISHING = (EndKind.FINISHED.value, EndKind.REFUSED.value)
NEVER_COUNTED = (EndKind.NOT_ACCEPTED.value, EndKind.DELETED.value)
AWAITING = (
    SourceStatus.AWAITING_SUPPLEMENT.value,
    SourceStatus.AWAITING_FEE.value,
    SourceStatus.STOPPED.value,
)


def working_unit(resolving: int | None, receiving: int | None) -> int | None:
    """The unit whose working time counts for a dossier: the resolving one, where none is told the receiving one."""
    return receiving if resolving is None else resolving


def known_dossiers(known: datetime | None) -> FromClause:
    """The dossier table, or what it held when only batches up to `known` had been ingested."""
    return _as_known(Dossier.__table__, DossierRevision.__table__, known)


def known_suspensions(known: datetime | None) -> FromClause:
    """The suspension table, or what it held when only batches up to `known` had been ingested."""
    return _as_known(Suspension.__table__, SuspensionRevision.__table__, known)


def _as_known(present: FromClause, earlier: FromClause, known: datetime | None) -> FromClause:
    if known is None:
        return present
    names = [column.name for column in present.columns]
    return union_all(
        select(*(present.c[name] for name in names)).where(present.c.known_from <= known),
        select(*(earlier.c[name] for name in names)).where(
            earlier.c.known_from <= known, earlier.c.known_until > known
        ),
    ).subquery(f"known_{present.description}")


def number(column: ColumnElement[Any]) -> ColumnElement[int]:
    """An instant as the whole number it is stored as."""
    return type_coerce(column, BigInteger)


def local_day(column: ColumnElement[Any]) -> ColumnElement[int]:
    """The local calendar date of an instant, as days since 1970; twin of `timekeeping.lateness.is_late_epoch`.

    Written out, not bound: PostgreSQL takes a partial index only for the very expression of its condition.
    """
    return (number(column) + _written(VN_OFFSET)) // _written(DAY)


def _written(value: int) -> ColumnElement[int]:
    return literal_column(str(value), BigInteger)


def is_accepted(dossiers: FromClause) -> ColumnElement[bool]:
    """Does it count at all: received, accepted, not deleted?"""
    c = dossiers.c
    return and_(
        c.received_at.is_not(None),
        c.status != SourceStatus.FILED.value,
        or_(c.end_kind.is_(None), c.end_kind.not_in(NEVER_COUNTED)),
    )


def open_branches(dossiers: FromClause, moment: int) -> tuple[tuple[ColumnElement[bool], ...], ...]:
    """Received by the moment (UTC epoch seconds) and not ended by it, as two conditions that exclude each other.

    Not ended at all (a withdrawal without a date is not open), or ended later: each has an index of its own.
    """
    c = dossiers.c
    received = number(c.received_at) <= moment
    return (
        (c.ended_at.is_(None), c.end_kind.is_(None), received),
        (number(c.ended_at) > moment, received),
    )


def either(queries: Sequence[Select[Any]]) -> CompoundSelect[Any]:
    """Rows of any of these, each with its own order and limit: the branches of what is open by one question."""
    return union_all(*(select(query.subquery()) for query in queries))


def is_suspended_at(
    dossiers: FromClause, suspensions: FromClause, moment: int, due: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Twin of `lateness.classify` for open dossiers: a suspension stands that began before the due date.

    A source may say "waiting" without telling since when: then it is taken at its word, for the present only.
    """
    c, s = dossiers.c, suspensions.c
    standing = and_(
        s.dossier_id == c.id,
        s.kind != SuspensionKind.NONE.value,
        number(s.start_at) <= moment,
        or_(s.end_at.is_(None), number(s.end_at) > moment),
    )
    before_due = or_(due.is_(None), number(s.start_at) < number(due))
    undated = and_(c.ended_at.is_(None), c.status.in_(AWAITING), ~exists().where(standing))
    return or_(exists().where(standing, before_due), undated)
