"""The causes of lateness counted by month: marked months anew, one at a time; and one dossier's own, for whoever shows it.

dossiers that ended, their steps and suspensions     store.cause_queries
| judged            late minutes (`lateness.classify`), who had it in hand, whose lateness      pure
| rows_of           its part in the month                                                       pure
| cause_summary     the rows of the month, whole or not at all
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tracker.config_data import load_policy, load_step_kinds
from tracker.errors import CalendarError
from tracker.measures.cause_rows import Ended, rows_of
from tracker.measures.months import TO_THIS_DAY, closing, opening, runs
from tracker.measures.step_shares import (
    Attribution,
    Course,
    Dossier,
    Held,
    PauseTold,
    StepTold,
    attributed,
    course_of,
)
from tracker.store import catalogue, cause_marks, cause_summary
from tracker.store.cause_queries import EndedDossier, EndsAsked, in_time_with_steps, late_ones
from tracker.store.cause_summary import CauseMarks, CauseRow
from tracker.store.locks import Lock, hold
from tracker.store.session import Session, Store
from tracker.store.turns import turn
from tracker.text import fold
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.rules import DeadlinePolicy
from tracker.timekeeping.suspensions import stops_of
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Facts, SuspensionKind
from tracker.types.causes import STEP, CauseSums, StepKind

Progress = Callable[[str], None]
Key = tuple[str, int, int, int, str]
ALL_FROM = 190_001


# ---------------------------------------------------------------- one dossier


@dataclass(frozen=True, slots=True)
class JudgedDossier:
    """A dossier that ended: who had it in hand, and how its lateness divides (`late` None: it ended in time).

    `course` None and not `is_measured`: it lies outside the calendar's years.
    """

    dossier: EndedDossier
    course: Course | None
    late: Attribution | None
    is_measured: bool = True


class CauseJudge:
    """Judges dossiers by the calendars that hold for them and the dated rules of suspensions."""

    def __init__(self, calendars: CalendarHistory, known: datetime | None = None) -> None:
        """`known`: by the calendars known then, of dossiers whose end was not yet known."""
        self._calendars, self._known = calendars, known
        self._policy, self.kinds = load_policy(), load_step_kinds()

    def judged(self, dossier: EndedDossier, *, in_time: bool) -> JudgedDossier | None:
        """The verdict on one; None where `lateness.classify` does not call it late. `in_time`: the store knows it is not."""
        facts = dossier.facts
        calendar = self._calendars.of(
            dossier.working_unit_id, facts.received_at, judged=dossier.ended_known_at, known=self._known
        )
        course = course_on(facts, dossier.steps, dossier.ended_at, calendar, self._policy)
        if in_time:
            return JudgedDossier(dossier, course, None)
        verdict = classify(facts, calendar, as_of=datetime.fromtimestamp(dossier.ended_at, VN))
        if not verdict.is_late:
            return None
        minutes = verdict.late_minutes
        if course is None or minutes is None:
            return JudgedDossier(dossier, course, _unmeasured(course), is_measured=False)
        return JudgedDossier(dossier, course, attributed(minutes, course))

    def kind_of(self, held: Held) -> StepKind:
        """The kind of a department on the day when its step began."""
        return self.kinds.of(held.department, datetime.fromtimestamp(held.begun, VN).date())


def _unmeasured(course: Course | None) -> Attribution:
    return Attribution(0, tuple(0 for _ in course.steps) if course else (), 0, None)


def course_on(
    facts: Facts,
    steps: Iterable[StepTold],
    until: int,
    calendar: WorkingCalendar,
    policy: DeadlinePolicy,
    *,
    is_open: bool = False,
) -> Course | None:
    """Who had a dossier in hand up to a moment; None without reception and outside the calendar's years."""
    if facts.received_at is None:
        return None
    received = int(facts.received_at.timestamp())
    pauses = [
        PauseTold(
            item.kind, int(item.start.timestamp()), until if item.end is None else int(item.end.timestamp())
        )
        for item in facts.suspensions
        if item.kind is not SuspensionKind.NONE and item.start.timestamp() < until
    ]
    try:
        restarted = _restarted(received, pauses, until, calendar, policy)
        way = Dossier(received, until, tuple(steps), pauses, restarted, is_open)
        return course_of(way, calendar)
    except CalendarError:
        return None


