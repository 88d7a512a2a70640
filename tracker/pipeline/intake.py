"""What became of filed dossiers: gather candidates, let `timekeeping.intake` judge, answer by channel and row by row."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time

from tracker.intake_data import load_intake_rules
from tracker.store import batches, intake_queries
from tracker.store.intake_queries import IntakeCandidate, IntakeFilter
from tracker.store.session import Store
from tracker.timekeeping.calendars import CalendarHistory, Calendars
from tracker.timekeeping.intake import judge_intake, surely_in_time
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import (
    NEEDS_ATTENTION,
    VN,
    Channel,
    Intake,
    IntakeCounts,
    IntakeRow,
    IntakeVerdict,
    Precision,
)

_UNDECIDED = (IntakeVerdict.NOT_ACCEPTED, IntakeVerdict.WAITING)
_COUNTED_ALONE = frozenset({IntakeVerdict.ACCEPTED_IN_TIME, IntakeVerdict.UNKNOWN})


@dataclass(frozen=True, slots=True)
class IntakeQuestion:
    """Which intakes: decided from `start` to `end` (both included), or undecided at the end of it.

    Judged at `as_of`, or at the end of the day `end` where that is earlier. `states`: which are listed; all are counted.
    """

    as_of: datetime
    start: date | None = None
    end: date | None = None
    unit_ids: frozenset[int] | None = None
    channel: Channel | None = None
    states: tuple[IntakeVerdict, ...] = NEEDS_ATTENTION
    known: datetime | None = None
    precision: Precision = Precision.INSTANT

    @property
    def moment(self) -> datetime:
        """The moment of judgement."""
        close = None if self.end is None else datetime.combine(self.end, time(23, 59, 59), VN)
        return self.as_of if close is None else min(self.as_of, close)

    @property
    def begin(self) -> datetime | None:
        """The first moment of the period."""
        return None if self.start is None else datetime.combine(self.start, time.min, VN)


@dataclass(frozen=True, slots=True)
class IntakeAnswer:
    """The list, undecided ones first, longest late first; `count` is None (and `unknown` says why) where nothing was known.

    `is_verified`: were all intake times that were used compared with the text of the law?
    """

    question: IntakeQuestion
    count: int | None
    rows: tuple[IntakeRow, ...]
    by_channel: tuple[IntakeCounts, ...]
    is_verified: bool
    unknown: str | None = None


def intake(store: Store, calendars: CalendarHistory, question: IntakeQuestion) -> IntakeAnswer:
    """How the intakes of the question stand; one that needs no calendar to be called in time is counted by the store."""
    rules = load_intake_rules()
    known_calendars = calendars.at(question.known)
    all_rows = bool(_COUNTED_ALONE & set(question.states))
    chosen = _filter(question, known_calendars)
    counts = {channel: Counter[IntakeVerdict]() for channel in Channel}
    rows: list[IntakeRow] = []
    with store.read() as session:
        if not batches.anything_known(session, question.known):
            return IntakeAnswer(question, None, (), (), True, batches.NOTHING_KNOWN)
        if not all_rows:
            for channel, (in_time, unknown) in intake_queries.counted(session, chosen).items():
                counts[channel][IntakeVerdict.ACCEPTED_IN_TIME] += in_time
                counts[channel][IntakeVerdict.UNKNOWN] += unknown
        for one in intake_queries.candidates(session, chosen, all_rows=all_rows):
            verdict = judge_intake(
                one.facts,
                rules,
                _calendar(known_calendars, one),
                as_of=question.moment,
                precision=question.precision,
            )
            if _is_of_period(verdict, one, question):
                counts[one.facts.channel][verdict.state] += 1
                if verdict.state in question.states:
                    rows.append(_row(one, verdict))
    rows.sort(key=_urgency)
    told = tuple(IntakeCounts(channel, dict(found)) for channel, found in counts.items() if found.total())
    return IntakeAnswer(question, len(rows), tuple(rows), told, all(rule.verified for rule in rules))


def _filter(question: IntakeQuestion, calendars: Calendars) -> IntakeFilter:
    calendar = calendars.default
    first = datetime.combine(calendar.first, time.min, VN)
    last = datetime.combine(date(calendar.last.year, 12, 1), time.min, VN)
    begin = question.begin
    return IntakeFilter(
        moment=int(question.moment.timestamp()),
        start=None if begin is None else int(begin.timestamp()),
        unit_ids=question.unit_ids,
        channel=question.channel,
        known=question.known,
        sure=surely_in_time(load_intake_rules()),
        sure_from=int(first.timestamp()),
        sure_to=int(last.timestamp()),
    )


def _calendar(calendars: Calendars, one: IntakeCandidate) -> WorkingCalendar:
    """The working time of the unit that receives, on the day on which it got the dossier."""
    facts = one.facts
    begun = facts.post_received_at or facts.filed_at or facts.received_at
    return calendars.of(one.unit_id, begun.astimezone(VN).date() if begun else None)


def _is_of_period(verdict: Intake, one: IntakeCandidate, question: IntakeQuestion) -> bool:
    """Undecided at the moment, or decided since the period began; an undated decision counts when it became known."""
    begin = question.begin
    if begin is None or (verdict.ended_at is None and verdict.state in _UNDECIDED):
        return True
    return (verdict.ended_at or one.known_from) >= begin


def _row(one: IntakeCandidate, verdict: Intake) -> IntakeRow:
    facts = one.facts
    return IntakeRow(
        dossier_id=one.dossier_id,
        code=one.code,
        procedure=one.procedure,
        unit=one.unit,
        resolving_unit_id=one.resolving_unit_id,
        channel=facts.channel,
        applicant=one.applicant,
        filed_at=facts.filed_at,
        received_at=facts.received_at,
        refused_at=facts.refused_at,
        refusal_reason=facts.refusal_reason or "",
        intake=verdict,
    )


def _urgency(row: IntakeRow) -> tuple[bool, float, int]:
    """Undecided ones by when their time ends or ended; then the others, latest by working time first."""
    verdict = row.intake
    if verdict.ended_at is None and verdict.state in _UNDECIDED:
        return False, verdict.due_at.timestamp() if verdict.due_at else float("inf"), row.dossier_id
    return True, -(verdict.late_minutes or 0), row.dossier_id
