"""Units and procedures from `tracker/data`, as the presets need them: by code, by level, by day."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib import resources

from tracker.timekeeping.limits import parse_limit
from tracker.types import Level, Limit, LimitUnit, NoLimit


@dataclass(frozen=True, slots=True)
class CatalogueUnit:
    """One row of units.csv; `index` is its place in the file."""

    index: int
    code: str
    name: str
    kind: str
    level: Level
    parent: str
    valid_from: date
    valid_to: date
    successor: str
    place: str

    def stands_on(self, day: date) -> bool:
        """Did the unit exist that day?"""
        return self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, slots=True)
class CatalogueProcedure:
    """One row of procedures.csv: a procedure with the limit in force in a span of reception dates."""

    index: int
    code: str
    name: str
    field: str
    level: Level
    limit_text: str
    limit: Limit | NoLimit
    valid_from: date
    valid_to: date

    def holds_on(self, day: date) -> bool:
        """Is the row in force for a dossier received that day?"""
        return self.valid_from <= day <= self.valid_to


class Catalogue:
    """Both files, read once."""

    def __init__(self) -> None:
        self.units = [_unit(index, row) for index, row in enumerate(_rows("units.csv"))]
        self.procedures = [_procedure(index, row) for index, row in enumerate(_rows("procedures.csv"))]

    @cached_property
    def by_code(self) -> dict[str, CatalogueUnit]:
        """Units by code."""
        return {unit.code: unit for unit in self.units}

    def standing(self, code: str, day: date) -> CatalogueUnit | None:
        """The unit itself or the successor that exists that day; None where there is none."""
        unit = self.by_code.get(code)
        while unit is not None and not unit.stands_on(day):
            unit = self.by_code.get(unit.successor)
        return unit

    def units_of(self, kind: str, level: Level, day: date) -> list[CatalogueUnit]:
        """The units of a kind and level that exist that day, in the file's order."""
        return [u for u in self.units if u.kind == kind and u.level == level and u.stands_on(day)]

    def procedures_of(self, level: Level, day: date) -> list[CatalogueProcedure]:
        """The procedures of a level in force that day, in the file's order."""
        return [p for p in self.procedures if p.level == level and p.holds_on(day)]


def old_style(code: str) -> str:
    """`H15.18.21` -> `000.21.18.H15`, the shape of unit codes in dossier codes under TT 01/2018."""
    first, second, third, *_ = [*code.split("."), "00", "00"]
    return f"000.{third}.{second}.{first}"


def _rows(name: str) -> list[dict[str, str]]:
    with resources.files("tracker.data").joinpath(name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _day(text: str, default: date) -> date:
    return date.fromisoformat(text) if text else default


def _unit(index: int, row: dict[str, str]) -> CatalogueUnit:
    return CatalogueUnit(
        index=index,
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        level=Level(row["level"]),
        parent=row["parent_code"],
        valid_from=_day(row["valid_from"], date.min),
        valid_to=_day(row["valid_to"], date.max),
        successor=row["successor_code"],
        place=row["place"],
    )


def _procedure(index: int, row: dict[str, str]) -> CatalogueProcedure:
    return CatalogueProcedure(
        index=index,
        code=row["code"],
        name=row["name"],
        field=row["field"],
        level=Level(row["level"]),
        limit_text=row["limit_text"],
        limit=parse_limit(row["limit_text"], day_kind=LimitUnit(row["day_kind"])),
        valid_from=_day(row["valid_from"], date.min),
        valid_to=_day(row["valid_to"], date.max),
    )
