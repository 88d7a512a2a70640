"""Dossiers worth an hour first: how long their likes took, and what fits into some hours, against every choice there is."""

from fractions import Fraction
from itertools import combinations
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.measures.saving import (
    LEAST,
    Experiences,
    Worth,
    experience,
    ordered,
    plan,
)

FEW = experience([(3, 9, 1)])
ENOUGH = experience([(2, 5, 0), (4, 10, 2), (9, 5, 5)])


def worth(number: int, minutes: int | None = 60, chance: int | None = 5_000, left: int = 10_000) -> Worth:
    return Worth(number, due_at=number, left=left, minutes=minutes, chance=chance)


def test_what_is_usually_left_is_told_of_those_that_took_as_long_at_least():
    assert ENOUGH.left_after(0) == 4
    assert ENOUGH.left_after(3) == 1  # fifteen took longer: the eighth of them four days
    assert ENOUGH.left_after(5) is None  # five did
    assert FEW.left_after(0) is None


def test_a_share_of_few_is_no_chance():
    assert ENOUGH.chance == 3_500
    assert FEW.chance is None


@given(
    taken=st.lists(st.integers(0, 30), min_size=LEAST, max_size=60),
    elapsed=st.integers(0, 10),
)
def test_what_is_left_is_the_median_of_the_rest(taken: list[int], elapsed: int):
    longer = [days for days in taken if days >= elapsed]
    wanted = median_low(longer) - elapsed if len(longer) >= LEAST else None
    assert experience((days, 1, 0) for days in taken).left_after(elapsed) == wanted


def test_a_unit_that_knows_too_little_goes_by_the_procedure_anywhere():
    known = Experiences({(1, 7): FEW, (2, 7): ENOUGH}, {7: ENOUGH})
    assert known.left_after(2, 7, 0) == (4, True)
    assert known.left_after(1, 7, 0) == (4, False)
    assert known.left_after(1, 8, 0) == (None, False)
    assert (known.chance(1, 7), known.chance(1, 8)) == (3_500, None)


def test_the_order_is_by_late_ones_spared_an_hour_then_tight_then_unknown():
    rows = [
        worth(1, minutes=None),
        worth(2, minutes=600, left=60),
        worth(3, minutes=60, chance=1_000),
        worth(4, minutes=120, chance=9_000),
        worth(5, chance=None),
        worth(6, minutes=60, chance=1_000),
    ]
    assert [row.dossier_id for row in ordered(rows)] == [4, 3, 6, 2, 1, 5]
    assert rows[3].per_hour == Fraction(9, 20)
    assert rows[0].per_hour is None


def test_a_plan_takes_nothing_that_is_tight_unknown_or_never_late():
    rows = ordered([worth(1, minutes=None), worth(2, minutes=600, left=60), worth(3, chance=0), worth(4)])
    found = plan(rows, 10_000)
    assert (found.ids, found.minutes, found.chance, found.spared) == ((4,), 60, 5_000, 1)
    assert plan(rows, 59).ids == ()


def test_the_best_single_one_is_taken_where_the_small_ones_would_keep_it_out():
    rows = ordered([worth(1, minutes=60, chance=300), worth(2, minutes=1_000, chance=4_000)])
    assert plan(rows, 1_000).ids == (2,)


WORTHS = st.lists(
    st.tuples(st.integers(60, 600), st.integers(0, 10_000), st.booleans()), min_size=0, max_size=9
)


def best(rows: list[Worth], capacity: int) -> int:
    """The most that any choice spares, by trying all of them."""
    usable = [row for row in rows if row.minutes is not None and not row.is_tight]
    return max(
        sum(row.chance or 0 for row in some)
        for size in range(len(usable) + 1)
        for some in combinations(usable, size)
        if sum(row.minutes or 0 for row in some) <= capacity
    )


@given(given_rows=WORTHS, capacity=st.integers(0, 3_000))
def test_a_plan_fits_and_spares_at_least_half_of_what_any_choice_could(given_rows, capacity):
    rows = [
        worth(number, minutes, chance, left=0 if tight else 10_000)
        for number, (minutes, chance, tight) in enumerate(given_rows)
    ]
    found = plan(ordered(rows), capacity)
    most = best(rows, capacity)
    assert found.minutes <= capacity
    assert most / 2 <= found.chance <= most
    assert found.chance == sum(rows[key].chance or 0 for key in found.ids)


@given(
    chances=st.lists(st.integers(0, 10_000), max_size=9),
    minutes=st.integers(60, 500),
    capacity=st.integers(0, 3_000),
)
def test_where_all_take_alike_a_plan_is_the_best_choice(chances, minutes, capacity):
    rows = [worth(number, minutes, chance) for number, chance in enumerate(chances)]
    assert plan(ordered(rows), capacity).chance == best(rows, capacity)


@pytest.mark.parametrize("more", [1, 60, 5_000])
@given(given_rows=WORTHS, capacity=st.integers(0, 3_000))
def test_more_hours_never_spare_less_than_half_of_what_fewer_did(given_rows, capacity, more):
    rows = ordered(worth(n, minutes, chance) for n, (minutes, chance, _) in enumerate(given_rows))
    assert plan(rows, capacity + more).chance * 2 >= plan(rows, capacity).chance
