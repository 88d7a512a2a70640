"""Facts of one dossier + a moment -> its one state and how late it is; the only definition of lateness.

The page, the letter, the alert, the export and the score all ask here; twins in SQL are held equal to it by tests.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from tracker.errors import CalendarError
from tracker.timekeeping.calendar_definition import local_day
from tracker.timekeeping.due_soon import DueSoon
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import (
    VN,
    Facts,
    HandOver,
    Lateness,
    Precision,
    SourceStatus,
    State,
    Suspension,
    SuspensionKind,
)

END_FROM_RETURN = "END_FROM_RETURN"
END_MISSING = "END_MISSING"
END_BEFORE_RECEIVED = "END_BEFORE_RECEIVED"
END_EQ_DUE = "END_EQ_DUE"
DUE_MISSING = "DUE_MISSING"
DUE_BEFORE_RECEIVED = "DUE_BEFORE_RECEIVED"
RECEIVED_MISSING = "RECEIVED_MISSING"
STATUS_LOSSY = "STATUS_LOSSY"
STATUS_UNKNOWN = "STATUS_UNKNOWN"
SUSPENSION_UNDATED = "SUSPENSION_UNDATED"
LATE_AT_WITHDRAWAL = "LATE_AT_WITHDRAWAL"
LATE_BY_766 = "LATE_BY_766"
PRECISIONS_DISAGREE = "PRECISIONS_DISAGREE"
OUT_OF_RANGE = "CALENDAR_OUT_OF_RANGE"

_AWAITING = (SourceStatus.AWAITING_SUPPLEMENT, SourceStatus.AWAITING_FEE, SourceStatus.STOPPED)
_DONE = (SourceStatus.DONE, SourceStatus.RETURNED)
_EVENTS = (
    "received_at",
    "finished_at",
    "returned_at",
    "withdrawn_at",
    "refused_at",
    "filed_at",
    "reopened_at",
)
_ENDS = ("finished_at", "returned_at", "withdrawn_at", "refused_at")


_DUE_SOON = DueSoon()


class _Verdict(NamedTuple):
    """A state, the moment up to which lateness is measured (None = not measured) and the flags of the way there."""

    state: State
    end: datetime | None
    flags: tuple[str, ...] = ()
    remaining: int | None = None


def is_late_epoch(due_epoch: int, end_epoch: int) -> bool:
    """Is the local date of the end after that of the due date? UTC epoch seconds; date precision."""
    return local_day(end_epoch) > local_day(due_epoch)


def classify(
    facts: Facts,
    calendar: WorkingCalendar,
    *,
    as_of: datetime,
    precision: Precision = Precision.DATE,
    due_soon: DueSoon = _DUE_SOON,
) -> Lateness:
    """The verdict at `as_of` on the basis whose due date the facts carry; later events are not looked at."""
    case = _Case(_known_by(facts, as_of), calendar, as_of, precision, due_soon)
    return case.answer(case.verdict())


def holds_all_day(facts: Facts, verdict: Lateness, *, as_of: datetime) -> bool:
    """Has every moment of as_of's local day the same state and the same working days late? Minutes late differ.

    Of what is overdue since a day before, where all that is told of it was over before the day began.
    """
    day, due = _date(as_of), facts.due_at
    if verdict.state is not State.OVERDUE or due is None or _date(due) >= day:
        return False
    told = [moment for name in _EVENTS if (moment := getattr(facts, name)) is not None]
    ends = [item.end for item in facts.suspensions]
    return all(end is not None and _date(end) < day for end in (*told, *ends))


def hand_over(facts: Facts, calendar: WorkingCalendar, *, as_of: datetime) -> HandOver | None:
    """How long the finished result lay at the desk; None while not handed over, without a finish, outside the calendar.

    Apart from lateness, which ends with the finish (formats note 5.4 no. 6). Handed over before the finish: 0.
    """
    known = _known_by(facts, as_of)
    if known.finished_at is None or known.returned_at is None:
        return None
    begin, end = known.finished_at, max(known.finished_at, known.returned_at)
    try:
        return HandOver(
            calendar.count_workdays(_date(begin), _date(end)), calendar.working_minutes(begin, end)
        )
    except CalendarError:
        return None


def _known_by(facts: Facts, as_of: datetime) -> Facts:
    """The facts with what happened after `as_of`, and ends that a reopening undid, taken out."""
    later: dict[str, datetime | None] = {}
    for name in _EVENTS:
        moment = getattr(facts, name)
        if moment is not None and moment > as_of:
            later[name] = None
    reopened = facts.reopened_at
    if reopened is not None and reopened <= as_of:
        undone = (name for name in _ENDS if (end := getattr(facts, name)) is not None and end <= reopened)
        later.update(dict.fromkeys(undone, None))
    return replace(facts, **later) if later else facts  # type: ignore[arg-type]


class _Case:
    """One dossier under judgement: its known facts and the circumstances."""

    def __init__(
        self,
        facts: Facts,
        calendar: WorkingCalendar,
        as_of: datetime,
        precision: Precision,
        due_soon: DueSoon,
    ) -> None:
        self.facts, self.calendar, self.as_of = facts, calendar, as_of
        self.precision, self.due_soon = precision, due_soon
        self.as_of_day = _date(as_of)
        self.due_day = None if facts.due_at is None else _date(facts.due_at)
        # Status 1 says that the dossier is not accepted, whatever a source puts into its reception column.
        self.accepted = facts.received_at is not None and facts.status is not SourceStatus.FILED

    # ------------------------------------------------------------ the state

    def verdict(self) -> _Verdict:
        """The first state that fits, in the order of the command contract."""
        facts = self.facts
        if facts.status is SourceStatus.DELETED:
            return _Verdict(State.DELETED, None)
        if self._refused_at_intake():
            return _Verdict(State.REFUSED, None)
        if facts.withdrawn_at is not None or facts.status is SourceStatus.WITHDRAWN:
            return self._withdrawn()
        end, flags = self._end()
        if end is not None:
            return self._ended(end, flags)
        if not self.accepted and (facts.filed_at is not None or facts.status is SourceStatus.FILED):
            return _Verdict(self._intake_state(), None)
        return self._suspended() or self._open()

    def _refused_at_intake(self) -> bool:
        status, refused = self.facts.status, self.facts.refused_at
        return status is SourceStatus.REFUSED or (refused is not None and not self.accepted)

    def _withdrawn(self) -> _Verdict:
        end = self.facts.withdrawn_at
        late = end is not None and self._is_after_due(end)
        return _Verdict(State.WITHDRAWN, end, (LATE_AT_WITHDRAWAL,) if late else ())

    def _end(self) -> tuple[datetime | None, tuple[str, ...]]:
        """Finished, else refused after acceptance, else handed over (an upper bound, flagged)."""
        facts = self.facts
        if facts.finished_at is not None:
            return facts.finished_at, ()
        if facts.refused_at is not None:
            return facts.refused_at, ()
        return facts.returned_at, (END_FROM_RETURN,) if facts.returned_at else ()

    def _ended(self, end: datetime, flags: tuple[str, ...]) -> _Verdict:
        due, received = self.facts.due_at, self.facts.received_at
        if received is None:
            flags = (*flags, RECEIVED_MISSING)
        elif end < received:
            flags = (*flags, END_BEFORE_RECEIVED)
        if due is None:
            return _Verdict(State.NO_DUE, end, (*flags, DUE_MISSING))
        if end == due:
            flags = (*flags, END_EQ_DUE)
        if self._is_after_due(end):
            return _Verdict(State.FINISHED_LATE, end, flags)
        if sum(item.kind is SuspensionKind.SUPPLEMENT for item in self.facts.suspensions) > 1:
            flags = (*flags, LATE_BY_766)
        early = _date(end) < _date(due) if self.precision is Precision.DATE else end < due
        return _Verdict(State.FINISHED_EARLY if early else State.FINISHED_ON_TIME, end, flags)

    def _intake_state(self) -> State:
        due = self.facts.intake_due_at
        return State.NOT_ACCEPTED if due is not None and self.as_of > due else State.FILED

    def _suspended(self) -> _Verdict | None:
        """Suspended, unless the due date had passed before the suspension began."""
        facts, standing = self.facts, self._standing()
        if standing is None:
            undated = facts.status in _AWAITING
            return _Verdict(State.SUSPENDED, None, (SUSPENSION_UNDATED,)) if undated else None
        if facts.due_at is not None and standing.start >= facts.due_at:
            return None
        flags = (STATUS_LOSSY,) if facts.status in _DONE else ()
        remaining = facts.frozen_minutes
        if remaining is None:
            remaining = self._minutes(standing.start, facts.due_at)
        return _Verdict(State.SUSPENDED, None, flags, remaining)

    def _standing(self) -> Suspension | None:
        """The earliest suspension that stands at as-of."""
        standing = [item for item in self.facts.suspensions if self._stands(item)]
        return min(standing, key=lambda item: item.start, default=None)

    def _stands(self, item: Suspension) -> bool:
        begun = item.start <= self.as_of and item.kind is not SuspensionKind.NONE
        return begun and (item.end is None or item.end > self.as_of)

    def _open(self) -> _Verdict:
        flags = (END_MISSING,) if self.facts.status in _DONE else ()
        due, received = self.facts.due_at, self.facts.received_at
        if received is None:
            return _Verdict(State.UNKNOWN, None, (*flags, RECEIVED_MISSING))
        if due is None:
            return _Verdict(State.NO_DUE, None, (*flags, DUE_MISSING))
        remaining = self._minutes(self.as_of, due)
        if self._is_after_due(self.as_of):
            return _Verdict(State.OVERDUE, self.as_of, flags, remaining)
        threshold = self.due_soon.minutes(self.facts.limit, self.calendar.day_minutes)
        soon = remaining is not None and remaining <= threshold
        return _Verdict(State.DUE_SOON if soon else State.ON_TRACK, self.as_of, flags, remaining)

    # ------------------------------------------------------------ the figures

    def answer(self, verdict: _Verdict) -> Lateness:
        """The verdict with its figures: working dates and minutes late, 0 where not late, None where unknown."""
        facts, end, due = self.facts, verdict.end, self.facts.due_at
        late = end is not None and due is not None and self._is_after_due(end)
        days, minutes = self._lateness(end) if late else self._not_late(verdict)
        counts = late and verdict.state is not State.WITHDRAWN
        refused = self.accepted and facts.refused_at is not None and _is_ended(verdict)
        flags = (*verdict.flags, *self._flags(verdict, minutes, late))
        return Lateness(verdict.state, days, minutes, verdict.remaining, counts, refused, flags)

    def _not_late(self, verdict: _Verdict) -> tuple[int | None, int | None]:
        known = self.facts.due_at is not None and (
            verdict.end is not None or verdict.state is State.SUSPENDED
        )
        return (0, 0) if known else (None, None)

    def _lateness(self, end: datetime | None) -> tuple[int | None, int | None]:
        due, due_day = self.facts.due_at, self.due_day
        if due is None or due_day is None or end is None:
            return None, None
        try:
            days = self.calendar.count_workdays(due_day, self._day(end))
            return days, self.calendar.working_minutes(due, end)
        except CalendarError:
            return None, None

    def _flags(self, verdict: _Verdict, minutes: int | None, late: bool) -> tuple[str, ...]:
        facts, end, due, due_day = self.facts, verdict.end, self.facts.due_at, self.due_day
        flags = []
        if facts.status is SourceStatus.UNKNOWN:
            flags.append(STATUS_UNKNOWN)
        if due is None or due_day is None:
            return tuple(flags)
        unmeasured = verdict.remaining is None and verdict.state in (State.ON_TRACK, State.OVERDUE)
        if (late and minutes is None) or unmeasured:
            flags.append(OUT_OF_RANGE)
        if end is not None and (self._day(end) > due_day) != (end > due):
            flags.append(PRECISIONS_DISAGREE)
        if facts.received_at is not None and due < facts.received_at:
            flags.append(DUE_BEFORE_RECEIVED)
        return tuple(flags)

    def _is_after_due(self, moment: datetime) -> bool:
        due, due_day = self.facts.due_at, self.due_day
        if due is None or due_day is None:
            return False
        return self._day(moment) > due_day if self.precision is Precision.DATE else moment > due

    def _day(self, moment: datetime) -> date:
        """Its local date; most are asked of the moment of judgement."""
        return self.as_of_day if moment is self.as_of else _date(moment)

    def _minutes(self, start: datetime, end: datetime | None) -> int | None:
        if end is None:
            return None
        if end <= start:
            return 0
        try:
            return self.calendar.working_minutes(start, end)
        except CalendarError:
            return None


def _is_ended(verdict: _Verdict) -> bool:
    return verdict.end is not None and verdict.state in (
        State.FINISHED_EARLY,
        State.FINISHED_ON_TIME,
        State.FINISHED_LATE,
        State.NO_DUE,
    )


def _date(moment: datetime) -> date:
    return (moment if moment.tzinfo is VN else moment.astimezone(VN)).date()
