"""Receipts in the database: each is one event of its message, however often it comes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store.models import OutboxEvent, OutboxMessage
from tracker.store.outbox import EventKind, MessageState, note


@dataclass(frozen=True, slots=True)
class Receipt:
    """Word of a message that was sent: `delivered` or `bounced`; `receipt_id` tells it from all others."""

    provider_ref: str
    kind: EventKind
    receipt_id: str
    code: str = ""  # what the receiver gave as reason: numbers only


class Received(StrEnum):
    """What became of a receipt."""

    NOTED = "noted"
    KNOWN = "known"  # had come before
    NO_MESSAGE = "no_message"


ON_THE_WAY = (MessageState.SENDING, MessageState.SENT, MessageState.UNSURE)
# From which states a receipt moves a message, and to which; in others it is noted only.
MOVES: Mapping[EventKind, tuple[Collection[MessageState], MessageState]] = {
    EventKind.DELIVERED: (ON_THE_WAY, MessageState.DELIVERED),
    EventKind.BOUNCED: ((*ON_THE_WAY, MessageState.DELIVERED), MessageState.DEAD),
}


def receive(session: Session, receipt: Receipt, fault: str, now: datetime) -> Received:
    """Note a receipt; `fault` is told where the message came back."""
    query = select(OutboxMessage).where(OutboxMessage.provider_ref == receipt.provider_ref)
    newest = query.order_by(OutboxMessage.id.desc()).limit(1).with_for_update()
    message = session.scalar(newest) if receipt.provider_ref else None
    if message is None:
        return Received.NO_MESSAGE
    detail = f"{receipt.receipt_id} {receipt.code}".strip()
    there = select(OutboxEvent.seq).where(
        OutboxEvent.message_id == message.id,
        OutboxEvent.kind == receipt.kind.value,
        OutboxEvent.detail == detail,
    )
    if session.scalar(there) is not None:
        return Received.KNOWN
    note(session, message.id, receipt.kind, now, detail)
    allowed, state = MOVES[receipt.kind]
    if message.state in allowed:
        message.state, message.owner, message.lease_until = state, None, None
        message.sent_at = message.sent_at or message.handed_over_at
        came_back = receipt.kind is EventKind.BOUNCED
        message.fault, message.fault_code = (fault, "BOUNCED") if came_back else ("", "")
        session.flush()
    return Received.NOTED
