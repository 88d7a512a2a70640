"""How a year may end: what is counted, the open dossiers by their chances, and what is still to come, drawn many times. Pure.

Months differ by more than luck, so every draw shifts the log odds of being late: one shift for all that is left of the year, and one for
each month to come. The draws follow from the moment asked for, so the same question has the same answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tracker.measures.calibration import spread
from tracker.measures.forecast_history import (
    NEVER,
    Bools,
    Floats,
    History,
    How,
    Ints,
    Seen,
    seen_at,
)
from tracker.measures.logistic import chance_of, log_odds
from tracker.measures.months import DAY, after, before, closing, month_of, opening
from tracker.measures.scoring import Denominator
from tracker.timekeeping.calendar_definition import local_day
from tracker.timekeeping.deadline_array import local_day_array

DRAWS = 2000
LOW, HIGH = 0.1, 0.9
COHORTS, RECENT, PARTS = 12, 3, 4
_SHIFTS: Floats = np.linspace(-3.0, 3.0, 25)
_LONGEST_LATE = 400


@dataclass(frozen=True, slots=True)
class Drawn:
    """One way in which the period may end."""

    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Projection:
    """The middle of the draws, and the ends of the band that holds 80 % of them; `draws` in the order of their rates.

    `so_far`: what was counted; `open`: dossiers that are open, `late_open`: of them those that will be late, on average; `to_come`: receptions
    still expected.
    """

    middle: Drawn
    low: Drawn
    high: Drawn
    draws: tuple[Drawn, ...]
    so_far: Drawn
    open: int
    late_open: float
    to_come: float

    @property
    def ends(self) -> tuple[Drawn, Drawn, Drawn]:
        """Low, middle, high."""
        return self.low, self.middle, self.high


@dataclass(frozen=True, slots=True)
class Asked:
    """Which period (UTC epoch seconds, both included), counted how, from which moment on."""

    cut: int
    start: int
    end: int
    denominator: Denominator


def project(history: History, asked: Asked, chance: Callable[[Seen], Floats], so_far: Drawn) -> Projection:
    """The end of a period as it may come. `history`: of the dossiers that count. `chance`: of the open dossiers of `Seen` that are not
    late yet, in their order (`Seen.running`). `so_far`: what is counted by the cut.
    """
    seen = seen_at(history, asked.cut)
    rng = np.random.default_rng(asked.cut)
    wide = spread(_ended_months(history, asked.cut))
    shift = rng.normal(0.0, wide, DRAWS)
    opened = _open(history, seen, asked, chance(seen))
    numerator = so_far.numerator + opened.in_time.drawn(shift, rng)
    if asked.denominator is Denominator.RECEIVED:
        denominator = np.full(DRAWS, so_far.denominator, dtype=np.float64)
    else:
        denominator = so_far.denominator + (numerator - so_far.numerator) + opened.late.drawn(shift, rng)
    to_come = 0.0
    if asked.denominator is Denominator.RESOLVED_AND_OVERDUE:
        denominator += opened.left.drawn(shift, rng) - opened.overdue_now
    for month in _arrivals(history, asked):
        drawn = month.drawn(shift + rng.normal(0.0, wide, DRAWS), rng)
        numerator += drawn.in_time
        denominator += drawn.counted(asked.denominator)
        to_come += month.volume
    return _projection(numerator, denominator, (so_far, opened, to_come))


def counted(history: History, asked: Asked, until: int) -> Drawn:
    """What is counted of the period by a moment."""
    seen = seen_at(history, until)
    result, late = seen.result & (seen.ended >= asked.start), seen.late
    if asked.denominator is Denominator.RECEIVED:
        new = seen.received >= asked.start
        return Drawn(_sum(seen, new & result & ~late), _sum(seen, new))
    overdue = seen.overdue if asked.denominator is Denominator.RESOLVED_AND_OVERDUE else seen.open & False
    return Drawn(_sum(seen, result & ~late), _sum(seen, result | overdue))


def _sum(seen: Seen, which: Bools) -> int:
    return int(seen.weight[which].sum())


# ---------------------------------------------------------------- what is open


class _Count:
    """How many of some dossiers something happens to, as a function of the shift: mean and variance, looked up."""

    def __init__(self, means: Floats, variances: Floats) -> None:
        self._means, self._variances = means, variances

    def drawn(self, shift: Floats, rng: np.random.Generator) -> Floats:
        """One number a draw, whole and not below 0."""
        mean = np.interp(shift, _SHIFTS, self._means)
        wide = np.sqrt(np.maximum(np.interp(shift, _SHIFTS, self._variances), 0.0))
        return np.maximum(np.rint(rng.normal(mean, wide)), 0.0)


class _Open(NamedTuple):
    """Open dossiers by the period's end: ended in time, ended late, late and still open."""

    in_time: _Count
    late: _Count
    left: _Count
    dossiers: int
    late_mean: float
    overdue_now: float


