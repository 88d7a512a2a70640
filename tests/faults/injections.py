"""How each fault is done: at a chosen statement, commit or file operation of whatever the program is doing.

A connection is ended by the server, the server is restarted, another holds the lock, a process is killed. What a full disk
needs stands in `tests/faults/small_disk.py`.
"""

import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import psycopg
from sqlalchemy import event, make_url
from sqlalchemy.engine import Engine

from tests.databases import SQLITE, libpq
from tests.flows.office import Answer, Office
from tests.postgres import Server
from tracker.store.locks import SPACE, Lock

IMPATIENT_MS = 120
A_WHILE_SECONDS = 0.25
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
FILE_EVENTS = frozenset({"os.rename", "os.remove", "os.mkdir", "os.truncate"})


class Moments:
    """Counts what the program does to its database, and lets something happen at the `at`-th; 0: it only counts."""

    def __init__(self, at: int = 0, happen: Callable[[], object] = lambda: None) -> None:
        self.seen, self._at, self._happen = 0, at, happen

    def note(self, *_of: Any) -> None:
        """One more; what happens may itself lead through here."""
        self.seen += 1
        if self.seen == self._at:
            self._happen()

    def note_file(self, name: str, arguments: tuple[Any, ...]) -> None:
        """One more, if a file is changed: for `sys.addaudithook`, which cannot be taken back."""
        if name in FILE_EVENTS or (
            name == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        ):
            self.note()


@contextmanager
def moments(at: int = 0, happen: Callable[[], object] = lambda: None) -> Iterator[Moments]:
    """Statements, commits and beginnings of transactions of all engines of this process."""
    counted = Moments(at, happen)
    names = ("before_cursor_execute", "commit", "rollback")
    hooks = [(name, lambda *of: counted.note(*of)) for name in names]
    for name, hook in hooks:
        event.listen(Engine, name, hook)
    try:
        yield counted
    finally:
        for name, hook in hooks:
            event.remove(Engine, name, hook)


# ---------------------------------------------------------------- PostgreSQL


def cut_off(office: Office) -> None:
    """The server ends every connection to the office's database, as an administrator or a failing network does."""
    sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = ? AND pid <> pg_backend_pid()"
    office.databases.query(office.url, sql, [make_url(office.url).database])


@contextmanager
def cut_off_at(office: Office, at: int) -> Iterator[None]:
    """The connection is lost at this moment."""
    with moments(at, lambda: cut_off(office)):
        yield


@contextmanager
def restarted_at(server: Server, at: int, *, how: signal.Signals) -> Iterator[None]:
    """The server ends at this moment, and is there again a moment later: SIGQUIT as in a crash, SIGINT at once."""
    try:
        with moments(at, lambda: server.restart(how)):
            yield
    finally:
        server.wait()


@contextmanager
def away(server: Server) -> Iterator[None]:
    """There is no server meanwhile."""
    try:
        with server.ended():
            yield
    finally:
        server.wait()


# ---------------------------------------------------------------- locks


@contextmanager
def locked(office: Office, *, for_good: bool) -> Iterator[None]:
    """Another process holds what writers need: all the time, while the program waits a tenth of a second instead of half a
    minute; or for a quarter of a second, while it is as patient as ever.
    """
    with _held(office) as let_go:
        if for_good:
            with impatient():
                yield
            return
        timer = threading.Timer(A_WHILE_SECONDS, let_go)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


@contextmanager
def impatient() -> Iterator[None]:
    """Wait a tenth of a second for others."""

    def ask(connection: Any, *_of: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute(f"PRAGMA busy_timeout = {IMPATIENT_MS}")
        else:
            connection.execute(f"SET lock_timeout = {IMPATIENT_MS}")
            connection.commit()

    from sqlalchemy.pool import Pool

    event.listen(Pool, "checkout", ask)  # after the program asked for its own patience
    try:
        yield
    finally:
        event.remove(Pool, "checkout", ask)


@contextmanager
def _held(office: Office) -> Iterator[Callable[[], None]]:
    if office.databases.name == SQLITE:
        with closing(
            sqlite3.connect(office.database, isolation_level=None, check_same_thread=False)
        ) as other:
            other.execute("BEGIN IMMEDIATE")
            yield other.rollback
        return
    with psycopg.connect(libpq(office.url)) as other:
        for lock in Lock:
            other.execute(f"SELECT pg_advisory_xact_lock({SPACE}, {int(lock)})".encode())
        yield other.rollback


# ---------------------------------------------------------------- killed


def killed_at(office: Office, act: Callable[[Office], Answer], at: int) -> Answer:
    """Do an act in a process of its own that is killed (SIGKILL) at this moment of database or files."""
    child = os.fork()
    if child == 0:
        _do_and_die(office, act, at)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return Answer(-os.WTERMSIG(status), "", "")
    return Answer(os.WEXITSTATUS(status), "", "")


def _do_and_die(office: Office, act: Callable[[Office], Answer], at: int) -> None:
    status = 70
    with suppress(BaseException), moments(at, lambda: os.kill(os.getpid(), signal.SIGKILL)) as counted:
        sys.addaudithook(counted.note_file)
        status = act(office).status
    os._exit(status)


def count_moments(office: Office, act: Callable[[Office], Answer], *, files: bool) -> int:
    """How many moments an undisturbed act has; with `files` those of files as well, counted in a process of its own."""
    if not files:
        with moments() as counted:
            act(office)
        return counted.seen
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException), moments() as counted:
            sys.addaudithook(counted.note_file)
            act(office)
        os.write(writing, str(counted.seen).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as told:
        return int(told.read())
