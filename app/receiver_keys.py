"""Who a system that pushes is: by the secret of its key, or by the session that this opened. No cookies.

Checking a secret takes as long as argon2 does, so a process remembers which ones fitted (keyed hashes in memory only): a
sender that brings its secret with every call costs that once. A key that was disabled or given another secret is noticed
at the next call all the same.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from threading import BoundedSemaphore, Lock

from app.accounts import hash_password, password_fits
from app.receiver_answers import Code, Refused
from tracker.store import source_keys
from tracker.store.session import Store
from tracker.store.source_keys import Key
from tracker.text import storable

LOGIN = r"[a-z0-9][a-z0-9._-]{1,49}"
SECRET_BYTES = 24
MOST_REMEMBERED = 1_000
# Pushes at work in one process: the other threads of the web are left to people.
AT_ONCE = 4


@dataclass
class Door:
    """What one process keeps between calls: which secrets fitted, and how many pushes are at work."""

    _salt: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _fitted: dict[bytes, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    slots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))

    def fitted(self, login: str, secret: str) -> str | None:
        """The hash that this secret was found to fit."""
        return self._fitted.get(self._mark(login, secret))

    def remember(self, login: str, secret: str, secret_hash: str) -> None:
        """This secret fits that hash."""
        with self._lock:
            if len(self._fitted) >= MOST_REMEMBERED:
                self._fitted.clear()
            self._fitted[self._mark(login, secret)] = secret_hash

    def _mark(self, login: str, secret: str) -> bytes:
        text = f"{login}\0{secret}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._salt, text, "sha256")


def new_secret() -> str:
    """A secret for a machine: 192 bits, letters that go through every header."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """As the store keeps it (argon2id)."""
    return hash_password(secret)


@cache
def _nobody() -> str:
    """The hash of a secret that nobody has: to look for it takes as long as for one that somebody has."""
    return hash_password(secrets.token_urlsafe())


def key_of_secret(store: Store, door: Door, login: str, secret: str) -> Key | None:
    """The key of this name if the secret fits; None says nothing about which part was wrong."""
    secret = storable(secret)
    with store.read() as session:
        key = source_keys.find_key(session, login)
    expected = _nobody() if key is None else key.secret
    if door.fitted(login, secret) != expected:
        if not password_fits(expected, secret):
            return None
        door.remember(login, secret, expected)
    return None if key is None or key.disabled_at is not None else key


def key_of_session(store: Store, token: str, now: datetime) -> Key | None:
    """The key that opened this session, if it still counts."""
    with store.read() as session:
        found = source_keys.find_session(session, _hash(token), now)
    # One may have been opened at the very moment when the key was closed.
    return None if found is None or found.disabled_at is not None else found


def open_session(store: Store, key: Key, *, now: datetime, minutes: int) -> str:
    """The token of a new session; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    with store.transaction() as session:
        source_keys.open_session(
            session, key.key_id, _hash(token), now=now, expires_at=now + timedelta(minutes=minutes)
        )
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def not_known(message: str) -> Refused:
    """Nobody of ours."""
    return Refused(HTTPStatus.UNAUTHORIZED, Code.NOT_KNOWN, message)
