"""The key of second factors: seals their secrets at rest and hashes recovery codes; none of it opens without this key.

It is not the key of the cookies, which may be changed at any time: with another factor key nobody's second factor opens,
and each has to be taken away and set up anew (docs/operations.md).
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from app.security import write_secret
from tracker.errors import ConfigurationError, WorkFailed
from tracker.secret_files import with_files

KEY_VARIABLE = "DUNGHEN_FACTOR_KEY"
KEY_FILE = "factor-key.txt"
SHORTEST = 32
NONCE_BYTES = 12  # of AES-GCM (NIST SP 800-38D)
SEALED, CODES = b"dunghen second factor 1", b"dunghen recovery codes 1"


class FactorKeyLost(WorkFailed):
    """A second factor was sealed by another key than this installation has now."""

    code = "FACTOR_KEY_LOST"

    def __init__(self) -> None:
        super().__init__(
            "Không mở được xác thực hai bước của tài khoản này: khóa trên máy chủ không còn là khóa lúc cài đặt. "
            "Hãy báo quản trị khôi phục tệp khóa, hoặc gỡ xác thực hai bước để cài lại."
        )


@dataclass(frozen=True, slots=True)
class FactorKey:
    """The key itself; what is sealed for one account opens for no other."""

    secret: bytes = field(repr=False)

    def seal(self, text: str, account_id: int) -> str:
        """The text as it is kept: encrypted and bound to the account."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._derived(SEALED)).encrypt(nonce, text.encode(), _bound(account_id))
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, account_id: int) -> str:
        """The text that was sealed for this account.

        Raises:
            FactorKeyLost: it was sealed by another key or for another account, or altered.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            raw = base64.urlsafe_b64decode(sealed)
            opened = AESGCM(self._derived(SEALED)).decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(account_id)
            )
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise FactorKeyLost from error
        return opened.decode()

    def code_hash(self, code: str, account_id: int) -> str:
        """What is kept of a recovery code: without the key it can be neither guessed nor compared."""
        told = _bound(account_id) + b"\0" + code.encode()
        return hmac.new(self._derived(CODES), told, hashlib.sha256).hexdigest()

    def _derived(self, purpose: bytes) -> bytes:
        """A key for one purpose (RFC 5869)."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(self.secret)


def factor_key(data_dir: Path, *, may_make: bool = False) -> FactorKey:
    """The key of this installation: from the environment, else from its file, which is made with the first factor.

    Raises:
        ConfigurationError: the one of the environment is too short to be a key.
        FactorKeyLost: there is no file, and something is to be opened that only its key opens.
    """
    given = with_files(os.environ).get(KEY_VARIABLE, "")
    if given and len(given) < SHORTEST:
        raise ConfigurationError([f"{KEY_VARIABLE}: cần ít nhất {SHORTEST} ký tự ngẫu nhiên"])
    if given:
        return FactorKey(given.encode())
    path = data_dir / KEY_FILE
    if not path.exists() and not may_make:
        raise FactorKeyLost
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(48))
    return FactorKey(path.read_text("utf-8").strip().encode())


def _bound(account_id: int) -> bytes:
    return f"account {account_id}".encode()
