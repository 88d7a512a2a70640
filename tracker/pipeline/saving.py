"""The open dossiers that are worth an hour of work first, by what their likes took and by how often these were late."""

import heapq
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from tracker.measures.budget import Allowance, Tally, allowance
from tracker.measures.saving import (
    HOUR,
    Experience,
    Experiences,
    Plan,
    Worth,
    experience,
    place,
    plan,
)
from tracker.measures.scoring import Denominator, Edition
from tracker.pipeline.answers import DUE_SOON
from tracker.pipeline.budget import StakeRow, is_over, stake_filter, stake_row, without_person
from tracker.pipeline.figures import opening
from tracker.pipeline.scores import ScoreQuestion, edition_for
from tracker.pipeline.simulating import Line, Simulation, mark_of, remembered
from tracker.store import batches, late_queries, simulation_queries
from tracker.store.late_queries import Candidate, LateFilter
from tracker.store.remembered import Remembered
from tracker.store.session import Session, Store, once
from tracker.store.simulation_queries import KeepableRow
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.due_soon import DueSoon
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN

# Finished dossiers of so many days back say how long their likes take.
BEHIND_DAYS = 90
# The first of each list are kept in order; whoever has time for more than these has time for all that is likely to be late.
LISTED = 2_000
RANKED, SHOWN = Remembered(12), Remembered(100)
A_DAY = timedelta(days=1)
Group = TypeVar("Group", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first dossiers of some units by worth, and of all of them: how many there are, of how many nobody can say, how many
    usually take longer than they have, how many ended dossiers say so, and of how many the forecast tells the chance.

    `is_invented`: it learned from generated data.
    """

    rows: tuple[Worth, ...] = ()
    total: int = 0
    unknown: int = 0
    tight: int = 0
    ended: int = 0
    foreseen: int = 0
    is_invented: bool = False


@dataclass(frozen=True, slots=True)
class SavingQuestion:
    """Whose dossiers (None: all), how many working minutes there are (None: not told), which part of the list is shown."""

    score: ScoreQuestion
    unit_ids: frozenset[int] | None = None
    capacity: int | None = None
    begin: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class SavingRow:
    """A dossier of the list with its verdict and its worth; no person in it."""

    stake: StakeRow
    worth: Worth
    is_planned: bool


@dataclass(frozen=True, slots=True)
class Saving:
    """A part of the list, and what fits into the time that there is."""

    ranking: Ranking = Ranking()
    rows: tuple[SavingRow, ...] = ()
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """A year with some late ones less."""

    before: Allowance
    after: Allowance

    @property
    def crosses(self) -> bool:
        """Does it reach the threshold that it missed before?"""
        return self.before.headroom < 0 <= self.after.headroom


def effect(edition: Edition, tally: Tally, spared: int) -> Effect:
    """What so many dossiers in time instead of late make of a year."""
    fewer = min(spared, tally.late)
    after = Tally(tally.numerator + fewer, tally.denominator)
    return Effect(allowance(edition, tally), allowance(edition, after))


def plan_effect(told: Simulation, listed: Saving) -> Effect | None:
    """What the planned dossiers make of the year that goes on by the pace, by the edition told first; None: no plan, or no year."""
    if listed.plan is None or not told.editions:
        return None
    first = told.editions[0]
    at = told.lines.index(Line.PACE) if Line.PACE in told.lines else 0
    return effect(first.edition, first.outcomes[at][0].tally, listed.plan.spared)


def saving(
    store: Store, calendars: CalendarHistory, question: SavingQuestion, *, due_soon: DueSoon = DUE_SOON
) -> Saving:
    """Open dossiers that count for the criterion and can still end in time, the most worth an hour of work first.

    Nothing after the end of the year, nothing before any import.
    """
    asked = question.score
    with store.read() as session:
        edition = edition_for(session, asked)
        if is_over(asked, edition) or not batches.anything_known(session, asked.known):
            return Saving()
        ranking = _ranking(session, calendars, asked, edition, question.unit_ids)
        part = ranking.rows[question.begin : question.begin + question.limit]
        found = _found(session, asked, part)
    chosen = None if question.capacity is None else plan(ranking.rows, question.capacity)
    planned = frozenset(chosen.ids if chosen else ())
    judged = [
        (worth, stake_row(found[worth.dossier_id], calendars, asked, due_soon))
        for worth in part
        if worth.dossier_id in found
    ]
    rows = [SavingRow(row, worth, worth.dossier_id in planned) for worth, row in judged if row is not None]
    return Saving(ranking, tuple(rows), chosen)


def _found(session: Session, question: ScoreQuestion, part: Sequence[Worth]) -> dict[int, Candidate]:
    """What a list shows of these dossiers."""
    ids = tuple(worth.dossier_id for worth in part)

    def ask() -> dict[int, Candidate]:
        chosen = LateFilter(int(question.as_of.timestamp()), question.basis, known=question.known)
        return {
            each.dossier_id: without_person(each) for each in late_queries.of_ids(session, chosen, list(ids))
        }

    return remembered(SHOWN, mark_of(session, question), (question.basis, ids), ask)


# ---------------------------------------------------------------- the order


def _ranking(
    session: Session,
    calendars: CalendarHistory,
    question: ScoreQuestion,
    edition: Edition,
    unit_ids: frozenset[int] | None,
) -> Ranking:
    """Made once an hour at most, as long as nothing changes."""
    hour = question.as_of.replace(minute=0, second=0, microsecond=0)
    run = once(session, "latest forecast", lambda: simulation_queries.latest_forecast(session))
    key = hour, run, edition, question.basis, unit_ids
    ranking = remembered(
        RANKED, mark_of(session, question), key, lambda: _ranked(session, calendars, question, unit_ids)
    )
    return replace(ranking, is_invented=bool(run and run.is_invented and ranking.foreseen))


def _ranked(
    session: Session, calendars: CalendarHistory, question: ScoreQuestion, unit_ids: frozenset[int] | None
) -> Ranking:
    edition = edition_for(session, question)
    chosen = stake_filter(question, edition, unit_ids)
    year_from = opening(date(question.year, 1, 1))
    rows = simulation_queries.keepable_rows(session, chosen, year_from=year_from)
    if edition.denominator is Denominator.RECEIVED:
        rows = [row for row in rows if row.counted]
    behind = opening(question.as_of.astimezone(VN).date() - timedelta(days=BEHIND_DAYS - 1))
    taken = simulation_queries.taken_rows(session, stake_filter(question, edition, None), behind)
    judge = _Judge(experiences(taken), calendars, question)
    worths = [judge.worth(row) for row in rows]
    first = heapq.nsmallest(LISTED, worths, key=place)
    return Ranking(
        rows=tuple(first),
        total=len(worths),
        unknown=sum(worth.per_hour is None for worth in worths),
        tight=sum(worth.is_tight for worth in worths),
        ended=sum(row.dossiers for row in taken),
        foreseen=sum(worth.by_forecast for worth in worths),
    )


def experiences(taken: Sequence[simulation_queries.TakenRow]) -> Experiences:
    """What ended, by unit and procedure and by procedure alone."""
    of_units: dict[tuple[int | None, int | None], list[tuple[int, int, int]]] = {}
    of_procedures: dict[int | None, list[tuple[int, int, int]]] = {}
    for row in taken:
        for rows in (
            of_units.setdefault((row.unit_id, row.procedure_id), []),
            of_procedures.setdefault(row.procedure_id, []),
        ):
            rows.append((row.days, row.dossiers, row.late))
    return Experiences(_told(of_units), _told(of_procedures))


def _told(rows: dict[Group, list[tuple[int, int, int]]]) -> dict[Group, Experience]:
    return {key: experience(each) for key, each in rows.items()}


class _Judge:
    """What open dossiers would take and spare; what many of them share is worked out once."""

    def __init__(self, known: Experiences, calendars: CalendarHistory, question: ScoreQuestion) -> None:
        # Calm within the hour, so that who asks a minute later sees the same order.
        self._moment = question.as_of.replace(minute=0, second=0, microsecond=0)
        self._at = int(self._moment.timestamp())
        self._today = self._moment.astimezone(VN).date()
        self._end = opening(date(question.year, 12, 31) + A_DAY)
        self._known = known
        self._calendars = calendars.at(question.known)
        self._left: dict[tuple[int, int | None, int], tuple[int | None, bool]] = {}
        self._chances: dict[tuple[int, int | None], int | None] = {}
        self._minutes: dict[tuple[int, int], int] = {}

    def worth(self, row: KeepableRow) -> Worth:
        """One dossier."""
        received = datetime.fromtimestamp(row.received, VN).date()
        calendar = self._calendars.of(row.unit_id, received)
        group = row.unit_id, row.procedure_id
        elapsed = max((self._today - received).days - row.paused, 0)
        days, by_unit = self._usually_left(*group, elapsed)
        chance = row.chance
        if chance is None:
            if group not in self._chances:
                self._chances[group] = self._known.chance(*group)
            chance = self._chances[group]
        return Worth(
            dossier_id=row.dossier_id,
            due_at=row.due,
            left=self._until(calendar, row.due),
            minutes=None if days is None else max(self._until(calendar, self._days_on(days)), HOUR),
            chance=chance,
            by_unit=by_unit,
            by_forecast=row.chance is not None,
        )

    def _usually_left(self, unit_id: int, procedure_id: int | None, elapsed: int) -> tuple[int | None, bool]:
        key = unit_id, procedure_id, elapsed
        if key not in self._left:
            self._left[key] = self._known.left_after(*key)
        return self._left[key]

    def _days_on(self, days: int) -> int:
        """The moment so many days on; not past the end of the year, for which there may be no calendar yet."""
        return min(self._at + days * 86_400, self._end)

    def _until(self, calendar: WorkingCalendar, moment: int) -> int:
        key = id(calendar), moment
        if key not in self._minutes:
            self._minutes[key] = calendar.working_seconds(self._at, moment) // 60
        return self._minutes[key]
