"""How late finished dossiers were, counted by unit, procedure and dates: what a new date may be proposed from."""

from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracker.store.models.dossiers import LATE_WHEN_ENDED, LOCAL_DAY
from tracker.types import VN


class FinishedLate(NamedTuple):
    """So many dossiers of a unit and a procedure that were due and finished on these dates (days since 1970)."""

    resolving_unit_id: int | None
    receiving_unit_id: int | None
    procedure_id: int | None
    due_day: int
    ended_day: int
    dossiers: int


_QUERY = text(
    f"""
    SELECT resolving_unit_id, receiving_unit_id, procedure_id, {LOCAL_DAY.format("source_due_at")} AS due_day,
           {LOCAL_DAY.format("ended_at")} AS ended_day, COUNT(*)
    FROM dossier
    WHERE {LATE_WHEN_ENDED} AND ended_at >= :first AND ended_at < :after AND end_kind = 'finished'
      AND received_at IS NOT NULL AND status NOT IN ('deleted', 'refused', 'withdrawn')
    GROUP BY resolving_unit_id, receiving_unit_id, procedure_id, due_day, ended_day
    """
)


def finished_late(session: Session, first: date, after: date) -> list[FinishedLate]:
    """Dossiers that finished late by the source's date, from `first` to before `after` (dates of the office)."""
    values = {"first": _midnight(first), "after": _midnight(after)}
    return [FinishedLate._make(row) for row in session.execute(_QUERY, values)]


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), VN).timestamp())
