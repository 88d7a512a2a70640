"""Facts of one dossier + a moment -> what became of its intake: waiting, accepted in time or late, refused, vanished.

Lateness before the clock of the dossier even starts, so never part of `lateness`; only the moment until which a
dossier may wait (`Facts.intake_due_at`) is shared, and comes from here. Judged by instant, since the time allowed is
counted in working hours; by date on request, as vendor systems count it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from tracker.errors import CalendarError
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Channel, Facts, Intake, IntakeVerdict, Precision, SourceStatus

POST_RECEIPT_MISSING = "POST_RECEIPT_MISSING"
CHANNEL_UNKNOWN = "CHANNEL_UNKNOWN"
FILED_MISSING = "FILED_MISSING"
FILED_DATE_ONLY = "FILED_DATE_ONLY"
FILED_FROM_RECEPTION = "FILED_FROM_RECEPTION"
DUE_OF_SOURCE = "INTAKE_DUE_OF_SOURCE"
RULE_MISSING = "INTAKE_RULE_MISSING"
OUT_OF_RANGE = "CALENDAR_OUT_OF_RANGE"
WITHDRAWN_AT_INTAKE = "WITHDRAWN_AT_INTAKE"
REASON_UNTOLD = "REFUSAL_REASON_UNTOLD"

# Kinds of events: a source stopped telling of an unaccepted dossier; it tells of it again.
VANISHED, SEEN_AGAIN = "vanished", "seen_again"

_EVENTS = ("filed_at", "post_received_at", "received_at", "refused_at", "withdrawn_at", "vanished_at")


class IntakeStart(StrEnum):
    """From which moment the time of a channel runs."""

    FILED = "filed"
    POST_RECEIVED = "post_received"


@dataclass(frozen=True, slots=True)
class IntakeRule:
    """How long a desk may take on one channel: working minutes, or until the end of the working day (None)."""

    channel: Channel
    starts: IntakeStart
    working_minutes: int | None
    source: str
    verified: bool
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, channel: Channel, day: date) -> bool:
        """Is it the channel's rule on this day?"""
        begun = self.valid_from is None or day >= self.valid_from
        return self.channel is channel and begun and (self.valid_to is None or day <= self.valid_to)


class IntakeTime(NamedTuple):
    """Within which time a dossier was to be decided on; None = cannot be said, the flags say why."""

    started_at: datetime | None
    due_at: datetime | None
    is_verified: bool
    flags: tuple[str, ...]


def rule_for(rules: Sequence[IntakeRule], channel: Channel, day: date) -> IntakeRule | None:
    """The rule of a channel on a day; None where the table has none."""
    return next((rule for rule in rules if rule.holds_on(channel, day)), None)


def surely_in_time(rules: Sequence[IntakeRule]) -> int:
    """Seconds by the clock within which an acceptance is in time on every channel and calendar; -1: none can be named.

    Working time never runs faster than the clock. Lets a store count what needs no calendar.
    """
    bounds = [
        -1 if rule.working_minutes is None or rule.valid_from or rule.valid_to else rule.working_minutes * 60
        for rule in rules
    ]
    covered = {rule.channel for rule in rules} == set(Channel)
    return min(bounds) if covered else -1


def intake_due(started: datetime, rule: IntakeRule, calendar: WorkingCalendar) -> datetime:
    """The last moment in time by the rule; CalendarError outside the calendar."""
    if rule.working_minutes is not None:
        return calendar.add_minutes(started, rule.working_minutes)
    end = calendar.day_end(calendar.next_workday(started.astimezone(VN).date()))
    return end if started <= end else calendar.day_end(calendar.next_workday(end.date() + timedelta(days=1)))


