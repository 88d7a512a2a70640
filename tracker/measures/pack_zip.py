"""The one shape of zip that an evidence pack has: headers as bytes, and whether a file is exactly of that shape. Pure.

Members lie one after the other from the first byte, then the directory, then the end record; dates are the earliest that
the format knows (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). So two readers cannot see two different packs in one file, and a
byte that no hash covers does not exist. Packs stay below the bounds at which the format needs further records.
"""

import hashlib
import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
DOS_TIME, DOS_DATE = 0, (1 << 5) | 1  # 01/01/1980 00:00
NEEDS, FLAGS = 20, 0
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
MOST_MEMBERS, MOST_BYTES, MOST_DIRECTORY = 65_000, 4_000_000_000, 64 * 1024 * 1024
CHUNK = 1 << 20


class Placed(NamedTuple):
    """A member in its place."""

    name: str
    method: int
    check: int
    packed: int
    size: int
    offset: int

    @property
    def begins(self) -> int:
        """Where its bytes begin."""
        return self.offset + LOCAL.size + len(self.name)

    @property
    def ends(self) -> int:
        """Where the next member begins."""
        return self.begins + self.packed


def local_header(one: Placed) -> bytes:
    """What stands before a member."""
    name = one.name.encode("ascii")
    times = (NEEDS, FLAGS, one.method, DOS_TIME, DOS_DATE)
    return LOCAL.pack(b"PK\3\4", *times, one.check, one.packed, one.size, len(name), 0) + name


def directory(members: Sequence[Placed], offset: int) -> bytes:
    """What stands behind the last member."""
    whole = b"".join(map(_central, members))
    count = len(members)
    return whole + END.pack(b"PK\5\6", 0, 0, count, count, len(whole), offset, 0)


def _central(one: Placed) -> bytes:
    name = one.name.encode("ascii")
    first = (b"PK\1\2", NEEDS, NEEDS, FLAGS, one.method, DOS_TIME, DOS_DATE)
    rest = (len(name), 0, 0, 0, 0, 0, one.offset)
    return CENTRAL.pack(*first, one.check, one.packed, one.size, *rest) + name


# ---------------------------------------------------------------- reading


class NotAPack(Exception):
    """A file that cannot be read as a zip, or that asks for more than a pack may; the message says why."""


def opened(stream: BinaryIO) -> zipfile.ZipFile:
    """The zip, once its directory is known to be of a bearable size.

    Raises:
        NotAPack: it is none, is cut off, or claims more than any pack has.
    """
    length = stream.seek(0, io.SEEK_END)
    if length < END.size:
        raise NotAPack("không phải tệp zip, hoặc tệp đã bị cắt")
    reach = min(length, END.size + 0xFFFF)
    stream.seek(length - reach)
    tail = stream.read(reach)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < END.size:
        raise NotAPack("không phải tệp zip, hoặc phần cuối tệp đã bị cắt")
    _, _, _, _, count, size, _, _ = END.unpack_from(tail, at)
    if length > MOST_BYTES + MOST_DIRECTORY or count > MOST_MEMBERS or size > MOST_DIRECTORY:
        raise NotAPack("tệp zip có quá nhiều thành phần hoặc quá lớn để là một gói chứng cứ")
    stream.seek(0)
    try:
        archive = zipfile.ZipFile(stream)
    except (
        zipfile.BadZipFile,
        struct.error,
        ValueError,
        OSError,
        NotImplementedError,
        OverflowError,
    ) as fault:
        raise NotAPack("không đọc được như tệp zip: tệp bị cắt hoặc bị hỏng") from fault
    if len(archive.infolist()) > MOST_MEMBERS:
        raise NotAPack("tệp zip có quá nhiều thành phần để là một gói chứng cứ")
    return archive


def strange_places(stream: BinaryIO, archive: zipfile.ZipFile) -> Iterator[str]:
    """Names of members whose header, place or directory entry is not as a pack has it; empty: the file as a whole."""
    length, offset, found = stream.seek(0, io.SEEK_END), 0, []
    for info in archive.infolist():
        one = Placed(
            info.orig_filename, info.compress_type, info.CRC, info.compress_size, info.file_size, offset
        )
        is_plain = one.name.isascii() and info.header_offset == offset and one.method in (STORED, DEFLATED)
        if not is_plain or one.ends > length or _read(stream, offset, one.begins) != local_header(one):
            yield info.filename
            return
        found.append(one)
        offset = one.ends
    if _read(stream, offset, length) != directory(found, offset):
        yield ""


def _read(stream: BinaryIO, start: int, end: int) -> bytes:
    stream.seek(start)
    return stream.read(end - start)


def places(archive: zipfile.ZipFile) -> Mapping[str, tuple[int, int]]:
    """Where the packed bytes of each member begin, and how many they are; of a file without strange places."""
    return {
        info.filename: (info.header_offset + LOCAL.size + len(info.orig_filename), info.compress_size)
        for info in archive.infolist()
    }


def hash_of_span(
    stream: BinaryIO, start: int, count: int, pulse: Callable[[int], None] = lambda _: None
) -> str:
    """SHA-256 of so many bytes from a place."""
    digest, left = hashlib.sha256(), count
    stream.seek(start)
    while left and (chunk := stream.read(min(left, CHUNK))):
        digest.update(chunk)
        left -= len(chunk)
        pulse(len(chunk))
    return digest.hexdigest()
