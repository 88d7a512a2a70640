"""The page of a simulation as values: lines by edition, the chart, the list. Knows no request."""

from dataclasses import dataclass

from app.charts_simulator import point_bars
from app.presenters import decimal, percent
from app.simulator_words import (
    band_words,
    caution_sentence,
    change_words,
    headroom_words,
    line_name,
    moved_sentence,
    points_words,
    short_name,
)
from tracker.measures.budget import Allowance
from tracker.measures.simulation import Outcome
from tracker.pipeline.simulating import EditionLines, Line, Simulation


@dataclass(frozen=True, slots=True)
class LineRow:
    """One assumption in one edition; `tone` "late": below the threshold."""

    name: str
    outcome: Outcome
    judged: Allowance
    points: str
    change: str
    headroom: str
    band: str
    moved: list[str]
    cautions: list[str]
    tone: str


@dataclass(frozen=True, slots=True)
class EditionTable:
    """The lines of one edition; `chart` is a document, None where it has no points."""

    found: EditionLines
    rows: list[LineRow]
    chart: str | None


def edition_tables(told: Simulation) -> list[EditionTable]:
    """All editions, the one that counts first; the chart is of that."""
    return [_table(told, found, is_first=at == 0) for at, found in enumerate(told.editions)]


def _table(told: Simulation, found: EditionLines, *, is_first: bool) -> EditionTable:
    rows = [
        _row(told, found, line, outcome, judged)
        for line, (outcome, judged) in zip(told.lines, found.outcomes, strict=True)
    ]
    return EditionTable(found, rows, _chart(told, found) if is_first else None)


def _row(told: Simulation, found: EditionLines, line: Line, outcome: Outcome, judged: Allowance) -> LineRow:
    return LineRow(
        name=line_name(line, told),
        outcome=outcome,
        judged=judged,
        points=points_words(outcome),
        change=change_words(found, outcome),
        headroom=headroom_words(judged),
        band=band_words(outcome),
        moved=[moved_sentence(each) for each in outcome.moved],
        cautions=[caution_sentence(each) for each in outcome.cautions],
        tone="late" if judged.headroom < 0 else "kept",
    )


def _chart(told: Simulation, found: EditionLines) -> str | None:
    most = found.edition.max_points
    if most is None or not found.now.tally.denominator:
        return None
    rows = [
        (short_name(line, told), float(outcome.points or 0), _bar_words(outcome))
        for line, (outcome, _judged) in zip(told.lines, found.outcomes, strict=True)
    ]
    return point_bars(rows, float(most))


def _bar_words(outcome: Outcome) -> str:
    points = "–" if outcome.points is None else decimal(outcome.points, 3, trim=True)
    return f"{points} điểm · {percent(outcome.tally.numerator, outcome.tally.denominator)}"
