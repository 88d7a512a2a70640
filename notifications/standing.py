"""Whether what a message says still stands, by the register of its cause. Asked just before it is sent."""

from datetime import datetime, timedelta

from tracker.store import alert_pending, letter_deliveries
from tracker.store.outbox import OutboxRow
from tracker.store.session import Session
from tracker.types import VN, Basis

# A digest that has waited longer is made anew where any of it is no longer so.
FRESH = timedelta(hours=2)
OVERFLOW = "overflow"


def letter_stands(session: Session, row: OutboxRow, now: datetime) -> bool:
    """Is the letter of "letter:ID" there, signed, and not void?"""
    _, _, number = row.cause.partition(":")
    letter = letter_deliveries.find_sendable(session, int(number)) if number.isdecimal() else None
    return letter is not None and letter.may_be_sent


def alerts_stand(session: Session, row: OutboxRow, now: datetime) -> bool:
    """Is what the message of "KIND:BASIS:DAY" tells still so? Soon after it was put that is any of it, later all of it.

    One that carries nothing any more was given up, and what it told goes with another. A word that there is more
    carries nothing from the beginning.
    """
    carries, basis, _ = row.cause.split(":", 2)
    if carries == OVERFLOW:
        return True
    kept = alert_pending.kept(session, row.id, Basis(basis), now.astimezone(VN).date())
    is_fresh = now - row.created_at <= FRESH
    return kept.standing > 0 and (is_fresh or kept.standing == kept.carried)
