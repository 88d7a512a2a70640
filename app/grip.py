"""What the one who does a piece of work holds in its hand: the work, the program, progress, and the way to finish."""

from collections.abc import Mapping
from datetime import datetime
from threading import Event
from typing import Any

from app.context import AppContext
from tracker.store import claims
from tracker.store.claims import LeaseLost
from tracker.store.session import Session
from tracker.types.work import Progress, WorkRow

__all__ = ["Cancelled", "Ending", "Grip", "LeaseLost"]


class Cancelled(Exception):
    """Somebody asked for the work to be given up."""


class Ending(Exception):
    """The process is told to end: the work goes back, for another to take it over at once."""


class Grip:
    """One attempt at a piece of work.

    `progress` may be called as often as one likes, also inside a transaction: it writes nothing itself, the heartbeat
    does, and it ends the attempt by an exception where that is to end. Call it between steps that may be repeated.
    """

    def __init__(self, context: AppContext, row: WorkRow, ending: Event | None = None) -> None:
        self.context = context
        self.row = row
        self.told: Progress | None = None
        self.is_finished = False
        self.lost = Event()
        self.cancel_asked = Event()
        self._ending = ending or Event()

    @property
    def params(self) -> Mapping[str, Any]:
        """What was asked for."""
        return self.row.params

    def now(self) -> datetime:
        """The present instant."""
        return self.context.now()

    def progress(self, done: int, total: int | None = None, words: str = "") -> None:
        """So much of it is done; `words` hold no personal data.

        Raises:
            Cancelled, LeaseLost, Ending: the attempt is to end here.
        """
        self.told = Progress(done, total, words)
        if self.lost.is_set():
            raise LeaseLost(f"work {self.row.work_id}")
        if self.cancel_asked.is_set():
            raise Cancelled
        if self._ending.is_set():
            raise Ending

    def checkpoint(self, values: Mapping[str, Any]) -> None:
        """Remember where the next attempt goes on (`row.checkpoint`), in a transaction of its own."""
        with self.context.store.transaction() as session:
            self.checkpoint_in(session, values)

    def checkpoint_in(self, session: Session, values: Mapping[str, Any]) -> None:
        """The same in the transaction of what was done so far: both are kept, or neither."""
        claims.checkpoint_in(session, self.row, values)

    def finish_in(self, session: Session, result: Mapping[str, Any]) -> None:
        """Mark the work done in the transaction of its effect. Call it last in that transaction (but for the log)."""
        claims.finish_in(session, self.row, {**result, **self.context.told_source()}, self.now())
        self.is_finished = True
