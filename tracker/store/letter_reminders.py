"""What stands still in the ledger: letters at a step for too long, checks that wait, new dates about to be missed; by unit."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session


class Waiting(NamedTuple):
    """One thing that waits: `what` is a state of a letter, `to_check`, `owed`, `promise_near` or `desk`."""

    unit_id: int | None
    what: str


_STUCK = text(
    """
SELECT l.unit_id, l.state, COUNT(*) FROM letter l
WHERE l.state IN ('drafted', 'approved', 'signed', 'numbered')
 AND (SELECT MAX(s.at) FROM letter_step s WHERE s.letter_id = l.id) < :before
GROUP BY l.unit_id, l.state
"""
)
# An obligation waits since its last step.
_UNDECIDED = text(
    """
SELECT o.unit_id, o.state, COUNT(*) FROM obligation o
WHERE (o.state = 'to_check' OR (o.state = 'owed' AND NOT EXISTS
  (SELECT 1 FROM letter l WHERE l.dossier_id = o.dossier_id AND COALESCE(l.state, '') <> 'void' AND l.promise <> 'renewed')))
 AND (SELECT MAX(s.at) FROM obligation_step s WHERE s.dossier_id = o.dossier_id) < :before
GROUP BY o.unit_id, o.state
"""
)
_NEAR = text(
    "SELECT unit_id, 'promise_near', COUNT(*) FROM letter"
    " WHERE promise = 'open' AND new_due_at >= :start AND new_due_at < :end GROUP BY unit_id"
)
_DESK = text(
    "SELECT unit_id, 'desk', COUNT(*) FROM letter WHERE state IN ('numbered', 'delivered') AND new_due_at IS NOT NULL"
    " AND desk_done_at IS NULL AND promise IN ('', 'open') AND as_of < :before GROUP BY unit_id"
)


def waiting(session: Session, *, before: int, near_from: int, near_to: int) -> Mapping[Waiting, int]:
    """How much waits since before an instant, and how many new dates lie in [near_from, near_to); epoch seconds."""
    found: Counter[Waiting] = Counter()
    values = {"before": before}
    for query in (_STUCK, _UNDECIDED, _DESK):
        found.update({Waiting(unit, what): count for unit, what, count in session.execute(query, values)})
    near = session.execute(_NEAR, {"start": near_from, "end": near_to})
    found.update({Waiting(unit, what): count for unit, what, count in near})
    return found
