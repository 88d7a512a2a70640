"""What may still be late, and what one more late dossier costs: boundaries at the threshold, nothing for nothing."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.criteria_data import load_editions
from tracker.measures.budget import (
    OpenStanding,
    Tally,
    Window,
    added,
    allowance,
    if_all_end,
    late_cost,
    windows,
)
from tracker.measures.scoring import points

RESOLVED, RECEIVED = (
    next(e for e in load_editions() if (e.criterion, e.key) == ("3.4.1", key))
    for key in ("resolved", "received")
)
NONE_OPEN = OpenStanding()
WHOLE = st.integers(0, 500_000)


@pytest.mark.parametrize(
    ("numerator", "denominator", "late", "allowed", "headroom", "earned"),
    [
        (373_115, 420_000, 46_885, 21_000, -25_885, 0),  # the year of the founding notice
        (399_000, 420_000, 21_000, 21_000, 0, Fraction(1425, 1000)),
        (398_999, 420_000, 21_001, 21_000, -1, 0),
        (420_000, 420_000, 0, 21_000, 21_000, Fraction(3, 2)),
        (19, 20, 1, 1, 0, Fraction(1425, 1000)),
        (19, 19, 0, 0, 0, Fraction(3, 2)),  # of 19 not one may be late
        (0, 0, 0, 0, 0, None),
    ],
)
def test_an_allowance_is_the_threshold_on_its_own_denominator(
    numerator, denominator, late, allowed, headroom, earned
):
    found = allowance(RESOLVED, Tally(numerator, denominator))
    assert (found.tally.late, found.budget_late, found.headroom) == (late, allowed, headroom)
    assert found.points == earned


@pytest.mark.parametrize(
    ("numerator", "denominator", "until_lost", "needed"),
    [
        (399_000, 420_000, 0, 0),  # exactly at the threshold: the next late one takes all
        (398_999, 420_000, None, 20),
        (373_115, 420_000, None, 517_700),  # each late one above the budget takes twenty
        (20, 20, 1, 0),
        (19, 20, 0, 0),
        (18, 20, None, 20),
        (0, 0, None, 0),
        (0, 1, None, 19),
    ],
)
def test_the_way_to_the_threshold_is_told_in_dossiers(numerator, denominator, until_lost, needed):
    cost = late_cost(RESOLVED, Tally(numerator, denominator), NONE_OPEN)
    assert (cost.late_until_lost, cost.on_time_needed) == (until_lost, needed)
    assert cost.on_time_to_offset == 19


@pytest.mark.parametrize(
    ("numerator", "denominator", "lost"),
    [
        (420_000, 420_000, Fraction(3, 2) / 420_001),
        (399_000, 420_000, Fraction(1425, 1000)),  # at the threshold one takes everything
        (398_999, 420_000, None),  # below it there is nothing to lose
        (0, 0, None),
    ],
)
def test_one_late_dossier_costs_its_share_above_the_threshold_and_everything_at_it(
    numerator, denominator, lost
):
    assert late_cost(RESOLVED, Tally(numerator, denominator), NONE_OPEN).points_lost == lost


def test_without_known_points_the_rate_still_has_its_threshold():
    cost = late_cost(replace(RESOLVED, max_points=None), Tally(20, 20), NONE_OPEN)
    assert (cost.points_lost, cost.late_until_lost) == (None, 1)


@given(numerator=WHOLE, late=WHOLE)
def test_as_many_late_ones_as_are_told_keep_the_points_and_one_more_does_not(numerator: int, late: int):
    tally = Tally(numerator, numerator + late)
    cost = late_cost(RESOLVED, tally, NONE_OPEN)
    if cost.late_until_lost is not None:
        still = tally.denominator + cost.late_until_lost
        assert points(RESOLVED, numerator, still) > 0
        assert points(RESOLVED, numerator, still + 1) == 0
        assert cost.on_time_needed == 0
    elif tally.denominator:
        needed = cost.on_time_needed
        assert needed is not None
        assert points(RESOLVED, numerator + needed, tally.denominator + needed) > 0
        assert points(RESOLVED, numerator + needed - 1, tally.denominator + needed - 1) == 0


def test_what_is_open_ends_late_if_it_is_overdue_and_in_time_if_it_can_be_kept():
    standing = OpenStanding(overdue=3, keepable=10, due_later=100, suspended=7, no_due=2)
    assert if_all_end(RESOLVED, Tally(90, 100), standing) == Tally(100, 113)
    # Of received dossiers the open ones stand in the denominator already.
    assert if_all_end(RECEIVED, Tally(90, 200), standing) == Tally(100, 200)


def test_of_received_dossiers_the_cost_is_told_of_the_best_that_can_still_come():
    standing = OpenStanding(overdue=2, keepable=90)
    cost = late_cost(RECEIVED, Tally(100, 200), standing)  # 190 of 200 at best: exactly the threshold
    assert (cost.late_until_lost, cost.points_lost) == (0, Fraction(1425, 1000))
    cost = late_cost(RECEIVED, Tally(101, 200), standing)
    assert (cost.late_until_lost, cost.points_lost) == (1, Fraction(3, 2) / 200)


@pytest.mark.parametrize(
    ("day", "month", "quarter"),
    [
        (date(2026, 1, 1), (date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 1, 1), date(2026, 3, 31))),
        (date(2026, 6, 30), (date(2026, 6, 1), date(2026, 6, 30)), (date(2026, 4, 1), date(2026, 6, 30))),
        (
            date(2026, 12, 31),
            (date(2026, 12, 1), date(2026, 12, 31)),
            (date(2026, 10, 1), date(2026, 12, 31)),
        ),
        (date(2027, 2, 3), (date(2026, 12, 1), date(2026, 12, 31)), (date(2026, 10, 1), date(2026, 12, 31))),
        (date(2025, 9, 9), (date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 1, 1), date(2026, 3, 31))),
    ],
)
def test_month_and_quarter_are_those_of_the_day_within_the_year(day, month, quarter):
    assert windows(2026, day) == (
        (Window.MONTH, *month),
        (Window.QUARTER, *quarter),
        (Window.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
    )


def test_the_month_of_february_ends_with_its_last_day():
    assert windows(2028, date(2028, 2, 5))[0][2] == date(2028, 2, 29)


def test_standings_of_units_add_up():
    both = added([OpenStanding(1, 2, 3, 4, 5), OpenStanding(10, 20, 30, 40, 50)])
    assert both == OpenStanding(11, 22, 33, 44, 55)
    assert both.total == 165
    assert added([]) == NONE_OPEN
