"""The auditor's late dossiers: gather some thousand at a time, let `lateness.classify` judge on all bases, hand on.

Which ones and in which order is that of the late list: ended ones by their end, then open ones, longest overdue first.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice

from tracker.errors import CalendarError
from tracker.pipeline.answers import epoch_of
from tracker.store import batches, late_case_queries, late_queries
from tracker.store.late_case_queries import Beside, Selected
from tracker.store.late_queries import Candidate, LateFilter
from tracker.store.session import Session, Store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Basis, Lateness, Suspension, SuspensionKind
from tracker.types.late_cases import (
    CaseCount,
    CasePage,
    CaseQuestion,
    CaseSpot,
    CaseState,
    CaseStops,
    LateCase,
)

TOGETHER = 1000
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Judged:
    """A dossier found late, with the verdict on the basis asked for and all flags; personal data unmasked."""

    spot: CaseSpot
    candidate: Candidate
    verdict: Lateness
    flags: tuple[str, ...]
    calendar: WorkingCalendar
    ended_at: datetime | None


def nothing_known(store: Store, question: CaseQuestion) -> str | None:
    """Why nobody can say anything: nothing had been ingested by then; else None."""
    with store.read() as session:
        known = batches.anything_known(session, question.known)
    return None if known else batches.NOTHING_KNOWN


def late_cases(store: Store, calendars: CalendarHistory, question: CaseQuestion) -> Iterator[LateCase]:
    """All late dossiers of a question, streamed: no more than some thousand are held at a time."""
    with store.read() as session:
        yield from cases_of(session, question, judged_cases(session, calendars, question))


def case_page(
    store: Store,
    calendars: CalendarHistory,
    question: CaseQuestion,
    *,
    after: CaseSpot | None = None,
    limit: int = 50,
) -> CasePage:
    """So many of them after a place in the list, and where the next ones begin."""
    with store.read() as session:
        judged = judged_cases(session, calendars, question, after=after, together=2 * limit)
        found = list(islice(judged, limit + 1))
        judged.close()
        cases = tuple(cases_of(session, question, found[:limit]))
    return CasePage(cases, found[limit - 1].spot if len(found) > limit else None)


def count_cases(store: Store, calendars: CalendarHistory, question: CaseQuestion, *, cap: int) -> CaseCount:
    """How many there are, counted no further than `cap`."""
    count, asked = 0, question
    with store.read() as session:
        if _needs_no_verdict(question) and question.state is not CaseState.OPEN:
            count = late_case_queries.count_finished(session, question, filter_of(question), cap)
            if question.state is CaseState.FINISHED:
                return CaseCount(min(count, cap), count > cap)
            asked = replace(question, state=CaseState.OPEN)
        judged = judged_cases(session, calendars, asked)
        count += sum(1 for _ in islice(judged, max(0, cap + 1 - count)))
        judged.close()
    return CaseCount(min(count, cap), count > cap)


def _needs_no_verdict(question: CaseQuestion) -> bool:
    """Does the store know by itself which ended dossiers are meant?"""
    return (question.days_from, question.days_to, question.flag, question.is_hidden) == (
        None,
        None,
        None,
        False,
    )


def filter_of(question: CaseQuestion) -> LateFilter:
    """The question in the numbers of the store."""
    return LateFilter(
        as_of=int(question.as_of.timestamp()),
        basis=question.judged_on,
        unit_ids=question.unit_ids,
        field=question.field,
        ended_from=epoch_of(question.start, time.min),
        ended_to=epoch_of(question.end, time(23, 59, 59)),
        known=question.known,
    )


# ---------------------------------------------------------------- judging


def judged_cases(
    session: Session,
    calendars: CalendarHistory,
    question: CaseQuestion,
    *,
    after: CaseSpot | None = None,
    together: int = TOGETHER,
) -> Generator[Judged, None, None]:
    """The late dossiers of a question in order, without what stands beside them."""
    chosen = filter_of(question)
    selected = late_case_queries.selected(session, question, chosen, after=after)
    while chunk := list(islice(selected, together)):
        for one in judged_of(session, calendars, question, chunk):
            if _is_meant(one, question):
                yield one


def judged_of(
    session: Session, calendars: CalendarHistory, question: CaseQuestion, chunk: Sequence[Selected]
) -> Iterator[Judged]:
    """The verdicts on some thousand selected dossiers, in their order."""
    chosen = filter_of(question)
    ids = [one.spot.dossier_id for one in chunk]
    found = {one.dossier_id: one for one in late_queries.of_ids(session, chosen, ids)}
    return (_judge(one, found[one.spot.dossier_id], calendars, question) for one in chunk)


def _judge(one: Selected, found: Candidate, calendars: CalendarHistory, question: CaseQuestion) -> Judged:
    calendar = calendars.of(
        found.working_unit_id, found.facts.received_at, judged=found.ended_known_at, known=question.known
    )
    verdict = _verdict_on(question.judged_on, found, calendar, question)
    flags = {*one.flags.split(), *verdict.flags}
    ended = datetime.fromtimestamp(one.spot.at, VN) if not one.spot.is_open else None
    return Judged(one.spot, found, verdict, tuple(sorted(flags)), calendar, ended)


def _verdict_on(
    basis: Basis, found: Candidate, calendar: WorkingCalendar, question: CaseQuestion
) -> Lateness:
    return classify(replace(found.facts, due_at=found.dues[basis]), calendar, as_of=question.as_of)


def _on_all(one: Judged, question: CaseQuestion) -> dict[Basis, Lateness]:
    """The verdict on every basis; one that has the due date of the basis asked for has its verdict."""
    dues = one.candidate.dues
    return {
        basis: one.verdict
        if due == dues[question.judged_on]
        else _verdict_on(basis, one.candidate, one.calendar, question)
        for basis, due in dues.items()
    }


def _is_meant(one: Judged, question: CaseQuestion) -> bool:
    """What only the verdict can tell: late at all, by how many days, with which flag."""
    verdict = one.verdict
    if not verdict.is_late or (question.flag and question.flag not in one.flags):
        return False
    if question.is_hidden and _on_all(one, question)[Basis.SOURCE].is_late:
        return False
    if question.days_from is None and question.days_to is None:
        return True
    days = verdict.late_days
    if days is None:
        return False
    return (question.days_from or 0) <= days and (question.days_to is None or days <= question.days_to)


# ---------------------------------------------------------------- the whole of a case


def cases_of(session: Session, question: CaseQuestion, judged: Iterable[Judged]) -> Iterator[LateCase]:
    """The cases with what stands beside them, some thousand at a time."""
    chosen, waiting = filter_of(question), iter(judged)
    while chunk := list(islice(waiting, TOGETHER)):
        told = late_case_queries.beside(session, chosen, [one.spot.dossier_id for one in chunk])
        yield from (_case(one, told[one.spot.dossier_id], question) for one in chunk)


def _case(one: Judged, told: Beside, question: CaseQuestion) -> LateCase:
    found = one.candidate
    return LateCase(
        spot=one.spot,
        code=found.code,
        procedure_code=told.procedure_code,
        procedure=found.procedure,
        field=found.field,
        unit_id=told.unit_id,
        unit=found.unit,
        level=told.level,
        receiving_unit=told.receiving_unit,
        channel=found.channel,
        applicant=found.applicant,
        received_at=found.facts.received_at,
        ended_at=one.ended_at,
        state=one.verdict.state,
        dues=found.dues,
        late=_on_all(one, question),
        stops=stops_of(found.facts.suspensions, one.calendar, one.ended_at or question.as_of),
        letter=told.letter,
        reason=found.reason or told.reason,
        responsible_unit=told.fault_unit or found.unit,
        flags=one.flags,
        dues_seen=told.dues_seen,
    )


def stops_of(suspensions: Sequence[Suspension], calendar: WorkingCalendar, until: datetime) -> CaseStops:
    """The suspensions begun by a moment; days that several froze are counted once, from FROM to the day before TO."""
    begun = sorted(
        (item for item in suspensions if item.start < until and item.kind is not SuspensionKind.NONE),
        key=lambda item: item.start,
    )
    kinds = tuple(dict.fromkeys(item.kind for item in begun))
    frozen, covered = 0, date.min + A_DAY
    try:
        for item in begun:
            first = max(item.start.astimezone(VN).date(), covered)
            last = min(item.end or until, until).astimezone(VN).date()
            if last > first:
                frozen += calendar.count_workdays(first - A_DAY, last - A_DAY)
                covered = last
    except CalendarError:
        return CaseStops(len(begun), kinds, None)
    return CaseStops(len(begun), kinds, frozen)
