"""Processes beside the web: started with it, started again when they die, ended with it, however it ends.

A child reads its standard input, which its parent never writes to: when the parent is gone, even killed, the system
closes the pipe and the child stops by itself. That works on every system and leaves nobody behind.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from app import oplog
from app.context import AppContext

TENDED_VARIABLE = "DUNGHEN_TENDED"
# One that dies at once is not started again and again without a breath.
PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 60.0
STEADY_SECONDS = 60.0
LOOK_SECONDS = 0.2
END_SECONDS = 30.0


def stop_with_parent(stop: Event) -> None:
    """Set `stop` when whoever started this process is gone; a process that nobody tends goes on by itself."""
    if not os.environ.get(TENDED_VARIABLE):
        return

    def listen() -> None:
        while os.read(
            sys.stdin.fileno(), 4096
        ):  # unbuffered: a reader of `sys.stdin` would break the interpreter's end
            continue
        stop.set()

    Thread(target=listen, name="parent", daemon=True).start()


@contextmanager
def tended(context: AppContext, commands: Sequence[tuple[str, ...]]) -> Iterator[None]:
    """Run these commands of `dunghen` beside what happens inside."""
    stop = Event()
    threads = [Thread(target=_tend, args=(context, command, stop), daemon=True) for command in commands]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(END_SECONDS + 5)


def _tend(context: AppContext, command: tuple[str, ...], stop: Event) -> None:
    pause = PAUSE_SECONDS
    while not stop.is_set():
        begun = time.monotonic()
        status = _run(context, command, stop)
        if stop.is_set():
            return
        if time.monotonic() - begun > STEADY_SECONDS:
            pause = PAUSE_SECONDS
        oplog.write("child_ended", command=command[0], seconds=round(pause), status=status)
        stop.wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _run(context: AppContext, command: tuple[str, ...], stop: Event) -> int:
    """Run it until it ends or is to end; then its input is closed, by which it knows. The status it ended with."""
    line = [sys.executable, "-m", "app.cli", *command, "--config", str(context.config_path.resolve())]
    environment = {**os.environ, TENDED_VARIABLE: "1"}
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL}
    with subprocess.Popen(line, env=environment, **streams) as child:
        while child.poll() is None and not stop.is_set():
            stop.wait(LOOK_SECONDS)
        if child.stdin:
            child.stdin.close()
        try:
            child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return child.returncode
