"""The late list and the single dossier: gather candidates, let `lateness.classify` judge, answer with all bases."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from tracker.config_data import load_policy
from tracker.errors import CalendarError
from tracker.intake_data import load_intake_rules
from tracker.pipeline.judged import judged_by
from tracker.pipeline.limits import limit_book
from tracker.store import batches, dossier_queries, late_page, late_queries, letter_store
from tracker.store.late_queries import Candidate, LateFilter
from tracker.store.session import Session, Store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.deadlines import evaluate
from tracker.timekeeping.due_soon import DueSoon
from tracker.timekeeping.intake import judge_intake, vanished_at, with_intake_due
from tracker.timekeeping.lateness import classify, hand_over, holds_all_day
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
    NoLimit,
    Precision,
    SourceStatus,
)

DUE_SOON = DueSoon()


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
    """The late list with its question; `count` is of the whole list even where `rows` were cut.

    `unknown` says why count is None: nothing had been ingested by then.
    """

    question: LateQuestion
    count: int | None
    rows: tuple[LateRow, ...]
    bases: Mapping[Basis, BasisLate]
    unknown: str | None = None


def overdue(
    store: Store,
    calendars: CalendarHistory,
    question: LateQuestion,
    *,
    begin: int = 0,
    limit: int | None = None,
) -> LateAnswer:
    """Dossiers whose verdict on the question's basis is late; finished ones by end, open ones longest overdue first.

    With a `limit` only so many rows after the first `begin` are read and judged, and the rest is counted by the database.
    """
    chosen = _filter(question)
    tally = {basis: BasisLate(0, 0, 0) for basis in Basis}
    late: list[tuple[Candidate, Lateness]] = []
    rows: list[LateRow] = []
    with store.read() as session:
        if not batches.anything_known(session, question.known):
            return LateAnswer(question, None, (), {}, batches.NOTHING_KNOWN)
        if question.state in ("finished", "all"):
            _add_counts(tally, late_queries.finished_counts(session, chosen))
            until = None if limit is None else begin + limit
            found = late_queries.finished_late(session, chosen, limit=until)
            late += [(one, judge(one, one.facts, calendars, question)) for one in found]
        # Of a part of the list the open ones begin where the finished ones, which stand before them, end.
        ahead, late = len(late), late[begin:]
        if question.state in ("open", "all"):
            gather = _Open(session, calendars, question, chosen)
            # Of what was known earlier there is no index by due date: all are judged.
            whole = limit is None or question.known is not None
            first, wanted = max(0, begin - ahead), None if limit is None else limit - len(late)
            if whole:
                late += gather.all(first, wanted)
            else:
                rows = gather.part(first, wanted or 0)
            _add_counts(tally, gather.counts(whole=whole))
        letters = letter_store.letter_states(session, [one.dossier_id for one, _ in late])
    rows = [late_row(one, verdict, letters.get(one.dossier_id)) for one, verdict in late] + rows
    return LateAnswer(question, tally[question.basis].late, tuple(rows), tally)


def _add_counts(tally: dict[Basis, BasisLate], counts: Mapping[Basis, tuple[int, int, int]]) -> None:
    for basis, (late, computed, total) in counts.items():
        have = tally[basis]
        tally[basis] = BasisLate(have.late + late, have.computed + computed, have.total + total)


class _Open:
    """The open dossiers late on the question's basis, longest overdue first, and the counts of all bases."""

    def __init__(
        self, session: Session, calendars: CalendarHistory, question: LateQuestion, chosen: LateFilter
    ) -> None:
        self._session, self._calendars = session, calendars
        self._question, self._chosen = question, chosen
        self._late = dict.fromkeys(Basis, 0)
        # Under what a row of something that is overdue all day holds.
        self._day = question.as_of.astimezone(VN).date(), calendars

    def all(self, begin: int, limit: int | None) -> list[tuple[Candidate, Lateness]]:
        """All of them, every one of them judged; `limit` of those after the first `begin` are given."""
        listed: list[tuple[Candidate, Lateness]] = []
        for one in late_queries.open_past_due(self._session, self._chosen):
            for basis in Basis:
                verdict = self._judged(one, basis)
                self._late[basis] += verdict.is_late
                if verdict.is_late and basis is self._question.basis:
                    listed.append((one, verdict))
        listed.sort(key=lambda pair: (pair[0].facts.due_at or self._question.as_of, pair[0].dossier_id))
        return listed[begin : None if limit is None else begin + max(0, limit)]

    def part(self, begin: int, limit: int) -> list[LateRow]:
        """`limit` of them after the first `begin`: the database says which, `classify` how late."""
        if limit <= 0:
            return []
        lines = late_page.open_page(self._session, self._chosen, begin=begin, limit=limit)
        return [row for line in lines if (row := line.row(self._day) or self._row(line)) is not None]

    def _row(self, line: late_page.Line) -> LateRow | None:
        """Judged; what somebody looks at again on the same day is mostly as late as it was."""
        one = line.candidate
        facts = self._facts(one, self._question.basis)
        verdict = judge(one, facts, self._calendars, self._question)
        if not verdict.is_late:
            return None
        row = late_row(one, verdict, line.letter)
        if holds_all_day(facts, verdict, as_of=self._question.as_of):
            line.keep(self._day, row)
        return row

    def counts(self, *, whole: bool) -> Mapping[Basis, tuple[int, int, int]]:
        """Per basis (late, with a due date on it, all); of the `whole` list the late ones are those that were judged."""
        if not whole:
            return late_queries.open_tallies(self._session, self._chosen)
        coverage = late_queries.open_coverage(self._session, self._chosen)
        return {basis: (self._late[basis], *coverage[basis]) for basis in Basis}

    def _judged(self, one: Candidate, basis: Basis) -> Lateness:
        return judge(one, self._facts(one, basis), self._calendars, self._question)

    def _facts(self, one: Candidate, basis: Basis) -> Facts:
        due_at = one.dues[basis]
        # Mostly that of the basis asked for, with which the candidate came: a copy would cost as much as the judgement.
        return one.facts if due_at == one.facts.due_at else replace(one.facts, due_at=due_at)


