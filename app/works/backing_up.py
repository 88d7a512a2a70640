"""Backups of the store, by hand and by the nightly job, which removes those that are older than the last good ones."""

import re
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from app.access import Role
from app.context import AppContext
from app.grip import Grip
from app.notices import Notice, tell
from tracker.errors import UnusableFile, UsageError
from tracker.store import audit
from tracker.store.audit import Act
from tracker.store.backup import archive, encryption
from tracker.store.backup.archive import Watch
from tracker.store.backup.copies import told
from tracker.store.backup.keys import BackupKey, read_key, require_outside
from tracker.store.backup.writing import Backup, BackupPlan, back_up
from tracker.store.locks import Lock, hold
from tracker.types import VN

ACTOR = "backup"
# Only what the job itself has written is ever removed by it.
NAME = re.compile(r"dunghen-(\d{8}-\d{6})\.(zip|enc)")
# A newest backup that is older is looked after.
BACKUP_AFTER = timedelta(days=2)
LOOKING = "Kiểm tra các bản sao lưu trước"


def make_backup(context: AppContext, target: Path, watch: Watch, key: BackupKey | None) -> Backup:
    """Back the store up into a file, encrypted where there is a key, read back whole; the caller writes to the log.

    Raises:
        UsageError: something else than a backup lies there.
        WorkFailed: it could not be made; no new file lies there.
    """
    config = context.config
    plan = BackupPlan(config.database_url, config.data_dir, target, context.now(), program_version(), key)
    return back_up(plan, watch)


def backup_key(context: AppContext, given: Path | None) -> BackupKey | None:
    """The key of a file that was given, else that of the configuration, else none.

    Raises:
        UsageError: it cannot be read, others may read it, or it lies with the data or the backups.
    """
    path = given or context.config.backup.key_file
    if path is None:
        return None
    require_outside(
        path, {"thư mục dữ liệu": context.data_dir, "thư mục sao lưu": context.config.backup.folder}
    )
    return read_key(path)


def key_fault(context: AppContext) -> str:
    """Why the key of the configuration cannot be used; empty: it can, or there is none."""
    try:
        backup_key(context, None)
    except UsageError as fault:
        return f"Bản sao lưu không mã hóa được: {fault}."
    return ""


def newest_backup(folder: Path) -> datetime | None:
    """When the newest backup was made, None without one: by the names that the nightly job gives, in the office's time."""
    names = (NAME.fullmatch(path.name) for path in folder.iterdir()) if folder.is_dir() else ()
    moments = [found[1] for found in names if found]
    return datetime.strptime(max(moments), "%Y%m%d-%H%M%S").replace(tzinfo=VN) if moments else None


def program_version() -> str:
    """The version of the installed program; empty where it runs out of its sources."""
    try:
        return version("dunghen")
    except PackageNotFoundError:
        return ""


def backup_detail(made: Backup) -> Mapping[str, Any]:
    """What the log says of a backup."""
    manifest = made.manifest
    return {
        "rows": manifest.rows,
        "files": len(manifest.files),
        "absent": len(manifest.absent),
        "bytes": made.size,
        "sha256": made.sha256,
        "encrypted": made.is_encrypted,
    }


def keep_backups(grip: Grip, day: date) -> None:
    """Write the backup of the night, and remove older ones once it is proved."""
    context, begun = grip.context, time.monotonic()
    folder = context.config.backup.folder
    with told():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = backup_key(context, None)
        name = f"dunghen-{context.now():%Y%m%d-%H%M%S}.{'enc' if key else 'zip'}"
        made = make_backup(context, folder / name, grip.progress, key)
        removed, damaged = _thin_out(grip, made, key)
    result = {
        "file": made.path.name,
        "rows": made.manifest.rows,
        "sha256": made.sha256,
        "encrypted": made.is_encrypted,
        "seconds": round(time.monotonic() - begun, 1),
        "absent": len(made.manifest.absent),
        "removed": removed,
        "damaged": len(damaged),
    }
    with context.store.transaction() as session:
        hold(session, Lock.OUTBOX)  # before our own row and the log: one order of locks for everybody
        grip.finish_in(session, result)
        for name in damaged:
            tell(session, context.config, _notice(name), grip.now(), roles={Role.ADMIN})
        audit.append_acts(
            session, [Act(grip.now(), ACTOR, "backup", f"backup:{made.path.name}", backup_detail(made))]
        )


def _thin_out(grip: Grip, made: Backup, key: BackupKey | None) -> tuple[int, list[str]]:
    """Remove what is older than the last good backups; how many went, and which of those kept are damaged."""
    good, removed, damaged = 1, 0, []
    before = [each for each in made.path.parent.iterdir() if NAME.fullmatch(each.name) and each != made.path]
    for path in sorted(before, key=written_at, reverse=True):
        if good >= grip.context.config.backup.kept:
            _remove(grip, path)
            removed += 1
        elif _is_of_another_key(path, key):
            continue  # nothing can be said of it, so it neither counts nor is it called damaged
        elif _is_good(grip, path, key):
            good += 1
        else:
            damaged.append(path.name)
    return removed, damaged


def written_at(path: Path) -> str:
    """What orders the files of the job: the moment in the name, whatever its ending."""
    return path.name[: path.name.index(".")]


def _is_of_another_key(path: Path, key: BackupKey | None) -> bool:
    try:
        return encryption.is_encrypted(path) and (key is None or encryption.made_with(path) != key.mark)
    except UnusableFile:  # too short to tell: damaged
        return False


def _is_good(grip: Grip, path: Path, key: BackupKey | None) -> bool:
    try:
        if key is not None and encryption.is_encrypted(path):
            encryption.require_whole(path, key, lambda done: grip.progress(done, None, LOOKING))
        elif path.suffix == ".enc":  # no longer says what it is
            return False
        else:
            archive.require_seal(path, lambda done, total, _words: grip.progress(done, total, LOOKING))
    except UnusableFile:
        return False
    return True


def _remove(grip: Grip, path: Path) -> None:
    """Gone and written down, both or neither."""
    size, sha256 = path.stat().st_size, archive.sum_of(path)
    with grip.context.store.transaction() as session:
        act = Act(
            grip.now(), ACTOR, "backup_removed", f"backup:{path.name}", {"sha256": sha256, "size": size}
        )
        audit.append_acts(session, [act])
        path.unlink()


def _notice(name: str) -> Notice:
    return Notice(
        "watchdog",
        f"backup_damaged:{name}",
        "Có bản sao lưu đã hỏng",
        f"Tệp {name} trong thư mục sao lưu không còn nguyên vẹn và không được tính vào số bản được giữ. "
        "Hãy kiểm tra ổ đĩa. Bản sao lưu mới nhất đã được kiểm tra và dùng được.",
    )