def _open(history: History, seen: Seen, asked: Asked, chance: Floats) -> _Open:
    running, overdue = np.flatnonzero(seen.running), np.flatnonzero(seen.overdue)
    if asked.denominator is Denominator.RECEIVED:
        new = seen.received >= asked.start
        chance, running = chance[new[running]], running[new[running]]
    weight = np.concatenate([seen.weight[running], seen.weight[overdue]])
    late = np.concatenate([np.clip(chance, 1e-4, 1 - 1e-4), np.ones(len(overdue))])
    due = local_day_array(seen.due[np.concatenate([running, overdue])])
    end = local_day(asked.end)
    today = local_day(seen.cut)
    tail = _tail(seen)
    begun = np.maximum(today - due, 0)
    finishes_late = np.where(
        due < end, 1 - tail[_place(end - due)] / np.maximum(tail[_place(begun)], 1e-9), 0.0
    )
    within = np.clip((end - today) / np.maximum(due - today, 1), 0.0, 1.0)  # of those due after the end
    finishes = np.where(due <= end, 1.0, within)
    parts = _parts(late, len(running))
    in_time = [(1 - part) * finishes for part in parts]
    ended_late = [part * finishes_late for part in parts]
    left = [part * (1 - finishes_late) * (due < end) for part in parts]
    in_time_count, late_count, left_count = (_count(each, weight) for each in (in_time, ended_late, left))
    return _Open(
        in_time_count,
        late_count,
        left_count,
        int(weight.sum()),
        float((late * weight).sum()),
        float(seen.weight[overdue].sum()),
    )


def _parts(late: Floats, running: int) -> list[Floats]:
    """Chances under each shift; what is late already stays so."""
    odds = log_odds(late[:running])
    return [np.concatenate([chance_of(odds + shift), late[running:]]) for shift in _SHIFTS]


def _count(parts: Sequence[Floats], weight: Floats) -> _Count:
    means = np.array([float((part * weight).sum()) for part in parts])
    variances = np.array([float((part * (1 - part) * weight).sum()) for part in parts])
    return _Count(means, variances)


def _tail(seen: Seen) -> Floats:
    """Of late dossiers the share still open so many days after the due date: Kaplan-Meier, what is open yet censored."""
    due, today = local_day_array(seen.due), local_day(seen.cut)
    done, still = seen.late, seen.overdue
    ended = np.minimum(local_day_array(seen.ended[done]) - due[done], _LONGEST_LATE)
    censored = np.minimum(today - due[still], _LONGEST_LATE)
    size = _LONGEST_LATE + 1
    events = np.bincount(ended, weights=seen.weight[done], minlength=size)
    at_risk = events + np.bincount(censored, weights=seen.weight[still], minlength=size)
    at_risk = np.cumsum(at_risk[::-1])[::-1]
    kept = 1 - np.divide(events, at_risk, out=np.zeros(size), where=at_risk > 0)
    return np.cumprod(kept)


def _place(days: Ints) -> Ints:
    return np.clip(days, 0, _LONGEST_LATE)


# ---------------------------------------------------------------- what is to come


class _Coming(NamedTuple):
    """What becomes of receptions of a month, one number a draw."""

    received: Floats
    in_time: Floats
    late: Floats
    left: Floats

    def counted(self, denominator: Denominator) -> Floats:
        """How many of them stand in the denominator."""
        if denominator is Denominator.RECEIVED:
            return self.received
        ended = self.in_time + self.late
        return ended + self.left if denominator is Denominator.RESOLVED_AND_OVERDUE else ended


@dataclass(frozen=True, slots=True)
class _Arrivals:
    """Receptions expected in a month or what is left of it, and what became of such by as many days as there are left."""

    volume: float
    uncertain: float  # standard deviation of the volume, as a share of it
    ended: float  # of a reception, the share that ends by the period's end
    late: float  # of these the late share
    left: float  # of late ones not ended by then, as a share of receptions

    def drawn(self, shift: Floats, rng: np.random.Generator) -> _Coming:
        """As it may come."""
        volume = np.rint(np.maximum(rng.normal(self.volume, self.uncertain * self.volume, DRAWS), 0.0))
        ended = rng.binomial(volume.astype(np.int64), self.ended)
        odds = log_odds(np.full(DRAWS, self.late)) + shift
        late = rng.binomial(ended, chance_of(odds))
        left = np.minimum(rng.poisson(np.maximum(volume * self.left, 0.0)), volume - ended)
        return _Coming(volume, (ended - late).astype(np.float64), late.astype(np.float64), left)


