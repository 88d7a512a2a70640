"""Writing to the operating log: `write` anywhere in `app`, `bind` for what a request or a piece of work is, `begin` once a process.

It goes through Python's own `logging`, under the name `dunghen`, so that an own WSGI server or a test may listen. Before
`begin`, as on the command line and in tests, nothing is written anywhere.
"""

import logging
import os
import platform
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from app.context import AppContext
from app.oplog.entries import LEVEL_NAMES, Entry, Source, as_json, as_words, entry_of
from app.oplog.events import EVENTS, LEVELS
from app.oplog.outlets import MIB, Folder, Outlet, Unwritable, to_standard_error
from tracker.log_config import LogConfig

NAME = "dunghen"
_logger = logging.getLogger(NAME)
_logger.addHandler(logging.NullHandler())
NOTHING: Mapping[str, Any] = MappingProxyType({})
_bound: ContextVar[Mapping[str, Any]] = ContextVar("bound", default=NOTHING)
# How many lines this process wrote, by level: `/metrics` tells it.
counts: dict[str, int] = dict.fromkeys(LEVELS, 0)


def write(event: str, *, level: int | None = None, **fields: Any) -> None:
    """Write an event of the catalogue; `level` where it is another one than usual, `error` may be an exception."""
    at_level = EVENTS[event].level if level is None else level
    if _logger.isEnabledFor(at_level):
        _logger.log(at_level, entry_of(event, _bound.get(), fields))


@contextmanager
def bind(**fields: Any) -> Iterator[None]:
    """What happens inside belongs to this request or piece of work."""
    kept = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(kept)


def bind_from_here(**fields: Any) -> None:
    """The same for all that this thread does next, until it is bound to something else."""
    _bound.set(fields)


class Lines(logging.Handler):
    """Writes every record as a line to the outlet. It fails nobody: what cannot be written is counted and told later."""

    def __init__(self, outlet: Outlet, source: Source, *, is_json: bool) -> None:
        super().__init__()
        self._outlet, self._source = outlet, source
        self._form = as_json if is_json else as_words
        self._lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """As of `logging`."""
        try:
            entry = record.msg if isinstance(record.msg, Entry) else _of_library(record)
            if self._lost:
                self._put(entry_of("lines_lost", {}, {"count": self._lost}), logging.WARNING, record.created)
                self._lost = 0
            self._put(entry, record.levelno, record.created)
        except Exception:  # whatever it is: nobody's work ends for a line
            self._lost += 1

    def _put(self, entry: Entry, level: int, at: float) -> None:
        self._outlet(self._form(entry, level, self._source, at), at)
        counts[LEVEL_NAMES.get(level, "info")] += 1


def _of_library(record: logging.LogRecord) -> Entry:
    """What a library says: who and where alone. Its words may repeat an address, a row or a mail."""
    error = record.exc_info[1] if record.exc_info else None
    place = f"{record.module}:{record.lineno}"
    return entry_of("library_said", _bound.get(), {"logger": record.name, "place": place, "error": error})


def begin(context: AppContext, process: str, **about: Any) -> None:
    """Let this process write its operating log as `[log]` says; `process`: web, worker, scheduler, dispatcher.

    `about`: more fields of `process_started`.

    Raises:
        ConfigurationError: the configuration cannot be used.
    """
    config = context.config.log
    handler = Lines(_outlet(config, process), Source(process, os.getpid()), is_json=not speaks_words(config))
    root = logging.getLogger()
    for before in [each for each in root.handlers if isinstance(each, Lines)]:
        root.removeHandler(before)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    _logger.setLevel(LEVELS[config.level])
    logging.captureWarnings(True)
    sys.excepthook = _process_failed
    threading.excepthook = _thread_failed
    database = context.config.database_url.partition(":")[0].partition("+")[0]
    write(
        "process_started", version=version(NAME), python=platform.python_version(), database=database, **about
    )


def speaks_words(config: LogConfig) -> bool:
    """Is it read by a person? `auto`: in a terminal, yes; by the machine that keeps it, no."""
    if config.form != "auto":
        return config.form == "words"
    return config.folder is None and sys.stderr is not None and sys.stderr.isatty()


def _outlet(config: LogConfig, process: str) -> Outlet:
    if config.folder is None:
        return to_standard_error
    folder = Folder(config.folder, process, config.file_mib * MIB, config.files_kept)

    def put(line: str, at: float) -> None:
        try:
            folder.write(line, at)
        except Unwritable:  # a full disk is told where somebody may still see it
            to_standard_error(line, at)

    return put


def _process_failed(_kind: type[BaseException], error: BaseException, _trace: Any) -> None:
    if not isinstance(error, KeyboardInterrupt):
        write("process_failed", error=error)


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None:
        write("thread_failed", error=failed.exc_value)
