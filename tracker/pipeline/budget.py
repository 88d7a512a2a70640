"""What a criterion still allows this month, quarter and year, what one late dossier costs, and which can still be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tracker.measures.budget import (
    Allowance,
    LateCost,
    OpenStanding,
    PeriodBudget,
    Tally,
    Window,
    added,
    allowance,
    if_all_end,
    late_cost,
    windows,
)
from tracker.measures.scoring import Denominator, Edition, valid_days
from tracker.pipeline.answers import DUE_SOON
from tracker.pipeline.figures import RatesQuestion, opening, rates, whole_period
from tracker.pipeline.scores import ScoreQuestion, edition_for, score
from tracker.store import batches, budget_queries, late_queries
from tracker.store.budget_queries import StakeFilter, UnitStanding
from tracker.store.late_queries import Candidate, LateFilter
from tracker.store.rate_reading import Counting
from tracker.store.remembered import Mark, Remembered
from tracker.store.session import Session, Store, once
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.due_soon import DueSoon
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.limits import parse_limit
from tracker.types import Lateness, Limit, RateRow, ScoreAnswer, State

A_DAY = timedelta(days=1)
RUNNING = (State.DUE_SOON, State.ON_TRACK)
# Budgets of years, each some megabytes of a large province's parts; and first pages of what can still be kept, by units.
BUDGETS, STAKES = Remembered(12), Remembered(300)
SHORT = 100  # rows of a list that is remembered


@dataclass(frozen=True, slots=True)
class BudgetAnswer:
    """The score of a year with everything that can still move it.

    `months`: the rates of each month on the level that the criterion counts; `excluded`: dossiers of the year that stand
    in no rate, by reason. `standings`: open dossiers by unit, `open`: of all; None with `if_all_end` where the year was over at the moment
    asked for. Everything but `score` is empty where nothing was known. `mark`: under the same one everything is the same
    but the moment that it tells; None where nobody can say.
    """

    score: ScoreAnswer
    edition: Edition
    months: tuple[RateRow, ...]
    excluded: Mapping[str, int]
    periods: tuple[PeriodBudget, ...]
    standings: tuple[UnitStanding, ...] | None
    if_all_end: Allowance | None
    cost: LateCost | None
    open: OpenStanding | None = None
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class StakeRow:
    """One open dossier that can still end in time; no person in it."""

    dossier_id: int
    code: str
    procedure: str
    field: str
    unit: str
    due_at: datetime
    verdict: Lateness


def budget(store: Store, question: ScoreQuestion) -> BudgetAnswer:
    """The budget of late dossiers of a year by an edition; a year that was over by then allows nothing any more.

    An edition without a threshold has no budget: then `periods` is empty, `if_all_end` and `cost` are None. A process works
    it out once, as long as nothing that it is made of changes.
    """
    with store.read() as session:
        mark = _mark(session, question)
    kept: BudgetAnswer | None = None if mark is None else BUDGETS.get(mark)
    if kept is not None:
        return replace(kept, score=replace(kept.score, as_of=question.as_of))
    answer = _budget(store, question)
    if not _still(store, question, mark):
        return answer
    answer = replace(answer, mark=mark)
    BUDGETS.keep(mark, answer)
    return answer


def _mark(session: Session, question: ScoreQuestion) -> Mark | None:
    """Under the same mark a question has the same answer but for the moment that it tells."""
    return once(session, ("mark of a budget", question), lambda: _made_mark(session, question))


def _made_mark(session: Session, question: ScoreQuestion) -> Mark | None:
    counting = Counting(session, question.known)
    still = counting.still(int(question.as_of.timestamp()))
    if still is None:
        return None
    excluded = counting.excluded(whole_period(_months_asked(question)))
    asked = question.criterion, question.year, question.edition, question.basis, question.is_exact
    return Mark(asked, (still, question.as_of.date(), tuple(sorted(excluded.items()))))


def _still(store: Store, question: ScoreQuestion, mark: Mark | None) -> bool:
    """Is the mark still that one, after all was read? Who holds one snapshot need not ask."""
    if mark is None:
        return False
    with store.read() as session:
        return _mark(session, question) == mark


def _budget(store: Store, question: ScoreQuestion) -> BudgetAnswer:
    answer, edition = score(store, question), edition_of(store, question)
    if answer.unknown or answer.numerator is None or answer.denominator is None:
        return BudgetAnswer(answer, edition, (), {}, (), None, None, None)
    table = rates(store, _months_asked(question))
    months = tuple(row for row in table.rows if row.keys["level"] in edition.levels)
    standings = open_standings(store, question)
    standing = None if standings is None else added(each.standing for each in standings)
    told = BudgetAnswer(answer, edition, months, table.excluded, (), standings, None, None, standing)
    if not edition.threshold:
        return told
    year = Tally(answer.numerator, answer.denominator)
    return replace(
        told,
        periods=_periods(question, edition, months, year),
        if_all_end=None if standing is None else allowance(edition, if_all_end(edition, year, standing)),
        cost=late_cost(edition, year, standing or OpenStanding()),
    )


def edition_of(store: Store, question: ScoreQuestion) -> Edition:
    """The edition by which a question is answered; UsageError where there is none."""
    with store.read() as session:
        return edition_for(session, question)


def _days(question: ScoreQuestion, edition: Edition) -> tuple[date, date]:
    """The days of the year that the edition counts."""
    first, last = date(question.year, 1, 1), date(question.year, 12, 31)
    return valid_days(edition, first, last) or (first, last)


def is_over(question: ScoreQuestion, edition: Edition) -> bool:
    """Had the days that the edition counts passed by then?"""
    return question.as_of.date() > _days(question, edition)[1]


def _months_asked(question: ScoreQuestion) -> RatesQuestion:
    """Each month of the year until the moment asked for; of a year that has not begun its first day."""
    first = date(question.year, 1, 1)
    end = min(date(question.year, 12, 31), max(question.as_of.date(), first))
    return RatesQuestion(first, end, question.as_of, ("month", "level"), question.basis, question.known)


def _periods(
    question: ScoreQuestion, edition: Edition, months: tuple[RateRow, ...], year: Tally
) -> tuple[PeriodBudget, ...]:
    """The year as the criterion counts it; of smaller stretches what ended in them, by whichever edition."""
    found = []
    for window, start, end in windows(question.year, question.as_of.date()):
        rows = [row.counts for row in months if start.month <= int(row.keys["month"][-2:]) <= end.month]
        ended = Tally(sum(row.numerator for row in rows), sum(row.finished for row in rows))
        found.append(
            PeriodBudget(window, start, end, allowance(edition, year if window is Window.YEAR else ended))
        )
    return tuple(found)


def open_standings(
    store: Store, question: ScoreQuestion, unit_ids: frozenset[int] | None = None
) -> tuple[UnitStanding, ...] | None:
    """The open dossiers of each unit that the criterion counts, most to be kept first; None where the year was over."""
    edition = edition_of(store, question)
    if is_over(question, edition):
        return None
    chosen = stake_filter(question, edition, unit_ids)
    with store.read() as session:
        found = budget_queries.open_standings(session, chosen)
    return tuple(sorted(found, key=lambda each: (-each.standing.keepable, -each.standing.overdue, each.unit)))


def stake_filter(question: ScoreQuestion, edition: Edition, unit_ids: frozenset[int] | None) -> StakeFilter:
    """The open dossiers that an edition counts, of some units or all."""
    first, last = _days(question, edition)
    return StakeFilter(
        as_of=int(question.as_of.timestamp()),
        until=opening(last + A_DAY) - 1,
        levels=frozenset(edition.levels),
        basis=question.basis,
        unit_ids=unit_ids,
        received_from=None if edition.denominator is not Denominator.RECEIVED else opening(first),
        known=question.known,
    )


# ---------------------------------------------------------------- what can still be kept


def at_stake(  # noqa: PLR0913 -- whose, which part of the list, and when something is due soon: by keyword
    store: Store,
    calendars: CalendarHistory,
    question: ScoreQuestion,
    *,
    unit_ids: frozenset[int] | None = None,
    begin: int = 0,
    limit: int | None = None,
    due_soon: DueSoon = DUE_SOON,
) -> tuple[StakeRow, ...]:
    """Open dossiers that count for the criterion, are not late yet and due within the year: the next due first.

    `limit` of them after the first `begin`. Each of these that ends late takes one from the budget. Nothing after the end of the year, nothing before any import.
    """
    with store.read() as session:
        found = _at_stake(session, question, _Part(unit_ids, begin, limit))
    judged = [stake_row(each, calendars, question, due_soon) for each in found]
    return tuple(row for row in judged if row is not None)


class _Part(NamedTuple):
    """Which part of a list: of which units (None = all), how many after the first ones."""

    unit_ids: frozenset[int] | None
    begin: int
    limit: int | None


def _at_stake(session: Session, question: ScoreQuestion, part: _Part) -> tuple[Candidate, ...]:
    """Dossiers that may still end in time, in order. A short part of them is looked for once, until anything changes."""
    mark = _mark(session, question) if part.limit is not None and part.limit <= SHORT else None
    kept: tuple[Candidate, ...] | None = None if mark is None else STAKES.get(mark.of(part))
    if kept is None:
        kept = _looked_for(session, question, part)
        if mark is not None:
            STAKES.keep(mark.of(part), kept)
    return kept


def _looked_for(session: Session, question: ScoreQuestion, part: _Part) -> tuple[Candidate, ...]:
    edition = edition_for(session, question)
    if is_over(question, edition) or not batches.anything_known(session, question.known):
        return ()
    chosen = stake_filter(question, edition, part.unit_ids)
    until = None if part.limit is None else part.begin + part.limit
    ids = budget_queries.keepable_ids(session, chosen, limit=until)[part.begin :]
    asked = LateFilter(chosen.as_of, chosen.basis, known=chosen.known)
    found = {each.dossier_id: each for each in late_queries.of_ids(session, asked, ids)}
    return tuple(without_person(found[key]) for key in ids if key in found)


def without_person(one: Candidate) -> Candidate:
    """Whose dossier it is says no line of this list, so that is not kept; its limit is read once."""
    limit = parse_limit(one.limit_text)
    facts = replace(one.facts, limit=limit if isinstance(limit, Limit) else None)
    return replace(one, applicant="", facts=facts)


def stake_row(
    one: Candidate, calendars: CalendarHistory, question: ScoreQuestion, due_soon: DueSoon
) -> StakeRow | None:
    """A candidate with its verdict; None where the one definition of lateness says that its clock does not run in time."""
    calendar = calendars.of(
        one.working_unit_id, one.facts.received_at, judged=one.ended_known_at, known=question.known
    )
    verdict = classify(one.facts, calendar, as_of=question.as_of, due_soon=due_soon)
    due = one.facts.due_at
    if due is None or verdict.state not in RUNNING:
        return None
    return StakeRow(one.dossier_id, one.code, one.procedure, one.field, one.unit, due, verdict)
