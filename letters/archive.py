"""A zip package of which one member changes from letter to letter; everything else is computed once. Pure bytes.

Layout of the format: APPNOTE.TXT 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end record). The same
input gives the same bytes: all members carry the earliest date that the format knows.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
VERSION, DEFLATED = 20, 8
DOS_TIME, DOS_DATE = 0, (1 << 5) | 1  # 01/01/1980 00:00
LEVEL_ONCE, LEVEL_EACH = 9, 1
RAW_WINDOW = -15


def _deflate(body: bytes, level: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, RAW_WINDOW)
    return packer.compress(body) + packer.flush()


def _headers(name: bytes, body: bytes, packed: bytes, offset: int) -> tuple[bytes, bytes]:
    """The header before a member and its record in the directory."""
    sizes = (zlib.crc32(body), len(packed), len(body))
    local = LOCAL.pack(b"PK\3\4", VERSION, 0, DEFLATED, DOS_TIME, DOS_DATE, *sizes, len(name), 0)
    first = (b"PK\1\2", VERSION, VERSION, 0, DEFLATED, DOS_TIME, DOS_DATE)
    return local + name, CENTRAL.pack(*first, *sizes, len(name), 0, 0, 0, 0, 0, offset) + name


class Package:
    """A package whose last member is filled in by `make`; the members before it never change."""

    def __init__(self, fixed: Iterable[tuple[str, bytes]], changing: str) -> None:
        members = io.BytesIO()
        directory = b""
        count = 0
        for name, body in fixed:
            packed = _deflate(body, LEVEL_ONCE)
            local, central = _headers(name.encode(), body, packed, members.tell())
            members.write(local + packed)
            directory += central
            count += 1
        self._members, self._directory = members.getvalue(), directory
        self._name, self._count = changing.encode(), count + 1

    def make(self, body: bytes) -> bytes:
        """The whole package with `body` as its changing member."""
        packed = _deflate(body, LEVEL_EACH)
        offset = len(self._members)
        local, central = _headers(self._name, body, packed, offset)
        directory = self._directory + central
        start = offset + len(local) + len(packed)
        end = END.pack(b"PK\5\6", 0, 0, self._count, self._count, len(directory), start, 0)
        return b"".join((self._members, local, packed, directory, end))


def members_of(package: bytes) -> dict[str, bytes]:
    """The members of a zip file by name, in their order."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
