"""A source's own report beside our counts: which figure stands, what of ours it is compared with, why they differ.

Pure. Nothing is evened out: a difference is shown with both numbers, and a cause only where we know of one.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tracker.measures.rates import total as added
from tracker.text import fold
from tracker.types.reconciling import (
    Cause,
    ComparedCell,
    ComparedRow,
    Imbalance,
    OurCounts,
    Part,
    Reason,
    ReportedFigure,
)
from tracker.types.reported import MEASURES, RowKind

# A name that stands twice in one report is kept as two rows; the second one says in which line it stood.
REPEATED = re.compile(r" \(dòng \d+\)$")
# What the row of all is called; other totals are those of a group, and which units it holds is not told.
WHOLE = frozenset({"", "tong cong", "tong so", "tong", "cong", "tong toan tinh", "toan tinh", "ca tinh"})
OF_CHANNEL = "received."
STANDING = frozenset({"total", "carried_over", "received", "open", "open_in_time", "open_late"})

RowKey = tuple[RowKind, int | str]


@dataclass(frozen=True, slots=True)
class FormRule:
    """How a form counts: for each of its columns our counts with their signs, sums of its own, notes, and the source."""

    key: str
    name: str
    source: str
    verified: bool
    measures: Mapping[str, tuple[tuple[int, str], ...]]
    sums: tuple[tuple[str, ...], ...]
    notes: Mapping[str, str]
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class OurFigures:
    """What we count: by unit (None: no unit is told), by folded name of field and procedure, and in all."""

    units: Mapping[int | None, OurCounts] = field(default_factory=dict)
    fields: Mapping[str, OurCounts] = field(default_factory=dict)
    procedures: Mapping[str, OurCounts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the figures, by unit: the way up to the unit above or after it, units without a catalogue,
    and how many dossiers or rows may account for a difference. `own`: what the source itself tells of, None = all.
    """

    above: Mapping[int, int | None] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    field_names: Mapping[str, str] = field(default_factory=dict)
    procedure_names: Mapping[str, str] = field(default_factory=dict)
    unknown_units: frozenset[int] = frozenset()
    own: OurFigures | None = None
    rejected: Mapping[int | None, int] = field(default_factory=dict)
    provisional: Mapping[int | None, int] = field(default_factory=dict)
    vanished: Mapping[int | None, int] = field(default_factory=dict)
    excluded: Mapping[int | None, int] = field(default_factory=dict)


# ---------------------------------------------------------------- which figures stand


def standing(figures: Iterable[ReportedFigure]) -> list[ReportedFigure]:
    """The figures of one place that count, given in the order in which they came.

    A newer file replaces all that was there before it; a figure that somebody typed in replaces only itself.
    """
    found: dict[tuple[str, str, str], ReportedFigure] = {}
    last_file = 0
    for one in figures:
        if one.file and one.report_id != last_file:
            found.clear()
            last_file = one.report_id
        found[one.kind, one.name, one.measure] = one
    return sorted(found.values(), key=lambda one: (one.report_id, one.row, one.name))


def listed_measures(figures: Iterable[ReportedFigure]) -> tuple[str, ...]:
    """The columns that the report has, in the order of `MEASURES`."""
    told = {one.measure for one in figures}
    return tuple(measure for measure in MEASURES if measure in told)


# ---------------------------------------------------------------- comparing


@dataclass(frozen=True, slots=True)
class _Told:
    """A row of the report; figures of several lines that mean the same are added."""

    kind: RowKind
    name: str
    unit_id: int | None
    values: Mapping[str, int]
    lines: tuple[int, ...]


def compare(
    rule: FormRule, figures: Sequence[ReportedFigure], ours: OurFigures, known: Known
) -> tuple[ComparedRow, ...]:
    """Every row of the report, then what only we know, then the total where the report has none."""
    measures = listed_measures(figures)
    told = _rows(figures)
    comparing = _Comparing(rule, measures, ours, known, told)
    rows = [comparing.row(each) for each in told.values()]
    for kind in dict.fromkeys(each.kind for each in told.values()):
        rows += comparing.unreported(kind)
    if not any(each.kind == "total" for each in told.values()):
        rows += comparing.sum_of_units(rows)
    return tuple(rows)


def _rows(figures: Sequence[ReportedFigure]) -> dict[RowKey, _Told]:
    found: dict[RowKey, _Told] = {}
    for one in figures:
        key = _key(one)
        name = REPEATED.sub("", one.name)
        before = found.get(key) or _Told(one.kind, name, one.unit_id, {}, ())
        values = {**before.values, one.measure: before.values.get(one.measure, 0) + one.value}
        lines = before.lines if one.row in before.lines else (*before.lines, one.row)
        found[key] = _Told(before.kind, before.name, before.unit_id, values, lines)
    return found


def _key(one: ReportedFigure) -> RowKey:
    if one.kind == "unit" and one.unit_id is not None:
        return one.kind, one.unit_id
    return one.kind, fold(REPEATED.sub("", one.name))


