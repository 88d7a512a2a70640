"""Rates of a month as they were known on a day: written once, read, never changed."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.store.models import Batch, RateSnapshot


class Snapshot(NamedTuple):
    """What was kept of a month (YYYY-MM): the moment that it is judged by, when it was counted, and the document."""

    month: str
    as_of: datetime
    taken_at: datetime
    body: str
    sha256: str


def is_kept(session: Session, month: str) -> bool:
    """Has this month its snapshot?"""
    return session.scalar(select(RateSnapshot.month).where(RateSnapshot.month == month)) is not None


def add(session: Session, snapshot: Snapshot) -> None:
    """Keep it; a month that has one already is a fault of the database."""
    session.add(RateSnapshot(**snapshot._asdict()))
    session.flush()


def find(session: Session, month: str) -> Snapshot | None:
    """The snapshot of a month."""
    row = session.get(RateSnapshot, month)
    return _snapshot(row) if row else None


def kept(session: Session) -> list[Snapshot]:
    """All snapshots, the newest month first."""
    query = select(RateSnapshot).order_by(RateSnapshot.month.desc())
    return [_snapshot(row) for row in session.scalars(query)]


def loaded_afterwards(session: Session, last_batch: int, until: datetime) -> int:
    """Loads that began by a moment and ended after that batch: their rows count as known then, and were not there."""
    query = select(func.count()).select_from(Batch).where(Batch.id > last_batch, Batch.ingested_at <= until)
    return int(session.scalar(query) or 0)


def _snapshot(row: RateSnapshot) -> Snapshot:
    return Snapshot(row.month, row.as_of, row.taken_at, row.body, row.sha256)
