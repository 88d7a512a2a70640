"""Whole chunks of cells searched at once for what needs care: most hold nothing of it, and cells are then used as they are."""

import sys
import unicodedata
from collections.abc import Sequence

# What no tidy cell holds, looked for in a whole chunk at once: letters, and pairs of letters in UTF-8 (two blanks, a blank
# at an end, a no-break space, the beginning of a <br>).
UNTIDY = (b"\t", b"\r", b"\n")
UNTIDY_PAIRS = (b"  ", b"\x1f ", b" \x1f", b"\xc2\xa0", b"<b", b"<B", b"[b", b"[B")
# Pairs of letters that stand everywhere alone are found by plain search at a tenth of the speed of numpy's.
LARGE = 8 * 1024


def holds_pair(encoded: bytes, pairs: Sequence[bytes]) -> bool:
    """Does one of these pairs of letters stand anywhere in it (UTF-8)?"""
    if len(encoded) < LARGE:
        return any(pair in encoded for pair in pairs)
    import numpy as np

    wanted = [int.from_bytes(pair, sys.byteorder) for pair in pairs]
    # Every pair of letters is one number of two bytes, from the first letter on or from the second.
    for body in (encoded, encoded[1:]):
        found = np.frombuffer(body, np.uint16, count=len(body) // 2)
        if any(bool((found == pair).any()) for pair in wanted):
            return True
    return False


def is_untidy(encoded: bytes) -> bool:
    """Would `text.clean` change any of the cells, joined by 0x1F, in UTF-8?"""
    if any(mark in encoded for mark in UNTIDY) or b" " in (encoded[:1], encoded[-1:]):
        return True
    if holds_pair(encoded, UNTIDY_PAIRS):
        return True
    # Letters with marks apart (U+0300 to U+036F) begin with these bytes; without them nearly nothing is left to compose.
    suspect = b"\xcc" in encoded or b"\xcd" in encoded
    return suspect and not unicodedata.is_normalized("NFC", encoded.decode("utf-8", "surrogatepass"))
