"""Whether what a message says still stands, by the register of its cause. Asked just before it is sent."""

from datetime import datetime

from tracker.store import letter_deliveries
from tracker.store.outbox import OutboxRow
from tracker.store.session import Session


def letter_stands(session: Session, row: OutboxRow, now: datetime) -> bool:
    """Is the letter of "letter:ID" there, signed, and not void?"""
    _, _, number = row.cause.partition(":")
    letter = letter_deliveries.find_sendable(session, int(number)) if number.isdecimal() else None
    return letter is not None and letter.may_be_sent
