"""The summary tables: which months have to be counted anew, and rows of months and years put in the place of old ones.

Finest are rows by unit, field, procedure and channel; the coarser ones and those of years are sums of them, so that a
question reads the fewest rows that answer it.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, func, insert, literal, or_, select, true, update
from sqlalchemy.orm import Session

from tracker.measures.months import Months, month_of, united
from tracker.store.models import Batch, RateStale, RateStanding, RateSummary
from tracker.store.rate_counting import NOW, Tallies, clipped, first_month_of
from tracker.store.ready import Ready
from tracker.store.session import once

CELL = "cell"
KEYS = ("unit_id", "field_id", "procedure_id", "channel")
ROW = ("grain", "span", *KEYS)
# Grain -> its keys, and from which finer grain it is summed; those that are summed from come before.
GRAINS: Mapping[str, tuple[tuple[str, ...], str]] = {
    CELL: (KEYS, ""),
    "unit_field_channel": (("unit_id", "field_id", "channel"), CELL),
    "unit_field": (("unit_id", "field_id"), "unit_field_channel"),
    "unit": (("unit_id",), "unit_field"),
    "field": (("field_id",), "unit_field"),
    "channel": (("channel",), "unit_field_channel"),
    "procedure": (("procedure_id",), CELL),
}
_S: Any = RateSummary.__table__
COUNTS = tuple(column.name for column in _S.columns if column.name not in (*ROW, "last_at"))
# What comes and ends, apart from what stands open.
FLOWS = tuple(name for name in COUNTS if not name.startswith(("open", "suspended")))
ONCE = 1
Fill = Callable[[str, Sequence[str], Iterable[Sequence[Any]]], None]
"""Writes tuples into a table by the bulk way of the database: its name, the columns, the rows."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Between which moments (epoch seconds, the second exclusive) the rows of "now" hold.

    What was open at the ends of months is kept for months before that of `holds_from`. `stamp`: another one with each
    count, whatever the clock says; under the same one the tables say the same.
    """

    holds_from: int
    holds_until: int
    stamp: int


@dataclass(frozen=True, slots=True)
class Stale:
    """Marks by their ids: the months that they say may be wrong."""

    ids: tuple[int, ...]
    spans: tuple[Months, ...]


def stale(session: Session) -> Stale:
    """What changed since it was counted."""
    rows = session.execute(select(RateStale.id, RateStale.first, RateStale.last).order_by(RateStale.id)).all()
    return Stale(tuple(row.id for row in rows), tuple((row.first, row.last) for row in rows))


def standing(session: Session, *, to_change: bool = False) -> Standing | None:
    """For which moments the rows of "now" were counted; None: never yet.

    `to_change`: whoever else wants to change what the tables hold waits until this transaction ends.
    """
    columns = (RateStanding.holds_from, RateStanding.holds_until, RateStanding.stamp)
    query = select(*columns).where(RateStanding.id == ONCE)
    row = session.execute(query.with_for_update() if to_change else query).one_or_none()
    return None if row is None else _standing(row)


def _standing(row: Any) -> Standing:
    return Standing(int(row.holds_from.timestamp()), int(row.holds_until.timestamp()), row.stamp)


class Kept(NamedTuple):
    """What is known of the tables: for which moments they hold, what changed since, and the newest batch of dossiers.

    Whoever changes dossiers opens a batch, puts down a mark, or both: while these are alike, so are the dossiers.
    """

    standing: Standing
    stale: Stale
    batch_id: int


def kept(session: Session) -> Kept | None:
    """`standing`, `stale` and the newest batch by one question; None: nothing was counted yet."""
    return once(session, "rate standing", lambda: _kept(session))


def _kept(session: Session) -> Kept | None:
    session.flush()  # `Ready` does not
    rows = _kept_query().rows(session, {})
    if not rows:
        return None
    holds_from, holds_until, stamp, *_mark, batch_id = rows[0]
    marks = [row[3:6] for row in rows if row[3] is not None]
    stale = Stale(
        tuple(key for key, _first, _last in marks), tuple((first, last) for _, first, last in marks)
    )
    return Kept(Standing(holds_from, holds_until, stamp), stale, batch_id or 0)


@cache
def _kept_query() -> Ready:
    """Made once: nearly every page asks it."""
    t, m = RateStanding, RateStale
    newest = select(func.max(Batch.id)).scalar_subquery().label("batch_id")
    query = select(t.holds_from, t.holds_until, t.stamp, m.id, m.first, m.last, newest).outerjoin(m, true())
    return Ready(query.where(t.id == ONCE).order_by(m.id))


def to_count(session: Session, marks: Stale, kept: Standing | None, present: int) -> list[Months]:
    """The months that have to be counted, in order: marked ones, and those that have ended since the last look."""
    spans = [clipped(span, present) for span in marks.spans]
    if kept is None:  # nothing was counted yet
        spans.append((0, present))
    elif month_of(kept.holds_from) < present:
        spans.append((month_of(kept.holds_from), present))
    if any(first < 190_001 for first, _ in spans):
        earliest = first_month_of(session)
        # Nothing is counted before the first reception; without any there is nothing to count.
        spans = [(max(first, earliest), last) for first, last in spans if earliest and last >= earliest]
    return united(spans)


def take_off(session: Session, marks: Stale, left: Sequence[Months], *, own: int = 0) -> None:
    """Take back the marks that were read, and put down what of them is left to count.

    Those have ids below zero, since who loads dossiers assigns the others and waits for no count. `own`: how many of
    those were put down since, which are taken back too.
    """
    ids = [*marks.ids, *range(-own, 0)]
    if ids:
        session.execute(delete(RateStale).where(RateStale.id.in_(ids)))
    rows = [{"id": -number, "first": first, "last": last} for number, (first, last) in enumerate(left, 1)]
    if rows:
        session.execute(insert(RateStale), rows)


def put(session: Session, fill: Fill, span: int, tallies: Tallies) -> None:
    """Put the rows of a month (or of now) in the place of what it had, on all grains."""
    _clear(session, [span])
    rows = [
        (CELL, *cell, tally.get("last_at", 0), *(tally.get(name, 0) for name in COUNTS))
        for cell, tally in tallies.items()
    ]
    fill(_S.name, (*ROW, "last_at", *COUNTS), rows)
    _sum_grains(session, span)


def put_year(session: Session, year: int) -> None:
    """Put the sums of a year's months in the place of what it had, on all grains."""
    _sum_year(session, year)
    _sum_grains(session, year * 100)


