"""A sample: reproducible by anybody, in proportion, nobody twice, no stratum left out."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import UsageError
from tracker.measures.sampling import Drawn, allocate, draw, rank

COUNTS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=2), st.integers(1, 60), min_size=1, max_size=12
)


def population(counts: dict[str, int]) -> list[Drawn]:
    return [
        Drawn(f"{stratum}-{n:03d}", stratum, n) for stratum, count in counts.items() for n in range(count)
    ]


def test_the_order_is_that_of_a_hash_that_anybody_can_compute():
    # printf '2026|H15.03-220301-0001' | sha256sum
    assert rank("2026", "H15.03-220301-0001") == (
        "7a4dbaa63b8ce81fa447bc5a2d1d8dbcde78a455577811d549fb2402d080eb9e"
    )


@given(COUNTS, st.integers(1, 200), st.text(max_size=8))
def test_a_sample_has_its_size_nobody_twice_and_every_stratum(counts: dict[str, int], size: int, seed: str):
    size = max(size, len(counts))
    people = population(counts)
    sample = draw(people, size, seed)
    assert len(sample.drawn) == min(size, len(people)) == sum(share.size for share in sample.shares)
    assert len(set(sample.drawn)) == len(sample.drawn)
    assert {one.stratum for one in sample.drawn} == counts.keys()
    assert {share.stratum: share.population for share in sample.shares} == counts
    assert sample.population == len(people)
    assert all(1 <= share.size <= share.population for share in sample.shares)


@given(COUNTS, st.integers(1, 200), st.randoms())
def test_the_order_in_which_dossiers_come_changes_nothing(counts: dict[str, int], size: int, chance):
    size, people = max(size, len(counts)), population(counts)
    mixed = people[:]
    chance.shuffle(mixed)
    assert draw(people, size, "7") == draw(mixed, size, "7")


@given(COUNTS, st.integers(1, 100))
def test_in_each_stratum_those_of_the_smallest_hashes_are_taken(counts: dict[str, int], size: int):
    sample = draw(population(counts), max(size, len(counts)), "x")
    for share in sample.shares:
        own = sorted(
            (one.code for one in population(counts) if one.stratum == share.stratum),
            key=lambda c: rank("x", c),
        )
        assert [one.code for one in sample.drawn if one.stratum == share.stratum] == own[: share.size]


@given(COUNTS, st.integers(1, 300))
def test_shares_are_in_proportion_but_for_strata_that_would_have_none(counts: dict[str, int], size: int):
    total = sum(counts.values())
    size = min(max(size, len(counts)), total)
    sizes = allocate(counts, size)
    fair = {stratum: Fraction(size * count, total) for stratum, count in counts.items()}
    assert all(sizes[stratum] - fair[stratum] < 1 or sizes[stratum] == 1 for stratum in counts)
    if all(share >= 1 for share in fair.values()):
        assert all(abs(sizes[stratum] - fair[stratum]) < 1 for stratum in counts)


@pytest.mark.parametrize(
    ("counts", "size", "wanted"),
    [
        ({"a": 60, "b": 30, "c": 10}, 10, {"a": 6, "b": 3, "c": 1}),
        ({"a": 50, "b": 50}, 3, {"a": 2, "b": 1}),  # equal remainders: the name that comes first
        ({"a": 997, "b": 2, "c": 1}, 3, {"a": 1, "b": 1, "c": 1}),
        ({"a": 997, "b": 2, "c": 1}, 10, {"a": 8, "b": 1, "c": 1}),
        ({"a": 2, "b": 1}, 10, {"a": 2, "b": 1}),
        ({}, 5, {}),
    ],
)
def test_shares_by_hand(counts: dict[str, int], size: int, wanted: dict[str, int]):
    assert allocate(counts, size) == wanted


def test_a_sample_smaller_than_its_strata_is_refused():
    with pytest.raises(UsageError, match="nhỏ hơn số nhóm"):
        draw(population({"a": 5, "b": 5}), 1, "x")
    with pytest.raises(UsageError, match="từ 1 trở lên"):
        draw([], 0, "x")
    assert draw([], 5, "x").drawn == ()
