"""The end of a year as it may come: what is counted stays, draws repeat, the band holds what it promises on steady data."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from tests.forecast_world import AS_OF, history, worked
from tracker.measures.forecast import Learning, Model
from tracker.measures.forecast_history import NEVER, Floats, History, Seen, seen_at
from tracker.measures.months import closing, opening
from tracker.measures.projection import DRAWS, Asked, Drawn, Projection, counted, project
from tracker.measures.projection_trial import (
    governing,
    held,
    held_document,
    held_of,
    path,
    points_document,
    points_of,
)
from tracker.measures.scoring import Denominator

CUT = opening(202503)
ALL = list(Denominator)


def year(denominator: Denominator = Denominator.RESOLVED, cut: int = CUT, until: int = 202512) -> Asked:
    return Asked(cut, opening(202501), closing(until), denominator)


def flat(chance: float):
    def told(seen: Seen) -> Floats:
        return np.full(int(seen.running.sum()), chance)

    return told


def projected(of: History, asked: Asked, chance: float = 0.2) -> Projection:
    return project(of, asked, flat(chance), counted(of, asked, asked.cut))


def rate(drawn: Drawn) -> Fraction:
    return Fraction(drawn.numerator, drawn.denominator)


@pytest.mark.parametrize("denominator", ALL)
def test_the_draws_stand_in_order_and_none_takes_back_what_is_counted(denominator: Denominator):
    asked = year(denominator)
    told = projected(history(), asked)
    assert len(told.draws) == DRAWS
    rates = [rate(each) for each in told.draws]
    assert rates == sorted(rates)
    assert all(0 <= each.numerator <= each.denominator for each in told.draws)
    assert all(each.numerator >= told.so_far.numerator for each in told.draws)
    assert rate(told.low) <= rate(told.middle) <= rate(told.high)


def test_the_same_moment_has_the_same_draws_and_another_one_others():
    of = history(4000)
    assert projected(of, year()) == projected(of, year())
    assert projected(of, year()).draws != projected(of, year(cut=CUT + 1)).draws


@pytest.mark.parametrize("denominator", ALL)
def test_with_nothing_left_the_year_is_what_was_counted(denominator: Denominator):
    of = history(4000)
    asked = year(denominator, cut=closing(202504), until=202504)
    closed = replace(
        of, ended=np.where(of.ended > asked.cut, asked.cut, of.ended), how=np.ones(len(of), dtype=np.int64)
    )
    closed = closed.of_rows(np.flatnonzero(closed.received <= asked.cut))
    told = projected(closed, asked)
    assert told.low == told.high == told.so_far
    assert (told.open, told.to_come) == (0, 0.0)


@pytest.mark.parametrize("denominator", ALL)
def test_likelier_lateness_of_what_is_open_lowers_the_year(denominator: Denominator):
    of, asked = history(4000), year(denominator)
    few, many = projected(of, asked, 0.05), projected(of, asked, 0.6)
    assert rate(many.middle) < rate(few.middle)
    assert few.open == many.open


def test_what_is_counted_follows_the_reading_of_the_edition():
    of = history(4000)
    at = closing(202503)
    seen, start = seen_at(of, at), opening(202501)
    ended = seen.result & (seen.ended >= start)
    in_time = ended & ~seen.late
    new = seen.received >= start
    found = {each: counted(of, year(each), at) for each in ALL}
    assert found[Denominator.RESOLVED] == Drawn(int(in_time.sum()), int(ended.sum()))
    assert found[Denominator.RECEIVED] == Drawn(int((in_time & new).sum()), int(new.sum()))
    overdue = Drawn(int(in_time.sum()), int((ended | seen.overdue).sum()))
    assert found[Denominator.RESOLVED_AND_OVERDUE] == overdue


def test_where_only_every_third_that_ended_was_read_counts_stand_for_all():
    of = history(9000)
    third = of.of_rows(np.flatnonzero((of.ended == NEVER) | (of.dossier_id % 3 == 0)))
    asked = year()
    whole, part = projected(of, asked), projected(replace(third, every=3), asked)
    assert part.so_far.denominator == pytest.approx(whole.so_far.denominator, rel=0.08)
    assert part.to_come == pytest.approx(whole.to_come, rel=0.08)
    assert float(rate(part.middle)) == pytest.approx(float(rate(whole.middle)), abs=0.015)


@pytest.mark.parametrize("denominator", ALL)
def test_on_steady_data_the_band_holds_most_of_what_came(denominator: Denominator):
    """12 cuts of one history share their ends, so several histories; 80 % were promised."""
    kept = [
        each
        for seed in range(4)
        for each in held(
            Learning(history(8000, seed=seed), worked), history(8000, seed=seed), AS_OF, is_on=True, denominator=denominator
        )
    ]  # fmt: skip
    assert len(kept) >= 30
    assert 0.6 <= sum(each.is_held for each in kept) / len(kept) <= 1.0
    middle = np.array([float(rate(each.middle) - rate(each.came)) for each in kept])
    assert abs(middle.mean()) < 0.02


def test_the_path_ends_where_the_year_does_and_counted_months_have_no_band():
    of = history(6000)
    learning = Learning(of, worked)
    model = learning.learn(CUT)
    assert isinstance(model, Model)
    chance = governing(learning, model, is_on=True, history=of)
    so_far = counted(of, year(), CUT)
    months, told = path(of, 2025, CUT, chance, so_far, Denominator.RESOLVED)
    assert [each.month for each in months] == list(range(202501, 202513))
    assert [each.low is None for each in months] == [True, True] + 10 * [False]
    assert (months[-1].low, months[-1].middle, months[-1].high) == told.ends
    assert points_of(json.loads(json.dumps(points_document(months)))) == months


def test_a_year_that_is_over_is_no_guess():
    of = history(2000)
    so_far = Drawn(90, 100)
    months, told = path(of, 2024, AS_OF, flat(0.2), so_far, Denominator.RESOLVED)
    assert (told.low, told.middle, told.high) == (so_far, so_far, so_far)
    assert all(each.low is None for each in months)


def test_chances_of_a_part_are_those_of_the_whole():
    of = history(6000)
    learning = Learning(of, worked)
    model = learning.learn(CUT)
    assert isinstance(model, Model)
    part = of.of_units(frozenset({1, 7}))
    seen, asked = seen_at(part, CUT), learning.landmark(CUT)
    told = governing(learning, model, is_on=True, history=part)(seen)
    mine = np.isin(asked.unit, [1, 7])
    assert np.array_equal(told, model.model(asked)[mine])


def test_the_trial_of_bands_is_kept_and_read_back():
    of = history(6000)
    found = held(Learning(of, worked), of, AS_OF, is_on=False, denominator=Denominator.RESOLVED)
    assert found
    assert held_of(json.loads(json.dumps(held_document(found)))) == found
    assert all(each.until <= 202505 for each in found)
