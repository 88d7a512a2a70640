"""`dunghen db`, `dunghen ingest`: the store and what goes into it."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.commands.partition_command import db_partition
from app.commands.shared import ask_later, note_act
from app.commands.upgrade_command import db_rollback, db_upgrade
from app.context import AppContext, finish
from app.ingest_plan import ingest_plan
from app.layout_choice import layout_for
from app.options import common_options
from app.works.loading import ingest_params
from tracker.errors import UnusableFile, UsageError
from tracker.pipeline import ingest
from tracker.pipeline.layouts import AUTO
from tracker.store.copying import CopyReport, copy_store, is_one_database
from tracker.types import IngestReport


@click.group("db")
def db() -> None:
    """Cơ sở dữ liệu: tạo mới, nâng cấp, quay lui, chuyển sang nơi khác, chia theo năm."""


db.add_command(db_partition)
db.add_command(db_upgrade)
db.add_command(db_rollback)


@db.command("copy")
@common_options
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.pass_obj
def db_copy(context: AppContext, source: str, target: str) -> None:
    """Chép toàn bộ cơ sở dữ liệu FROM sang TO (còn trống), rồi đối chiếu từng dòng.

    FROM và TO là địa chỉ (postgresql://…, sqlite:///…) hoặc đường dẫn của tệp SQLite.
    """
    report = copy_store(source, target, context.progress)
    if is_one_database(source, context.config.database_url):  # of another store we keep no log
        note_act(context, "export", "database", {"rows": report.rows})
    document = {
        "from": report.source,
        "to": report.target,
        "equal": True,  # where they are not, there is no answer: nothing was kept, and the status is 3
        "tables": [asdict(table) for table in report.tables],
        "rows": report.rows,
        "sha256": report.sha256,
    }
    context.answer(document, _copied(report))


def _copied(report: CopyReport) -> str:
    filled = [table for table in report.tables if table.rows]
    return "\n".join(
        (
            f"Đã chép {report.rows} dòng và đối chiếu: hai bên giống nhau từng dòng.",
            f"  từ   {report.source}",
            f"  sang {report.target}",
            *(f"  {table.name}: {table.rows}" for table in filled),
            f"SHA-256: {report.sha256}",
            "Tệp thư xin lỗi không nằm trong cơ sở dữ liệu: thư mục dữ liệu (letters/) giữ nguyên chỗ, hoặc chép theo.",
            "Cơ sở dữ liệu mới chỉ được dùng khi DUNGHEN_DATABASE_URL hoặc store.database_url chỉ đến nó.",
        )
    )


@click.command("ingest")
@common_options
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", default="main", show_default=True, help="Khóa của hệ thống cấp mã hồ sơ.")
@click.option(
    "--layout",
    default=AUTO,
    show_default=True,
    help="Khóa của cách hiểu cột đã lưu ở trang nạp tệp; auto = tìm theo các tiêu đề.",
)
@click.option(
    "--full", is_flag=True, help="Đây là toàn bộ dữ liệu của nguồn: hồ sơ không còn trong tệp là đã biến mất."
)
@click.option("--dry-run", is_flag=True, help="Đọc và đếm, không ghi gì.")
@click.option(
    "--later", is_flag=True, help="Chỉ ghi vào bảng công việc; một tiến trình dunghen worker sẽ nạp."
)
@click.pass_obj
def ingest_command(
    context: AppContext,
    paths: tuple[Path, ...],
    source: str,
    layout: str,
    full: bool,
    dry_run: bool,
    later: bool,
) -> None:
    """Nạp tệp xuất từ hệ thống một cửa. Tất cả các tệp trong một lần, hoặc không tệp nào."""
    if later:
        _ingest_later(context, ingest_params(paths, source, is_full=full, layout=layout), dry_run=dry_run)
        return
    mapping = layout_for(context, paths, layout).mapping
    plan = ingest_plan(context, source, paths=paths, dry_run=dry_run, is_full=full, mapping=mapping)
    report = ingest(context.store, context.config.calendar_key, plan, context.progress)
    context.answer(asdict(report), _told(report))
    finish(1 if report.rejected else 0)


def _ingest_later(context: AppContext, params: Mapping[str, Any], *, dry_run: bool) -> None:
    if dry_run:
        raise UsageError("--dry-run đọc ngay, không để lại sau được")
    for path in map(Path, params["paths"]):
        if not path.is_file():
            raise UnusableFile(str(path), "không có tệp này")
    ask_later(context, "ingest", params)


def _told(report: IngestReport) -> str:
    lines = [
        f"Lô {report.batch or '(thử)'}: đọc {report.read} = mới {report.new} + đổi {report.changed}"
        f" + không đổi {report.unchanged} + cũ hơn {report.stale} + không dùng được {report.rejected}"
        f" ({report.seconds} giây)"
    ]
    lines += [f"  đánh dấu {flag}: {count}" for flag, count in sorted(report.flagged.items())]
    lines += [f"  bỏ qua {kind}: {count}" for kind, count in sorted(report.skipped.items())]
    if report.rejected:
        lines.append(f"Xem dòng không dùng được: dunghen rejections --batch {report.batch}")
    return "\n".join(lines)


COMMANDS = [db, ingest_command]
