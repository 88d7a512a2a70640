"""The responsibility for late dossiers of an exact period, read from the dossiers themselves, by what was known at a moment.

Unlike the table of causes it takes days, as-of and known. Of units that are asked for come their own dossiers, and what
they had in hand of the dossiers of others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from tracker.measures.cause_rows import Ended, rows_of
from tracker.measures.months import month_of
from tracker.pipeline.cause_counting import CauseJudge, JudgedDossier, judged_ends, unit_finder
from tracker.pipeline.causes import CauseParts, answer_of, names_of
from tracker.store import batches, catalogue
from tracker.store.cause_queries import EndsAsked
from tracker.store.cause_summary import GroupSums
from tracker.store.session import Session, Store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.types import VN
from tracker.types.causes import NOTHING, STEP, TOTAL, CauseAnswer, CauseQuestion, CauseSums
from tracker.types.responsibility import DossierLine, StepLine

END_OF_DAY = time(23, 59, 59)
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class ResponsibilityQuestion:
    """Dossiers that ended in these days (both included) and by as-of; `known`: by what was known then (None = now)."""

    start: date
    end: date
    as_of: datetime
    unit_ids: frozenset[int] | None = None
    known: datetime | None = None

    @property
    def ends(self) -> EndsAsked:
        """The same in moments."""
        first = datetime.combine(self.start, time(), VN)
        last = min(datetime.combine(self.end, END_OF_DAY, VN), self.as_of)
        return EndsAsked(int(first.timestamp()), int(last.timestamp()), self.known)

    @property
    def months(self) -> CauseQuestion:
        """The months in which the period lies."""
        first, last = (day.year * 100 + day.month for day in (self.start, self.end))
        return CauseQuestion(first, last, self.unit_ids)


def responsibility(
    store: Store, calendars: CalendarHistory, question: ResponsibilityQuestion
) -> CauseAnswer | str:
    """The sums of the period; in words why there are none where nothing had been loaded by then."""
    with store.read() as session:
        if not batches.anything_known(session, question.known):
            return batches.NOTHING_KNOWN
        judge = CauseJudge(calendars, question.known)
        tally = _Tally(question, judge, unit_finder(session))
        for judged in judged_ends(session, judge, question.ends):
            tally.add(judged)
        told = tally.parts()
        return answer_of(question.months, told, names_of(session, told.groups), is_behind=False)


def dossier_lines(
    store: Store, calendars: CalendarHistory, question: ResponsibilityQuestion
) -> Iterator[DossierLine]:
    """The late dossiers by their ends, streamed; of other units' those in which a unit that was asked for had a step."""
    with store.read() as session:
        judge = CauseJudge(calendars, question.known)
        lines = _Lines(session, question, judge)
        for judged in judged_ends(session, judge, question.ends, with_in_time=False):
            line = lines.of(judged)
            if line.is_own or line.steps:
                yield line


# ---------------------------------------------------------------- sums


class _Tally:
    """Adds dossiers up by what the answer is made from; holds sums only."""

    def __init__(
        self, question: ResponsibilityQuestion, judge: CauseJudge, unit_of: Callable[[str], int]
    ) -> None:
        self._units, self._judge, self._unit_of = question.unit_ids, judge, unit_of
        self._parts: dict[tuple[str, str], CauseSums] = {}
        self._elsewhere: dict[tuple[str, str], CauseSums] = {}
        self._months: dict[tuple[int, str, str], CauseSums] = {}
        self._groups: dict[tuple[int, int, int], tuple[int, CauseSums]] = {}

    def add(self, judged: JudgedDossier) -> None:
        """One dossier more."""
        dossier = judged.dossier
        is_own = self._units is None or dossier.unit_id in self._units
        month = month_of(dossier.ended_at)
        group = (dossier.unit_id or 0, dossier.procedure_id or 0, month)
        ended = Ended(judged.course, judged.late, dossier.reason, judged.is_measured)
        for part, name, sums in rows_of(ended, self._judge.kind_of):
            if not is_own:
                if part.startswith(STEP) and self._is_asked(name):
                    _add(self._elsewhere, (part, name), sums)
                continue
            _add(self._parts, (part, name), sums)
            if part.startswith(STEP):
                _add(self._months, (month, part, name), sums)
            self._add_group(group, part, sums)

    def _is_asked(self, department: str) -> bool:
        return self._units is not None and self._unit_of(department) in self._units

    def _add_group(self, group: tuple[int, int, int], part: str, sums: CauseSums) -> None:
        divided, total = self._groups.get(group, (0, NOTHING))
        if part == TOTAL:
            self._groups[group] = (divided, total.plus(sums))
        elif part.startswith(STEP):
            self._groups[group] = (divided + sums.overrun, total)

    def parts(self) -> CauseParts:
        """What was added up."""
        return CauseParts(
            parts=[(part, name, self._holder(part, name), s) for (part, name), s in self._parts.items()],
            elsewhere=[(part, name, self._unit_of(name), s) for (part, name), s in self._elsewhere.items()],
            months=[(m, part, name, self._unit_of(name), s) for (m, part, name), s in self._months.items()],
            groups=[
                GroupSums(unit_id, procedure_id, month, divided, sums)
                for (unit_id, procedure_id, month), (divided, sums) in sorted(self._groups.items())
            ],
        )

    def _holder(self, part: str, name: str) -> int:
        return self._unit_of(name) if part.startswith(STEP) else 0


def _add(have: dict[Key, CauseSums], key: Key, sums: CauseSums) -> None:
    have[key] = have.get(key, NOTHING).plus(sums)


# ---------------------------------------------------------------- dossiers


class _Lines:
    """Late dossiers as lines of a list."""

    def __init__(self, session: Session, question: ResponsibilityQuestion, judge: CauseJudge) -> None:
        self._units, self._judge = question.unit_ids, judge
        self._names, self._unit_of = catalogue.unit_names(session), unit_finder(session)

    def of(self, judged: JudgedDossier) -> DossierLine:
        """One line."""
        dossier, late, course = judged.dossier, judged.late, judged.course
        assert late is not None  # only late ones are asked for
        steps = tuple(self._steps(judged)) if course else ()
        unit, ended_at = (
            self._names.get(dossier.unit_id or 0, ""),
            datetime.fromtimestamp(dossier.ended_at, VN),
        )
        if self._units is not None and dossier.unit_id not in self._units:
            own = tuple(step for step in steps if step.is_own)
            return DossierLine(dossier.code, unit, False, ended_at, None, 0, 0, 0, "", "", own)
        return DossierLine(
            code=dossier.code,
            unit=unit,
            is_own=True,
            ended_at=ended_at,
            late=late.late if judged.is_measured else None,
            between=course.between if course else 0,
            paused=sum(minutes for _, minutes in course.stops) if course else 0,
            undivided=late.undivided,
            why=late.why.value if late.why else "",
            reason=dossier.reason,
            steps=steps,
        )

    def _steps(self, judged: JudgedDossier) -> Iterator[StepLine]:
        course, late = judged.course, judged.late
        assert course is not None
        assert late is not None
        for place, (step, part) in enumerate(zip(course.steps, late.shares, strict=True)):
            yield StepLine(
                place + 1, step.department, self._judge.kind_of(step),
                datetime.fromtimestamp(step.begun, VN), datetime.fromtimestamp(step.ended, VN),
                step.minutes, step.share, step.overrun, part, place == course.first,
                self._units is not None and self._unit_of(step.department) in self._units,
            )  # fmt: skip
