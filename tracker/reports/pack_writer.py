"""Writes an evidence pack: member by member, streamed, hashed on the way; then what signs it. Knows no store and no key."""

import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from tracker.errors import WorkFailed
from tracker.measures import pack_zip
from tracker.measures.pack_format import COVER, MANIFEST, SIGNATURE, PackFile, is_good_name
from tracker.measures.pack_zip import DEFLATED, MOST_BYTES, MOST_MEMBERS, STORED, Placed

LEVEL, RAW = 6, -15
PRIVATE = 0o600
TOO_LARGE = (
    "Gói quá lớn cho một tệp zip thường (65.000 tệp hoặc 4 GB): hãy chia theo đơn vị hoặc theo kỳ ngắn hơn."
)


class Written(NamedTuple):
    """The finished file."""

    size: int
    sha256: str


class PackWriter:
    """A pack that is being written into a new file. Nobody but its maker looks at it before it is finished."""

    def __init__(self, path: Path) -> None:
        self.files: list[PackFile] = []
        self._members: list[Placed] = []
        self._names: set[str] = set()
        self._digest = hashlib.sha256()
        self._hashed = 0
        self._out: BinaryIO = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE), "w+b")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.close()

    def add(self, name: str, chunks: Iterable[bytes], *, is_packed: bool = False) -> None:
        """Write a member; `is_packed`: its bytes are packed already, as those of documents are.

        Raises:
            WorkFailed: the pack would grow over the bounds of a plain zip.
        """
        file, _ = self._write(name, chunks, STORED if is_packed else DEFLATED)
        self.files.append(file)

    def _write(self, name: str, chunks: Iterable[bytes], method: int) -> tuple[PackFile, Placed]:
        if not is_good_name(name) or name in self._names:
            raise ValueError(f"no name for a member: {name!r}")
        self._names.add(name)
        offset = self._out.seek(0, os.SEEK_END)
        if len(self._members) >= MOST_MEMBERS:
            raise WorkFailed(TOO_LARGE)
        self._out.write(pack_zip.local_header(Placed(name, method, 0, 0, 0, offset)))
        raw, packed = _Tally(), _Tally()
        for piece in _deflated(raw.over(chunks)) if method == DEFLATED else raw.over(chunks):
            packed.take(piece)
            if offset + packed.size > MOST_BYTES or raw.size > MOST_BYTES:
                raise WorkFailed(TOO_LARGE)
            self._out.write(piece)
        placed = Placed(name, method, raw.check, packed.size, raw.size, offset)
        self._out.seek(offset)
        self._out.write(pack_zip.local_header(placed))
        self._members.append(placed)
        return PackFile(name, raw.size, raw.hex, packed.size, packed.hex), placed

    def settle(self, pulse: Callable[[int], None] = lambda _: None) -> None:
        """Hash what stands there and will not change any more, so that `finish` has little left to do."""
        self._out.flush()
        end = self._out.seek(0, os.SEEK_END)
        self._out.seek(self._hashed)
        while self._hashed < end:
            chunk = self._out.read(min(pack_zip.CHUNK, end - self._hashed))
            self._digest.update(chunk)
            self._hashed += len(chunk)
            pulse(len(chunk))

    def finish(self, manifest: bytes, signature: bytes, cover: bytes) -> Written:
        """Write what signs the members, and the directory; onto the disk, and let go of, before it returns."""
        for name, body in ((MANIFEST, manifest), (SIGNATURE, signature), (COVER, cover)):
            self._write(name, [body], STORED)
        offset = self._out.seek(0, os.SEEK_END)
        try:
            self._out.write(pack_zip.directory(self._members, offset))
        except struct.error as fault:
            raise WorkFailed(TOO_LARGE) from fault
        self.settle()
        os.fsync(self._out.fileno())
        self._out.close()  # an open file cannot be put into its place everywhere
        return Written(self._hashed, self._digest.hexdigest())


class _Tally:
    """Counts and hashes what passes."""

    def __init__(self) -> None:
        self.size = self.check = 0
        self._digest = hashlib.sha256()

    @property
    def hex(self) -> str:
        return self._digest.hexdigest()

    def take(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.check = zlib.crc32(chunk, self.check)
        self._digest.update(chunk)

    def over(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.take(chunk)
            yield chunk


def _deflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, RAW)
    for chunk in chunks:
        if piece := packer.compress(chunk):
            yield piece
    yield packer.flush()


def file_chunks(path: Path) -> Iterator[bytes]:
    """A file piece by piece."""
    with path.open("rb") as stream:
        while chunk := stream.read(pack_zip.CHUNK):
            yield chunk
