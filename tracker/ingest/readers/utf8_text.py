"""A file in UTF-8 that is read as text, and from where that stands as bytes: whoever knows what to do with bytes spares
making text of them, and goes back to text wherever they do not serve.
"""

import codecs
from io import IncrementalNewlineDecoder
from typing import IO


class Utf8Text:
    """A stream of text, ends of lines as in any text of ours; also of bytes, in turns."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw, self._given_back = raw, b""
        self._decoder = _decoder()

    def read(self, size: int, /) -> str:
        """The next characters, at most `size` and at least one; empty at the end.

        Raises:
            UnicodeDecodeError: this is not UTF-8.
        """
        while True:
            block = self._bytes(size)
            text = self._decoder.decode(block, final=not block)
            if text or not block:
                return text

    def read_bytes(self, size: int) -> bytes:
        """The next bytes, about `size` of them; empty at the end. What of a character had been read comes with them."""
        held, flags = self._decoder.getstate()
        self._decoder = _decoder()
        return (b"\r" if flags & 1 else b"") + held + self._bytes(size)

    def give_back(self, unread: bytes) -> None:
        """These bytes have been read last, and come again."""
        self._given_back = unread + self._given_back

    def _bytes(self, size: int) -> bytes:
        if not self._given_back:
            return self._raw.read(size)
        block, self._given_back = self._given_back[:size], self._given_back[size:]
        return block


def _decoder() -> IncrementalNewlineDecoder:
    return IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")("strict"), translate=True)
