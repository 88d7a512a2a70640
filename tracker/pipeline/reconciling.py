"""Reports of sources beside our own counts, which come from the very functions of the rates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from tracker.errors import UsageError
from tracker.measures.rates import total
from tracker.measures.reconciling import Known, OurFigures, compare, listed_measures, standing
from tracker.pipeline.figures import RatesQuestion, rates
from tracker.pipeline.vanished import vanished_open
from tracker.reconciling_data import form_of
from tracker.store import batches, catalogue, differing, reported, seen
from tracker.store.session import Session, Store
from tracker.text import fold
from tracker.types import VN, Basis, Channel, Level, RateRow, RatesAnswer, UnitRef
from tracker.types.reconciling import Comparison, OurCounts, ReportedFigure, ReportEntry, ReportPlace

END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class CompareQuestion:
    """Which report, judged when (None: at the period's end, now where that is to come), by what was known, which units."""

    place: ReportPlace
    now: datetime
    as_of: datetime | None = None
    known: datetime | None = None
    unit_ids: frozenset[int] | None = None

    @property
    def moment(self) -> datetime:
        """The moment of judgement."""
        return self.as_of or min(datetime.combine(self.place.end, END_OF_DAY, VN), self.now)


def compared(store: Store, question: CompareQuestion) -> Comparison:
    """A report beside our counts.

    Raises:
        UsageError: nothing is reported for this place, or the form is not known.
    """
    place, rule = question.place, form_of(question.place.form, question.place.start)
    with store.read() as session:
        figures = standing(reported.figures(session, place))
        if not figures:
            raise UsageError(_nothing(place))
        entries = tuple(one for one in reported.reports(session, place.source) if one.place == place)
        source_id = reported.source_ids(session)[place.source]
        several = len(reported.loaded_sources(session)) > 1
        units = catalogue.units(session)
        inside = _inside(session, question)
        last = differing.last_told(session, source_id, question.known)
        is_known = batches.anything_known(session, question.known)
    figures = [one for one in figures if _is_inside(one, inside, question)]
    kinds = {one.kind for one in figures} & {"field", "procedure"}
    answer = rates(store, _asked(question, kinds))
    own = rates(store, replace(_asked(question, kinds), told_by=source_id)) if several else None
    ours = _ours(answer.rows, units, inside)
    with store.read() as session:
        known = _known(session, question, source_id, units)
        rejected = differing.open_rejections(session, source_id, question.known)
    facts = replace(
        known,
        own=None if own is None else _ours(own.rows, units, inside),
        rejected=rejected.by_unit,
        field_names=_names(answer, "field"),
        procedure_names=_names(answer, "procedure"),
    )
    rows = compare(rule, figures, ours, facts) if is_known else ()
    return Comparison(
        place,
        rule.name,
        rule.source,
        rule.verified,
        question.moment,
        question.known,
        listed_measures(figures),
        rows,
        rule.notes,
        entries,
        last,
        rejected.total,
        answer.excluded,
        answer.unknown,
    )


def _nothing(place: ReportPlace) -> str:
    return (
        f"nguồn {place.source} chưa có số liệu báo cáo theo biểu {place.form} "
        f"từ {place.start:%d/%m/%Y} đến {place.end:%d/%m/%Y}"
    )


def places(store: Store) -> tuple[Sequence[ReportPlace], Sequence[ReportEntry]]:
    """What is reported on, the latest period first; and every report that came in, the newest first."""
    with store.read() as session:
        entries = reported.reports(session)
    return reported.places(entries), entries


def _inside(session: Session, question: CompareQuestion) -> frozenset[int] | None:
    """The units that are compared: those of the report, as far as the reader may see them; None = all."""
    of_report = question.place.unit_id
    if of_report is None:
        return question.unit_ids
    below = catalogue.unit_subtree(session, of_report)
    return below if question.unit_ids is None else below & question.unit_ids


def _is_inside(one: ReportedFigure, inside: frozenset[int] | None, question: CompareQuestion) -> bool:
    """May this figure be shown to who looks at some units alone? Rows over several units only where they hold no others."""
    if question.unit_ids is None or inside is None:
        return True
    if one.kind == "unit":
        return one.unit_id in inside
    return question.place.unit_id is not None and question.place.unit_id in question.unit_ids


def _asked(question: CompareQuestion, kinds: Iterable[str]) -> RatesQuestion:
    place = question.place
    by = ("unit_code", *sorted(kinds), "channel")
    return RatesQuestion(place.start, place.end, question.moment, by, Basis.SOURCE, question.known)


def _ours(rows: Sequence[RateRow], units: Mapping[int, UnitRef], inside: frozenset[int] | None) -> OurFigures:
    ids: dict[str, int | None] = {unit.code: unit.unit_id for unit in units.values()}
    by_unit: dict[int | None, list[RateRow]] = {}
    by_field: dict[str, list[RateRow]] = {}
    by_procedure: dict[str, list[RateRow]] = {}
    for row in rows:
        unit = ids.get(row.keys["unit_code"])
        if inside is not None and unit not in inside:
            continue
        by_unit.setdefault(unit, []).append(row)
        for key, found in (("field", by_field), ("procedure", by_procedure)):
            if key in row.keys:
                found.setdefault(fold(row.keys[key]), []).append(row)
    return OurFigures(
        {unit: _counts(found) for unit, found in by_unit.items()},
        {name: _counts(found) for name, found in by_field.items()},
        {name: _counts(found) for name, found in by_procedure.items()},
    )


def _counts(rows: Sequence[RateRow]) -> OurCounts:
    received: dict[Channel, int] = {}
    for row in rows:
        channel = Channel(row.keys["channel"])
        received[channel] = received.get(channel, 0) + row.counts.received
    return OurCounts(total(row.counts for row in rows), received)


def _names(answer: RatesAnswer, key: str) -> dict[str, str]:
    return {fold(row.keys[key]): row.keys[key] for row in answer.rows if key in row.keys}


def _known(
    session: Session, question: CompareQuestion, source_id: int, units: Mapping[int, UnitRef]
) -> Known:
    place, known = question.place, question.known
    start = int(datetime.combine(place.start, time.min, VN).timestamp())
    end = min(int(datetime.combine(place.end, END_OF_DAY, VN).timestamp()), int(question.moment.timestamp()))
    gone = vanished_open(session, source_id, known)
    return Known(
        above={unit.unit_id: unit.successor_id or unit.parent_id for unit in units.values()},
        names={unit.unit_id: unit.name for unit in units.values()},
        unknown_units=frozenset(unit.unit_id for unit in units.values() if unit.level is Level.UNKNOWN),
        provisional=differing.provisional(session, start, end, known),
        vanished=seen.by_unit(session, sorted(gone), known),
        excluded=differing.uncounted(session, start, end, known),
    )
