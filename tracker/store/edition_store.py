"""Editions of dated data that the office entered: written once, never edited; the newest known at a moment governs."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.store.locks import Lock, hold
from tracker.store.models import EditionEntry
from tracker.store.session import kept
from tracker.types.editions import EditionEntryRow, EditionKind, NewEntry


def add_entry(session: Session, new: NewEntry, now: datetime) -> int:
    """Enter an edition; its number."""
    hold(session, Lock.ACCOUNTS)  # as every change by two persons: numbers follow each other
    number = int(session.scalar(select(func.coalesce(func.max(EditionEntry.id), 0))) or 0) + 1
    session.add(
        EditionEntry(
            id=number, kind=new.kind.value, subject=new.subject, key=new.key,
            body=json.dumps(new.body, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
            reason=new.reason, asked_by=new.asked_by, decided_by=new.decided_by, entered_at=now,
        )
    )  # fmt: skip
    session.flush()
    return number


def governing(
    session: Session, kind: EditionKind, known: datetime | None = None
) -> dict[tuple[str, str], EditionEntryRow]:
    """The newest entry of each (subject, key) that was entered by a moment (None: now), in order of entry."""
    entries = kept(session, "edition entries", lambda: all_entries(session))
    return {
        (row.new.subject, row.new.key): row
        for row in entries
        if row.new.kind is kind and (known is None or row.entered_at <= known)
    }


def history(session: Session, kind: EditionKind, subject: str, key: str) -> list[EditionEntryRow]:
    """All entries of one edition, the newest first."""
    e = EditionEntry
    query = select(e).where(e.kind == kind.value, e.subject == subject, e.key == key).order_by(e.id.desc())
    return [_row(found) for found in session.scalars(query)]


def all_entries(session: Session) -> list[EditionEntryRow]:
    """Every entry, the oldest first."""
    return [_row(found) for found in session.scalars(select(EditionEntry).order_by(EditionEntry.id))]


def _row(found: EditionEntry) -> EditionEntryRow:
    new = NewEntry(
        EditionKind(found.kind), found.subject, found.key, _body(found.body),
        found.reason, found.asked_by, found.decided_by,
    )  # fmt: skip
    return EditionEntryRow(found.id, new, found.entered_at)


def _body(text: str) -> Mapping[str, Any]:
    """Values that cannot be read (somebody altered them) are no values: whoever needs one of them says so."""
    try:
        found = json.loads(text)
    except ValueError:
        return {"unreadable": text}
    return found if isinstance(found, dict) else {"unreadable": text}
