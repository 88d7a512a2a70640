"""`dunghen backup`, `dunghen restore`: the whole store into one file, and back."""

from pathlib import Path

import click

from app.commands.shared import OPERATOR, moment_text, note_act
from app.context import AppContext
from app.options import common_options
from app.works.backing_up import backup_detail, make_backup
from tracker.store import audit, outbox_queries
from tracker.store.audit import Act
from tracker.store.backup.archive import Watch
from tracker.store.backup.manifest import Manifest
from tracker.store.backup.restoring import Restored, RestorePlan, restore
from tracker.store.backup.writing import Backup
from tracker.store.migrate import newest_revision
from tracker.store.outbox import MessageState
from tracker.store.session import Session

PRIVATE = "Tệp chứa thông tin cá nhân và không được mã hóa: giữ kín như chính kho dữ liệu."


@click.command("backup")
@common_options
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def backup_command(context: AppContext, file: Path) -> None:
    """Sao lưu toàn bộ kho dữ liệu (cơ sở dữ liệu, thư, bản đã ký) vào một tệp, rồi đọc lại để kiểm tra.

    Chương trình vẫn chạy bình thường trong lúc sao lưu. Khôi phục bằng dunghen restore.
    """
    made = make_backup(context, file.resolve(), _telling(context))
    _note(context, made)
    document = {
        "file": str(file),
        "rows": made.manifest.rows,
        "sha256": made.sha256,
        "bytes": made.size,
        "files": len(made.manifest.files),
        "absent": list(made.manifest.absent),
        "revision": made.manifest.revision,
    }
    context.answer(document, _backed_up(file, made))


def _note(context: AppContext, made: Backup) -> None:
    """Into the log; a database that still waits for its upgrade has none that we may write to."""
    if newest_revision() == made.manifest.revision:
        note_act(context, "backup", "database", backup_detail(made))
    else:
        context.progress("Cơ sở dữ liệu chưa nâng cấp: lần sao lưu này không được ghi vào nhật ký.")


def _backed_up(file: Path, made: Backup) -> str:
    manifest = made.manifest
    lines = [
        f"Đã sao lưu và đọc lại: {manifest.rows} dòng, {len(manifest.files)} tệp, {made.size / 2**20:.1f} MiB.",
        f"  {file}",
        f"SHA-256: {made.sha256}",
    ]
    if manifest.absent:
        lines.append(
            f"{len(manifest.absent)} tệp mà kho dữ liệu nhắc đến không có trong thư mục dữ liệu nên không có trong "
            f"bản sao lưu, ví dụ {manifest.absent[0]}"
        )
    return "\n".join((*lines, PRIVATE))


@click.command("restore")
@common_options
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--replace", "may_replace", is_flag=True,
    help="Thay kho dữ liệu đang có nội dung; cơ sở dữ liệu SQLite cũ được giữ lại bên cạnh dưới tên có ngày giờ.",
)  # fmt: skip
@click.pass_obj
def restore_command(context: AppContext, file: Path, may_replace: bool) -> None:
    """Khôi phục kho dữ liệu từ một bản sao lưu. Kiểm tra toàn bộ tệp trước khi thay đổi bất cứ điều gì.

    Dừng dunghen serve, worker, scheduler trước khi khôi phục.
    """
    config, waiting = context.config, 0

    def note(session: Session, manifest: Manifest, sha256: str) -> None:
        nonlocal waiting
        counts = outbox_queries.counts_by_state(session)
        waiting = sum(counts.get(state, 0) for state in (MessageState.WAITING, MessageState.SENDING))
        detail = {
            "made_at": manifest.made_at.isoformat(),
            "rows": manifest.rows,
            "sha256": sha256,
            "replace": may_replace,
        }
        audit.append_acts(session, [Act(context.now(), OPERATOR, "restore", "database", detail)])

    plan = RestorePlan(
        file.resolve(), config.database_url, config.data_dir, context.now(), may_replace=may_replace
    )
    done = restore(plan, note, _telling(context))
    document = {
        "file": str(file),
        "rows": done.manifest.rows,
        "sha256": done.sha256,
        "revision": done.revision,
        "files": len(done.manifest.files),
        "absent": list(done.manifest.absent),
        "made_at": moment_text(done.manifest.made_at),
        "kept": [str(path) for path in done.kept],
        "waiting_messages": waiting,
    }
    context.answer(document, _restored(done, waiting))


def _restored(done: Restored, waiting: int) -> str:
    manifest = done.manifest
    lines = [
        f"Đã khôi phục bản sao lưu lúc {manifest.made_at:%H:%M %d/%m/%Y}: {manifest.rows} dòng, "
        f"{len(manifest.files)} tệp. Cơ sở dữ liệu ở phiên bản {done.revision}.",
        *(f"Giữ lại bản cũ: {path}" for path in done.kept),
    ]
    if waiting:
        lines.append(
            f"{waiting} thông báo đang chờ gửi trong bản sao lưu có thể đã được gửi sau lúc sao lưu. Xem dunghen outbox "
            "list và bỏ qua những tin đã gửi (dunghen outbox cancel) trước khi chạy dunghen worker."
        )
    return "\n".join(lines)


def _telling(context: AppContext) -> Watch:
    """Each step once, to standard error."""
    told = ""

    def watch(_done: int, _total: int | None, words: str) -> None:
        nonlocal told
        if words != told:
            told = words
            context.progress(f"{words}…".replace("……", "…"))

    return watch


COMMANDS = [backup_command, restore_command]
