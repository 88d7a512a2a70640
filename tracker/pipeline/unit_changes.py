"""What went worse from one month to the next, by field and by procedure: compared by shares, on exact fractions. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tracker.types import RateCounts


@dataclass(frozen=True, slots=True)
class Worse:
    """A field or procedure with its counts of both months.

    `excess`: so many more are late now than would be at the earlier month's share of late ones; where nothing ended then,
    all that are late now.
    """

    name: str
    before: RateCounts
    now: RateCounts
    excess: Fraction


def worse(
    before: Mapping[str, RateCounts], now: Mapping[str, RateCounts], *, limit: int
) -> tuple[Worse, ...]:
    """Those with an excess, the largest first; a share that did not rise is none."""
    found = [_change(name, before.get(name, RateCounts()), counts) for name, counts in now.items()]
    risen = [each for each in found if each.excess > 0]
    return tuple(sorted(risen, key=lambda each: (-each.excess, each.name))[:limit])


def _change(name: str, before: RateCounts, now: RateCounts) -> Worse:
    share = Fraction(before.late, before.finished) if before.finished else Fraction(0)
    return Worse(name, before, now, now.late - share * now.finished)


def together(counts: Iterable[tuple[str, RateCounts]]) -> dict[str, RateCounts]:
    """Counts of one name added up."""
    found: dict[str, RateCounts] = {}
    for name, each in counts:
        found[name] = added(found.get(name, RateCounts()), each)
    return found


def added(one: RateCounts, other: RateCounts) -> RateCounts:
    """What ended of both."""
    return RateCounts(
        early=one.early + other.early,
        on_time=one.on_time + other.on_time,
        late=one.late + other.late,
        no_due=one.no_due + other.no_due,
    )
