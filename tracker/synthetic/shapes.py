"""How long a dossier takes by its limit and its suspensions, in working days from reception; no dates yet.

With a = working days from reception to the suspension, k = its length: a pause moves the due date by k; a supplement
begins the limit anew at its end. A dossier that keeps its date ends after its last suspension, hence `most_spare`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic import batch as b
from tracker.synthetic.spreads import share, weighted

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_LAST_SUPPLEMENT = 3  # asked for within 3 working days of reception, NĐ 61/2018 art. 19.4
_LONGEST = 25
_KINDS = np.array(
    [
        b.PAUSE_SUPPLEMENT,
        b.PAUSE_FINANCIAL,
        b.PAUSE_VERIFICATION,
        b.PAUSE_POSTING,
        b.PAUSE_VIOLATION,
        b.PAUSE_PLAIN,
    ]
)
_LAND_KINDS = np.array([0.12, 0.64, 0.09, 0.10, 0.02, 0.03])
_OTHER_KINDS = np.array([0.55, 0.08, 0.27, 0.0, 0.0, 0.10])


@dataclass(slots=True)
class Shape:
    """Columns: suspensions by slot (kind, start, length), the due date and the greatest spare, in working days."""

    kind: Ints  # (2, n)
    start: Ints  # (2, n)
    length: Ints  # (2, n)
    due: Ints
    most_spare: Ints

    def without_suspensions(self, rows: Bools, limit: Ints) -> None:
        """Take the suspensions of some rows away."""
        for column in (self.kind, self.start, self.length):
            column[:, rows] = 0
        self.due[rows] = np.maximum(limit, 0)[rows]
        self.most_spare[rows] = np.maximum(limit - 1, 0)[rows]


def draw_shape(rng: np.random.Generator, limit: Ints, land: Bools, suspended: float) -> Shape:
    """Shapes for limits in working days; about the part `suspended` has one suspension or two."""
    size = len(limit)
    stopped = (limit >= 3) & share(rng, size, suspended)
    kind = np.zeros((2, size), dtype=np.int64)
    drawn = np.where(land, weighted(rng, _LAND_KINDS, size), weighted(rng, _OTHER_KINDS, size))
    kind[0] = np.where(stopped, _KINDS[drawn], b.NO_PAUSE)
    start, length = np.zeros((2, size), dtype=np.int64), np.zeros((2, size), dtype=np.int64)
    start[0] = _starts(rng, limit, kind[0])
    length[0] = np.where(stopped, _lengths(rng, size), 0)
    shape = Shape(kind, start, length, np.maximum(limit, 0), np.maximum(limit - 1, 0))
    _settle_first(shape, limit)
    _add_second(rng, shape, limit)
    return shape


def _starts(rng: np.random.Generator, limit: Ints, kind: Ints) -> Ints:
    late_part = 1 + (rng.beta(2.5, 1.5, len(limit)) * (limit - 1)).astype(np.int64)
    early = 1 + (rng.random(len(limit)) * np.minimum(_LAST_SUPPLEMENT, limit - 1)).astype(np.int64)
    chosen = np.where(kind == b.PAUSE_SUPPLEMENT, early, np.minimum(late_part, limit - 1))
    return np.where(kind > 0, chosen, 0)


def _lengths(rng: np.random.Generator, size: int) -> Ints:
    return np.clip(np.ceil(rng.lognormal(1.6, 0.8, size)), 1, _LONGEST).astype(np.int64)


def _settle_first(shape: Shape, limit: Ints) -> None:
    start, length = shape.start[0], shape.length[0]
    restarted = shape.kind[0] == b.PAUSE_SUPPLEMENT
    paused = (shape.kind[0] > 0) & ~restarted
    shape.due = np.where(restarted, start + length + limit, shape.due + np.where(paused, length, 0))
    shape.most_spare = np.where(paused, np.maximum(limit - start - 1, 0), shape.most_spare)


def _add_second(rng: np.random.Generator, shape: Shape, limit: Ints) -> None:
    """Some verified or posted dossiers wait for the financial duty as well, after the first suspension."""
    first = np.isin(shape.kind[0], (b.PAUSE_VERIFICATION, b.PAUSE_POSTING))
    room = limit - 1 - shape.start[0]
    second = first & (room >= 1) & share(rng, len(limit), 0.5)
    gap = 1 + (rng.random(len(limit)) * room).astype(np.int64)
    gap = np.clip(gap, 1, np.maximum(room, 1))
    length = _lengths(rng, len(limit))
    shape.kind[1] = np.where(second, b.PAUSE_FINANCIAL, b.NO_PAUSE)
    shape.start[1] = np.where(second, shape.start[0] + shape.length[0] + gap, 0)
    shape.length[1] = np.where(second, length, 0)
    shape.due = shape.due + shape.length[1]
    shape.most_spare = np.where(second, np.maximum(limit - (shape.start[0] + gap) - 1, 0), shape.most_spare)
