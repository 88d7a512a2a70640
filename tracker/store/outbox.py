"""The outbox in the database: put, claim, mark; each mark is fenced by the number of the attempt.

    waiting -> sending -> sent -> delivered | bounced back to dead
                  |-> waiting (later), unsure, dead, cancelled

Which state follows which outcome is decided in `notifications/dispatch.py`; here it is only written down, with one
event for each step. What is shown and what comes back as receipts stands in `outbox_queries` and `outbox_receipts`.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, and_, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from tracker.store.locks import Lock, hold
from tracker.store.models import OutboxEvent, OutboxMessage
from tracker.store.session import Store

# How far the clocks of two machines may be apart.
CLOCKS_APART = timedelta(minutes=1)
SWEPT_AT_ONCE = 500


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"  # the channel took it
    DELIVERED = "delivered"  # a receipt came back
    UNSURE = "unsure"  # nobody knows whether it was taken: a person decides
    DEAD = "dead"  # given up, or never to be sent
    CANCELLED = "cancelled"


class EventKind(StrEnum):
    """A step in the life of a message."""

    PUT = "put"
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    SENT = "sent"
    FAILED = "failed"  # counts as a try
    POSTPONED = "postponed"  # the channel was at fault: does not count
    LOST = "lost"  # its sender vanished before anything was handed over: counts
    SLOW = "slow"  # that sender was only slow, and let nothing go: the loss does not count
    UNSURE = "unsure"
    DEAD = "dead"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    AGAIN = "again"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class AttemptLost(Exception):
    """The message is no longer ours: another took it over, or a person decided. Nothing may be sent or marked."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file by reference ("letter:12"), its name for the receiver, and the SHA-256 that its bytes must have."""

    ref: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message about to enter the outbox, checked."""

    kind: str
    key: str
    channel: str
    recipient: str
    subject: str
    text: str
    html: str
    link: str
    attachments: tuple[Attachment, ...]
    cause: str
    unit_id: int | None
    not_before: datetime
    not_after: datetime | None
    state: str
    max_attempts: int
    fault: str
    fault_code: str


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message as the store has it; `attempts` is the fencing token of whoever claimed it."""

    id: int
    kind: str
    key: str
    channel: str
    recipient: str
    unit_id: int | None
    cause: str
    subject: str
    text: str
    html: str
    link: str
    attachments: tuple[Attachment, ...]
    created_at: datetime
    not_before: datetime
    not_after: datetime | None
    state: str
    attempts: int
    max_attempts: int
    owner: str | None
    lease_until: datetime | None
    handed_over_at: datetime | None
    sent_at: datetime | None
    provider_ref: str
    fault: str
    fault_code: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds a message, and until when nobody else takes it."""

    owner: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Way:
    """A channel by which messages may leave now, and its recipients that are left alone for a while."""

    channel: str
    except_for: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mark:
    """What becomes of a message: its new state, the step to note, and whatever else changes."""

    state: MessageState
    event: EventKind
    detail: str = ""
    not_before: datetime | None = None
    provider_ref: str = ""
    fault: str = ""
    fault_code: str = ""


# ---------------------------------------------------------------- putting


def insert(session: Session, message: NewMessage, now: datetime) -> int:
    """Enter a message; the id of the one with the same key if there is one already."""
    hold(session, Lock.OUTBOX)
    there = session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == message.key))
    if there is not None:
        return there
    number = (session.scalar(select(func.max(OutboxMessage.id))) or 0) + 1
    told = {field.name: getattr(message, field.name) for field in fields(message)}
    told["attachments"] = _packed(message.attachments)
    session.add(OutboxMessage(id=number, created_at=now, attempts=0, provider_ref="", **told))
    session.flush()
    note(session, number, EventKind.PUT, now)
    if message.state == MessageState.DEAD:
        note(session, number, EventKind.DEAD, now, message.fault_code)
    return number


def _packed(attachments: Sequence[Attachment]) -> str:
    listed = [{"ref": a.ref, "name": a.name, "sha256": a.sha256} for a in attachments]
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":")) if listed else ""


def note(session: Session, message_id: int, kind: EventKind, at: datetime, detail: str = "") -> None:
    """Write one step down. The message's row is held by the caller, so its steps are numbered one by one."""
    last = session.scalar(select(func.max(OutboxEvent.seq)).where(OutboxEvent.message_id == message_id)) or 0
    session.add(OutboxEvent(message_id=message_id, seq=last + 1, at=at, kind=kind, detail=detail))
    session.flush()


def as_row(message: OutboxMessage) -> OutboxRow:
    """The message as a value."""
    told = {field.name: getattr(message, field.name) for field in fields(OutboxRow)}
    told["attachments"] = tuple(Attachment(**each) for each in json.loads(message.attachments or "[]"))
    return OutboxRow(**told)


