"""What a year's points become under assumptions, by every edition of its criterion: gather counts, let the measures decide.

Which dossiers are worth an hour first, says `tracker.pipeline.saving`.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from tracker.errors import CalendarError, UsageError
from tracker.measures.budget import Allowance, OpenStanding, Tally, allowance
from tracker.measures.scoring import Edition, FormulaKind, valid_days
from tracker.measures.simulation import (
    SIMULATED,
    WINDOW_DAYS,
    Assumptions,
    Finished,
    Horizon,
    Outcome,
    Pace,
    Part,
    merged,
    simulated,
)
from tracker.pipeline.budget import is_over, stake_filter
from tracker.pipeline.figures import opening
from tracker.pipeline.scores import ScoreQuestion, YearQuestion, scores
from tracker.store import simulation_queries
from tracker.store.rate_reading import Counting
from tracker.store.remembered import Mark, Remembered
from tracker.store.session import Session, Store, once
from tracker.store.simulation_queries import Choice, ChosenRow, EndedRow, OpenRow
from tracker.timekeeping.calendars import CalendarHistory
from tracker.types import VN, ScoreAnswer

A_DAY = timedelta(days=1)
NO_EDITION = "không có phiên bản nào của tiêu chí này có điểm hoặc ngưỡng để mô phỏng trong năm đó"
# What open dossiers and recent ends are counted to: thousands of rows of a province each; and choices of some.
GROUNDS, CHOSEN = Remembered(12), Remembered(100)
Found = TypeVar("Found")


class Line(StrEnum):
    """A line of the comparison."""

    NOW = "now"
    FINISHED = "finished"
    PACE = "pace"
    TARGET = "target"
    NONE_LATE = "none_late"
    FEWER_LATE = "fewer_late"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Target:
    """Ends of a field, or of units, are in time this often from now on."""

    name: str
    rate: Fraction
    field_id: int | None = None
    unit_ids: frozenset[int] | None = None

    def takes(self, unit_id: int, field_id: int | None) -> bool:
        """Is it about this unit's dossiers of this field?"""
        if self.unit_ids is not None and unit_id not in self.unit_ids:
            return False
        return self.field_id is None or field_id == self.field_id


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to know: each part is a line of its own, and all that are wished together one more.

    Of targets that take the same dossiers the first holds.
    """

    finish: Choice | None = None
    goes_on: bool = False
    targets: tuple[Target, ...] = ()
    none_late: bool = False
    fewer_late: int = 0


@dataclass(frozen=True, slots=True)
class SimulationQuestion:
    """Which year of which criterion, as `YearQuestion` asks it; `preferred`: the edition that is told first."""

    year: YearQuestion
    preferred: str
    wish: Wish


@dataclass(frozen=True, slots=True)
class EditionLines:
    """One edition's year as it is, and under each line's assumptions; `outcomes` stand in the order of the lines."""

    edition: Edition
    answer: ScoreAnswer
    now: Allowance
    outcomes: tuple[tuple[Outcome, Allowance], ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the coming weeks are made of: open dossiers and recent ends by unit and field; `first` to `last`: the window."""

    open: tuple[OpenRow, ...]
    ended: tuple[EndedRow, ...]
    horizon: Horizon
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Simulation:
    """A year under assumptions.

    `lines`: what is compared, "now" first. `over`: the days that count had passed, so that nothing open can change
    them. `found`: of the wished ones those that there are. `unknown`: why nothing can be told; then all else is empty.
    """

    question: SimulationQuestion
    lines: tuple[Line, ...] = ()
    editions: tuple[EditionLines, ...] = ()
    parts: tuple[Part, ...] = ()
    open: OpenStanding | None = None
    pace: Pace | None = None
    horizon: Horizon | None = None
    window: tuple[date, date] | None = None
    found: Finished | None = None
    is_over: bool = False
    unknown: str | None = None


def simulate(store: Store, calendars: CalendarHistory, question: SimulationQuestion) -> Simulation:
    """The year under each assumption of the wish and under all of them, by every edition that has a rate to be told.

    Raises:
        UsageError: there is no such criterion, or the calendar lacks the rest of the year.
    """
    found = [
        each for each in scores(store, question.year) if each.answer and _is_simulated(each.kept.edition)
    ]
    found.sort(key=lambda each: each.kept.edition.key != question.preferred)
    answers = [(each.kept.edition, each.answer) for each in found if each.answer]
    if not answers:
        return Simulation(question, unknown=NO_EDITION)
    if answers[0][1].unknown:
        return Simulation(question, unknown=answers[0][1].unknown)
    with store.read() as session:
        told, *others = [_of_edition(session, calendars, question, each) for each in answers]
    return replace(told, editions=tuple(each.editions[0] for each in (told, *others)))


