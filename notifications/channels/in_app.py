"""Messages in the program itself: they appear in the inbox in the same transaction that marks them as sent."""

from notifications.channels.outcomes import Hold, Outcome, Outgoing, Refused, Taken
from tracker.store import inbox
from tracker.store.session import Store


class InAppChannel:
    """Lays messages into the inboxes of accounts. One message lies there once, so it may be repeated."""

    recognises_repeats = True

    def __init__(self, store: Store) -> None:
        self._store = store

    def send(self, message: Outgoing, hold: Hold) -> Outcome:
        """Lay it into the inbox; there is no moment of doubt, so nothing is handed over."""
        _, _, number = message.row.recipient.partition(":")
        with self._store.read() as session:
            if not number.isdecimal() or not inbox.is_open(session, int(number)):
                return Refused("ACCOUNT_GONE", "Không còn tài khoản nhận thông báo này.")
        return Taken(effect=lambda session: inbox.lay_in(session, int(number), message.row, message.at))
