"""A control chart of monthly rates: which months differ from the rest of the period by more than chance. Pure.

Limits of a p chart are the rate of the whole period plus and minus three standard errors of each month's own denominator
(Shewhart). With tens of thousands of dossiers a month these lie so close that every month would stand out; so from eight
months on they are widened by what months differ anyway (p' chart: D. B. Laney, "Improved Control Charts for Attributes",
Quality Engineering 14(4), 2002), never narrowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import sqrt

SIGMAS = 3
# Mean moving range of two neighbours -> standard deviation (constant d2 for ranges of two).
RANGE_TO_DEVIATION = 1.128
# With fewer months their scatter cannot be told from chance.
LEAST_MONTHS = 8
# So many months on one side of the centre are no chance (Nelson's second rule).
RUN = 9
# Fewer expected late dossiers than this, and the limits say little.
LEAST_EXPECTED = 5


class Side(StrEnum):
    """On which side of the limits a month lies."""

    WITHIN = "within"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """A month: its rate with its fraction and its own limits (0 to 1). `is_small`: too few for the limits to say much."""

    month: int
    part: int
    whole: int
    low: float
    high: float
    side: Side
    is_small: bool

    @property
    def rate(self) -> Fraction:
        """part / whole."""
        return Fraction(self.part, self.whole)


@dataclass(frozen=True, slots=True)
class ControlChart:
    """The months in which anything ended, in order; `centre` is the rate of all of them together.

    `widening`: by how much the limits were widened (1 = not at all). `runs`: first and last month of stretches of at least
    nine months on one side of the centre, with that side.
    """

    points: tuple[ControlPoint, ...]
    part: int
    whole: int
    widening: float
    runs: tuple[tuple[int, int, Side], ...]

    @property
    def centre(self) -> Fraction:
        """The rate of the whole period."""
        return Fraction(self.part, self.whole)

    @property
    def beyond(self) -> tuple[ControlPoint, ...]:
        """Months outside their limits."""
        return tuple(point for point in self.points if point.side is not Side.WITHIN)


def control_chart(counts: Sequence[tuple[int, int, int]]) -> ControlChart | None:
    """(month, part, whole) in order of time; None where nothing ended. Months in which nothing ended are left out."""
    told = [each for each in counts if each[2]]
    if not told:
        return None
    part, whole = sum(late for _, late, _ in told), sum(ended for *_, ended in told)
    centre = Fraction(part, whole)
    widening = _widening(told, centre)
    points = tuple(_point(*each, centre, widening) for each in told)
    return ControlChart(points, part, whole, widening, tuple(_runs(told, centre)))


def _point(month: int, part: int, whole: int, centre: Fraction, widening: float) -> ControlPoint:
    reach = SIGMAS * widening * _error(centre, whole)
    low, high = max(0.0, float(centre) - reach), min(1.0, float(centre) + reach)
    rate = part / whole
    side = Side.ABOVE if rate > high else Side.BELOW if rate < low else Side.WITHIN
    return ControlPoint(month, part, whole, low, high, side, whole * centre < LEAST_EXPECTED)


def _error(centre: Fraction, whole: int) -> float:
    return sqrt(float(centre * (1 - centre)) / whole)


def _widening(told: Sequence[tuple[int, int, int]], centre: Fraction) -> float:
    """The standard deviation of the months' standard scores, by their moving ranges; at least 1."""
    if len(told) < LEAST_MONTHS or not 0 < centre < 1:
        return 1.0
    scores = [(part / whole - float(centre)) / _error(centre, whole) for _, part, whole in told]
    ranges = [abs(after - before) for before, after in pairwise(scores)]
    return max(1.0, sum(ranges) / len(ranges) / RANGE_TO_DEVIATION)


def _runs(told: Sequence[tuple[int, int, int]], centre: Fraction) -> list[tuple[int, int, Side]]:
    found: list[tuple[int, int, Side]] = []
    stretch: list[int] = []
    before: Side | None = None
    for month, part, whole in (*told, (0, 0, 0)):  # the last ends whatever stretch there is
        rate = Fraction(part, whole) if whole else None
        side = None if rate is None or rate == centre else Side.ABOVE if rate > centre else Side.BELOW
        if side is not before or side is None:
            if before is not None and len(stretch) >= RUN:
                found.append((stretch[0], stretch[-1], before))
            stretch = []
        stretch.append(month)
        before = side
    return found
