"""Who else has the database open just now: asked before its tables are changed, which nobody should stand in the middle of."""

import sqlite3
import time
from contextlib import closing

from sqlalchemy import text

from tracker.store.backup.copies import SQLITE, kind_of, sqlite_file
from tracker.store.session import is_there, open_store

# Somebody who ends just now is waited for so long.
PATIENCE_SECONDS, LOOK_SECONDS = 2.0, 0.1
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND application_name LIKE 'dunghen%'"
)


def is_in_use(url: str) -> bool:
    """Has another process of the program the database open? On PostgreSQL as the server knows it, on SQLite as its file does."""
    if not is_there(url):
        return False
    return _is_file_in_use(url) if kind_of(url) == SQLITE else _has_others(url)


def _is_file_in_use(url: str) -> bool:
    """SQLite lets the last one alone leave the write-ahead mode."""
    with closing(
        sqlite3.connect(sqlite_file(url), timeout=PATIENCE_SECONDS, isolation_level=None)
    ) as connection:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                return True
            raise
    return bool(mode != "delete")


def _has_others(url: str) -> bool:
    with closing(open_store(url)) as store, store.engine.connect() as connection:
        end = time.monotonic() + PATIENCE_SECONDS
        while connection.scalar(text(OTHERS)):
            if time.monotonic() > end:
                return True
            time.sleep(LOOK_SECONDS)
    return False
