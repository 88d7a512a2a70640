"""A zip package of which few members change from letter to letter; everything else is computed once. Pure bytes.

A changing member (most packages have one) is put together from segments: what is equal in many letters (the head of an agency, the foot) was
deflated before, only the rest is deflated for each letter. Deflate allows it: a flushed segment ends on a whole byte
(RFC 1951, 3.2.4). Layout of the zip: APPNOTE.TXT 4.3.7 (local header), 4.3.12 (directory), 4.3.16 (end record).
The same input gives the same bytes: all members carry the earliest date that the format knows.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
VERSION, DEFLATED = 20, 8
DOS_TIME, DOS_DATE = 0, (1 << 5) | 1  # 01/01/1980 00:00
BEST, FAST = 9, 1
BODY_PART = "word/document.xml"  # the member that changes from letter to letter
PICTURE_PART = "word/media/image1.png"  # changes as well, in letters that bear a code to scan
# Raw deflate with a small window and table: a segment has a few kilobytes, and clearing 256 KiB costs more than it.
RAW_WINDOW, MEMORY = -13, 6


class Segment(NamedTuple):
    """A part of a member: its bytes, and the same as a piece of a deflate stream that ends on a whole byte."""

    raw: bytes
    packed: bytes


def deflated(raw: bytes, level: int = FAST, *, is_last: bool = False) -> Segment:
    """A segment, compressed for itself."""
    packer = zlib.compressobj(level, zlib.DEFLATED, RAW_WINDOW, MEMORY)
    end = zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH
    return Segment(raw, packer.compress(raw) + packer.flush(end))


def stored(raw: bytes) -> Segment:
    """A short segment (< 64 KiB) as it is."""
    return Segment(raw, struct.pack("<BHH", 0, len(raw), len(raw) ^ 0xFFFF) + raw)


def as_it_is(raw: bytes) -> list[Segment]:
    """The segments of a short member that is packed in itself already, as pictures are."""
    return [stored(raw), _NOTHING]


_NOTHING = deflated(b"", is_last=True)


class Package:
    """A package whose last members are filled in by `make`; the members before them never change."""

    def __init__(self, fixed: Iterable[tuple[str, bytes]], *changing: str) -> None:
        members = io.BytesIO()
        directory = b""
        count = 0
        for name, body in fixed:
            segments = [deflated(body, BEST, is_last=True)]
            local, central = _headers(name.encode(), segments, members.tell())
            members.write(local + segments[0].packed)
            directory += central
            count += 1
        self._members, self._directory = members.getvalue(), directory
        self._names = [name.encode() for name in changing]
        self._count = count + len(changing)

    def make(self, *changing: Sequence[Segment]) -> bytes:
        """The whole package; the last segment of each member must have been made with `is_last`."""
        pieces, directory, size = [self._members], self._directory, len(self._members)
        for name, segments in zip(self._names, changing, strict=True):
            local, central = _headers(name, segments, size)
            member = [local, *(segment.packed for segment in segments)]
            size += sum(map(len, member))
            pieces += member
            directory += central
        end = END.pack(b"PK\5\6", 0, 0, self._count, self._count, len(directory), size, 0)
        return b"".join((*pieces, directory, end))


def _headers(name: bytes, segments: Sequence[Segment], offset: int) -> tuple[bytes, bytes]:
    """The header before a member and its record in the directory."""
    check = packed = size = 0
    for segment in segments:
        check = zlib.crc32(segment.raw, check)
        size += len(segment.raw)
        packed += len(segment.packed)
    local = LOCAL.pack(b"PK\3\4", VERSION, 0, DEFLATED, DOS_TIME, DOS_DATE, check, packed, size, len(name), 0)
    first = (b"PK\1\2", VERSION, VERSION, 0, DEFLATED, DOS_TIME, DOS_DATE)
    central = CENTRAL.pack(*first, check, packed, size, len(name), 0, 0, 0, 0, 0, offset)
    return local + name, central + name


def members_of(package: bytes) -> dict[str, bytes]:
    """The members of a zip file by name, in their order."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
