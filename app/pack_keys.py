"""The key that signs evidence packs: its private half in a file of the data folder, its public half in the register of keys.

The file is written before the row, under the lock of whoever registers; a kill between them leaves a key without a row,
which the next use writes down. The private half is in no backup, no log and no answer.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.context import AppContext
from tracker.errors import UsageError, WorkFailed
from tracker.machine import refused, why
from tracker.measures.pack_format import fingerprint_of, grouped
from tracker.store import audit, pack_store
from tracker.store.audit import Act
from tracker.store.locks import Lock, hold
from tracker.store.pack_store import KeyRow
from tracker.store.session import Session

PRIVATE = 0o600
RETIRED = ".retired-"
SHORT = 8


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private half, in memory only."""

    seed: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.fingerprint[:SHORT]}…)"

    @property
    def fingerprint(self) -> str:
        """By which people know it."""
        return fingerprint_of(self.public)

    def sign(self, body: bytes) -> bytes:
        """The Ed25519 signature, 64 bytes."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(body)


def signing_key(context: AppContext, by: str) -> SigningKey:
    """The key in use; made, written down and said where the office never had one.

    Raises:
        UsageError: its file has gone, or it was retired: a person decides.
        WorkFailed: the file cannot be read, or not with this passphrase.
    """
    with _registering(context) as session:
        path = context.config.pack_key.file
        if path.exists():
            key = _read(path, context.config.pack_key.passphrase)
            if _known(session, key, by, context.now()).retired_at is not None:
                raise UsageError("khóa ký gói đã thôi dùng; hãy tạo khóa mới: dunghen audit key new")
            return key
        if any(row.retired_at is None for row in pack_store.keys(session)):
            raise UsageError(
                f"không có tệp khóa {path.name} của khóa đang dùng; hãy khôi phục tệp ấy, hoặc thôi dùng khóa cũ "
                "(dunghen audit key retire) rồi tạo khóa mới (dunghen audit key new)"
            )
        return _make(session, context, by)


def new_key(context: AppContext, by: str) -> SigningKey:
    """A new key, where none is in use.

    Raises:
        UsageError: one is in use and has to be retired first.
    """
    with _registering(context) as session:
        if any(row.retired_at is None for row in pack_store.keys(session)):
            raise UsageError("đang có một khóa được dùng; hãy thôi dùng nó trước: dunghen audit key retire")
        _put_aside(context)
        return _make(session, context, by)


def retire(context: AppContext, fingerprint: str, by: str) -> KeyRow:
    """Take a key (whole fingerprint, or its beginning) out of use; what it signed stays valid.

    Raises:
        UsageError: no key, or several, begin so, or it was retired before.
    """
    now = context.now()
    with _registering(context) as session:
        wanted = "".join(fingerprint.lower().split())
        found = [row for row in pack_store.keys(session) if row.fingerprint.startswith(wanted)]
        if len(found) != 1 or len(wanted) < SHORT:
            raise UsageError("không có khóa nào, hoặc có nhiều khóa, bắt đầu bằng dấu vân tay này")
        if not pack_store.retire_key(session, found[0].fingerprint, by=by, now=now):
            raise UsageError("khóa này đã thôi dùng từ trước")
        _note(session, "pack_key_retire", found[0].fingerprint, by, now)
    if context.config.pack_key.file.exists():
        _put_aside(context)
    return found[0]


def import_key(context: AppContext, path: Path, by: str) -> str:
    """Take a key in: a private one becomes the key in use, a public one is known and checked by; its fingerprint.

    Raises:
        UsageError: the file holds no Ed25519 key, or a private one while another is in use, or it was retired.
    """
    body = _body(path)
    if b"PRIVATE KEY" not in body:
        return _import_public(context, body, by)
    key = _private(body, context.config.pack_key.passphrase, path.name)
    with _registering(context) as session:
        in_use = [row.fingerprint for row in pack_store.keys(session) if row.retired_at is None]
        if in_use not in ([], [key.fingerprint]):
            raise UsageError(
                "đang có một khóa khác được dùng; hãy thôi dùng nó trước: dunghen audit key retire"
            )
        if _known(session, key, by, context.now()).retired_at is not None:
            raise UsageError("khóa này đã thôi dùng; không dùng lại")
        _write(context.config.pack_key.file, key, context.config.pack_key.passphrase)
    return key.fingerprint


def _import_public(context: AppContext, body: bytes, by: str) -> str:
    """A key of another office, or an old one: known as retired, since it signs nothing here."""
    public, now = public_key_of(body), context.now()
    with _registering(context) as session:
        if pack_store.find_key(session, fingerprint_of(public)) is None:
            pack_store.add_key(session, fingerprint_of(public), public.hex(), by=by, now=now)
            pack_store.retire_key(session, fingerprint_of(public), by=by, now=now)
            _note(session, "pack_key_import", fingerprint_of(public), by, now)
    return fingerprint_of(public)


def public_key_of(body: bytes) -> bytes:
    """The 32 bytes of a public key in a PEM file.

    Raises:
        UsageError: it is none.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        found = load_pem_public_key(body)
    except (ValueError, UnsupportedAlgorithm) as fault:
        raise UsageError("tệp không chứa khóa công khai dạng PEM") from fault
    if not isinstance(found, Ed25519PublicKey):
        raise UsageError("tệp chứa một khóa không phải Ed25519")
    return found.public_bytes_raw()


