"""Which target holds for a unit on a day, and how many late dossiers it leaves. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tracker.store.unit_targets import TargetRow
from tracker.types import RateCounts

HUNDREDTHS = 10_000  # 100 %


@dataclass(frozen=True, slots=True)
class Target:
    """The share in time that is asked for, with what sets it. `is_own`: set for the unit itself, not for all."""

    share: Fraction
    valid_from: date
    document: str
    is_own: bool


def target_on(rows: Iterable[TargetRow], unit_id: int | None, day: date) -> Target | None:
    """The unit's own target on a day, else the one of all units; None where none is set.

    Of rows that hold by then the latest day governs, of one day the newest row: that is how a slip is corrected. An own
    row without a rate ends the own target, and the one of all holds again.
    """
    listed = list(rows)
    own = None if unit_id is None else _governing(listed, unit_id, day)
    found = own if own is not None and own.rate is not None else _governing(listed, None, day)
    if found is None or found.rate is None:
        return None
    return Target(
        Fraction(found.rate, HUNDREDTHS), found.valid_from, found.document, is_own=found.unit_id is not None
    )


def _governing(rows: Iterable[TargetRow], unit_id: int | None, day: date) -> TargetRow | None:
    held = (row for row in rows if row.unit_id == unit_id and row.valid_from <= day)
    return max(held, key=lambda row: (row.valid_from, row.target_id), default=None)


def late_left(target: Target, counts: RateCounts) -> int:
    """How many more of what ended might have been late with the target still reached; below zero: so many too many."""
    needed = -(-target.share.numerator * counts.finished // target.share.denominator)
    return counts.numerator - needed
