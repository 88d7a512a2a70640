"""What is claimed now, of the rungs that one subject has reached: told, overtaken, or passed without telling. Pure."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from notifications.alerts.rungs import Ladder, Measure, Rung, Who


class Fate(StrEnum):
    """What becomes of a claim."""

    TOLD = "told"
    OVERTAKEN = "overtaken"  # a higher rung of its ladder was reached as well
    PASSED = "passed"  # it came with a load that brought many at once: counted in one summary
    NOBODY = "nobody"  # there is nobody to tell


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim that stands. `due_at`: the date that it was judged by (epoch seconds); `is_dropped`: never sent, since it
    had become untrue before.
    """

    alert_id: int
    measure: str
    threshold: int
    version: int
    due_at: int | None
    rank: int
    is_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A rung to be claimed now. `who`: as whom people are told of it, of every rung that it stands for."""

    rung: Rung
    version: int
    measured: int
    fate: Fate
    who: tuple[Who, ...] = ()
    is_moved: bool = False  # its ladder was climbed before for another due date


@dataclass(frozen=True, slots=True)
class Decided:
    """New claims, and old ones that were dropped and are true again."""

    claims: tuple[Claim, ...] = ()
    revived: tuple[int, ...] = ()


NOTHING = Decided()
Versions = Callable[[Measure], int]


def due_version(seen: Collection[Claimed], due_at: int | None) -> tuple[int, bool]:
    """Which of the due dates that alerts saw of a dossier this is, and whether it moved since the last of them."""
    latest = max(
        (each for each in seen if Measure(each.measure) in _BY_DUE),
        key=lambda each: (each.version, each.alert_id),
        default=None,
    )
    if latest is None:
        return 0, False
    return (latest.version, latest.version > 0) if latest.due_at == due_at else (latest.version + 1, True)


def due_before(seen: Collection[Claimed], version: int) -> int | None:
    """The due date of the version before: what a moved date was moved from."""
    earlier = [each for each in seen if Measure(each.measure) in _BY_DUE and each.version < version]
    return max(earlier, key=lambda each: (each.version, each.alert_id)).due_at if earlier else None


_BY_DUE = frozenset({Measure.SHARE_USED, Measure.DAYS_LEFT, Measure.DAYS_LATE})


def decide(
    reached: Sequence[tuple[Rung, int]],
    seen: Collection[Claimed],
    versions: Versions,
    *,
    is_held: bool = False,
    is_flood: bool = False,
    is_moved: bool = False,
) -> Decided:
    """What is claimed. `reached`: the worst first; `is_held`: somebody has promised a day that has not passed.

    A rung that is held is not claimed: it is when the promise has passed.
    """
    if not reached:
        return NOTHING
    known = {(each.measure, each.threshold, each.version): each for each in seen}
    claims: list[Claim] = []
    revived: list[int] = []
    by_ladder: dict[Ladder, list[tuple[Rung, int]]] = {}
    for rung, measured in reached:
        by_ladder.setdefault(rung.ladder, []).append((rung, measured))
    for ladder, rungs in by_ladder.items():
        if is_held and ladder is Ladder.DUE:
            continue
        fresh = [
            (rung, measured) for rung, measured in rungs if (*rung.key, versions(rung.measure)) not in known
        ]
        claims += _claims(
            fresh, _highest(rungs, known, versions), versions, is_flood=is_flood, is_moved=is_moved
        )
        revived += _revived(rungs, known, versions, fresh)
    return Decided(tuple(claims), tuple(revived))


def _claims(
    fresh: Sequence[tuple[Rung, int]],
    highest: int | None,
    versions: Versions,
    *,
    is_flood: bool,
    is_moved: bool,
) -> list[Claim]:
    """The worst of them is told, to all whom any of them tells; not where a worse one was claimed before."""
    who = tuple(dict.fromkeys(word for rung, _ in fresh for word in rung.who))
    made = []
    for number, (rung, measured) in enumerate(fresh):
        is_told = number == 0 and (highest is None or rung.rank > highest)
        fate = Fate.PASSED if is_flood else Fate.TOLD if is_told else Fate.OVERTAKEN
        told = who if fate is Fate.TOLD else ()
        moved = is_moved and rung.measure in _BY_DUE
        made.append(Claim(rung, versions(rung.measure), measured, fate, told, moved))
    return made


def _highest(
    rungs: Sequence[tuple[Rung, int]], known: dict[tuple[str, int, int], Claimed], versions: Versions
) -> int | None:
    ladders = {rung.ladder for rung, _ in rungs}
    ranks = [
        each.rank
        for (measure, _, version), each in known.items()
        if Rung(Measure(measure), 0, ()).ladder in ladders and version == versions(Measure(measure))
    ]
    return max(ranks, default=None)


def _revived(
    rungs: Sequence[tuple[Rung, int]],
    known: dict[tuple[str, int, int], Claimed],
    versions: Versions,
    fresh: Sequence[tuple[Rung, int]],
) -> list[int]:
    """A dossier that was opened again: what was not sent when it ended is told now, unless something worse is."""
    if fresh:
        return []
    claimed = [known[(*rung.key, versions(rung.measure))] for rung, _ in rungs]
    return [each.alert_id for each in claimed[:1] if each.is_dropped]
