"""How long each step of a dossier took, in working seconds: shares of the limit, and where the lateness came in. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

_MINUTE = 60
# A dossier later than this is held up everywhere a little: nobody but a planted cause stands out by one dossier alone.
_LONG = 25 * 8 * 3600


@dataclass(frozen=True, slots=True)
class Held:
    """What the steps of a dossier had and took, working seconds; `waits` lie before each step, in nobody's hands."""

    waits: list[int]
    took: list[int]


def shares(parts: Sequence[float], whole: int) -> list[int]:
    """What each step has of the limit: whole minutes, the rest to the last step; they add up to `whole`."""
    told = [int(whole * part) // _MINUTE * _MINUTE for part in parts[:-1]]
    return [*told, whole - sum(told)]


def waits(spent: int, count: int, chances: Sequence[float]) -> list[int]:
    """Times before each step, in nobody's hands: a quarter of the steps is taken up after a while."""
    most = min(4 * 3600, spent // (8 * count))
    return [0, *(int(most * chance * 4) if chance < 0.25 else 0 for chance in chances[1:count])]


def in_time(own: Sequence[int], spent: int, chances: Sequence[float]) -> list[int]:
    """Times that add up to `spent`, each about its share of it: some overrun though the dossier does not."""
    return _divided(
        spent, [share * (0.4 + 1.2 * chance) for share, chance in zip(own, chances, strict=False)]
    )


def late(own: Sequence[int], spent: int, planted: int | None, chances: Sequence[float]) -> list[int]:
    """Times that add up to `spent`, more than the shares do; `planted`: the step that alone brings the lateness in."""
    count = len(own)
    over = spent - sum(own)
    heavy = _planted(count, planted) if planted is not None else _noise(own, over, chances)
    brisk = [
        0.5 * chance if not weight else 0.0 for weight, chance in zip(heavy, chances[count:], strict=False)
    ]
    took = [int(share * (1 - haste)) for share, haste in zip(own, brisk, strict=True)]
    added = _divided(max(spent - sum(took), 0), heavy)
    return _fitted([one + more for one, more in zip(took, added, strict=True)], spent)


def _planted(count: int, planted: int) -> list[float]:
    return [1.0 if place == planted else 0.0 for place in range(count)]


def _noise(own: Sequence[int], over: int, chances: Sequence[float]) -> list[float]:
    """Which steps bring how much of the lateness in: one first of all, a few others beside it."""
    count = len(own)
    if over > _LONG:
        return [share**0.5 * (0.8 + 0.4 * chance) for share, chance in zip(own, chances, strict=False)]
    first = _chosen([share**0.5 for share in own], chances[-1])
    return [
        1.0 + chance if place == first else (0.3 + 0.7 * chance) * (chance < 0.45)
        for place, chance in enumerate(chances[:count])
    ]


def _chosen(weights: Sequence[float], chance: float) -> int:
    left = chance * sum(weights)
    for place, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return place
    return len(weights) - 1


def _divided(whole: int, weights: Sequence[float]) -> list[int]:
    total = sum(weights)
    return _fitted([int(whole * weight / total) for weight in weights], whole)


def _fitted(told: Sequence[int], whole: int) -> list[int]:
    """The parts made to add up by the largest of them; none is less than a minute, which `whole` has to allow."""
    parts = [max(part, _MINUTE) for part in told]
    left = whole - sum(parts)
    while left:
        largest = max(range(len(parts)), key=parts.__getitem__)
        can_give = parts[largest] > _MINUTE
        moved = max(left, _MINUTE - parts[largest]) if can_give else left
        parts[largest] += moved
        left -= moved
    return parts