@dataclass(frozen=True, slots=True)
class _Group:
    """Our side of one row: what we count, what of it the source tells (None: all), which units it holds (None: it is no
    row of a unit), what of units below lies in other rows.
    """

    all: OurCounts
    own: OurCounts | None = None
    units: frozenset[int | None] | None = None
    below: OurCounts = field(default_factory=OurCounts)


class _Comparing:
    """One comparison at work."""

    def __init__(
        self,
        rule: FormRule,
        measures: Sequence[str],
        ours: OurFigures,
        known: Known,
        told: Mapping[RowKey, _Told],
    ) -> None:
        self._rule, self._measures, self._ours, self._known = rule, measures, ours, known
        self._names = {key[1] for key in told}
        self._listed = {key[1] for key in told if key[0] == "unit" and isinstance(key[1], int)}
        self._held: dict[int | None, set[int | None]] = {}
        for unit in ours.units:
            self._held.setdefault(self._place(unit), set()).add(unit)

    def _place(self, unit: int | None) -> int | None:
        """In whose row a unit is counted: its own, that of the nearest one above or after it, or none (itself)."""
        return next((each for each in self._way(unit) if each in self._listed), unit)

    def _way(self, unit: int | None) -> Iterator[int]:
        """A unit, the one after or above it, and so on; a circle in the catalogue ends it."""
        seen: set[int] = set()
        while unit is not None and unit not in seen:
            seen.add(unit)
            yield unit
            unit = self._known.above.get(unit)

    # ------------------------------------------------------------ rows

    def row(self, told: _Told) -> ComparedRow:
        """A row of the report."""
        group = self._group(told)
        if group is None:
            cause = Cause.GROUP if told.kind == "total" else Cause.ROW_UNKNOWN
            cells = tuple(ComparedCell(m, told.values.get(m), None) for m in self._measures)
            reasons: tuple[Reason, ...] = (Reason(cause),)
        else:
            cells = tuple(self._cell(m, told.values.get(m), group) for m in self._measures)
            reasons = ()
        below = 0 if group is None or group.units is None else len(group.units - {told.unit_id})
        return ComparedRow(
            told.kind,
            told.name,
            told.unit_id,
            cells,
            told.lines,
            reasons,
            _imbalances(self._rule, told.values),
            below,
        )

    def unreported(self, kind: RowKind) -> list[ComparedRow]:
        """Rows of this kind that only we have."""
        if kind == "unit":
            missing = [
                (self._known.names.get(unit, "") if unit is not None else "", unit, self._ours.units[unit])
                for unit in self._ours.units
                if self._place(unit) == unit and unit not in self._listed
            ]
        elif kind == "total":
            missing = []
        else:
            by_name, names = self._by_name(kind)
            missing = [
                (names.get(name, name), None, counts)
                for name, counts in by_name.items()
                if name not in self._names
            ]
        rows = [
            self._only_ours(kind, name, unit, counts) for name, unit, counts in sorted(missing, key=_name)
        ]
        return [row for row in rows if any(cell.ours for cell in row.cells)]

    def _only_ours(self, kind: RowKind, name: str, unit: int | None, counts: OurCounts) -> ComparedRow:
        cells = tuple(ComparedCell(m, None, *self._figure(m, counts)) for m in self._measures)
        return ComparedRow(kind, name, unit, cells, reasons=(Reason(Cause.NOT_REPORTED),))

    def sum_of_units(self, rows: Sequence[ComparedRow]) -> list[ComparedRow]:
        """All rows of the first kind together, where the report tells no total of its own."""
        kinds = [row.kind for row in rows]
        if not kinds:
            return []
        listed = [row for row in rows if row.kind == kinds[0]]
        cells = []
        for at, measure in enumerate(self._measures):
            theirs = _sum(row.cells[at].theirs for row in listed)
            cells.append(ComparedCell(measure, theirs, _sum(row.cells[at].ours for row in listed)))
        lines = tuple(line for row in listed for line in row.rows)
        return [ComparedRow("total", "", None, tuple(cells), lines)]

    # ------------------------------------------------------------ our side

    def _group(self, told: _Told) -> _Group | None:
        """What of ours a row is compared with; None where we do not know what it means."""
        own = self._known.own
        if told.kind == "unit":
            return None if told.unit_id is None else self._group_of_unit(told.unit_id)
        if told.kind == "total":
            if fold(told.name) not in WHOLE:
                return None
            theirs = None if own is None else _together(own.units.values())
            return _Group(_together(self._ours.units.values()), theirs)
        by_name, _ = self._by_name(told.kind)
        counts = by_name.get(fold(told.name))
        if counts is None:
            return None
        if own is None:
            return _Group(counts)
        own_names = own.fields if told.kind == "field" else own.procedures
        return _Group(counts, own_names.get(fold(told.name), OurCounts()))

    def _group_of_unit(self, unit: int) -> _Group:
        held = frozenset(self._held.get(unit, ()))
        own = self._known.own
        elsewhere = [
            other
            for place, others in self._held.items()
            if place != unit and unit in self._way(place)
            for other in others
        ]
        return _Group(
            _together(self._ours.units[each] for each in held),
            None if own is None else _together(own.units.get(each, OurCounts()) for each in held),
            held,
            _together(self._ours.units[each] for each in elsewhere),
        )

    def _by_name(self, kind: RowKind) -> tuple[Mapping[str, OurCounts], Mapping[str, str]]:
        if kind == "field":
            return self._ours.fields, self._known.field_names
        return self._ours.procedures, self._known.procedure_names

    def _figure(self, measure: str, counts: OurCounts) -> tuple[int | None, tuple[Part, ...]]:
        terms = self._rule.measures.get(measure)
        return (None, ()) if terms is None else figure(terms, counts)

    def _cell(self, measure: str, theirs: int | None, group: _Group) -> ComparedCell:
        ours, parts = self._figure(measure, group.all)
        if ours is None:
            return ComparedCell(measure, theirs, None, reasons=(Reason(Cause.NO_COUNTERPART),))
        if theirs is None:
            return ComparedCell(measure, None, ours, parts, (Reason(Cause.NOT_REPORTED),))
        reasons = tuple(self._reasons(measure, ours - theirs, ours, group)) if ours != theirs else ()
        if ours != theirs and not reasons:
            reasons = (Reason(Cause.UNEXPLAINED),)
        return ComparedCell(measure, theirs, ours, parts, reasons)

    # ------------------------------------------------------------ causes

    def _reasons(self, measure: str, difference: int, ours: int, group: _Group) -> Iterator[Reason]:
        """What may account for a difference; only what goes the way that the difference goes."""
        known, units = self._known, group.units
        counted: list[tuple[Cause, int]]
        if difference > 0:
            own = self._figure(measure, group.own)[0] if group.own else None
            counted = [
                (Cause.OTHER_SOURCE, 0 if own is None else ours - own),
                (Cause.PROVISIONAL, _of(known.provisional, units)),
                (Cause.VANISHED, _of(known.vanished, units) if measure in STANDING else 0),
            ]
        else:
            counted = [
                (Cause.UNITS_BELOW, self._figure(measure, group.below)[0] or 0),
                (Cause.REJECTED, _of(known.rejected, units)),
                (Cause.UNIT_NAMES, 0 if units is None else self._nameless(measure, units)),
                (Cause.EXCLUDED, _of(known.excluded, units)),
            ]
        yield from (Reason(cause, count) for cause, count in counted if count)
        if measure in self._rule.notes:
            yield Reason(Cause.DEFINITION)

    def _nameless(self, measure: str, units: frozenset[int | None]) -> int:
        """What is counted in no row of a unit that somebody knows."""
        without = {None, *self._known.unknown_units} - units
        nameless = (counts for unit, counts in self._ours.units.items() if unit in without)
        return self._figure(measure, _together(nameless))[0] or 0


