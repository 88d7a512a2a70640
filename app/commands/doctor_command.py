"""`dunghen doctor`: is this installation sound, part by part, and what to do where it is not."""

import click

from app.context import AppContext, finish
from app.doctor import examine
from app.options import common_options


@click.command("doctor")
@common_options
@click.pass_obj
def doctor(context: AppContext) -> None:
    """Kiểm tra cấu hình, cơ sở dữ liệu, danh mục, lịch, tiến trình, hàng đợi, đĩa, nhật ký, số liệu, sổ theo dõi, sao lưu; mã 1 nếu có gì sai."""
    found = examine(context)
    is_sound = all(each.ok for each in found)
    document = {
        "ok": is_sound,
        "checks": [{"name": each.name, "ok": each.ok, "detail": each.detail} for each in found],
    }
    lines = [f"{'ĐƯỢC' if each.ok else 'SAI '}  {each.name}: {each.detail}" for each in found]
    context.answer(document, "\n".join(lines))
    finish(0 if is_sound else 1)


COMMANDS = [doctor]
