"""Citizen ids are 9 or 12 digits in a row; phones, codes, dates and longer numbers are none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.ingest.redaction import (
    BLOCK,
    IDENTITY_NUMBER,
    REDACTED,
    holds_grouped_number,
    holds_identity_number,
    redact,
)

MIXED = st.text(alphabet=st.sampled_from("0123456789 .-/aắ\x1f\x1e"), max_size=60)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("066085012345", REDACTED),
        ("240123456", REDACTED),
        ("CCCD066085012345.", f"CCCD{REDACTED}."),
        ("số 066085012345, cấp 2021", f"số {REDACTED}, cấp 2021"),
        ("066085012345 và 240123456", f"{REDACTED} và {REDACTED}"),
        ("066085012345\x1f066085012346", f"{REDACTED}\x1f{REDACTED}"),
        ("0912345678", "0912345678"),  # phone
        ("02623812345", "02623812345"),  # landline
        ("20220301093000", "20220301093000"),  # a date of the portal
        ("000.20.18.H15-220301-0001", "000.20.18.H15-220301-0001"),
        ("12345678", "12345678"),
        ("1234567890123", "1234567890123"),
        ("", ""),
    ],
)
def test_only_runs_of_9_or_12_digits_are_cut_out(text: str, wanted: str):
    assert redact(text) == wanted
    assert holds_identity_number(text.encode()) == (text != wanted)


@given(text=MIXED)
def test_the_fast_look_over_a_chunk_and_the_careful_cut_agree(text: str):
    is_cut = redact(text) != text
    assert is_cut or not holds_identity_number(text.encode())
    assert not is_cut or holds_identity_number(text.encode()) or holds_grouped_number(text.encode())


@given(text=MIXED, before=st.integers(0, 3), at=st.integers(BLOCK - 80, BLOCK + 80))
def test_a_large_chunk_is_looked_over_as_a_small_one(text: str, before: int, at: int):
    filling = "Số 12 đường Bịa\x1f0912345678\x1f20220301093000\x1f" * (2 * BLOCK // 40)
    chunk = (filling[: at + before * 17].rpartition("\x1f")[0] + "\x1f" + text + "\x1f" + filling).encode()
    assert holds_identity_number(chunk) == holds_identity_number(text.encode())
    assert holds_identity_number(b"066085012345\x1f" + chunk)
    assert holds_identity_number(chunk + b"240123456")


@given(text=MIXED)
def test_what_was_cut_once_holds_nothing_to_cut_and_loses_nothing_else(text: str):
    once = redact(text)
    assert not holds_identity_number(once.encode())
    assert redact(once) == once
    assert not {len(run) for run in re.findall(r"[0-9]+", once)} & {9, 12}
    assert once.replace(REDACTED, "") == IDENTITY_NUMBER.sub("", text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("CCCD 066 085 012 345 cấp 2021", f"CCCD {REDACTED} cấp 2021"),
        ("0660.8501.2345", REDACTED),
        ("240 123 456", REDACTED),
        ("phí 100.000.000 đồng", "phí 100.000.000 đồng"),
        ("0912.345.678", "0912.345.678"),  # a phone in groups
        ("066 085 012 345\x1f240 123 456", f"{REDACTED}\x1f{REDACTED}"),
    ],
)
def test_ids_in_groups_are_cut_out_and_amounts_and_phones_are_not(text: str, wanted: str):
    assert redact(text) == wanted
    assert holds_grouped_number(text.encode()) or wanted == text