def judge(one: Candidate, facts: Facts, calendars: CalendarHistory, question: LateQuestion) -> Lateness:
    """The verdict on a candidate by these facts, at the question's moment."""
    calendar = calendars.of(
        one.working_unit_id, facts.received_at, judged=one.ended_known_at, known=question.known
    )
    return classify(facts, calendar, as_of=question.as_of, precision=question.precision)


def _filter(question: LateQuestion) -> LateFilter:
    return LateFilter(
        as_of=int(question.as_of.timestamp()),
        basis=question.basis,
        precision=question.precision,
        unit_ids=question.unit_ids,
        field=question.field,
        ended_from=epoch_of(question.start, time.min),
        ended_to=epoch_of(question.end, time(23, 59, 59)),
        known=question.known,
    )


def epoch_of(day: date | None, at: time) -> int | None:
    """A time of a day in Vietnam as UTC epoch seconds; None of no day."""
    return None if day is None else int(datetime.combine(day, at, VN).timestamp())


def late_row(found: Candidate, verdict: Lateness, letter: str | None) -> LateRow:
    """A candidate as a line of a list."""
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


# ---------------------------------------------------------------- one dossier


def dossier(  # noqa: PLR0913 -- who asks, for when, by what was known: all but the code by keyword
    store: Store,
    calendars: CalendarHistory,
    code: str,
    *,
    as_of: datetime,
    unit_ids: frozenset[int] | None = None,
    known: datetime | None = None,
    due_soon: DueSoon = DUE_SOON,
) -> DossierAnswer | None:
    """One dossier with its verdict on each basis and the proof of its documented due date; None if not to be seen."""
    with store.read() as session:
        row = dossier_queries.find_dossier(session, code, unit_ids=unit_ids, known=known)
        if row is None:
            return None
        book = limit_book(session, row.procedure_code)
    calendar = calendars.of(
        row.working_unit_id, row.received_at or row.filed_at, judged=row.ended_known_at, known=known
    )
    judged = judged_by(row, book, calendar, known)
    limit = judged.limit
    proof = None if judged.is_gone else _proof(row, limit, calendar, as_of)
    if proof is not None:
        # The stored date leaves an open suspension out; the proof knows the moment of judgement.
        row = replace(row, documented_due_at=proof.due_at, documented_reason=proof.reason)
    told = _facts(row, limit, as_of)
    facts = with_intake_due(told, load_intake_rules(), calendar)
    verdicts: dict[Basis, Lateness] = {}
    for basis, due in dues_of(row).items():
        frozen = proof.frozen_minutes if proof and basis is Basis.DOCUMENTED else None
        on_basis = replace(facts, due_at=due, frozen_minutes=frozen)
        verdicts[basis] = classify(on_basis, calendar, as_of=as_of, due_soon=due_soon)
    intake = judge_intake(told, load_intake_rules(), calendar, as_of=as_of)
    return DossierAnswer(row, as_of, verdicts, proof, intake, hand_over(told, calendar, as_of=as_of))


def dues_of(row: DossierRow) -> dict[Basis, datetime | None]:
    """A dossier's three due dates."""
    return {
        Basis.SOURCE: row.source_due_at,
        Basis.PROMISED: row.promised_at,
        Basis.DOCUMENTED: row.documented_due_at,
    }


def _proof(
    row: DossierRow, limit: Limit | NoLimit | None, calendar: WorkingCalendar, as_of: datetime
) -> Deadline | None:
    if row.received_at is None:
        return None
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


def _vanished_at(row: DossierRow) -> datetime | None:
    if row.status is SourceStatus.DELETED:
        return row.known_from
    return vanished_at((event.at, event.kind) for event in row.events)


def _facts(row: DossierRow, limit: Limit | NoLimit | None, as_of: datetime) -> Facts:
    """The facts of a dossier without a due date; the status is the present word of the source, not of the past."""
    ends = (row.finished_at, row.returned_at, row.withdrawn_at, row.refused_at)
    ended_later = any(end is not None and end > as_of for end in ends)
    return Facts(
        received_at=row.received_at,
        due_at=None,
        finished_at=row.finished_at,
        returned_at=row.returned_at,
        withdrawn_at=row.withdrawn_at,
        refused_at=row.refused_at,
        filed_at=row.filed_at,
        intake_due_at=row.intake_due_at,
        status=None if ended_later else row.status,
        suspensions=row.suspensions,
        limit=limit if isinstance(limit, Limit) else None,
        channel=row.channel,
        post_received_at=row.post_received_at,
        refusal_reason=row.refusal_reason,
        vanished_at=_vanished_at(row),
    )
