"""Writing one chunk while the next is read: the driver waits for disk or server without holding the interpreter.

Only one write is ever under way and nobody else touches the connection meanwhile: whoever wants to, settles first.
"""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

# A batch makes millions of tuples that live long and hold no circles: looking for circles so often costs a seventh.
YOUNG_OBJECTS = 200_000


class WriteBehind:
    """At most one write in a thread of its own; its fault is raised by whoever settles next."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._running: Future[None] | None = None

    def start(self, write: Callable[[], None]) -> None:
        """Begin a write; the one before has to be settled."""
        if self._running is not None:
            raise RuntimeError("two writes at once")
        self._running = self._pool.submit(write)

    def settle(self) -> None:
        """Wait until what was begun is written."""
        running, self._running = self._running, None
        if running is not None:
            running.result()


@contextmanager
def writing_behind() -> Iterator[WriteBehind]:
    """A `WriteBehind` whose last write is done, or has failed, when the block ends."""
    thresholds = gc.get_threshold()
    gc.set_threshold(YOUNG_OBJECTS, *thresholds[1:])
    try:
        # Leaving the pool waits for its thread, also when the block fails: the caller rolls back afterwards.
        with ThreadPoolExecutor(1, "write-behind") as pool:
            behind = WriteBehind(pool)
            yield behind
            behind.settle()
    finally:
        gc.set_threshold(*thresholds)
