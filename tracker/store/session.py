"""Opening the store and its two kinds of work: reading, and one visible transaction of writing.

`with store.read() as session` never blocks a writer; `with store.transaction() as session` takes the write lock at
once (SQLite), commits at its end, and rolls back on any exception, so a killed process leaves nothing half-done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from tracker.errors import ConfigurationError

# Milliseconds a writer waits for another before it gives up.
BUSY_TIMEOUT_MS = 30_000
CACHE_KIB = 65_536


__all__ = ["Session", "Store", "open_store"]


class Store:
    """One database. Build it with `open_store`; it owns an engine and hands out sessions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads; one snapshot for its whole length on SQLite in WAL mode."""
        with self._sessions() as session:
            yield session
            session.rollback()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that writes: everything of it or nothing."""
        with self._sessions() as session:
            session.connection(execution_options={"write": True})
            try:
                yield session
            except BaseException:
                session.rollback()
                raise
            session.commit()

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The store at a database URL; the folder of a SQLite file is made where it is missing.

    Raises:
        ConfigurationError: the URL is none.
    """
    try:
        return _open(url)
    except ArgumentError as error:
        # The text of the URL stays out of the message: it may hold a password.
        raise ConfigurationError([f"địa chỉ cơ sở dữ liệu không dùng được: {error}"]) from error


def _open(url: str) -> Store:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return Store(create_engine(url))
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Store(engine)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own implicit BEGIN would come too late and take no lock: transactions are begun below.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"cache_size=-{CACHE_KIB}",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
