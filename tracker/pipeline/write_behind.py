"""Writing one chunk while the next is decided: PostgreSQL works in a process of its own, which costs us no time then.

SQLite works in ours. Its driver lets go of the interpreter and takes it again for every single row, so that a second
thread makes a load slower by a third (measured); there each write is done at once.
"""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

# A batch makes millions of tuples that live long and hold no circles: looking for circles so often costs a seventh.
YOUNG_OBJECTS = 200_000


class WriteBehind:
    """At most one write in a thread of its own; its fault is raised by whoever settles next.

    Nobody else touches the connection meanwhile: whoever wants to, settles first.
    """

    def __init__(self, pool: ThreadPoolExecutor | None) -> None:
        """Without a pool each write is done when it is begun."""
        self._pool = pool
        self._running: Future[None] | None = None

    def start(self, write: Callable[[], None]) -> None:
        """Begin a write; the one before has to be settled."""
        if self._running is not None:
            raise RuntimeError("two writes at once")
        if self._pool is None:
            write()
        else:
            self._running = self._pool.submit(write)

    def settle(self) -> None:
        """Wait until what was begun is written."""
        running, self._running = self._running, None
        if running is not None:
            running.result()


@contextmanager
def writing_behind(*, in_thread: bool) -> Iterator[WriteBehind]:
    """A `WriteBehind` whose last write is done, or has failed, when the block ends."""
    thresholds = gc.get_threshold()
    gc.set_threshold(YOUNG_OBJECTS, *thresholds[1:])
    try:
        if not in_thread:
            yield WriteBehind(None)
            return
        # Leaving the pool waits for its thread, also when the block fails: the caller rolls back afterwards.
        with ThreadPoolExecutor(1, "write-behind") as pool:
            behind = WriteBehind(pool)
            yield behind
            behind.settle()
    finally:
        gc.set_threshold(*thresholds)
