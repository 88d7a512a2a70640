"""How many late dossiers a criterion with a threshold still allows, and what one more of them costs. Pure, on exact fractions.

Says nothing about what will come: a projection of the year is another question.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from fractions import Fraction

from tracker.measures.scoring import Denominator, Edition, late_budget, points

MONTHS_OF_QUARTER = 3


class Window(StrEnum):
    """A stretch of the year that a budget is told for. The criterion counts the year; the others are guides."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Tally:
    """Dossiers in time, of those that count."""

    numerator: int
    denominator: int

    @property
    def late(self) -> int:
        """Those that are not in time."""
        return self.denominator - self.numerator


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the threshold allows of a denominator, and how much of it is left; `headroom` < 0: so many too many."""

    tally: Tally
    budget_late: int
    points: Fraction | None

    @property
    def headroom(self) -> int:
        """How many more of the same denominator might have been late."""
        return self.budget_late - self.tally.late


@dataclass(frozen=True, slots=True)
class PeriodBudget:
    """A month, quarter or year with its allowance; both days included."""

    window: Window
    start: date
    end: date
    allowance: Allowance

    @property
    def is_guide(self) -> bool:
        """Is it a smaller stretch than the criterion counts?"""
        return self.window is not Window.YEAR


@dataclass(frozen=True, slots=True)
class OpenStanding:
    """Open dossiers by what can still become of them in the year; each stands in one of the five.

    `overdue` will be late whenever they end; `keepable` are due by the end of the year and not late yet; `due_later`
    are due after it; of `suspended` and `no_due` nobody can say.
    """

    overdue: int = 0
    keepable: int = 0
    due_later: int = 0
    suspended: int = 0
    no_due: int = 0

    @property
    def total(self) -> int:
        """All that is open."""
        return sum(getattr(self, each.name) for each in fields(self))


@dataclass(frozen=True, slots=True)
class LateCost:
    """What one more late dossier does to the points of the year.

    `points_at_stake`: what there is to lose (None: no points are told). `points_lost`: what it takes of them (None: there are none to lose, or nothing counts yet).
    `late_until_lost`: how many more may end late, nothing else ending, before the threshold is missed (None: it is missed).
    `on_time_needed`: how many have to end in time, none late, until the threshold is reached again; 0 where it is.
    `on_time_to_offset`: how many in time make up for one late one at the threshold (None: none can).
    """

    points_at_stake: Fraction | None
    points_lost: Fraction | None
    late_until_lost: int | None
    on_time_needed: int | None
    on_time_to_offset: int | None


def allowance(edition: Edition, tally: Tally) -> Allowance:
    """The budget of a denominator by the edition's threshold."""
    return Allowance(tally, late_budget(edition, tally.denominator), _points(edition, tally))


def windows(year: int, day: date) -> tuple[tuple[Window, date, date], ...]:
    """The month and quarter of a day within the year (before it the first, after it the last), and the year."""
    month = 1 if day.year < year else 12 if day.year > year else day.month
    first = month - (month - 1) % MONTHS_OF_QUARTER
    return (
        (Window.MONTH, date(year, month, 1), _end(year, month)),
        (Window.QUARTER, date(year, first, 1), _end(year, first + MONTHS_OF_QUARTER - 1)),
        (Window.YEAR, date(year, 1, 1), date(year, 12, 31)),
    )


def _end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def added(standings: Iterable[OpenStanding]) -> OpenStanding:
    """The sum of groups."""
    rows = list(standings)
    return OpenStanding(**{f.name: sum(getattr(row, f.name) for row in rows) for f in fields(OpenStanding)})


def if_all_end(edition: Edition, tally: Tally, standing: OpenStanding) -> Tally:
    """The year if every open dossier with a due date in it ended in it: those not late yet in time, the others late.

    Where received dossiers count, the open ones stand in the denominator already.
    """
    if edition.denominator is Denominator.RECEIVED:
        return Tally(tally.numerator + standing.keepable, tally.denominator)
    more = standing.keepable + standing.overdue
    return Tally(tally.numerator + standing.keepable, tally.denominator + more)


def late_cost(edition: Edition, tally: Tally, standing: OpenStanding) -> LateCost:
    """What one more dossier that ends late does to a year that stands like this.

    Where received dossiers count, an open one counts as late until it has ended in time: the cost is told of the year
    in which all that can still be in time will be.
    """
    best = if_all_end(edition, tally, standing) if edition.denominator is Denominator.RECEIVED else tally
    now, after = _points(edition, best), _points(edition, _with_one_late(edition, best))
    return LateCost(
        points_at_stake=now,
        points_lost=now - after if now and after is not None else None,
        late_until_lost=_late_until_lost(edition, best),
        on_time_needed=_needed(edition.threshold, tally),
        on_time_to_offset=None
        if edition.threshold == 1
        else _ceiling(edition.threshold / (1 - edition.threshold)),
    )


def _points(edition: Edition, tally: Tally) -> Fraction | None:
    return points(edition, tally.numerator, tally.denominator)


def _with_one_late(edition: Edition, tally: Tally) -> Tally:
    """One more that ended late; of received dossiers one of those counted already."""
    if edition.denominator is Denominator.RECEIVED:
        return Tally(tally.numerator - 1, tally.denominator)
    return Tally(tally.numerator, tally.denominator + 1)


def _late_until_lost(edition: Edition, tally: Tally) -> int | None:
    """How many more may be late with the threshold still reached; None where it is missed or nothing counts yet."""
    if not tally.denominator or Fraction(tally.numerator, tally.denominator) < edition.threshold:
        return None
    if edition.denominator is Denominator.RECEIVED:
        return late_budget(edition, tally.denominator) - tally.late
    return _floor(tally.numerator / edition.threshold) - tally.denominator


def _needed(threshold: Fraction, tally: Tally) -> int | None:
    """The smallest n with (numerator + n) / (denominator + n) at the threshold or above it."""
    lacking = threshold * tally.denominator - tally.numerator
    if lacking <= 0:
        return 0
    return None if threshold == 1 else _ceiling(lacking / (1 - threshold))


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator


def _ceiling(value: Fraction) -> int:
    return -_floor(-value)
