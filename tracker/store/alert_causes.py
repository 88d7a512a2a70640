"""What alerts are about beside due dates: letters that stand still or promise a day, and the newest load of each source."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracker.types import VN


class StandingLetter(NamedTuple):
    """A letter that is written and not delivered. `moved_at`: its last step; `steps`: how many it has."""

    letter_id: int
    dossier_id: int
    unit_id: int | None
    officer: str
    moved_at: datetime
    steps: int


class PromisedLetter(NamedTuple):
    """A delivered letter whose new date may still be kept."""

    letter_id: int
    dossier_id: int
    unit_id: int | None
    officer: str
    new_due_at: datetime


class LoadedSource(NamedTuple):
    """A source with its newest load."""

    source_id: int
    name: str
    batch_id: int
    loaded_at: datetime


_STANDING = text(
    """
SELECT l.id, l.dossier_id, l.unit_id, COALESCE(d.officer_name, ''), s.at, s.seq
FROM letter l
JOIN letter_step s ON s.letter_id = l.id AND s.seq = (SELECT MAX(m.seq) FROM letter_step m WHERE m.letter_id = l.id)
LEFT JOIN dossier d ON d.id = l.dossier_id
WHERE l.state IN ('drafted', 'approved', 'signed', 'numbered') AND s.at <= :as_of
ORDER BY l.id
"""
)
# A dossier that has ended keeps its promise or breaks it no more, and one that is suspended breaks none until it goes on
# (letters/path.py: promise_of).
_PROMISED = text(
    """
SELECT l.id, l.dossier_id, l.unit_id, d.officer_name, l.new_due_at
FROM letter l JOIN dossier d ON d.id = l.dossier_id
WHERE l.promise = 'open' AND l.new_due_at >= :since AND l.delivered_at <= :as_of
 AND (d.ended_at IS NULL OR d.ended_at > :as_of) AND d.suspended_from IS NULL
 AND NOT EXISTS (SELECT 1 FROM suspension s WHERE s.dossier_id = d.id AND s.kind <> 'none' AND s.start_at <= :as_of
  AND (s.end_at IS NULL OR s.end_at > :as_of))
ORDER BY l.id
"""
)
_LOADED = text(
    """
SELECT s.id, s.name, b.id, b.ingested_at
FROM source s JOIN batch b ON b.id = (SELECT MAX(n.id) FROM batch n WHERE n.source_id = s.id AND n.ingested_at <= :as_of)
ORDER BY s.id
"""
)


def standing_letters(session: Session, as_of: datetime) -> list[StandingLetter]:
    """The letters on their way, each with its last step."""
    rows = session.execute(_STANDING, {"as_of": _epoch(as_of)})
    return [StandingLetter._make((*row[:4], _moment(row[4]), row[5])) for row in rows]


def promised_letters(session: Session, as_of: datetime, since: datetime) -> list[PromisedLetter]:
    """The letters whose new date is not before `since` and whose dossier is open and not suspended."""
    rows = session.execute(_PROMISED, {"as_of": _epoch(as_of), "since": _epoch(since)})
    return [PromisedLetter._make((*row[:4], _moment(row[4]))) for row in rows]


def loaded_sources(session: Session, as_of: datetime) -> list[LoadedSource]:
    """The sources of which something was ever loaded, each with its newest load."""
    rows = session.execute(_LOADED, {"as_of": _epoch(as_of)})
    return [LoadedSource._make((*row[:3], _moment(row[3]))) for row in rows]


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, VN)
