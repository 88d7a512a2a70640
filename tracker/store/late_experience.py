"""How late finished dossiers were, counted by unit, procedure and dates: what a new date may be proposed from."""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import bindparam, text
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


_QUERY = f"""
    SELECT resolving_unit_id, receiving_unit_id, procedure_id, {LOCAL_DAY.format("source_due_at")} AS due_day,
           {LOCAL_DAY.format("ended_at")} AS ended_day, COUNT(*)
    FROM dossier
    WHERE {LATE_WHEN_ENDED} AND ended_at >= :first AND ended_at < :after AND end_kind = 'finished'
      AND received_at IS NOT NULL AND status NOT IN ('deleted', 'refused', 'withdrawn')
      {{units}}
    GROUP BY resolving_unit_id, receiving_unit_id, procedure_id, due_day, ended_day
    """
_OF_UNITS = "AND resolving_unit_id IN :unit_ids"


def finished_late(
    session: Session, first: date, after: date, unit_ids: Collection[int] | None = None
) -> list[FinishedLate]:
    """Dossiers that finished late by the source's date, from `first` to before `after` (dates of the office).

    `unit_ids` are resolving units; None = all.
    """
    values: dict[str, object] = {"first": _midnight(first), "after": _midnight(after)}
    query = text(_QUERY.format(units="" if unit_ids is None else _OF_UNITS))
    if unit_ids is not None:
        query = query.bindparams(bindparam("unit_ids", expanding=True))
        values["unit_ids"] = sorted(unit_ids)
    return [FinishedLate._make(row) for row in session.execute(query, values)]


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), VN).timestamp())
