"""The page of causes as values: sentences, rows, charts of where lateness comes from. Knows no request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from app import charts_causes
from app.cause_filters import CauseFilters, month_text
from app.cause_sentences import control_sentences, headline
from app.cause_words import (
    BETWEEN,
    KINDS,
    UNDIVIDED,
    WHY_UNDIVIDED,
    in_days,
    mean_time,
    pause_word,
    share_of,
    state_word,
)
from app.english.pages import language, said
from app.heat_page import ROWS, HeatMap, heat_row, legend_of
from app.presenters import number, percent, short_unit
from tracker.measures.control_chart import ControlChart, Side, control_chart
from tracker.pipeline.cause_overview import CauseOverview
from tracker.store.remembered import Mark, Remembered
from tracker.types.causes import NOTHING, CauseSums, GroupLine, HolderLine, Undivided

CHART_ROWS, TABLE_ROWS, WORST_ROWS, WAYS = 12, 30, 10, 12
HEAT_MONTHS = 12
# A reason that so many dossiers share is nobody's own words; of rarer ones only their number is told to who reads no names.
SHARED_REASON = 5
# The share of late dossiers that shades of the heat map count from (the on-time threshold of criterion 3.4.1 is 95 %).
ALLOWED = Fraction(1, 20)
PAGES = Remembered(24)


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody looks at the page: minutes of a working day, below how many dossiers a rate is marked, names or not."""

    day_minutes: int
    small_below: int
    names: bool


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of all lateness: a kind of step, waiting, or what cannot be divided. `is_detail`: a part of the row above."""

    name: str
    sums: CauseSums
    is_step: bool = False
    is_detail: bool = False


@dataclass(frozen=True, slots=True)
class HolderRow:
    """A department: its lateness, and what it and all before it make of the lateness that falls to departments."""

    name: str
    kind: str
    unit_id: int | None
    sums: CauseSums
    cumulated: int


@dataclass(frozen=True, slots=True)
class WorstRow:
    """A department in a month."""

    month: int
    name: str
    kind: str
    sums: CauseSums


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Late dossiers of a unit or procedure: `code` names a procedure in addresses; `late`, `finished`: of a unit, as rates count."""

    key: int
    name: str
    code: str
    sums: CauseSums
    divided: int
    finished: int = 0


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A kind of suspension, a reason, or a way between states."""

    name: str
    sums: CauseSums


@dataclass(frozen=True, slots=True)
class Reasons:
    """Reasons that may be shown, and how many more there are, of how many dossiers."""

    rows: tuple[NamedRow, ...]
    hidden: int
    hidden_late: int


@dataclass(frozen=True, slots=True)
class CausePage:
    """Everything on the page; charts are documents, None where there is nothing to draw."""

    total: CauseSums
    known: CauseSums
    is_behind: bool
    unmeasured: int
    divided: int
    headline: tuple[str, ...]
    parts: tuple[PartRow, ...]
    part_chart: str | None
    holders: tuple[HolderRow, ...]
    more_holders: int
    pareto: str | None
    firsts: tuple[HolderRow, ...]
    no_first: int
    worst: tuple[WorstRow, ...]
    control: ControlChart | None
    control_chart: str | None
    control_sentences: tuple[str, ...]
    heat: HeatMap
    units: tuple[GroupRow, ...]
    more_units: int
    procedures: tuple[GroupRow, ...]
    more_procedures: int
    pauses: tuple[NamedRow, ...]
    reasons: Reasons
    ways: tuple[NamedRow, ...]
    way_chart: str | None
    elsewhere: tuple[HolderRow, ...]


def cause_page(overview: CauseOverview, chosen: CauseFilters, reader: Reader) -> CausePage:
    """The page of an answer; made once for as long as it holds."""
    key = Mark((overview.causes.question, reader, language()), overview.mark)
    found: CausePage | None = None if overview.mark is None else PAGES.get(key)
    if found is None:
        found = _page(overview, chosen, reader)
        if overview.mark is not None:
            PAGES.keep(key, found)
    return found


def _page(overview: CauseOverview, chosen: CauseFilters, reader: Reader) -> CausePage:
    answer, day = overview.causes, reader.day_minutes
    parts, holders = _parts(overview), _holders(answer.holders)
    chart = control_chart(_months(overview, chosen.months))
    procedures, units = _procedures(overview), _units(overview)
    ways = tuple(NamedRow(_way(line.name), line.sums) for line in answer.flows)
    return CausePage(
        total=answer.total,
        known=answer.known,
        is_behind=answer.is_behind,
        unmeasured=answer.unmeasured,
        divided=answer.divided,
        headline=headline(answer, chosen, day),
        parts=parts,
        part_chart=_part_chart(parts, answer.total.overrun, day),
        holders=holders[:TABLE_ROWS],
        more_holders=len(holders[TABLE_ROWS:]),
        pareto=_pareto(holders, answer.divided, day),
        firsts=tuple(sorted((row for row in holders if row.sums.first), key=_by_first))[:WORST_ROWS],
        no_first=answer.total.late - sum(row.sums.first for row in holders),
        worst=tuple(
            WorstRow(each.month, each.line.name, KINDS[each.line.kind], each.line.sums)
            for each in answer.worst[:WORST_ROWS]
        ),
        control=chart,
        control_chart=_control(chart, chosen, reader),
        control_sentences=control_sentences(chart) if chart else (),
        heat=_heat(overview, chosen),
        units=units[:TABLE_ROWS],
        more_units=len(units[TABLE_ROWS:]),
        procedures=procedures[:TABLE_ROWS],
        more_procedures=len(procedures[TABLE_ROWS:]),
        pauses=tuple(NamedRow(pause_word(line.name), line.sums) for line in answer.pauses),
        reasons=_reasons(overview, reader),
        ways=ways[:TABLE_ROWS],
        way_chart=_way_chart(ways, day),
        elsewhere=_holders(answer.elsewhere)[:TABLE_ROWS],
    )


# ---------------------------------------------------------------- where it lies


def _parts(overview: CauseOverview) -> tuple[PartRow, ...]:
    answer = overview.causes
    undivided = NOTHING
    for sums in answer.undivided.values():
        undivided = undivided.plus(sums)
    rows = [PartRow(KINDS[kind], sums, is_step=True) for kind, sums in answer.kinds.items()]
    rows.append(PartRow(BETWEEN, answer.between))
    rows.append(PartRow(UNDIVIDED, undivided))
    rows += [
        PartRow(WHY_UNDIVIDED[why], answer.undivided[why], is_detail=True)
        for why in Undivided
        if why in answer.undivided
    ]
    return tuple(rows)


def _part_chart(parts: Iterable[PartRow], whole: int, day: int) -> str | None:
    bars = [
        (
            part.name,
            Fraction(part.sums.overrun, day),
            f"{in_days(part.sums.overrun, day)} · {percent(part.sums.overrun, whole, 1)}",
        )
        for part in parts
        if part.sums.overrun and not part.is_detail
    ]
    return charts_causes.amounts(bars) if bars else None


def _holders(lines: Sequence[HolderLine]) -> tuple[HolderRow, ...]:
    cumulated = accumulate(line.sums.overrun for line in lines)
    return tuple(
        HolderRow(line.name, KINDS[line.kind], line.unit_id, line.sums, so_far)
        for line, so_far in zip(lines, cumulated, strict=True)
    )


def _by_first(row: HolderRow) -> tuple[int, int, str]:
    return -row.sums.first, -row.sums.overrun, row.name


def _pareto(rows: Sequence[HolderRow], divided: int, day: int) -> str | None:
    shown = [row for row in rows if row.sums.overrun][:CHART_ROWS]
    names = [short_unit(row.name) for row in shown]
    bars = [
        (
            # A department of two kinds stands twice; a chart takes two bars of one name for one.
            name if names.count(name) == 1 else f"{name} · {row.kind}",
            Fraction(row.sums.overrun, day),
            share_of(row.sums.overrun, divided, day),
            Fraction(row.cumulated, divided),
        )
        for name, row in zip(names, shown, strict=True)
    ]
    return charts_causes.pareto(bars) if bars else None


# ---------------------------------------------------------------- months


def _months(overview: CauseOverview, months: Sequence[int]) -> list[tuple[int, int, int]]:
    """(month, late, finished), in order."""
    sums = dict.fromkeys(months, (0, 0))
    for (_unit, month), (late, finished) in overview.ended.items():
        before = sums.get(month, (0, 0))
        sums[month] = (before[0] + late, before[1] + finished)
    return [(month, *sums[month]) for month in months]


def _control(chart: ControlChart | None, chosen: CauseFilters, reader: Reader) -> str | None:
    if chart is None:
        return None
    by_month = {point.month: point for point in chart.points}
    points: list[tuple[str, Fraction | None, float | None, float | None, bool, str]] = []
    for month in chosen.months:
        name, point = f"T{month % 100}" if chosen.year else month_text(month), by_month.get(month)
        if point is None:
            points.append((name, None, None, None, False, ""))
            continue
        told = f"{number(point.part)}/{number(point.whole)}"
        told += " (mẫu nhỏ)" if point.whole < reader.small_below else ""
        limits = point.low * 100, point.high * 100
        points.append((name, point.rate * 100, *limits, point.side is not Side.WITHIN, told))
    return charts_causes.control(points, chart.centre * 100)


def _heat(overview: CauseOverview, chosen: CauseFilters) -> HeatMap:
    """Late of finished ones by resolving unit and month, for the last months of the period; most late first."""
    months = chosen.months[-HEAT_MONTHS:]
    units = {unit for unit, month in overview.ended if month in months}
    made = [
        heat_row(
            overview.unit_names.get(unit, ""),
            [overview.ended.get((unit, month), (0, 0)) for month in months],
            ALLOWED,
        )
        for unit in sorted(units)
    ]
    listed = sorted((row for row in made if row.total.late), key=lambda row: (-row.total.late, row.name))
    kept = sum(1 for row in made if row.total.finished and not row.total.late)
    return HeatMap(months, tuple(listed[:ROWS]), legend_of(ALLOWED), len(listed[ROWS:]), kept)


# ---------------------------------------------------------------- groups, suspensions, reasons, ways


def _units(overview: CauseOverview) -> tuple[GroupRow, ...]:
    finished: dict[int, int] = {}
    for (unit, _month), (_late, ended) in overview.ended.items():
        finished[unit] = finished.get(unit, 0) + ended
    return tuple(
        _group(line, "", finished.get(line.key, 0)) for line in overview.causes.units if line.sums.late
    )


def _procedures(overview: CauseOverview) -> tuple[GroupRow, ...]:
    codes = overview.procedure_codes
    return tuple(
        _group(line, codes.get(line.key, ""), 0) for line in overview.causes.procedures if line.sums.late
    )


def _group(line: GroupLine, code: str, finished: int) -> GroupRow:
    return GroupRow(line.key, line.name, code, line.sums, line.divided, finished)


def _reasons(overview: CauseOverview, reader: Reader) -> Reasons:
    """Reasons are typed by hand and may name people: who reads no names is shown those that several dossiers share."""
    lines = overview.causes.reasons
    shown = [line for line in lines if reader.names or line.sums.late >= SHARED_REASON][:TABLE_ROWS]
    hidden = [line for line in lines if line not in shown]
    rows = tuple(NamedRow(line.name, line.sums) for line in shown)
    return Reasons(rows, len(hidden), sum(line.sums.late for line in hidden))


def _way(name: str) -> str:
    begin, _, end = name.partition(">")
    return f"{said(state_word(begin))} → {said(state_word(end))}"  # each a text by itself


def _way_chart(ways: Sequence[NamedRow], day: int) -> str | None:
    bars = [
        (
            way.name,
            way.sums.late,
            f"{number(way.sums.late)} hồ sơ trễ, trung bình {mean_time(way.sums.late_held, way.sums.late, day)}",
        )
        for way in ways[:WAYS]
        if way.sums.late
    ]
    return charts_causes.ways(bars) if bars else None
