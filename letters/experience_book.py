"""The experience of an office at a letter's day, gathered from the store: who answers now, counted by whose calendar."""

from collections.abc import Iterable, Iterator
from datetime import date

from letters.case import LetterPolicy, Names, NewDue, date_of_day, propose_new_due
from letters.experience import ExperienceBook, LateCase, looked_at
from letters.obligations import LetterKind
from tracker.errors import CalendarError
from tracker.store.late_experience import FinishedLate, finished_late
from tracker.store.letter_candidates import Candidate, load_catalogue
from tracker.store.session import Session
from tracker.store.versions import working_unit


def experience_on(
    session: Session, policy: LetterPolicy, names: Names, day: date, *, unit_id: int | None = None
) -> ExperienceBook | None:
    """What the dossiers that finished late in the twelve months before `day` teach; None where nobody wants to know.

    `unit_id`: only of the unit that answers on that day, and of those that it came from; None = of all.
    """
    if not policy.by_experience:
        return None
    units = None if unit_id is None else names.resolving_units(frozenset({unit_id}), day)
    return ExperienceBook(_cases(finished_late(session, *looked_at(day), units), policy, names, day))


def proposed_new_due(
    session: Session, policy: LetterPolicy, found: Candidate, kind: LetterKind, day: date
) -> NewDue | None:
    """The new date of one dossier; drafting by the thousand looks everything up once instead (`letters.duties`)."""
    names = Names(load_catalogue(session))
    issuer = names.issuer(found.resolving_unit_id, day)
    if issuer is None:
        return propose_new_due(policy, day, found, kind)
    book = experience_on(session, policy, names, day, unit_id=issuer.unit_id)
    known = book.find(issuer.unit_id, found.procedure_id) if book else None
    return propose_new_due(policy, day, found, kind, known)


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
