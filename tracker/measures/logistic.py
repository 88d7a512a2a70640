"""Log odds as a sum of features: fitted by Newton's method with a ridge, so that a feature of few dossiers says little. Pure."""

from dataclasses import dataclass

import numpy as np

from tracker.measures.forecast_history import Bools, Floats

_ROUNDS, _DONE = 30, 1e-9


@dataclass(frozen=True, slots=True)
class Logistic:
    """Constant and weights of features that are measured from `mean` in units of `scale`."""

    constant: float
    weights: Floats
    mean: Floats
    scale: Floats

    def of(self, features: Floats) -> Floats:
        """The chances of rows of features."""
        odds = self.constant + (features - self.mean) / self.scale @ self.weights
        return chance_of(odds)


def fitted(features: Floats, came: Bools, *, ridge: float) -> Logistic:
    """The weights that make what came most likely, less `ridge` halves of their squares (the constant is free)."""
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    rows = np.column_stack([np.ones(len(features)), (features - mean) / scale])
    penalty = np.diag([0.0] + [ridge] * features.shape[1])
    weights = np.zeros(rows.shape[1])
    weights[0] = log_odds(np.array([(came.sum() + 0.5) / (len(came) + 1.0)]))[0]
    reached = _likely(rows, weights, came, penalty)
    for _ in range(_ROUNDS):
        chance = chance_of(rows @ weights)
        slope = rows.T @ (came - chance) - penalty @ weights
        bend = (rows * np.maximum(chance * (1 - chance), 1e-9)[:, None]).T @ rows + penalty
        step = np.linalg.solve(bend, slope)
        # Half the way, and half again, where the whole of it overshoots.
        while (found := _likely(rows, weights + step, came, penalty)) < reached and np.abs(
            step
        ).max() > _DONE:
            step = step / 2
        if found <= reached:
            break
        weights, reached = weights + step, found
    return Logistic(float(weights[0]), weights[1:], mean, scale)


def _likely(rows: Floats, weights: Floats, came: Bools, penalty: Floats) -> float:
    """The log likelihood of what came, less the penalty."""
    odds = rows @ weights
    told = float(np.sum(odds[came]) - np.sum(np.logaddexp(0.0, odds)))
    return told - float(weights @ penalty @ weights) / 2


def chance_of(odds: Floats) -> Floats:
    """From log odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30.0, 30.0))), dtype=np.float64)


def log_odds(chance: Floats) -> Floats:
    """Of chances, those of 0 and 1 moved in a little."""
    inside = np.clip(chance, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float64)
