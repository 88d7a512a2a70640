"""Who had one dossier in hand up to the moment of judging, and whose its lateness is; from the answer about it alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tracker.config_data import load_policy, load_step_kinds
from tracker.measures.step_shares import Attribution, Course, StepTold, attributed
from tracker.pipeline.cause_counting import course_on
from tracker.timekeeping.calendars import CalendarHistory
from tracker.types import VN, Basis, DossierAnswer, Facts
from tracker.types.causes import Undivided
from tracker.types.responsibility import StepLine

STEP = "step_"


@dataclass(frozen=True, slots=True)
class Hands:
    """The steps of a dossier in order. Minutes are working minutes.

    `late`: how many minutes it is or was late by the source's date; None = not late, or nobody can tell. Of them
    `undivided` fall to no step, for the reason `why`. `between`: nobody is known to have had it.
    """

    steps: tuple[StepLine, ...]
    late: int | None
    undivided: int
    why: Undivided | None
    between: int


def hands_of(
    answer: DossierAnswer, calendars: CalendarHistory, known: datetime | None = None
) -> Hands | None:
    """Who had it in hand; None where no step is known. What happened after the answer's moment does not count."""
    row, as_of = answer.row, int(answer.as_of.timestamp())
    calendar = calendars.of(
        row.working_unit_id, row.received_at or row.filed_at, judged=row.ended_known_at, known=known
    )
    steps = _steps(answer)
    if not steps:
        return None
    ended = _ended_at(answer)
    facts = Facts(received_at=row.received_at, due_at=row.source_due_at, suspensions=row.suspensions)
    until = as_of if ended is None else ended
    course = course_on(facts, steps, until, calendar, load_policy(), is_open=ended is None)
    if course is None or not course.steps:
        return None
    verdict = answer.verdicts.get(Basis.SOURCE)
    late = verdict.late_minutes if verdict is not None and verdict.is_late else None
    part = attributed(late or 0, course)
    return Hands(tuple(_lines(course, part)), late, part.undivided, part.why, course.between)


def _ended_at(answer: DossierAnswer) -> int | None:
    """When it ended by the answer's moment (UTC epoch seconds); None while it is open."""
    row = answer.row
    ends = (row.finished_at, row.refused_at, row.withdrawn_at, row.returned_at)
    end = next((moment for moment in ends if moment is not None and moment <= answer.as_of), None)
    return None if end is None else int(end.timestamp())


def _steps(answer: DossierAnswer) -> list[StepTold]:
    def epoch(moment: datetime | None) -> int | None:
        return None if moment is None else int(moment.timestamp())

    return [
        StepTold(int(event.at.timestamp()), event.department, epoch(event.begun_at), epoch(event.due_at))
        for event in answer.row.events
        if event.kind.startswith(STEP) and event.at <= answer.as_of
    ]


def _lines(course: Course, part: Attribution) -> Iterator[StepLine]:
    kinds = load_step_kinds()
    for place, (step, share) in enumerate(zip(course.steps, part.shares, strict=True)):
        begun = datetime.fromtimestamp(step.begun, VN)
        yield StepLine(
            place + 1, step.department, kinds.of(step.department, begun.date()), begun,
            datetime.fromtimestamp(step.ended, VN), step.minutes, step.share, step.overrun, share,
            place == course.first, is_own=False, is_open=step.is_open,
        )  # fmt: skip
