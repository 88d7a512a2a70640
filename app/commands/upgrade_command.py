"""`dunghen db upgrade`, `dunghen db rollback`: to the newest revision behind a backup, and back to it."""

from pathlib import Path

import click

from app.commands.backup_command import KEY_FILE, opening_key, telling
from app.commands.shared import moment_text
from app.context import AppContext, finish
from app.options import common_options
from app.presenters import moment, number
from app.rolling_back import RolledBack, WayBack, roll_back, way_back
from app.upgrading import Upgraded, upgrade_store
from tracker.errors import UsageError
from tracker.store.backup.encryption import is_encrypted
from tracker.store.backup.keys import BackupKey

OLD_PROGRAM = (
    "Bây giờ hãy đổi lại chương trình của phiên bản ấy (bộ cài giữ bản trước: quay-lui.sh, quay-lui.ps1) rồi khởi động. Đừng"
    " chạy dunghen db upgrade của bản mới trước khi lỗi được sửa."
)


@click.command("upgrade")
@common_options
@click.option("--no-backup", is_flag=True, help="Không sao lưu trước: cơ quan đã tự sao lưu.")
@click.option(
    "--while-running",
    is_flag=True,
    help="Nâng cấp dù còn tiến trình của chương trình; tiến trình cũ không ghi được nữa và phải khởi động lại.",
)
@click.pass_obj
def db_upgrade(context: AppContext, *, no_backup: bool, while_running: bool) -> None:
    """Tạo cơ sở dữ liệu, hoặc đưa nó lên phiên bản mới nhất, sau khi tự sao lưu.

    Dừng serve, worker, scheduler trước. Mọi bước trong một giao dịch: dừng giữa chừng thì cơ sở dữ liệu vẫn như cũ.
    """
    done = upgrade_store(context, telling(context), with_backup=not no_backup, while_running=while_running)
    document = {
        "revision": done.after,
        "before": done.before,
        "backup": str(done.backup.path) if done.backup else None,
        "sha256": done.backup.sha256 if done.backup else None,
        "shrunk": list(done.shrunk),
        "checks": [{"name": each.name, "ok": each.ok, "detail": each.detail} for each in done.checks],
    }
    context.answer(document, _upgraded(done))
    finish(0 if done.is_well else 1)


def _upgraded(done: Upgraded) -> str:
    if done.before is None or done.before == done.after:
        return f"Cơ sở dữ liệu ở phiên bản {done.after}."
    lines = [f"Đã nâng cấp cơ sở dữ liệu từ phiên bản {done.before} lên {done.after}."]
    if done.backup:
        lines.append(f"Bản sao lưu trước khi nâng cấp: {done.backup.path}\nSHA-256: {done.backup.sha256}")
    if done.shrunk:
        lines.append(
            f"Bảng có ít dòng hơn trước khi nâng cấp: {', '.join(done.shrunk)}. Đừng chạy tiếp; quay lui: dunghen db rollback,"
            " rồi báo cho người phát triển."
        )
    lines += [f"{'ĐƯỢC' if each.ok else 'SAI '}  {each.name}: {each.detail}" for each in done.checks]
    lines.append("Khởi động lại serve, worker, scheduler. Nếu bản mới không dùng được: dunghen db rollback.")
    return "\n".join(lines)


@click.command("rollback")
@common_options
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--yes", "is_sure", is_flag=True, help="Làm thật; không có thì chỉ nói sẽ mất gì.")
@click.option("--accept-loss", "may_lose", is_flag=True, help="Làm dù sau lúc sao lưu đã có thư được vào số.")
@KEY_FILE
@click.pass_obj
def db_rollback(
    context: AppContext, file: Path | None, key_file: Path | None, *, is_sure: bool, may_lose: bool
) -> None:
    """Quay về bản sao lưu mà lần nâng cấp gần nhất đã làm, để chạy lại bản chương trình trước.

    Dừng serve, worker, scheduler trước. Những gì có sau lúc sao lưu không còn trong kho; kho hiện tại được giữ lại.
    """

    def key_of(chosen: Path) -> BackupKey | None:
        return opening_key(context, key_file) if is_encrypted(chosen) else None

    way = way_back(context, file, key_of, telling(context))
    if not is_sure:
        context.answer(_planned(way) | {"done": False}, _would_lose(way))
        finish(1)
        return
    if way.lost.letters_numbered and not may_lose:
        raise UsageError(
            f"{_would_lose(way, ask=False)}\nSố của những thư ấy đã ra khỏi cơ quan và sẽ không còn trong sổ. Nếu vẫn quay lui: thêm"
            " --accept-loss, rồi ghi lại số từ sổ đăng ký (dunghen letters register của kho được giữ lại)."
        )
    done = roll_back(context, way, telling(context))
    document = _planned(way) | {"done": True, "kept": [str(path) for path in done.kept]}
    context.answer(document, _rolled_back(way, done))


def _planned(way: WayBack) -> dict[str, object]:
    return {
        "file": str(way.plan.file),
        "made_at": moment_text(way.manifest.made_at),
        "before": way.present,
        "revision": way.manifest.revision,
        "lost": {
            "batches": way.lost.batches,
            "letters_numbered": way.lost.letters_numbered,
            "messages_sent": way.lost.messages_sent,
            "log_entries": way.lost.log_entries,
        },
    }


def _would_lose(way: WayBack, *, ask: bool = True) -> str:
    lost = way.lost
    lines = [
        f"Bản sao lưu lúc {moment(way.manifest.made_at)}, phiên bản {way.manifest.revision} (hiện nay {way.present}):"
        f" {way.plan.file}",
        f"Sau lúc ấy có: {number(lost.batches)} lần nạp, {number(lost.letters_numbered)} thư được vào số,"
        f" {number(lost.messages_sent)} thông báo đã gửi, {number(lost.log_entries)} mục nhật ký. Những thứ này sẽ không còn"
        " trong kho.",
    ]
    return "\n".join([*lines, "Chưa đổi gì. Để quay lui: thêm --yes."] if ask else lines)


def _rolled_back(way: WayBack, done: RolledBack) -> str:
    kept = [f"Giữ lại kho trước khi quay lui: {path}" for path in done.kept]
    again = "Nạp lại các tệp xuất từ lúc ấy." if way.lost.batches else ""
    lines = [
        f"Đã quay về phiên bản {way.manifest.revision}, như lúc {moment(way.manifest.made_at)}.",
        *kept,
        OLD_PROGRAM,
        again,
    ]
    return "\n".join(line for line in lines if line)
