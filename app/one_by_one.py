"""How the web process works: one page after the other as long as they are quick, beside each other where one is slow.

Python runs one thread at a time. Four threads that make pages together take it from each other at every question to the
database, and all of them end late (measured: the 95th of a hundred waits twice as long). Whoever has waited for a twentieth of a
second does not wait for the slow one (a file, the hash of a password) that stands before him.
"""

import time
from collections import deque
from typing import Any

from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher

LONGEST_WAIT_SECONDS = 0.05


class OneByOne(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Waitress's own hand-out of requests to its threads, but for when a thread may take one."""

    def __init__(self) -> None:
        super().__init__()
        self._since: deque[float] = deque()  # when each request of the queue came
        self._is_quick: dict[int, bool] = {}  # by thread that works: has nobody overtaken it yet?
        self._is_watched = False

    def add_task(self, task: Any) -> None:
        """A request came; called by the server's own thread."""
        with self.lock:
            self.queue.append(task)
            self._since.append(time.monotonic())
            if not self._is_watched or not any(self._is_quick.values()):
                self.queue_cv.notify()

    def handler_thread(self, thread_no: int) -> None:
        """What each thread does until the server ends."""
        while (task := self._next(thread_no)) is not None:
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)
            with self.lock:
                del self._is_quick[thread_no]

    def _next(self, thread_no: int) -> Any:
        """The oldest request as soon as it may be taken; None: the thread has to end."""
        with self.lock:
            while self.stop_count == 0:
                if self.queue and self._may_begin():
                    return self._taken(thread_no)
                self.active_count -= 1
                self._wait()
                self.active_count += 1
            self.active_count -= 1
            self.stop_count -= 1
            self.threads.discard(thread_no)
            self.thread_exit_cv.notify()
            return None

    def _may_begin(self) -> bool:
        if time.monotonic() - self._since[0] >= LONGEST_WAIT_SECONDS:
            self._is_quick = dict.fromkeys(self._is_quick, False)
        return not any(self._is_quick.values())

    def _taken(self, thread_no: int) -> Any:
        self._is_quick[thread_no] = True
        self._since.popleft()
        if self.queue and not self._is_watched:
            self.queue_cv.notify()
        return self.queue.popleft()

    def _wait(self) -> None:
        """One of the idle threads looks after the oldest request; the others sleep."""
        if not self.queue or self._is_watched:
            self.queue_cv.wait()
            return
        self._is_watched = True
        self.queue_cv.wait(LONGEST_WAIT_SECONDS)
        self._is_watched = False


def in_turn(application: Any, *, threads: int, **settings: Any) -> Any:
    """Waitress's server with this hand-out to so many threads; `settings` are those of `waitress.serve`."""
    handing_out = OneByOne()
    handing_out.set_thread_count(threads)
    return create_server(application, _dispatcher=handing_out, threads=threads, **settings)
