"""Dossiers that are owed an apology and say no reason for their lateness, counted by unit, procedure and due date."""

from typing import NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from tracker.store.letter_candidates import LIVE
from tracker.store.models.dossiers import LOCAL_DAY


class ReasonGap(NamedTuple):
    """So many dossiers of a resolving unit and a procedure whose missed date is this one (days since 1970)."""

    resolving_unit_id: int | None
    procedure_id: int | None
    due_day: int
    dossiers: int


_QUERY = text(
    f"""
    SELECT d.resolving_unit_id, d.procedure_id, {LOCAL_DAY.format("o.due_at")} AS due_day, COUNT(*)
    FROM obligation o JOIN dossier d ON d.id = o.dossier_id
    WHERE o.state = 'owed' AND o.due_at IS NOT NULL AND TRIM(o.late_reason) = '' AND TRIM(d.late_reason) = ''
      AND NOT EXISTS (SELECT 1 FROM letter l WHERE l.dossier_id = o.dossier_id
                      AND COALESCE(l.state, '') IN :live AND l.promise <> 'renewed')
    GROUP BY d.resolving_unit_id, d.procedure_id, due_day
    """
).bindparams(bindparam("live", expanding=True))


def reason_gaps(session: Session) -> list[ReasonGap]:
    """What has no letter yet and could not get one for want of a reason, as the ledger was last kept."""
    return [ReasonGap._make(row) for row in session.execute(_QUERY, {"live": list(LIVE)})]
