"""Everything that the page of causes shows of some months: the causes, and what ended in time and late by unit and month.

Kept by the process as long as neither dossiers nor their counts nor the causes change.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.measures.months import Months
from tracker.pipeline.causes import causes_in
from tracker.store import catalogue, cause_summary, procedure_codes
from tracker.store.rate_reading import summaries
from tracker.store.remembered import Mark, Remembered
from tracker.store.session import Session, Store
from tracker.store.unit_rates import UnitRates
from tracker.types import Basis, RateCounts
from tracker.types.causes import CauseAnswer, CauseQuestion

OVERVIEWS = Remembered(24)
UnitMonth = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CauseOverview:
    """Causes, and (late, finished) of each resolving unit (0 = not known) and month; the names and codes that go with them.

    `mark`: another one where anything may have changed; None where nobody can say.
    """

    causes: CauseAnswer
    ended: Mapping[UnitMonth, tuple[int, int]]
    unit_names: Mapping[int, str]
    procedure_codes: Mapping[int, str]
    mark: Hashable | None


def cause_overview(store: Store, question: CauseQuestion, now: datetime) -> CauseOverview:
    """The answer to a question, worked out once for as long as it holds."""
    with store.read() as session:
        mark = _mark(session, now)
        found: CauseOverview | None = None if mark is None else OVERVIEWS.get(Mark(question, mark))
        if found is None:
            found = _overview(session, question, now, mark)
            if mark is not None:
                OVERVIEWS.keep(Mark(question, mark), found)
    return found


def _mark(session: Session, now: datetime) -> Hashable | None:
    """Changes of dossiers mark their months in both tables of counts, so that together the marks tell of any change."""
    held = summaries(session)
    still = held.still(int(now.timestamp())) if held else None
    return None if still is None else (still, cause_summary.marks(session))


def _overview(
    session: Session, question: CauseQuestion, now: datetime, mark: Hashable | None
) -> CauseOverview:
    answer = causes_in(session, question)
    return CauseOverview(
        answer,
        _ended(session, question, now),
        catalogue.unit_names(session),
        procedure_codes.codes(session),
        mark,
    )


def _ended(session: Session, question: CauseQuestion, now: datetime) -> dict[UnitMonth, tuple[int, int]]:
    """By the source's due date, from the tables of counts where these are right."""
    rates = UnitRates(session, question.unit_ids, as_of=now, basis=Basis.SOURCE)
    months: Months = (question.first, question.last)
    if question.field_id is None and question.procedure_id is None:
        return _added((unit, month, counts) for (month, unit), counts in rates.by_unit(months).items())
    return _added(
        (unit, month, counts)
        for (month, unit, field, procedure), counts in rates.by_unit_and_work(months).items()
        if question.field_id in (None, field) and question.procedure_id in (None, procedure)
    )


def _added(parts: Iterable[tuple[int, int, RateCounts]]) -> dict[UnitMonth, tuple[int, int]]:
    found: dict[UnitMonth, tuple[int, int]] = {}
    for unit, month, counts in parts:
        late, ended = found.get((unit, month), (0, 0))
        found[unit, month] = (late + counts.late, ended + counts.finished)
    return found
