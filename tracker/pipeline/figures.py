"""Rates and scores: gather counts from the store, give them to the pure measures, answer with everything beside."""

import calendar as months
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from tracker.config_data import load_editions
from tracker.errors import UsageError
from tracker.measures.rates import total_bases
from tracker.measures.scoring import Edition, late_budget, points, points_at_threshold
from tracker.store import batches, rate_queries
from tracker.store.rate_queries import EndedCounts, OpenCounts, Period
from tracker.store.session import Session, Store
from tracker.types import (
    VN,
    Basis,
    BasisRate,
    Level,
    RateCounts,
    RateRow,
    RatesAnswer,
    ScoreAnswer,
    ScoreLine,
)

MONTH = "month"


@dataclass(frozen=True, slots=True)
class RatesQuestion:
    """Which period, grouped by what, on which basis, for which moment and by what was known (None: now).

    `told_by`: only what this source tells of, by its id.
    """

    start: date
    end: date
    as_of: datetime
    by: tuple[str, ...] = ("level",)
    basis: Basis = Basis.SOURCE
    known: datetime | None = None
    told_by: int | None = None


def rates(store: Store, question: RatesQuestion) -> RatesAnswer:
    """The rate table of a period; null with the reason where nothing was known yet."""
    _check(question)
    with store.read() as session:
        if not batches.anything_known(session, question.known):
            return _answer(question, (), {}, batches.NOTHING_KNOWN)
        whole = _period(question, question.start, question.end)
        rows = tuple(row for period in _periods(question) for row in _rows(session, period, question))
        excluded = rate_queries.excluded_counts(session, whole, question.known)
    return _answer(question, rows, excluded, None)


def _check(question: RatesQuestion) -> None:
    if question.start > question.end:
        raise UsageError(f"--from {question.start} sau --to {question.end}")
    unknown = [name for name in question.by if name not in (*rate_queries.GROUPS, MONTH)]
    if unknown:
        raise UsageError(
            f"--by không có {', '.join(unknown)}; có: {', '.join((*rate_queries.GROUPS, MONTH))}"
        )


def _answer(
    question: RatesQuestion, rows: Sequence[RateRow], excluded: dict[str, int], unknown: str | None
) -> RatesAnswer:
    return RatesAnswer(
        question.basis, question.start, question.end, question.as_of, tuple(rows), excluded, unknown
    )


def _opening(day: date) -> int:
    return int(datetime.combine(day, time.min, VN).timestamp())


def _closing(day: date, as_of: datetime) -> int:
    """The end of the period: its last second, or as-of where that is earlier."""
    return min(_opening(day) + 86_399, int(as_of.timestamp()))


def _period(question: RatesQuestion, start: date, end: date) -> Period:
    return Period(_opening(start), _closing(end, question.as_of), told_by=question.told_by)


def _periods(question: RatesQuestion) -> Iterator[Period]:
    """The period, or each of its months as one of its own."""
    if MONTH not in question.by:
        yield _period(question, question.start, question.end)
        return
    first = question.start
    while first <= question.end:
        last = first.replace(day=months.monthrange(first.year, first.month)[1])
        until = min(last, question.end)
        yield replace(_period(question, first, until), label=f"{first:%Y-%m}")
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _rows(session: Session, period: Period, question: RatesQuestion) -> list[RateRow]:
    by = [name for name in question.by if name != MONTH]
    ended = rate_queries.ended_counts(session, period, by, question.basis, question.known)
    standing = rate_queries.open_counts(session, period, by, question.basis, question.known)
    open_by_keys = {counts.keys: counts for counts in standing}
    rows = [
        _row(question, period, by, counts, open_by_keys.get(counts.keys))
        for counts in sorted(ended, key=lambda counts: counts.keys)
    ]
    return [row for row in rows if row.counts != RateCounts()]


def _row(
    question: RatesQuestion,
    period: Period,
    by: Sequence[str],
    ended: EndedCounts,
    standing: OpenCounts | None,
) -> RateRow:
    early, on_time, late, no_due = ended.verdicts[question.basis]
    counts = RateCounts(
        received=ended.received,
        carried_over=ended.carried_over,
        early=early,
        on_time=on_time,
        late=late,
        withdrawn=ended.withdrawn,
        refused=ended.refused,
        no_due=no_due,
    )
    if standing:
        counts = replace(
            counts,
            open=standing.open,
            open_late=standing.late,
            open_no_due=standing.no_due,
            suspended=standing.suspended,
        )
    named = dict(zip(by, ended.keys, strict=True))
    keys = {name: period.label if name == MONTH else named[name] for name in question.by}
    return RateRow(keys, counts, {basis: _basis_rate(v) for basis, v in ended.verdicts.items()})


