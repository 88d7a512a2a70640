"""The ids that a batch told of, packed and unpacked."""

import random
import zlib

import pytest

from tracker.store.seen import packed, unpacked

BIGGEST = 2**63 - 1


def slowly(ids: list[int]) -> bytes:
    """The same packing, one id after the other."""
    out, before = bytearray(), 0
    for number in sorted(set(ids)):
        gap, before = number - before, number
        while gap > 0x7F:
            out.append(gap & 0x7F | 0x80)
            gap >>= 7
        out.append(gap)
    return bytes(out)


def test_what_is_packed_comes_back_in_order_and_once():
    drawn = random.Random(20260614)
    for _ in range(300):
        top = 1 << drawn.randrange(1, 64)
        ids = [drawn.randrange(top) for _ in range(drawn.randrange(60))]
        ids += ids[: drawn.randrange(5)]
        body = packed(ids)
        assert zlib.decompress(body) == slowly(ids)
        assert list(unpacked(body)) == sorted(set(ids))


@pytest.mark.parametrize(
    "ids", [[], [0], [127], [128], [16383, 16384], [BIGGEST], [0, BIGGEST], [2**56 - 1, 2**56]]
)
def test_no_number_is_too_small_or_too_big(ids):
    assert list(unpacked(packed(ids))) == ids


def test_a_number_below_zero_is_refused():
    with pytest.raises(ValueError, match="negative"):
        packed([3, -1])


def test_a_whole_export_of_half_a_million_is_small():
    drawn = random.Random(7)
    ids = [number for number in range(700_000) if drawn.random() < 0.7]
    assert len(packed(ids)) < 200_000