def intake_time(facts: Facts, rules: Sequence[IntakeRule], calendar: WorkingCalendar) -> IntakeTime:
    """From when until when; the source's own time goes before the rule.

    A filing without a time of day counts from the end of its date: nobody is called late for hours that nobody told.
    """
    told = facts.filed_at or facts.post_received_at or _filing_called_reception(facts)
    rule = rule_for(rules, facts.channel, told.astimezone(VN).date()) if told else None
    started, flags = _started(facts, rule)
    if facts.intake_due_at is not None:
        return IntakeTime(started, facts.intake_due_at, True, (*flags, DUE_OF_SOURCE))
    if started is None:
        return IntakeTime(None, None, True, flags)
    if rule is None:
        return IntakeTime(started, None, True, (*flags, RULE_MISSING))
    begin = started.astimezone(VN)
    if begin.time() == time.min:
        begin, flags = begin + timedelta(days=1), (*flags, FILED_DATE_ONLY)
    try:
        return IntakeTime(started, intake_due(begin, rule, calendar), rule.verified, flags)
    except CalendarError:
        return IntakeTime(started, None, rule.verified, (*flags, OUT_OF_RANGE))


def _started(facts: Facts, rule: IntakeRule | None) -> tuple[datetime | None, tuple[str, ...]]:
    """Where the rule begins: when the post took the dossier in, or at the filing."""
    flags = (CHANNEL_UNKNOWN,) if facts.channel is Channel.UNKNOWN else ()
    if rule is not None and rule.starts is IntakeStart.POST_RECEIVED:
        if facts.post_received_at is not None:
            return facts.post_received_at, flags
        flags = (*flags, POST_RECEIPT_MISSING)
    if facts.filed_at is not None:
        return facts.filed_at, flags
    filed = _filing_called_reception(facts)
    return filed, (*flags, FILED_FROM_RECEPTION if filed else FILED_MISSING)


def _filing_called_reception(facts: Facts) -> datetime | None:
    """Status 1 with a reception: what the source calls reception is the filing."""
    return facts.received_at if facts.status is SourceStatus.FILED else None


def with_intake_due(facts: Facts, rules: Sequence[IntakeRule], calendar: WorkingCalendar) -> Facts:
    """The facts as `lateness.classify` wants them: until when an unaccepted dossier may wait is filled in."""
    return replace(facts, intake_due_at=intake_time(facts, rules, calendar).due_at)


def judge_intake(
    facts: Facts,
    rules: Sequence[IntakeRule],
    calendar: WorkingCalendar,
    *,
    as_of: datetime,
    precision: Precision = Precision.INSTANT,
) -> Intake:
    """The verdict at `as_of`; what happened later is not looked at. `facts.intake_due_at`: the source's own, if any."""
    known = _known_by(facts, as_of)
    allowed = intake_time(known, rules, calendar)
    decision = _decision(known)
    moment = as_of if decision.verdict is None else decision.at
    due = allowed.due_at
    is_late = moment is not None and due is not None and _is_after(moment, due, precision)
    # From the filing on, the post itself took its time: in time by that is certain, late is not.
    is_measured = due is not None and not (is_late and _is_from_filing_by_post(allowed))
    state = _state(decision, is_late=is_late, is_measured=is_measured)
    minutes, days = _lateness(due, moment, calendar, is_late=is_late)
    if not is_measured and decision.verdict is IntakeVerdict.ACCEPTED_IN_TIME:
        minutes = days = None
    return Intake(
        state=state,
        started_at=allowed.started_at,
        due_at=due,
        ended_at=decision.at,
        late_minutes=minutes,
        late_days=days,
        remaining_minutes=_remaining(due, as_of, calendar) if decision.verdict is None else None,
        is_verified=allowed.is_verified,
        flags=(*allowed.flags, *decision.flags),
    )


def _is_from_filing_by_post(allowed: IntakeTime) -> bool:
    return POST_RECEIPT_MISSING in allowed.flags and DUE_OF_SOURCE not in allowed.flags


class _Decision(NamedTuple):
    """What ended an intake, and when; an acceptance is called in time until it is measured, None = nothing yet."""

    verdict: IntakeVerdict | None
    at: datetime | None = None
    flags: tuple[str, ...] = ()


