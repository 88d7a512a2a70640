"""Letters that left as mail and are not noted as delivered yet: the outbox held against the register."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from tracker.store.models import Letter, OutboxMessage
from tracker.store.outbox import MessageState

KIND, CHANNEL, NUMBERED = "letter_delivery", "email", "numbered"
_LEFT = (MessageState.SENT.value, MessageState.DELIVERED.value)


class SentLetter(NamedTuple):
    """A numbered letter, the message that carried it, and when the mail server took that."""

    letter_id: int
    message_id: int
    sent_at: datetime


def sent_letters(session: Session, since: datetime | None = None) -> list[SentLetter]:
    """In the order of their sending, one message a letter; `since`: of messages that were due from then on."""
    message = OutboxMessage
    query = (
        select(Letter.id, message.id, message.sent_at)
        .join(Letter, message.cause == literal("letter:") + cast(Letter.id, String))
        .where(
            message.state.in_(_LEFT),
            message.kind == KIND,
            message.channel == CHANNEL,
            message.sent_at.is_not(None),
            Letter.state == NUMBERED,
        )
        .order_by(message.sent_at, message.id)
    )
    if since is not None:
        query = query.where(message.not_before >= since)
    found: dict[int, SentLetter] = {}
    for letter_id, message_id, sent_at in session.execute(query):
        if sent_at is not None:
            found.setdefault(letter_id, SentLetter(letter_id, message_id, sent_at))
    return list(found.values())