def public_pem(public: bytes) -> bytes:
    """A public key as a file that others can keep."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return Ed25519PublicKey.from_public_bytes(public).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )


# ---------------------------------------------------------------- file and row


@contextmanager
def _registering(context: AppContext) -> Iterator[Session]:
    """A transaction that holds the lock of whoever registers keys and packs."""
    with context.store.transaction() as session:
        hold(session, Lock.WORK)
        yield session


def _known(session: Session, key: SigningKey, by: str, now: datetime) -> KeyRow:
    """The row of a key; written where a kill left the file alone."""
    row = pack_store.find_key(session, key.fingerprint)
    if row is None:
        pack_store.add_key(session, key.fingerprint, key.public.hex(), by=by, now=now)
        _note(session, "pack_key_new", key.fingerprint, by, now)
        row = pack_store.find_key(session, key.fingerprint)
    assert row is not None
    return row


def _make(session: Session, context: AppContext, by: str) -> SigningKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    made = Ed25519PrivateKey.generate()
    key = SigningKey(made.private_bytes_raw(), made.public_key().public_bytes_raw())
    _write(context.config.pack_key.file, key, context.config.pack_key.passphrase)
    _known(session, key, by, context.now())
    context.progress(f"Đã tạo khóa ký gói chứng cứ. Dấu vân tay: {grouped(key.fingerprint)}")
    return key


def _note(session: Session, action: str, fingerprint: str, by: str, now: datetime) -> None:
    audit.append_acts(
        session, [Act(now, by, action, f"pack_key:{fingerprint[:16]}", {"sha256": fingerprint})]
    )


def _put_aside(context: AppContext) -> None:
    """A private half that signs nothing more is not thrown away by us: the office decides."""
    path = context.config.pack_key.file
    if path.exists():
        path.replace(path.with_name(f"{path.name}{RETIRED}{secrets.token_hex(4)}"))


def _write(path: Path, key: SigningKey, passphrase: str) -> None:
    """Whole or not at all, and readable by nobody else from its first byte on."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    locked = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    body = Ed25519PrivateKey.from_private_bytes(key.seed).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, locked
    )
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as out:
            out.write(body)
            os.fsync(out.fileno())
        beside.replace(path)
    except OSError as error:
        raise refused(f"Không ghi được tệp khóa {path.name}", error) from error


def _read(path: Path, passphrase: str) -> SigningKey:
    try:
        return _private(_body(path), passphrase, path.name)
    except UsageError as fault:
        raise WorkFailed(f"Không đọc được khóa ký gói: {fault}") from fault


def _body(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(64 * 1024)
    except OSError as error:
        raise UsageError(f"không đọc được tệp {path.name}: {why(error)}") from error


def _private(body: bytes, passphrase: str, name: str) -> SigningKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    is_locked = b"ENCRYPTED" in body
    try:
        found = load_pem_private_key(body, passphrase.encode() if is_locked and passphrase else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        why = "mật khẩu (DUNGHEN_PACK_KEY_PASSPHRASE) không đúng" if is_locked else "không phải khóa dạng PEM"
        raise UsageError(f"tệp {name}: {why}") from fault
    if not isinstance(found, Ed25519PrivateKey):
        raise UsageError(f"tệp {name} chứa một khóa không phải Ed25519")
    return SigningKey(found.private_bytes_raw(), found.public_key().public_bytes_raw())
