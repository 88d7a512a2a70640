"""Who resolves which procedure, which desk takes it in, and how often: one route = procedure, unit, desk, weight."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic.catalogue import Catalogue, CatalogueProcedure, CatalogueUnit
from tracker.types import Level

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LAND = "Đất đai"
LAND_DEPARTMENT = "H15.18"
SERVICE_CENTRE = "H15.35"
_CITY = "Buôn Ma Thuột"

# Units by their code of 2022; `Catalogue.standing` leads to the successor of the day.
_DEPARTMENTS = {
    "Môi trường": "H15.18",
    "Hoạt động xây dựng": "H15.16",
    "Thành lập và hoạt động của doanh nghiệp": "H15.06",
    "Lý lịch tư pháp": "H15.14",
    "Đường bộ": "H15.05",
    "Việc làm": "H15.08",
    "Khám bệnh, chữa bệnh": "H15.17",
    "An toàn thực phẩm": "H15.17",
    "Lưu thông hàng hóa trong nước": "H15.03",
    "Giáo dục và Đào tạo": "H15.04",
    "Văn hóa": "H15.15",
    "Công chức, viên chức": "H15.09",
    "Nông nghiệp": "H15.10",
    "Thông tin và Truyền thông": "H15.13",
}

# How often a procedure is asked for, beside 1 for every other one. Invented, only the order is believable.
_DEMAND = {
    "1.090101": 36.0,
    "1.090102": 22.0,
    "1.090103": 14.0,
    "1.090104": 9.0,
    "1.090105": 8.0,
    "1.090106": 1.5,
    "1.090108": 2.5,
    "1.090111": 4.0,
    "1.090112": 2.0,
    "1.090109": 0.4,
    "1.090110": 0.3,
    "1.090116": 3.0,
    "1.090117": 3.0,
    "1.090501": 5.0,
    "1.090601": 6.0,
    "1.090701": 4.0,
    "1.090403": 2.0,
    "1.091202": 0.3,
    "1.091403": 4.0,
    "1.091406": 3.0,
    "1.091502": 12.0,
    "1.091503": 6.0,
    "1.091901": 0.1,
    "1.092001": 0.15,
    "1.092002": 0.15,
}

# Procedures that the land department itself resolves; the branches resolve the others.
_DEPARTMENT_LAND = ("1.090109", "1.090110")


@dataclass(frozen=True, slots=True)
class Routes:
    """Columns of equal length; `weight` sums to 1."""

    procedure: Ints
    unit: Ints
    receiver: Ints
    weight: Floats

    def __len__(self) -> int:
        return len(self.procedure)

    def where(self, chosen: NDArray[np.bool_]) -> "Routes":
        """The routes of a mask, weights made to sum to 1 again."""
        weight = self.weight[chosen]
        return Routes(self.procedure[chosen], self.unit[chosen], self.receiver[chosen], weight / weight.sum())


def joined(parts: list[tuple[Routes, float]]) -> Routes:
    """Several route tables as one, each with its share."""
    return _normal(
        np.concatenate([routes.procedure for routes, _ in parts]),
        np.concatenate([routes.unit for routes, _ in parts]),
        np.concatenate([routes.receiver for routes, _ in parts]),
        np.concatenate([routes.weight * share for routes, share in parts]),
    )


def build_routes(catalogue: Catalogue, level: Level, day: date, rng: np.random.Generator) -> Routes:
    """All routes of a level on a day; the sizes of units come from `rng`."""
    sizes = _sizes(catalogue, rng)
    rows = []
    for procedure in catalogue.procedures_of(level, day):
        pairs = _pairs(catalogue, procedure, day)
        desks_of = Counter(unit.code for unit, _ in pairs)
        total = sum(sizes[unit.index] / desks_of[unit.code] for unit, _ in pairs)
        for unit, desk in pairs:
            part = sizes[unit.index] / desks_of[unit.code] / total
            weight = _DEMAND.get(procedure.code, 1.0) * part
            rows.append((procedure.index, unit.index, desk.index, weight))
    columns = np.array(rows, dtype=np.float64).T
    procedures, units, desks = (column.astype(np.int64) for column in columns[:3])
    return _normal(procedures, units, desks, columns[3])


def _sizes(catalogue: Catalogue, rng: np.random.Generator) -> Floats:
    """How busy each unit is: a district and its branch by its communes, the provincial city more, the rest by chance."""
    communes = Counter(unit.parent for unit in catalogue.units if unit.kind == "commune")
    by_place = {unit.place: communes[unit.code] for unit in catalogue.units if unit.kind == "district"}
    chance = rng.lognormal(0.0, 0.3, len(catalogue.units))
    busy = [by_place.get(unit.place, 10) * (2.5 if unit.place == _CITY else 1.0) for unit in catalogue.units]
    return np.asarray(chance * np.array(busy), dtype=np.float64)


def is_land(catalogue: Catalogue, routes: Routes) -> NDArray[np.bool_]:
    """Which routes are of the field of land."""
    land = np.array([procedure.field == LAND for procedure in catalogue.procedures])
    return np.asarray(land[routes.procedure], dtype=np.bool_)


def _normal(procedure: Ints, unit: Ints, receiver: Ints, weight: Floats) -> Routes:
    return Routes(procedure, unit, receiver, weight / weight.sum())


Pairs = list[tuple[CatalogueUnit, CatalogueUnit]]


def _pairs(catalogue: Catalogue, procedure: CatalogueProcedure, day: date) -> Pairs:
    if procedure.level is Level.PROVINCE:
        return _province_pairs(catalogue, procedure, day)
    kind = "district" if procedure.level is Level.DISTRICT else "commune"
    units = catalogue.units_of(kind, procedure.level, day)
    return [(unit, _own_desk(catalogue, unit)) for unit in units]


def _own_desk(catalogue: Catalogue, unit: CatalogueUnit) -> CatalogueUnit:
    """The desk of a district or commune; the communes of 2022 took dossiers in themselves."""
    desk = catalogue.by_code.get(f"{unit.code}.01")
    return desk if desk is not None and desk.kind in ("desk", "centre") else unit


def _province_pairs(catalogue: Catalogue, procedure: CatalogueProcedure, day: date) -> Pairs:
    centre = catalogue.by_code[SERVICE_CENTRE]
    if procedure.field == LAND and procedure.code not in _DEPARTMENT_LAND:
        branches = catalogue.units_of("branch", Level.PROVINCE, day)
        return [pair for branch in branches for pair in _branch_pairs(catalogue, branch, centre, day)]
    department = catalogue.standing(_DEPARTMENTS.get(procedure.field, LAND_DEPARTMENT), day)
    return [(department, centre)] if department else []


def _branch_pairs(catalogue: Catalogue, branch: CatalogueUnit, centre: CatalogueUnit, day: date) -> Pairs:
    """A branch works with the desks of its area; the land office itself with the provincial centre."""
    desks = [_own_desk(catalogue, unit) for unit in _area(catalogue, branch, day)]
    return [(branch, desk) for desk in desks or [centre]]


def _area(catalogue: Catalogue, branch: CatalogueUnit, day: date) -> list[CatalogueUnit]:
    """The district of a branch, or the communes that followed it: found by the district's name."""
    districts = [u for u in catalogue.units if u.kind == "district" and u.place == branch.place]
    if not districts or districts[0].stands_on(day):
        return districts
    codes = {district.code for district in districts}
    followers = {u.successor for u in catalogue.units if u.kind == "commune" and u.parent in codes}
    return [unit for unit in catalogue.units if unit.code in followers]
