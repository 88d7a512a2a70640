"""One case of `dunghen deadline`: its inputs as a mapping -> its answer as the contract's JSON object."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.commands.time_inputs import (
    day_begin,
    day_close,
    moment_text,
    read_channel,
    read_reappointment,
    read_status,
    read_suspension,
    session_end,
)
from tracker.calendar_data import DEFAULT_CALENDAR, office_calendars
from tracker.config_data import load_policy
from tracker.errors import CalendarError, UsageError
from tracker.intake_data import load_intake_rules
from tracker.timekeeping.calendars import Calendars
from tracker.timekeeping.deadlines import evaluate
from tracker.timekeeping.due_soon import DueSoon
from tracker.timekeeping.intake import intake_due, rule_for
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.limits import limit_for
from tracker.timekeeping.office_time import OfficeTime
from tracker.timekeeping.reappointment import Reappointed, Reappointment, reappointed
from tracker.timekeeping.regimes import Regime
from tracker.timekeeping.rules import DeadlinePolicy
from tracker.timekeeping.suspensions import closed_by_end, suspending
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import (
    VN,
    Channel,
    Deadline,
    Facts,
    Lateness,
    Limit,
    LimitUnit,
    NoLimit,
    Precision,
    SourceStatus,
    Step,
    Suspension,
)

GIVEN = "given"
"""The `rule` of an answer whose due date was given, not computed."""

DAY_KINDS = {"workday": LimitUnit.WORKDAY, "day": LimitUnit.DAY}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a case does not say itself: the office's calendar, the present, when a dossier counts as due soon."""

    calendar_key: str
    now: datetime
    due_soon: DueSoon
    calendars: Calendars = field(default_factory=lambda: office_calendars(DEFAULT_CALENDAR, OfficeTime()))


@dataclass(frozen=True, slots=True)
class Case:
    """The inputs of one deadline, read and checked; `due_at` and `promised_at` are given dates."""

    calendar: WorkingCalendar
    policy: DeadlinePolicy
    limit: Limit | NoLimit
    restarts: tuple[datetime, ...]
    due_at: datetime | None
    promised_at: datetime | None
    reappointments: tuple[Reappointment, ...]
    facts: Facts
    precision: Precision
    as_of: datetime
    due_soon: DueSoon


def read_case(given: Mapping[str, Any], around: Circumstances) -> Case:
    """Read the words of a case; UsageError names the one that cannot be."""
    if "received" not in given:
        raise UsageError("received: thiếu thời điểm tiếp nhận")
    calendar = around.calendars.get(str(given.get("calendar") or around.calendar_key))
    rule = given.get("rule")
    channel = read_channel(given.get("channel"))
    limit = limit_for(str(given.get("limit") or ""), channel, _day_kind(given.get("day_kind")))
    as_of = given.get("as_of")
    return Case(
        calendar=calendar,
        policy=load_policy(str(rule) if rule else None),
        limit=limit,
        restarts=tuple(day_begin(moment, "restart") for moment in _list(given.get("restart"))),
        due_at=_end(given, "due", calendar),
        promised_at=_end(given, "promised", calendar),
        reappointments=tuple(read_reappointment(entry, calendar) for entry in _list(given.get("reappoint"))),
        facts=_facts(given, limit, calendar),
        precision=_precision(given.get("precision")),
        as_of=day_close(as_of, "as_of") if as_of else around.now,
        due_soon=around.due_soon,
    )


def _facts(given: Mapping[str, Any], limit: Limit | NoLimit, calendar: WorkingCalendar) -> Facts:
    received = day_begin(given["received"], "received") if given["received"] else None
    status = read_status(given.get("status"))
    facts = Facts(
        received_at=received,
        due_at=None,
        finished_at=_end(given, "finished", calendar),
        returned_at=_end(given, "returned", calendar),
        withdrawn_at=_end(given, "withdrawn", calendar),
        refused_at=_end(given, "refused", calendar),
        reopened_at=day_begin(given["reopened"], "reopened") if given.get("reopened") else None,
        status=status,
        suspensions=tuple(read_suspension(entry) for entry in _list(given.get("suspend"))),
        limit=limit if isinstance(limit, Limit) else None,
    )
    return _filed(facts, received, calendar) if status is SourceStatus.FILED and received else facts


def _filed(facts: Facts, filed: datetime, calendar: WorkingCalendar) -> Facts:
    """Not accepted yet: what is called reception is the filing, and the desk's own time runs from it."""
    rule = rule_for(load_intake_rules(), Channel.UNKNOWN, filed.date())
    try:
        due = intake_due(filed, rule, calendar) if rule else None
    except CalendarError:
        due = None
    return replace(facts, filed_at=filed, intake_due_at=due)


def _end(given: Mapping[str, Any], key: str, calendar: WorkingCalendar) -> datetime | None:
    value = given.get(key)
    return session_end(value, key, calendar) if value else None


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list | tuple):
        raise UsageError(f"{value!r} phải là một danh sách")
    return list(value)


