"""New dates of delivered letters, with what became of their dossiers; whether one is kept decides `letters.path`."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tracker.store.models import Letter


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
    delivered_at: int


# What was kept or missed is looked at again, since a source may take an end back; of letters that another one followed
# (a second new date) nothing changes any more.
_PROMISES = """
SELECT l.id, l.dossier_id, l.promise, l.new_due_at, d.ended_at, d.end_kind,
 COALESCE(d.suspended_from, (SELECT MIN(s.start_at) FROM suspension s
  WHERE s.dossier_id = d.id AND s.kind <> 'none' AND s.start_at <= :as_of AND (s.end_at IS NULL OR s.end_at > :as_of))),
 d.received_at, (SELECT COUNT(*) FROM letter p WHERE p.dossier_id = l.dossier_id AND p.promise <> ''),
 l.delivered_at
FROM letter l JOIN dossier d ON d.id = l.dossier_id
WHERE {which} AND l.new_due_at IS NOT NULL AND l.delivered_at IS NOT NULL AND COALESCE(l.promise, '') <> ''
 AND NOT EXISTS (SELECT 1 FROM letter n WHERE n.dossier_id = l.dossier_id AND n.seq > l.seq AND COALESCE(n.state, '') <> 'void')
 AND EXISTS (SELECT 1 FROM obligation o WHERE o.dossier_id = l.dossier_id)
"""
_OF_ALL = text(_PROMISES.format(which="l.state = 'delivered'"))
CHUNK = 2_000


def due_promises(
    session: Session, as_of_epoch: int, dossier_ids: Sequence[int] | None = None
) -> Iterator[PromiseRow]:
    """The letters whose new date may be kept or missed, their dossiers as of as-of; of these dossiers only (None = of all).

    Letters that were delivered later than that are among them.
    """
    asked = {"as_of": as_of_epoch}
    if dossier_ids is None:
        found = session.execute(_OF_ALL, asked, execution_options={"stream_results": True})
        for rows in found.partitions(CHUNK):
            yield from map(PromiseRow._make, rows)
        return
    for start in range(0, len(dossier_ids), CHUNK):
        numbers = ", ".join(str(int(number)) for number in dossier_ids[start : start + CHUNK])
        which = f"l.dossier_id IN ({numbers}) AND COALESCE(l.state, '') = 'delivered'"
        yield from map(PromiseRow._make, session.execute(text(_PROMISES.format(which=which)), asked).all())


def dossiers_promised(session: Session) -> Iterator[int]:
    """The dossiers with a new date that is neither kept nor missed yet."""
    return iter(session.scalars(select(Letter.dossier_id).where(Letter.promise == "open")))


def open_dossiers_promised(session: Session) -> Iterator[int]:
    """The dossiers without an end that were ever given a new date."""
    # In this order: few dossiers are open.
    query = "SELECT l.dossier_id FROM dossier d CROSS JOIN letter l WHERE d.ended_at IS NULL AND l.dossier_id = d.id"
    return iter(session.scalars(text(f"{query} AND COALESCE(l.promise, '') <> ''")))
