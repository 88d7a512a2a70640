"""Which departments a dossier goes through, each with its part of the limit: a believable chain, no measured data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic.catalogue import Catalogue, CatalogueUnit
from tracker.synthetic.people import People

Ints = NDArray[np.int64]

DESK, BRANCH, COMMUNE, TAX, CADASTRE, OTHER = "desk", "branch", "commune", "tax", "cadastre", "other"
_OFFICES_TOGETHER = 2  # districts that share a tax office


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One step: its kind, the department as the events name it, what it does, its part of the limit."""

    kind: str
    holder: str
    text: str
    part: float


@dataclass(frozen=True, slots=True)
class Passage:
    """What decides which way a dossier goes: places in the catalogue, whether a duty follows, chances in [0, 1)."""

    unit: int
    receiver: int
    commune: int
    taxed: bool
    needed: str  # a step of this kind is on the way in any case
    chances: Sequence[float]


class Chains:
    """The chains of a catalogue; `merged`: the offices since 01/07/2025, else those before."""

    def __init__(self, catalogue: Catalogue, people: People, *, merged: bool) -> None:
        self.units = catalogue.units
        self._communes = _communes_of(catalogue, people)
        places = sorted({unit.place for unit in catalogue.units if unit.kind == "branch"})
        self._tax = {place: _tax_office(places, number, merged) for number, place in enumerate(places)}

    def communes(self, addresses: Ints) -> Ints:
        """The commune of each address, by its place in the catalogue; -1 = of none."""
        return self._communes[addresses]

    def tax_office(self, unit: int) -> str:
        """The tax office that works with a branch; empty where it is none of a branch."""
        return self._tax.get(self.units[unit].place, "") if self.units[unit].kind == BRANCH else ""

    def surveyors(self, unit: int) -> str:
        """The surveyors of a branch."""
        return _surveyors(self.units[unit])

    def chain(self, way: Passage) -> list[ChainStep]:
        """The steps in their order; their parts add up to 1."""
        unit = self.units[way.unit]
        desk = ChainStep(DESK, self.units[way.receiver].name, "Tiếp nhận, chuyển hồ sơ", 0.06)
        steps = self._land(way, unit) if unit.kind == BRANCH else _elsewhere(unit)
        steps = [desk, *steps]
        whole = sum(step.part for step in steps)
        return [replace(step, part=step.part / whole) for step in steps]

    def _land(self, way: Passage, unit: CatalogueUnit) -> list[ChainStep]:
        confirmed, measured, assessed = way.chances[:3]
        steps = [ChainStep(BRANCH, unit.name, "Kiểm tra, thẩm định hồ sơ", 0.16)]
        if way.commune >= 0 and (confirmed < 0.35 or way.needed == COMMUNE):
            commune = self.units[way.commune].name
            steps.append(ChainStep(COMMUNE, commune, "Xác nhận nguồn gốc, hiện trạng sử dụng đất", 0.18))
        if measured < 0.5 or way.needed == CADASTRE:
            steps.append(ChainStep(CADASTRE, _surveyors(unit), "Đo đạc, lập bản trích đo địa chính", 0.22))
        if way.taxed and (assessed < 0.5 or way.needed == TAX):
            steps.append(
                ChainStep(TAX, self.tax_office(way.unit), "Xác định nghĩa vụ tài chính về đất đai", 0.16)
            )
        return [*steps, ChainStep(BRANCH, unit.name, "Lập, trình ký giấy chứng nhận", 0.28)]


def _elsewhere(unit: CatalogueUnit) -> list[ChainStep]:
    kind = COMMUNE if unit.kind == "commune" else OTHER
    return [
        ChainStep(kind, unit.name, "Thẩm định hồ sơ", 0.6),
        ChainStep(kind, unit.name, "Trình lãnh đạo ký kết quả", 0.32),
    ]


@cache
def _surveyors(unit: CatalogueUnit) -> str:
    return f"Đội đo đạc địa chính {unit.place}"


def _tax_office(places: Sequence[str], number: int, merged: bool) -> str:
    turn = number // _OFFICES_TOGETHER
    if merged:
        return f"Thuế cơ sở {turn + 1} tỉnh Đắk Lắk"
    first = turn * _OFFICES_TOGETHER
    return f"Chi cục Thuế khu vực {' - '.join(places[first : first + _OFFICES_TOGETHER])}"


def _communes_of(catalogue: Catalogue, people: People) -> Ints:
    found = np.full(len(people.addresses), -1, dtype=np.int64)
    for unit in catalogue.units:
        start, size = int(people.area_start[unit.index]), int(people.area_size[unit.index])
        if unit.kind == "commune" and size < len(people.addresses):
            found[start : start + size] = unit.index
    return found
