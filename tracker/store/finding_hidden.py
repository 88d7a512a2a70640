"""Hidden lateness by month, unit and field, counted from the dossiers: months anew, whole or not at all.

Only dossiers with complete data say anything: every one of the three dates known, and no suspension that the source does
not tell. By date, as `lateness.classify` compares by default.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from tracker.measures.months import Months, closing, each, month_of, opening
from tracker.store.late_queries import is_past
from tracker.store.models import Dossier, DossierRevision, HiddenMonth, Suspension
from tracker.store.rate_counting import month_ladder
from tracker.store.versions import FINISHING, is_accepted, number
from tracker.types import Precision, SuspensionKind

_D: Any = Dossier.__table__
PAUSES_UNKNOWN = "PAUSES_UNKNOWN"
COUNTED = ("ended", "complete", "late", "hidden_documented", "hidden_promised", "hidden")


HiddenRow = dict[str, int]


def count_hidden(session: Session, months: Months) -> list[HiddenRow]:
    """The counts of consecutive months, as rows of the table."""
    start, end = opening(months[0]), closing(months[1])
    c, ended = _D.c, number(_D.c.ended_at)
    month = month_ladder(ended, list(each(*months))).label("month")
    unit, field = func.coalesce(c.resolving_unit_id, 0), func.coalesce(c.field_id, 0)
    query = (
        select(month, unit.label("unit"), field.label("field"), *_sums())
        .where(is_accepted(_D), c.end_kind.in_(FINISHING), ended >= start, ended <= end)
        .group_by("month", "unit", "field")
    )
    names = ("month", "unit_id", "field_id", *COUNTED)
    return [dict(zip(names, map(int, row), strict=True)) for row in session.execute(query)]


def put_hidden(session: Session, months: Months, rows: Sequence[HiddenRow]) -> None:
    """The rows of consecutive months in place of what was counted before."""
    session.execute(delete(HiddenMonth).where(HiddenMonth.month.between(months[0], months[1])))
    if rows:
        session.execute(insert(HiddenMonth), list(rows))


def _sums() -> Sequence[ColumnElement[int]]:
    c = _D.c
    complete = and_(
        c.source_due_at.is_not(None),
        c.promised_at.is_not(None),
        c.documented_due_at.is_not(None),
        ~c.flags.contains(PAUSES_UNKNOWN),
    )
    late, documented, by_promise = (
        is_past(due, c.ended_at, Precision.DATE)
        for due in (c.source_due_at, c.documented_due_at, c.promised_at)
    )
    # Suspensions do not move the first promised date: lawfully suspended dossiers have hidden nothing.
    suspended = exists().where(Suspension.dossier_id == c.id, Suspension.kind != SuspensionKind.NONE.value)
    promised = and_(by_promise, ~suspended)
    tests = (
        complete,
        and_(complete, late),
        and_(complete, ~late, documented),
        and_(complete, ~late, promised),
        and_(complete, ~late, or_(documented, promised)),
    )
    return func.count(), *(func.coalesce(func.sum(case((test, 1), else_=0)), 0) for test in tests)


def all_months(session: Session) -> Months | None:
    """From the month of the earliest end to that of the latest; None where nothing ended."""
    first, last = (
        session.scalar(select(of(number(_D.c.ended_at))).where(_D.c.ended_at.is_not(None)))
        for of in (func.min, func.max)
    )
    return None if first is None or last is None else (month_of(first), month_of(last))


def months_touched(session: Session, after_batch: int) -> set[int]:
    """The months of the ends, as they are now and as they were, of dossiers that later batches changed."""
    changed = _D.c.batch_id > after_batch
    ends = select(number(_D.c.ended_at)).where(changed, _D.c.ended_at.is_not(None)).distinct()
    r: Any = DossierRevision.__table__
    before = (
        select(number(r.c.ended_at))
        .join(_D, _D.c.id == r.c.id)
        .where(changed, r.c.ended_at.is_not(None))
        .distinct()
    )
    return {month_of(at) for query in (ends, before) for at in session.scalars(query)}


def clear_hidden(session: Session, outside: Months | None) -> None:
    """Take away months in which nothing ended (None: all)."""
    query = delete(HiddenMonth)
    if outside is not None:
        query = query.where(or_(HiddenMonth.month < outside[0], HiddenMonth.month > outside[1]))
    session.execute(query)
