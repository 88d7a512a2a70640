"""What a database needs now and then: figures about its tables, by which it chooses its ways of looking."""

from sqlalchemy import text

from tracker.store.session import Store

# SQLite looks at so many rows of an index and no more: the write lock is held for a moment, not for a minute.
ROWS_LOOKED_AT = 1_000


def optimize(store: Store) -> None:
    """Count the tables anew; changes no data and keeps nobody waiting for long."""
    is_server = store.works_elsewhere
    with store.transaction() as session:
        if not is_server:
            session.execute(text(f"PRAGMA analysis_limit = {ROWS_LOOKED_AT}"))
        session.execute(text("ANALYZE"))
