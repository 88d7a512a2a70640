"""By which limit a dossier was judged: catalogues change, and what was said on an earlier day or of an ended dossier stays.

The catalogue keeps no history of its limits, so that only two things can be told: it had none then, or it has another
one now. A limit that the dossier itself brought along is always the same.
"""

from dataclasses import dataclass
from datetime import datetime

from tracker.config_data import load_policy
from tracker.errors import CalendarError
from tracker.ingest.documented import LimitBook
from tracker.pipeline.limits import limit_of
from tracker.timekeeping.deadlines import evaluate
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import DossierRow, Limit, NoLimit

CHANGED = "LIMIT_CHANGED"
OF_LIMITS = "LIMIT_"


@dataclass(frozen=True, slots=True)
class JudgedBy:
    """The limit by which a dossier is to be judged; `is_gone`: it was another one, which nobody can tell any more."""

    limit: Limit | NoLimit | None
    is_gone: bool = False


def judged_by(
    row: DossierRow, book: LimitBook, calendar: WorkingCalendar, known: datetime | None
) -> JudgedBy:
    """The limit of a dossier: of the present, or (ended, or asked for what was known) the one that held then."""
    if row.received_at is None:
        return JudgedBy(None)
    limit = limit_of(row, row.received_at, book)
    is_past = known is not None or row.ended_known_at is not None
    if row.limit_text or not is_past or not isinstance(limit, Limit):
        return JudgedBy(limit)
    if row.documented_due_at is None:
        reason = row.documented_reason or ""
        return JudgedBy(NoLimit(reason, "") if reason.startswith(OF_LIMITS) else limit)
    return JudgedBy(limit, is_gone=_due(row, limit, calendar) != row.documented_due_at)


def _due(row: DossierRow, limit: Limit, calendar: WorkingCalendar) -> datetime | None:
    """The due date as it is stored: without suspensions that have no end yet."""
    closed = tuple(pause for pause in row.suspensions if pause.end is not None)
    ended = [pause.end for pause in closed if pause.end is not None]
    as_of = max([row.known_from, *ended])
    try:
        assert row.received_at is not None
        return evaluate(
            row.received_at, limit, calendar, suspensions=closed, policy=load_policy(), as_of=as_of
        ).due_at
    except CalendarError:
        return None
