"""The heartbeat of a process of the program: who is at work, seen by pages and by the watchdog."""

import time
from datetime import timedelta

from app import oplog
from app.context import AppContext
from tracker.errors import WorkFailed
from tracker.store import processes

BEAT_SECONDS = 10.0
# Whoever was not heard of for so long is taken for gone.
SILENCE = timedelta(seconds=45)
NEVER = float("-inf")


class Alive:
    """One process (or one half of it) that says every few seconds that it is there."""

    def __init__(self, context: AppContext, owner: str, kind: str) -> None:
        self._context, self._owner, self._kind = context, owner, kind
        self._beaten_at = NEVER

    def beat(self, doing: str = "") -> None:
        """Say so, if it was not said just now; `doing` in kinds and numbers.

        Raises:
            WorkFailed: the database cannot be reached.
        """
        now = time.monotonic()
        if now - self._beaten_at < BEAT_SECONDS:
            return
        if self._beaten_at == NEVER:
            processes.begin(self._context.store, self._owner, self._kind, self._context.now())
        processes.beat(self._context.store, self._owner, self._kind, self._context.now(), doing)
        self._beaten_at = now

    def goodbye(self) -> None:
        """Say that it ends; where the database is gone, silence says the same a little later."""
        if self._beaten_at == NEVER:
            return
        try:
            processes.end(self._context.store, self._owner, self._context.now())
        except WorkFailed as fault:
            oplog.write("loop_failed", error=fault)
