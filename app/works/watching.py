"""Watched folders: what is copied there is loaded once, then moved to `done` or `failed` beside it.

Nothing is remembered but in the table of work, whose key is the hash of the bytes: killed at any moment, the next look goes
on. A file is taken when it was the same in two looks; one file of a folder at a time, the oldest first.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from app.access import Role
from app.context import AppContext
from app.grip import Grip
from app.ingest_plan import ingest_plan
from app.layout_choice import layout_for
from app.notices import Notice, tell
from app.works.keeping import described, keep_in
from tracker.errors import UnusableFile, WorkFailed
from tracker.pipeline import ingest
from tracker.store import audit, batches, kept_files, work
from tracker.store.audit import Act
from tracker.store.session import Session
from tracker.types.work import WorkRequest, WorkRow, WorkState

ASKER = "watch"
DONE, FAILED = "done", "failed"
# What other programs call a file that they are still writing; Office puts such a file beside an open one.
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
HIDDEN = (".", "~")
SETTLED = {WorkState.DONE: DONE, WorkState.DEAD: FAILED, WorkState.CANCELLED: FAILED}
CHANGED = "tệp đã thay đổi trong lúc nạp; hãy chép lại tệp đầy đủ"


class Look(NamedTuple):
    """A file as one look finds it."""

    size: int
    changed_ns: int


class Found(NamedTuple):
    """A file that may be taken: of which source, where, and the hash of its bytes."""

    source: str
    path: Path
    sha256: str

    def key(self, turn: int) -> str:
        """The key of its work; `turn` counts how often somebody has put a file back that could not be used."""
        return f"watched:{self.source}:{self.sha256}:{turn}"


@dataclass
class FolderWatch:
    """Looks when asked, about once a minute. What it remembers of its last look is only how large and new files were."""

    _seen: dict[Path, Look] = field(default_factory=dict)
    _hashes: dict[tuple[Path, Look], str] = field(default_factory=dict)

    def watch(self, context: AppContext, now: datetime) -> None:
        """Look into every folder of the configuration: ask for what is complete, put away what is done."""
        seen: dict[Path, Look] = {}
        for source, folder in context.config.ingest.watch:
            looks = _looks(folder)
            seen |= looks
            complete = [path for path, look in looks.items() if self._seen.get(path) == look]
            self._go_on(
                context, source, sorted(complete, key=lambda path: (looks[path].changed_ns, path.name)), now
            )
        self._seen = seen
        self._hashes = {
            known: digest for known, digest in self._hashes.items() if seen.get(known[0]) == known[1]
        }

    def _go_on(self, context: AppContext, source: str, paths: list[Path], now: datetime) -> None:
        for path in paths:
            found = Found(source, path, self._hash(path))
            row, turn = _work_of(context, found)
            if row is None:
                _ask(context, found, turn, now)
                return
            if row.state not in SETTLED:
                return  # one at a time: what came later must not be loaded before
            _put_away(context, found, row, now)

    def _hash(self, path: Path) -> str:
        known = path, _look(path)
        if known not in self._hashes:
            with path.open("rb") as stream:
                self._hashes[known] = hashlib.file_digest(stream, "sha256").hexdigest()
        return self._hashes[known]


def _looks(folder: Path) -> dict[Path, Look]:
    if not folder.is_dir():
        return {}
    return {path: _look(path) for path in folder.iterdir() if _may_be_taken(path)}


def _look(path: Path) -> Look:
    told = path.stat()
    return Look(told.st_size, told.st_mtime_ns)


def _may_be_taken(path: Path) -> bool:
    is_hidden = path.name.startswith(HIDDEN) or path.name.lower().endswith(UNFINISHED)
    return not is_hidden and not path.is_symlink() and path.is_file()


# ---------------------------------------------------------------- asking


def _work_of(context: AppContext, found: Found) -> tuple[WorkRow | None, int]:
    """The work that these bytes stand for, and its turn; none where they came back after they could not be used."""
    turn = 1
    while True:
        with context.store.read() as session:
            row = work.find_key(session, found.key(turn))
            is_put_away = row is not None and bool(kept_files.of_subject(session, f"work:{row.work_id}"))
        if row is None or not (is_put_away and SETTLED.get(row.state) == FAILED):
            return row, turn
        turn += 1


def _ask(context: AppContext, found: Found, turn: int, now: datetime) -> None:
    params = {"path": str(found.path), "source": found.source, "sha256": found.sha256}
    request = WorkRequest("load_watched", found.key(turn), params, ASKER)
    detail = {"source": found.source, "sha256": found.sha256}
    with context.store.transaction() as session:
        work_id = work.ask(session, request, now)
        audit.append_acts(session, [Act(now, ASKER, "load_watched_asked", f"work:{work_id}", detail)])


# ---------------------------------------------------------------- putting away


def _put_away(context: AppContext, found: Found, row: WorkRow, now: datetime) -> None:
    """Move the file beside, and write down where; first that, so that no file lies anywhere unknown."""
    outcome = SETTLED[row.state]
    target = _free(found.path.parent / outcome, found)
    target.parent.mkdir(exist_ok=True)
    subject = f"work:{row.work_id}"
    new = described(context, "watched", found.path, found.path.name, subject)
    new = new._replace(path=_where(context, target))
    with context.store.transaction() as session:
        if outcome == FAILED:
            tell(session, context.config, _notice(found, row), now, roles={Role.ADMIN})
        keep_in(session, context, new, by=ASKER, now=now)
        detail = {"source": found.source, "sha256": found.sha256, "outcome": outcome}
        audit.append_acts(session, [Act(now, ASKER, "watched_file", subject, detail)])
    os.replace(found.path, target)


def _free(folder: Path, found: Found) -> Path:
    """Where nothing lies yet; the same bytes may come again under the same name."""
    target = folder / found.path.name
    number = 1
    while target.exists():
        number += 1
        target = folder / f"{found.path.stem}-{number}{found.path.suffix}"
    return target


def _where(context: AppContext, target: Path) -> str:
    home = context.data_dir.resolve()
    return target.relative_to(home).as_posix() if target.is_relative_to(home) else target.as_posix()


def _notice(found: Found, row: WorkRow) -> Notice:
    why = row.fault or "việc nạp đã bị dừng"
    return Notice(
        "watchdog",
        f"watched:{row.work_id}",
        "Có tệp trong thư mục theo dõi không nạp được",
        f"{found.path.name} (nguồn {found.source}): {why}\nTệp nằm trong thư mục con “{FAILED}”. "
        "Sửa xong thì chép lại vào thư mục theo dõi.",
        link=f"/cong-viec/{row.work_id}",
    )


# ---------------------------------------------------------------- loading


def load_watched(grip: Grip) -> Mapping[str, Any] | None:
    """Load one watched file, if it is still the one that was found."""
    context, params = grip.context, grip.params
    path = Path(params["path"])
    if not path.is_file():
        raise UnusableFile(path.name, "tệp không còn ở trong thư mục theo dõi")
    plan = ingest_plan(
        context, params["source"], paths=(path,), now=grip.now(), actor=ASKER, origin="watched",
        mapping=layout_for(context, (path,)).mapping,
    )  # fmt: skip

    def mark(session: Session) -> None:
        batch_id, counts = batches.newest(session)
        if batches.hashes_of(session, batch_id) != [params["sha256"]]:
            raise WorkFailed(CHANGED)
        grip.finish_in(session, {"batch": batch_id, **counts})

    steps = iter(range(1, 1_000_000_000))
    ingest(
        context.store, context.config.calendar_key, plan,
        lambda words: grip.progress(next(steps), None, words), in_same_step=mark,
    )  # fmt: skip
    return None


def watched_name(row: WorkRow) -> str:
    """The name of the file."""
    return Path(row.params.get("path", "")).name
