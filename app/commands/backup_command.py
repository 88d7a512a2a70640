"""`dunghen backup`, `dunghen restore`: the whole store into one file, encrypted where there is a key, and back."""

from pathlib import Path

import click

from app.commands.shared import OPERATOR, moment_text, note_act
from app.context import AppContext
from app.options import common_options
from app.works.backing_up import backup_detail, backup_key, make_backup
from tracker.errors import UsageError
from tracker.store import audit, outbox_queries
from tracker.store.audit import Act
from tracker.store.backup.archive import Watch
from tracker.store.backup.encryption import is_encrypted
from tracker.store.backup.keys import BackupKey, grouped, new_key, read_key, require_outside
from tracker.store.backup.manifest import Manifest
from tracker.store.backup.restoring import Restored, RestorePlan, restore
from tracker.store.backup.writing import Backup
from tracker.store.migrate import newest_revision
from tracker.store.outbox import MessageState
from tracker.store.session import Session

PRIVATE = "Tệp chứa thông tin cá nhân và không được mã hóa: giữ kín như chính kho dữ liệu."
LOCKED = "Tệp được mã hóa. Không có tệp khóa thì không ai mở được, kể cả cơ quan: giữ khóa ở nơi khác, thêm một bản."
BESIDE = "Khóa đang nằm cạnh bản sao lưu: hãy đưa nó đi nơi khác, ai lấy được cả hai thì đọc được tất cả."
KEY_FILE = click.option(
    "--key-file", metavar="KEY", type=click.Path(path_type=Path),
    help="Khóa mã hóa (tạo bằng dunghen backup --new-key TỆP); mặc định theo [backup] key_file.",
)  # fmt: skip


@click.command("backup")
@common_options
@click.argument("file", metavar="FILE", required=False, type=click.Path(path_type=Path))
@KEY_FILE
@click.option("--unencrypted", "is_plain", is_flag=True, help="Không mã hóa, dù cấu hình có khóa.")
@click.option(
    "--new-key",
    "made_key",
    metavar="KEY",
    type=click.Path(path_type=Path),
    help="Chỉ tạo một khóa mới vào tệp này.",
)
@click.pass_obj
def backup_command(
    context: AppContext, file: Path | None, key_file: Path | None, is_plain: bool, made_key: Path | None
) -> None:
    """Sao lưu toàn bộ kho dữ liệu (cơ sở dữ liệu, thư, bản đã ký) vào một tệp, rồi đọc lại để kiểm tra.

    Chương trình vẫn chạy bình thường trong lúc sao lưu. Khôi phục bằng dunghen restore. Có khóa thì tệp được mã hóa.
    """
    if made_key is not None:
        _make_key(context, file, key_file, made_key)
        return
    if file is None:
        raise UsageError("thiếu tên tệp sao lưu: dunghen backup TỆP")
    if is_plain and key_file is not None:
        raise UsageError("--unencrypted và --key-file không đi cùng nhau")
    key = None if is_plain else backup_key(context, key_file)
    if key_file is not None and key_file.resolve().parent == file.resolve().parent:
        context.progress(BESIDE)
    made = make_backup(context, file.resolve(), telling(context), key)
    _note(context, made)
    document = {
        "file": str(file),
        "rows": made.manifest.rows,
        "sha256": made.sha256,
        "bytes": made.size,
        "files": len(made.manifest.files),
        "absent": list(made.manifest.absent),
        "revision": made.manifest.revision,
        "encrypted": made.is_encrypted,
        "key": key.mark.hex() if key else None,
    }
    context.answer(document, _backed_up(file, made))


def _make_key(context: AppContext, file: Path | None, key_file: Path | None, made: Path) -> None:
    """A key and nothing else; no database is needed for it."""
    if file is not None or key_file is not None:
        raise UsageError("--new-key chỉ tạo khóa; hãy sao lưu bằng một lệnh khác")
    require_outside(
        made, {"thư mục dữ liệu": context.data_dir, "thư mục sao lưu": context.config.backup.folder}
    )
    key = new_key(made)
    document = {"key_file": str(made), "key": key.mark.hex()}
    told = (
        f"Đã tạo khóa {made}, dấu {grouped(key.mark)}. Chỉ chủ tệp đọc được. Hãy giữ thêm một bản ở nơi khác (in ra, "
        "trong két): mất khóa thì mọi bản sao lưu mã hóa bằng nó không mở được nữa.\n"
        "Để sao lưu hằng đêm được mã hóa, ghi đường dẫn của khóa vào [backup] key_file trong tệp cấu hình."
    )
    context.answer(document, told)


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
    return "\n".join((*lines, LOCKED if made.is_encrypted else PRIVATE))


@click.command("restore")
@common_options
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--replace", "may_replace", is_flag=True,
    help="Thay kho dữ liệu đang có nội dung; cơ sở dữ liệu SQLite cũ được giữ lại bên cạnh dưới tên có ngày giờ.",
)  # fmt: skip
@KEY_FILE
@click.pass_obj
def restore_command(context: AppContext, file: Path, may_replace: bool, key_file: Path | None) -> None:
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
        file.resolve(), config.database_url, config.data_dir, context.now(), may_replace,
        opening_key(context, key_file) if is_encrypted(file) else None,
    )  # fmt: skip
    done = restore(plan, note, telling(context))
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


def opening_key(context: AppContext, given: Path | None) -> BackupKey | None:
    """What to open a backup with. Wherever it lies: a key on a stick of an emergency is no time for reproaches."""
    path = given or context.config.backup.key_file
    return read_key(path, may_be_open=True) if path else None


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


def telling(context: AppContext) -> Watch:
    """Each step once, to standard error."""
    told = ""

    def watch(_done: int, _total: int | None, words: str) -> None:
        nonlocal told
        if words != told:
            told = words
            context.progress(f"{words}…".replace("……", "…"))

    return watch


COMMANDS = [backup_command, restore_command]
