"""How likely an open dossier ends late: curves of groups, what else is known of it, and calibration; a plain baseline beside it. Pure.

What is learnt at a cut is learnt in three steps, each from dossiers that the step before has not seen: curves from what ended
`FIT_MONTHS + HOLD_MONTHS` before the cut; weights of features from the cuts of the next months; the calibration, of model and
baseline alike, from those of the last ones. Then the curves are made anew with everything, and the other two kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracker.measures import forecast_landmarks as landmarks
from tracker.measures.calibration import NOTHING_LEARNT, Calibration, calibrated, gain
from tracker.measures.forecast_history import Bools, Floats, History, Ints, Seen, Worked, outcome, seen_at
from tracker.measures.forecast_landmarks import Landmark
from tracker.measures.logistic import Logistic, fitted, log_odds
from tracker.measures.months import before, month_of, opening
from tracker.measures.survival import Curves, chances, curves, found_at, packed

FIT_MONTHS, HOLD_MONTHS = 2, 2
RIDGE = 25.0
# Below this nothing is learnt: a share of so few dossiers is a matter of luck.
LEAST_ENDED, LEAST_TRIED = 300, 100
# So many dossiers of a cut are enough to learn weights from; all of them are still told a chance.
MOST_TRIED = 40_000
BASELINE_WEIGHT = 30.0
_HALF_MONTH = 15 * 86_400


@dataclass(frozen=True, slots=True)
class Shares:
    """Late shares of what ended, of groups from the largest to the smallest: the baseline. `key`s in order."""

    key: Ints
    late: Floats
    ended: Floats


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt at a cut. `weights` None: the curves alone did as well. `tried`: dossiers behind weights and calibration."""

    cut: int
    curves: tuple[Curves, ...] | None
    weights: Logistic | None
    shares: tuple[Shares, ...]
    model_calibration: Calibration
    baseline_calibration: Calibration
    climate: float
    ended: int
    tried: int

    def baseline(self, asked: Landmark) -> Floats:
        """The late share of the history of unit and procedure, drawn to larger groups where it is small."""
        return self.baseline_calibration.of(_shares_of(self.shares, asked))

    def model(self, asked: Landmark) -> Floats:
        """The model's chances; the baseline's where there is no model."""
        if self.curves is None:
            return self.baseline(asked)
        raw = chances(_chain(self.curves, asked), asked.elapsed)
        if self.weights is not None:
            raw = self.weights.of(_columns(raw, asked))
        return self.model_calibration.of(raw)


@dataclass(frozen=True, slots=True)
class TooLittle:
    """Nothing could be learnt: so many had ended, so many were there to learn weights and calibration from."""

    ended: int
    tried: int


