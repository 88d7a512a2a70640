"""What stands still in the ledger: letters at a step for too long, checks that wait, new dates about to be missed; counted."""

from collections import Counter
from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

_STUCK = """
SELECT l.state, COUNT(*) FROM letter l
WHERE l.state IN ('drafted', 'approved', 'signed', 'numbered') {units}
 AND (SELECT MAX(s.at) FROM letter_step s WHERE s.letter_id = l.id) < :before
GROUP BY l.state
"""
# An obligation waits since its last step.
_UNDECIDED = """
SELECT l.state, COUNT(*) FROM obligation l
WHERE (l.state = 'to_check' OR (l.state = 'owed' AND NOT EXISTS
  (SELECT 1 FROM letter w WHERE w.dossier_id = l.dossier_id AND COALESCE(w.state, '') <> 'void' AND w.promise <> 'renewed')))
 AND (SELECT MAX(s.at) FROM obligation_step s WHERE s.dossier_id = l.dossier_id) < :before {units}
GROUP BY l.state
"""
_NEAR = """
SELECT 'promise_near', COUNT(*) FROM letter l
WHERE l.promise = 'open' AND l.new_due_at >= :near_from AND l.new_due_at < :near_to {units}
"""
_DESK = """
SELECT 'desk', COUNT(*) FROM letter l
WHERE l.state IN ('numbered', 'delivered') AND l.new_due_at IS NOT NULL AND l.desk_done_at IS NULL
 AND l.promise IN ('', 'open') AND l.as_of < :before {units}
"""
_OF_UNITS = "AND l.unit_id IN :unit_ids"


def standing_letters(
    session: Session, unit_ids: Collection[int] | None, *, before: int, near_from: int, near_to: int
) -> Mapping[str, int]:
    """How much waits in these units (None = all) since before an instant, and how many new dates lie in
    [near_from, near_to); epoch seconds. By what waits: a state of a letter, `to_check`, `owed`, `promise_near` or `desk`.
    """
    found: Counter[str] = Counter()
    for query, names in (
        (_STUCK, ("before",)),
        (_UNDECIDED, ("before",)),
        (_NEAR, ("near_from", "near_to")),
        (_DESK, ("before",)),
    ):
        given = {"before": before, "near_from": near_from, "near_to": near_to}
        values = {name: given[name] for name in names}
        found.update(dict(_counted(session, query, values, unit_ids)))
    return +found


def _counted(
    session: Session, query: str, values: Mapping[str, int], unit_ids: Collection[int] | None
) -> list[tuple[str, int]]:
    asked = text(query.format(units="" if unit_ids is None else _OF_UNITS))
    if unit_ids is not None:
        asked = asked.bindparams(bindparam("unit_ids", sorted(unit_ids), expanding=True))
    return [(what, count) for what, count in session.execute(asked, values)]
