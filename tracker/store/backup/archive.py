"""The sealed zip: members streamed in, a manifest last, and in the zip's comment the SHA-256 of all bytes before it.

The seal covers every byte of the file, also those between the members, so a byte that was changed anywhere is seen. It
is a check, no signature: who can write to the file can also seal it again. Knows no database.
"""

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tracker.errors import UnusableFile
from tracker.store.backup.manifest import (
    DATABASE,
    HASH_LENGTH,
    MANIFEST,
    Manifest,
    Member,
    NotUnderstood,
    read,
    written,
)

# done, total, what is being done; may end the work by an exception.
Watch = Callable[[int, int | None, str], None]

SEAL = b"DUNGHEN SHA-256 "
CHUNK = 1 << 20
# A larger one is none: a million letters make a manifest of some 200 MiB.
MAX_MANIFEST = 1 << 28
# Everything that a damaged zip makes the library raise.
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
    LookupError, OverflowError, MemoryError,
)  # fmt: skip
PRIVATE = 0o600


class Writer:
    """A zip that is being written: what was put in so far."""

    def __init__(self, archive: zipfile.ZipFile, made_at: datetime) -> None:
        self._archive = archive
        self._moment = made_at.timetuple()[:6]
        self.members: list[Member] = []

    def add(self, name: str, stream: BinaryIO, pulse: Callable[[int], None] = lambda _bytes: None) -> None:
        """Stream a file in; `pulse` hears of the bytes."""
        digest, size = hashlib.sha256(), 0
        # What is packed already (letters, PDF) is not packed again.
        method = zipfile.ZIP_DEFLATED if name == DATABASE else zipfile.ZIP_STORED
        with self._archive.open(self._info(name, method), "w", force_zip64=True) as out:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
                pulse(len(chunk))
        self.members.append(Member(name, size, digest.hexdigest()))

    def end(self, manifest: Manifest) -> None:
        """The manifest, which is no member of itself."""
        self._archive.writestr(self._info(MANIFEST, zipfile.ZIP_DEFLATED), written(manifest))
        self._archive.comment = SEAL + b"0" * HASH_LENGTH

    def _info(self, name: str, method: int) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._moment)
        info.compress_type, info.external_attr = method, PRIVATE << 16
        return info


@contextmanager
def writing(path: Path, made_at: datetime) -> Iterator[Writer]:
    """Write a new sealed zip that only its owner may read; it is sealed and on the disk when the block has ended."""
    path.touch(PRIVATE)
    with zipfile.ZipFile(path, "w") as archive:
        yield Writer(archive, made_at)
    with path.open("r+b") as stream:
        digest, _whole = _sums(stream, lambda _bytes: None)
        stream.seek(-HASH_LENGTH, os.SEEK_END)
        stream.write(digest.encode())
        stream.flush()
        os.fsync(stream.fileno())


# ---------------------------------------------------------------- checking


def is_backup(path: Path) -> bool:
    """Does the file say that it is one of ours? Says nothing of its being whole."""
    try:
        with path.open("rb") as stream:
            stream.seek(-(len(SEAL) + HASH_LENGTH), os.SEEK_END)
            return stream.read(len(SEAL)) == SEAL
    except OSError:  # shorter than the seal, or not to be read
        return False


def require_seal(path: Path, watch: Watch) -> str:
    """The SHA-256 of the whole file, whose seal holds.

    Raises:
        UnusableFile: a byte of it was changed; the message names the member that it belongs to.
    """
    if not path.is_file():
        raise UnusableFile(path.name, "không có tệp này")
    size, done = path.stat().st_size, 0

    def pulse(count: int) -> None:
        nonlocal done
        done += count
        watch(done, size, "Kiểm tra dấu niêm phong của tệp sao lưu")

    with path.open("rb") as stream:
        digest, whole = _sums(stream, pulse)
        stream.seek(max(0, size - HASH_LENGTH))
        is_whole = stream.read() == digest.encode() and is_backup(path)
    if not is_whole:
        raise UnusableFile(path.name, _damage(path))
    return whole


def sum_of(path: Path) -> str:
    """The SHA-256 of a whole file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Sums:
    """A place to write to that keeps nothing but the SHA-256."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def write(self, body: bytes) -> None:
        """Take it in."""
        self._digest.update(body)

    @property
    def sha256(self) -> str:
        """Of all that was written."""
        return self._digest.hexdigest()


