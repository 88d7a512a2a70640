"""Making a backup: a consistent copy of the database, the files that its rows name, sealed, read back, then renamed.

With a key it is made in the data folder and encrypted on its way to the target: beside that nothing ever lies in the clear.

Killed at any moment it leaves no file under the final name. Memory does not grow with the store; each file costs about
a kilobyte for the manifest.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from tracker.errors import UnusableFile, UsageError, WorkFailed
from tracker.store.backup import archive, copies, encryption
from tracker.store.backup.archive import PRIVATE, Watch, Writer
from tracker.store.backup.keys import BackupKey
from tracker.store.backup.manifest import DATABASE, FILES, Manifest, may_be_kept
from tracker.store.backup.workplace import workplace
from tracker.store.migrate import newest_revision, revision
from tracker.store.models import KeptFile, Letter
from tracker.store.session import open_store

GATHERING = "Gom tệp của kho dữ liệu"
ENCRYPTING, PROVING = "Mã hóa bản sao lưu", "Đọc lại bản sao lưu đã mã hóa"
# A letter that is corrected between the copy of the database and that of its file asks for both once more.
ATTEMPTS = 3
ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """What to back up into which file: the address of the database, the data folder, the moment and the program's version.

    `key`: what it is encrypted with; None: it is not.
    """

    url: str
    data_dir: Path
    target: Path
    now: datetime
    version: str
    key: BackupKey | None = None


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written and read back whole."""

    path: Path
    sha256: str
    size: int
    manifest: Manifest
    is_encrypted: bool = False


def is_backup(path: Path) -> bool:
    """Does the file say that it is a backup, encrypted or not?"""
    return archive.is_backup(path) or encryption.is_encrypted(path)


def require_target(target: Path) -> None:
    """Only a backup may be replaced by a backup.

    Raises:
        UsageError: something else lies there.
    """
    if target.is_dir():
        raise UsageError(f"{target} là một thư mục; cần tên của một tệp")
    if target.exists() and not is_backup(target):
        raise UsageError(f"{target} đã có và không phải tệp sao lưu; hãy chọn tên khác")


def back_up(plan: BackupPlan, watch: Watch) -> Backup:
    """Write a backup and read it back.

    Raises:
        UsageError: the target is something that must not be replaced.
        WorkFailed: the database or the disk failed; nothing new lies under the final name.
    """
    require_target(plan.target)
    with copies.told(), ExitStack() as stack:
        beside = stack.enter_context(workplace(plan.target.parent))
        place = beside if plan.key is None else stack.enter_context(workplace(plan.data_dir))
        for attempt in range(1, ATTEMPTS + 1):
            made = _written(plan, place, watch)
            if attempt == ATTEMPTS or not _were_replaced(plan.url, made.absent):
                break
        packed = place / "backup.zip"
        manifest, sha256 = _read_back(packed, watch)
        if plan.key is not None:
            packed, sha256 = _encrypted(packed, beside / "backup.enc", plan.key, watch)
        size = packed.stat().st_size
        os.replace(packed, plan.target)
    return Backup(plan.target, sha256, size, manifest, plan.key is not None)


def _encrypted(packed: Path, target: Path, key: BackupKey, watch: Watch) -> tuple[Path, str]:
    """The sealed zip encrypted, on the disk, and read back by the same key; its SHA-256."""
    size, done = packed.stat().st_size, 0

    def pulse(words: str, count: int) -> None:
        nonlocal done
        done += count
        watch(done, size, words)

    target.touch(PRIVATE)
    with packed.open("rb") as source, target.open("r+b") as out:
        encryption.encrypt(source, out, key, lambda count: pulse(ENCRYPTING, count))
        out.flush()
        os.fsync(out.fileno())
    done, proof = 0, archive.Sums()
    sha256 = encryption.decrypt(target, proof, key, lambda count: pulse(PROVING, count))
    if proof.sha256 != archive.sum_of(packed):
        raise WorkFailed("Bản sao lưu vừa mã hóa đọc lại không đúng.")
    return target, sha256


def _read_back(packed: Path, watch: Watch) -> tuple[Manifest, str]:
    try:
        return archive.check(packed, watch)
    except UnusableFile as fault:  # of our own making: worth another try
        raise WorkFailed(f"Bản sao lưu vừa ghi đọc lại không đúng: {fault.reason}.") from fault


def _written(plan: BackupPlan, place: Path, watch: Watch) -> Manifest:
    copy, packed = place / DATABASE, place / "backup.zip"
    copy.unlink(missing_ok=True)
    packed.unlink(missing_ok=True)
    copies.copy_database(plan.url, copy, watch)
    with archive.writing(packed, plan.now) as writer:
        size, done = copy.stat().st_size, 0

        def pulse(count: int) -> None:
            nonlocal done
            done += count
            watch(done, size, "Nén cơ sở dữ liệu")

        with copy.open("rb") as stream:
            writer.add(DATABASE, stream, pulse)
        absent = _gather(plan, copy, writer, watch)
        manifest = Manifest(
            version=plan.version,
            revision=copies.revision_in(copy),
            made_at=plan.now,
            kind=copies.kind_of(plan.url),
            tables=copies.rows_in(copy),
            members=tuple(writer.members),
            absent=tuple(absent),
        )
        writer.end(manifest)
    return manifest


def _gather(plan: BackupPlan, copy: Path, writer: Writer, watch: Watch) -> list[str]:
    """Put the files of the store in; the places of those that could not be."""
    absent = []
    for number, place in enumerate(copies.named_files(copy), 1):
        watch(number, None, GATHERING)
        path = plan.data_dir / place
        if not (may_be_kept(place) and path.is_file()):
            absent.append(place)
            continue
        try:
            stream = path.open("rb")
        except FileNotFoundError:  # gone since
            absent.append(place)
            continue
        with stream:
            writer.add(FILES + place, stream)
    return absent


def _were_replaced(url: str, absent: Sequence[str]) -> bool:
    """Does the store no longer name one of the files that were not there? Then its letter was written anew meanwhile."""
    store = open_store(url)
    try:
        if not absent or revision(store) != newest_revision():
            return False
        named: set[str] = set()
        with store.read() as session:
            for start in range(0, len(absent), ASKED_AT_ONCE):
                some = absent[start : start + ASKED_AT_ONCE]
                for column in (Letter.file, Letter.signed_file, KeptFile.path):
                    named.update(session.scalars(select(column).where(column.in_(some))))
        return not named.issuperset(absent)
    finally:
        store.close()
