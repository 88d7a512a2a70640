"""What is asked about the outbox: lists by state, one message with its steps, counts, faults of channels."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.store.models import OutboxEvent, OutboxMessage
from tracker.store.outbox import MessageState, OutboxRow, as_row


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """One message of a list, without its words; `recipient` is to be masked where it is shown."""

    message_id: int
    kind: str
    channel: str
    recipient: str
    cause: str
    state: str
    created_at: datetime
    not_before: datetime
    sent_at: datetime | None
    attempts: int
    fault: str
    fault_code: str


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """One step in the life of a message."""

    at: datetime
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class ChannelFault:
    """Messages that wait because their channel, or they themselves, failed the last time."""

    channel: str
    fault_code: str
    fault: str
    count: int


def list_messages(
    session: Session,
    *,
    state: str | None = None,
    channel: str | None = None,
    kinds: Collection[str] | None = None,
    limit: int = 50,
    before: int | None = None,
) -> list[OutboxLine]:
    """One page of the outbox, newest first; `before` is the last id of the page before."""
    message = OutboxMessage
    query = select(
        message.id, message.kind, message.channel, message.recipient, message.cause, message.state,
        message.created_at, message.not_before, message.sent_at, message.attempts, message.fault,
        message.fault_code,
    ).order_by(message.id.desc()).limit(limit)  # fmt: skip
    if state is not None:
        query = query.where(message.state == state)
    if channel is not None:
        query = query.where(message.channel == channel)
    if kinds is not None:
        query = query.where(message.kind.in_(list(kinds)))
    if before is not None:
        query = query.where(message.id < before)
    found: Any = session.execute(query)  # too many columns for the type of a row
    return [OutboxLine(*row) for row in found]


def find_message(session: Session, message_id: int) -> OutboxRow | None:
    """One message; None where there is none."""
    message = session.get(OutboxMessage, message_id)
    return as_row(message) if message is not None else None


def states_of(session: Session, message_ids: Collection[int]) -> Mapping[str, int]:
    """How many of these messages stand where."""
    query = select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
    return {
        state: count for state, count in session.execute(query.where(OutboxMessage.id.in_(list(message_ids))))
    }


def find_key(session: Session, key: str) -> OutboxRow | None:
    """The message that was put with this key; None where there is none."""
    message = session.scalar(select(OutboxMessage).where(OutboxMessage.key == key))
    return as_row(message) if message is not None else None


def events_of(session: Session, message_id: int) -> list[MessageEvent]:
    """The steps of a message, in order."""
    query = select(OutboxEvent.at, OutboxEvent.kind, OutboxEvent.detail)
    found = session.execute(query.where(OutboxEvent.message_id == message_id).order_by(OutboxEvent.seq))
    return [MessageEvent(*row) for row in found]


def counts_by_state(session: Session, kinds: Collection[str] | None = None) -> Mapping[str, int]:
    """How many messages (of these kinds) stand where."""
    query = select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
    if kinds is not None:
        query = query.where(OutboxMessage.kind.in_(list(kinds)))
    return {state: count for state, count in session.execute(query)}


def counts_by_kind(session: Session) -> Mapping[str, int]:
    """How many messages of each kind the outbox has seen."""
    query = select(OutboxMessage.kind, func.count()).group_by(OutboxMessage.kind)
    return {kind: count for kind, count in session.execute(query)}


def channel_faults(session: Session) -> list[ChannelFault]:
    """Why messages wait that were tried before: by channel and fault, the most frequent first."""
    message = OutboxMessage
    query = (
        select(message.channel, message.fault_code, func.max(message.fault), func.count())
        .where(message.state == MessageState.WAITING.value, message.fault_code != "")
        .group_by(message.channel, message.fault_code)
        .order_by(func.count().desc(), message.channel, message.fault_code)
    )
    return [ChannelFault(*row) for row in session.execute(query)]


def waiting_channels(session: Session) -> frozenset[str]:
    """The channels for which messages wait."""
    query = select(OutboxMessage.channel).where(OutboxMessage.state == MessageState.WAITING.value)
    return frozenset(session.scalars(query.distinct()))
