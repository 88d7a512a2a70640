"""What a database needs now and then: figures about its tables, by which it chooses its ways of looking."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracker.store.session import Store

# SQLite looks at so many rows of an index and no more: the write lock is held for a moment, not for a minute.
ROWS_LOOKED_AT = 1_000
# Rows of one step from which on ways of looking that were chosen before it may be bad ones.
MANY = 500


def optimize(store: Store) -> None:
    """Count the tables anew; changes no data and keeps nobody waiting for long."""
    is_server = store.works_elsewhere
    with store.transaction() as session:
        if not is_server:
            session.execute(text(f"PRAGMA analysis_limit = {ROWS_LOOKED_AT}"))
        session.execute(text("ANALYZE"))


def look_after(session: Session, rows: int, *tables: str) -> None:
    """Let PostgreSQL look at tables to which a step added so many rows, within that step.

    A question that was made ready while a table was empty goes through the whole of it for each row of another one, until
    autovacuum has come by: a page of letters took 50 s right after the first 50,000 drafts. A table that somebody else looks at
    just then is left to that one, since the step holds locks of its own for which others wait.
    """
    if rows >= MANY and session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE (SKIP_LOCKED) " + ", ".join(tables)))
