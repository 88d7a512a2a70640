"""Limits on what may be tried how often (`Limit` of a route): counted in the database, in memory where that is busy."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from app.access import Limit
from app.context import AppContext
from tracker.store.tries import count_try


@dataclass
class Tries:
    """Counts of one process; asks the store first, which counts for all of them."""

    context: AppContext
    _own: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def are_too_many(self, key: str, limit: Limit, now: datetime) -> bool:
        """Note one more try and say whether it goes over the limit.

        While another process writes for long (SQLite) only the tries of this process are known: the limit then holds
        for each process by itself, and nobody is kept waiting.
        """
        return self.counted(key, limit, now) > limit.count

    def counted(self, key: str, limit: Limit, now: datetime) -> int:
        """Note one more try; how many there are in its window, this one included."""
        count = count_try(self.context.store, key, now=now, seconds=limit.seconds)
        return self._count_alone(key, limit, now) if count is None else count

    def _count_alone(self, key: str, limit: Limit, now: datetime) -> int:
        with self._lock:
            window = timedelta(seconds=limit.seconds)
            self._own = {name: kept for name, kept in self._own.items() if kept[1] > now}
            count, until = self._own.get(key, (0, now + window))
            # One that lies further ahead than a window can was begun by a clock that has been put back since.
            if until > now + window:
                count, until = 0, now + window
            self._own[key] = (count + 1, until)
            return count + 1