def _sums(stream: BinaryIO, pulse: Callable[[int], None]) -> tuple[str, str]:
    """SHA-256 of all but the digits of the seal, and of everything."""
    left = max(0, stream.seek(0, os.SEEK_END) - HASH_LENGTH)
    stream.seek(0)
    digest = hashlib.sha256()
    while left and (chunk := stream.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
        pulse(len(chunk))
    before = digest.hexdigest()
    digest.update(stream.read(HASH_LENGTH))
    return before, digest.hexdigest()


def _damage(path: Path) -> str:
    """Where a file whose seal does not hold was damaged, as far as it can be told."""
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN:
        return "không phải tệp sao lưu, hoặc mục lục của tệp zip đã hỏng hay bị cắt"
    with archive:
        try:
            manifest = _manifest(archive)
        except (*BROKEN, NotUnderstood):
            return f"{MANIFEST} thiếu, đã hỏng hoặc bị sửa"
        for member in manifest.members:
            if not _is_whole(archive, manifest, member):
                return f"{member.name} đã hỏng hoặc bị sửa"
    return "dấu niêm phong không khớp: phần khung của tệp zip đã hỏng hoặc bị sửa"


def _is_whole(archive: zipfile.ZipFile, manifest: Manifest, member: Member) -> bool:
    try:
        Reader("", archive, manifest).check(member)
    except UnusableFile:
        return False
    return True


# ---------------------------------------------------------------- reading


class Reader:
    """A backup whose seal holds: its manifest, and its members, each with its own check."""

    def __init__(self, name: str, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._name = name
        self._archive = archive
        self.manifest = manifest

    def extract(self, member: Member, target: Path, pulse: Callable[[int], None] = lambda _: None) -> None:
        """Write a member into a new file.

        Raises:
            UnusableFile: its bytes are not those of the manifest.
        """
        with target.open("xb") as out:

            def take(chunk: bytes) -> None:
                out.write(chunk)
                pulse(len(chunk))

            self._check(member, take)

    def check(self, member: Member, pulse: Callable[[int], None] = lambda _: None) -> None:
        """Read a member and hold it against the manifest.

        Raises:
            UnusableFile: its bytes are not those of the manifest.
        """
        self._check(member, lambda chunk: pulse(len(chunk)))

    def _check(self, member: Member, take: Callable[[bytes], object]) -> None:
        digest, left = hashlib.sha256(), member.size + 1  # who is longer is another, and fills no disk
        for chunk in self._chunks(member):
            digest.update(chunk)
            left -= len(chunk)
            if left <= 0:
                break
            take(chunk)
        if left != 1 or digest.hexdigest() != member.sha256:
            raise UnusableFile(self._name, f"{member.name} không khớp với {MANIFEST}")

    def _chunks(self, member: Member) -> Iterator[bytes]:
        try:
            with self._archive.open(member.name) as stream:
                while chunk := stream.read(CHUNK):
                    yield chunk
        except BROKEN as error:
            raise UnusableFile(self._name, f"{member.name} đã hỏng hoặc bị sửa") from error


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Open a backup whose seal holds.

    Raises:
        UnusableFile: no manifest, or members that are not those of the manifest.
    """
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise UnusableFile(path.name, "không phải tệp sao lưu") from error
    with archive:
        try:
            manifest = _manifest(archive)
        except NotUnderstood as error:
            raise UnusableFile(path.name, f"{MANIFEST}: {error}") from error
        except BROKEN as error:
            raise UnusableFile(path.name, f"{MANIFEST} thiếu hoặc đã hỏng") from error
        if sorted(archive.namelist()) != sorted([MANIFEST, *(member.name for member in manifest.members)]):
            raise UnusableFile(path.name, f"thành phần của tệp không phải là những gì {MANIFEST} kể")
        yield Reader(path.name, archive, manifest)


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    with archive.open(MANIFEST) as stream:
        return read(stream.read(MAX_MANIFEST))


def check(path: Path, watch: Watch) -> tuple[Manifest, str]:
    """A backup read from its first byte to its last; its manifest and the SHA-256 of the file.

    Raises:
        UnusableFile: it is not whole; the message names what was changed.
    """
    sha256 = require_seal(path, watch)
    with reading(path) as reader:
        total, done = sum(member.size for member in reader.manifest.members), 0

        def pulse(count: int) -> None:
            nonlocal done
            done += count
            watch(done, total, "Đối chiếu từng thành phần của tệp sao lưu")

        for member in reader.manifest.members:
            reader.check(member, pulse)
        return reader.manifest, sha256