def _is_simulated(edition: Edition) -> bool:
    return edition.denominator in SIMULATED and edition.formula_kind is not FormulaKind.RANKING


def _of_edition(
    session: Session,
    calendars: CalendarHistory,
    question: SimulationQuestion,
    told: tuple[Edition, ScoreAnswer],
) -> Simulation:
    edition, answer = told
    asked, wish = question_of(question.year, edition), question.wish
    tally = Tally(answer.numerator or 0, answer.denominator or 0)
    if is_over(asked, edition):
        lines = _lines(wish, is_open=False)
        outcomes = [simulated(edition, tally, (), Horizon(0, 0), _assumed(wish, line)) for line in lines]
        of_edition = _edition_lines(edition, answer, tally, outcomes)
        return Simulation(question, lines, (of_edition,), is_over=True)
    ground = ground_of(session, calendars, asked, edition)
    parts = _parts(ground, _chosen(session, asked, edition, wish.finish), wish.targets)
    lines = _lines(wish, is_open=True)
    outcomes = [simulated(edition, tally, parts, ground.horizon, _assumed(wish, line)) for line in lines]
    whole = merged(parts)
    return Simulation(
        question=question,
        lines=lines,
        editions=(_edition_lines(edition, answer, tally, outcomes),),
        parts=tuple(parts),
        open=whole.open,
        pace=whole.pace,
        horizon=ground.horizon,
        window=(ground.first, ground.last),
        found=whole.finished if wish.finish else None,
    )


def _edition_lines(
    edition: Edition, answer: ScoreAnswer, tally: Tally, outcomes: Sequence[Outcome]
) -> EditionLines:
    judged = tuple((each, allowance(edition, each.tally)) for each in outcomes)
    return EditionLines(edition, answer, allowance(edition, tally), judged)


def question_of(year: YearQuestion, edition: Edition) -> ScoreQuestion:
    """The same question by one edition."""
    return ScoreQuestion(year.criterion, year.year, year.as_of, edition.key, year.basis, year.known)


# ---------------------------------------------------------------- which lines


def _lines(wish: Wish, *, is_open: bool) -> tuple[Line, ...]:
    if not is_open:
        return (Line.NOW, Line.FEWER_LATE) if wish.fewer_late else (Line.NOW,)
    wished = {
        Line.FINISHED: wish.finish is not None,
        Line.PACE: True,
        Line.TARGET: bool(wish.targets),
        Line.NONE_LATE: True,
        Line.FEWER_LATE: bool(wish.fewer_late),
    }
    lines = [Line.NOW, *(line for line, is_there in wished.items() if is_there)]
    together = (wish.finish, wish.goes_on, wish.targets, wish.none_late, wish.fewer_late)
    # Targets are about how it goes on: to wish both is to wish one thing.
    if sum(map(bool, together)) - bool(wish.goes_on and wish.targets) > 1:
        lines.append(Line.TOGETHER)
    return tuple(lines)


def _assumed(wish: Wish, line: Line) -> Assumptions:
    return {
        Line.NOW: Assumptions(),
        Line.FINISHED: Assumptions(finishes=True),
        Line.PACE: Assumptions(goes_on=True),
        Line.TARGET: Assumptions(goes_on=True, has_targets=True),
        Line.NONE_LATE: Assumptions(goes_on=True, none_late=True),
        Line.FEWER_LATE: Assumptions(fewer_late=wish.fewer_late),
        Line.TOGETHER: Assumptions(
            fewer_late=wish.fewer_late,
            finishes=wish.finish is not None,
            goes_on=wish.goes_on or bool(wish.targets),
            has_targets=bool(wish.targets),
            none_late=wish.none_late,
        ),
    }[line]


# ---------------------------------------------------------------- what is there


def mark_of(session: Session, question: ScoreQuestion) -> Hashable | None:
    """Under the same mark everything that a simulation counts is the same; None where nobody can say."""
    asked = question.as_of, question.known

    def ask() -> Hashable | None:
        still = Counting(session, question.known).still(int(question.as_of.timestamp()))
        return None if still is None else (still, question.as_of.astimezone(VN).date())

    return once(session, ("mark of a simulation", asked), ask)


def remembered(kept: Remembered, mark: Hashable | None, key: Hashable, ask: Callable[[], Found]) -> Found:
    """What `ask` answers, kept under the mark."""
    if mark is None:
        return ask()
    found: Found | None = kept.get(Mark(key, mark))
    if found is None:
        found = ask()
        kept.keep(Mark(key, mark), found)
    return found


