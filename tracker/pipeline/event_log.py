"""The event log of a period: gather some thousand cases at a time, judge them, put their events in order, hand on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from tracker.measures.event_log import StepKind, events_of
from tracker.store import event_log_queries, late_queries
from tracker.store.event_log_queries import Logged
from tracker.store.late_queries import Candidate, LateFilter
from tracker.store.session import Session, Store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.lateness import classify
from tracker.types import Basis
from tracker.types.event_log import CaseHistory, EndTold, EventLogQuestion, LogCase, StepTold

TOGETHER = 1000


def event_log(
    store: Store, calendars: CalendarHistory, kind_of: StepKind, asked: EventLogQuestion
) -> Iterator[LogCase]:
    """The cases of a question in order of time, streamed: no more than some thousand are held at a time."""
    with store.read() as session:
        found = event_log_queries.cases(session, asked)
        while chunk := list(islice(found, TOGETHER)):
            yield from _told(session, calendars, kind_of, asked, chunk)


def count_cases(store: Store, asked: EventLogQuestion, *, cap: int) -> int:
    """How many cases the log has, counted to one above `cap`."""
    with store.read() as session:
        return event_log_queries.count_cases(session, asked, cap)


def _told(
    session: Session,
    calendars: CalendarHistory,
    kind_of: StepKind,
    asked: EventLogQuestion,
    chunk: Sequence[Logged],
) -> Iterator[LogCase]:
    ids = [logged.dossier_id for logged in chunk]
    chosen = LateFilter(int(asked.as_of.timestamp()), Basis.SOURCE)
    known = {one.dossier_id: one for one in late_queries.of_ids(session, chosen, ids)}
    steps, ends = event_log_queries.steps_of(session, ids), event_log_queries.ends_of(session, ids)
    for logged in chunk:
        number = logged.dossier_id
        case = _case(known[number], logged, calendars, asked)
        history = _history(known[number], logged, steps.get(number, ()), ends.get(number, ()))
        yield replace(case, events=events_of(history, kind_of, asked.as_of))


def _case(one: Candidate, logged: Logged, calendars: CalendarHistory, asked: EventLogQuestion) -> LogCase:
    """A case without its events. An end after as-of has not come yet."""
    facts = one.facts
    assert facts.received_at is not None  # only what was received is a case
    calendar = calendars.of(one.working_unit_id, facts.received_at, judged=one.ended_known_at)
    verdict = classify(facts, calendar, as_of=asked.as_of)
    is_over = logged.ended_at is not None and logged.ended_at <= asked.as_of
    return LogCase(
        code=one.code,
        procedure_code=logged.procedure_code,
        procedure=one.procedure,
        field=one.field,
        unit=one.unit,
        channel=one.channel.value,
        state=verdict.state.value,
        received_at=facts.received_at,
        due_at=facts.due_at,
        ended_at=logged.ended_at if is_over else None,
        late_minutes=None if facts.due_at is None else verdict.late_minutes,
        events=(),
    )


def _history(
    one: Candidate, logged: Logged, steps: tuple[StepTold, ...], ends: tuple[EndTold, ...]
) -> CaseHistory:
    assert one.facts.received_at is not None
    return CaseHistory(
        one.facts.received_at, logged.receiving_unit, one.unit, steps, one.facts.suspensions, ends,
        logged.ended_at, logged.end_kind,
    )  # fmt: skip