# ---------------------------------------------------------------- claiming

# In the words of the partial indexes: a database that plans once for all values finds them by no value to be filled in.
_IS_WAITING = OutboxMessage.state == literal_column(f"'{MessageState.WAITING.value}'")
_IS_BEING_SENT = OutboxMessage.state == literal_column(f"'{MessageState.SENDING.value}'")


def claim(
    store: Store,
    lease: Lease,
    now: datetime,
    ways: Collection[Way],
    granted: Callable[[Session, OutboxRow], bool] = lambda _session, _row: True,
) -> OutboxRow | None:
    """Take the next message that is due by one of these ways; None where there is none.

    `granted` may refuse it for now (a limit per minute), then the next way has its turn: it is asked within the
    transaction that takes the message.
    """
    for way in _in_turn(store, ways, now):
        row = _claim_by(store, way, lease, now, granted)
        if row is not None:
            return row
    return None


def _in_turn(store: Store, ways: Collection[Way], now: datetime) -> list[Way]:
    """The ways by which a message is due, the one that is due first to the front. Looking costs no one the write lock.

    Each is looked up by itself: in an index that holds all of them together a channel that is off, or down, would
    stand in the way with everything that waits for it.
    """
    heads = {}
    with store.read() as session:
        for way in ways:
            first = _due(way, now).with_only_columns(OutboxMessage.not_before, OutboxMessage.id).limit(1)
            head = session.execute(first).one_or_none()
            if head is not None:
                heads[way] = tuple(head)
    return sorted(heads, key=lambda way: heads[way])


def _claim_by(
    store: Store, way: Way, lease: Lease, now: datetime, granted: Callable[[Session, OutboxRow], bool]
) -> OutboxRow | None:
    with store.transaction() as session:
        message = session.scalar(_due(way, now).limit(1).with_for_update(skip_locked=True))
        if message is None or not granted(session, as_row(message)):
            return None
        message.state, message.owner = MessageState.SENDING, lease.owner
        message.attempts += 1
        message.lease_until, message.handed_over_at = lease.until, None
        note(session, message.id, EventKind.CLAIMED, now, lease.owner)
        return as_row(message)


def _due(way: Way, now: datetime) -> Select[Any]:
    query = (
        select(OutboxMessage)
        .where(_IS_WAITING, OutboxMessage.channel == way.channel, OutboxMessage.not_before <= now)
        .where(or_(OutboxMessage.not_after.is_(None), OutboxMessage.not_after >= now))
        .order_by(OutboxMessage.not_before, OutboxMessage.id)
    )
    return query.where(OutboxMessage.recipient.not_in(sorted(way.except_for))) if way.except_for else query


def overdue_leases(now: datetime, lease_seconds: int) -> ColumnElement[bool]:
    """Messages whose sender has vanished. A lease further ahead than one can be is that of a wrong clock."""
    furthest = now + timedelta(seconds=lease_seconds) + CLOCKS_APART
    is_over = or_(OutboxMessage.lease_until < now, OutboxMessage.lease_until > furthest)
    return and_(_IS_BEING_SENT, is_over)


def past_their_time(now: datetime) -> ColumnElement[bool]:
    """Messages that wait and are no longer true."""
    return and_(_IS_WAITING, OutboxMessage.not_after < now)


def sweep(
    store: Store, which: ColumnElement[bool], decide: Callable[[Session, OutboxRow], Mark], now: datetime
) -> int:
    """Mark messages of a condition as `decide` says; how many, `SWEPT_AT_ONCE` of them meaning that there may be more.

    So many and no more, since nobody else writes to SQLite meanwhile. Rows that another process holds are left to it.
    """
    with store.read() as session:
        if session.scalar(select(OutboxMessage.id).where(which).limit(1)) is None:
            return 0
    with store.transaction() as session:
        some = select(OutboxMessage).where(which).limit(SWEPT_AT_ONCE).with_for_update(skip_locked=True)
        found = session.scalars(some).all()
        last = _last_steps(session, [message.id for message in found])
        for message in found:
            mark = decide(session, as_row(message))
            _change(message, mark, now)
            session.add(_step(message.id, last.get(message.id, 0) + 1, mark, now))
        return len(found)


def _last_steps(session: Session, ids: Collection[int]) -> dict[int, int]:
    """The numbers of their last steps, in one question: one each would keep SQLite's other writers waiting."""
    last = select(OutboxEvent.message_id, func.max(OutboxEvent.seq)).group_by(OutboxEvent.message_id)
    return {number: seq for number, seq in session.execute(last.where(OutboxEvent.message_id.in_(ids)))}


