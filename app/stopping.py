"""Ending a process that runs until it is told to stop: by Ctrl+C, by the service manager, or by closing the window."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

# Ctrl+Break and closing the window on Windows; other systems have no such signal.
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]


@contextmanager
def stop_when_told() -> Iterator[Event]:
    """An event that is set when the process is told to end; told a second time, it ends at once."""
    stop = Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, told) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interrupted_when_told() -> Iterator[None]:
    """What runs inside ends by `KeyboardInterrupt` also where the service manager ends it: so it is wound up, not cut off.

    As the first process of a container it would hear nothing of it otherwise.
    """

    def told(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, told) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
