"""Keys of systems that push: made, given another secret, revoked. The pages and the command line do it by these alone.

Each act stands in the log with who did it. A secret is handed back once, to whoever asked for it, and is kept as its hash.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.receiver_keys import LOGIN, hash_secret, new_secret
from tracker.config_keys import SOURCE_KEY
from tracker.errors import UsageError
from tracker.store import audit, source_keys
from tracker.store.audit import Act
from tracker.store.session import Session, Store
from tracker.store.source_keys import Key, NewKey

LOGIN_RULE = "tên khóa gồm 2-50 chữ thường không dấu, số, dấu chấm, gạch nối, bắt đầu bằng chữ hoặc số"
SOURCE_RULE = "tên nguồn gồm 1-40 ký tự, không có dấu cách và dấu hai chấm"


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """What is asked for; `units` are codes. To reach all units has to be said: no unit at all is a slip."""

    source: str
    login: str
    units: tuple[str, ...] = ()
    reaches_all: bool = False


@dataclass(frozen=True, slots=True)
class KeyMade:
    """The key, and its secret for the only time."""

    key_id: int
    secret: str = field(repr=False)


def checked_login(login: str) -> str:
    """The name of a key as keys have it.

    Raises:
        UsageError: it cannot be one.
    """
    login = login.strip().lower()
    if not re.fullmatch(LOGIN, login):
        raise UsageError(LOGIN_RULE)
    return login


def checked_source(source: str, known: Collection[str] = ()) -> str:
    """The name of a source: one of those there are, or one that a new source can have.

    Raises:
        UsageError: it is neither.
    """
    source = source.strip()
    if source not in known and not re.fullmatch(SOURCE_KEY, source):
        raise UsageError(SOURCE_RULE)
    return source


def make_key(
    store: Store, wanted: KeyWanted, *, actor: str, now: datetime, patience_ms: int | None = None
) -> KeyMade:
    """A new key with a secret of its own.

    Raises:
        UsageError: it names no unit and not all, or both; there is a key of this name. WorkFailed: a load is at work.
    """
    if bool(wanted.units) is wanted.reaches_all:
        raise UsageError("khóa cần hoặc các đơn vị được ghi, hoặc mọi đơn vị")
    secret = new_secret()
    new = NewKey(wanted.source, wanted.login, hash_secret(secret), wanted.units, actor)

    def log(session: Session, key_id: int) -> None:
        detail = {"login": wanted.login, "source": wanted.source, "units": list(wanted.units) or "all"}
        _log(session, Act(now, actor, "source_key_add", _subject(key_id), detail))

    key_id = source_keys.make_key(store, new, now, log=log, patience_ms=patience_ms)
    return KeyMade(key_id, secret)


def renew_secret(store: Store, key: Key, *, actor: str, now: datetime, reason: str = "") -> str:
    """Another secret in place of the old one, which opens nothing from now on; a revoked key counts again."""
    secret = new_secret()
    hashed = hash_secret(secret)  # takes its time: before anything is locked
    with store.transaction() as session:
        source_keys.set_secret(session, key.key_id, hashed)
        _log(session, Act(now, actor, "source_key_passwd", _subject(key.key_id), _detail(key, reason)))
    return secret


def revoke_key(store: Store, key: Key, *, actor: str, now: datetime, reason: str = "") -> bool:
    """The key opens nothing from now on; what it has told stays. False: it was revoked before, and nothing was done."""
    with store.transaction() as session:
        if not source_keys.disable(session, key.key_id, now):
            return False
        _log(session, Act(now, actor, "source_key_disable", _subject(key.key_id), _detail(key, reason)))
    return True


def _detail(key: Key, reason: str) -> dict[str, Any]:
    return {"login": key.login, **({"reason": reason.strip()} if reason.strip() else {})}


def _subject(key_id: int) -> str:
    return f"source_key:{key_id}"


def _log(session: Session, act: Act) -> None:
    audit.append_acts(session, [act])
