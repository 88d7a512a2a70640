"""Which open dossiers are worth an hour of work first: those likely to be late otherwise that need little time. Pure.

What one dossier kept in time brings to the points is the same for every dossier: the edition counts dossiers, and at a
threshold that takes all or nothing one alone often brings nothing. So the order is by late ones spared per working hour; the
points are told of the whole set (`tracker.measures.simulation`), where they do not have to be shared out.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

# Chances are whole ten-thousandths, as the forecast keeps them.
CERTAIN = 10_000
# Fewer finished dossiers say nothing of a group.
LEAST = 10
HOUR = 60


@dataclass(frozen=True, slots=True)
class Experience:
    """Dossiers of a group that ended: after how many days (ascending), how many of each, all, and late ones among them."""

    days: tuple[int, ...]
    counts: tuple[int, ...]
    total: int
    late: int

    def left_after(self, elapsed: int) -> int | None:
        """In how many days half of those were done that took at least `elapsed` days; None: too few did to say."""
        first = bisect_left(self.days, elapsed)
        running = list(accumulate(self.counts[first:]))
        if not running or running[-1] < LEAST:
            return None
        return self.days[first + bisect_left(running, -(-running[-1] // 2))] - elapsed

    @property
    def chance(self) -> int | None:
        """The share of late ones; None: too few ended to say."""
        return None if self.total < LEAST else (2 * self.late * CERTAIN + self.total) // (2 * self.total)


def experience(rows: Iterable[tuple[int, int, int]]) -> Experience:
    """Of (days taken, dossiers, late ones among them), in any order."""
    counts: dict[int, int] = {}
    late = 0
    for days, count, of_these_late in rows:
        counts[days] = counts.get(days, 0) + count
        late += of_these_late
    taken = tuple(sorted(counts))
    return Experience(taken, tuple(counts[each] for each in taken), sum(counts.values()), late)


@dataclass(frozen=True, slots=True)
class Worth:
    """An open dossier that can still end in time: what it would take, and what it would spare.

    `minutes`: working minutes that such dossiers still stayed until they ended (None: too few ended to say); `left`: working
    minutes until it is due. `chance`: ten-thousandths, to end late if nothing is done otherwise (None: nobody can say).
    `by_unit`: told of dossiers of the same unit and procedure, else of the procedure anywhere. `by_forecast`: the chance is
    the forecast's.
    """

    dossier_id: int
    due_at: int
    left: int
    minutes: int | None
    chance: int | None
    by_unit: bool = True
    by_forecast: bool = False

    @property
    def is_tight(self) -> bool:
        """Do such dossiers usually still take longer than this one has?"""
        return self.minutes is not None and self.minutes > self.left

    @property
    def per_hour(self) -> Fraction | None:
        """Late ones spared by an hour of work; None where it cannot be told."""
        if self.minutes is None or self.chance is None:
            return None
        return Fraction(self.chance * HOUR, CERTAIN * self.minutes)


def ordered(rows: Iterable[Worth]) -> list[Worth]:
    """The most worth an hour first; then those that usually take longer than they have; then those of which nobody can say."""
    return sorted(rows, key=place)


def place(row: Worth) -> tuple[int, float, int, int]:
    """Where a dossier stands in the order: the smallest first."""
    if row.minutes is None or row.chance is None:
        return 2, 0, row.due_at, row.dossier_id
    return int(row.is_tight), -row.chance / row.minutes, row.due_at, row.dossier_id


@dataclass(frozen=True, slots=True)
class Plan:
    """Dossiers for some hours of work: which ones, how long they take, and how many late ones they spare (ten-thousandths)."""

    ids: tuple[int, ...] = ()
    minutes: int = 0
    chance: int = 0

    @property
    def spared(self) -> int:
        """Whole dossiers, half up."""
        return (self.chance + CERTAIN // 2) // CERTAIN


def plan(rows: Sequence[Worth], capacity: int) -> Plan:
    """What fits into `capacity` working minutes, taken by worth per hour (`rows` as `ordered`); never worse than the best single one.

    So it spares at least half of what the best choice would, and the best where all take alike.
    """
    chosen: list[Worth] = []
    left = capacity
    best: Worth | None = None
    for row in rows:
        if row.minutes is None or not row.chance or row.is_tight or row.minutes > capacity:
            continue
        if best is None or row.chance > (best.chance or 0):
            best = row
        if row.minutes <= left:
            chosen.append(row)
            left -= row.minutes
    if best is not None and (best.chance or 0) > sum(row.chance or 0 for row in chosen):
        chosen = [best]
    return Plan(
        tuple(row.dossier_id for row in chosen),
        sum(row.minutes or 0 for row in chosen),
        sum(row.chance or 0 for row in chosen),
    )


@dataclass(frozen=True, slots=True)
class Experiences:
    """What is known of how long dossiers take: by unit and procedure, and by procedure alone."""

    of_units: Mapping[tuple[int | None, int | None], Experience]
    of_procedures: Mapping[int | None, Experience]

    def left_after(self, unit: int | None, procedure: int | None, elapsed: int) -> tuple[int | None, bool]:
        """Days that are usually left, and whether the unit's own dossiers say so."""
        own = self.of_units.get((unit, procedure))
        left = own.left_after(elapsed) if own else None
        if left is not None:
            return left, True
        everywhere = self.of_procedures.get(procedure)
        return (everywhere.left_after(elapsed) if everywhere else None), False

    def chance(self, unit: int | None, procedure: int | None) -> int | None:
        """How often such dossiers ended late, by the unit's own where enough of them ended."""
        for found in (self.of_units.get((unit, procedure)), self.of_procedures.get(procedure)):
            if found is not None and found.chance is not None:
                return found.chance
        return None
