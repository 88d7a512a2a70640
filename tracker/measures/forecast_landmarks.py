"""The dossiers that are open and not late yet at a cut, with what a forecast looks at. Pure; made of a `Seen` alone.

Looked at: how much of its limit a dossier has used, unit, field, procedure, the kind of its latest step, whether that step
is late, suspensions, how much lies in its unit against what the unit ends, how the unit did lately, the time of year.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracker.measures.forecast_history import Bools, Floats, Ints, Seen, Worked, after_day
from tracker.measures.months import DAY
from tracker.measures.survival import Spells
from tracker.timekeeping.deadline_array import local_day_array

# Kinds of steps in the order of their numbers, from 1; 0: no step is known.
STEP_KINDS = ("desk", "branch", "commune", "tax", "cadastre", "other")
FEATURES = (
    "paused", "was_paused", "step_late", *(f"step_{kind}" for kind in STEP_KINDS), "days_left", "backlog", "lately",
    "season_sin", "season_cos",
)  # fmt: skip
_MONTH, _LATELY = 30 * DAY, 60 * DAY
_YEAR_DAYS = 365.25
# Small units say little: so many dossiers of the whole are added to each.
_ADDED = 20.0
_JUST_LATE = 1.0 + 1e-6


@dataclass(frozen=True, slots=True)
class Landmark:
    """Dossiers at a cut, one place each. `row`: their places in the history; `elapsed`: share of the limit that is used;
    `features`: a column for each of `FEATURES`.
    """

    cut: int
    row: Ints
    unit: Ints
    field: Ints
    procedure: Ints
    elapsed: Floats
    features: Floats

    def __len__(self) -> int:
        return len(self.row)


def landmark(seen: Seen, worked: Worked) -> Landmark:
    """The open dossiers of a cut that are not late yet."""
    at = np.flatnonzero(seen.running)
    unit, due_end = seen.unit[at], after_day(seen.due[at])
    cut = np.full(len(at), seen.cut)
    left = worked(unit, cut, due_end)
    used = worked(unit, seen.received[at], cut)
    elapsed = used / np.maximum(used + left, 1)
    steps = seen.step[at][:, None] == np.arange(1, len(STEP_KINDS) + 1)[None, :]
    backlog, lately = _of_units(seen)
    season = 2 * np.pi * (local_day_array(seen.due[at]) % _YEAR_DAYS) / _YEAR_DAYS
    columns = (
        seen.paused[at], seen.was_paused[at], seen.step_late[at], *steps.T, np.log1p(left / 480.0), backlog[at],
        lately[at], np.sin(season), np.cos(season),
    )  # fmt: skip
    features = np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
    return Landmark(seen.cut, seen.row[at], unit, seen.field[at], seen.procedure[at], elapsed, features)


def _of_units(seen: Seen) -> tuple[Floats, Floats]:
    """Of each dossier's unit: open dossiers against the ends of the last month, and its late share of two months against that of
    the whole time, both as logarithms of a ratio.
    """
    _ids, place = np.unique(seen.unit, return_inverse=True)
    size = int(place.max()) + 1 if len(place) else 0

    def count(which: Bools) -> Floats:
        return np.asarray(
            np.bincount(place[which], weights=seen.weight[which], minlength=size), dtype=np.float64
        )

    recent = seen.result & (seen.ended > seen.cut - _LATELY)
    ended = count(seen.result & (seen.ended > seen.cut - _MONTH))
    backlog = np.log((count(seen.open) + _ADDED) / (ended + _ADDED))
    whole = _share(count(seen.late), count(seen.result), _rate(seen.late, seen.result))
    lately = _logit(_share(count(recent & seen.late), count(recent), whole)) - _logit(whole)
    return backlog[place], lately[place]


def _rate(part: Bools, whole: Bools) -> float:
    return (float(part.sum()) + 0.5) / (float(whole.sum()) + 1.0)


def _share(part: Floats, whole: Floats, usual: Floats | float) -> Floats:
    return np.asarray((part + _ADDED * usual) / (whole + _ADDED), dtype=np.float64)


def _logit(chance: Floats) -> Floats:
    return np.asarray(np.log(chance / (1 - chance)), dtype=np.float64)


def spells(seen: Seen, worked: Worked) -> tuple[Ints, Spells]:
    """How far every dossier with a due date came by the cut, as shares of its limit, and their places in `seen`.

    Who was received before the history begins is looked at from then on only: who ended earlier is not in it. A withdrawal
    ends the looking, as the cut does. What comes after the due date is left out: there everything is late.
    """
    at = np.flatnonzero(seen.due < 2**62)
    unit, received = seen.unit[at], seen.received[at]
    ended = np.minimum(seen.ended[at], seen.cut)
    limit = np.maximum(worked(unit, received, after_day(seen.due[at])), 1).astype(np.float64)
    time = worked(unit, received, ended) / limit
    is_late = (seen.late | seen.overdue)[at]
    is_result = seen.result[at] & ~is_late
    time = np.where(is_late, _JUST_LATE, np.minimum(time, 1.0))
    # A result within the first minute is one nevertheless.
    time = np.maximum(time, 1e-9)
    begun = np.full(len(at), seen.first)
    entry = np.where(received < seen.first, worked(unit, received, begun) / limit, 0.0)
    return at, Spells(entry, time, is_result)


def joined(parts: Sequence[Landmark]) -> Landmark:
    """Several cuts as one, in their order."""
    return Landmark(
        max((part.cut for part in parts), default=0),
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("row", "unit", "field", "procedure", "elapsed", "features")
        ),
    )
