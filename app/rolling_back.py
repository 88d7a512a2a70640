"""The way back from an upgrade: the backup of before it put in place again as it was, for the program of that time."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.context import AppContext
from app.upgrading import BEFORE_UPGRADE, IN_USE, OPERATOR, backed_up
from tracker.errors import UsageError, WorkFailed
from tracker.store import audit
from tracker.store.audit import Act
from tracker.store.backup.archive import Watch
from tracker.store.backup.copies import POSTGRESQL, kind_of
from tracker.store.backup.keys import BackupKey
from tracker.store.backup.manifest import Manifest
from tracker.store.backup.restoring import Restored, RestorePlan, manifest_of, restore
from tracker.store.in_use import is_in_use
from tracker.store.migrate import is_known, newest_revision, revision
from tracker.store.session import Session, open_store
from tracker.store.since import Since, since

BEFORE_ROLLBACK = "truoc-quay-lui"
NAME = re.compile(rf"dunghen-{BEFORE_UPGRADE}-(\d+)-(\d{{8}}-\d{{6}})\.(zip|enc)")
# The log's entry has been written in the same form since this revision.
CHAINED_SINCE = "0005"


@dataclass(frozen=True, slots=True)
class WayBack:
    """Which backup leads back to which revision, and what came into the store since."""

    plan: RestorePlan
    manifest: Manifest
    present: str
    lost: Since


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What was put in place, and where that of before lies."""

    restored: Restored
    kept: tuple[Path, ...]


def way_back(
    context: AppContext, file: Path | None, key_of: Callable[[Path], BackupKey | None], watch: Watch
) -> WayBack:
    """The backup of before the last upgrade (or this one), proved, and what would be lost; changes nothing.

    Raises:
        UsageError: the database was not upgraded since, or an encrypted backup without its key.
        WorkFailed: there is no such backup, or the database is of no revision of this program.
        UnusableFile: the backup is not whole.
    """
    config = context.config
    with closing(open_store(config.database_url)) as store:
        present = revision(store)
    if present != newest_revision():
        raise UsageError(
            f"cơ sở dữ liệu ở phiên bản {present or 'lạ'}, chưa được nâng cấp bằng chương trình này: không có gì để quay lui"
        )
    chosen = (file or newest_before_upgrade(config.backup.folder)).resolve()
    plan = RestorePlan(
        chosen, config.database_url, config.data_dir, context.now(), True, key_of(chosen), True
    )  # fmt: skip
    manifest = manifest_of(plan, watch)
    if not is_known(manifest.revision) or manifest.revision == present:
        raise UsageError(
            f"{chosen.name} ở phiên bản {manifest.revision}, không phải của trước khi nâng cấp lên {present};"
            " để khôi phục một bản sao lưu khác: dunghen restore"
        )
    with closing(open_store(config.database_url)) as store, store.read() as session:
        return WayBack(plan, manifest, present, since(session, manifest.made_at))


def newest_before_upgrade(folder: Path) -> Path:
    """The last backup that an upgrade made.

    Raises:
        WorkFailed: there is none.
    """
    found = [path for path in folder.glob("*") if NAME.fullmatch(path.name)]
    if not found:
        raise WorkFailed(
            f"Không có bản sao lưu trước khi nâng cấp ở {folder}. Nêu tệp: dunghen db rollback TỆP; hoặc khôi phục bản"
            " sao lưu khác: dunghen restore TỆP."
        )
    return max(found, key=lambda path: path.stem[-len("YYYYMMDD-HHMMSS") :])


def roll_back(context: AppContext, way: WayBack, watch: Watch) -> RolledBack:
    """Put it in place. The database of now stays beside (SQLite) or goes into a backup of its own first (PostgreSQL).

    Raises:
        UsageError: others are at work.
        WorkFailed: it could not be done; everything is as it was.
    """
    if is_in_use(way.plan.url):
        raise UsageError(IN_USE)
    kept: Sequence[Path] = ()
    if kind_of(way.plan.url) == POSTGRESQL:
        kept = (backed_up(context, BEFORE_ROLLBACK, watch).path,)

    def note(session: Session, manifest: Manifest, sha256: str) -> None:
        if manifest.revision < CHAINED_SINCE:
            return
        detail: Mapping[str, object] = {
            "before": way.present,
            "after": manifest.revision,
            "made_at": manifest.made_at.isoformat(),
            "sha256": sha256,
            "batches": way.lost.batches,
            "numbered": way.lost.letters_numbered,
        }
        audit.append_acts(session, [Act(context.now(), OPERATOR, "db_rollback", "database", detail)])

    done = restore(way.plan, note, watch)
    return RolledBack(done, (*kept, *done.kept))
