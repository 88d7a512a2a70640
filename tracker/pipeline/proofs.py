"""The *phiếu tính hạn* of a dossier of the store: gather its inputs, prove; the one source of page, sheet and file."""

from dataclasses import dataclass
from datetime import datetime

from tracker.config_data import load_policy
from tracker.errors import CalendarError
from tracker.ingest.documented import LimitBook
from tracker.pipeline.answers import DUE_SOON, dossier
from tracker.pipeline.judged import CHANGED, JudgedBy, judged_by
from tracker.pipeline.limits import limit_book
from tracker.store.session import Store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.due_soon import DueSoon
from tracker.timekeeping.proof_file import Proof, make_proof
from tracker.timekeeping.proof_inputs import ProofInputs
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import DossierAnswer, DossierRow, NoLimit

RECEIVED_MISSING = "RECEIVED_MISSING"
LIMIT_MISSING = "LIMIT_MISSING"


@dataclass(frozen=True, slots=True)
class DossierProof:
    """A dossier's proof, or the code of why nothing can be proved; a dossier without a limit has a proof without date."""

    answer: DossierAnswer
    proof: Proof | None
    reason: str | None


def dossier_proof(  # noqa: PLR0913 -- who asks, for when, by what was known: all but the code by keyword
    store: Store,
    calendars: CalendarHistory,
    code: str,
    *,
    as_of: datetime,
    unit_ids: frozenset[int] | None = None,
    known: datetime | None = None,
    due_soon: DueSoon = DUE_SOON,
) -> DossierProof | None:
    """One dossier with its verdicts and the proof of its documented due date; None if not to be seen."""
    as_of = as_of.replace(microsecond=0)  # a proof is kept in whole seconds
    answer = dossier(store, calendars, code, as_of=as_of, unit_ids=unit_ids, known=known, due_soon=due_soon)
    return None if answer is None else _proved(store, calendars, answer, known)


def _proved(
    store: Store, calendars: CalendarHistory, answer: DossierAnswer, known: datetime | None
) -> DossierProof:
    row = answer.row
    if row.received_at is None:
        return DossierProof(answer, None, RECEIVED_MISSING)
    calendar = calendars.of(row.working_unit_id, row.received_at, judged=row.ended_known_at, known=known)
    with store.read() as session:
        judged = judged_by(row, limit_book(session, row.procedure_code), calendar, known)
    if judged.is_gone and answer.proof is None:
        return DossierProof(answer, None, CHANGED)
    return DossierProof(answer, *_made(row, judged, calendar, answer.as_of))


def row_proof(
    row: DossierRow, book: LimitBook, calendars: CalendarHistory, *, as_of: datetime, known: datetime | None
) -> tuple[Proof | None, str | None]:
    """The proof of a dossier that was read already, for those who prove many by one `book`; else why there is none."""
    if row.received_at is None:
        return None, RECEIVED_MISSING
    calendar = calendars.of(row.working_unit_id, row.received_at, judged=row.ended_known_at, known=known)
    judged = judged_by(row, book, calendar, known)
    return (None, CHANGED) if judged.is_gone else _made(row, judged, calendar, as_of.replace(microsecond=0))


def _made(
    row: DossierRow, judged: JudgedBy, calendar: WorkingCalendar, as_of: datetime
) -> tuple[Proof | None, str | None]:
    assert row.received_at is not None
    inputs = ProofInputs(
        code=row.code,
        received=row.received_at,
        limit=judged.limit or NoLimit(LIMIT_MISSING, row.limit_text),
        calendar=calendar,
        policy=load_policy(),
        as_of=as_of,
        suspensions=row.suspensions,
        channel=row.channel,
    )
    try:
        proof = make_proof(inputs)
    except CalendarError as fault:
        return None, fault.code
    return proof, proof.deadline.reason
