"""The code to scan on a letter: the address of the page that checks it, as a QR picture. Bytes only; no layout, no store.

A QR code of a fixed version and mask is an affine function of its text: with the same number of letters, each letter
that differs flips the same modules whatever stands beside it (ISO/IEC 18004: Reed-Solomon and masking are XOR). So
segno draws an address once and each letter at each place of the code once; all later pictures are put together from these.
"""

import struct
import zlib
from functools import lru_cache
from typing import Any

ERROR_LEVEL = "m"  # 15 % may be lost: a fold, a stain, a stamp
PIXELS = 8  # of one module, so that it is a byte of its line; sharp at 600 dpi and 18 mm
QUIET = 4  # modules of white around it (ISO/IEC 18004, 9.1)
BLANK = "-"  # stands where the letters of a code will
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\0\0\0\0IEND\xaeB`\x82"
# Equal lines lie next to each other: a small window finds them, and a large one would have to be cleared first.
FAST, WINDOW, MEMORY = 1, 12, 6
_SHADES = bytes((0xFF, 0x00)) + bytes(254)  # of a light and a dark module


@lru_cache(maxsize=512)
def picture(address: str) -> bytes:
    """A PNG in black and white of an address; what stands behind its last "=" changes from letter to letter."""
    start, equals, code = address.rpartition("=")
    return _drawing(start + equals, len(code)).png(code)


class _Drawing:
    """Addresses that differ in the letters of a code only."""

    def __init__(self, start: str, length: int) -> None:
        self._start = start
        self._blank = BLANK * length
        usual = _made(start + self._blank)
        self._kind = usual.version, usual.mask
        self._ground = self._lines(self._blank)
        self._side = len(usual.matrix) + 2 * QUIET
        self._changes: dict[tuple[int, int], int] = {}

    def png(self, code: str) -> bytes:
        """The picture of one code."""
        lines = self._ground
        for place, letter in enumerate(code):
            lines ^= self._change(place, ord(letter) ^ ord(BLANK))
        across = self._side + 1
        body = lines.to_bytes(across * self._side, "big")
        tall = b"".join([body[at : at + across] * PIXELS for at in range(0, len(body), across)])
        packer = zlib.compressobj(FAST, zlib.DEFLATED, WINDOW, MEMORY)
        pixels = self._side * PIXELS
        head = struct.pack(">2L5B", pixels, pixels, 1, 0, 0, 0, 0)  # one bit a pixel, grey
        data = packer.compress(tall) + packer.flush()
        return b"".join((_SIGNATURE, _chunk(b"IHDR", head), _chunk(b"IDAT", data), _END))

    def _change(self, place: int, bits: int) -> int:
        """What flips where the letter at a place differs from the blank in some bits."""
        if (found := self._changes.get((place, bits))) is not None:
            return found
        low = bits & -bits
        if bits == low:
            letter = chr(ord(BLANK) ^ bits)
            found = self._ground ^ self._lines(self._blank[:place] + letter + self._blank[place + 1 :])
        else:
            found = self._change(place, low) ^ self._change(place, bits ^ low)
        self._changes[place, bits] = found
        return found

    def _lines(self, code: str) -> int:
        """The lines of the picture, each once, as one number: a byte 0 (no filter), then a byte a module, white = ff."""
        beside, rows = b"\xff" * QUIET, _made(self._start + code, *self._kind).matrix
        blank = b"\0" + b"\xff" * (len(rows) + 2 * QUIET)
        lines = [b"\0" + beside + row.translate(_SHADES) + beside for row in rows]
        return int.from_bytes(b"".join((blank * QUIET, *lines, blank * QUIET)), "big")


_drawing = lru_cache(maxsize=8)(_Drawing)


def _made(text: str, version: int | str | None = None, mask: int | None = None) -> Any:
    # segno is opened only when a letter bears a code: the command line must start without it.
    import segno

    return segno.make(
        text, error=ERROR_LEVEL, version=version, mode="byte", mask=mask, micro=False, boost_error=False
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))
