"""`dunghen ingest`: what goes into the store. It imports no more than it needs: loads are many, and some are small."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.commands.shared import ask_later
from app.context import AppContext, finish
from app.ingest_plan import ingest_plan
from app.layout_choice import layout_for
from app.options import common_options
from app.works.loading import ingest_params
from tracker.errors import UnusableFile, UsageError
from tracker.pipeline import ingest
from tracker.pipeline.layouts import AUTO
from tracker.types import IngestReport


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


COMMANDS = [ingest_command]