# ---------------------------------------------------------------- marking


def renew(store: Store, row: OutboxRow, *, until: datetime) -> None:
    """Keep the message for longer.

    Raises:
        AttemptLost: the message is no longer ours.
    """
    with store.transaction() as session:
        if session.scalar(_ours(row).values(lease_until=until).returning(OutboxMessage.id)) is None:
            raise AttemptLost(row.id)


def _ours(row: OutboxRow) -> Update:
    return update(OutboxMessage).where(
        OutboxMessage.id == row.id,
        OutboxMessage.state == MessageState.SENDING.value,
        OutboxMessage.attempts == row.attempts,
    )


def mark_handed_over(
    store: Store, row: OutboxRow, provider_ref: str, *, until: datetime, now: datetime
) -> None:
    """Commit that the channel may have it from here on; only then may the last byte be sent. The lease runs on.

    Raises:
        AttemptLost: the message is no longer ours.
    """
    marked = _ours(row).values(handed_over_at=now, lease_until=until, provider_ref=provider_ref)
    with store.transaction() as session:
        if session.scalar(marked.returning(OutboxMessage.id)) is None:
            raise AttemptLost(row.id)
        note(session, row.id, EventKind.HANDED_OVER, now)


def finish_in(session: Session, row: OutboxRow, mark: Mark, now: datetime) -> None:
    """Mark how our attempt ended, in the transaction of its effect.

    A message that was taken for lost after the hand-over (`unsure`) still hears from its own sender.

    Raises:
        AttemptLost: the message is no longer ours.
    """
    message = session.get_one(OutboxMessage, row.id, with_for_update=True)
    waited_for = message.state in (MessageState.SENDING, MessageState.UNSURE)
    if message.attempts != row.attempts or not waited_for:
        raise AttemptLost(row.id)
    _apply(session, message, mark, now)


def note_slow(store: Store, row: OutboxRow, now: datetime) -> None:
    """Note that the sender of an attempt that was taken for lost was only slow, and let nothing go."""
    with store.transaction() as session:
        session.get_one(OutboxMessage, row.id, with_for_update=True)
        note(session, row.id, EventKind.SLOW, now)


def settle(
    session: Session, message_id: int, allowed: Collection[MessageState], mark: Mark, now: datetime
) -> bool:
    """Mark a message by a person's or a receipt's word; False where it is not in one of the allowed states."""
    # As it stands now that it is locked: the session may have looked at it before somebody else changed it.
    message = session.get(OutboxMessage, message_id, with_for_update=True, populate_existing=True)
    if message is None or message.state not in allowed:
        return False
    _apply(session, message, mark, now)
    return True


def _apply(session: Session, message: OutboxMessage, mark: Mark, now: datetime) -> None:
    _change(message, mark, now)
    session.add(_step(message.id, _last_steps(session, [message.id]).get(message.id, 0) + 1, mark, now))
    session.flush()


def _step(message_id: int, seq: int, mark: Mark, now: datetime) -> OutboxEvent:
    detail = mark.detail or mark.fault_code
    return OutboxEvent(message_id=message_id, seq=seq, at=now, kind=mark.event, detail=detail)


def _change(message: OutboxMessage, mark: Mark, now: datetime) -> None:
    message.state = mark.state
    message.owner = message.lease_until = None
    message.fault, message.fault_code = mark.fault, mark.fault_code
    message.not_before = mark.not_before or message.not_before
    message.provider_ref = mark.provider_ref or message.provider_ref
    if mark.state is MessageState.SENT:
        message.sent_at = now


# ---------------------------------------------------------------- counting tries

TRIES = (EventKind.FAILED, EventKind.LOST, EventKind.POSTPONED)
COUNTED = (*TRIES, EventKind.SLOW)


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a message was tried since a person last asked for it: `counted` against its limit, and in all."""

    counted: int
    in_all: int


def tries(session: Session, message_id: int) -> Tries:
    """From its steps."""
    mine = OutboxEvent.message_id == message_id
    again = (
        select(func.coalesce(func.max(OutboxEvent.seq), 0))
        .where(mine, OutboxEvent.kind == EventKind.AGAIN.value)
        .scalar_subquery()
    )
    kinds = session.scalars(
        select(OutboxEvent.kind).where(
            mine, OutboxEvent.seq > again, OutboxEvent.kind.in_([kind.value for kind in COUNTED])
        )
    )
    number = Counter(kinds)
    lost = max(number[EventKind.LOST] - number[EventKind.SLOW], 0)
    return Tries(number[EventKind.FAILED] + lost, sum(number[kind] for kind in TRIES))