def _state(decision: _Decision, *, is_late: bool, is_measured: bool) -> IntakeVerdict:
    if decision.verdict is None:
        return IntakeVerdict.NOT_ACCEPTED if is_late else IntakeVerdict.WAITING
    if decision.verdict is IntakeVerdict.ACCEPTED_IN_TIME:
        late = IntakeVerdict.ACCEPTED_LATE if is_late else IntakeVerdict.ACCEPTED_IN_TIME
        return late if is_measured else IntakeVerdict.UNKNOWN
    if WITHDRAWN_AT_INTAKE in decision.flags and is_late:
        return IntakeVerdict.NOT_ACCEPTED
    return decision.verdict


# A status that says no more than a date is not known before that date.
_SAID_BY = {
    SourceStatus.REFUSED: "refused_at",
    SourceStatus.WITHDRAWN: "withdrawn_at",
    SourceStatus.DELETED: "vanished_at",
}


def vanished_at(events: Iterable[tuple[datetime, str]]) -> datetime | None:
    """Since when a source no longer tells of a dossier, by its events (moment, kind) in order; None if it does."""
    since: datetime | None = None
    for at, kind in events:
        if kind == VANISHED:
            since = since or at
        elif kind == SEEN_AGAIN:
            since = None
    return since


def _known_by(facts: Facts, as_of: datetime) -> Facts:
    """The facts with what happened after `as_of` taken out."""
    later = [name for name in _EVENTS if (at := getattr(facts, name)) is not None and at > as_of]
    if not later:
        return facts
    said_by = _SAID_BY.get(facts.status) if facts.status else None
    status = None if said_by in later else facts.status
    return replace(facts, **dict.fromkeys(later), status=status)  # type: ignore[arg-type]


def _decision(facts: Facts) -> _Decision:
    """What ended the intake: refusal, acceptance, withdrawal or disappearance, in this order."""
    status = facts.status
    accepted = facts.received_at is not None and status is not SourceStatus.FILED
    if status is SourceStatus.REFUSED or (facts.refused_at is not None and not accepted):
        return _refusal(facts)
    if accepted:
        return _Decision(IntakeVerdict.ACCEPTED_IN_TIME, facts.received_at)
    if facts.withdrawn_at is not None or status is SourceStatus.WITHDRAWN:
        return _Decision(IntakeVerdict.UNKNOWN, facts.withdrawn_at, (WITHDRAWN_AT_INTAKE,))
    if facts.vanished_at is not None or status is SourceStatus.DELETED:
        return _Decision(IntakeVerdict.VANISHED, facts.vanished_at)
    return _Decision(None)


def _refusal(facts: Facts) -> _Decision:
    """A refusal says why, says nothing, or comes from a source that has no place for reasons."""
    if facts.refusal_reason is None:
        return _Decision(IntakeVerdict.REFUSED, facts.refused_at, (REASON_UNTOLD,))
    says_why = any(sign.isalnum() for sign in facts.refusal_reason)
    verdict = IntakeVerdict.REFUSED if says_why else IntakeVerdict.REFUSED_WITHOUT_REASON
    return _Decision(verdict, facts.refused_at)


def _is_after(moment: datetime, due: datetime, precision: Precision) -> bool:
    if precision is Precision.INSTANT:
        return moment > due
    return moment.astimezone(VN).date() > due.astimezone(VN).date()


def _lateness(
    due: datetime | None, end: datetime | None, calendar: WorkingCalendar, *, is_late: bool
) -> tuple[int | None, int | None]:
    """Working minutes and working dates from due to end; 0 where not late."""
    if due is None or end is None:
        return None, None
    if not is_late:
        return 0, 0
    try:
        days = calendar.count_workdays(due.astimezone(VN).date(), end.astimezone(VN).date())
        return calendar.working_minutes(due, end), days
    except CalendarError:
        return None, None


def _remaining(due: datetime | None, as_of: datetime, calendar: WorkingCalendar) -> int | None:
    if due is None:
        return None
    try:
        return calendar.working_minutes(as_of, due) if due > as_of else 0
    except CalendarError:
        return None
