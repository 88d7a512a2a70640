"""Files that are kept for a while: who made them, until when, and the proof that they are gone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.models import KeptFile

# What is said of a file that is gone.
EXPIRED, MISSING = "expired", "missing"


class NewFile(NamedTuple):
    """A file that begins to be kept: `path` below the data folder, `name` as it is shown, `subject` what it belongs to."""

    kind: str
    path: str
    name: str
    subject: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class FileRow:
    """A kept file as its page shows it."""

    file_id: int
    kind: str
    path: str
    name: str
    subject: str
    sha256: str
    size: int
    made_by: str
    made_at: datetime
    expires_at: datetime
    deleted_at: datetime | None
    deleted_as: str


def add(session: Session, new: NewFile, *, by: str, now: datetime, expires_at: datetime) -> int:
    """Write down a file; its number."""
    number = next_id(session, KeptFile.id)
    told = {"made_by": by, "made_at": now, "expires_at": expires_at, "deleted_at": None, "deleted_as": ""}
    session.execute(insert(KeptFile), [{"id": number, **new._asdict(), **told}])
    return number


def find(session: Session, file_id: int) -> FileRow | None:
    """One file by its number."""
    row = session.get(KeptFile, file_id)
    return _row(row) if row else None


def find_path(session: Session, path: str) -> FileRow | None:
    """The file that lies there, as it was last written down."""
    query = select(KeptFile).where(KeptFile.path == path).order_by(KeptFile.id.desc()).limit(1)
    row = session.scalar(query)
    return _row(row) if row else None


def of_subject(session: Session, subject: str) -> list[FileRow]:
    """The files that belong to something, as `work:12`."""
    query = select(KeptFile).where(KeptFile.subject == subject).order_by(KeptFile.id)
    return [_row(row) for row in session.scalars(query)]


def listed(session: Session, *, there: bool, before: int | None = None, limit: int = 50) -> list[FileRow]:
    """Files that are there, or are gone; newest first."""
    gone = KeptFile.deleted_at.is_(None) if there else KeptFile.deleted_at.is_not(None)
    query = select(KeptFile).where(gone).order_by(KeptFile.id.desc()).limit(limit)
    if before is not None:
        query = query.where(KeptFile.id < before)
    return [_row(row) for row in session.scalars(query)]


def expired(session: Session, now: datetime, limit: int = 500) -> list[FileRow]:
    """Files whose time is over and that nobody has written down as gone."""
    query = select(KeptFile).where(KeptFile.expires_at <= now, KeptFile.deleted_at.is_(None))
    return [_row(row) for row in session.scalars(query.order_by(KeptFile.id).limit(limit))]


def note_gone(session: Session, file_id: int, *, how: str, at: datetime) -> bool:
    """A file is gone; False if that was known."""
    change = update(KeptFile).where(KeptFile.id == file_id, KeptFile.deleted_at.is_(None))
    found = session.execute(change.values(deleted_at=at, deleted_as=how).returning(KeptFile.id))
    return found.one_or_none() is not None


def names_of_paths(session: Session, paths: Collection[str]) -> dict[str, str]:
    """The names that people know of files which lie under names of our own: whole path -> name."""
    ours = {path: PurePath(path).name for path in paths if len(PurePath(path).name) == RANDOM_NAME}
    if not ours:
        return {}
    last = func.substr(KeptFile.path, func.length(KeptFile.path) - RANDOM_NAME + 1)
    query = select(last, KeptFile.name).where(last.in_(set(ours.values())))
    known = {stored: name for stored, name in session.execute(query)}
    return {path: known[stored] for path, stored in ours.items() if stored in known}


# Uploads lie under names of so many signs, made up by us: no name of a person's file gets onto the disk.
RANDOM_NAME = 32


def _row(row: KeptFile) -> FileRow:
    return FileRow(
        row.id, row.kind, row.path, row.name, row.subject, row.sha256, row.size, row.made_by, row.made_at,
        row.expires_at, row.deleted_at, row.deleted_as,
    )  # fmt: skip
