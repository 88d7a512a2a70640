"""One dossier of the store -> what it claims and the facts of its letter. Decides; neither reads nor writes.

Epoch seconds of the store become dates here, unit and procedure ids become names.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache

from letters.content import LetterFacts
from letters.experience import Experience
from letters.forms import LetterForms
from letters.issuer import Issuer, Signature
from letters.layout import Paper
from letters.ledger import Claim, LedgerReason
from letters.obligations import (
    PROMISING,
    Duty,
    DutyReason,
    LateOn,
    LetterKind,
    Obligation,
    kind_of,
    obligation_for,
)
from letters.rules import LetterRules, foreseen_until, load_rules
from tracker.errors import CalendarError
from tracker.store.letter_candidates import Candidate, Catalogue
from tracker.store.letter_store import StoredLetter
from tracker.store.versions import working_unit
from tracker.timekeeping.calendar_definition import EPOCH_ORDINAL, local_day
from tracker.timekeeping.calendars import Calendars
from tracker.timekeeping.lateness import is_late_epoch
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, ApplicantKind


@dataclass(frozen=True, slots=True)
class LetterPolicy:
    """What an office may tune: the form's editions, its calendars, working days to the proposed new date, the rules.

    `letters_from`: dossiers that ended before this day owe nothing unless a person opens them; None = none did.
    `check_address`: where the public reaches the page that checks letters; "" = nowhere, no code to scan is printed.
    `by_experience`: the new date is one that three of four such dossiers would have kept, never nearer than those days.
    """

    forms: LetterForms
    calendars: Calendars
    reappointment_days: int
    letters_from: date | None = None
    paper: Paper = Paper.A4
    rules: LetterRules = field(default_factory=load_rules)
    check_address: str = ""
    by_experience: bool = False


@dataclass(frozen=True, slots=True)
class NewDue:
    """The proposed new date of an open dossier; `rests_on`: what is known of others like it, if it was asked."""

    day: date
    at: int
    rests_on: Experience | None = None


def calendar_of(policy: LetterPolicy, found: Candidate) -> WorkingCalendar:
    """The calendar of the unit whose working time counts for a dossier."""
    unit = working_unit(found.resolving_unit_id, found.receiving_unit_id)
    return policy.calendars.of(unit, local_date(found.received_at))


def propose_new_due(
    policy: LetterPolicy,
    day: date,
    found: Candidate,
    kind: LetterKind = LetterKind.OVERDUE,
    known: Experience | None = None,
) -> NewDue | None:
    """The letter's day (or a due date that is still to come) + `reappointment_days` working days by its unit's calendar.

    What is `known` of dossiers like it may put the date further away, never nearer.
    """
    due = local_date(missed_due(found, END_OF_TIME)[0])
    start = max(day, due) if kind is LetterKind.ADVANCE and due is not None else day
    calendar, fewest = calendar_of(policy, found), policy.reappointment_days
    if known is not None:
        missed = start if kind is LetterKind.ADVANCE else local_date(missed_due(found, midnight(day))[0])
        proposed = _new_due_known(calendar, start, missed or start, fewest, known)
        if proposed is not None:
            return proposed
    return _new_due(calendar, start, fewest)


@lru_cache(maxsize=256)
def _new_due(calendar: WorkingCalendar, day: date, days: int) -> NewDue | None:
    """None where the calendar does not reach that far."""
    try:
        new_day = calendar.add_workdays(day, days)
        return NewDue(new_day, int(calendar.day_end(new_day).timestamp()))
    except CalendarError:
        return None


@lru_cache(maxsize=8192)
def _new_due_known(
    calendar: WorkingCalendar, start: date, due: date, fewest: int, known: Experience
) -> NewDue | None:
    """None where the calendar does not reach as far."""
    try:
        days_late = calendar.count_workdays(due, start)
    except CalendarError:
        return None
    proposed = _new_due(calendar, start, known.days_from(days_late, fewest))
    return replace(proposed, rests_on=known) if proposed else None


@lru_cache(maxsize=8192)
def date_of_day(number: int) -> date:
    """A date of the office from its days since 1970."""
    return date.fromordinal(EPOCH_ORDINAL + number)


def local_date(epoch: int | None) -> date | None:
    """The office's calendar date of an instant."""
    return None if epoch is None else date_of_day(local_day(epoch))


