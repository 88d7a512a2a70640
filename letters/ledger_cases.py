"""The ledger's dossiers of the store -> cases that figures are counted from: days by each one's calendar and rule."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from letters.case import LetterPolicy
from letters.compliance import ApologyCase, Compliance, compliance, of_month, of_unit
from letters.ledger import Held, LedgerState
from letters.rules import letter_day
from tracker.errors import CalendarError
from tracker.store.letter_cases import CaseFilter, CaseRow, LetterLine, case_rows
from tracker.store.session import Session, Store
from tracker.store.versions import working_unit
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN

Dated = CaseRow | LetterLine
END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Period:
    """Days of missed dates, or of letters, both ends included."""

    start: date
    end: date

    @property
    def first(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.start, time(), VN)

    @property
    def last(self) -> datetime:
        """Its last second."""
        return datetime.combine(self.end, END_OF_DAY, VN)


def office_day(moment: datetime) -> date:
    """The office's date of an instant."""
    return moment.astimezone(VN).date()


def calendar_of_row(row: Dated, policy: LetterPolicy) -> WorkingCalendar:
    """The calendar of the unit whose working time counts for a dossier."""
    received = None if row.received_at is None else office_day(row.received_at)
    return policy.calendars.of(working_unit(row.resolving_unit_id, row.receiving_unit_id), received)


def law_day_of(row: Dated, due_on: date, policy: LetterPolicy) -> date:
    """The last day on which the letter of a dossier goes out in time, by the rule of its day of reception."""
    rule = policy.rules.on(None if row.received_at is None else office_day(row.received_at))
    return letter_day(calendar_of_row(row, policy), due_on, rule.apology_lead_days)


def working_days(calendar: WorkingCalendar, start: date, end: date) -> int | None:
    """Working days from one date to another, negative where that lies before; None where the calendar does not reach."""
    try:
        if end < start:
            return -calendar.count_workdays(end, start)
        return calendar.count_workdays(start, end)
    except CalendarError:
        return None


def case_of(row: CaseRow, policy: LetterPolicy, day: date) -> ApologyCase | None:
    """A dossier as figures count it on a day; None where no date is known that it could miss."""
    if row.due_at is None:
        return None
    due_on = office_day(row.due_at)
    delivered_on = None if row.delivered_at is None else office_day(row.delivered_at)
    return ApologyCase(
        unit=row.unit,
        due_on=due_on,
        law_day=law_day_of(row, due_on, policy),
        held=Held(row.held),
        state=LedgerState(row.state),
        delivered_on=delivered_on,
        days=working_days(calendar_of_row(row, policy), due_on, delivered_on or day),
        promises=row.promises,
        kept=row.kept,
        broken=row.broken,
        open=row.open,
        is_escalated=row.escalated_at is not None,
    )


def cases(
    session: Session, period: Period, policy: LetterPolicy, day: date, unit_ids: frozenset[int] | None = None
) -> Iterator[ApologyCase]:
    """The ledger's dossiers whose missed date lies in a period, streamed."""
    for rows in case_rows(session, CaseFilter(unit_ids, period.first, period.last)):
        for row in rows:
            if (found := case_of(row, policy, day)) is not None:
                yield found


class Grouping(StrEnum):
    """By what figures are grouped."""

    UNIT = "unit"
    MONTH = "month"


_GROUPS: Mapping[Grouping, Callable[[ApologyCase], str]] = {Grouping.UNIT: of_unit, Grouping.MONTH: of_month}


@dataclass(frozen=True, slots=True)
class ComplianceQuestion:
    """Figures of which missed dates, as of which day, of which units (None = all), grouped by what."""

    period: Period
    day: date
    unit_ids: frozenset[int] | None = None
    by: Grouping = Grouping.UNIT


def counted(store: Store, asked: ComplianceQuestion, policy: LetterPolicy) -> Compliance:
    """The figures as the ledger stands now; `day` says what is late by then and how old it is."""
    with store.read() as session:
        found = cases(session, asked.period, policy, asked.day, asked.unit_ids)
        return compliance(found, asked.day, _GROUPS[asked.by])
