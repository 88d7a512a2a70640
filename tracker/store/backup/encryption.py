"""An encrypted backup: the sealed zip in chunks that AES-256-GCM authenticates, each with its place and whether it is the last.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015), laid out as in Tink's AES-GCM-HKDF streaming: a key of
its own for each file (HKDF-SHA256 of the office's key and a random salt), and in the nonce of each chunk its number and
the mark of the last one. So a byte that was changed, chunks that were swapped, dropped, doubled or added, and a file that
was cut are all seen. The primitives are those of `cryptography`; the format stands in docs/operations.md.
"""

import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from tracker.errors import UnusableFile
from tracker.store.backup.keys import MARK_BYTES, BackupKey, grouped

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"DUNGHEN\x00ENCRYPTED"
VERSION = 1
SALT_BYTES, PREFIX_BYTES, TAG_BYTES = 32, 7, 16
# magic, version, mark of the key, salt, beginning of all nonces
HEADER = struct.Struct(f">{len(MAGIC)}sB{MARK_BYTES}s{SALT_BYTES}s{PREFIX_BYTES}s")
NONCE = struct.Struct(f">{PREFIX_BYTES}sIB")
CHUNK = 1 << 20
MOST_CHUNKS = 1 << 32
INFO = b"dunghen backup file 1"
Pulse = Callable[[int], None]


class Sink(Protocol):
    """Where bytes are written to."""

    def write(self, body: bytes, /) -> object:
        """Take some more."""


def _nobody(_bytes: int) -> None:
    """Nobody looks on."""


@dataclass(frozen=True, slots=True)
class Header:
    """How an encrypted file begins; authenticated with each of its chunks."""

    version: int
    mark: bytes
    salt: bytes
    prefix: bytes

    @property
    def body(self) -> bytes:
        """Its bytes."""
        return HEADER.pack(MAGIC, self.version, self.mark, self.salt, self.prefix)

    def nonce(self, number: int, *, is_last: bool) -> bytes:
        """That of one chunk: 12 bytes, never the same for two chunks of a file."""
        return NONCE.pack(self.prefix, number, is_last)


def is_encrypted(path: Path) -> bool:
    """Does the file say that it is an encrypted backup? Says nothing of its being whole."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def encrypt(source: BinaryIO, target: Sink, key: BackupKey, pulse: Pulse = _nobody) -> None:
    """Write a stream encrypted; memory does not grow with it. `pulse` hears of the bytes."""
    header = Header(VERSION, key.mark, os.urandom(SALT_BYTES), os.urandom(PREFIX_BYTES))
    cipher = _cipher(key, header)
    target.write(header.body)
    number, chunk = 0, source.read(CHUNK)
    while True:
        following = source.read(CHUNK)
        if number >= MOST_CHUNKS:
            raise OverflowError("too long for one file")
        target.write(cipher.encrypt(header.nonce(number, is_last=not following), chunk, header.body))
        pulse(len(chunk))
        if not following:
            return
        number, chunk = number + 1, following


def decrypt(path: Path, target: Sink, key: BackupKey, pulse: Pulse = _nobody) -> str:
    """Write what an encrypted backup holds, each chunk only once it is proved; the SHA-256 of the encrypted file.

    Who calls has to throw the target away if this fails: until the last chunk nobody knows whether the file is whole.

    Raises:
        UnusableFile: another key, another version, or not every byte is as it was written.
    """
    with path.open("rb") as source:
        digest = hashlib.sha256()
        begun = source.read(HEADER.size)
        digest.update(begun)
        header = _header(path.name, begun, key)
        for chunk, sealed in _opened(source, header, key, path.name):
            digest.update(sealed)
            target.write(chunk)
            pulse(len(sealed))
        return digest.hexdigest()


def require_whole(path: Path, key: BackupKey, pulse: Pulse = _nobody) -> str:
    """Prove every byte of an encrypted backup without keeping any; its SHA-256.

    Raises:
        UnusableFile: as `decrypt`.
    """
    with open(os.devnull, "wb") as nowhere:
        return decrypt(path, nowhere, key, pulse)


def made_with(path: Path) -> bytes:
    """The mark of the key that an encrypted file names.

    Raises:
        UnusableFile: the file is too short to name one.
    """
    with path.open("rb") as source:
        return _parts(path.name, source.read(HEADER.size)).mark


def _parts(name: str, begun: bytes) -> Header:
    if len(begun) < HEADER.size:
        raise UnusableFile(name, "bản sao lưu mã hóa bị cắt ngay ở đầu tệp")
    _magic, version, mark, salt, prefix = HEADER.unpack(begun)
    if version != VERSION:
        raise UnusableFile(name, f"dạng mã hóa {version}: hãy cập nhật chương trình")
    return Header(version, mark, salt, prefix)


def _header(name: str, begun: bytes, key: BackupKey) -> Header:
    header = _parts(name, begun)
    if header.mark != key.mark:
        raise UnusableFile(
            name,
            f"khóa không đúng: tệp được mã hóa bằng khóa có dấu {grouped(header.mark)}, khóa đã đưa có dấu "
            f"{grouped(key.mark)}",
        )
    return header


def _opened(source: BinaryIO, header: Header, key: BackupKey, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk as it was and as it is kept."""
    from cryptography.exceptions import InvalidTag

    cipher, number = _cipher(key, header), 0
    sealed = source.read(CHUNK + TAG_BYTES)
    while True:
        following = source.read(CHUNK + TAG_BYTES)
        try:
            # A file that was cut ends with a chunk that does not say it is the last, one with more has two that do.
            chunk = cipher.decrypt(header.nonce(number, is_last=not following), sealed, header.body)
        except (InvalidTag, ValueError) as error:
            raise UnusableFile(
                name,
                f"bản sao lưu mã hóa đã hỏng, bị sửa, bị cắt hoặc bị nối thêm (ở khoảng MiB thứ {number + 1})",
            ) from error
        yield chunk, sealed
        if not following:
            return
        number, sealed = number + 1, following


def _cipher(key: BackupKey, header: Header) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), 32, salt=header.salt, info=INFO + header.prefix).derive(key.secret)
    return AESGCM(derived)