def _precision(value: Any) -> Precision:
    try:
        return Precision(value) if value else Precision.DATE
    except ValueError:
        raise UsageError(f"precision: {value!r} phải là date hoặc instant") from None


def _day_kind(value: Any) -> LimitUnit:
    if value and value not in DAY_KINDS:
        raise UsageError(f"day_kind: {value!r} phải là day hoặc workday")
    return DAY_KINDS[value] if value else LimitUnit.DAY


def answer_case(case: Case) -> dict[str, Any]:
    """The deadline of a case, its proof and its verdict."""
    facts = replace(case.facts, suspensions=_suspensions(case))
    deadline = _deadline(case, facts)
    computed = case.due_at is None
    facts = replace(
        facts, due_at=deadline.due_at, frozen_minutes=deadline.frozen_minutes if computed else None
    )
    regime = _regime(case)
    again = reappointed(case.reappointments, facts.due_at, regime, as_of=case.as_of)
    if again is not None and again.counts:
        facts = replace(facts, due_at=again.standing.due_at, frozen_minutes=None)
    lateness = _classified(facts, case)
    flags = (*deadline.flags, *lateness.flags, *(again.flags if again else ()))
    answer = {
        "due_at": moment_text(facts.due_at),
        "precision": case.precision.value,
        **_verdict(lateness),
        "flags": list(dict.fromkeys(flags)),
        "reason": deadline.reason,
        "steps": [_step(step) for step in deadline.steps],
        "rule": deadline.rule,
        "calendar_version": deadline.calendar_version,
        "regime": _regime_json(regime),
    }
    if case.promised_at is not None:
        answer["promised"] = _on_other_date(case.promised_at, case, facts)
    if again is not None:
        answer["reappointed"] = _reappointed(again, case, facts)
    return answer


def _regime(case: Case) -> Regime | None:
    """The regime of the day of reception; None without one, or before the first row of the table."""
    received = case.facts.received_at
    return case.policy.regime_for(received.astimezone(VN).date()) if received else None


def _regime_json(regime: Regime | None) -> dict[str, Any] | None:
    if regime is None:
        return None
    return {
        "key": regime.key,
        "decree": regime.decree,
        "forms": regime.forms,
        "local_levels": regime.local_levels,
        "land_law": regime.land_law,
        "verified": regime.verified,
        "from": regime.valid_from.isoformat() if regime.valid_from else None,
        "to": regime.valid_to.isoformat() if regime.valid_to else None,
    }


def _classified(facts: Facts, case: Case) -> Lateness:
    return classify(facts, case.calendar, as_of=case.as_of, precision=case.precision, due_soon=case.due_soon)


def _suspensions(case: Case) -> tuple[Suspension, ...]:
    facts = case.facts
    if facts.received_at is None:
        return facts.suspensions
    moments = (facts.finished_at, facts.refused_at, facts.returned_at, facts.withdrawn_at)
    ends = [moment for moment in moments if moment and moment <= case.as_of and not _undone(moment, case)]
    return closed_by_end(
        suspending(facts.suspensions, facts.received_at, case.policy), min(ends, default=None)
    )


def _undone(moment: datetime, case: Case) -> bool:
    reopened = case.facts.reopened_at
    return reopened is not None and moment <= reopened <= case.as_of


def _deadline(case: Case, facts: Facts) -> Deadline:
    if case.due_at is not None:
        step = Step(facts.received_at, GIVEN, GIVEN, "Hạn trả được cho sẵn, không tính lại.", case.due_at)
        return Deadline(case.due_at, (step,), GIVEN, case.calendar.version)
    if facts.received_at is None:
        return Deadline(
            None, (), case.policy.key_for(case.limit), case.calendar.version, (), "RECEIVED_MISSING"
        )
    return evaluate(
        facts.received_at,
        case.limit,
        case.calendar,
        suspensions=facts.suspensions,
        restarts=case.restarts,
        policy=case.policy,
        as_of=case.as_of,
    )


def _on_other_date(due: datetime, case: Case, facts: Facts) -> dict[str, Any]:
    """The verdict on a date that was told, not computed; suspensions do not move it."""
    facts = replace(facts, due_at=due, frozen_minutes=None)
    lateness = _classified(facts, case)
    return {"due_at": moment_text(due), **_verdict(lateness), "flags": list(lateness.flags)}


def _reappointed(again: Reappointed, case: Case, facts: Facts) -> dict[str, Any]:
    """The verdict on the new return date, beside that on the due date."""
    verdict = _on_other_date(again.standing.due_at, case, facts)
    return {**verdict, "made_at": moment_text(again.standing.made_at), "counts": again.counts}


def _verdict(lateness: Lateness) -> dict[str, Any]:
    return {
        "state": lateness.state.value,
        "late_days": lateness.late_days,
        "late_minutes": lateness.late_minutes,
        "remaining_minutes": lateness.remaining_minutes,
        "is_late": lateness.is_late,
        "refused": lateness.refused,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "at": moment_text(step.at),
        "rule": step.rule,
        "source": step.source,
        "text": step.text,
        "due_at": moment_text(step.due_at),
    }
