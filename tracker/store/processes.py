"""Which processes of the program are at work, by their last heartbeat. Says nothing about what is claimed by whom."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tracker.store.models import Process
from tracker.store.session import Store
from tracker.types.work import ProcessRow

# Rows of processes that nobody has heard of for so long are forgotten.
KEEP = timedelta(days=7)


def begin(store: Store, owner: str, kind: str, now: datetime) -> None:
    """A process begins; what was heard of last a week ago is forgotten."""
    with store.transaction() as session:
        session.execute(delete(Process).where(Process.heartbeat_at < now - KEEP))
        session.merge(
            Process(owner=owner, kind=kind, started_at=now, heartbeat_at=now, ended_at=None, doing="")
        )


def beat(store: Store, owner: str, kind: str, now: datetime, doing: str = "") -> None:
    """It is alive, and what it is doing in words (kinds and numbers, no personal data)."""
    with store.transaction() as session:
        row = session.get(Process, owner)
        if row is None:  # swept while the machine slept
            row = Process(owner=owner, kind=kind, started_at=now, heartbeat_at=now, ended_at=None, doing="")
            session.add(row)
        row.heartbeat_at, row.ended_at, row.doing = now, None, doing


def end(store: Store, owner: str, now: datetime) -> None:
    """It says that it ends."""
    with store.transaction() as session:
        row = session.get(Process, owner)
        if row is not None:
            row.heartbeat_at, row.ended_at, row.doing = now, now, ""


def list_processes(session: Session) -> list[ProcessRow]:
    """All that are remembered, those heard of last first."""
    found = session.scalars(select(Process).order_by(Process.heartbeat_at.desc(), Process.owner))
    return [
        ProcessRow(each.owner, each.kind, each.started_at, each.heartbeat_at, each.ended_at, each.doing)
        for each in found
    ]


def is_alive(session: Session, kind: str, now: datetime, silence: timedelta) -> bool:
    """Was a process of this kind heard of within `silence`, and has not said that it ended?"""
    query = select(Process.owner).where(
        Process.kind == kind, Process.ended_at.is_(None), Process.heartbeat_at >= now - silence
    )
    return session.execute(query.limit(1)).first() is not None
