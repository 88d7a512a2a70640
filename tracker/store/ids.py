"""Ids are assigned by the program: the highest there is plus one, under the lock of whoever writes that table."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session


def next_id(session: Session, column: InstrumentedAttribute[Any]) -> int:
    """The number after the highest of an id column; 1 in an empty table.

    Asked for by order, not as a maximum: through the view of a staged load that alone goes by the index.
    """
    return int(session.scalar(select(column).order_by(column.desc()).limit(1)) or 0) + 1
