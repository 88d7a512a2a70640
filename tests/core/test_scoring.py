"""Points of criterion 3.4.1: the threshold on the exact fraction, what may still be late, nothing for nothing."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.criteria_data import load_editions
from tracker.errors import ConfigurationError
from tracker.measures.scoring import late_budget, points, points_at_threshold

(RESOLVED,) = [e for e in load_editions() if (e.criterion, e.key) == ("3.4.1", "resolved")]
WHOLE = st.integers(0, 3_000_000)


@pytest.mark.parametrize(
    ("numerator", "denominator", "wanted"),
    [
        (373_115, 420_000, 0),  # the year of the founding notice: 46,885 late
        (399_000, 420_000, Fraction(1425, 1000)),  # exactly 95 %
        (398_999, 420_000, 0),
        (420_000, 420_000, Fraction(3, 2)),
        (19, 20, Fraction(1425, 1000)),
        (18, 19, 0),  # 94.74 %
        (94_999_999, 100_000_000, 0),  # 95.00 % once rounded
        (8_694, 10_000, 0),  # 86.94 %
        (94_999, 100_000, 0),
        (1, 1, Fraction(3, 2)),
        (0, 1, 0),
    ],
)
def test_points_are_the_rate_times_the_maximum_from_95_percent_on_and_nothing_below(
    numerator, denominator, wanted
):
    assert points(RESOLVED, numerator, denominator) == wanted


def test_nothing_resolved_has_no_points_rather_than_none_or_all_of_them():
    assert points(RESOLVED, 0, 0) is None


@pytest.mark.parametrize(
    ("denominator", "budget"),
    [(420_000, 21_000), (0, 0), (1, 0), (19, 0), (20, 1), (39, 1), (40, 2), (4_200, 210)],
)
def test_the_budget_is_how_many_may_be_late_with_the_threshold_still_reached(denominator, budget):
    assert late_budget(RESOLVED, denominator) == budget


def test_the_year_of_the_notice_lacked_25_885_dossiers():
    assert late_budget(RESOLVED, 420_000) - 46_885 == -25_885
    assert points(RESOLVED, 420_000 - (46_885 - 25_885), 420_000) == points_at_threshold(RESOLVED)


def test_reaching_the_threshold_exactly_brings_1_425():
    assert float(points_at_threshold(RESOLVED)) == 1.425


@given(denominator=st.integers(1, 3_000_000))
def test_the_budget_is_the_largest_number_of_late_ones_that_still_brings_points(denominator: int):
    budget = late_budget(RESOLVED, denominator)
    assert points(RESOLVED, denominator - budget, denominator) > 0
    assert points(RESOLVED, denominator - budget - 1, denominator) == 0


@given(denominator=st.integers(1, 3_000_000), share=st.fractions(0, 1))
def test_one_more_dossier_on_time_never_costs_points(denominator: int, share: Fraction):
    numerator = int(share * denominator)
    fewer, more = (
        points(RESOLVED, numerator, denominator),
        points(RESOLVED, min(numerator + 1, denominator), denominator),
    )
    assert 0 <= fewer <= more <= RESOLVED.max_points


@pytest.mark.parametrize("threshold", [Fraction(0), Fraction(1), Fraction(2, 3)])
def test_another_threshold_is_as_exact(threshold):
    edition = replace(RESOLVED, threshold=threshold)
    assert late_budget(edition, 3) == 3 - threshold * 3


def test_no_shipped_edition_is_verified_and_each_says_where_it_comes_from_and_what_to_check():
    for edition in load_editions():
        assert not edition.verified
        assert all((edition.source, edition.formula, edition.confidence, edition.to_check))
    of_341 = [e for e in load_editions() if e.criterion == "3.4.1"]
    assert [e.key for e in of_341] == ["resolved", "received"]
    assert {(e.max_points, e.threshold) for e in of_341} == {(Fraction(3, 2), Fraction(95, 100))}


def test_where_no_text_tells_the_points_there_are_none_rather_than_a_guess():
    unknown = [e for e in load_editions() if e.criterion in ("3.4.2", "3.4.3")]
    assert len(unknown) == 4
    assert {points(edition, 19, 20) for edition in unknown} == {None}
    assert {points_at_threshold(edition) for edition in unknown} == {None}


def test_a_fault_in_the_table_of_editions_is_named(tmp_path):
    path = tmp_path / "criteria.toml"
    path.write_text('[[edition]]\ncriterion = "3.4.1"\nmax_points = "nhiều"\nthreshold = "1"\n', "utf-8")
    with pytest.raises(ConfigurationError, match=r"criteria\.toml"):
        load_editions(path)