def _sum_grains(session: Session, span: int) -> None:
    for grain in GRAINS:
        if grain != CELL:
            _sum_grain(session, _S, grain, (_S.c.span == span,))


def sum_up(session: Session, table: Any) -> None:
    """Of a table like that of the summaries with cells of months and of now: add the cells of years, then all other grains."""
    inside = (table.c.grain == CELL, table.c.span != NOW)
    year = (table.c.span // 100 * 100).label("year")
    keys = [table.c[key] for key in KEYS]
    of_year = (literal(CELL), year, *keys)
    _insert_sums(session, table, of_year, (*inside, _has_flows(table)), [year, *keys], summed=FLOWS)
    for grain in GRAINS:
        if grain != CELL:
            _sum_grain(session, table, grain, ())


def _sum_grain(session: Session, table: Any, grain: str, inside: Sequence[ColumnElement[bool]]) -> None:
    keys, finer = GRAINS[grain]
    groups = [table.c.span, *(table.c[key] for key in keys)]
    kept = [table.c[key] if key in keys else literal("" if key == "channel" else 0) for key in KEYS]
    of_grain = (literal(grain), table.c.span, *kept)
    _insert_sums(session, table, of_grain, (table.c.grain == finer, *inside), groups)


def _sum_year(session: Session, year: int) -> None:
    """Cells of a year: what came and ended in it. What was open at its end stands in its last month."""
    _clear(session, [year * 100])
    keys = [_S.c[key] for key in KEYS]
    inside = (_S.c.grain == CELL, _S.c.span > year * 100, _S.c.span <= year * 100 + 12, _has_flows(_S))
    _insert_sums(session, _S, (literal(CELL), literal(year * 100), *keys), inside, keys, summed=FLOWS)


def _has_flows(table: Any) -> ColumnElement[bool]:
    return or_(*(table.c[name] != 0 for name in FLOWS))


def _clear(session: Session, spans: Sequence[int]) -> None:
    # By grain as well: the key begins with it.
    session.execute(
        delete(RateSummary).where(RateSummary.grain.in_(list(GRAINS)), RateSummary.span.in_(spans))
    )


def _insert_sums(
    session: Session,
    table: Any,
    keys: Sequence[ColumnElement[Any]],
    where: Sequence[ColumnElement[bool]],
    groups: Sequence[ColumnElement[Any]],
    *,
    summed: Sequence[str] = COUNTS,
) -> None:
    counts = (func.sum(table.c[name]) if name in summed else literal(0) for name in COUNTS)
    sums = [func.max(table.c.last_at), *counts]
    query = select(*keys, *sums).where(*where).group_by(*groups)
    session.execute(insert(table).from_select([*ROW, "last_at", *COUNTS], query))


def keep_standing(session: Session, holds_from: datetime, holds_until: datetime) -> None:
    """Note for which moments the rows of now hold, under another stamp."""
    values = {"holds_from": holds_from, "holds_until": holds_until, "stamp": 1 + secrets.randbelow(1 << 62)}
    # The row stays: whoever waits for it must find it.
    told = session.execute(update(RateStanding).where(RateStanding.id == ONCE).values(values))
    if not told.rowcount:  # type: ignore[attr-defined]
        session.execute(insert(RateStanding).values(id=ONCE, **values))


def touches(marks: Stale, first: int, last: int) -> bool:
    """Does a mark lie on any of these months?"""
    return any(begin <= last and first <= end for begin, end in marks.spans)


def years(session: Session) -> list[int]:
    """The years of which there are sums."""
    query = select(_S.c.span).where(_S.c.grain == "channel", _S.c.span % 100 == 0, _S.c.span != NOW)
    return sorted({span // 100 for span in session.scalars(query)})
