"""Uploads as they come in: files under names of our own, written down with their hash in the step that asks for work."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any, Protocol

from app import oplog
from app.context import AppContext
from app.works.importing import Import
from app.works.keeping import UPLOADS, keep_in, told_path
from tracker.errors import UsageError
from tracker.ingest.redaction import redact
from tracker.store import audit, kept_files, work
from tracker.store.audit import Act
from tracker.store.kept_files import NewFile
from tracker.store.people import Account
from tracker.text import clean, storable
from tracker.types.work import BY_PEOPLE, WorkRequest

MOST_FILES = 20
LONGEST_NAME = 120
PIECE = 1024 * 1024


class Given(Protocol):
    """A file as a form hands it over."""

    filename: str | None
    stream: IO[bytes]


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was put into our folder."""

    new: NewFile

    @property
    def inbox_path(self) -> str:
        """Where it lies below the inbox."""
        return str(PurePosixPath(self.new.path).relative_to("inbox"))


def shown_name(given: str | None) -> str:
    """The name of somebody's file as we show it: no folders, no identity numbers, not endless."""
    name = PureWindowsPath(PurePosixPath(given or "").name).name
    return redact(clean(storable(name)))[:LONGEST_NAME] or "(không tên)"


def store_files(context: AppContext, given: Sequence[Given]) -> list[Stored]:
    """Put the files of a form into our folder, each under a name that nobody can guess.

    Raises:
        UsageError: there is none, or there are too many.
    """
    files = [each for each in given if each.filename]
    if not files:
        raise UsageError("hãy chọn ít nhất một tệp")
    if len(files) > MOST_FILES:
        raise UsageError(f"mỗi lần tối đa {MOST_FILES} tệp")
    folder = context.data_dir / UPLOADS
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # they hold names; on Windows the folder's own rights decide
    stored: list[Stored] = []
    try:
        for each in files:
            stored.append(_stored(context, folder, each))
    except BaseException:
        forget(context, stored)
        raise
    return stored


def _stored(context: AppContext, folder: Path, given: Given) -> Stored:
    path = folder / secrets.token_hex(kept_files.RANDOM_NAME // 2)
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as target:
        while piece := given.stream.read(PIECE):
            digest.update(piece)
            size += target.write(piece)
    return Stored(
        NewFile("upload", told_path(context, path), shown_name(given.filename), "", digest.hexdigest(), size)
    )


def forget(context: AppContext, stored: Sequence[Stored]) -> None:
    """Nobody has asked anything of these files: they go at once."""
    for each in stored:
        (context.data_dir / each.new.path).unlink(missing_ok=True)


def ask_about(
    context: AppContext,
    kind: str,
    stored: Sequence[Stored],
    *,
    params: Mapping[str, Any],
    account: Account,
    now: datetime,
) -> int:
    """Ask for work on files that were just stored: files, work and entry of the log are written down together."""
    request = WorkRequest(kind, f"{kind}:{secrets.token_hex(12)}", params, account.login, priority=BY_PEOPLE)
    try:
        with context.store.transaction() as session:
            work_id = work.ask(session, request, now)
            subject = f"work:{work_id}"
            for each in stored:
                keep_in(session, context, each.new._replace(subject=subject), by=account.login, now=now)
            detail = {
                "sha256": [each.new.sha256 for each in stored],
                "bytes": [each.new.size for each in stored],
            }
            audit.append_acts(session, [Act(now, account.login, f"{kind}_asked", subject, detail)])
    except BaseException:
        forget(context, stored)
        raise
    oplog.write("work_asked", work=work_id, kind=kind)
    return work_id


def new_import(stored: Sequence[Stored], source: str) -> Import:
    """What is to be loaded, as far as an upload says."""
    return Import(
        tuple(each.inbox_path for each in stored), tuple(each.new.name for each in stored), source=source
    )
