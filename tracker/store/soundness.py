"""Is the database itself whole? What its own maker's check finds; it mends nothing."""

from sqlalchemy import text

from tracker.store.faults import DAMAGED, one_line
from tracker.store.session import Store

# Reading a file whole: some seconds for so much. Every nightly backup checks its copy whole, however large it is.
MOST_BYTES = 512 << 20
CHECKSUMS = "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"


def damage(store: Store) -> str | None:
    """What is wrong, and what to do, in a sentence; None where nothing is, or a file is too large to be read through now.

    SQLite's quick check reads every page, without comparing indexes. PostgreSQL is asked for pages that failed their
    checksums since its start, where it keeps checksums.

    Raises:
        WorkFailed: it is so damaged that it cannot be read at all.
    """
    with store.read() as session:
        if store.works_elsewhere:
            failed = int(session.scalar(text(CHECKSUMS)) or 0)
            return DAMAGED.format(told=f"{failed} trang sai tổng kiểm") if failed else None
        pages = int(session.scalar(text("PRAGMA page_count")) or 0)
        size = int(session.scalar(text("PRAGMA page_size")) or 0)
        if pages * size > MOST_BYTES:
            return None
        found = str(session.scalar(text("PRAGMA quick_check(1)")))
    return None if found == "ok" else DAMAGED.format(told=one_line(found))
