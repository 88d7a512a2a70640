"""Everything a due date depends on as one document, and the document as the values to compute it again; pure.

No applicant stands in it. The calendar is cut to the whole years around the dossier, so that the document answers without
the store and without what the program learns later; a computation that leaves those years is refused, never guessed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache

from tracker.timekeeping.calendar_definition import (
    CalendarDefinition,
    ChangedDay,
    DayOff,
    MakeUpDay,
    read_sessions,
    sessions_text,
)
from tracker.timekeeping.dated import Dated, holds_on
from tracker.timekeeping.proof_document import Entry, Json, canonical, moment_text, parse
from tracker.timekeeping.regimes import Regime
from tracker.timekeeping.rules import DeadlinePolicy, DueTime, Rule, RuleFamily, SuspensionRule
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import (
    VN,
    Channel,
    Limit,
    LimitUnit,
    NoLimit,
    Suspension,
    SuspensionEffect,
    SuspensionKind,
)

FORMAT = 1
MARGIN = timedelta(days=40)
"""How far beyond reception and due date the calendar is kept at least: longer than any limit is moved by a look ahead."""

_POLICY = ("rule", "regime", "suspension_effects", "supplement_days", "max_supplements")
_MOST_YEARS = 50  # a foreign document may not make the program compile a calendar of millennia
_VALUE = re.compile(r"\d{1,9}(/[1-9]\d{0,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProofInputs:
    """One dossier's inputs of `deadlines.evaluate`, with its code."""

    code: str
    received: datetime
    limit: Limit | NoLimit
    calendar: WorkingCalendar
    policy: DeadlinePolicy
    as_of: datetime
    suspensions: tuple[Suspension, ...] = ()
    restarts: tuple[datetime, ...] = ()
    channel: Channel | None = None


def inputs_document(inputs: ProofInputs, due_at: datetime | None) -> Json:
    """The inputs as they are kept; `due_at`, computed on the whole calendar, only says which years to keep."""
    policy, day = inputs.policy, inputs.received.astimezone(VN).date()
    regime = policy.regime_for(day)
    return {
        "format": FORMAT,
        "code": inputs.code,
        "received": moment_text(inputs.received),
        "as_of": moment_text(inputs.as_of),
        "channel": inputs.channel.value if inputs.channel else None,
        "limit": _limit_document(inputs.limit),
        "rule": _rule_document(_rule_of(policy, inputs.limit, day)),
        "regime": _regime_document(regime) if regime else None,
        "suspension_effects": [_effect_document(row) for row in policy.suspensions if holds_on(row, day)],
        "supplement_days": policy.supplement_days,
        "max_supplements": policy.max_supplements,
        "suspensions": [_suspension_document(item) for item in in_order(inputs.suspensions)],
        "restarts": [moment_text(moment) for moment in sorted(inputs.restarts)],
        "calendar": _calendar_document(inputs.calendar, *_window(inputs, due_at)),
    }


def read_inputs(document: object) -> ProofInputs:
    """The values of a document; DocumentFault, ValueError or ConfigurationError where it is none of ours."""
    entry = Entry(document, "inputs")
    if entry.number("format") != FORMAT:
        raise ValueError(f"dạng {entry.number('format')} không đọc được; chương trình này đọc dạng {FORMAT}")
    inputs = ProofInputs(
        code=entry.text("code"),
        received=entry.moment("received"),
        as_of=entry.moment("as_of"),
        channel=Channel(entry.text("channel")) if entry.has("channel") else None,
        limit=_limit(entry.entry("limit")),
        policy=_policy(canonical({key: entry.raw(key) for key in _POLICY})),
        suspensions=tuple(map(_suspension, entry.entries("suspensions"))),
        restarts=tuple(_moments(entry, "restarts")),
        calendar=_calendar(canonical(entry.raw("calendar"))),
    )
    entry.done()
    return inputs


def in_order(suspensions: Iterable[Suspension]) -> list[Suspension]:
    """Suspensions in the one order in which they are written and taken, however they were told."""
    return sorted(
        suspensions, key=lambda item: (item.start, item.end is None, item.end or item.start, item.kind)
    )


def _moments(entry: Entry, key: str) -> list[datetime]:
    return [Entry({"at": text}, f"inputs.{key}").moment("at") for text in entry.raw(key)]


