"""How chances are made to keep what they say, and how it is tried whether they do: isotonic steps, Brier score, intervals. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tracker.measures.forecast_history import Bools, Floats, Ints

BINS = 10
# Chances are put together before they are made monotone: a step of few dossiers says nothing.
_STEPS, _LEAST = 100, 25
_BEYOND = 0.5
_REPEATS, _LOW, _HIGH = 400, 0.025, 0.975
FEWEST, MOST = 0.0005, 0.9995


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising line through points (chance as the model says it, share that came true).

    Beyond its ends, where little was seen, a difference counts half.
    """

    said: Floats
    came: Floats

    def of(self, chance: Floats) -> Floats:
        """What chances become."""
        if not len(self.said):
            return np.clip(chance, FEWEST, MOST)
        beyond = np.maximum(chance - self.said[-1], 0.0) + np.minimum(chance - self.said[0], 0.0)
        told = np.interp(chance, self.said, self.came) + _BEYOND * beyond
        return np.asarray(np.clip(told, FEWEST, MOST), dtype=np.float64)


NOTHING_LEARNT = Calibration(np.zeros(0), np.zeros(0))


def calibrated(chance: Floats, late: Bools) -> Calibration:
    """The rising line that fits what came of chances best in the sense of least squares, over groups of equal size."""
    if len(chance) < 2 * _LEAST:
        return NOTHING_LEARNT
    order = np.argsort(chance, kind="stable")
    groups = np.array_split(order, max(2, min(_STEPS, len(chance) // _LEAST)))
    said = np.array([chance[group].mean() for group in groups])
    share = np.array([late[group].mean() for group in groups])
    size = np.array([float(len(group)) for group in groups])
    came = rising(share, size)
    # One point for each step, in its middle: between them the line rises, so that chances keep their order.
    starts = np.append(0, np.flatnonzero(came[1:] > came[:-1]) + 1)
    whole = np.add.reduceat(size, starts)
    return Calibration(np.add.reduceat(said * size, starts) / whole, came[starts])


def rising(values: Floats, weights: Floats) -> Floats:
    """The rising sequence that is nearest to `values` (pool adjacent violators)."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        block = (value, weight, 1)
        while blocks and blocks[-1][0] >= block[0]:
            mean, heavy, count = blocks.pop()
            total = heavy + block[1]
            block = ((mean * heavy + block[0] * block[1]) / total, total, count + block[2])
        blocks.append(block)
    return np.repeat([mean for mean, _, _ in blocks], [count for *_, count in blocks])


# ---------------------------------------------------------------- trial


@dataclass(frozen=True, slots=True)
class Bin:
    """Dossiers to which about the same chance was told: what was foretold of them (a sum of chances), how many were late."""

    low: Fraction
    high: Fraction
    count: int
    foretold: float
    late: int


def reliability(chance: Floats, late: Bools) -> tuple[Bin, ...]:
    """Ten bins of chances, empty ones among them; the last one holds 1."""
    place = np.minimum((chance * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(place, minlength=BINS)
    sums = np.bincount(place, weights=chance, minlength=BINS)
    came = np.bincount(place, weights=late.astype(np.float64), minlength=BINS)
    return tuple(
        Bin(Fraction(n, BINS), Fraction(n + 1, BINS), int(counts[n]), float(sums[n]), int(came[n]))
        for n in range(BINS)
    )


def brier(chance: Floats, late: Bools) -> float:
    """The mean squared distance of chances to what came: 0 is best, and a coin for everybody has 0.25."""
    return float(np.mean((chance - late) ** 2)) if len(chance) else float("nan")


def sharpness(chance: Floats) -> float:
    """The variance of the chances: how much they tell dossiers apart."""
    return float(np.var(chance)) if len(chance) else float("nan")


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def gain(one: Floats, other: Floats, late: Bools, cluster: Ints, *, seed: int) -> Interval:
    """Brier score of `one` less that of `other` (below 0: `one` is better), its interval by drawing whole clusters again.

    Dossiers of a unit in a month fare alike, so single ones would say more than they know.
    """
    difference = (one - late) ** 2 - (other - late) ** 2
    _ids, place = np.unique(cluster, return_inverse=True)
    sums = np.bincount(place, weights=difference)
    counts = np.bincount(place).astype(np.float64)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=_REPEATS)
    means = np.sort((drawn @ sums) / (drawn @ counts))
    return Interval(float(difference.mean()), _quantile(means, _LOW), _quantile(means, _HIGH))


def _quantile(ordered: Floats, part: float) -> float:
    return float(ordered[min(int(part * len(ordered)), len(ordered) - 1)])


def spread(shares: Sequence[tuple[int, int]]) -> float:
    """How much late shares (late, of) of months differ beyond chance: a standard deviation of their log odds, at least 0.05."""
    usable = [(late + 0.5, of + 1.0) for late, of in shares if of > 0]
    if len(usable) < 3:
        return 0.5
    odds = np.array([np.log(late / (of - late)) for late, of in usable])
    noise = np.array([1 / late + 1 / (of - late) for late, of in usable])
    return float(np.sqrt(max(float(np.var(odds, ddof=1) - noise.mean()), 0.0025)))
