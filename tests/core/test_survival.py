"""Curves of how long dossiers stay open: the library's against a count by hand, late entry, groups drawn to larger ones."""

import numpy as np
import pytest

from tracker.measures import survival
from tracker.measures.survival import GRID, POINTS, Curves, Spells, chances, curve, curves, packed


def by_hand(spells: Spells, at: float) -> float:
    """Kaplan-Meier in its textbook form: at each end, the part of those at risk that went on."""
    share = 1.0
    for moment in sorted({float(t) for t, ended in zip(spells.time, spells.ended, strict=True) if ended}):
        if moment > at:
            break
        at_risk = sum(1 for e, t in zip(spells.entry, spells.time, strict=True) if e < moment <= t)
        ends = sum(1 for t, ended in zip(spells.time, spells.ended, strict=True) if ended and t == moment)
        share *= 1 - ends / at_risk
    return share


def drawn(seed: int, *, entering: bool) -> Spells:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(5, 80))
    time = np.round(rng.random(size) * 1.2 + 0.01, 2)
    entry = np.round(time * rng.random(size) * 0.5, 3) if entering else np.zeros(size)
    return Spells(entry, time, rng.random(size) < 0.6)


@pytest.mark.parametrize("entering", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_the_library_counts_as_the_textbook_does(seed: int, entering: bool):
    spells = drawn(seed, entering=entering)
    opened, at_risk = curve(spells)
    for n in range(0, POINTS + 1, 5):
        assert opened[n] == pytest.approx(by_hand(spells, GRID[n]), abs=1e-12)
        inside = (spells.entry <= GRID[n]) & (spells.time > GRID[n])
        assert at_risk[n] == inside.sum()


def test_nobody_ended_is_a_flat_curve():
    opened, at_risk = curve(Spells(np.zeros(3), np.array([0.2, 0.5, 1.1]), np.zeros(3, dtype=bool)))
    assert set(opened) == {1.0}
    assert at_risk[0] == 3


def test_only_groups_that_are_large_enough_have_a_curve():
    keys = np.repeat([5, 9], [survival.LEAST, survival.LEAST - 1])
    spells = Spells(np.zeros(len(keys)), np.linspace(0.1, 0.9, len(keys)), np.ones(len(keys), dtype=bool))
    assert curves(keys, spells).key.tolist() == [5]


def of_group(key: int, end: float, count: float) -> Curves:
    return Curves(
        np.array([key]), np.linspace(1.0, end, POINTS + 1)[None, :], np.full((1, POINTS + 1), count)
    )


def test_a_group_counts_against_the_larger_one_by_how_many_were_open():
    whole = (of_group(0, 0.1, 1e6), np.zeros(1, dtype=np.int64))
    own = np.array([7])
    alone = chances([whole], np.zeros(1))[0]
    assert alone == pytest.approx(0.1, abs=1e-6)
    half = chances([whole, (of_group(7, 0.5, survival.WEIGHT), own)], np.zeros(1))[0]
    assert half == pytest.approx(0.3, abs=1e-6)
    unknown = chances([whole, (of_group(8, 0.5, 1e6), own)], np.zeros(1))[0]
    assert unknown == pytest.approx(alone)


def test_the_longer_a_dossier_is_open_the_likelier_it_is_late():
    whole = (of_group(0, 0.1, 1e6), np.zeros(5, dtype=np.int64))
    found = chances([whole], np.array([0.0, 0.3, 0.6, 0.9, 1.0]))
    assert (np.diff(found) > 0).all()
    assert found[-1] == pytest.approx(1.0)


def test_no_group_at_all_says_nothing_and_breaks_nothing():
    empty = Curves(np.zeros(0, dtype=np.int64), np.ones((0, POINTS + 1)), np.zeros((0, POINTS + 1)))
    whole = (of_group(0, 0.2, 1e6), np.zeros(2, dtype=np.int64))
    both = chances([whole, (empty, np.array([1, 2]))], np.zeros(2))
    assert both == pytest.approx([0.2, 0.2], abs=1e-6)


def test_two_ids_are_one_key():
    one, other = np.array([1, 2, 2]), np.array([2, 1, 2])
    assert len(set(packed(one, other).tolist())) == 3
