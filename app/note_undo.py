"""Notes that somebody has just written on many dossiers: remembered for this session, so that they can be taken back at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import session

from app import current
from tracker.types import VN

KEY = "notes_written"
# Who has gone on to other work for so long takes notes back on the pages of their dossiers.
LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class WrittenNotes:
    """Notes with the ids from `first` on, without a gap, and when they were written."""

    first: int
    count: int
    at: datetime

    @property
    def ids(self) -> list[int]:
        """The ids of the notes."""
        return list(range(self.first, self.first + self.count))


def remember(note_ids: tuple[int, ...]) -> None:
    """From here on these can be taken back together."""
    session[KEY] = [note_ids[0], len(note_ids), int(current.now().timestamp())]


def forget() -> None:
    """They were taken back."""
    session.pop(KEY, None)


def written_notes() -> WrittenNotes | None:
    """What was written last in this session; None: nothing, or long ago."""
    match session.get(KEY):
        case [int(first), int(count), int(at)]:
            written = WrittenNotes(first, count, datetime.fromtimestamp(at, VN))
            return written if current.now() - written.at <= LASTS else None
    return None
