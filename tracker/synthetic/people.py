"""Pools of applicants, officers and addresses, drawn once per run; a dossier holds places in these pools."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic import names
from tracker.synthetic.catalogue import Catalogue, CatalogueUnit
from tracker.types import Level

Ints = NDArray[np.int64]

# Index = the number of the kind in a batch; the words are those of the portal's list LoaiDoiTuong.
APPLICANT_KINDS = ("Công dân", "Doanh nghiệp", "Cơ quan nhà nước", "Tổ chức")
_POOL_SIZES = (9000, 1500, 150, 300)
_MAKERS = (names.person, names.company, names.agency, names.organisation)
_OFFICERS = 1200
_OFFICERS_A_UNIT = 6
_ADDRESSES_A_COMMUNE = 16
_HIGHLAND = ("Ea ", "Cư ", "Krông ", "Dliê ", "Buôn ", "Ia ", "Yang ", "Đắk ", "Dang ", "Dur ", "M'")


@dataclass(frozen=True, slots=True)
class People:
    """Text pools; `starts[kind]` and `sizes[kind]` delimit the applicants of a kind."""

    applicants: list[str]
    phones: list[str]
    officers: list[str]
    addresses: list[str]
    starts: Ints
    sizes: Ints
    area_start: Ints  # by unit index: first address of its area, and how many
    area_size: Ints

    def draw_applicants(self, rng: np.random.Generator, kinds: Ints) -> Ints:
        """One applicant of the right kind for each dossier."""
        return self.starts[kinds] + (rng.random(len(kinds)) * self.sizes[kinds]).astype(np.int64)

    def draw_addresses(self, rng: np.random.Generator, receivers: Ints) -> Ints:
        """An address in the area of the desk that took the dossier in."""
        return self.area_start[receivers] + (rng.random(len(receivers)) * self.area_size[receivers]).astype(
            np.int64
        )

    def draw_officers(self, rng: np.random.Generator, units: Ints) -> Ints:
        """One of the few officers of the resolving unit."""
        return officers_of(units, rng.integers(0, _OFFICERS_A_UNIT, len(units)))


def officers_of(units: Ints, turns: Ints) -> Ints:
    """Places of officers: a unit has a few of its own, who take turns."""
    return (units * _OFFICERS_A_UNIT + turns % _OFFICERS_A_UNIT) % _OFFICERS


def make_people(catalogue: Catalogue, rng: np.random.Generator, *, merged: bool) -> People:
    """Draw the pools; `merged` takes the communes from 01/07/2025, else those before."""
    applicants = [make(rng) for make, size in zip(_MAKERS, _POOL_SIZES, strict=True) for _ in range(size)]
    addresses, area_start, area_size = _places(catalogue, rng, merged=merged)
    sizes = np.array(_POOL_SIZES, dtype=np.int64)
    return People(
        applicants=applicants,
        phones=[_phone(rng) for _ in applicants],
        officers=[names.person(rng) for _ in range(_OFFICERS)],
        addresses=addresses,
        starts=np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64),
        sizes=sizes,
        area_start=area_start,
        area_size=area_size,
    )


def _phone(rng: np.random.Generator) -> str:
    # No Vietnamese subscriber number begins with 0100: it can be printed and never rung.
    return f"0100{int(rng.integers(1_000_000)):06d}"


def _places(catalogue: Catalogue, rng: np.random.Generator, *, merged: bool) -> tuple[list[str], Ints, Ints]:
    addresses: list[str] = []
    count = len(catalogue.units)
    start, size = np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for commune in catalogue.units:
        of_dak_lak = commune.code.startswith("H15")
        if commune.kind == "commune" and of_dak_lak and (commune.parent == "H15") == merged:
            start[commune.index], size[commune.index] = len(addresses), _ADDRESSES_A_COMMUNE
            addresses.extend(_address(rng, commune) for _ in range(_ADDRESSES_A_COMMUNE))
    _spread_to_parents(catalogue, start, size)
    size[start < 0] = len(addresses)
    start[start < 0] = 0
    return addresses, start, size


def _spread_to_parents(catalogue: Catalogue, start: Ints, size: Ints) -> None:
    """A desk or district has the addresses of its communes, or of those that followed them: they lie side by side."""
    for unit in catalogue.units:
        commune = catalogue.by_code.get(unit.parent)
        if unit.kind == "centre" and commune is not None and commune.kind == "commune":
            start[unit.index], size[unit.index] = start[commune.index], size[commune.index]
        if unit.level is Level.DISTRICT:
            _area_of_district(catalogue, unit, start, size)


def _area_of_district(catalogue: Catalogue, unit: CatalogueUnit, start: Ints, size: Ints) -> None:
    code = unit.code if unit.kind == "district" else unit.parent
    communes = [u for u in catalogue.units if u.parent == code and u.kind == "commune"]
    heirs = [catalogue.by_code[u.successor] for u in communes]
    own = [u.index for u in (*communes, *heirs) if start[u.index] >= 0]
    if own:
        start[unit.index] = start[own].min()
        size[unit.index] = (start[own] + size[own]).max() - start[unit.index]


def _address(rng: np.random.Generator, commune: CatalogueUnit) -> str:
    place = re.sub("^UBND ", "", commune.name)
    if "phường" in place or "thị trấn" in place:
        return f"{int(rng.integers(1, 400))} đường {names.pick(rng, 'streets')}, {place}, tỉnh Đắk Lắk"
    return f"{_hamlet(rng, commune)}, {place}, tỉnh Đắk Lắk"


def _hamlet(rng: np.random.Generator, commune: CatalogueUnit) -> str:
    if commune.place.startswith(_HIGHLAND) and rng.integers(2):
        return f"Buôn {names.pick(rng, 'villages')}"
    return f"Thôn {int(rng.integers(1, 15))}"
