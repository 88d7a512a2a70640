"""An upgrade as an operator does it: nobody at work, a backup that was read back, one step, and a look at what came of it."""

import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.context import AppContext
from app.doctor import Check, examine
from app.presenters import number
from app.works.backing_up import backup_key, make_backup
from tracker.errors import UsageError, WorkFailed
from tracker.store import audit
from tracker.store.audit import Act
from tracker.store.backup.archive import Watch
from tracker.store.backup.copies import told
from tracker.store.backup.writing import Backup
from tracker.store.in_use import is_in_use
from tracker.store.migrate import is_known, newest_revision, revision, revisions, rows_of_tables, upgrade
from tracker.store.office_state import database_bytes
from tracker.store.session import Store, open_store

OPERATOR = "operator"
# No name of the nightly job's: what was made before an upgrade is never removed by it.
BEFORE_UPGRADE = "truoc-nang-cap"
# What is looked at afterwards: what takes seconds on the largest store.
CHEAP = ("catalogue", "access", "calendar", "disk")
MEBIBYTE = 1 << 20
IN_USE = (
    "Cơ sở dữ liệu đang được một tiến trình khác của chương trình dùng. Hãy dừng dunghen serve, worker, scheduler và mọi"
    " lệnh khác rồi chạy lại; không có gì bị thay đổi."
)
NO_ROOM = (
    "Không đủ chỗ cho bản sao lưu trước khi nâng cấp: cần khoảng {needed} MiB, {folder} còn {free} MiB. Không có gì bị"
    " thay đổi. Giải phóng chỗ, hoặc đặt [store] backup_dir ở ổ đĩa khác, hoặc tự sao lưu rồi thêm --no-backup."
)


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did; `shrunk`: tables that hold fewer rows than before, which must not be."""

    before: str | None
    after: str
    backup: Backup | None
    checks: tuple[Check, ...]
    shrunk: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        """Is there nothing to be looked at?"""
        return not self.shrunk and all(each.ok for each in self.checks)


def upgrade_store(
    context: AppContext, watch: Watch, *, with_backup: bool = True, while_running: bool = False
) -> Upgraded:
    """Bring the database to the newest revision. An empty one is made; one that is there already is left alone.

    Raises:
        UsageError: others are at work and it was not said that this may be.
        WorkFailed: a newer or strange database, no room, no backup, a fault: everything is as it was.
    """
    url = context.config.database_url
    with closing(open_store(url)) as store:
        before = revision(store)
        _require_earlier(before)
        if before in (None, newest_revision()):
            return Upgraded(before, upgrade(store), None, (), ())
        rows = rows_of_tables(store)
    if not while_running and is_in_use(url):
        raise UsageError(f"{IN_USE} Nếu chắc chắn muốn nâng cấp trong lúc chạy: --while-running.")
    made = backed_up(context, f"{BEFORE_UPGRADE}-{before}", watch) if with_backup else None
    with closing(open_store(url)) as store:
        _migrate(context, store, str(before))
        _note(context, store, str(before), made)
        now = rows_of_tables(store)
    shrunk = tuple(sorted(name for name, count in rows.items() if now.get(name, 0) < count))
    return Upgraded(before, newest_revision(), made, examine(context, of=CHEAP), shrunk)


def _require_earlier(present: str | None) -> None:
    if present is not None and not is_known(present):
        raise WorkFailed(
            f"Cơ sở dữ liệu ở phiên bản {present} của một chương trình mới hơn (chương trình này đến {newest_revision()})."
            " Không có gì bị thay đổi; hãy chạy bản chương trình mới."
        )


def _migrate(context: AppContext, store: Store, before: str) -> None:
    steps = revisions()[revisions().index(before) + 1 :]
    context.progress(f"Nâng cấp cơ sở dữ liệu {before} → {steps[-1]} ({len(steps)} bước, một giao dịch)…")
    upgrade(store, lambda step, _upward: context.progress(f"  xong bước {step}"))


def backed_up(context: AppContext, kind: str, watch: Watch) -> Backup:
    """A backup of the database as it is, read back, where the nightly ones lie."""
    folder, key = context.config.backup.folder, backup_key(context, None)
    with told():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_room(context, folder)
    name = f"dunghen-{kind}-{context.now():%Y%m%d-%H%M%S}.{'enc' if key else 'zip'}"
    context.progress(f"Sao lưu trước vào {folder / name}…")
    return make_backup(context, (folder / name).resolve(), watch, key)


def _require_room(context: AppContext, folder: Path) -> None:
    """A copy of the database, its packed form and the files beside; what is packed is rarely more than half."""
    with closing(open_store(context.config.database_url)) as store, store.read() as session:
        needed = database_bytes(session) * 3 // 2
    letters = context.data_dir / "letters"
    needed += sum(path.stat().st_size for path in letters.rglob("*") if path.is_file())
    free = shutil.disk_usage(folder).free
    if free < needed:
        rounded = -(-needed // MEBIBYTE)
        raise WorkFailed(NO_ROOM.format(needed=number(rounded), folder=folder, free=number(free // MEBIBYTE)))


def _note(context: AppContext, store: Store, before: str, made: Backup | None) -> None:
    detail = {"before": before, "after": newest_revision()}
    if made is not None:
        detail |= {"backup": made.path.name, "sha256": made.sha256}
    with store.transaction() as session:
        audit.append_acts(session, [Act(context.now(), OPERATOR, "db_upgrade", "database", detail)])
