"""Ends that do not fit what was told around them: dated back, at the very second, before the last step, undone. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracker.errors import CalendarError
from tracker.measures.integrity_history import Days, EventTold, History, StepTold, VersionTold
from tracker.measures.integrity_moves import AT_WORK
from tracker.measures.integrity_rules import IntegrityRules
from tracker.text import fold
from tracker.types import EndKind

FINISHED = EndKind.FINISHED.value


class BackDated(NamedTuple):
    """An end in time that was told after a load had still told the dossier as at work and overdue by `lag` days."""

    ended: VersionTold
    before: VersionTold
    lag: int


class LateStep(NamedTuple):
    """The last step of work after an end in time, by so many working minutes."""

    step: StepTold
    minutes: int


class Reopening(NamedTuple):
    """An end in time, undone soon after; the dossier then ended, or stands open, after its due date."""

    closed: EventTold
    reopened: EventTold
    days: int


def is_end_at_due(
    history: History, days: Days, unusual_units: frozenset[int], *, is_back_dated: bool
) -> bool:
    """Does it end at the very second that was promised, where that is no date without a time?

    Where no seconds are told it is a sign only of an end that was dated back, and in units in which it happens
    unusually often.
    """
    present = history.present
    if present.ended is None or present.ended != present.due or present.end_kind != FINISHED:
        return False
    if days.is_a_days_end(present.ended):
        return False
    tells_seconds = present.ended % 60 != 0 or (history.received or 0) % 60 != 0
    return tells_seconds or is_back_dated or history.unit_id in unusual_units


def back_dated(history: History, days: Days, rules: IntegrityRules) -> BackDated | None:
    """The end that stands, if it was dated back."""
    present = history.present
    told = next((one for one in history.versions if one.ended == present.ended is not None), None)
    if told is None or told.ended is None or told.end_kind != FINISHED or told is history.versions[0]:
        return None
    before = history.version_before(told.first.batch_id)
    if before is None or before.ended is not None or before.status not in AT_WORK or before.due is None:
        return None
    lag = days.between(before.due, told.before.until)
    if lag < rules.backdated_days or days.row(told.ended) > days.row(before.due):
        return None
    return BackDated(told, before, lag)


def step_after_end(history: History, days: Days, rules: IntegrityRules) -> LateStep | None:
    """The last step of work after the end that stands, if that end is in time."""
    present = history.present
    if present.ended is None or present.due is None or present.end_kind != FINISHED:
        return None
    if days.row(present.ended) > days.row(present.due):
        return None
    work = [step for step in history.steps if step.at > present.ended and _is_work(step, rules)]
    if not work:
        return None
    last = max(work, key=lambda step: step.at)
    minutes = days.minutes(present.ended, last.at)
    return LateStep(last, minutes) if minutes > rules.step_minutes else None


def _is_work(step: StepTold, rules: IntegrityRules) -> bool:
    department = fold(step.department)
    return (
        step.status in AT_WORK
        and bool(department)
        and not any(words in department for words in rules.desk_words)
    )


def reopenings(history: History, days: Days, rules: IntegrityRules, now: int) -> Iterator[Reopening]:
    """Ends in time that were undone soon after, where the dossier is or became late."""
    end = history.present.ended
    for closed, reopened in _pairs(history.events):
        due = _due_at(history, closed)
        if due is None or days.row(closed.at) > days.row(due) or reopened.at < closed.at:
            continue
        apart = days.between(closed.at, reopened.at)
        if apart > rules.reopened_days:
            continue
        if days.row(now if end is None else end) > days.row(due):
            yield Reopening(closed, reopened, apart)


def _pairs(events: Sequence[EventTold]) -> Iterator[tuple[EventTold, EventTold]]:
    """Each finish with the reopening that undid it."""
    closed: EventTold | None = None
    for event in events:
        if event.kind == FINISHED:
            closed = event
        elif event.kind == "reopened" and closed is not None:
            yield closed, event
            closed = None


def _due_at(history: History, closed: EventTold) -> int | None:
    """The due date that stood when the end was told."""
    told = [one.due for one in history.dues if one.first.batch_id <= closed.first.batch_id and one.due]
    return told[-1] if told else history.first_due()


def deleted_late(history: History, days: Days) -> VersionTold | None:
    """The version that stood before the source deleted the dossier, if it was open and overdue then."""
    present = history.present
    if present.end_kind != EndKind.DELETED.value:
        return None
    first = next(one for one in history.versions if one.end_kind == EndKind.DELETED.value)
    before = history.version_before(first.first.batch_id)
    if before is None or before.ended is not None or before.end_kind is not None or before.due is None:
        return None
    try:
        was_late = days.row(first.before.until) > days.row(before.due)
    except CalendarError:
        return None
    return before if was_late and before.status in AT_WORK else None
