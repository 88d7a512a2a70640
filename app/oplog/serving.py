"""A process that runs until it is told to end: its operating log from the first line to the last."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.context import AppContext
from app.oplog.writing import begin, speaks_words, write


@contextmanager
def serving(context: AppContext, process: str, words: str, **about: Any) -> Iterator[None]:
    """Begin the log of this process, tell a person at a terminal that it runs (`words`), and write how it ends.

    Raises:
        ConfigurationError: the configuration cannot be used.
    """
    begin(context, process, **about)
    if speaks_words(context.config.log) or context.config.log.folder is not None:
        context.progress(words)
    begun = time.monotonic()
    try:
        yield
    except Exception as error:
        write("process_failed", error=error)
        raise
    finally:
        write("process_ended", seconds=round(time.monotonic() - begun))