def judge(found: Candidate, as_of: int) -> Obligation:
    """What is owed for a dossier at as-of (epoch seconds)."""
    return obligation_for(
        LateOn(
            _late(found, found.source_due_at, as_of),
            _late(found, found.documented_due_at, as_of),
            _late(found, found.promised_at, as_of),
            found.suspended_since is not None,
        )
    )


def _late(found: Candidate, due_at: int | None, as_of: int) -> bool | None:
    """Late on one basis; suspended before the due date had passed is not late (lateness.classify)."""
    if due_at is None:
        return None
    if found.ended_at is not None:
        return is_late_epoch(due_at, found.ended_at)
    if found.suspended_since is not None and found.suspended_since < due_at:
        return False
    return is_late_epoch(due_at, as_of)


def horizon_of(policy: LetterPolicy, day: date, found: Candidate) -> int:
    """The first instant (epoch seconds) at which everything is late whose letter has to go out by `day`."""
    lead = policy.rules.on(local_date(found.received_at)).apology_lead_days
    return midnight(foreseen_until(calendar_of(policy, found), day, lead) + timedelta(days=1))


def farthest_horizon(policy: LetterPolicy, day: date) -> int:
    """The latest `horizon_of` that any dossier can have."""
    lead = policy.rules.longest_lead
    keys = policy.calendars.keys()
    last = max(foreseen_until(policy.calendars.get(key), day, lead) for key in keys)
    return midnight(last + timedelta(days=1))


def midnight(day: date) -> int:
    """The instant at which a date of the office begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=VN).timestamp())


def claim_of(found: Candidate, policy: LetterPolicy, *, as_of: int, day: date) -> Claim:
    """What the dates of a dossier ask for at as-of, whose date is `day`."""
    now = judge(found, as_of)
    if found.end_kind == "withdrawn":
        is_late = now.duty is not Duty.NONE
        return Claim(Duty.NONE, LedgerReason.WITHDRAWN if is_late else LedgerReason.NO_LONGER_LATE)
    if now.duty is not Duty.NONE:
        kind = kind_of(ended=found.ended_at is not None, refused=found.end_kind == "refused")
        return Claim(now.duty, now.reason, kind)
    if found.ended_at is None and judge(found, horizon_of(policy, day, found)).duty is Duty.OWED:
        return Claim(Duty.OWED, DutyReason.FORESEEN, LetterKind.ADVANCE)
    return Claim(Duty.NONE, LedgerReason.SUSPENDED if found.suspended_since else LedgerReason.NO_LONGER_LATE)


# Any due date has been missed by then.
END_OF_TIME = 1 << 40


def missed_due(found: Candidate, moment: int) -> tuple[int | None, bool]:
    """The date that is missed at a moment, and whether it was an appointment (source, first promise) or follows from rules.

    The source's date goes before the one that the rules give: it is what the applicant was told.
    """
    dates = ((found.source_due_at, True), (found.documented_due_at, False), (found.promised_at, True))
    for due_at, is_appointed in dates:
        if _late(found, due_at, moment):
            return due_at, is_appointed
    return dates[0] if found.source_due_at is not None else dates[1]


def due_for(found: Candidate, kind: LetterKind, as_of: int) -> tuple[int | None, bool]:
    """The date that a letter of this kind speaks of."""
    return missed_due(found, END_OF_TIME if kind is LetterKind.ADVANCE else as_of)


class Names:
    """Turns ids into names for one run; issuers are made once each."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.issuer = cache(self._issuer)

    def _issuer(self, resolving_unit_id: int | None, day: date) -> Issuer | None:
        unit = self.catalogue.in_charge(resolving_unit_id, day) if resolving_unit_id else None
        if unit is None:
            return None
        parent = self.catalogue.units.get(unit.parent_id or 0)
        return Issuer(
            unit_id=unit.unit_id,
            code=unit.code,
            name=unit.name,
            abbreviation=unit.abbreviation,
            parent=parent.name if parent else "",
            place=unit.place,
            signer_title=unit.signer_title,
        )

    def unit(self, unit_id: int | None) -> str:
        """A unit's name, "" where there is none."""
        unit = self.catalogue.units.get(unit_id or 0)
        return unit.name if unit else ""

    def procedure(self, found: Candidate) -> tuple[str, str]:
        """Names of procedure and field; the dossier's own field goes before the procedure's."""
        name, field_id = self.catalogue.procedures.get(found.procedure_id or 0, ("", None))
        return name, self.catalogue.fields.get(found.field_id or field_id or 0, "")

    def resolving_units(self, in_scope: frozenset[int], day: date) -> frozenset[int]:
        """The units, abolished ones too, for whose dossiers a unit in scope answers on `day`."""
        answered = ((unit_id, self.catalogue.in_charge(unit_id, day)) for unit_id in self.catalogue.units)
        return frozenset(unit_id for unit_id, unit in answered if unit and unit.unit_id in in_scope)


