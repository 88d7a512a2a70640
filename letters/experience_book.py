"""The experience of an office at a letter's day, gathered from the store: who answers now, counted by whose calendar."""

from collections.abc import Iterable, Iterator
from datetime import date

from letters.case import LetterPolicy, Names, date_of_day
from letters.experience import ExperienceBook, LateCase, looked_at
from tracker.errors import CalendarError
from tracker.store.late_experience import FinishedLate, finished_late
from tracker.store.session import Session
from tracker.store.versions import working_unit


def experience_on(session: Session, policy: LetterPolicy, names: Names, day: date) -> ExperienceBook | None:
    """What the dossiers that finished late in the twelve months before `day` teach; None where nobody wants to know."""
    if not policy.by_experience:
        return None
    return ExperienceBook(_cases(finished_late(session, *looked_at(day)), policy, names, day))


def _cases(rows: Iterable[FinishedLate], policy: LetterPolicy, names: Names, day: date) -> Iterator[LateCase]:
    for row in rows:
        issuer = names.issuer(row.resolving_unit_id, day)
        if issuer is None:
            continue
        due, ended = date_of_day(row.due_day), date_of_day(row.ended_day)
        calendar = policy.calendars.of(working_unit(row.resolving_unit_id, row.receiving_unit_id), due)
        try:
            days = calendar.count_workdays(due, ended)
        except CalendarError:  # due in a year that is not loaded: how late it was cannot be said
            continue
        yield LateCase(issuer.unit_id, row.procedure_id, days, row.dossiers)
