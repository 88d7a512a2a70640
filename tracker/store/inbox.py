"""The inbox of each account: messages laid in, read, counted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from tracker.store.locks import Lock, hold
from tracker.store.models import InboxMessage, OutboxMessage, User
from tracker.store.outbox import OutboxRow


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One message of an inbox."""

    inbox_id: int
    kind: str
    at: datetime
    subject: str
    text: str
    link: str
    read_at: datetime | None


def is_open(session: Session, account_id: int) -> bool:
    """Is there such an account, and may it log in?"""
    found = select(User.id).where(User.id == account_id, User.disabled_at.is_(None))
    return session.scalar(found) is not None


def lay_in(session: Session, account_id: int, row: OutboxRow, now: datetime) -> None:
    """Lay a message into the inbox of an account; once, however often it is asked for."""
    hold(session, Lock.OUTBOX)
    if session.scalar(select(InboxMessage.id).where(InboxMessage.message_id == row.id)) is not None:
        return
    number = (session.scalar(select(func.max(InboxMessage.id))) or 0) + 1
    session.add(
        InboxMessage(
            id=number, message_id=row.id, account_id=account_id, at=now, subject=row.subject, text=row.text,
            link=row.link, read_at=None,
        )
    )  # fmt: skip
    session.flush()


def inbox_of(session: Session, account_id: int, *, limit: int, before: int | None = None) -> list[InboxRow]:
    """The newest messages of an account; `before` is the last id of the page before."""
    query = (
        select(
            InboxMessage.id, OutboxMessage.kind, InboxMessage.at, InboxMessage.subject, InboxMessage.text,
            InboxMessage.link, InboxMessage.read_at,
        )
        .join(OutboxMessage, OutboxMessage.id == InboxMessage.message_id)
        .where(InboxMessage.account_id == account_id)
        .order_by(InboxMessage.id.desc())
        .limit(limit)
    )  # fmt: skip
    if before is not None:
        query = query.where(InboxMessage.id < before)
    return [InboxRow(*row) for row in session.execute(query)]


def count_unread(session: Session, account_id: int, *, cap: int) -> int:
    """How many are unread, counted no further than `cap`."""
    return session.scalar(unread_query(account_id, cap=cap)) or 0


def unread_query(account_id: int, *, cap: int) -> Select[int]:
    """The same as a query, for who asks something else as well."""
    mine = select(InboxMessage.id).where(
        InboxMessage.account_id == account_id, InboxMessage.read_at.is_(None)
    )
    return select(func.count()).select_from(mine.limit(cap).subquery())


def mark_read(session: Session, account_id: int, now: datetime, inbox_id: int | None = None) -> int:
    """Mark one message of the account, or all, as read; how many it were."""
    mine = update(InboxMessage).where(InboxMessage.account_id == account_id, InboxMessage.read_at.is_(None))
    if inbox_id is not None:
        mine = mine.where(InboxMessage.id == inbox_id)
    return int(session.execute(mine.values(read_at=now)).rowcount)  # type: ignore[attr-defined]


def forget_demo_inboxes(session: Session) -> None:
    """Remove what lies in the inboxes of demonstration accounts, before the accounts go."""
    demo = select(User.id).where(User.is_demo)
    session.execute(delete(InboxMessage).where(InboxMessage.account_id.in_(demo)))
