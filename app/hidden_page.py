"""What the page of hidden lateness shows: counts by unit and month over dossiers with complete data, tiles, charts. Knows no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app import charts, charts_findings, presenters
from app.typed_numbers import row_asked
from tracker.store import catalogue, finding_lists
from tracker.store.session import Session
from tracker.types.finding_lists import HiddenCount, HiddenRow, added

FIRST_YEAR, LAST_YEAR = 2000, 2199
CHART_ROWS = 12
NO_UNIT = "Chưa rõ đơn vị"


@dataclass(frozen=True, slots=True)
class HiddenFilters:
    """Which year of ends, of which unit with all below it (None = all that the reader may see)."""

    year: int
    unit_id: int | None = None

    def as_address(self) -> dict[str, str]:
        """The parts of the address."""
        given = {"nam": self.year, "don-vi": self.unit_id}
        return {key: str(value) for key, value in given.items() if value is not None}


def read_hidden(address: Mapping[str, str], today: date) -> HiddenFilters:
    """From the query string; the year of today where it names none that can be."""
    year = row_asked(address, "nam") or today.year
    return HiddenFilters(
        year if FIRST_YEAR <= year <= LAST_YEAR else today.year, row_asked(address, "don-vi")
    )


@dataclass(frozen=True, slots=True)
class HiddenLine:
    """A unit or a month with its counts."""

    name: str
    count: HiddenCount
    unit_id: int = 0


@dataclass(frozen=True, slots=True)
class HiddenShown:
    """All counts of a page: the whole, by unit (the most hidden first), by month; and the years that there are."""

    total: HiddenCount
    units: tuple[HiddenLine, ...]
    months: tuple[HiddenLine, ...]
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HiddenTile:
    """A figure with what it is taken from."""

    icon: str
    word: str
    value: str
    note: str
    tone: str


def shown(session: Session, chosen: HiddenFilters, unit_ids: frozenset[int] | None) -> HiddenShown:
    """The counts of a year, of these units (None = all)."""
    first, last = chosen.year * 100 + 1, chosen.year * 100 + 12
    rows = finding_lists.hidden_rows(session, unit_ids, first, last)
    names = {key: unit.name for key, unit in catalogue.units(session).items()}
    there = finding_lists.hidden_months(session)
    years = range(there[0] // 100, there[1] // 100 + 1) if there else range(0)
    return HiddenShown(
        added([row.count for row in rows]),
        _by_unit(rows, names),
        _by_month(rows),
        tuple(sorted({*years, chosen.year}, reverse=True)),
    )


def _by_unit(rows: Sequence[HiddenRow], names: Mapping[int, str]) -> tuple[HiddenLine, ...]:
    units = dict[int, list[HiddenCount]]()
    for row in rows:
        units.setdefault(row.unit_id, []).append(row.count)
    lines = [HiddenLine(names.get(key, NO_UNIT), added(counts), key) for key, counts in units.items()]
    return tuple(sorted(lines, key=lambda each: (-each.count.hidden, -each.count.late, each.name)))


def _by_month(rows: Sequence[HiddenRow]) -> tuple[HiddenLine, ...]:
    months = dict[int, list[HiddenCount]]()
    for row in rows:
        months.setdefault(row.month, []).append(row.count)
    return tuple(
        HiddenLine(f"{month % 100:02}/{month // 100}", added(counts))
        for month, counts in sorted(months.items())
    )


def tiles(total: HiddenCount) -> list[HiddenTile]:
    """The figures of the whole, each with its fraction."""
    return [
        HiddenTile(
            "flag", "Đủ dữ liệu để nói", presenters.percent(total.complete, total.ended, 1),
            f"{presenters.number(total.complete)}/{presenters.number(total.ended)} hồ sơ đã kết thúc", "plain",
        ),
        _tile("triangle", "Quá hạn theo nguồn", total.late, total.complete, "plain"),
        _tile("search", "Bị che", total.hidden, total.complete, "late" if total.hidden else "plain"),
        _tile("clock", "Che so với hạn quy định", total.documented, total.complete, "plain"),
        _tile("today", "Che so với hẹn ban đầu", total.promised, total.complete, "plain"),
        _tile("triangle", "Quá hạn kể cả bị che", total.truly_late, total.complete, "plain"),
    ]  # fmt: skip


def _tile(icon: str, word: str, part: int, whole: int, tone: str) -> HiddenTile:
    if not whole:
        return HiddenTile(icon, word, presenters.DASH, presenters.NO_DATA, "plain")
    note = f"{presenters.number(part)}/{presenters.number(whole)} hồ sơ đủ dữ liệu"
    return HiddenTile(icon, word, presenters.percent(part, whole, 2), note, tone)


def bars(found: HiddenShown) -> list[tuple[str, int, int]]:
    """The units that are drawn: those with anything late, the most hidden first."""
    lines = [line for line in found.units if line.count.truly_late][:CHART_ROWS]
    return [(presenters.short_unit(each.name), each.count.late, each.count.hidden) for each in lines]


def points(found: HiddenShown) -> list[tuple[str, Fraction | None, Fraction | None, str]]:
    """The months that are drawn, with both shares in per cent."""
    return [
        (each.name, _share(each.count.truly_late, each.count.complete), _share(each.count.late, each.count.complete),
         f"{presenters.number(each.count.late)} + {presenters.number(each.count.hidden)}/{presenters.number(each.count.complete)}")
        for each in found.months
    ]  # fmt: skip


def drawn(found: HiddenShown) -> dict[str, object]:
    """Tiles and charts of the page, with what charts need in its head."""
    return {
        "tiles": tiles(found.total),
        "bars": charts_findings.hidden_bars(bars(found)) if bars(found) else None,
        "lines": charts_findings.hidden_lines(points(found)) if len(found.months) > 1 else None,
        "plotly_version": charts.library_version(),
        "plotly_styles": charts.style_ids(),
    }


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part * 100, whole) if whole else None
