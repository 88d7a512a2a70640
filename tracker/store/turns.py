"""One's turn at long work: look for as long as it takes, then write in one short step, all under the lock of a purpose.

On PostgreSQL that is one transaction under an advisory lock, as short work is. SQLite has one write lock for everybody:
there a turn holds its purpose by a file beside the database, looks at a snapshot, and takes the write lock only for
what `begin_writing` begins. A load writes all the time; `staged_turn` keeps its rows apart until then.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from tracker.store.faults import told_plainly
from tracker.store.locks import Lock, held_beside, hold
from tracker.store.session import Session, Store
from tracker.store.staging import Staging


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn works with; nothing is visible to others before the turn ends, and nothing of it if it fails."""

    session: Session
    begin_writing: Callable[[], None]
    """End looking. What was read before may have been changed since, but for what the lock of the turn protects."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a SQLite database lies, and how long its writers wait for each other."""

    file: Path
    patience_ms: int


@contextmanager
def turn(store: Store, lock: Lock, *, patience_ms: int | None = None) -> Iterator[Turn]:
    """Work that looks first and then writes; before `begin_writing` nothing may be written.

    `patience_ms`: how long to wait for another's turn.

    Raises:
        WorkFailed: somebody else's turn took too long, or the database fails; nothing of the work was kept.
        OutdatedProgram: the database is of another revision by now (`Store.stay_at`).
    """
    place = _place(store.engine)
    if place is None:
        with store.transaction() as session:
            hold(session, lock, patience_ms=patience_ms)
            yield Turn(session, lambda: None)
        return
    patience = place.patience_ms if patience_ms is None else patience_ms
    with (
        told_plainly(store.engine),
        held_beside(place.file, lock, patience_ms=patience),
        Session(store.engine, expire_on_commit=False) as session,
    ):
        yield Turn(session, lambda: _take_write_lock(store, session))
        session.commit()


@contextmanager
def staged_turn(store: Store, lock: Lock, *, patience_ms: int | None = None) -> Iterator[Turn]:
    """Work that writes from its beginning, reads what it wrote, and becomes visible as one step by `begin_writing`.

    Without `begin_writing` a SQLite database keeps nothing of it. A process killed meanwhile leaves a file beside the
    database, which the next turn of this kind removes. `patience_ms`: how long to wait for another's turn.

    Raises:
        WorkFailed, OutdatedProgram: as of `turn`.
    """
    place = _place(store.engine)
    if place is None:
        with store.transaction() as session:
            hold(session, lock, patience_ms=patience_ms)
            yield Turn(session, lambda: None)
        return
    patience = place.patience_ms if patience_ms is None else patience_ms
    with told_plainly(store.engine), held_beside(place.file, lock, patience_ms=patience):
        file = Path(f"{place.file}-{lock.name.lower()}.staging")
        file.unlink(missing_ok=True)
        try:
            with _staged(store, file) as staged:
                yield staged
        finally:
            file.unlink(missing_ok=True)


@contextmanager
def _staged(store: Store, file: Path) -> Iterator[Turn]:
    with store.engine.connect() as connection:
        # It ends with the turn: attached files and views must not go back into the pool.
        connection.detach()
        staging = Staging(connection, file)
        with Session(connection, expire_on_commit=False) as session:

            def begin_writing() -> None:
                session.commit()
                staging.uncover()
                connection.execution_options(write=True)
                session.expire_all()
                store.require_revision(session.connection())
                staging.publish()

            yield Turn(session, begin_writing)
            session.commit()


@contextmanager
def purpose_held(store: Store, lock: Lock, *, patience_ms: int | None = None) -> Iterator[None]:
    """Hold a purpose over many steps, each of which is a transaction of its own; nothing is written by this one.

    Raises:
        WorkFailed: as of `turn`.
    """
    place = _place(store.engine)
    if place is not None:
        patience = place.patience_ms if patience_ms is None else patience_ms
        with told_plainly(store.engine), held_beside(place.file, lock, patience_ms=patience):
            yield
    elif store.works_elsewhere:
        with store.transaction() as session:
            hold(session, lock, patience_ms=patience_ms)
            yield
    else:  # in memory, and so nobody else's
        yield


def _take_write_lock(store: Store, session: Session) -> None:
    session.commit()
    session.expire_all()
    store.require_revision(session.connection(execution_options={"write": True}))


def _place(engine: Engine) -> _Place | None:
    """None where no file is needed: PostgreSQL, and a SQLite database in memory, which is nobody else's."""
    if engine.dialect.name != "sqlite":
        return None
    with told_plainly(engine), engine.connect() as connection:
        patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        file = next(row[2] for row in connection.exec_driver_sql("PRAGMA database_list") if row[1] == "main")
    return _Place(Path(file), int(patience)) if file else None
