"""Which dossiers a batch told of, packed small: a province's year of whole exports has to stay within megabytes.

The ids in order, each as its distance to the one before, seven bits to a byte, lowest first; then zlib.
"""

import zlib
from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BITS, LONGEST = 7, 10


def packed(ids: Sequence[int]) -> bytes:
    """Dossier ids, in any order and however often told, as `BatchSeen.body`; raises `ValueError` below zero."""
    ordered = np.unique(np.asarray(ids, dtype=np.int64))
    if ordered.size and ordered[0] < 0:
        raise ValueError("ids of dossiers are not negative")
    gaps = np.diff(ordered, prepend=np.int64(0)).astype(np.uint64)
    lengths = _lengths(gaps)
    starts = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()), dtype=np.uint8)
    for place in range(LONGEST):
        here = lengths > place
        part = (gaps[here] >> np.uint64(BITS * place)) & np.uint64(0x7F)
        goes_on = (lengths[here] > place + 1).astype(np.uint8) << 7
        out[starts[here] + place] = part.astype(np.uint8) | goes_on
    return zlib.compress(out.tobytes())


def unpacked(body: bytes) -> "array[int]":
    """The ids of `packed`, each once, in order."""
    told = np.frombuffer(zlib.decompress(body), dtype=np.uint8)
    found = array("q")
    if told.size:
        ends = np.flatnonzero(told < 0x80)
        starts = np.concatenate(([0], ends[:-1] + 1))
        places = np.arange(told.size) - np.repeat(starts, ends - starts + 1)
        parts = (told & 0x7F).astype(np.uint64) << (places * BITS).astype(np.uint64)
        gaps = np.add.reduceat(parts, starts)
        found.frombytes(np.cumsum(gaps).astype(np.int64).tobytes())
    return found


def _lengths(gaps: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How many bytes each distance takes."""
    lengths = np.ones(gaps.size, dtype=np.int64)
    for place in range(1, LONGEST):
        lengths += gaps >= np.uint64(1 << (BITS * place))
    return lengths
