"""Facts about work, messages and processes by which the watchdog tells whether the program is well."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session, aliased

from tracker.errors import UsageError
from tracker.store.models import OutboxEvent, OutboxMessage, Process, WorkAfter, WorkItem

# What died longer ago has been told often enough.
DEAD_TOLD_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class WorkHealth:
    """How long work waits, how much of it runs without a sign of life, how much died of late."""

    waits_since: datetime | None
    silent: int
    dead: int


@dataclass(frozen=True, slots=True)
class OutboxHealth:
    """How long messages wait, how many are unsure, how many died of late."""

    waits_since: datetime | None
    unsure: int
    dead: int


def work_health(session: Session, now: datetime) -> WorkHealth:
    """Of the table of long work. Work that waits for other work does not count as waiting."""
    earlier = aliased(WorkItem)
    undone = exists().where(
        WorkAfter.work_id == WorkItem.id, WorkAfter.after_id == earlier.id, earlier.state != "done"
    )
    waiting = select(func.min(WorkItem.not_before)).where(WorkItem.state == "waiting", ~undone)
    silent = select(func.count()).where(WorkItem.state == "running", WorkItem.lease_until < now)
    dead = select(func.count()).where(
        WorkItem.state == "dead",
        WorkItem.ended_at >= now - DEAD_TOLD_FOR,
        WorkItem.fault_code != UsageError.code,  # its asker was told, and nobody else can mend it
    )
    since = session.scalar(waiting)
    return WorkHealth(since, session.scalar(silent) or 0, session.scalar(dead) or 0)


def outbox_health(session: Session, now: datetime) -> OutboxHealth:
    """Of the outbox."""
    # One that was tried waits since it was put: each try moves `not_before` ahead, however long the server is away.
    since = case((OutboxMessage.attempts > 0, OutboxMessage.created_at), else_=OutboxMessage.not_before)
    waiting = select(func.min(since)).where(OutboxMessage.state == "waiting")
    unsure = select(func.count()).where(OutboxMessage.state == "unsure")
    died = exists().where(
        OutboxEvent.message_id == OutboxMessage.id,
        OutboxEvent.kind.in_(("dead", "bounced")),
        OutboxEvent.at >= now - DEAD_TOLD_FOR,
    )
    dead = select(func.count()).where(OutboxMessage.state == "dead", died)
    return OutboxHealth(session.scalar(waiting), session.scalar(unsure) or 0, session.scalar(dead) or 0)


def last_heard(session: Session) -> dict[str, datetime]:
    """The last heartbeat by kind of process, of those that have not said that they ended."""
    query = (
        select(Process.kind, func.max(Process.heartbeat_at))
        .where(Process.ended_at.is_(None))
        .group_by(Process.kind)
    )
    return {kind: heard for kind, heard in session.execute(query)}
