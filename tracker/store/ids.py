"""Ids are assigned by the program: the highest there is plus one, under the lock of whoever writes that table.

Where a year has a partition of its own, its ids begin at the first one of that (`tracker.store.partitions`): they still
grow, but between two years some are left out.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tracker.store.partitions import DOSSIERS_A_YEAR, floor


def next_id(session: Session, column: InstrumentedAttribute[Any]) -> int:
    """The number after the highest of an id column; 1 in an empty table.

    Asked for by order, not as a maximum: through the view of a staged load that alone goes by the index.
    """
    return int(session.scalar(select(column).order_by(column.desc()).limit(1)) or 0) + 1


def next_id_at(session: Session, column: InstrumentedAttribute[Any], table: str, at: datetime) -> int:
    """The same for what becomes known at a moment; `table`: whose partitions say where a year's ids begin."""
    return max(next_id(session, column), floor(session, table, at))


def runs(session: Session, column: InstrumentedAttribute[Any]) -> Iterator[tuple[int, int]]:
    """The ids of dossiers in a column as first and last, without what lies between two years; newest first."""
    last = _one(session, column, column.desc())
    while last is not None:
        begin = last // DOSSIERS_A_YEAR * DOSSIERS_A_YEAR
        yield _one(session, column, column.asc(), column >= begin) or begin, last
        last = _one(session, column, column.desc(), column < begin) if begin else None


def _one(
    session: Session,
    column: InstrumentedAttribute[Any],
    order: ColumnElement[Any],
    *tests: ColumnElement[bool],
) -> int | None:
    return session.scalar(select(column).where(*tests).order_by(order).limit(1))
