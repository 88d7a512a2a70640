"""How the web process works: one page after the other as long as they are quick, beside each other where one is slow.

Python runs one thread at a time. Four threads that make pages together take it from each other at every question to the
database, and all of them end late (measured: the 95th of a hundred waits twice as long). A page that has taken a twentieth of a second is
slow (a file, the hash of a password): from then on the next one is made beside it.
"""

import time
from typing import Any

from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher

SLOW_AFTER_SECONDS = 0.05


class OneByOne(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Waitress's own hand-out of requests to its threads, but for when a thread may take one."""

    def __init__(self) -> None:
        super().__init__()
        self._began: dict[int, float] = {}  # when each thread that works began
        self._is_watched = False
        self._latest = time.monotonic()  # when the last request was taken

    def is_idle(self) -> bool:
        """Does no thread make a page, and waits no request for one? Asked by the thread that hands out requests."""
        with self.lock:
            return not self.queue and not self._began

    def quiet_for(self) -> float:
        """Seconds since a request was taken."""
        with self.lock:
            return time.monotonic() - self._latest

    def add_task(self, task: Any) -> None:
        """A request came; called by the server's own thread."""
        with self.lock:
            self.queue.append(task)
            if not self._is_watched or not self._wait_for_quick():
                self.queue_cv.notify()

    def handler_thread(self, thread_no: int) -> None:
        """What each thread does until the server ends."""
        while (task := self._next(thread_no)) is not None:
            try:
                task.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", task)
            with self.lock:
                del self._began[thread_no]

    def _next(self, thread_no: int) -> Any:
        """The oldest request as soon as it may be taken; None: the thread has to end."""
        with self.lock:
            while self.stop_count == 0:
                if self.queue and not self._wait_for_quick():
                    return self._taken(thread_no)
                self.active_count -= 1
                self._wait()
                self.active_count += 1
            self.active_count -= 1
            self.stop_count -= 1
            self.threads.discard(thread_no)
            self.thread_exit_cv.notify()
            return None

    def _wait_for_quick(self) -> float:
        """Seconds until the page that is being made counts as slow; 0: there is none that may yet be quick."""
        if not self._began:
            return 0.0
        return max(0.0, max(self._began.values()) + SLOW_AFTER_SECONDS - time.monotonic())

    def _taken(self, thread_no: int) -> Any:
        self._began[thread_no] = self._latest = time.monotonic()
        task = self.queue.popleft()
        if self.queue and not self._is_watched:
            self.queue_cv.notify()
        return task

    def _wait(self) -> None:
        """One of the idle threads looks whether the page that is being made is slow; the others sleep."""
        if not self.queue or self._is_watched:
            self.queue_cv.wait()
            return
        self._is_watched = True
        self.queue_cv.wait(self._wait_for_quick())
        self._is_watched = False


def in_turn(application: Any, *, threads: int, **settings: Any) -> Any:
    """Waitress's server with this hand-out to so many threads; `settings` are those of `waitress.serve`."""
    handing_out = OneByOne()
    handing_out.set_thread_count(threads)
    return create_server(application, _dispatcher=handing_out, threads=threads, **settings)
