"""Scores: the counts of a year, judged by a dated edition of a criterion, with the budget of late dossiers beside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.measures.rates import total_bases
from tracker.measures.scoring import Edition, late_budget, points, points_at_threshold
from tracker.pipeline.editions import find_edition
from tracker.pipeline.figures import basis_rate, closing, opening
from tracker.store import batches
from tracker.store.rate_queries import EndedCounts, Period
from tracker.store.rate_reading import Counting
from tracker.store.session import Store
from tracker.types import Basis, BasisRate, Level, RateCounts, RateRow, ScoreAnswer, ScoreLine


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
    start, end = date(question.year, 1, 1), date(question.year, 12, 31)
    with store.read() as session:
        edition = find_edition(session, question.criterion, question.edition, question.known)
        if not batches.anything_known(session, question.known):
            return _score_answer(question, edition, [], [], batches.NOTHING_KNOWN)
        period = Period(opening(start), closing(end, question.as_of))
        by = ("level", "unit", "field")
        counts = Counting(session, question.known).ended(period, by, question.basis)
    inside = [row for row in counts if row.keys[0] in edition.levels]
    outside = [row for row in counts if row.keys[0] == Level.UNKNOWN.value]
    return _score_answer(question, edition, inside, outside, None)


def _parts(edition: Edition, basis: Basis) -> Callable[[EndedCounts], tuple[int, int, int]]:
    """(numerator, denominator, late) of a group by the edition's reading."""

    def resolved(row: EndedCounts) -> tuple[int, int, int]:
        early, on_time, late, _ = row.verdicts[basis]
        return early + on_time, early + on_time + late, late

    def received(row: EndedCounts) -> tuple[int, int, int]:
        on_time = row.received_on_time or 0  # always told of a year
        return on_time, row.received, row.received - on_time

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
        RateRow({}, RateCounts(), {basis: basis_rate(v) for basis, v in row.verdicts.items()}) for row in rows
    )


def _lines(parts: Sequence[tuple[EndedCounts, int, int, int]]) -> tuple[ScoreLine, ...]:
    lines = [
        ScoreLine(row.keys[1], row.keys[2], numerator, denominator, late)
        for row, numerator, denominator, late in parts
        if denominator
    ]
    return tuple(sorted(lines, key=lambda line: (-line.late, line.unit, line.field)))
