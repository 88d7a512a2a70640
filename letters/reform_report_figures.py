"""What the reports to the Department of Home Affairs count: the rates of a period for some units, by level, field and unit.

Nothing is counted here: every number is one of `tracker.pipeline.rates`, or a sum of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from letters.ledger_cases import Period
from tracker.measures.rates import total, total_bases
from tracker.pipeline import RatesQuestion, rates
from tracker.store import catalogue
from tracker.store.session import Store
from tracker.types import Basis, BasisRate, Level, RateCounts, RateRow

LEVELS: Mapping[Level, str] = {
    Level.PROVINCE: "Cấp tỉnh",
    Level.DISTRICT: "Cấp huyện",
    Level.COMMUNE: "Cấp xã",
    Level.UNKNOWN: "Chưa rõ cấp",
}
NO_FIELD, NO_UNIT = "Chưa rõ lĩnh vực", "Chưa rõ đơn vị"


@dataclass(frozen=True, slots=True)
class FiguresAsked:
    """Which period and units (None = all), on which basis, judged when and by what was known (None = now)."""

    period: Period
    as_of: datetime
    unit_ids: frozenset[int] | None = None
    basis: Basis = Basis.SOURCE
    known: datetime | None = None

    def a_year_before(self) -> "FiguresAsked":
        """The same period of the year before; nothing else is different."""
        start, end = _year_before(self.period.start), _year_before(self.period.end)
        return replace(self, period=Period(start, end))


def _year_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year - 1, 2, 28) if is_leap_day else day.replace(year=day.year - 1)


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A level, field or unit with its counts."""

    name: str
    counts: RateCounts


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """The counts of a period; groups in the order of their late dossiers, levels in their own order.

    `unknown`: why nothing is known; `excluded`: what is counted nowhere, told where all units are asked for.
    """

    period: Period
    basis: Basis
    total: RateCounts
    bases: Mapping[Basis, BasisRate]
    levels: tuple[GroupFigures, ...]
    fields: tuple[GroupFigures, ...]
    units: tuple[GroupFigures, ...]
    excluded: Mapping[str, int]
    unknown: str | None = None


def period_figures(store: Store, asked: FiguresAsked) -> PeriodFigures:
    """Count the dossiers of a period; the same question gives the same figures as `dunghen rates`."""
    by = ("level", "unit_code", "unit", "field")
    period = asked.period
    found = rates(store, RatesQuestion(period.start, period.end, asked.as_of, by, asked.basis, asked.known))
    rows = _inside(store, found.rows, asked.unit_ids)
    return PeriodFigures(
        period=period,
        basis=asked.basis,
        total=total(row.counts for row in rows),
        bases=total_bases(rows),
        levels=_levels(rows),
        fields=_grouped(rows, "field", NO_FIELD),
        units=_grouped(rows, "unit", NO_UNIT),
        excluded=found.excluded if asked.unit_ids is None else {},
        unknown=found.unknown,
    )


def _inside(store: Store, rows: Iterable[RateRow], unit_ids: frozenset[int] | None) -> list[RateRow]:
    if unit_ids is None:
        return list(rows)
    with store.read() as session:
        codes = {unit.code for key, unit in catalogue.units(session).items() if key in unit_ids}
    return [row for row in rows if row.keys["unit_code"] in codes]


def _levels(rows: Sequence[RateRow]) -> tuple[GroupFigures, ...]:
    groups = {level: [row.counts for row in rows if row.keys["level"] == level] for level in Level}
    return tuple(GroupFigures(LEVELS[level], total(each)) for level, each in groups.items() if each)


def _grouped(rows: Sequence[RateRow], key: str, unnamed: str) -> tuple[GroupFigures, ...]:
    groups: dict[str, list[RateCounts]] = {}
    for row in rows:
        groups.setdefault(row.keys[key] or unnamed, []).append(row.counts)
    sums = [GroupFigures(name, total(each)) for name, each in groups.items()]
    return tuple(sorted(sums, key=lambda each: (-each.counts.late, -each.counts.finished, each.name)))