@dataclass(frozen=True, slots=True)
class LetterCase:
    """One letter to be written: the dossier, the kind of letter, its day and moment, and what persons have set."""

    found: Candidate
    kind: LetterKind
    as_of: int
    day: date
    new_due: NewDue | None
    short_code: str = ""
    late_reason: str = ""
    fault_unit_id: int | None = None


def facts_of(case: LetterCase, names: Names, signature: Signature | None = None) -> LetterFacts:
    """The facts of a letter that is written for the first time."""
    found = case.found
    unit_id = case.fault_unit_id or found.resolving_unit_id
    issuer = names.issuer(unit_id, case.day)
    procedure, field_name = names.procedure(found)
    due_at, is_appointed = due_for(found, case.kind, case.as_of)
    succeeded = case.fault_unit_id is None and issuer is not None and issuer.unit_id != unit_id
    return LetterFacts(
        kind=case.kind,
        day=case.day,
        code=found.code,
        procedure=procedure,
        field=field_name,
        applicant_kind=ApplicantKind(found.applicant_kind),
        applicant_name=found.applicant_name,
        address=found.address,
        issuer=issuer,
        receiver=names.unit(found.receiving_unit_id) or names.unit(found.resolving_unit_id),
        predecessor=names.unit(found.resolving_unit_id) if succeeded else "",
        received_on=local_date(found.received_at),
        due_on=local_date(due_at),
        is_due_appointed=is_appointed,
        ended_on=local_date(found.ended_at),
        new_due_on=case.new_due.day if case.new_due and case.kind in PROMISING else None,
        reason=case.late_reason or found.late_reason,
        short_code=case.short_code,
        signature=signature,
        recipients_extra=_handing_over(case, names),
    )


def _handing_over(case: LetterCase, names: Names) -> tuple[str, ...]:
    """Where another unit is at fault, the lead unit is told as well: its desk hands the letter over."""
    lead = names.unit(case.found.resolving_unit_id) if case.fault_unit_id is not None else ""
    return (lead,) if lead else ()


def facts_of_stored(letter: StoredLetter, names: Names, signature: Signature | None = None) -> LetterFacts:
    """The facts of a letter as the register keeps them: kind, dates, issuer and reason stay as they were drafted."""
    kind = LetterKind(letter.kind)
    case = LetterCase(
        letter.dossier,
        kind,
        letter.as_of,
        datetime.fromtimestamp(letter.as_of, VN).date(),
        None,
        letter.short_code,
        letter.reason,
        letter.fault_unit_id,
    )
    is_appointed = (
        letter.due_at != letter.dossier.documented_due_at or letter.due_at == letter.dossier.source_due_at
    )
    return replace(
        facts_of(case, names, signature),
        due_on=local_date(letter.due_at),
        is_due_appointed=is_appointed,
        new_due_on=local_date(letter.new_due_at),
        number=letter.number or "",
        issued_on=letter.issued_on,
    )
