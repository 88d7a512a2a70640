"""Starting the process that reads large files: by itself it imports little, so that it gets ready while its parent does."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import tracker

READER = "tracker.ingest.reading_process"
# Starting a process takes about as long as reading this much.
WORTH_A_PROCESS = 4 * 1024 * 1024


def is_worth_a_process(paths: Sequence[Path]) -> bool:
    """Are there so many bytes to read?"""
    return sum(path.stat().st_size for path in paths if path.is_file()) >= WORTH_A_PROCESS


def started(paths: Sequence[Path]) -> subprocess.Popen[bytes]:
    """A process that will read these files and waits for a `Request` on its standard input; it ends when that is closed."""
    root = str(Path(tracker.__file__).parents[1])
    places = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(places)}
    command = [sys.executable, "-m", READER]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    # Where it has ended already, whoever speaks to it next meets the closed pipe.
    with suppress(BrokenPipeError):
        if process.stdin is not None:
            pickle.dump((tuple(paths),), process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
    return process


@contextmanager
def started_ahead(paths: Sequence[Path]) -> Iterator[subprocess.Popen[bytes] | None]:
    """Such a process where these files are worth one; it is gone when the block ends, whatever became of it."""
    if not is_worth_a_process(paths):
        yield None
        return
    with started(paths) as process:
        try:
            yield process
        finally:
            process.kill()