def figure(terms: Sequence[tuple[int, str]], counts: OurCounts) -> tuple[int, tuple[Part, ...]]:
    """Our figure for a column, and what it is made of."""
    parts = tuple(Part(sign, counter, _count(counter, counts)) for sign, counter in terms)
    return sum(part.sign * part.value for part in parts), parts


def _count(counter: str, counts: OurCounts) -> int:
    if counter.startswith(OF_CHANNEL):
        channel = counter.removeprefix(OF_CHANNEL)
        return sum(count for of, count in counts.received_by.items() if of.value == channel)
    return int(getattr(counts.counts, counter))


def _together(many: Iterable[OurCounts]) -> OurCounts:
    groups = list(many)
    channels = {channel for one in groups for channel in one.received_by}
    return OurCounts(
        added(one.counts for one in groups),
        {channel: sum(one.received_by.get(channel, 0) for one in groups) for channel in channels},
    )


def _imbalances(rule: FormRule, values: Mapping[str, int]) -> tuple[Imbalance, ...]:
    """Sums of the form that the report's own row does not keep."""
    found = []
    for whole, *parts in rule.sums:
        if whole in values and all(part in values for part in parts):
            together = sum(values[part] for part in parts)
            if together != values[whole]:
                found.append(Imbalance(whole, values[whole], tuple(parts), together))
    return tuple(found)


def _of(counts: Mapping[int | None, int], units: Collection[int | None] | None) -> int:
    """Those of some units and those of which no unit is told; of no unit in particular: all."""
    if units is None:
        return sum(counts.values())
    return sum(counts.get(unit, 0) for unit in {*units, None})


def _sum(values: Iterable[int | None]) -> int | None:
    told = [value for value in values if value is not None]
    return sum(told) if told else None


def _name(missing: tuple[str, int | None, OurCounts]) -> str:
    return fold(missing[0])
