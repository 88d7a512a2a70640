"""A process that is ended by `kill -9` exactly before one of its statements: no wait, no chance, every moment can be had."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

# Forked: it begins where the test stands, with everything loaded.
FORK = multiprocessing.get_context("fork")
LATEST = 10**9


def killed_before(number: int, work: Callable[[], object]) -> bool:
    """Do the work in a process of its own that kills itself before its `number`-th statement or commit; False: it had ended.

    Raises:
        AssertionError: the work ended by itself with a fault.
    """
    process = FORK.Process(target=_doing, args=(number, work))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


def _doing(number: int, work: Callable[[], object]) -> None:
    told = 0

    def step(*_of: Any) -> None:
        nonlocal told
        told += 1
        if told == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    work()
    os._exit(0)  # nothing of the test that was forked is ended here


def steps_of(work: Callable[[], object]) -> int:
    """How many statements and commits the work has, when nobody kills it; it is done."""
    counter = FORK.Value("i", 0)

    def counting() -> None:
        def step(*_of: Any) -> None:
            counter.value += 1

        event.listen(Engine, "before_cursor_execute", step)
        event.listen(Engine, "commit", step)
        work()

    killed_before(LATEST, counting)
    return int(counter.value)
