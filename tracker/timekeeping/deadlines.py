"""Reception + limit + suspensions + calendar -> the documented due date, with its proof; pure.

`evaluate` explains, `due_only` gives the same date without the proof, `plain_due_epoch` is the look-up for bulk loads of
dossiers without suspensions. It does not say whether anything is late: that is `lateness`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from math import inf
from typing import NamedTuple

from tracker.errors import CalendarError
from tracker.timekeeping.calendar_definition import (
    EPOCH_ORDINAL,
    SECONDS_A_DAY,
    VN_OFFSET,
    instant,
    local_day,
)
from tracker.timekeeping.counting import Count, MinuteCount, count_of
from tracker.timekeeping.dated import NotInForceError
from tracker.timekeeping.proof import (
    how_counted,
    no_limit_steps,
    proof_steps,
    received_step,
    received_tail,
    zero_steps,
)
from tracker.timekeeping.proof_days import Case, Taken
from tracker.timekeeping.rules import DeadlinePolicy, Rule
from tracker.timekeeping.suspensions import Pause, Stop, epoch, stops_of, stops_until
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Deadline, Limit, NoLimit, Step, Suspension

LIMIT_ZERO = "LIMIT_ZERO"
PROVISIONAL = "CALENDAR_PROVISIONAL"
COMPARISON = "RULE_COMPARISON"
_PLANS_KEPT = 20_000


class Settled(NamedTuple):
    """The due instant, the anchor from which the limit runs at last, and every stop with what it did."""

    due: int
    anchor: int
    taken: list[Taken]


class _Edition(NamedTuple):
    """A limit made ready by one edition of its rule, for receptions from `since` up to before `until` (epoch)."""

    since: float
    until: float
    rule: Rule
    counting: Count
    how: str


class _Plan:
    """A limit made ready for a calendar and a policy, with the answers by date already given."""

    __slots__ = ("by_date", "by_day", "due_by_date", "editions", "pinned", "told", "zero")

    def __init__(self, limit: Limit, calendar: WorkingCalendar, policy: DeadlinePolicy) -> None:
        self.zero = limit.value == 0
        rules = policy.editions_for(limit)
        self.editions = [_edition(rule, limit, calendar) for rule in rules]
        self.by_date = all(edition.counting.by_date for edition in self.editions)
        self.by_day: dict[int, int] = {}
        self.due_by_date: dict[int, datetime] = {}
        self.told: dict[int, _Told] = {}
        self.pinned = (limit, calendar, policy)  # keeps the ids of the key from being given to other values

    def at(self, received: int) -> _Edition:
        """The edition in force for a reception; CalendarError outside the years or before the first edition."""
        for edition in self.editions:
            if edition.since <= received < edition.until:
                return edition
        _, calendar, _ = self.pinned
        day = calendar.date_of(calendar.row_at(received))
        raise NotInForceError(f"quy tắc {self.editions[0].rule.key}", day)

    def due(self, received: int) -> int:
        """The due instant without suspensions; where it depends on the date only it is worked out once a date."""
        if not self.by_date:
            return self.at(received).counting.due(received, ())
        day = local_day(received)
        due = self.by_day.get(day)
        if due is None:
            due = self.by_day[day] = self.at(received).counting.due(received, ())
        return due


def _edition(rule: Rule, limit: Limit, calendar: WorkingCalendar) -> _Edition:
    since = -inf if rule.valid_from is None else _day_start(rule.valid_from)
    until = inf if rule.valid_to is None else _day_start(rule.valid_to) + SECONDS_A_DAY
    count = count_of(limit, rule, calendar) if limit.value else MinuteCount(calendar, 0)
    return _Edition(since, until, rule, count, how_counted(limit, rule))


def _day_start(day: date) -> int:
    return (day.toordinal() - EPOCH_ORDINAL) * SECONDS_A_DAY - VN_OFFSET


_BY_UNIT = DeadlinePolicy()
_plans: dict[tuple[int, int, int], _Plan] = {}


def _plan(limit: Limit, calendar: WorkingCalendar, policy: DeadlinePolicy) -> _Plan:
    """The plan of a limit, made once; kept by identity, since hashing a fraction costs more than the whole look-up."""
    key = (id(limit), id(calendar), id(policy))
    plan = _plans.get(key)
    if plan is None:
        if len(_plans) >= _PLANS_KEPT:
            _plans.clear()
        plan = _plans[key] = _Plan(limit, calendar, policy)
    return plan


def _settle(received: int, stops: Sequence[Stop], plan: _Plan) -> Settled:
    """Take the stops in order, the due instant being recomputed after each; one at or after it changes nothing."""
    anchor, due, count = received, plan.due(received), plan.at(received).counting
    applied: list[Stop] = []
    taken: list[Taken] = []
    for stop in stops:
        if stop.start >= due:
            taken.append(Taken(stop, due, due, False))
            continue
        before = due
        if stop.restart:
            anchor = stop.end
        applied.append(stop)
        due = count.due(anchor, applied)
        taken.append(Taken(stop, before, due, True))
    return Settled(due, anchor, taken)


def due_only(  # noqa: PLR0913 -- the contract's interface, keyword-only after three
    received: datetime,
    limit: Limit | NoLimit,
    calendar: WorkingCalendar,
    *,
    suspensions: Sequence[Suspension] = (),
    restarts: Sequence[datetime] = (),
    policy: DeadlinePolicy,
    as_of: datetime,
) -> datetime | None:
    """The due instant of `evaluate` without its proof; None where no limit can be computed."""
    if isinstance(limit, NoLimit):
        return None
    plan = _plans.get((id(limit), id(calendar), id(policy))) or _plan(limit, calendar, policy)
    if plan.zero:
        return received.astimezone(VN)
    if not suspensions and not restarts:
        return _plain_due(received, plan)
    start = epoch(received)
    stops = stops_until(
        start, suspensions, restarts, as_of=epoch(as_of), policy=policy, calendar=calendar
    ).taken
    return instant(_settle(start, stops, plan).due)


def due_with_pauses(
    received_epoch: int,
    limit: Limit,
    calendar: WorkingCalendar,
    pauses: Sequence[Pause],
    *,
    policy: DeadlinePolicy,
    as_of_epoch: int,
) -> int:
    """`due_only` in UTC epoch seconds, for suspensions as a source told them and no recorded restarts."""
    plan = _plans.get((id(limit), id(calendar), id(policy))) or _plan(limit, calendar, policy)
    if plan.zero:
        return received_epoch
    stops = stops_of(received_epoch, pauses, as_of=as_of_epoch, policy=policy, calendar=calendar)
    return _settle(received_epoch, stops, plan).due


def _plain_due(received: datetime, plan: _Plan) -> datetime:
    if not plan.by_date:
        start = epoch(received)
        return instant(plan.at(start).counting.due(start, ()))
    day = (received if received.tzinfo is VN else received.astimezone(VN)).toordinal()
    due = plan.due_by_date.get(day)
    if due is None:
        due = plan.due_by_date[day] = instant(plan.due(epoch(received)))
    return due


def plain_due_epoch(received_epoch: int, limit: Limit, calendar: WorkingCalendar) -> int | None:
    """Due instant without suspensions by the rule of the limit's unit, UTC epoch seconds in and out.

    None where the calendar does not hold the years. Civil limits are a look-up by local date.
    """
    plan = _plans.get((id(limit), id(calendar), id(_BY_UNIT))) or _plan(limit, calendar, _BY_UNIT)
    if plan.zero:
        return received_epoch
    if not plan.by_date:
        return _due_or_none(plan, received_epoch)
    due = plan.by_day.get((received_epoch + VN_OFFSET) // 86400)
    return _due_or_none(plan, received_epoch) if due is None else due


def _due_or_none(plan: _Plan, received: int) -> int | None:
    try:
        return plan.due(received)
    except CalendarError:
        return None


def evaluate(  # noqa: PLR0913 -- the contract's interface, keyword-only after three
    received: datetime,
    limit: Limit | NoLimit,
    calendar: WorkingCalendar,
    *,
    suspensions: Sequence[Suspension] = (),
    restarts: Sequence[datetime] = (),
    policy: DeadlinePolicy,
    as_of: datetime,
) -> Deadline:
    """The due date as of a moment and the steps that led to it.

    While a suspension stands, the due date is the one if the clock resumed at as-of. Raises CalendarError outside the
    loaded years and UsageError where the rule refuses the limit.
    """
    if isinstance(limit, NoLimit):
        steps = no_limit_steps(received, limit)
        return Deadline(None, steps, policy.key_for(limit), calendar.version, (), limit.code)
    plan = _plan(limit, calendar, policy)
    start = epoch(received)
    if plan.zero:
        due = received.astimezone(VN)
        key = policy.key_for(limit)
        return Deadline(due, zero_steps(due, limit), key, calendar.version, (LIMIT_ZERO,))
    if not suspensions and not restarts:
        return _plain_deadline(start, plan)
    stops = stops_until(start, suspensions, restarts, as_of=epoch(as_of), policy=policy, calendar=calendar)
    return _deadline(start, _settle(start, stops.taken, plan), plan, stops.flags)


class _Told(NamedTuple):
    """An answer given for a date: what differs for another reception on it is the time in its first steps."""

    deadline: Deadline
    tail: str
    source: str
    regime: Step | None
    others: tuple[Step, ...]


def _plain_deadline(received: int, plan: _Plan) -> Deadline:
    """Without suspensions all but the first steps is the same for every reception on one date."""
    if not plan.by_date:
        return _deadline(received, Settled(plan.due(received), received, []), plan, [])
    day, at = local_day(received), instant(received)
    told = plan.told.get(day)
    if told is None:
        told = plan.told[day] = _told(received, at, plan)
    deadline, tail, source, regime, others = told
    first = received_step(at, tail, source)
    if regime is None:
        steps = (first, *others)
    else:
        steps = (first, Step(at, "regime", regime.source, regime.text, None), *others)
    return Deadline(deadline.due_at, steps, deadline.rule, deadline.calendar_version, deadline.flags)


def _told(received: int, at: datetime, plan: _Plan) -> _Told:
    deadline = _deadline(received, Settled(plan.due(received), received, []), plan, [])
    first, second = deadline.steps[:2]
    tail = received_tail(at, plan.at(received).how)
    regime = second if second.rule == "regime" else None
    return _Told(deadline, tail, first.source, regime, deadline.steps[2 if regime else 1 :])


def _deadline(received: int, settled: Settled, plan: _Plan, flags: list[str]) -> Deadline:
    limit, calendar, policy = plan.pinned
    edition = plan.at(received)
    rule, count = edition.rule, edition.counting
    due = instant(settled.due)
    if due.year in calendar.provisional_years:
        flags = [*flags, PROVISIONAL]
    if rule.comparison:
        flags = [*flags, COMPARISON]
    standing = [item for item in settled.taken if item.applied and item.stop.is_open]
    case = Case(received, settled.due, settled.anchor, settled.taken, limit, rule)
    at = instant(received)
    first = received_step(at, received_tail(at, edition.how), rule.source)
    steps = (first, *proof_steps(case, count, calendar, policy))
    return Deadline(
        due,
        steps,
        rule.key,
        calendar.version,
        tuple(flags),
        None,
        instant(standing[0].stop.start) if standing else None,
        _frozen_minutes(standing[0], settled.anchor, count, calendar) if standing else None,
    )


def _frozen_minutes(first: Taken, anchor: int, count: Count, calendar: WorkingCalendar) -> int:
    """Working minutes left when the clock stopped; the whole limit where it has begun anew since."""
    start = first.stop.start
    if anchor > start or first.stop.restart:
        return count.whole_minutes(start)
    return calendar.working_seconds(start, first.before) // 60