def _basis_rate(verdict: tuple[int, int, int, int]) -> BasisRate:
    early, on_time, late, no_due = verdict
    computed = early + on_time + late
    return BasisRate(early + on_time, computed, computed, computed + no_due)


# ---------------------------------------------------------------- score


@dataclass(frozen=True, slots=True)
class ScoreQuestion:
    """Which criterion of which year, by which edition, on which basis."""

    criterion: str
    year: int
    as_of: datetime
    edition: str
    basis: Basis = Basis.SOURCE
    known: datetime | None = None


def score(store: Store, question: ScoreQuestion) -> ScoreAnswer:
    """Points of a criterion, with its budget of late dossiers and every unit's part."""
    edition = _edition(question)
    start, end = date(question.year, 1, 1), date(question.year, 12, 31)
    with store.read() as session:
        if not batches.anything_known(session, question.known):
            return _score_answer(question, edition, [], [], batches.NOTHING_KNOWN)
        period = Period(_opening(start), _closing(end, question.as_of))
        by = ("level", "unit", "field")
        counts = rate_queries.ended_counts(session, period, by, question.basis, question.known)
    inside = [row for row in counts if row.keys[0] == edition.level]
    outside = [row for row in counts if row.keys[0] == Level.UNKNOWN.value]
    return _score_answer(question, edition, inside, outside, None)


def _edition(question: ScoreQuestion) -> Edition:
    editions = {(e.criterion, e.key): e for e in load_editions()}
    found = editions.get((question.criterion, question.edition))
    if found is None:
        known = ", ".join(f"{criterion}/{key}" for criterion, key in editions)
        raise UsageError(f"không có tiêu chí {question.criterion}/{question.edition}; có: {known}")
    return found


def _parts(edition: Edition, basis: Basis) -> Callable[[EndedCounts], tuple[int, int, int]]:
    """(numerator, denominator, late) of a group by the edition's reading."""

    def resolved(row: EndedCounts) -> tuple[int, int, int]:
        early, on_time, late, _ = row.verdicts[basis]
        return early + on_time, early + on_time + late, late

    def received(row: EndedCounts) -> tuple[int, int, int]:
        return row.received_on_time, row.received, row.received - row.received_on_time

    return resolved if edition.denominator == "resolved" else received


def _score_answer(
    question: ScoreQuestion,
    edition: Edition,
    inside: Sequence[EndedCounts],
    outside: Sequence[EndedCounts],
    unknown: str | None,
) -> ScoreAnswer:
    split = _parts(edition, question.basis)
    parts = [(row, *split(row)) for row in inside]
    numerator = sum(part[1] for part in parts)
    denominator = sum(part[2] for part in parts)
    late = sum(part[3] for part in parts)
    budget = late_budget(edition, denominator)
    known = unknown is None
    return ScoreAnswer(
        criterion=edition.criterion,
        edition=edition.key,
        edition_name=edition.name,
        edition_verified=edition.verified,
        formula=edition.formula,
        edition_source=edition.source,
        year=question.year,
        basis=question.basis,
        as_of=question.as_of,
        numerator=numerator if known else None,
        denominator=denominator if known else None,
        points=points(edition, numerator, denominator) if known else None,
        max_points=edition.max_points,
        threshold=edition.threshold,
        budget_late=budget if known else None,
        late=late if known else None,
        headroom=budget - late if known else None,
        points_at_threshold=points_at_threshold(edition),
        bases=_sum_bases(inside),
        lines=_lines(parts),
        left_out={"UNIT_UNKNOWN": sum(split(row)[1] for row in outside)},
        unknown=unknown,
    )


def _sum_bases(rows: Sequence[EndedCounts]) -> dict[Basis, BasisRate]:
    return total_bases(
        RateRow({}, RateCounts(), {basis: _basis_rate(v) for basis, v in row.verdicts.items()})
        for row in rows
    )


def _lines(parts: Sequence[tuple[EndedCounts, int, int, int]]) -> tuple[ScoreLine, ...]:
    lines = [
        ScoreLine(row.keys[1], row.keys[2], numerator, denominator, late)
        for row, numerator, denominator, late in parts
        if denominator
    ]
    return tuple(sorted(lines, key=lambda line: (-line.late, line.unit, line.field)))
