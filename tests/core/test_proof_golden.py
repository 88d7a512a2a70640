"""Proofs that were written once must verify for ever.

tests/data/proofs holds files as offices keep them for years. A change of the program that breaks one of them is a breaking
change: what is kept in drawers and archives would no longer verify. It then needs a new format number
(`proof_inputs.FORMAT`) with the old one still computed as before; the files here are never written anew.
"""

from pathlib import Path

import pytest

from tests.proof_samples import CASES
from tracker.timekeeping.proof_file import recompute, verify

KEPT = sorted((Path(__file__).parents[1] / "data" / "proofs").glob("*.json"))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_proof_that_was_kept_verifies_for_ever(path: Path):
    found = verify(path.read_bytes())
    assert found.differences == ()
    assert found.code.startswith("H15.99-")
    assert recompute(path.read_bytes()).calendar_version.startswith("2026-11-20")


def test_there_is_a_kept_proof_of_every_case():
    assert {path.stem for path in KEPT} == set(CASES)
