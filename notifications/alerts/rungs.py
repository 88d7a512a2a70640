"""How a dossier stands at a moment, in the measures of alerts, and which rungs that reaches. Pure.

The verdict is `timekeeping.lateness.classify`'s; here is only counted how far it is from, or past, what a rung asks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tracker.errors import CalendarError
from tracker.timekeeping.due_soon import limit_minutes
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Facts, Lateness, State


class Measure(StrEnum):
    """What a rung is measured in; the number beside it is its threshold."""

    SHARE_USED = "share_used"  # per cent of the time allowed that is used
    DAYS_LEFT = "days_left"  # working days until the due date; 0 = due today
    DAYS_LATE = "days_late"  # working days after the due date, of dossiers that are late
    INTAKE_OVER = "intake_over"  # working days since the intake time ended without an acceptance
    SUSPENDED = "suspended"  # working days that the clock has been standing
    NO_DUE = "no_due"  # working days since reception of a dossier without a due date
    PROMISE_PASSED = "promise_passed"  # working days since the day by which somebody said it would be done
    LETTER_STUCK = "letter_stuck"  # working days that a letter has not moved
    LETTER_PROMISE = "letter_promise"  # working days until the new date of a letter
    BUDGET = "budget"  # per cent of the late dossiers that the score allows
    SOURCE_SILENT = "source_silent"  # working days without anything loaded
    CALENDAR = "calendar"  # years that the working calendar lacks
    NOBODY = "nobody"  # alerts of a unit that nobody could be told of
    FLOOD = "flood"  # dossiers of a load that brought many at once


class Who(StrEnum):
    """As whom somebody is told."""

    HANDLER = "handler"  # whom the dossier is assigned to, or whom the source names
    DESK = "desk"  # the one-stop desk of the nearest unit that has one
    DIVISION = "division"  # the nearest head
    UNIT = "unit"  # the head above that one
    PROVINCE = "province"  # the reform office and heads of the whole province
    ADMIN = "admin"  # who administers the program


class Ladder(StrEnum):
    """Rungs that follow each other: of several reached at once only the highest is told."""

    DUE = "due"
    INTAKE = "intake"
    PAUSE = "pause"
    NO_DUE = "no_due"
    PROMISE = "promise"
    LETTER = "letter"
    LETTER_PROMISE = "letter_promise"
    OFFICE = "office"


# Smaller numbers come first where less is worse.
FALLING = frozenset({Measure.DAYS_LEFT, Measure.LETTER_PROMISE})
# (ladder, how bad): the higher comes first in every list.
PLACES: Mapping[Measure, tuple[Ladder, int]] = {
    Measure.SHARE_USED: (Ladder.DUE, 10),
    Measure.DAYS_LEFT: (Ladder.DUE, 20),
    Measure.DAYS_LATE: (Ladder.DUE, 40),
    Measure.INTAKE_OVER: (Ladder.INTAKE, 30),
    Measure.SUSPENDED: (Ladder.PAUSE, 12),
    Measure.NO_DUE: (Ladder.NO_DUE, 8),
    Measure.PROMISE_PASSED: (Ladder.PROMISE, 50),
    Measure.LETTER_STUCK: (Ladder.LETTER, 14),
    Measure.LETTER_PROMISE: (Ladder.LETTER_PROMISE, 35),
    Measure.BUDGET: (Ladder.OFFICE, 60),
    Measure.SOURCE_SILENT: (Ladder.OFFICE, 55),
    Measure.CALENDAR: (Ladder.OFFICE, 54),
    Measure.NOBODY: (Ladder.OFFICE, 53),
    Measure.FLOOD: (Ladder.OFFICE, 70),
}
OF_DOSSIERS = frozenset(
    {
        Measure.SHARE_USED,
        Measure.DAYS_LEFT,
        Measure.DAYS_LATE,
        Measure.INTAKE_OVER,
        Measure.SUSPENDED,
        Measure.NO_DUE,
        Measure.PROMISE_PASSED,
    }
)
RUNNING = frozenset({State.ON_TRACK, State.DUE_SOON, State.OVERDUE})
ALL_USED = 100
PAST = -1


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder with whom it tells; `rule_id` is the office's rule, None the shipped one."""

    measure: Measure
    threshold: int
    who: tuple[Who, ...]
    is_urgent: bool = False
    rule_id: int | None = None

    @property
    def key(self) -> tuple[str, int]:
        """By which it is claimed."""
        return self.measure.value, self.threshold

    @property
    def ladder(self) -> Ladder:
        """The ladder it belongs to."""
        return PLACES[self.measure][0]

    @property
    def rank(self) -> int:
        """How bad it is: comparable with every other."""
        step = -self.threshold if self.measure in FALLING else self.threshold
        return PLACES[self.measure][1] * 1000 + max(-499, min(499, step))

    def is_reached_by(self, value: int) -> bool:
        """Is it reached when so much is measured?"""
        return value <= self.threshold if self.measure in FALLING else value >= self.threshold


