"""Who has to wait for whom while writing: one lock a purpose, held to the end of the transaction.

Ids are assigned by the program (the highest plus one), so two writers of one table must not do so at once. On
PostgreSQL these are advisory locks, so that a long ingest keeps no log-in, audit entry or letter waiting. They are
known to one schema of one database only and go with its transaction, whatever its end. SQLite lets in one writer at a time, which is
enough for short work; long work holds its purpose by a file beside the database (`tracker.store.turns`).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import IntEnum
from pathlib import Path

from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

# "DUNG" in ASCII, so that locks of other programs in the same database are none of ours.
NAMESPACE = 0x44554E47
# The first of the two keys of an advisory lock, in SQL: offices that share a database, a schema each, do not wait for each
# other. It holds to the end of a connection, since the search path comes with the address.
SPACE = f"hashtext(current_schema()::text) # {NAMESPACE}"


class Lock(IntEnum):
    """A purpose. Who takes several takes them in the order of these lines, which is why nobody ever waits in a circle."""

    SCHEMA = 1  # the tables themselves
    SEED = 2  # the shipped catalogues
    INGEST = 3  # batches, dossiers and what belongs to them, what a source names for the first time
    REGISTER = 4  # letters and their obligations
    ACCOUNTS = 5  # accounts, and what two persons change
    ALERTS = 6  # what was reached, who was told; a look at all that is open holds it as long as it lasts
    SAID_OF_ALERTS = 51  # what people say of alerts: taken on, assigned, leaves, rules, choices
    WORK = 7  # long work, runs of jobs
    OUTBOX = 8
    NOTES = 11  # what people write beside dossiers
    AUDIT = 9  # last: whoever writes to the log has nothing more to wait for
    RATES = 10  # the summary tables; taken alone
    CAUSES = 31  # the causes of lateness by month; taken alone
    FINDINGS = 41  # who looks for signs of hidden lateness; taken alone
    SEARCH = 21  # the keys to find dossiers by; taken before the others, by nobody who holds one of them


def hold(work: Session | Connection, lock: Lock, *, patience_ms: int | None = None) -> None:
    """Wait for the lock and keep it until the transaction ends; `patience_ms`: no longer than that for this one."""
    connection = work.connection() if isinstance(work, Session) else work
    if connection.dialect.name != "postgresql":
        return
    usual = connection.scalar(text("SHOW lock_timeout")) if patience_ms is not None else None
    if patience_ms is not None:
        connection.execute(text(f"SET LOCAL lock_timeout = {int(patience_ms)}"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({SPACE}, {int(lock)})"))
    if usual is not None:
        connection.execute(select(func.set_config("lock_timeout", usual, True)))


@contextmanager
def held_beside(database: Path, lock: Lock, *, patience_ms: int) -> Iterator[None]:
    """Hold a purpose of a SQLite database while its write lock is free for others; a killed process lets go at once.

    The lock is SQLite's own on an empty file beside the database. The file stays: were it removed, somebody might wait
    for the old one while another holds the new one.

    Raises:
        sqlite3.OperationalError: somebody else held it all the time that we waited.
    """
    name = f"{database}-{lock.name.lower()}.lock"
    with closing(sqlite3.connect(name, timeout=patience_ms / 1000, isolation_level=None)) as connection:
        connection.execute(
            "PRAGMA journal_mode = OFF"
        )  # nothing is written: a killed process leaves no journal
        connection.execute("BEGIN EXCLUSIVE")
        yield