def _arrivals(history: History, asked: Asked) -> list[_Arrivals]:
    found: list[_Arrivals] = []
    month, last = month_of(asked.cut), month_of(asked.end)
    seen = seen_at(history, asked.cut)
    volumes = _volumes(seen)
    while month <= last:
        begin, end = max(opening(month), asked.cut + 1), min(closing(month), asked.end)
        part = (end - begin + 1) / (closing(month) - opening(month) + 1)
        if part > 0 and volumes:
            mean, uncertain = _expected(volumes, month)
            shares = _matured_of(seen, asked.end, (begin, end))
            found.append(_Arrivals(mean * part, uncertain, *shares))
        month = after(month)
    return found


def _matured_of(seen: Seen, until: int, span: tuple[int, int]) -> tuple[float, float, float]:
    """What becomes of receptions of a span by a moment: the last ones have less time than the first, so by parts of it."""
    begin, end = span
    middles = [begin + (end - begin) * (2 * n + 1) // (2 * PARTS) for n in range(PARTS)]
    parts = [_matured(seen, max((until - middle) // DAY, 0)) for middle in middles]
    ended = sum(part[0] for part in parts)
    late = sum(part[0] * part[1] for part in parts) / ended if ended else 0.0
    return ended / PARTS, late, sum(part[2] for part in parts) / PARTS


def _volumes(seen: Seen) -> dict[int, float]:
    """Receptions of the whole months that the history holds, of dossiers with a due date."""
    counts = _by_month(seen, seen.received, np.ones(len(seen.row), dtype=np.bool_))
    first, present = month_of(seen.first), month_of(seen.cut + 1)
    return {month: count for month, count in counts.items() if first < month < present}


def _expected(volumes: dict[int, float], month: int) -> tuple[float, float]:
    """Receptions of a month: those of the same month a year ago, grown as the last months did; else the mean of these."""
    recent = sorted(volumes)[-RECENT:]
    mean = sum(volumes[each] for each in recent) / len(recent)
    wide = _variation([volumes[each] for each in sorted(volumes)[-COHORTS:]])
    year_ago = volumes.get(month - 100)
    past = [volumes[each - 100] for each in recent if each - 100 in volumes]
    if year_ago is None or len(past) < len(recent) or not sum(past):
        return mean, wide
    return year_ago * mean * len(past) / sum(past), min(wide, 0.25)


def _variation(values: Sequence[float]) -> float:
    if len(values) < 3 or not sum(values):
        return 0.3
    return float(np.clip(np.std(values, ddof=1) / np.mean(values), 0.03, 0.5))


def _matured(seen: Seen, days: int) -> tuple[float, float, float]:
    """Of receptions of which so many days are known: shares that ended in them, late ones of these, and those late and open then."""
    age = (seen.cut - seen.received) // DAY
    days = min(days, max(int(age.max(initial=0)) - 45, 0))
    newest, oldest = days, days + 31 * COHORTS
    group = (age >= newest) & (age <= oldest) & (seen.received >= seen.first)
    until = seen.received + days * DAY
    ended = group & seen.result & (seen.ended <= until)
    late = ended & seen.late
    left = group & ~ended & (seen.how != How.WITHDRAWN) & (seen.due < until)
    total = float(seen.weight[group].sum())
    if not total:
        return 0.0, 0.0, 0.0
    done = float(seen.weight[ended].sum())
    share = float(seen.weight[late].sum()) / done if done else 0.0
    return done / total, share, float(seen.weight[left].sum()) / total


# ---------------------------------------------------------------- shared


def _ended_months(history: History, cut: int) -> list[tuple[int, int]]:
    """(late, ended) of the last whole months before a cut."""
    seen = seen_at(history, cut)
    ended, late = _by_month(seen, seen.ended, seen.result), _by_month(seen, seen.ended, seen.late)
    month, found = before(month_of(cut + 1)), []
    for _ in range(COHORTS):
        found.append((int(late.get(month, 0)), int(ended.get(month, 0))))
        month = before(month)
    return found


def _by_month(seen: Seen, instants: Ints, which: Bools) -> dict[int, float]:
    chosen = which & (instants < NEVER)
    if not chosen.any():
        return {}
    days, place = np.unique(local_day_array(instants[chosen]), return_inverse=True)
    counts = np.bincount(place, weights=seen.weight[chosen])
    sums: dict[int, float] = {}
    for day, count in zip(days.tolist(), counts.tolist(), strict=True):
        month = month_of(day * DAY)
        sums[month] = sums.get(month, 0.0) + count
    return sums


def _projection(numerator: Floats, denominator: Floats, parts: tuple[Drawn, _Open, float]) -> Projection:
    whole = np.maximum(denominator, numerator)
    rate = np.divide(numerator, whole, out=np.zeros(DRAWS), where=whole > 0)
    order = np.argsort(rate, kind="stable")
    draws = tuple(Drawn(int(numerator[at]), int(whole[at])) for at in order)
    low, middle, high = (draws[int(part * (DRAWS - 1))] for part in (LOW, 0.5, HIGH))
    so_far, opened, to_come = parts
    return Projection(middle, low, high, draws, so_far, opened.dossiers, opened.late_mean, to_come)
