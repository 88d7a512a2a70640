"""What the points of a year become if some open dossiers are finished now, if the pace of late goes on, if a field improves. Pure.

Counts whole dossiers and judges them by the edition's own formula (`tracker.measures.scoring`); says nothing of how likely
an assumption is, and nothing of single dossiers (`tracker.measures.saving`).

Of the coming ends those that are finished now are the first: the pace says how many end, not who. What is overdue ends late
whenever it ends, and is taken to end within the year wherever a year is thought to its end: so finishing it now changes no such
year, and no assumption looks better for leaving it open.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from math import sqrt

from tracker.measures.budget import OpenStanding, Tally, added
from tracker.measures.scoring import HALF, Denominator, Edition, points

WINDOW_DAYS = 30
# Two-sided 95 % of the normal distribution, for the interval of Wilson (1927).
Z = 1.959964
FINE = 1_000_000
ALL = Fraction(1)
# Editions whose denominators can be told of dossiers that have not ended yet.
SIMULATED = frozenset({Denominator.RESOLVED, Denominator.RECEIVED})


class Cause(StrEnum):
    """Which assumption moves dossiers."""

    FEWER_LATE = "fewer_late"  # some that ended late had ended in time: what the year lacked
    FINISHED = "finished"  # chosen open ones end now
    PACE = "pace"  # ends come as in the last days, as late as then
    TARGET = "target"  # ends come as in the last days, in time as often as asked for
    NONE_LATE = "none_late"  # whatever is not late yet ends in time
    RECEIVED = "received"  # receptions come as in the last days


class Caution(StrEnum):
    """What has to be said beside an outcome."""

    NO_PACE = "no_pace"  # nothing ended in the window: nobody can say how it goes on
    SMALL = "small"  # few ended in it
    STOCK = "stock"  # the pace is more than there is to end
    LATE_ANYWAY = "late_anyway"  # some of what is finished now is late whenever it ends
    OVERDUE = "overdue"  # more is overdue already than the pace or the target would have late


@dataclass(frozen=True, slots=True)
class Pace:
    """What happened in the last days: ends that count in a rate, late ones among them, and receptions."""

    ended: int = 0
    late: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """Open dossiers that end now, by what they become; `_counted`: of these received in the year."""

    in_time: int = 0
    late: int = 0
    in_time_counted: int = 0
    late_counted: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.in_time + self.late


@dataclass(frozen=True, slots=True)
class Part:
    """Dossiers that one assumption is about: all of them, those of a field or unit, or the others.

    `counted`: those of `open` received in the year. `target`: how often its ends are in time from now on; None: as often
    as in the last days.
    """

    name: str = ""
    open: OpenStanding = field(default_factory=OpenStanding)
    counted: OpenStanding = field(default_factory=OpenStanding)
    pace: Pace = field(default_factory=Pace)
    finished: Finished = field(default_factory=Finished)
    target: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Horizon:
    """Working days behind, in which the pace was counted, and those left until the year ends."""

    counted: int
    left: int

    @property
    def share(self) -> Fraction:
        """How often what happened in the window can happen again."""
        return Fraction(max(self.left, 0), self.counted) if self.counted > 0 else Fraction(0)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed, in any combination. Targets and `none_late` say how the coming ends are, so they need `goes_on`;
    `none_late` alone is about what is open now.
    """

    fewer_late: int = 0
    finishes: bool = False
    goes_on: bool = False
    has_targets: bool = False
    none_late: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """What one assumption adds to the year in the counts of the edition; `part` empty: everything."""

    cause: Cause
    part: str
    in_time: int = 0
    late: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A year under assumptions. `low`, `high`: the same with the late share at the ends of its interval, so `low` has the
    most late ones; None where no share was estimated.
    """

    tally: Tally
    points: Fraction | None
    moved: tuple[Moved, ...] = ()
    low: Tally | None = None
    high: Tally | None = None
    cautions: tuple[Caution, ...] = ()


@dataclass(frozen=True, slots=True)
class _Setting:
    edition: Edition
    horizon: Horizon
    assumed: Assumptions

    @property
    def of_received(self) -> bool:
        return self.edition.denominator is Denominator.RECEIVED


Share = Callable[[Part], Fraction]


def simulated(
    edition: Edition, year: Tally, parts: Sequence[Part], horizon: Horizon, assumed: Assumptions
) -> Outcome:
    """The year under assumptions by an edition of `SIMULATED`.

    `parts` are all dossiers of the levels that it counts, each in one part.
    """
    setting = _Setting(edition, horizon, assumed)
    parts = _used(parts, assumed)
    moved = tuple(_moves(setting, year, parts, _late_share))
    tally = _after(setting, year, moved)
    low = high = None
    if assumed.goes_on and not assumed.none_late and any(_is_estimated(part) for part in parts):
        low = _after(setting, year, _moves(setting, year, parts, _highest_share))
        high = _after(setting, year, _moves(setting, year, parts, _lowest_share))
    earned = points(edition, tally.numerator, tally.denominator)
    return Outcome(tally, earned, moved, low, high, tuple(_cautions(setting, parts)))


def one_more_in_time(edition: Edition, tally: Tally) -> Fraction | None:
    """What one dossier that ends in time instead of late brings to such a year; None where there are no points or no late one."""
    if not tally.late:
        return None
    before = points(edition, tally.numerator, tally.denominator)
    after = points(edition, tally.numerator + 1, tally.denominator)
    return None if before is None or after is None else after - before


def wilson(hits: int, of: int) -> tuple[Fraction, Fraction]:
    """The interval of 95 % for a share of which `hits` of `of` were seen (Wilson's score); 0 to 1 where nothing was seen.

    Only chance in the counting is in it, not that months differ.
    """
    if not of:
        return Fraction(0), ALL
    share, size = hits / of, Z * Z / of
    middle, half = share + size / 2, Z * sqrt(share * (1 - share) / of + size / (4 * of))
    low, high = ((middle + side * half) / (1 + size) for side in (-1, 1))
    seen = Fraction(hits, of)
    return min(max(_fine(low), Fraction(0)), seen), max(min(_fine(high), ALL), seen)


def merged(parts: Iterable[Part], name: str = "") -> Part:
    """Several parts as one, without a target."""
    parts = list(parts)
    return Part(
        name=name,
        open=added(part.open for part in parts),
        counted=added(part.counted for part in parts),
        pace=Pace(*(sum(getattr(part.pace, of) for part in parts) for of in ("ended", "late", "received"))),
        finished=Finished(
            *(sum(getattr(part.finished, of) for part in parts) for of in Finished.__dataclass_fields__)
        ),
    )


def _used(parts: Sequence[Part], assumed: Assumptions) -> list[Part]:
    """The parts as far as the assumptions tell them apart."""
    used = list(parts) if assumed.has_targets else [merged(parts)]
    return used if assumed.finishes else [replace(part, finished=Finished()) for part in used]


# ---------------------------------------------------------------- what moves


def _moves(setting: _Setting, year: Tally, parts: Sequence[Part], share: Share) -> Iterator[Moved]:
    assumed = setting.assumed
    if fewer := min(assumed.fewer_late, year.late):
        yield Moved(Cause.FEWER_LATE, "", fewer, -fewer)
    for part in parts:
        if part.finished.total:
            yield Moved(Cause.FINISHED, part.name, *_of_finished(setting, part.finished))
        if assumed.goes_on:
            yield from _coming(setting, part, share(part))
        elif assumed.none_late:
            yield _kept(setting, part)


def _of_finished(setting: _Setting, finished: Finished) -> tuple[int, int]:
    """Those finished now that the edition counts: in time, late."""
    if setting.of_received:
        return finished.in_time_counted, finished.late_counted
    return finished.in_time, finished.late


def _kept(setting: _Setting, part: Part) -> Moved:
    """Of what is open all that is due in the year ends in it, nothing more late; nothing new comes."""
    standing = part.counted if setting.of_received else part.open
    in_time, late = _of_finished(setting, part.finished)
    return Moved(
        Cause.NONE_LATE, part.name, max(standing.keepable - in_time, 0), max(standing.overdue - late, 0)
    )


def _coming(setting: _Setting, part: Part, share: Fraction) -> Iterator[Moved]:
    """What ends in the rest of the year beside what is finished now, as far as the edition counts it."""
    received = _whole(part.pace.received * setting.horizon.share)
    if setting.of_received and received:
        yield Moved(Cause.RECEIVED, part.name, received=received)
    ends = _ends(setting, part, received)
    overdue = min(part.counted.overdue if setting.of_received else part.open.overdue, ends)
    cause, late = Cause.PACE if part.target is None else Cause.TARGET, _whole(ends * share)
    if setting.assumed.none_late:
        cause, late = Cause.NONE_LATE, 0
    late = max(late, overdue)
    _in_time, late_now = _of_finished(setting, part.finished)
    yield Moved(cause, part.name, ends - late, max(late - late_now, 0))


def _ends(setting: _Setting, part: Part, received: int) -> int:
    """How many end in the rest of the year, those that are finished in time now taken out; late ones now are among them."""
    stock = _stock(part.open) + received - part.finished.in_time
    ends = max(_whole(part.pace.ended * setting.horizon.share) - part.finished.in_time, 0)
    ends = min(max(ends, part.open.overdue), stock)
    if not setting.of_received:
        return ends
    # Those received before the year end first; only the others count.
    before = _stock(part.open) - _stock(part.counted)
    left_before = before - (part.finished.in_time - part.finished.in_time_counted)
    return min(max(ends - left_before, 0), stock - left_before)


def _stock(standing: OpenStanding) -> int:
    """What is open with a due date: what ends without one counts nowhere."""
    return standing.total - standing.no_due


def _after(setting: _Setting, year: Tally, moved: Iterable[Moved]) -> Tally:
    moved = list(moved)
    numerator = year.numerator + sum(each.in_time for each in moved)
    if setting.of_received:
        return Tally(numerator, year.denominator + sum(each.received for each in moved))
    return Tally(numerator, year.denominator + sum(each.in_time + each.late for each in moved))


# ---------------------------------------------------------------- how often late


def _is_estimated(part: Part) -> bool:
    return part.target is None and part.pace.ended > 0


def _late_share(part: Part) -> Fraction:
    if part.target is not None:
        return ALL - part.target
    return Fraction(part.pace.late, part.pace.ended) if part.pace.ended else Fraction(0)


def _lowest_share(part: Part) -> Fraction:
    return wilson(part.pace.late, part.pace.ended)[0] if _is_estimated(part) else _late_share(part)


def _highest_share(part: Part) -> Fraction:
    return wilson(part.pace.late, part.pace.ended)[1] if _is_estimated(part) else _late_share(part)


def _cautions(setting: _Setting, parts: Sequence[Part]) -> list[Caution]:
    whole = merged(parts)
    if not setting.assumed.goes_on:
        return [Caution.LATE_ANYWAY] if whole.finished.late else []
    found = []
    if not whole.pace.ended:
        found.append(Caution.NO_PACE)
    elif whole.pace.ended < WINDOW_DAYS:
        found.append(Caution.SMALL)
    share = setting.horizon.share
    if any(
        _whole(part.pace.ended * share) > _stock(part.open) + _whole(part.pace.received * share)
        for part in parts
    ):
        found.append(Caution.STOCK)
    if not setting.assumed.none_late and any(_is_overdue_above(setting, part) for part in parts):
        found.append(Caution.OVERDUE)
    return found


def _is_overdue_above(setting: _Setting, part: Part) -> bool:
    """Is more overdue already than would end late by the pace or the target?"""
    ends = _whole(part.pace.ended * setting.horizon.share)
    return part.open.overdue > _whole(ends * _late_share(part))


def _whole(value: Fraction) -> int:
    """Half up."""
    return (value + HALF).__floor__()


def _fine(value: float) -> Fraction:
    return Fraction(value).limit_denominator(FINE)
