"""A random sample that anybody can draw again: by the seed and the codes alone, with any program that has SHA-256. Pure.

How it is drawn, whatever the language or the version of the program:
1. every dossier of the population gets the SHA-256 of the text "seed|code" (UTF-8), in hexadecimal;
2. the population is divided into strata, if that is asked for; each has its share of the sample: size times population of
   the stratum / whole population, rounded down, what is left going one each to the largest remainders (equal ones: to the
   larger stratum, then to the name that comes first); a stratum that would have none gets one, taken from the one that is
   furthest above its share;
3. in each stratum those with the smallest values are taken.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from tracker.errors import UsageError

NO_STRATA = ""
METHOD = (
    "Mỗi hồ sơ được gán mã băm SHA-256 của chuỗi “HẠT GIỐNG|MÃ HỒ SƠ” (UTF-8, viết hệ 16); trong mỗi nhóm lấy các hồ sơ "
    "có mã băm nhỏ nhất. Số hồ sơ mỗi nhóm: cỡ mẫu × số hồ sơ của nhóm / tổng số, làm tròn xuống; phần còn lại chia cho "
    "các nhóm có phần dư lớn nhất (bằng nhau thì nhóm đông hơn, rồi theo tên); mỗi nhóm ít nhất một hồ sơ."
)


class Drawn(NamedTuple):
    """A dossier as far as drawing needs it; `key`: what it is reached by afterwards."""

    code: str
    stratum: str
    key: Any


@dataclass(frozen=True, slots=True)
class Share:
    """A stratum: how many there are, and how many of them were drawn."""

    stratum: str
    population: int
    size: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn with which seed, in order of stratum and value, and the share of each stratum."""

    seed: str
    drawn: tuple[Drawn, ...]
    shares: tuple[Share, ...]

    @property
    def population(self) -> int:
        """How many there were to draw from."""
        return sum(share.population for share in self.shares)


def rank(seed: str, code: str) -> str:
    """By what dossiers are put into an order that nobody can foresee who does not know the seed."""
    return sha256(f"{seed}|{code}".encode()).hexdigest()


def draw(population: Iterable[Drawn], size: int, seed: str) -> Sample:
    """A sample of `size`, or the whole population where it is smaller; holds no more than `size` of each stratum.

    Raises:
        UsageError: the size is not positive, or smaller than the number of strata.
    """
    if size < 1:
        raise UsageError("cỡ mẫu phải từ 1 trở lên")
    counts: dict[str, int] = {}
    smallest: dict[str, list[tuple[int, Drawn]]] = {}
    for one in population:
        counts[one.stratum] = counts.get(one.stratum, 0) + 1
        _keep(smallest.setdefault(one.stratum, []), one, size, seed)
    sizes = allocate(counts, size)
    drawn = [
        one
        for stratum in sorted(sizes)
        for _, one in sorted(smallest[stratum], key=lambda kept: -kept[0])[: sizes[stratum]]
    ]
    shares = tuple(Share(stratum, counts[stratum], sizes[stratum]) for stratum in sorted(counts))
    return Sample(seed, tuple(drawn), shares)


def _keep(kept: list[tuple[int, Drawn]], one: Drawn, size: int, seed: str) -> None:
    """Among the smallest ones of its stratum, if it is one: a heap whose first is the largest of them."""
    value = -int(rank(seed, one.code), 16)
    if len(kept) < size:
        heapq.heappush(kept, (value, one))
    elif value > kept[0][0]:
        heapq.heapreplace(kept, (value, one))


def allocate(counts: Mapping[str, int], size: int) -> dict[str, int]:
    """How many of each stratum: in proportion by largest remainders, at least one each; all where there are no more.

    Raises:
        UsageError: the size is smaller than the number of strata.
    """
    total = sum(counts.values())
    size = min(size, total)
    if size < len(counts):
        raise UsageError(f"cỡ mẫu {size} nhỏ hơn số nhóm ({len(counts)}): mỗi nhóm cần ít nhất một hồ sơ")
    if not counts:
        return {}
    sizes = {stratum: size * count // total for stratum, count in counts.items()}
    by_rest = sorted(
        counts, key=lambda stratum: (-(size * counts[stratum] % total), -counts[stratum], stratum)
    )
    for stratum in by_rest[: size - sum(sizes.values())]:
        sizes[stratum] += 1
    for stratum in sorted(stratum for stratum, given in sizes.items() if not given):
        sizes[_richest(sizes, counts)] -= 1
        sizes[stratum] = 1
    return sizes


def _richest(sizes: Mapping[str, int], counts: Mapping[str, int]) -> str:
    """Who can give one away: of those with more than one the one furthest above its share."""
    size, total = sum(sizes.values()), sum(counts.values())
    able: Sequence[str] = [stratum for stratum, given in sizes.items() if given > 1]
    return min(
        able, key=lambda stratum: (size * counts[stratum] - sizes[stratum] * total, -counts[stratum], stratum)
    )
