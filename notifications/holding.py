"""Our hold on one message while it is sent: the lease is kept as long as it takes, and the hand-over committed once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tracker.store import outbox
from tracker.store.outbox import OutboxRow
from tracker.store.session import Store

# A server that answers at once costs no write beside the hand-over.
RENEWED_AFTER_SECONDS = 1


@dataclass
class Holding:
    """What a channel is given as its `Hold`. `ticks` counts seconds, whatever becomes of the clock."""

    store: Store
    row: OutboxRow
    now: Callable[[], datetime]
    lease: Callable[[], datetime]
    ticks: Callable[[], float]
    is_handed_over: bool = False
    _renewed_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._renewed_at = self.ticks()

    def still_mine(self) -> None:
        """Keep the lease for as long again. After the hand-over there is nothing to stop any more.

        Raises:
            AttemptLost: another has it; nothing may be sent.
        """
        begun = self.ticks()
        if self.is_handed_over or begun - self._renewed_at < RENEWED_AFTER_SECONDS:
            return
        outbox.renew(self.store, self.row, until=self.lease())
        self._renewed_at = begun

    def hand_over(self, reference: str) -> None:
        """Commit that the channel may have it from here on.

        Raises:
            AttemptLost: another has it; nothing may be sent.
        """
        outbox.mark_handed_over(self.store, self.row, reference, until=self.lease(), now=self.now())
        self.is_handed_over = True