def ground_of(
    session: Session, calendars: CalendarHistory, question: ScoreQuestion, edition: Edition
) -> Ground:
    """Open dossiers and the pace of the last days, of the levels that the edition counts.

    Raises:
        UsageError: the calendar lacks a day of them.
    """
    first, last = _days(question, edition)
    key = edition.levels, first, last, question.basis
    chosen = replace(stake_filter(question, edition, None), received_from=None)
    window = _window(question)

    def ask() -> tuple[tuple[OpenRow, ...], tuple[EndedRow, ...]]:
        recent = opening(window[0])
        rows = simulation_queries.open_rows(session, chosen, year_from=opening(first), recent_from=recent)
        return tuple(rows), tuple(simulation_queries.ended_rows(session, chosen, recent))

    rows = remembered(GROUNDS, mark_of(session, question), key, lambda: once(session, ("ground", key), ask))
    return Ground(*rows, _horizon(calendars, question, window, last), *window)


def _days(question: ScoreQuestion, edition: Edition) -> tuple[date, date]:
    first, last = date(question.year, 1, 1), date(question.year, 12, 31)
    return valid_days(edition, first, last) or (first, last)


def _window(question: ScoreQuestion) -> tuple[date, date]:
    """The last days, that of the moment asked for included."""
    today = question.as_of.astimezone(VN).date()
    return today - timedelta(days=WINDOW_DAYS - 1), today


def _horizon(
    calendars: CalendarHistory, question: ScoreQuestion, window: tuple[date, date], last: date
) -> Horizon:
    calendar = calendars.at(question.known).default
    try:
        counted = calendar.count_workdays(window[0] - A_DAY, window[1])
        return Horizon(
            counted, calendar.count_workdays(max(window[1], date(question.year, 1, 1) - A_DAY), last)
        )
    except CalendarError as error:
        raise UsageError(str(error)) from error


def _chosen(
    session: Session, question: ScoreQuestion, edition: Edition, choice: Choice | None
) -> tuple[ChosenRow, ...]:
    if choice is None or choice.count <= 0:
        return ()
    first, _last = _days(question, edition)
    chosen = replace(stake_filter(question, edition, None), received_from=None)

    def ask() -> tuple[ChosenRow, ...]:
        return tuple(simulation_queries.chosen_rows(session, chosen, choice, year_from=opening(first)))

    key = edition.levels, first, question.basis, choice
    return remembered(CHOSEN, mark_of(session, question), key, lambda: once(session, ("chosen", key), ask))


# ---------------------------------------------------------------- parts


def _parts(ground: Ground | None, chosen: Sequence[ChosenRow], targets: Sequence[Target]) -> list[Part]:
    """Every dossier in one part: that of the first target that takes it, or of the others, which come last."""
    if ground is None:
        return [Part()]
    found: list[Part] = []
    for at in range(len(targets) + 1):
        target = targets[at] if at < len(targets) else None
        earlier = targets[:at]

        def belongs(
            row: OpenRow | EndedRow | ChosenRow,
            target: Target | None = target,
            earlier: Sequence[Target] = earlier,
        ) -> bool:
            if any(one.takes(row.unit_id, row.field_id) for one in earlier):
                return False
            return target is None or target.takes(row.unit_id, row.field_id)

        part = _part(
            [row for row in ground.open if belongs(row)],
            [row for row in ground.ended if belongs(row)],
            [row for row in chosen if belongs(row)],
        )
        found.append(replace(part, name=target.name, target=target.rate) if target else part)
    return found


def _part(open_ones: Sequence[OpenRow], ended: Sequence[EndedRow], chosen: Sequence[ChosenRow]) -> Part:
    received = sum(row.received for row in ended) + sum(row.dossiers for row in open_ones if row.recent)
    return Part(
        open=_standing(open_ones),
        counted=_standing(row for row in open_ones if row.counted),
        pace=Pace(sum(row.ended for row in ended), sum(row.late for row in ended), received),
        finished=Finished(
            in_time=sum(row.dossiers for row in chosen if not row.is_late),
            late=sum(row.dossiers for row in chosen if row.is_late),
            in_time_counted=sum(row.dossiers for row in chosen if row.counted and not row.is_late),
            late_counted=sum(row.dossiers for row in chosen if row.counted and row.is_late),
        ),
    )


def _standing(rows: Iterable[OpenRow]) -> OpenStanding:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row.state] += row.dossiers
    return OpenStanding(**counts)
