"""The script's own Ed25519 held against a library on random messages, and on what no checker may let pass."""

import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scripts.verify_pack import BASE, NEUTRAL, L, P, is_same, is_signed, point_of, times
from tests.pack_samples import KEY, OTHER_KEY, flipped
from tracker.measures.pack_check import is_signed as is_signed_by_library

MESSAGE = b'{"number": "2026-0001"}'
SIGNATURE = KEY.sign(MESSAGE)
# RFC 8032, section 7.1: (public key, message, signature) of tests 1 to 3.
PUBLISHED = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("public", "message", "signature"), PUBLISHED)
def test_the_published_signatures_hold(public: str, message: str, signature: str):
    key, body, signed = (bytes.fromhex(text) for text in (public, message, signature))
    assert is_signed(key, signed, body)
    assert not is_signed(key, signed, body + b"\0")


def test_random_messages_and_keys_are_judged_as_by_the_library():
    chance = random.Random(8032)
    for _ in range(40):
        made = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        public, message = made.public_key().public_bytes_raw(), chance.randbytes(chance.randrange(200))
        signature = made.sign(message)
        assert is_signed(public, signature, message)
        spoilt = flipped(signature, chance.randrange(64))
        for body, signed in ((message + b"x", signature), (message, spoilt), (message, chance.randbytes(64))):
            assert is_signed(public, signed, body) == is_signed_by_library(public, signed, body) is False


def test_the_signature_of_another_key_is_none():
    assert not is_signed(OTHER_KEY.public, SIGNATURE, MESSAGE)
    assert not is_signed(KEY.public, OTHER_KEY.sign(MESSAGE), MESSAGE)


def test_one_signature_cannot_be_written_in_a_second_way():
    """S and S + L solve the same equation; only the smaller one counts (section 5.1.7)."""
    larger = int.from_bytes(SIGNATURE[32:], "little") + L
    second = SIGNATURE[:32] + larger.to_bytes(32, "little")
    assert is_signed(KEY.public, SIGNATURE, MESSAGE)
    assert not is_signed(KEY.public, second, MESSAGE)
    assert not is_signed_by_library(KEY.public, second, MESSAGE)


@pytest.mark.parametrize("length", [0, 31, 63, 65, 128])
def test_a_signature_of_another_length_is_none(length: int):
    assert not is_signed(KEY.public, (SIGNATURE * 2)[:length], MESSAGE)
    assert not is_signed_by_library(KEY.public, (SIGNATURE * 2)[:length], MESSAGE)


NONE_AT_ALL = [
    (P + 1).to_bytes(32, "little"),  # a second way to write the neutral point
    (1 + 2**255).to_bytes(32, "little"),  # x = 0 with the sign of an odd x
    (2).to_bytes(32, "little"),  # no point has this y
    bytes([255]) * 32,
    b"",
]


@pytest.mark.parametrize("encoded", NONE_AT_ALL)
def test_what_encodes_no_point_is_no_key(encoded: bytes):
    assert not is_signed(encoded, SIGNATURE, MESSAGE)
    assert not is_signed(KEY.public, encoded[:32].ljust(32, b"\0") + SIGNATURE[32:], MESSAGE)


def small_points() -> list[bytes]:
    """The points of small order: y = 1, -1, 0 (both signs), and the four of order eight."""
    found = [1, P - 1, 0, 2**255]
    # Of order eight: doubled they give order four, so y^2 solves d y^4 + 2 y^2 - 1 = 0.
    return [number.to_bytes(32, "little") for number in found] + [
        bytes.fromhex(text)
        for text in (
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        )
    ]


@pytest.mark.parametrize("encoded", small_points())
def test_a_key_of_small_order_signs_nothing(encoded: bytes):
    """With such a key one signature would fit many messages: R = [S]B, and k A is one of eight points."""
    point = point_of(encoded)
    assert point is not None
    assert is_same(times(8, point), NEUTRAL)
    assert not is_signed(encoded, encoded + bytes(32), MESSAGE)
    assert not is_signed(KEY.public, encoded + SIGNATURE[32:], MESSAGE)


def test_the_base_point_has_the_order_of_the_group():
    assert is_same(times(L, BASE), NEUTRAL)
    assert not is_same(BASE, NEUTRAL)
