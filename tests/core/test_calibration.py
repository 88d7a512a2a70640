"""Chances made to keep what they say, and their trial: against slow oracles."""

import math

import numpy as np
import pytest

from tracker.measures.calibration import (
    BINS,
    brier,
    calibrated,
    gain,
    reliability,
    rising,
    sharpness,
    spread,
)
from tracker.measures.logistic import chance_of, fitted


def slowly_rising(values: list[float], weights: list[float]) -> list[float]:
    """The min-max formula of isotonic regression: the largest mean that begins here or before and ends here or after."""

    def mean(first: int, last: int) -> float:
        part = range(first, last + 1)
        return sum(values[i] * weights[i] for i in part) / sum(weights[i] for i in part)

    size = len(values)
    return [max(min(mean(i, j) for j in range(k, size)) for i in range(k + 1)) for k in range(size)]


@pytest.mark.parametrize("seed", range(30))
def test_the_rising_line_is_the_nearest_one(seed: int):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 25))
    values, weights = rng.random(size), rng.integers(1, 9, size).astype(float)
    assert rising(values, weights) == pytest.approx(slowly_rising(values.tolist(), weights.tolist()))


@pytest.mark.parametrize("seed", range(10))
def test_what_is_calibrated_rises_and_keeps_the_order_of_dossiers(seed: int):
    rng = np.random.default_rng(seed)
    chance = rng.random(3000)
    late = rng.random(3000) < chance**2
    made = calibrated(chance, late)
    told = made.of(np.linspace(0, 1, 500))
    assert (np.diff(told) >= 0).all()
    assert told[0] > 0
    assert told[-1] < 1
    assert brier(made.of(chance), late) < brier(chance, late)


def test_too_few_dossiers_teach_nothing():
    chance = np.array([0.2, 0.4])
    assert calibrated(chance, np.array([True, False])).of(chance).tolist() == [0.2, 0.4]


@pytest.mark.parametrize("seed", range(10))
def test_the_reliability_table_loses_no_dossier(seed: int):
    rng = np.random.default_rng(seed)
    chance = np.append(rng.random(500), [0.0, 1.0])
    late = rng.random(502) < 0.3
    bins = reliability(chance, late)
    assert len(bins) == BINS
    assert sum(each.count for each in bins) == 502
    assert sum(each.late for each in bins) == late.sum()
    assert math.isclose(sum(each.foretold for each in bins), chance.sum())
    for each in bins:
        inside = (chance >= float(each.low)) & ((chance < float(each.high)) | (each.high == 1))
        assert each.count == inside.sum()


def test_scores_by_hand():
    assert brier(np.array([0.8, 0.1]), np.array([True, False])) == pytest.approx((0.04 + 0.01) / 2)
    assert sharpness(np.array([0.5, 0.5])) == 0
    assert math.isnan(brier(np.zeros(0), np.zeros(0, dtype=bool)))


def test_the_interval_knows_the_better_one_and_repeats():
    rng = np.random.default_rng(1)
    truth = rng.random(4000)
    late = rng.random(4000) < truth
    cluster = rng.integers(0, 200, 4000)
    flat = np.full(4000, late.mean())
    found = gain(truth, flat, late, cluster, seed=5)
    assert found.low < found.value < found.high < 0
    assert found == gain(truth, flat, late, cluster, seed=5)
    assert gain(flat, truth, late, cluster, seed=5).low > 0
    same = gain(flat, flat, late, cluster, seed=5)
    assert (same.low, same.value, same.high) == (0, 0, 0)


def test_whole_clusters_are_drawn_so_that_few_of_them_say_less():
    rng = np.random.default_rng(2)
    cluster = np.repeat(np.arange(10), 300)
    late = rng.random(3000) < np.repeat(rng.random(10), 300)
    one, other = np.full(3000, 0.45), np.full(3000, 0.55)
    wide, narrow = gain(one, other, late, cluster, seed=1), gain(one, other, late, np.arange(3000), seed=1)
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_months_that_differ_by_luck_alone_have_the_smallest_spread():
    assert spread([(100, 1000)] * 12) == pytest.approx(0.05)
    assert spread([(50, 1000), (200, 1000), (100, 1000), (300, 1000)]) > 0.5
    assert spread([]) == 0.5


def test_weights_without_a_ridge_are_those_of_the_library():
    import statsmodels.api as sm

    rng = np.random.default_rng(4)
    features = rng.normal(size=(2000, 3)) * [1.0, 5.0, 0.2]
    late = rng.random(2000) < chance_of(0.5 + features @ [1.0, -0.2, 2.0])
    found = fitted(features, late, ridge=0.0)
    model = sm.GLM(late.astype(float), sm.add_constant(features), family=sm.families.Binomial()).fit()
    assert found.weights / found.scale == pytest.approx(model.params[1:], rel=1e-6)
    assert found.of(features) == pytest.approx(model.predict(sm.add_constant(features)), rel=1e-6)


def test_a_feature_without_any_difference_has_no_say():
    rng = np.random.default_rng(5)
    features = np.column_stack([rng.normal(size=500), np.full(500, 3.0)])
    found = fitted(features, rng.random(500) < 0.4, ridge=1.0)
    assert found.weights[1] == 0


@pytest.mark.parametrize("seed", range(8))
def test_weights_end_at_the_top_even_where_one_feature_says_nearly_all(seed: int):
    """A feature of few dossiers that are nearly all late makes whole steps of Newton overshoot."""
    rng = np.random.default_rng(seed)
    size, ridge = 4000, 25.0
    telling = rng.random(size) < 0.1
    late = np.where(telling, rng.random(size) < 0.995, rng.random(size) < 0.01)
    features = np.column_stack([rng.normal(size=(size, 3)) * [4.0, 1.0, 0.1], telling])
    found = fitted(features, late, ridge=ridge)
    missed = late - found.of(features)
    scaled = (features - found.mean) / found.scale
    assert missed.sum() == pytest.approx(0.0, abs=1e-4)
    assert scaled.T @ missed == pytest.approx(ridge * found.weights, abs=1e-4)
    assert found.weights[3] > 0
