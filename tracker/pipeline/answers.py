"""The late list and the single dossier: gather candidates, let `lateness.classify` judge, answer with all bases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from tracker.config_data import load_policy
from tracker.errors import CalendarError
from tracker.ingest.documented import LimitBook, PublishedLimit
from tracker.store import catalogue, dossier_queries, late_queries
from tracker.store.late_queries import Candidate, LateFilter
from tracker.store.session import Session, Store
from tracker.timekeeping.deadlines import evaluate
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import (
    VN,
    Basis,
    Deadline,
    DossierAnswer,
    DossierRow,
    Facts,
    Lateness,
    LateRow,
    Limit,
    LimitUnit,
    NoLimit,
    Precision,
)

STATES = ("open", "finished", "all")


@dataclass(frozen=True, slots=True)
class LateQuestion:
    """Which late list: basis, open or finished, units, field, ends from/to (both included), precision, known."""

    as_of: datetime
    basis: Basis = Basis.SOURCE
    state: str = "open"
    unit_ids: frozenset[int] | None = None
    field: str | None = None
    start: date | None = None
    end: date | None = None
    precision: Precision = Precision.DATE
    known: datetime | None = None


@dataclass(frozen=True, slots=True)
class BasisLate:
    """How many are late on one basis, of how many that have a due date on it, of how many in all."""

    late: int
    computed: int
    total: int


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """The late list with its question; `count` is of the whole list even where `rows` were cut."""

    question: LateQuestion
    count: int
    rows: tuple[LateRow, ...]
    bases: Mapping[Basis, BasisLate]


def overdue(
    store: Store, calendar: WorkingCalendar, question: LateQuestion, *, limit: int | None = None
) -> LateAnswer:
    """Dossiers whose verdict on the question's basis is late; finished ones by end, open ones longest overdue first."""
    with store.read() as session:
        late = list(_late(session, calendar, question))
        shown = late if limit is None else late[:limit]
        letters = late_queries.letter_states(session, [found.dossier_id for found, _ in shown])
        rows = tuple(
            _row(found, verdict, letters.get(found.dossier_id), calendar) for found, verdict in shown
        )
        bases = {basis: _basis(session, calendar, replace(question, basis=basis)) for basis in Basis}
    return LateAnswer(question, len(late), rows, bases)


def _late(
    session: Session, calendar: WorkingCalendar, question: LateQuestion
) -> Iterator[tuple[Candidate, Lateness]]:
    chosen = _filter(question)
    if question.state in ("finished", "all"):
        for found in late_queries.finished_late(session, chosen):
            yield found, _judge(found.facts, calendar, question)
    if question.state in ("open", "all"):
        for found in late_queries.open_past_due(session, chosen):
            verdict = _judge(found.facts, calendar, question)
            if verdict.is_late:
                yield found, verdict


def _judge(facts: Facts, calendar: WorkingCalendar, question: LateQuestion) -> Lateness:
    return classify(facts, calendar, as_of=question.as_of, precision=question.precision)


def _filter(question: LateQuestion) -> LateFilter:
    return LateFilter(
        as_of=int(question.as_of.timestamp()),
        basis=question.basis,
        precision=question.precision,
        unit_ids=question.unit_ids,
        field=question.field,
        ended_from=_epoch(question.start, time.min),
        ended_to=_epoch(question.end, time(23, 59, 59)),
        known=question.known,
    )


def _epoch(day: date | None, at: time) -> int | None:
    return None if day is None else int(datetime.combine(day, at, VN).timestamp())


def _row(found: Candidate, verdict: Lateness, letter: str | None, calendar: WorkingCalendar) -> LateRow:
    return LateRow(
        dossier_id=found.dossier_id,
        code=found.code,
        procedure=found.procedure,
        field=found.field,
        unit=found.unit,
        received_at=found.facts.received_at,
        due_at=found.facts.due_at,
        finished_at=found.facts.finished_at,
        state=verdict.state,
        late_days=verdict.late_days,
        letter=letter,
        applicant=found.applicant,
        officer=found.officer,
        reason=found.reason,
        channel=found.channel,
        promised_at=found.dues[Basis.PROMISED],
        documented_at=found.dues[Basis.DOCUMENTED],
        source_at=found.dues[Basis.SOURCE],
    )


def _basis(session: Session, calendar: WorkingCalendar, question: LateQuestion) -> BasisLate:
    """Late, computed and total on one basis."""
    chosen = _filter(question)
    late = computed = total = 0
    if question.state in ("finished", "all"):
        late, computed, total = late_queries.finished_counts(session, chosen)
    if question.state in ("open", "all"):
        standing = late_queries.open_coverage(session, chosen)
        computed, total = computed + standing[0], total + standing[1]
        late += sum(
            _judge(facts, calendar, question).is_late
            for facts in late_queries.open_past_due_facts(session, chosen)
        )
    return BasisLate(late, computed, total)


# ---------------------------------------------------------------- one dossier


def dossier(
    store: Store,
    calendar: WorkingCalendar,
    code: str,
    *,
    as_of: datetime,
    unit_ids: frozenset[int] | None = None,
    known: datetime | None = None,
) -> DossierAnswer | None:
    """One dossier with its verdict on each basis and the proof of its documented due date; None if not to be seen."""
    with store.read() as session:
        row = dossier_queries.find_dossier(session, code, unit_ids=unit_ids, known=known)
        if row is None:
            return None
        book = limit_book(session)
    proof = _proof(row, book, calendar, as_of)
    verdicts = {basis: classify(_facts(row, basis, proof, as_of), calendar, as_of=as_of) for basis in Basis}
    return DossierAnswer(row, as_of, verdicts, proof)


def limit_book(session: Session) -> LimitBook:
    """The published limits of all procedures."""
    published: dict[str, list[PublishedLimit]] = {}
    for code, text, day_kind, valid_from, valid_to in catalogue.published_limits(session):
        published.setdefault(code, []).append(PublishedLimit(text, LimitUnit(day_kind), valid_from, valid_to))
    return LimitBook(published)


def _proof(row: DossierRow, book: LimitBook, calendar: WorkingCalendar, as_of: datetime) -> Deadline | None:
    if row.received_at is None:
        return None
    limit = book.limit(row.procedure_code, row.limit_text, int(row.received_at.timestamp()))
    try:
        return evaluate(
            row.received_at,
            limit or NoLimit("LIMIT_MISSING", ""),
            calendar,
            suspensions=row.suspensions,
            policy=load_policy(),
            as_of=as_of,
        )
    except CalendarError:
        return None


def _facts(row: DossierRow, basis: Basis, proof: Deadline | None, as_of: datetime) -> Facts:
    due = {
        Basis.SOURCE: row.source_due_at,
        Basis.PROMISED: row.promised_at,
        Basis.DOCUMENTED: proof.due_at if proof else row.documented_due_at,
    }[basis]
    ends = (row.finished_at, row.returned_at, row.withdrawn_at, row.refused_at)
    ended_later = any(end is not None and end > as_of for end in ends)
    return Facts(
        received_at=row.received_at,
        due_at=due,
        finished_at=row.finished_at,
        returned_at=row.returned_at,
        withdrawn_at=row.withdrawn_at,
        refused_at=row.refused_at,
        filed_at=row.filed_at,
        status=None if ended_later else row.status,
        suspensions=row.suspensions,
    )


def limit_in_force(book: LimitBook, row: DossierRow) -> Limit | NoLimit | None:
    """The limit that a dossier has on its reception date."""
    if row.received_at is None:
        return None
    return book.limit(row.procedure_code, row.limit_text, int(row.received_at.timestamp()))
