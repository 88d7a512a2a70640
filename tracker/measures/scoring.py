"""Points of a criterion by a dated edition; the threshold is tested on the exact fraction, never on a rounded rate."""

from dataclasses import dataclass
from fractions import Fraction

# Share of dossiers that were resolved in time, of the reform index.
CRITERION = "3.4.1"


@dataclass(frozen=True, slots=True)
class Edition:
    """One reading of a criterion. `denominator`: resolved (finished in the year) or received (received in it)."""

    criterion: str
    key: str
    name: str
    level: str
    max_points: Fraction
    threshold: Fraction
    denominator: str
    formula: str
    source: str
    verified: bool


def points(edition: Edition, numerator: int, denominator: int) -> Fraction | None:
    """(b/a) x max where b/a reaches the threshold, else 0; None where nothing is in the denominator."""
    if denominator == 0:
        return None
    rate = Fraction(numerator, denominator)
    return rate * edition.max_points if rate >= edition.threshold else Fraction(0)


def late_budget(edition: Edition, denominator: int) -> int:
    """How many dossiers of the denominator may be late (or unfinished) with the threshold still reached."""
    return denominator - _ceiling(edition.threshold * denominator)


def points_at_threshold(edition: Edition) -> Fraction:
    """What reaching the threshold exactly would bring."""
    return edition.threshold * edition.max_points


def _ceiling(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
