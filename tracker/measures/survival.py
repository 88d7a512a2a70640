"""How long dossiers stay open, by group: Kaplan-Meier curves with right-censoring and late entry. Only here statsmodels is used.

Time is the share of the limit: 0 = received, 1 = the end of the due date, in working time. A curve tells which share of a group
is still open at each point of `GRID`; a dossier that is open at u ends late with the chance S(1) / S(u).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from tracker.measures.forecast_history import Bools, Floats, Ints

POINTS = 40
GRID: Floats = np.linspace(0.0, 1.0, POINTS + 1)
# Fewer dossiers make no curve of their own.
LEAST = 40
# A group counts as much as the larger one that it belongs to once so many of its own were still open.
WEIGHT = 40.0
_PACK = 1 << 31


def is_available() -> bool:
    """Is statsmodels installed? It is optional (`requirements-forecast.in`)."""
    return find_spec("statsmodels") is not None


@dataclass(frozen=True, slots=True)
class Spells:
    """How far dossiers came: seen from `entry` to `time` (shares of the limit); `ended`: they ended there, else they were still open."""

    entry: Floats
    time: Floats
    ended: Bools


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves of the groups of one kind, in the order of their keys: still open, and how many were at risk, at each point."""

    key: Ints
    open: Floats
    at_risk: Floats


def curve(spells: Spells) -> tuple[Floats, Floats]:
    """Kaplan-Meier's share still open after each point of the grid, and how many were open just then."""
    from statsmodels.duration.survfunc import SurvfuncRight

    usable = spells.entry < spells.time
    entry, time, ended = spells.entry[usable], spells.time[usable], spells.ended[usable]
    began = np.searchsorted(np.sort(entry), GRID, "right")
    left = np.searchsorted(np.sort(time), GRID, "right")
    at_risk = (began - left).astype(np.float64)
    if not ended.any():
        return np.ones(len(GRID)), at_risk
    found = SurvfuncRight(time, ended.astype(np.float64), entry=entry if (entry > 0).any() else None)
    place = np.searchsorted(found.surv_times, GRID, "right") - 1
    surviving = np.append(found.surv_prob, 1.0)  # before the first end everybody is open
    return np.asarray(surviving[place], dtype=np.float64), at_risk


def curves(keys: Ints, spells: Spells) -> Curves:
    """The curve of every group with at least `LEAST` dossiers."""
    order = np.argsort(keys, kind="stable")
    found, starts, counts = np.unique(keys[order], return_index=True, return_counts=True)
    large = np.flatnonzero(counts >= LEAST)
    opened, risk = np.ones((len(large), len(GRID))), np.zeros((len(large), len(GRID)))
    for place, group in enumerate(large):
        mine = order[starts[group] : starts[group] + counts[group]]
        opened[place], risk[place] = curve(Spells(spells.entry[mine], spells.time[mine], spells.ended[mine]))
    return Curves(found[large], opened, risk)


def packed(one: Ints, other: Ints) -> Ints:
    """Two ids as one key."""
    key: Ints = one * _PACK + other
    return key


def chances(chain: Sequence[tuple[Curves, Ints]], elapsed: Floats) -> Floats:
    """The chance to end late of dossiers that are open at `elapsed`, by a chain of groups from the largest to the smallest.

    `chain`: curves with the key of each dossier among them. Each group's own share is drawn to that of the larger one, the
    more the fewer of the group were open then: an empirical Bayes estimate with the weight `WEIGHT`.
    """
    point = np.clip((elapsed * POINTS).astype(np.int64), 0, POINTS)
    chance = np.zeros(len(elapsed))
    for number, (groups, keys) in enumerate(chain):
        if not groups.key.size:
            continue
        place, is_there = found_at(groups.key, keys)
        now, end = groups.open[place, point], groups.open[place, -1]
        own = np.divide(end, now, out=np.ones(len(now)), where=now > 0)
        own = np.clip(own, 0.0, 1.0)
        weight = np.where(is_there & (now > 0), groups.at_risk[place, point], 0.0)
        prior = WEIGHT if number else 1e-9
        chance = np.divide(weight * own + prior * chance, weight + prior)
    return chance


def found_at(keys: Ints, wanted: Ints) -> tuple[Ints, Bools]:
    """Where each wanted key stands among sorted ones, and whether it is there at all (else the place is any)."""
    if not keys.size:
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=np.bool_)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted
