"""Faults that the figures of a year show, in words with their numbers: offered to be written down, never a cause with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app import presenters
from tracker.measures.rates import total
from tracker.pipeline import RatesQuestion, rates
from tracker.store import catalogue
from tracker.store.session import Store
from tracker.types import VN, Level, RateCounts, RateRow, UnitRef

MOST = 10
NO_FIELD = "chưa rõ lĩnh vực"
Key = tuple[str, str, str]  # level, unit's code ("" = all of the level), field's name


@dataclass(frozen=True, slots=True)
class Proposal:
    """A fault as the figures tell it; `late` of `finished` dossiers, `of_late` is all that its level had late."""

    level: str
    unit_id: int | None
    unit_code: str
    unit: str
    field_id: int | None
    field: str
    year: int
    late: int
    finished: int
    of_late: int
    words: str

    @property
    def place(self) -> tuple[str, str, str]:
        """What tells it from the others of its year: level, unit, field."""
        return self.level, self.unit_code, str(self.field_id or "")


@dataclass(frozen=True, slots=True)
class YearAsked:
    """Which year, looked at when, of which units (None = the province)."""

    year: int
    as_of: datetime
    unit_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Proposals:
    """What a year offers: by field for the whole province, by unit and field; most late first. `unknown`: why nothing."""

    by_field: tuple[Proposal, ...]
    by_unit: tuple[Proposal, ...]
    unknown: str | None = None


def proposals(store: Store, asked: YearAsked) -> Proposals:
    """The faults of a year: units and fields with dossiers that were late, each with its fraction."""
    start, end = date(asked.year, 1, 1), date(asked.year, 12, 31)
    found = rates(store, RatesQuestion(start, end, asked.as_of, ("level", "unit_code", "field")))
    with store.read() as session:
        units = {unit.code: unit for unit in catalogue.units(session).values()}
        fields = {name: number for number, name in catalogue.fields(session).items()}
    own = [row for row in found.rows if _is_own(row, units, asked.unit_ids)]
    making = _Making(asked, units, fields)
    by_field = making.proposals(own, by_unit=False) if asked.unit_ids is None else ()
    return Proposals(by_field, making.proposals(own, by_unit=True), found.unknown)


def _is_own(row: RateRow, units: Mapping[str, UnitRef], unit_ids: frozenset[int] | None) -> bool:
    unit = units.get(row.keys["unit_code"])
    return unit_ids is None or (unit is not None and unit.unit_id in unit_ids)


@dataclass(frozen=True, slots=True)
class _Making:
    """What proposals are made with."""

    asked: YearAsked
    units: Mapping[str, UnitRef]
    fields: Mapping[str, int]

    def proposals(self, rows: Iterable[RateRow], *, by_unit: bool) -> tuple[Proposal, ...]:
        """The groups with most late dossiers."""
        groups: dict[Key, list[RateCounts]] = {}
        of_level: dict[str, int] = {}
        for row in rows:
            level, code, field = row.keys["level"], row.keys["unit_code"], row.keys["field"]
            of_level[level] = of_level.get(level, 0) + row.counts.late
            if code in self.units or not by_unit:
                groups.setdefault((level, code if by_unit else "", field), []).append(row.counts)
        sums = {key: total(counts) for key, counts in groups.items()}
        worst = sorted((key for key in sums if sums[key].late), key=lambda key: (-sums[key].late, key))
        return tuple(self._proposal(key, sums[key], of_level[key[0]]) for key in worst[:MOST])

    def _proposal(self, key: Key, counts: RateCounts, of_late: int) -> Proposal:
        level, code, field = key
        unit = self.units.get(code)
        name = unit.name if unit else ""
        level_word = presenters.LEVELS[Level(level)].lower()
        whose = (
            f"{name}, lĩnh vực {field or NO_FIELD}" if name else f"Lĩnh vực {field or NO_FIELD}, {level_word}"
        )
        share = "" if name else f" và {presenters.rate(counts.late, of_late)} hồ sơ quá hạn của {level_word}"
        words = (
            f"{whose}: {presenters.number(counts.late)} hồ sơ giải quyết quá hạn trong năm {self.asked.year}, "
            f"chiếm {presenters.rate(counts.late, counts.finished)} hồ sơ đã giải quyết{share} (theo ngày hẹn của hệ "
            f"thống nguồn, tính đến {self.asked.as_of.astimezone(VN):%d/%m/%Y})."
        )
        return Proposal(
            level, unit.unit_id if unit else None, code if unit else "", name, self.fields.get(field), field,
            self.asked.year, counts.late, counts.finished, of_late, words,
        )  # fmt: skip
