"""One dossier of the store -> its obligation and the facts of its letter. Decides; neither reads nor writes.

Epoch seconds of the store become dates here, unit and procedure ids become names.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache

from letters.content import LetterFacts
from letters.forms import LetterForms
from letters.issuer import Issuer
from letters.obligations import PROMISING, LateOn, LetterKind, Obligation, kind_of, obligation_for
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
    """What an office may tune: the form's editions, its calendars, working days to the proposed new date."""

    forms: LetterForms
    calendars: Calendars
    reappointment_days: int


@dataclass(frozen=True, slots=True)
class NewDue:
    """The proposed new date of open dossiers, the same for all of one day that go by one calendar."""

    day: date
    at: int


def propose_new_due(policy: LetterPolicy, day: date, found: Candidate) -> NewDue | None:
    """The letter's day + `reappointment_days` working days by the calendar of the dossier's unit."""
    unit = working_unit(found.resolving_unit_id, found.receiving_unit_id)
    calendar = policy.calendars.of(unit, local_date(found.received_at))
    return _new_due(calendar, day, policy.reappointment_days)


@lru_cache(maxsize=256)
def _new_due(calendar: WorkingCalendar, day: date, days: int) -> NewDue | None:
    """None where the calendar does not reach that far."""
    try:
        new_day = calendar.add_workdays(day, days)
        return NewDue(new_day, int(calendar.day_end(new_day).timestamp()))
    except CalendarError:
        return None


@lru_cache(maxsize=8192)
def _date_of_day(number: int) -> date:
    return date.fromordinal(EPOCH_ORDINAL + number)


def local_date(epoch: int | None) -> date | None:
    """The office's calendar date of an instant."""
    return None if epoch is None else _date_of_day(local_day(epoch))


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


def letter_kind(found: Candidate) -> LetterKind:
    """Which letter a late dossier gets."""
    return kind_of(ended=found.ended_at is not None, refused=found.end_kind == "refused")


def broken_due(found: Candidate) -> tuple[int | None, bool]:
    """The date that was not kept, and whether it was an appointment (source, first promise) or follows from rules."""
    if found.source_due_at is not None:
        return found.source_due_at, True
    return found.documented_due_at, False


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


def facts_of(
    found: Candidate, names: Names, *, day: date, new_due: NewDue | None, short_code: str
) -> LetterFacts:
    """The facts of a letter that is written on `day` for the first time."""
    issuer = names.issuer(found.resolving_unit_id, day)
    procedure, field = names.procedure(found)
    kind = letter_kind(found)
    due_at, is_appointed = broken_due(found)
    succeeded = issuer is not None and issuer.unit_id != found.resolving_unit_id
    return LetterFacts(
        kind=kind,
        day=day,
        code=found.code,
        procedure=procedure,
        field=field,
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
        new_due_on=new_due.day if new_due and kind in PROMISING else None,
        reason=found.late_reason,
        short_code=short_code,
    )


def facts_of_stored(letter: StoredLetter, names: Names) -> LetterFacts:
    """The facts of a letter as the register keeps them: kind, dates and reason stay as they were drafted."""
    facts = facts_of(
        letter.dossier,
        names,
        day=datetime.fromtimestamp(letter.as_of, VN).date(),
        new_due=None,
        short_code=letter.short_code,
    )
    return replace(
        facts,
        kind=LetterKind(letter.kind),
        due_on=local_date(letter.due_at),
        new_due_on=local_date(letter.new_due_at),
        reason=letter.reason,
    )
