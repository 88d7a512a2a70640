"""Credentials of systems that push their dossiers: keys bound to units, and the sessions that they open.

Knows no secret, only hashes; what a call may do stands in `app/receiver.py`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from tracker.errors import UsageError
from tracker.store import catalogue
from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import Source, SourceKey, SourceSession
from tracker.store.session import Store
from tracker.store.turns import turn


@dataclass(frozen=True, slots=True)
class Key:
    """A system's credential; `units`: codes of the units that it may write with all below them, none = all units."""

    key_id: int
    source_id: int
    source: str
    login: str
    secret: str = field(repr=False)  # argon2
    units: tuple[str, ...]
    made_by: str
    made_at: datetime
    disabled_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """What is needed to make a key."""

    source: str
    login: str
    secret: str = field(repr=False)  # argon2
    units: tuple[str, ...]
    made_by: str


def make_key(store: Store, new: NewKey, now: datetime, *, log: Any, patience_ms: int | None = None) -> int:
    """Keep a new key, and its source where it is new; `log(session, key_id)` writes the entry of the log beside it.

    `patience_ms`: how long to wait for a load that is at work.

    Raises:
        UsageError: there is a key of this name already. WorkFailed: a load took longer.
    """
    # A source may be named here for the first time: only one at a time may give ids to what sources name.
    with turn(store, Lock.INGEST, patience_ms=patience_ms) as its:
        its.begin_writing()
        session = its.session
        source_id = catalogue.source_id(session, new.source)
        hold(session, Lock.ACCOUNTS)
        if find_key(session, new.login) is not None:
            raise UsageError(f"đã có khóa {new.login}")
        number = next_id(session, SourceKey.id)
        row = {
            "id": number, "source_id": source_id, "login": new.login, "secret": new.secret,
            "units": json.dumps(list(new.units)), "made_by": new.made_by, "made_at": now,
        }  # fmt: skip
        session.execute(insert(SourceKey), [row])
        log(session, number)
    return number


def _keys() -> Any:
    return select(SourceKey, Source.key).join(Source, Source.id == SourceKey.source_id)


def _key(row: Any) -> Key:
    kept, source = row
    return Key(
        kept.id, kept.source_id, source, kept.login, kept.secret, tuple(json.loads(kept.units)), kept.made_by,
        kept.made_at, kept.disabled_at, kept.used_at,
    )  # fmt: skip


def find_key(session: Session, login: str) -> Key | None:
    """The key of this name, disabled or not."""
    row = session.execute(_keys().where(SourceKey.login == login)).one_or_none()
    return None if row is None else _key(row)


def key_by_id(session: Session, key_id: int) -> Key | None:
    """The key of this number, disabled or not."""
    row = session.execute(_keys().where(SourceKey.id == key_id)).one_or_none()
    return None if row is None else _key(row)


def list_keys(session: Session) -> list[Key]:
    """All keys in order of their names."""
    return [_key(row) for row in session.execute(_keys().order_by(SourceKey.login))]


def set_secret(session: Session, key_id: int, secret: str) -> None:
    """Another secret; every session that the old one opened ends, and a disabled key counts again."""
    session.execute(update(SourceKey).where(SourceKey.id == key_id).values(secret=secret, disabled_at=None))
    session.execute(delete(SourceSession).where(SourceSession.key_id == key_id))


def disable(session: Session, key_id: int, now: datetime) -> bool:
    """The key opens nothing any more, and its sessions end. False: it was disabled before; that moment stays."""
    still_open = (SourceKey.id == key_id) & SourceKey.disabled_at.is_(None)
    done: Any = session.execute(update(SourceKey).where(still_open).values(disabled_at=now))
    session.execute(delete(SourceSession).where(SourceSession.key_id == key_id))
    return bool(done.rowcount)


def note_use(session: Session, key_id: int, now: datetime) -> None:
    """When the key was last used."""
    session.execute(update(SourceKey).where(SourceKey.id == key_id).values(used_at=now))


# ---------------------------------------------------------------- sessions


def open_session(
    session: Session, key_id: int, token_hash: str, *, now: datetime, expires_at: datetime
) -> None:
    """Keep the hash of a session's token; those that are over go."""
    session.execute(delete(SourceSession).where(SourceSession.expires_at <= now))
    row = {"token_hash": token_hash, "key_id": key_id, "expires_at": expires_at}
    session.execute(insert(SourceSession), [row])
    note_use(session, key_id, now)


def find_session(session: Session, token_hash: str, now: datetime) -> Key | None:
    """The key behind a session that still counts."""
    query = _keys().join(SourceSession, SourceSession.key_id == SourceKey.id)
    row = session.execute(
        query.where(SourceSession.token_hash == token_hash, SourceSession.expires_at > now)
    ).one_or_none()
    return None if row is None else _key(row)


# ---------------------------------------------------------------- units


def reach(session: Session, units: Sequence[str]) -> frozenset[int] | None:
    """The units that a key of these codes may write: they, all below them, and those that became part of them.

    None = all units. A code that the catalogue no longer knows reaches nothing.
    """
    if not units:
        return None
    found: frozenset[int] = frozenset()
    for code in units:
        unit_id = catalogue.find_unit(session, code)
        if unit_id is not None:
            found |= catalogue.unit_subtree(session, unit_id)
    return found
