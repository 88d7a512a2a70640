"""What only one process may be at a time: leases with a token that grows at every change of hands.

Who holds a lease does nothing under it without `holds` in the same transaction: a process that slept past its lease
finds another token there and changes nothing. No clock: `now` is an argument.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tracker.store.locks import Lock, hold
from tracker.store.models import Lease
from tracker.store.session import Store


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """Who holds a lease, and until when."""

    name: str
    owner: str
    token: int
    until: datetime
    heartbeat_at: datetime


def acquire(store: Store, name: str, owner: str, now: datetime, seconds: int) -> int | None:
    """Take a lease that is free, ran out or is ours, or keep ours: its token; None while another holds it."""
    with store.transaction() as session:
        row = _locked(session, name)
        if row is None:
            row = Lease(name=name, owner=owner, token=1, until=now, heartbeat_at=now)
            session.add(row)
        elif row.owner != owner:
            if _is_held(row, now, seconds):
                return None
            row.owner, row.token = owner, row.token + 1
        row.until, row.heartbeat_at = now + timedelta(seconds=seconds), now
        session.flush()
        return row.token


def _is_held(row: Lease, now: datetime, seconds: int) -> bool:
    # A heartbeat from the future is that of a clock that has been put right since: it must not block for years.
    return now < row.until and row.heartbeat_at <= now + timedelta(seconds=seconds)


def renew(store: Store, name: str, token: int, now: datetime, seconds: int) -> bool:
    """Say that we are alive; False if another has taken the lease meanwhile."""
    with store.transaction() as session:
        row = _locked(session, name)
        if row is None or row.token != token:
            return False
        row.until, row.heartbeat_at = now + timedelta(seconds=seconds), now
        return True


def release(store: Store, name: str, token: int, now: datetime) -> None:
    """Let go, so that another need not wait; nothing if it is ours no longer."""
    with store.transaction() as session:
        row = _locked(session, name)
        if row is not None and row.token == token:
            row.owner, row.until = "", now


def holds(session: Session, name: str, token: int) -> bool:
    """Is the lease still ours? Asked in the transaction of what is done under it; nobody takes it before that ends."""
    row = _locked(session, name)
    return row is not None and row.token == token


def _locked(session: Session, name: str) -> Lease | None:
    hold(session, Lock.WORK)
    return session.get(Lease, name, populate_existing=True)


def find_lease(session: Session, name: str) -> LeaseRow | None:
    """Who holds a lease, or held it last."""
    row = session.get(Lease, name)
    return None if row is None else LeaseRow(row.name, row.owner, row.token, row.until, row.heartbeat_at)
