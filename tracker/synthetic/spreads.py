"""How things are spread: months, lateness, earliness, times of day, channels. Believable shapes, no measured data."""

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic.batch import ONLINE

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Work done by month: little around Tết (late January to February), much from March to June and before the year's end.
_MONTHS = (0.0, 0.85, 0.6, 1.15, 1.15, 1.15, 1.1, 1.0, 1.0, 0.95, 0.95, 1.0, 1.1)
_LONGEST_LATENESS = 120
MORNING, AFTERNOON = (7 * 3600 + 12 * 60, 11 * 3600 + 25 * 60), (13 * 3600 + 33 * 60, 16 * 3600 + 55 * 60)
_EVENING = (17 * 3600 + 5 * 60, 22 * 3600)
_CHANNEL_SHARES = (0.70, 0.25, 0.05)


def month_weights(day_numbers: Ints) -> Floats:
    """The weight of each day for work being done."""
    months = day_numbers.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    return np.asarray(np.array(_MONTHS)[months], dtype=np.float64)


def weighted(rng: np.random.Generator, weights: Floats, size: int) -> Ints:
    """Places drawn with weights."""
    edges = np.cumsum(weights)
    drawn = np.searchsorted(edges, rng.random(size) * edges[-1], "right")
    return np.asarray(np.minimum(drawn, len(edges) - 1), dtype=np.int64)


def exactly(rng: np.random.Generator, weights: Floats, count: int) -> Bools:
    """A mask of exactly `count` places, drawn without replacement with weights (exponential keys)."""
    keys = rng.exponential(size=len(weights)) / weights
    chosen = np.zeros(len(weights), dtype=np.bool_)
    if count:
        chosen[np.argpartition(keys, count - 1)[:count]] = True
    return chosen


def share(rng: np.random.Generator, size: int, part: float) -> Bools:
    """A mask of about that part."""
    return rng.random(size) < part


def late_days(rng: np.random.Generator, size: int) -> Ints:
    """Working days late: most a few, a long tail up to 120."""
    days = np.ceil(rng.lognormal(1.75, 1.05, size)).astype(np.int64)
    return np.clip(days, 1, _LONGEST_LATENESS)


def spare_days(rng: np.random.Generator, limit: Ints) -> Ints:
    """Working days left at the end of a dossier that keeps its date: a third on the last day, the others earlier."""
    days = (rng.beta(0.7, 2.2, len(limit)) * limit).astype(np.int64)
    return np.where(share(rng, len(limit), 0.2), 0, days)


def desk_seconds(rng: np.random.Generator, size: int) -> Ints:
    """Seconds of the day inside desk hours, more in the morning."""
    morning = share(rng, size, 0.58)
    begin = np.where(morning, MORNING[0], AFTERNOON[0])
    length = np.where(morning, MORNING[1] - MORNING[0], AFTERNOON[1] - AFTERNOON[0])
    return np.asarray(begin + rng.beta(1.4, 1.5, size) * length, dtype=np.int64)


def evening_seconds(rng: np.random.Generator, size: int) -> Ints:
    """Seconds of the day after desk hours."""
    return np.asarray(_EVENING[0] + rng.beta(1.0, 1.8, size) * (_EVENING[1] - _EVENING[0]), dtype=np.int64)


def reception_seconds(rng: np.random.Generator, channel: Ints) -> Ints:
    """When dossiers are taken in: at the desk, a few online ones by the portal after hours."""
    size = len(channel)
    after_hours = (channel == ONLINE) & share(rng, size, 0.12)
    return np.where(after_hours, evening_seconds(rng, size), desk_seconds(rng, size))


def channels(rng: np.random.Generator, size: int) -> Ints:
    """Counter, online, postal."""
    return weighted(rng, np.array(_CHANNEL_SHARES), size)
