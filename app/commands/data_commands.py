"""`dunghen ingest`: what goes into the store. It imports no more than it needs: loads are many, and some are small."""

from pathlib import Path

import click

from app.context import AppContext
from app.many_imports import much_at_once
from app.options import common_options
from tracker.ingest.reader_start import started_ahead

# As of `tracker.pipeline.layouts`, which is not imported here.
AUTO = "auto"


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
    with started_ahead(() if later else paths) as reader:
        # What reads large files gets ready while this is imported.
        with much_at_once():
            from app.commands.ingest_now import Asked, load_later, load_now

        asked = Asked(paths, source, layout, full, dry_run)
        if later:
            load_later(context, asked)
        else:
            load_now(context, asked, reader)


COMMANDS = [ingest_command]
