"""Letters that the mail server took are delivered: noted in the register after the outbox has said so.

Two steps of two transactions: what a kill leaves between them is found and noted by the next call, and what was noted
is not noted again.
"""

from datetime import datetime

from app.context import AppContext
from app.letter_acts import LetterDesk
from letters.moving import Asker, Told
from tracker.store import letter_mails

ACTOR = "system"


def settle_sent(context: AppContext, now: datetime, since: datetime | None = None) -> int:
    """Note numbered letters whose mail has left as delivered by it, then and by that message; how many were.

    `since`: only messages that were due from then on, which costs less; None: all there are.
    """
    with context.store.read() as session:
        sent = letter_mails.sent_letters(session, since)
    desk = LetterDesk(context, Asker(ACTOR, now))
    reports = [
        desk.deliver([each.letter_id], Told("email", each.sent_at, "", message_id=each.message_id))
        for each in sent
    ]
    return sum(len(report.moved) for report in reports)