Standing = Mapping[Measure, int]
"""What is measured of one subject; a measure that does not apply, or cannot be counted, is missing."""


def standing_of(
    facts: Facts,
    verdict: Lateness,
    calendar: WorkingCalendar,
    as_of: datetime,
    promised_on: date | None = None,
) -> dict[Measure, int]:
    """How a dossier stands. `promised_on`: by when somebody said it would be done; only a day that is over counts.

    Outside the loaded calendar nothing is measured: a guess would be silently wrong.
    """
    try:
        return dict(_measured(facts, verdict, calendar, as_of, promised_on))
    except CalendarError:
        return {}


def _measured(
    facts: Facts, verdict: Lateness, calendar: WorkingCalendar, as_of: datetime, promised_on: date | None
) -> Iterable[tuple[Measure, int]]:
    today, state = _day(as_of), verdict.state
    if state in RUNNING and facts.due_at is not None:
        yield from _of_due(facts, verdict, calendar, today)
        if promised_on is not None and promised_on < today:
            yield Measure.PROMISE_PASSED, calendar.count_workdays(promised_on, today)
    elif state is State.NOT_ACCEPTED and facts.intake_due_at is not None:
        yield Measure.INTAKE_OVER, calendar.count_workdays(_day(facts.intake_due_at), today)
    elif state is State.SUSPENDED and facts.suspensions:
        yield Measure.SUSPENDED, calendar.count_workdays(_day(_stands_since(facts, as_of)), today)
    elif state is State.NO_DUE and facts.received_at is not None:
        yield Measure.NO_DUE, calendar.count_workdays(_day(facts.received_at), today)


def _of_due(
    facts: Facts, verdict: Lateness, calendar: WorkingCalendar, today: date
) -> Iterable[tuple[Measure, int]]:
    assert facts.due_at is not None
    if verdict.is_late:
        yield Measure.SHARE_USED, ALL_USED
        yield Measure.DAYS_LEFT, PAST
        if verdict.late_days is not None:
            yield Measure.DAYS_LATE, verdict.late_days
        return
    yield Measure.DAYS_LEFT, calendar.count_workdays(today, _day(facts.due_at))
    used = _share_used(facts, verdict, calendar)
    if used is not None:
        yield Measure.SHARE_USED, used


def _share_used(facts: Facts, verdict: Lateness, calendar: WorkingCalendar) -> int | None:
    """Per cent of the limit, where it is known, else of the span from reception to the due date; rounded down."""
    left = verdict.remaining_minutes
    if left is None or facts.received_at is None or facts.due_at is None:
        return None
    limit = limit_minutes(facts.limit, calendar.day_minutes) if facts.limit else None
    whole = limit or calendar.working_minutes(facts.received_at, facts.due_at)
    return max(0, min(ALL_USED, int((whole - left) * ALL_USED / whole))) if whole > 0 else None


def _stands_since(facts: Facts, as_of: datetime) -> datetime:
    standing = [each.start for each in facts.suspensions if each.end is None or each.end > as_of]
    return min(standing, default=as_of)


def _day(moment: datetime) -> date:
    return moment.astimezone(VN).date()


def reached(standing: Standing, rungs: Iterable[Rung]) -> list[tuple[Rung, int]]:
    """The rungs that are reached with what is measured, the worst first."""
    found = [
        (rung, standing[rung.measure])
        for rung in rungs
        if rung.measure in standing and rung.is_reached_by(standing[rung.measure])
    ]
    return sorted(found, key=lambda pair: -pair[0].rank)
