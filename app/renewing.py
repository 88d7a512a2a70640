"""A web process that has grown large begins anew in its own place: same process, same port, nobody turned away.

What lives in a web process has bounds, but Python's allocator keeps the room of its largest pages, scattered, and gives
little of it back (docs/performance.md): over days a process would meet the bound of its service, which kills it in the
middle of a page. So it begins anew by itself before: in a moment when no request and no answer is under way it stops
listening, and runs itself again (exec) with the sockets it listens on left open. Who comes meanwhile waits in them for the
second or two that a start takes.

Only where the system tells how large a process is (Linux), and not beside processes that it tends.
"""

import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

from waitress import wasyncore

from app import oplog
from app.context import AppContext
from app.one_by_one import OneByOne
from tracker import clock
from tracker.config import load_config
from tracker.errors import ConfigurationError

LISTENING_VARIABLE = "DUNGHEN_LISTENING"
STATM = Path("/proc/self/statm")
MIB = 2**20
LOOK_SECONDS = 15.0
# While it looks for a moment in which nothing is under way.
TRY_SECONDS = 0.2
# At night one comes by itself; beyond so much of the bound any moment without a request is taken.
QUIET_SECONDS, FAR_BEYOND = 20.0, 1.25
# A browser that has connected asks within so many seconds, or keeps the connection for later.
NEW_SECONDS = 10.0
# A bound below what a process needs to begin with would have it begin anew for ever.
GROWN = 1.2


class Held(NamedTuple):
    """The sockets of a server that has ended, by number, still listening; `mib`: how large the process was."""

    sockets: tuple[int, ...]
    mib: int


def resident_mib() -> int | None:
    """How much memory of the machine this process has now; None where the system does not tell."""
    try:
        pages = int(STATM.read_bytes().split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") // MIB


class Renewal:
    """Looks after the size of one process while its server runs; `held` is there once the server has ended for it."""

    def __init__(self, context: AppContext, most_mib: int) -> None:
        self._context, self._most = context, most_mib
        self._began_with = resident_mib()
        self._over, self._answered = Event(), Event()
        self._threads: OneByOne | None = None
        self._map: dict[int, Any] = {}
        self.held: Held | None = None

    def watched(self, create: Callable[..., Any]) -> Callable[..., Any]:
        """What makes the server, so that it is looked after from then on, by a thread of its own."""
        if not self._most or self._began_with is None:
            return create

        def made(application: Any, **settings: Any) -> Any:
            server = create(application, map=self._map, **settings)
            self._threads = server.task_dispatcher
            Thread(target=self._look, name="renewal", daemon=True).start()
            return server

        return made

    def _look(self) -> None:
        pause = LOOK_SECONDS
        while not self._over.wait(pause):
            size = resident_mib() or 0
            pause = LOOK_SECONDS
            if self._is_due(size) and self._could_begin():
                pause = TRY_SECONDS
                # Asked once at a time: a server that has ended must not be spoken to, its numbers may be others' by then.
                self._answered.clear()
                self._in_the_loop(lambda size=size: self._end_if_idle(size))
                while not self._answered.wait(TRY_SECONDS) and not self._over.is_set():
                    continue

    def _is_due(self, size: int) -> bool:
        if size < self._most or size < GROWN * (self._began_with or 0):
            return False
        quiet_for = self._threads.quiet_for() if self._threads is not None else 0.0
        return quiet_for >= QUIET_SECONDS or size >= FAR_BEYOND * self._most

    def _could_begin(self) -> bool:
        """A configuration that was damaged since must not end a process that works."""
        try:
            load_config(self._context.config_path)
        except ConfigurationError:
            return False
        return True

    def _in_the_loop(self, act: Callable[[], None]) -> None:
        """Do something in the server's own thread, between what it does for one connection and another."""
        servers = self._servers()
        if not servers or self.held is not None:
            self._over.set()
        else:
            servers[0].trigger.pull_trigger(act)

    def _servers(self) -> list[Any]:
        return [one for one in list(self._map.values()) if hasattr(one, "active_channels")]

    def _end_if_idle(self, size: int) -> None:
        """End the server if nothing at all is under way; its sockets go on listening."""
        servers = self._servers()
        channels = [channel for server in servers for channel in server.active_channels.values()]
        try:
            if self._threads is not None and self._threads.is_idle() and all(map(_is_idle, channels)):
                self.held = Held(tuple(os.dup(server.socket.fileno()) for server in servers), size)
                # The loop of the server ends when nothing is left in its map.
                wasyncore.close_all(self._map)
        finally:
            self._answered.set()


def _is_idle(channel: Any) -> bool:
    """Is nothing asked, read, answered or sent on this connection? On a new one the first request may be on its way."""
    is_unused = channel.last_activity == channel.creation_time
    if (is_unused and channel.creation_time > clock.now().timestamp() - NEW_SECONDS) or (
        channel.requests
        or channel.request is not None
        or channel.total_outbufs_len
        or channel.close_when_flushed
    ):
        return False
    with suppress(OSError):  # nothing has come: the system would let it wait
        return not channel.socket.recv(1, socket.MSG_PEEK)
    return True


def begin_anew(context: AppContext, held: Held, seconds: float) -> None:
    """Run this very program again in this process, with these sockets; does not come back."""
    oplog.write("web_renewed", mib=held.mib, seconds=round(seconds))
    context.store.close()
    for number in held.sockets:
        os.set_inheritable(number, True)
    os.environ[LISTENING_VARIABLE] = ":".join(map(str, (os.getpid(), *held.sockets)))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def taken_over() -> Sequence[socket.socket]:
    """The sockets that this process left open for itself; none where it was started in the ordinary way."""
    told = os.environ.pop(LISTENING_VARIABLE, "").split(":")
    if told[0] != str(os.getpid()):
        return ()
    sockets = [socket.socket(fileno=int(number)) for number in told[1:]]
    for one in sockets:
        one.set_inheritable(False)
    return sockets
