"""Files below the data folder that tell of people who are to be erased: found, removed with proof, or named for a person."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from app.context import AppContext
from tracker.measures.mentions import Mentions, without_tags
from tracker.store import audit, kept_files
from tracker.store.audit import Act
from tracker.store.privacy import emptying, loose
from tracker.store.privacy.loose import FileThere

TEXTS = frozenset({".csv", ".txt", ".json", ".jsonl", ".html", ".htm", ".ics", ".xml", ".tsv"})
PIECE, OVERLAP = 4 << 20, 512
# A member that says it is larger is no list of dossiers.
MOST_MEMBER, MOST_DEPTH = 1 << 30, 2
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
BROKEN = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError)
ASKED = "asked"


@dataclass(frozen=True, slots=True)
class FilesLooked:
    """Kept files that tell of them, and those in which nobody can look (PDF, old workbooks)."""

    telling: tuple[FileThere, ...]
    closed: tuple[FileThere, ...]


def look(context: AppContext, mentions: Mentions) -> FilesLooked:
    """Look into every kept file that is there."""
    with context.store.read() as session:
        there = loose.files_there(session)
    telling, closed = [], []
    for file in there:
        path = context.data_dir / file.path
        found = tells_of(path, mentions) if path.is_file() else False
        if found:
            telling.append(file)
        elif found is None:
            closed.append(file)
    return FilesLooked(tuple(telling), tuple(closed))


def tells_of(path: Path, mentions: Mentions) -> bool | None:
    """Does a file name any of them? None: it does not seem so, but not all of it can be read."""
    try:
        with path.open("rb") as stream:
            return _tells(stream, path.suffix.lower(), mentions, 0)
    except BROKEN:
        return None


def _tells(stream: BinaryIO, ending: str, mentions: Mentions, depth: int) -> bool | None:
    if zipfile.is_zipfile(stream):
        stream.seek(0)
        return _in_zip(stream, mentions, depth)
    stream.seek(0)
    if any(mentions.in_text(text) for text in _pieces(stream)):
        return True
    return False if ending in TEXTS or ending == "" or depth else None


def _in_zip(stream: BinaryIO, mentions: Mentions, depth: int) -> bool | None:
    is_sure: bool | None = False
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            ending = Path(member.filename).suffix.lower()
            if member.file_size > MOST_MEMBER or (
                ending in (".zip", ".docx", ".xlsx") and depth >= MOST_DEPTH
            ):
                is_sure = None
                continue
            with archive.open(member) as inner:
                found = _tells(inner, ending, mentions, depth + 1)  # type: ignore[arg-type]
            if found:
                return True
    return is_sure


def _pieces(stream: BinaryIO) -> Iterator[str]:
    """The text of a file piece by piece, overlapping, without tags; of UTF-16 as well, as old workbooks hold it."""
    before = b""
    while body := stream.read(PIECE):
        whole = before + body
        text = whole.decode("utf-8", "replace")
        if "\\u" in text:
            text = ESCAPED.sub(lambda hit: chr(int(hit[1], 16)), text)
        yield without_tags(text)
        if b"\0" in whole:
            yield whole.decode("utf-16-le", "replace")
            yield whole[1:].decode("utf-16-le", "replace")
        before = whole[-OVERLAP:]


# ---------------------------------------------------------------- removing


def remove_kept(context: AppContext, files: Sequence[FileThere], actor: str, now: datetime) -> int:
    """Remove kept files, each with an entry in the log that holds its hash; how many there were."""
    for file in files:
        (context.data_dir / file.path).unlink(missing_ok=True)
        detail = {"kind": file.kind, "sha256": file.sha256, "size": file.size, "how": ASKED}
        with context.store.transaction() as session:
            if kept_files.note_gone(session, file.file_id, how=ASKED, at=now):
                audit.append_acts(session, [Act(now, actor, "file_deleted", f"file:{file.file_id}", detail)])
    return len(files)


def remove_letters(context: AppContext, files: Sequence[tuple[int, str, str]], act: Act) -> int:
    """Remove the files of letters, then say in the store that they are gone; how many there were.

    In this order: a file that no row names any more would be found by nobody.
    """
    removed = 0
    for _letter, file, signed in files:
        for name in (file, signed):
            for path in _with_versions(context.data_dir / name) if name else ():
                path.unlink(missing_ok=True)
                removed += 1
    if files:
        letters = [number for number, _file, _signed in files]
        with context.store.transaction() as session:
            emptying.forget_files(session, letters)
            detail = {**act.detail, "letters": letters, "files": removed}
            audit.append_acts(session, [Act(act.at, act.actor, act.action, act.subject, detail)])
    return removed


def _with_versions(path: Path) -> list[Path]:
    """A letter's file and what was made of it: the numbered one, the PDF."""
    stem = path.stem.partition("~")[0]
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    return sorted(each for each in beside if each.is_file() and each.stem.partition("~")[0] == stem)
