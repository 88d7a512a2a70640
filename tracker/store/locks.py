"""Who has to wait for whom while writing: one lock a purpose, held to the end of the transaction.

Ids are assigned by the program (the highest plus one), so two writers of one table must not do so at once. SQLite lets
in one writer at a time and needs none of this; on PostgreSQL these are advisory locks, so that a long ingest keeps no
log-in, audit entry or letter waiting. They are known to one database only and go with its transaction, whatever its end.
"""

from enum import IntEnum

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

# "DUNG" in ASCII, so that locks of other programs in the same database are none of ours.
NAMESPACE = 0x44554E47


class Lock(IntEnum):
    """A purpose. Who takes several takes them in this order, which is why nobody ever waits in a circle."""

    SCHEMA = 1  # the tables themselves
    SEED = 2  # the shipped catalogues
    INGEST = 3  # batches, dossiers and what belongs to them, what a source names for the first time
    REGISTER = 4  # letters and their obligations
    ACCOUNTS = 5  # accounts, and what two persons change
    WORK = 6  # long work, runs of jobs
    OUTBOX = 7
    AUDIT = 8  # last: whoever writes to the log has nothing more to wait for


def hold(work: Session | Connection, lock: Lock) -> None:
    """Wait for the lock and keep it until the transaction ends."""
    connection = work.connection() if isinstance(work, Session) else work
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(NAMESPACE, int(lock))))
