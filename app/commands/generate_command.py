"""`dunghen generate`: write made-up dossiers shaped like real exports."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from app.context import AppContext
from app.options import DAY, common_options
from tracker import clock
from tracker.synthetic.forms import KINDS, LAYOUTS
from tracker.synthetic.generate import PRESETS, GenerateResult, generate
from tracker.synthetic.planted_causes import Planted
from tracker.synthetic.portal_wire import WIRES


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
    "--format", "kind", type=click.Choice(KINDS), default="csv", show_default=True, help="Dạng tệp."
)
@click.option("--layout", type=click.Choice(LAYOUTS), help="Bố cục, chỉ với xlsx.  [default: day-du]")
@click.option("--wire", type=click.Choice(WIRES), help="Dạng gói tin, chỉ với dvcqg.  [default: A]")
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
    layout: str | None,
    wire: str | None,
    scale: float,
    out: Path,
) -> None:
    """Tạo hồ sơ giả định có hình dạng như dữ liệu xuất thật; không có người nào là thật."""
    result = generate(
        preset,
        out,
        rows=rows,
        seed=seed,
        as_of=as_of or clock.now().date(),
        scale=scale,
        kind=kind,
        layout=layout,
        wire=wire,
    )
    context.answer(_document(result, kind), _text(result))


def _document(result: GenerateResult, kind: str) -> dict[str, Any]:
    document: dict[str, Any] = {"files": [str(path) for path in result.files], "rows": result.rows}
    if kind == "dvcqg":
        document["events"] = result.events
    if result.counts:
        document["counts"] = dict(result.counts)
    if result.progress:
        document["progress"] = [str(path) for path in result.progress]
        document["progress_events"] = result.progress_events
    if result.planted:
        document["planted"] = [asdict(cause) for cause in result.planted]
    return document


def _text(result: GenerateResult) -> str:
    dossiers = f"Đã tạo {_grouped(result.rows)} hồ sơ giả định"
    events = f", {_grouped(result.events)} sự kiện xử lý" if result.events else ""
    lines = [f"{dossiers}{events}:", *(f"  {path}" for path in result.files)]
    if result.progress:
        lines.append(
            f"và {_grouped(result.progress_events)} sự kiện về từng bước xử lý, nạp thêm không đổi số liệu nào:"
        )
        lines += [f"  {path}" for path in result.progress]
    lines += map(_planted, result.planted)
    return "\n".join(lines)


def _planted(cause: Planted) -> str:
    """The truth that an analysis of the causes may be held against."""
    first, last = (f"{month % 100:02d}/{month // 100}" for month in (cause.first, cause.last))
    return f"  nguyên nhân cài sẵn: {cause.holder} chậm từ tháng {first} đến tháng {last}"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


COMMANDS = [generate_command]
