"""Files that are kept for a while and then deleted with proof: uploads, lists of rejected rows, exports, watched files."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from app.context import AppContext
from tracker.store import audit, kept_files
from tracker.store.audit import Act
from tracker.store.kept_files import FileRow, NewFile
from tracker.store.session import Session

UPLOADS = Path("inbox") / "uploads"
# An upload that nobody asked anything of: its request ended between the file and its row.
ORPHAN_AFTER = timedelta(days=1)
CLEANER = "clean_exports"


def described(context: AppContext, kind: str, path: Path, name: str, subject: str) -> NewFile:
    """What is written down of a file that lies there, its bytes read once."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return NewFile(kind, told_path(context, path), name, subject, digest, path.stat().st_size)


def told_path(context: AppContext, path: Path) -> str:
    """A path as it is written down: below the data folder where it lies there."""
    home = context.data_dir.resolve()
    whole = path.resolve()
    return whole.relative_to(home).as_posix() if whole.is_relative_to(home) else whole.as_posix()


def keep_in(session: Session, context: AppContext, new: NewFile, *, by: str, now: datetime) -> int:
    """Write a file down in the transaction of what made it; the days of the configuration begin now."""
    expires = now + timedelta(days=context.config.work.keep_days)
    return kept_files.add(session, new, by=by, now=now, expires_at=expires)


# ---------------------------------------------------------------- deleting


def delete_expired(context: AppContext, now: datetime) -> Iterator[FileRow]:
    """Delete every file whose time is over, each with an entry in the log that holds its hash; those that were deleted.

    A kill between the file and its entry costs the entry its exactness, never its truth: the next run finds the file
    missing and says so.
    """
    _take_orphans(context, now)
    while True:
        with context.store.read() as session:
            found = kept_files.expired(session, now)
        for row in found:
            yield _deleted(context, row, now)
        if not found:
            return


def _deleted(context: AppContext, row: FileRow, now: datetime) -> FileRow:
    path = context.data_dir / row.path
    try:
        path.unlink()
        how = kept_files.EXPIRED
    except FileNotFoundError:
        how = kept_files.MISSING
    detail = {"kind": row.kind, "sha256": row.sha256, "size": row.size, "how": how}
    with context.store.transaction() as session:
        if kept_files.note_gone(session, row.file_id, how=how, at=now):
            act = Act(now, CLEANER, "file_deleted", f"file:{row.file_id}", detail)
            audit.append_acts(session, [act])
    return row


def _take_orphans(context: AppContext, now: datetime) -> None:
    """Uploads without a row get one, so that they are deleted with proof like all others."""
    folder = context.data_dir / UPLOADS
    old = [
        each for each in sorted(folder.glob("*")) if each.is_file() and _made(each, now) < now - ORPHAN_AFTER
    ]
    for path in old:
        with context.store.read() as session:
            if kept_files.find_path(session, told_path(context, path)):
                continue
        new = described(context, "upload", path, "(không rõ)", "")
        with context.store.transaction() as session:
            kept_files.add(session, new, by=CLEANER, now=now, expires_at=now)


def _made(path: Path, now: datetime) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo)
