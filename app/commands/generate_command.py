"""`dunghen generate`: write made-up dossiers shaped like real exports."""

from datetime import date
from pathlib import Path

import click

from app.context import AppContext
from app.options import DAY, common_options
from tracker import clock
from tracker.errors import UsageError
from tracker.synthetic.generate import PRESETS, generate

FORMATS = ("csv", "xlsx", "dvcqg")


@click.command("generate")
@click.option("--preset", required=True, type=click.Choice(PRESETS), help="Bộ dữ liệu.")
@click.option(
    "--rows", type=click.IntRange(min=1), help="Số dòng (daklak-2022: tổng số dòng, thu nhỏ theo tỷ lệ)."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Cùng số cho cùng tệp."
)
@click.option("--as-of", type=DAY, help="Ngày lấy làm hôm nay (mặc định: hôm nay).")
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), default="csv", show_default=True, help="Dạng tệp."
)
@click.option("--scale", type=float, default=1.0, show_default=True, help="Tỷ lệ thu nhỏ, ví dụ 0.01.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Thư mục ghi tệp."
)
@common_options
@click.pass_obj
def generate_command(
    context: AppContext,
    preset: str,
    rows: int | None,
    seed: int,
    as_of: date | None,
    kind: str,
    scale: float,
    out: Path,
) -> None:
    """Tạo hồ sơ giả định có hình dạng như dữ liệu xuất thật; không có người nào là thật."""
    if kind != "csv":
        raise UsageError(f"chưa hỗ trợ --format {kind}; hiện có: csv")
    result = generate(preset, out, rows=rows, seed=seed, as_of=as_of or clock.now().date(), scale=scale)
    document = {"files": [str(path) for path in result.files], "rows": result.rows}
    if result.counts:
        document["counts"] = dict(result.counts)
    context.answer(document, _text(result.files, result.rows))


def _text(files: list[Path], rows: int) -> str:
    lines = [f"Đã tạo {rows:,} hồ sơ giả định:".replace(",", "."), *(f"  {path}" for path in files)]
    return "\n".join(lines)


COMMANDS = [generate_command]
