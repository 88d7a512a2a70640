"""Sums of rate tables: a total is the sum of its groups, balanced where they are, and 0/0 is no rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.measures.rates import balances, total, total_bases
from tracker.types import Basis, BasisRate, RateCounts, RateRow

FEW = st.integers(0, 1000)


@st.composite
def counts(draw: st.DrawFn) -> RateCounts:
    """A row in which everything that was there ended or stands open."""
    parts = {name: draw(FEW) for name in ("early", "on_time", "late", "withdrawn", "no_due", "open")}
    there = sum(parts.values())
    received = draw(st.integers(0, there))
    return RateCounts(received=received, carried_over=there - received, **parts)


@given(rows=st.lists(counts(), max_size=6))
def test_a_total_of_balanced_rows_is_balanced_and_adds_every_column(rows: list[RateCounts]):
    whole = total(rows)
    assert balances(whole)
    assert whole.finished == sum(row.finished for row in rows)
    assert whole.numerator == sum(row.numerator for row in rows)
    assert whole.open == sum(row.open for row in rows)


@given(row=counts())
def test_a_row_that_loses_a_dossier_does_not_balance(row: RateCounts):
    assert balances(row)
    assert not balances(RateCounts(received=row.received + 1, carried_over=row.carried_over, open=row.open,
                                   early=row.early, on_time=row.on_time, late=row.late, withdrawn=row.withdrawn,
                                   no_due=row.no_due))  # fmt: skip


def test_finished_is_early_on_time_and_late_without_withdrawals_and_undated_ones():
    row = RateCounts(early=3, on_time=4, late=5, withdrawn=6, no_due=7, refused=2)
    assert (row.numerator, row.finished) == (7, 12)


def test_a_total_of_nothing_is_nothing():
    assert total([]) == RateCounts()
    assert balances(total([]))


@pytest.mark.parametrize(
    ("numerator", "denominator", "rate"),
    [(0, 0, None), (None, None, None), (0, 4, 0.0), (2, 3, 2 / 3), (5, 5, 1.0)],
)
def test_a_rate_is_null_where_nothing_was_finished(numerator, denominator, rate):
    assert BasisRate(numerator, denominator, denominator, denominator).rate == rate


def test_the_bases_of_groups_are_added_basis_by_basis():
    rows = [
        RateRow({}, RateCounts(), {basis: BasisRate(n, n + 1, n + 2, n + 3) for basis in Basis})
        for n in (1, 10)
    ]
    assert total_bases(rows) == {basis: BasisRate(11, 13, 15, 17) for basis in Basis}
    assert total_bases([]) == {basis: BasisRate(0, 0, 0, 0) for basis in Basis}
