"""How often something was tried in a window of time, counted for all processes together; against guessing and flooding.

A count must never be what holds up a log-in: it waits a quarter of a second for another writer, no longer. On SQLite,
which lets in one writer at a time, a load may hold the database for that long; then the count says that it could not
be kept (None), and the caller counts in its own memory.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tracker.store.models import RateCount
from tracker.store.session import BUSY_TIMEOUT_MS, Store

WAIT_MS = 250
# Windows that ended so long ago are of no use to anybody; they hold addresses.
KEPT = timedelta(hours=1)
# How far the clocks of two processes may be apart; also two tries at once may be counted in the other order.
CLOCKS_APART = timedelta(seconds=5)


def count_try(store: Store, key: str, *, now: datetime, seconds: int) -> int | None:
    """The number of tries of this key in the window that runs at `now`, this one included; None: it could not be kept.

    The window begins with its first try and lasts `seconds`. One that would last longer was begun by a clock that was
    ahead and has been put back: it is over as well.
    """
    try:
        with store.engine.connect() as connection:
            _be_brief(connection)
            try:
                count = _counted(connection, key, now, now + timedelta(seconds=seconds))
                if count == 1:
                    _sweep(connection, now)
                connection.commit()
            finally:
                _be_patient_again(connection)
    except OperationalError:
        return None
    return count


def count_in(session: Session, key: str, *, now: datetime, seconds: int) -> int:
    """As `count_try`, in a transaction of the caller's: kept if that is."""
    return _counted(session.connection(), key, now, now + timedelta(seconds=seconds))


def _counted(connection: Connection, key: str, now: datetime, until: datetime) -> int:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    is_over = or_(RateCount.until <= now, RateCount.until > until + CLOCKS_APART)
    statement = insert(RateCount).values(key=key, count=1, until=until)
    again = statement.on_conflict_do_update(
        index_elements=[RateCount.key],
        set_={
            "count": case((is_over, 1), else_=RateCount.count + 1),
            "until": case((is_over, statement.excluded.until), else_=RateCount.until),
        },
    )
    return int(connection.execute(again.returning(RateCount.count)).scalar_one())


def _sweep(connection: Connection, now: datetime) -> None:
    old = select(RateCount.key).where(RateCount.until <= now - KEPT).with_for_update(skip_locked=True)
    connection.execute(delete(RateCount).where(RateCount.key.in_(old)))


def _be_brief(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA busy_timeout = {WAIT_MS}"))
    else:
        connection.execute(text(f"SET LOCAL lock_timeout = {WAIT_MS}"))


def _be_patient_again(connection: Connection) -> None:
    """The connection goes back to the pool and serves others."""
    if connection.dialect.name == "sqlite":
        connection.rollback()
        connection.execute(text(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}"))
        connection.rollback()