def _restarted(
    received: int, pauses: list[PauseTold], until: int, calendar: WorkingCalendar, policy: DeadlinePolicy
) -> int | None:
    """When a suspension last began the limit anew."""
    if not pauses:
        return None
    stops = stops_of(received, pauses, as_of=until, policy=policy, calendar=calendar)
    return max((stop.end for stop in stops if stop.restart), default=None)


def judged_ends(
    session: Session, judge: CauseJudge, asked: EndsAsked, *, with_in_time: bool = True
) -> Iterator[JudgedDossier]:
    """Late dossiers by their ends, then those in time of which steps are known; some thousand are held at a time."""
    for dossier in late_ones(session, asked):
        judged = judge.judged(dossier, in_time=False)
        if judged is not None:
            yield judged
    if with_in_time:
        for dossier in in_time_with_steps(session, asked):
            judged = judge.judged(dossier, in_time=True)
            if judged is not None:
                yield judged


# ---------------------------------------------------------------- months


class CauseTally:
    """Rows of one month, added up."""

    def __init__(self, judge: CauseJudge, unit_of: Callable[[str], int]) -> None:
        self._judge, self._unit_of = judge, unit_of
        self._sums: dict[Key, list[int]] = {}

    def add(self, judged: JudgedDossier) -> None:
        """One dossier more."""
        dossier = judged.dossier
        group = (dossier.unit_id or 0, dossier.field_id or 0, dossier.procedure_id or 0)
        ended = Ended(judged.course, judged.late, dossier.reason, judged.is_measured)
        for part, name, sums in rows_of(ended, self._judge.kind_of):
            key = (part, *group, name)
            have = self._sums.get(key)
            if have is None:
                self._sums[key] = list(sums)
            else:
                for place, value in enumerate(sums):
                    have[place] += value

    def rows(self) -> Iterator[CauseRow]:
        """All rows, in order."""
        for key in sorted(self._sums):
            holder = self._unit_of(key[-1]) if key[0].startswith(STEP) else 0
            yield CauseRow(*key, holder, CauseSums(*self._sums[key]))


def unit_finder(session: Session) -> Callable[[str], int]:
    """The unit of the catalogue that bears a name, by its aliases; 0 where none does."""
    found = catalogue.units_by_alias(session)
    return lambda name: found.get(fold(name), 0)


def count_month(session: Session, calendars: CalendarHistory, month: int) -> list[CauseRow]:
    """The rows of a month, from its dossiers."""
    judge = CauseJudge(calendars)
    tally = CauseTally(judge, unit_finder(session))
    for judged in judged_ends(session, judge, EndsAsked(opening(month), closing(month))):
        tally.add(judged)
    return list(tally.rows())


def is_behind(store: Store) -> bool:
    """Is there anything to count?"""
    with store.read() as session:
        return cause_summary.is_behind(session)


def mark_all(store: Store) -> None:
    """Have every month counted anew."""
    with store.transaction() as session:
        hold(session, Lock.INGEST)
        cause_marks.mark(session, [(ALL_FROM, TO_THIS_DAY)])


def refresh(store: Store, calendars: CalendarHistory, progress: Progress | None = None) -> int:
    """Count the months that changed since they were counted, newest first; how many were.

    Each month is whole or nothing; killed between two, the rest is still marked. Done twice, it changes nothing more.
    """
    counted = 0
    while True:
        with turn(store, Lock.CAUSES) as mine:
            marks = cause_summary.marks(mine.session)
            if not marks.ids:
                return counted
            months = cause_summary.to_count(mine.session, marks)
            rows = count_month(mine.session, calendars, months[-1]) if months else []
            mine.begin_writing()
            _write(mine.session, marks, months, rows)
        counted += len(months[-1:])
        if progress is not None and months:
            progress(f"Đếm nguyên nhân chậm theo tháng: {counted} tháng")


def _write(session: Session, marks: CauseMarks, months: list[int], rows: list[CauseRow]) -> None:
    if months:
        cause_summary.put(session, months[-1], rows)
    cause_summary.take_off(session, marks, runs(months[:-1]))