class Learning:
    """Learns from one history at any cut; what several cuts need is made once."""

    def __init__(self, history: History, worked: Worked, *, with_curves: bool = True) -> None:
        self.history, self._worked, self._with_curves = history, worked, with_curves
        self._landmarks: dict[int, Landmark] = {}
        self._curves: dict[int, tuple[Curves, ...]] = {}
        self._learnt: dict[int, Model | TooLittle] = {}

    def landmark(self, cut: int) -> Landmark:
        """The open dossiers of a cut."""
        if cut not in self._landmarks:
            self._landmarks[cut] = landmarks.landmark(seen_at(self.history, cut), self._worked)
        return self._landmarks[cut]

    def learn(self, cut: int) -> Model | TooLittle:
        """What can be learnt from what was known at a cut."""
        if cut not in self._learnt:
            self._learnt[cut] = self._learn(cut)
        return self._learnt[cut]

    def _learn(self, cut: int) -> Model | TooLittle:
        now = seen_at(self.history, cut)
        fit, hold = _cuts(cut)
        enough = int(seen_at(self.history, fit[0]).result.sum())
        hold_pairs, hold_late = self._pairs(hold, now)
        if enough < LEAST_ENDED or len(hold_pairs) < LEAST_TRIED:
            return TooLittle(enough, len(hold_pairs))
        shares = _learn_shares(seen_at(self.history, fit[0]))
        baseline = calibrated(_shares_of(shares, hold_pairs), hold_late)
        made: tuple[tuple[Curves, ...] | None, Logistic | None, Calibration] = (None, None, NOTHING_LEARNT)
        tried = len(hold_pairs)
        if self._with_curves:
            fit_pairs, fit_late = self._pairs(fit, now)
            made = self._learn_model(fit[0], (fit_pairs, fit_late), (hold_pairs, hold_late))
            made = (self._curves_at(cut), *made[1:])
            tried += len(fit_pairs)
        climate = float(hold_late.mean())
        return Model(
            cut, *made[:2], _learn_shares(now), made[2], baseline, climate, int(now.result.sum()), tried
        )

    def _learn_model(
        self, first: int, fit: tuple[Landmark, Bools], hold: tuple[Landmark, Bools]
    ) -> tuple[None, Logistic | None, Calibration]:
        """Weights and calibration upon the curves of the first cut; the curves alone where weights do not do better."""
        own = self._curves_at(first)
        plain = chances(_chain(own, hold[0]), hold[0].elapsed)
        alone = calibrated(plain, hold[1])
        if len(fit[0]) < LEAST_TRIED or not fit[1].any() or fit[1].all():
            return None, None, alone
        raw = chances(_chain(own, fit[0]), fit[0].elapsed)
        weights = fitted(_columns(raw, fit[0]), fit[1], ridge=RIDGE)
        better = weights.of(_columns(plain, hold[0]))
        weighed = calibrated(better, hold[1])
        gained = gain(weighed.of(better), alone.of(plain), hold[1], hold[0].unit, seed=first)
        if gained.high >= 0:  # not for certain: the simpler one stays
            return None, None, alone
        return None, weights, weighed

    def _pairs(self, cuts: Sequence[int], now: Seen) -> tuple[Landmark, Bools]:
        """Open dossiers of earlier cuts of which it is known by now whether they were late."""
        parts, came = [], []
        for cut in cuts:
            one = self.landmark(cut)
            result = outcome(now, one.row)
            chosen = np.flatnonzero(result.told)
            chosen = chosen[:: max(1, -(-len(chosen) // MOST_TRIED))]
            parts.append(_taken(one, chosen))
            came.append(result.late[chosen])
        return landmarks.joined(parts), np.concatenate(came)

    def _curves_at(self, cut: int) -> tuple[Curves, ...]:
        if cut not in self._curves:
            seen = seen_at(self.history, cut)
            at, spells = landmarks.spells(seen, self._worked)
            keys = _keys(seen.unit[at], seen.field[at], seen.procedure[at])
            self._curves[cut] = tuple(curves(key, spells) for key in keys)
        return self._curves[cut]


def _cuts(cut: int) -> tuple[list[int], list[int]]:
    """The cuts from which weights are learnt, and those of the calibration: each twice a month."""
    month = month_of(cut)
    starts = []
    for _ in range(FIT_MONTHS + HOLD_MONTHS):
        month = before(month)
        starts.append(opening(month))
    starts.reverse()
    twice = [[start, start + _HALF_MONTH] for start in starts]
    halves = [each for pair in twice for each in pair]
    return halves[: 2 * FIT_MONTHS], halves[2 * FIT_MONTHS :]


def _taken(one: Landmark, at: Ints) -> Landmark:
    columns = ("row", "unit", "field", "procedure", "elapsed", "features")
    return Landmark(one.cut, *(getattr(one, name)[at] for name in columns))


# ---------------------------------------------------------------- groups


def _keys(unit: Ints, field: Ints, procedure: Ints) -> tuple[Ints, ...]:
    """The groups of each dossier, from the largest to the smallest: all, field, unit and field, unit and procedure."""
    return np.zeros(len(unit), dtype=np.int64), field, packed(unit, field), packed(unit, procedure)


def _chain(groups: Sequence[Curves], asked: Landmark) -> list[tuple[Curves, Ints]]:
    return list(zip(groups, _keys(asked.unit, asked.field, asked.procedure), strict=True))


def _columns(raw: Floats, asked: Landmark) -> Floats:
    """What weights are given to: the log odds of the curves, and the features."""
    return np.column_stack([log_odds(raw), asked.features])


def _learn_shares(seen: Seen) -> tuple[Shares, ...]:
    at = np.flatnonzero(seen.result)
    late = seen.late[at].astype(np.float64)
    made = []
    for keys in _keys(seen.unit[at], seen.field[at], seen.procedure[at]):
        found, place = np.unique(keys, return_inverse=True)
        ended = np.bincount(place, minlength=len(found)).astype(np.float64)
        sums = np.asarray(np.bincount(place, weights=late, minlength=len(found)), dtype=np.float64)
        made.append(Shares(found, sums, ended))
    return tuple(made)


def _shares_of(shares: Sequence[Shares], asked: Landmark) -> Floats:
    """Each group's share drawn to that of the larger one, as in `survival.chances`."""
    chance = np.zeros(len(asked))
    keys = _keys(asked.unit, asked.field, asked.procedure)
    for number, (groups, key) in enumerate(zip(shares, keys, strict=True)):
        place, is_there = found_at(groups.key, key)
        late, ended = np.where(is_there, groups.late[place], 0), np.where(is_there, groups.ended[place], 0)
        prior = BASELINE_WEIGHT if number else 1e-9
        chance = (late + prior * chance) / (ended + prior)
    return chance


# ---------------------------------------------------------------- as a document

_FOUR: Callable[[Floats], list[float]] = lambda values: [round(value, 5) for value in values.tolist()]  # noqa: E731


def to_document(model: Model) -> dict[str, Any]:
    """As JSON keeps it; numbers to five places, so that what is read back says the same of anybody."""
    return {
        "cut": model.cut,
        "curves": None
        if model.curves is None
        else [[each.key.tolist(), [_FOUR(row) for row in each.open], each.at_risk.tolist()] for each in model.curves],
        "weights": None
        if model.weights is None
        else [model.weights.constant, *(each.tolist() for each in (model.weights.weights, model.weights.mean, model.weights.scale))],
        "shares": [[each.key.tolist(), each.late.tolist(), each.ended.tolist()] for each in model.shares],
        "calibration": [_line(model.model_calibration), _line(model.baseline_calibration)],
        "climate": model.climate,
        "ended": model.ended,
        "tried": model.tried,
    }  # fmt: skip


def from_document(told: dict[str, Any]) -> Model:
    """The inverse."""
    weights = told["weights"]
    model_line, baseline_line = (Calibration(*map(_floats, line)) for line in told["calibration"])
    return Model(
        told["cut"],
        None
        if told["curves"] is None
        else tuple(Curves(_ints(key), _table(opened), _table(risk)) for key, opened, risk in told["curves"]),
        None if weights is None else Logistic(float(weights[0]), *map(_floats, weights[1:])),
        tuple(Shares(_ints(key), _floats(late), _floats(ended)) for key, late, ended in told["shares"]),
        model_line,
        baseline_line,
        told["climate"],
        told["ended"],
        told["tried"],
    )


def _line(made: Calibration) -> list[list[float]]:
    return [made.said.tolist(), made.came.tolist()]


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _floats(values: list[float]) -> Floats:
    return np.array(values, dtype=np.float64)


def _table(rows: list[list[float]]) -> Floats:
    from tracker.measures.survival import GRID

    return np.array(rows, dtype=np.float64).reshape(len(rows), len(GRID))
