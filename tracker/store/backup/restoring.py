"""Bringing a backup back: everything is checked before anything is changed, then it takes the place of an empty or old store.

The copy is unpacked, held against its manifest, brought to the newest revision and given its entry in the log beside
its target; then its files are moved in and, last, the database: one renaming on SQLite, one transaction on PostgreSQL.
"""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tracker.errors import UnusableFile, UsageError
from tracker.store.backup import archive, copies, encryption, targets
from tracker.store.backup.archive import PRIVATE, Reader, Watch
from tracker.store.backup.filing import Filing
from tracker.store.backup.keys import BackupKey, grouped
from tracker.store.backup.manifest import DATABASE, FILES, Manifest, place_of
from tracker.store.backup.targets import Target
from tracker.store.backup.workplace import workplace
from tracker.store.copying import copy_store
from tracker.store.migrate import create_tables, is_known, newest_revision
from tracker.store.session import Session, open_store

DECRYPTING = "Giải mã và đối chiếu bản sao lưu"
UNPACKING = "Giải nén và đối chiếu bản sao lưu"
Note = Callable[[Session, Manifest, str], None]


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What to restore where: the file, the address of the database, the data folder, and whether an old store may go.

    `key`: what an encrypted file is opened with; a file in the clear asks for none. `as_it_was`: the way back from an upgrade,
    the database stays at the revision of the backup, for the program of that time; a PostgreSQL database is exchanged as well.
    """

    file: Path
    url: str
    data_dir: Path
    now: datetime
    may_replace: bool = False
    key: BackupKey | None = None
    as_it_was: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """A store that was put in place; `kept`: where the old database and its differing files are now, if there were any."""

    manifest: Manifest
    sha256: str
    revision: str
    kept: tuple[Path, ...]


def restore(plan: RestorePlan, note: Note, watch: Watch) -> Restored:
    """Put a backup in place of the store. `note` writes to the log of the restored store before anybody sees it.

    Raises:
        UsageError: there is a store already, and it was not said that it may be replaced; or an encrypted file, and no key.
        UnusableFile: the backup is not whole, of a newer program, or encrypted by another key.
        WorkFailed: the store is in use or cannot be replaced; it is as it was.
    """
    target = _target(plan)
    with copies.told(), ExitStack() as stack:
        file, sha256 = _in_the_clear(plan, stack, watch)
        place = stack.enter_context(workplace(plan.data_dir.resolve()))
        home = target.file.parent if target.file else plan.data_dir
        beside = place if home.resolve() == plan.data_dir.resolve() else stack.enter_context(workplace(home))
        copy = beside / DATABASE
        with archive.reading(file) as reader:
            _unpack(reader, copy, place, watch)
            _require_told(plan.file.name, reader.manifest, copy, watch)
            manifest = reader.manifest
        revision = manifest.revision if plan.as_it_was else _bring_up(plan.file.name, manifest, copy)
        with closing(open_store(f"sqlite:///{copy.as_posix()}")) as store, store.transaction() as session:
            note(session, manifest, sha256)
        copies.settle(copy)
        target = _target(plan)  # somebody may have begun meanwhile
        kept = _put_in_place(plan, manifest, target, (place, copy), watch)
    return Restored(manifest, sha256, revision, kept)


def manifest_of(plan: RestorePlan, watch: Watch) -> Manifest:
    """What a backup says of itself, once it has been proved from its first byte to its last.

    Raises:
        UsageError: it is encrypted, and there is no key.
        UnusableFile: it is not whole, or encrypted by another key.
    """
    with copies.told(), ExitStack() as stack:
        file, _sha256 = _in_the_clear(plan, stack, watch)
        with archive.reading(file) as reader:
            return reader.manifest


def _target(plan: RestorePlan) -> Target:
    if plan.as_it_was and copies.kind_of(plan.url) == copies.POSTGRESQL:
        return Target(None, False)
    return targets.look_at(plan.url, may_replace=plan.may_replace)


# ---------------------------------------------------------------- checking


def _in_the_clear(plan: RestorePlan, stack: ExitStack, watch: Watch) -> tuple[Path, str]:
    """The sealed zip, proved from its first byte to its last, and the SHA-256 of the file that was given."""
    if not encryption.is_encrypted(plan.file):
        return plan.file, archive.require_seal(plan.file, watch)
    if plan.key is None:
        raise UsageError(
            f"{plan.file.name} là bản sao lưu mã hóa bằng khóa có dấu "
            f"{grouped(encryption.made_with(plan.file))}; hãy thêm --key-file KHÓA"
        )
    size, done = plan.file.stat().st_size, 0

    def pulse(count: int) -> None:
        nonlocal done
        done += count
        watch(done, size, DECRYPTING)

    opened = stack.enter_context(workplace(plan.data_dir.resolve())) / plan.file.name
    opened.touch(PRIVATE)
    with opened.open("r+b") as out:
        sha256 = encryption.decrypt(plan.file, out, plan.key, pulse)
    archive.require_seal(opened, watch)
    return opened, sha256


def _unpack(reader: Reader, copy: Path, place: Path, watch: Watch) -> None:
    """All members, each as its manifest says."""
    manifest = reader.manifest
    total, done = sum(member.size for member in manifest.members), 0

    def pulse(count: int) -> None:
        nonlocal done
        done += count
        watch(done, total, UNPACKING)

    reader.extract(manifest.member(DATABASE), copy, pulse)
    for member in manifest.files:
        path = place / FILES / place_of(member)
        path.parent.mkdir(parents=True, exist_ok=True)
        reader.extract(member, path, pulse)


def _require_told(name: str, manifest: Manifest, copy: Path, watch: Watch) -> None:
    """The database is whole and what the manifest says; the files are those that its rows name."""
    copies.require_whole(copy, watch)
    if copies.revision_in(copy) != manifest.revision or copies.rows_in(copy) != manifest.tables:
        raise UnusableFile(name, f"{DATABASE} không phải là những gì bản kê nói")
    named = set(copies.named_files(copy))
    if strange := [member.name for member in manifest.files if place_of(member) not in named]:
        raise UnusableFile(name, f"{strange[0]} không thuộc kho dữ liệu này")


def _bring_up(name: str, manifest: Manifest, copy: Path) -> str:
    """The copy at the newest revision; nobody else sees it yet."""
    with closing(open_store(f"sqlite:///{copy.as_posix()}")) as store:
        newest = newest_revision()
        if not is_known(manifest.revision):
            raise UnusableFile(
                name,
                f"bản sao lưu do chương trình mới hơn làm (chương trình {manifest.version}, cơ sở dữ liệu phiên bản "
                f"{manifest.revision}; chương trình này đến {newest}). Hãy cập nhật chương trình rồi khôi phục",
            )
        if manifest.revision != newest:
            create_tables(store)
    return newest


# ---------------------------------------------------------------- putting in place


def _put_in_place(
    plan: RestorePlan, manifest: Manifest, target: Target, made: tuple[Path, Path], watch: Watch
) -> tuple[Path, ...]:
    place, copy = made
    home = plan.data_dir.resolve()
    kept = targets.dated(target.file or home / "dunghen", plan.now)
    filed = Filing(place, home, waits_for=copy, aside=home / targets.files_of(kept).name)
    with filed as filing:
        for number, member in enumerate(manifest.files, 1):
            watch(number, len(manifest.files), "Đưa tệp vào thư mục dữ liệu")
            filing.move_in(place / FILES / place_of(member), place_of(member))
        if target.file is None and plan.as_it_was:
            targets.exchange_on_server(plan.url, copy, manifest.revision, lambda words: watch(0, None, words))
            copy.unlink()
        elif target.file is None:
            targets.clear_catalogues(plan.url)
            copy_store(copy.as_posix(), plan.url, lambda words: watch(0, None, words))
            copy.unlink()
        else:
            targets.swap(copy, target.file, kept if target.is_full else None)
    return ((kept,) if target.is_full else ()) + ((filed.aside,) if filed.aside.is_dir() else ())
