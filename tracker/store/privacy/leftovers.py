"""Pages of the database that still hold what was there before it was emptied: given back, written anew."""

import sqlite3
from contextlib import closing

from sqlalchemy import text

from tracker.store.backup.copies import SQLITE, kind_of, sqlite_file
from tracker.store.session import BUSY_TIMEOUT_MS, Store


def written_anew(store: Store, url: str) -> bool:
    """Write the database anew without what its free pages hold; False where somebody was using it all the time.

    SQLite: VACUUM, and its log emptied. PostgreSQL: VACUUM, which frees the rows that were replaced; their bytes go as
    the pages are used again (docs/operations.md).
    """
    if kind_of(url) != SQLITE:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM"))
        return True
    store.engine.dispose()
    try:
        with closing(
            sqlite3.connect(sqlite_file(url), isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
        ) as own:
            own.execute("VACUUM")
            busy, *_rest = own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    return not busy
