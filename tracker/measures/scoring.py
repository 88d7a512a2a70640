"""Points of a criterion by a dated edition; the threshold is tested on the exact fraction, never on a rounded rate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from tracker.types import Level, ScoreLine, UnitRank

# Share of dossiers that were resolved in time, of the reform index.
CRITERION = "3.4.1"
HALF = Fraction(1, 2)


class FormulaKind(StrEnum):
    """How points come from a rate b/a. A closed list: what varies within a kind is a parameter of the edition."""

    THRESHOLD_PROPORTIONAL = "threshold_proportional"  # b/a x max from the threshold on, else 0
    PROPORTIONAL = "proportional"  # b/a x max
    OPEN_OVERDUE_PROPORTIONAL = "open_overdue_proportional"  # likewise, a with what is open and overdue
    RANKING = "ranking"  # no points: units in the order of their rates


class Denominator(StrEnum):
    """What a, the denominator, counts."""

    RESOLVED = "resolved"  # finished in the period
    RECEIVED = "received"  # received in it
    RESOLVED_AND_OVERDUE = "resolved_and_overdue"  # finished in it, and open and overdue at its end


@dataclass(frozen=True, slots=True)
class Edition:
    """One reading of a criterion, as data.

    `max_points` None: the text that says it was not found, so rates are shown and points are not. `threshold` 0: none is
    set. `decimals` None: points are not rounded. `valid_from`, `valid_to`: the first and last day that count, None = not
    known or not limited. `least`: units with a smaller denominator are not ranked. `verified`: two persons of the office
    compared it with `document` of `document_date`; until then `confidence` says how sure it is and `to_check` what has to
    be compared.
    """

    criterion: str
    key: str
    name: str
    levels: tuple[Level, ...]
    formula_kind: FormulaKind
    denominator: Denominator
    formula: str
    source: str
    verified: bool
    max_points: Fraction | None = None
    threshold: Fraction = Fraction(0)
    decimals: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    least: int = 0
    confidence: str = ""
    to_check: tuple[str, ...] = ()
    document: str = ""
    document_date: date | None = None


def points(edition: Edition, numerator: int, denominator: int) -> Fraction | None:
    """(b/a) x max where b/a reaches the threshold, else 0; None where nothing is in the denominator or the edition gives no points."""
    if denominator == 0 or edition.max_points is None or edition.formula_kind is FormulaKind.RANKING:
        return None
    rate = Fraction(numerator, denominator)
    return _rounded(rate * edition.max_points, edition.decimals) if rate >= edition.threshold else Fraction(0)


def late_budget(edition: Edition, denominator: int) -> int:
    """How many dossiers of the denominator may be late (or unfinished) with the threshold still reached."""
    return denominator - _ceiling(edition.threshold * denominator)


def points_at_threshold(edition: Edition) -> Fraction | None:
    """What reaching the threshold exactly would bring; None where the edition has no points."""
    if edition.max_points is None:
        return None
    return _rounded(edition.threshold * edition.max_points, edition.decimals)


def valid_days(edition: Edition, start: date, end: date) -> tuple[date, date] | None:
    """The part of a period, both ends included, for which the edition holds; None where there is none."""
    first = max(start, edition.valid_from or start)
    last = min(end, edition.valid_to or end)
    return (first, last) if first <= last else None


def _rounded(value: Fraction, decimals: int | None) -> Fraction:
    """Half up, as scores are rounded by hand."""
    if decimals is None:
        return value
    unit = Fraction(1, 10**decimals)
    return (value / unit + HALF).__floor__() * unit


def _ceiling(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


# ---------------------------------------------------------------- ranking


def ranked(lines: Iterable[ScoreLine], least: int) -> tuple[UnitRank, ...]:
    """Units by their exact rates, the best first, equal rates sharing a place; small denominators last, without one.

    A denominator of 0 is always too small.
    """
    counted: dict[str, tuple[int, int]] = {}
    for line in lines:
        numerator, denominator = counted.get(line.unit, (0, 0))
        counted[line.unit] = (numerator + line.numerator, denominator + line.denominator)
    large = {unit: parts for unit, parts in counted.items() if parts[1] >= max(least, 1)}
    rates = {unit: Fraction(*parts) for unit, parts in large.items()}
    order = sorted(rates, key=lambda unit: (-rates[unit], -large[unit][1], unit))
    places = sorted(rates.values(), reverse=True)
    placed = [UnitRank(unit, *large[unit], places.index(rates[unit]) + 1) for unit in order]
    return (
        *placed,
        *(UnitRank(unit, *counted[unit], None) for unit in sorted(counted.keys() - large.keys())),
    )
