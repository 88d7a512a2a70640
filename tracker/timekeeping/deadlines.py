"""Reception + limit + suspensions + calendar -> the documented due date, with its proof; pure.

`evaluate` explains, `due_only` gives the same date without the proof, `plain_due_epoch` is the look-up for bulk loads of
dossiers without suspensions. It does not say whether anything is late: that is `lateness`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from tracker.errors import CalendarError
from tracker.timekeeping.calendar_definition import VN_OFFSET, instant, local_day
from tracker.timekeeping.counting import Count, MinuteCount, count_of
from tracker.timekeeping.proof import no_limit_steps, proof_steps, received_step, zero_steps
from tracker.timekeeping.proof_days import Case, Taken
from tracker.timekeeping.rules import DeadlinePolicy, Rule
from tracker.timekeeping.suspensions import Stop, epoch, stops_until
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Deadline, Limit, NoLimit, Suspension

LIMIT_ZERO = "LIMIT_ZERO"
PROVISIONAL = "CALENDAR_PROVISIONAL"
_PLANS_KEPT = 20_000


class Settled(NamedTuple):
    """The due instant, the anchor from which the limit runs at last, and every stop with what it did."""

    due: int
    anchor: int
    taken: list[Taken]


class _Plan:
    """A limit made ready for a calendar and a policy, with the answers by date already given."""

    __slots__ = ("by_day", "count", "due_by_date", "pinned", "rule", "told", "zero")

    def __init__(self, limit: Limit, calendar: WorkingCalendar, policy: DeadlinePolicy) -> None:
        self.rule: Rule = policy.rule_for(limit)
        self.zero = limit.value == 0
        self.count: Count = MinuteCount(calendar, 0) if self.zero else count_of(limit, self.rule, calendar)
        self.by_day: dict[int, int] = {}
        self.due_by_date: dict[int, datetime] = {}
        self.told: dict[int, Deadline] = {}
        self.pinned = (limit, calendar, policy)  # keeps the ids of the key from being given to other values

    def due(self, received: int) -> int:
        """The due instant without suspensions; where it depends on the date only it is worked out once a date."""
        if not self.count.by_date:
            return self.count.due(received, ())
        day = local_day(received)
        due = self.by_day.get(day)
        if due is None:
            due = self.by_day[day] = self.count.due(received, ())
        return due


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
    anchor, due, count = received, plan.due(received), plan.count
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


def _plain_due(received: datetime, plan: _Plan) -> datetime:
    if not plan.count.by_date:
        return instant(plan.count.due(epoch(received), ()))
    day = (received if received.tzinfo is VN else received.astimezone(VN)).toordinal()
    due = plan.due_by_date.get(day)
    if due is None:
        due = plan.due_by_date[day] = instant(plan.count.due(epoch(received), ()))
    return due


def plain_due_epoch(received_epoch: int, limit: Limit, calendar: WorkingCalendar) -> int | None:
    """Due instant without suspensions by the rule of the limit's unit, UTC epoch seconds in and out.

    None where the calendar does not hold the years. Civil limits are a look-up by local date.
    """
    plan = _plans.get((id(limit), id(calendar), id(_BY_UNIT))) or _plan(limit, calendar, _BY_UNIT)
    if plan.zero:
        return received_epoch
    if not plan.count.by_date:
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
    if plan.zero:
        due = received.astimezone(VN)
        return Deadline(due, zero_steps(due, limit), plan.rule.key, calendar.version, (LIMIT_ZERO,))
    start = epoch(received)
    if not suspensions and not restarts:
        return _plain_deadline(start, limit, plan, calendar)
    stops = stops_until(start, suspensions, restarts, as_of=epoch(as_of), policy=policy, calendar=calendar)
    settled = _settle(start, stops.taken, plan)
    case = Case(start, settled.due, settled.anchor, settled.taken, limit, plan.rule)
    return _deadline(case, plan.count, calendar, stops.flags)


def _plain_deadline(received: int, limit: Limit, plan: _Plan, calendar: WorkingCalendar) -> Deadline:
    """Without suspensions all but the first step is the same for every reception on one date."""
    day = local_day(received)
    told = plan.told.get(day) if plan.count.by_date else None
    if told is None:
        case = Case(received, plan.due(received), received, [], limit, plan.rule)
        told = _deadline(case, plan.count, calendar, [])
        if plan.count.by_date:
            plan.told[day] = told
        return told
    steps = (received_step(received, limit, plan.rule), *told.steps[1:])
    return Deadline(told.due_at, steps, told.rule, told.calendar_version, told.flags)


def _deadline(case: Case, count: Count, calendar: WorkingCalendar, flags: list[str]) -> Deadline:
    due = instant(case.due)
    if due.year in calendar.provisional_years:
        flags = [*flags, PROVISIONAL]
    standing = [item for item in case.taken if item.applied and item.stop.is_open]
    return Deadline(
        due,
        proof_steps(case, count, calendar),
        case.rule.key,
        calendar.version,
        tuple(flags),
        None,
        instant(standing[0].stop.start) if standing else None,
        _frozen_minutes(standing[0], case.anchor, count, calendar) if standing else None,
    )


def _frozen_minutes(first: Taken, anchor: int, count: Count, calendar: WorkingCalendar) -> int:
    """Working minutes left when the clock stopped; the whole limit where it has begun anew since."""
    start = first.stop.start
    if anchor > start or first.stop.restart:
        return count.whole_minutes(start)
    return calendar.working_seconds(start, first.before) // 60
