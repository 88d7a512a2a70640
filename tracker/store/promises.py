"""New dates of delivered letters, with what became of their dossiers; whether one is kept decides `letters.path`."""

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session


class PromiseRow(NamedTuple):
    """A delivered letter that names a new date; instants in UTC epoch seconds. `promises`: how many such its dossier has."""

    letter_id: int
    dossier_id: int
    promise: str
    new_due_at: int
    ended_at: int | None
    end_kind: str | None
    suspended_since: int | None
    received_at: int | None
    promises: int


# What was kept or missed is looked at again, since a source may take an end back; of letters that another one followed
# (a second new date) nothing changes any more.
_PROMISES = text(
    """
SELECT l.id, l.dossier_id, l.promise, l.new_due_at, d.ended_at, d.end_kind,
 COALESCE(d.suspended_from, (SELECT MIN(s.start_at) FROM suspension s
  WHERE s.dossier_id = d.id AND s.kind <> 'none' AND s.start_at <= :as_of AND (s.end_at IS NULL OR s.end_at > :as_of))),
 d.received_at, (SELECT COUNT(*) FROM letter p WHERE p.dossier_id = l.dossier_id AND p.promise <> '')
FROM letter l JOIN dossier d ON d.id = l.dossier_id
WHERE l.state = 'delivered' AND l.new_due_at IS NOT NULL AND l.delivered_at <= :as_of AND l.promise <> ''
 AND NOT EXISTS (SELECT 1 FROM letter n WHERE n.dossier_id = l.dossier_id AND n.seq > l.seq AND COALESCE(n.state, '') <> 'void')
ORDER BY l.id
"""
)


def due_promises(session: Session, as_of_epoch: int) -> list[PromiseRow]:
    """The delivered letters whose new date may be kept or missed at as-of."""
    return [PromiseRow._make(row) for row in session.execute(_PROMISES, {"as_of": as_of_epoch})]
