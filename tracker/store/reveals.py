"""Whose name was shown to whom: read from the log itself, so that nothing is shown that is not logged."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.store.models import AuditEntry

ACTION = "reveal"


def subject_of(dossier_id: int) -> str:
    """The log's subject of a dossier."""
    return f"dossier:{dossier_id}"


def shown_until(
    session: Session, login: str, dossier_id: int, *, now: datetime, lasts: timedelta
) -> datetime | None:
    """Until when this account may read the applicant of this dossier; None: not now."""
    newest = session.scalar(
        select(func.max(AuditEntry.at)).where(
            AuditEntry.at > now - lasts,
            AuditEntry.at <= now,
            AuditEntry.action == ACTION,
            AuditEntry.actor == login,
            AuditEntry.subject == subject_of(dossier_id),
        )
    )
    return newest + lasts if newest is not None else None
