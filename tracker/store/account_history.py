"""What the log of acts tells of one account: a few entries of the last months, whatever the length of the log."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store import audit
from tracker.store.audit import Act
from tracker.store.models import AuditEntry


def acts_on(
    session: Session, subject: str, actions: Sequence[str], *, since: datetime, limit: int
) -> list[Act]:
    """The newest acts of these kinds on exactly this subject since a moment, newest first."""
    # The first entry of the time by the index of times; from there on by the primary key, newest first.
    first = session.scalar(
        select(AuditEntry.id).where(AuditEntry.at >= since).order_by(AuditEntry.at, AuditEntry.id).limit(1)
    )
    if first is None:
        return []
    query = (
        select(AuditEntry)
        .where(AuditEntry.id >= first, AuditEntry.subject == subject, AuditEntry.action.in_(actions))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [audit.act_of(entry) for entry in session.scalars(query)]
