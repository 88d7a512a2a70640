"""Rates of a month as they were known on a day: written once, read, never changed."""

from datetime import datetime
from typing import Any, NamedTuple

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


class SnapshotHead(NamedTuple):
    """The same without the document."""

    month: str
    as_of: datetime
    taken_at: datetime
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
    r = RateSnapshot
    query = select(r.month, r.as_of, r.taken_at, r.body, r.sha256).where(r.month == month)
    row: Any = session.execute(query).one_or_none()
    return None if row is None else Snapshot(*row)


def heads(session: Session) -> list[SnapshotHead]:
    """All snapshots without their documents (a megabyte or so each), the newest month first."""
    r = RateSnapshot
    query = select(r.month, r.as_of, r.taken_at, r.sha256).order_by(r.month.desc())
    found: Any = session.execute(query)
    return [SnapshotHead(*row) for row in found]


def loaded_afterwards(session: Session, last_batch: int, until: datetime) -> int:
    """Loads that began by a moment and ended after that batch: their rows count as known then, and were not there."""
    query = select(func.count()).select_from(Batch).where(Batch.id > last_batch, Batch.ingested_at <= until)
    return int(session.scalar(query) or 0)