# ---------------------------------------------------------------- limit and policy


def _limit_document(limit: Limit | NoLimit) -> Json:
    if isinstance(limit, NoLimit):
        return {"text": limit.text, "code": limit.code}
    return {"text": limit.text, "value": str(limit.value), "unit": limit.unit.value}


def _limit(entry: Entry) -> Limit | NoLimit:
    if entry.has("code"):
        found: Limit | NoLimit = NoLimit(entry.text("code"), entry.text("text"))
    else:
        found = _same_limit(entry.text("value"), entry.text("unit"), entry.text("text"))
    entry.done()
    return found


@lru_cache(maxsize=4096)
def _same_limit(value: str, unit: str, text: str) -> Limit:
    # Plans are kept by identity (deadlines): the same limit of many documents must be one value.
    if not _VALUE.fullmatch(value):
        raise ValueError(f"inputs.limit.value: {value!r}")
    return Limit(Fraction(value), LimitUnit(unit), text)


def _rule_of(policy: DeadlinePolicy, limit: Limit | NoLimit, day: date) -> Rule:
    """The rule in force; where there is no limit, the one whose key the answer bears."""
    return policy.rule_for(limit, day) if isinstance(limit, Limit) else (policy.asked or policy.civil)[0]


def _rule_document(rule: Rule) -> Json:
    return {
        "key": rule.key,
        "family": rule.family.value,
        "source": rule.source,
        "name": rule.name,
        "cutoff": rule.cutoff,
        "count_receiving_day": rule.count_receiving_day,
        "due_time": rule.due_time.value,
        "closings": list(rule.closings),
        "rounding_minutes": rule.rounding_minutes,
        "comparison": rule.comparison,
        **_span_document(rule),
    }


def _rule(entry: Entry) -> Rule:
    rule = Rule(
        entry.text("key"),
        RuleFamily(entry.text("family")),
        entry.text("source"),
        entry.text("name"),
        entry.number("cutoff") if entry.has("cutoff") else None,
        count_receiving_day=entry.flag("count_receiving_day"),
        due_time=DueTime(entry.text("due_time")),
        closings=tuple(entry.numbers("closings")),
        rounding_minutes=entry.number("rounding_minutes"),
        comparison=entry.flag("comparison"),
        valid_from=entry.maybe_day("valid_from"),
        valid_to=entry.maybe_day("valid_to"),
    )
    entry.done()
    return rule


def _effect_document(row: SuspensionRule) -> Json:
    return {
        "kind": row.kind.value,
        "effect": row.effect.value,
        "source": row.source,
        "verified": row.verified,
        **_span_document(row),
    }


def _effect(entry: Entry) -> SuspensionRule:
    return SuspensionRule(
        SuspensionKind(entry.text("kind")),
        SuspensionEffect(entry.text("effect")),
        entry.text("source"),
        entry.flag("verified"),
        entry.maybe_day("valid_from"),
        entry.maybe_day("valid_to"),
    )


def _regime_document(regime: Regime) -> Json:
    """What the proof tells of a regime; what it asks of letters is no input of a due date."""
    return {
        "key": regime.key,
        "decree": regime.decree,
        "source": regime.source,
        "verified": regime.verified,
        **_span_document(regime),
    }


def _regime(entry: Entry) -> Regime:
    regime = Regime(
        key=entry.text("key"),
        decree=entry.text("decree"),
        forms="",
        local_levels=0,
        land_law="",
        source=entry.text("source"),
        verified=entry.flag("verified"),
        apology_lead_days=None,
        max_reappointments=None,
        reappointment_counts=False,
        valid_from=entry.maybe_day("valid_from"),
        valid_to=entry.maybe_day("valid_to"),
    )
    entry.done()
    return regime


def _span_document(row: Dated) -> Json:
    return {
        "valid_from": row.valid_from.isoformat() if row.valid_from else None,
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
    }


@lru_cache(maxsize=256)
def _policy(body: bytes) -> DeadlinePolicy:
    entry = Entry(parse(body), "inputs")
    return DeadlinePolicy(
        asked=(_rule(entry.entry("rule")),),
        regimes=(_regime(entry.entry("regime")),) if entry.has("regime") else (),
        suspensions=tuple(map(_effect, entry.entries("suspension_effects"))),
        supplement_days=entry.number("supplement_days"),
        max_supplements=entry.number("max_supplements"),
    )


