"""Counts of groups added up: a total is the sum of its parts, and every row balances."""

from collections.abc import Iterable
from dataclasses import fields

from tracker.types import Basis, BasisRate, RateCounts, RateRow


def total(counts: Iterable[RateCounts]) -> RateCounts:
    """The sum of groups."""
    rows = list(counts)
    return RateCounts(**{f.name: sum(getattr(row, f.name) for row in rows) for f in fields(RateCounts)})


def balances(counts: RateCounts) -> bool:
    """carried over + received = finished + withdrawn + no due + open."""
    there = counts.carried_over + counts.received
    return there == counts.finished + counts.withdrawn + counts.no_due + counts.open


def total_bases(rows: Iterable[RateRow]) -> dict[Basis, BasisRate]:
    """The three bases of groups together."""
    sums = {basis: [0, 0, 0, 0] for basis in Basis}
    for row in rows:
        for basis, rate in row.bases.items():
            parts = (rate.numerator, rate.denominator, rate.computed, rate.total)
            sums[basis] = [have + (part or 0) for have, part in zip(sums[basis], parts, strict=True)]
    return {basis: BasisRate(*parts) for basis, parts in sums.items()}
