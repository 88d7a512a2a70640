"""What persons said on the office's first day, and the counts by which its steps are judged. Words are appended, never edited.

They stand in the table of entered editions, under a kind of their own: the newest of a subject governs, and reading them
costs nothing while nothing of it changes (`kept`). A word is taken back by another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.store import edition_store
from tracker.store.audit import Act, append_acts
from tracker.store.bound import DIGEST, word_mark
from tracker.store.models import Batch, Letter
from tracker.types.editions import EditionEntryRow, EditionKind, NewEntry

START, UNITS, CALENDAR, MAIL, READY = "start", "units", "calendar", "mail", "ready"
WITHDRAWN = "withdrawn"
# So many loads are added up: an office is ready long before.
MOST_LOADS = 1_000


@dataclass(frozen=True, slots=True)
class Word:
    """Something that a person says: about what, its values (plain JSON), by which act it is logged."""

    subject: str
    body: Mapping[str, Any]
    action: str
    reason: str = ""


def words(session: Session) -> dict[str, EditionEntryRow]:
    """The word that stands about each subject; one that was taken back stands no more."""
    told = edition_store.governing(session, EditionKind.FIRST_DAY)
    return {subject: row for (subject, _), row in told.items() if not row.new.body.get(WITHDRAWN)}


def say(session: Session, word: Word, actor: str, now: datetime) -> None:
    """Write a word and its entry of the log, in the caller's transaction; last in it."""
    new = NewEntry(EditionKind.FIRST_DAY, word.subject, "", word.body, word.reason, actor, actor)
    number = edition_store.add_entry(session, new, now)
    row = EditionEntryRow(number, new, now)
    detail = {**word.body, DIGEST: word_mark(row)}
    append_acts(session, [Act(now, actor, word.action, f"first_day:{word.subject}", detail)])


def has_letters(session: Session) -> bool:
    """Was ever a letter drafted? Such an office is at work, whatever it has confirmed."""
    return session.execute(select(Letter.id).limit(1)).first() is not None


def load_counts(session: Session) -> tuple[int, list[tuple[datetime, str]]]:
    """How many batches there are; moment and counts (JSON) of each, the newest first, a thousand at most."""
    every = func.count().over()
    query = select(Batch.ingested_at, Batch.counts, every).order_by(Batch.id.desc()).limit(MOST_LOADS)
    found = session.execute(query).all()
    return (found[0][2] if found else 0), [(at, counts) for at, counts, _ in found]