def _suspension_document(item: Suspension) -> Json:
    end = moment_text(item.end) if item.end else None
    return {"from": moment_text(item.start), "to": end, "kind": item.kind.value}


def _suspension(entry: Entry) -> Suspension:
    end = entry.moment("to") if entry.has("to") else None
    return Suspension(entry.moment("from"), end, SuspensionKind(entry.text("kind")))


# ---------------------------------------------------------------- calendar


def _window(inputs: ProofInputs, due_at: datetime | None) -> tuple[date, date]:
    """The whole years that touch the dossier and a margin on both sides, as far as the calendar is loaded.

    Whole years, since a due date is provisional where any day of its year is.
    """
    stops = [moment for item in inputs.suspensions for moment in (item.start, item.end) if moment is not None]
    known = [moment for moment in (*stops, *inputs.restarts) if moment <= inputs.as_of]
    days = [moment.astimezone(VN).date() for moment in (inputs.received, due_at or inputs.received, *known)]
    loaded = inputs.calendar
    first = date((min(days) - MARGIN).year, 1, 1)
    last = date((max(days) + MARGIN).year, 12, 31)
    return (
        min(max(first, loaded.first), loaded.last),
        max(min(last, loaded.last), loaded.first),
    )


@lru_cache(maxsize=32)
def _calendar_document(calendar: WorkingCalendar, first: date, last: date) -> Json:
    """The same years of the same calendar are written out once; nobody may alter what is handed out."""
    definition = calendar.definition
    return {
        "key": definition.key,
        "version": definition.version,
        "day_minutes": definition.day_minutes,
        "weekdays": {str(day): sessions_text(each) for day, each in definition.weekdays.items()},
        "loaded": {"first": definition.first.isoformat(), "last": definition.last.isoformat()},
        "window": {"first": first.isoformat(), "last": last.isoformat()},
        "days": [
            _day_document(entry)
            for entry in sorted(definition.days, key=lambda entry: entry.day)
            if first <= entry.day <= last
        ],
    }


def _day_document(entry: DayOff | MakeUpDay | ChangedDay) -> Json:
    told = {"date": entry.day.isoformat(), "notice": entry.notice, "provisional": entry.provisional}
    if isinstance(entry, DayOff):
        return {**told, "kind": "off", "name": entry.name}
    if isinstance(entry, MakeUpDay):
        return {**told, "kind": "make_up", "replaces": entry.replaces.isoformat()}
    return {**told, "kind": "changed", "name": entry.name, "sessions": sessions_text(entry.sessions)}


def _day(entry: Entry) -> DayOff | MakeUpDay | ChangedDay:
    kind, day = entry.text("kind"), entry.day("date")
    notice, provisional = entry.text("notice"), entry.flag("provisional")
    if kind == "off":
        return DayOff(day, entry.text("name"), notice, provisional)
    if kind == "make_up":
        return MakeUpDay(day, entry.day("replaces"), notice, provisional)
    if kind == "changed":
        return ChangedDay(day, read_sessions(entry.text("sessions")), entry.text("name"), notice, provisional)
    raise ValueError(f"inputs.calendar.days: không hiểu {kind!r}")


@lru_cache(maxsize=32)
def _calendar(body: bytes) -> WorkingCalendar:
    """The same years of one version of a calendar are compiled once."""
    entry = Entry(parse(body), "inputs.calendar")
    window, weekdays = entry.entry("window"), entry.raw("weekdays")
    entry.raw("loaded")  # says what was known then; the computation must not leave the window
    if window.day("last").year - window.day("first").year > _MOST_YEARS:
        raise ValueError("inputs.calendar.window: quá dài")
    days = list(map(_day, entry.entries("days")))
    definition = CalendarDefinition(
        key=entry.text("key"),
        version=entry.text("version"),
        first=window.day("first"),
        last=window.day("last"),
        weekdays={int(day): read_sessions(text) for day, text in weekdays.items()},
        off=tuple(day for day in days if isinstance(day, DayOff)),
        make_up=tuple(day for day in days if isinstance(day, MakeUpDay)),
        day_minutes=entry.number("day_minutes"),
        changed=tuple(day for day in days if isinstance(day, ChangedDay)),
    )
    entry.done()
    return WorkingCalendar(definition)
