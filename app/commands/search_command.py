"""`dunghen search`: the keys that dossiers are found by, made anew and compared with the dossiers."""

import click

from app.commands.figure_commands import grouped
from app.context import AppContext, finish
from app.options import common_options
from app.works.searching import scratch
from tracker.pipeline.search_checking import KeyCheck, check
from tracker.pipeline.search_keeping import rebuild, refresh


@click.group("search")
def search_group() -> None:
    """Khóa tìm kiếm hồ sơ: cập nhật, so với hồ sơ."""


@search_group.command("refresh")
@common_options
@click.option("--all", "everything", is_flag=True, help="Xóa mọi khóa rồi làm lại từ đầu.")
@click.pass_obj
def refresh_command(context: AppContext, everything: bool) -> None:
    """Làm khóa của hồ sơ đã đổi; máy chạy nền tự làm việc này, lệnh dùng khi không có máy chạy nền."""
    make = rebuild if everything else refresh
    dossiers = make(context.store, scratch(context), context.progress)
    context.answer({"dossiers": dossiers}, f"Đã làm khóa tìm kiếm của {grouped(dossiers)} hồ sơ.")


@search_group.command("check")
@common_options
@click.option(
    "--newest", type=click.IntRange(1), help="Chỉ so chừng ấy hồ sơ mới nhất; không ghi thì so mọi hồ sơ."
)
@click.pass_obj
def check_command(context: AppContext, newest: int | None) -> None:
    """So khóa tìm kiếm với tên, điện thoại và mã của từng hồ sơ."""
    found = check(context.store, newest=newest)
    context.answer(_json(found), told(found))
    finish(0 if found.ok else 1)


def _json(found: KeyCheck) -> dict[str, object]:
    return {
        "ok": found.ok,
        "compared": found.compared,
        "waiting": found.waiting,
        "missing": found.missing,
        "too_many": found.too_many,
        "dossiers": list(found.examples),
    }


def told(found: KeyCheck) -> str:
    """What a check found, in sentences."""
    lines = [f"Đã so {grouped(found.compared)} khóa tìm kiếm với hồ sơ."]
    if found.waiting:
        lines.append(f"{grouped(found.waiting)} hồ sơ đang chờ làm khóa, chưa so.")
    if found.ok:
        return " ".join([*lines, "Không có gì khác."])
    if found.missing:
        some = ", ".join(map(str, found.examples))
        lines.append(f"THIẾU {grouped(found.missing)} khóa, ở các hồ sơ số: {some}.")
    if found.too_many:
        lines.append(f"THỪA {grouped(found.too_many)} khóa không thuộc hồ sơ nào.")
    return " ".join([*lines, "Làm lại: dunghen search refresh --all."])


COMMANDS = [search_group]
