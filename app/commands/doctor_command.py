"""`dunghen doctor`: is this installation sound, part by part, and what to do where it is not."""

from collections.abc import Iterator

import click

from app.context import AppContext, finish
from app.doctor import examine
from app.first_day import look
from app.first_day_words import STATES, STEPS
from app.options import common_options
from tracker.measures.first_day import Step


@click.command("doctor")
@click.option(
    "--first-day",
    "is_first_day",
    is_flag=True,
    help="Mười bước của ngày đầu: bước nào xong, việc cần làm tiếp.",
)
@common_options
@click.pass_obj
def doctor(context: AppContext, is_first_day: bool) -> None:
    """Kiểm tra cấu hình, cơ sở dữ liệu, danh mục, lịch, tiến trình, hàng đợi, đĩa, nhật ký, số liệu, sổ theo dõi, sao lưu; mã 1 nếu có gì sai."""
    if is_first_day:
        _first_day(context)
        return
    found = examine(context)
    is_sound = all(each.ok for each in found)
    document = {
        "ok": is_sound,
        "checks": [{"name": each.name, "ok": each.ok, "detail": each.detail} for each in found],
    }
    lines = [f"{'ĐƯỢC' if each.ok else 'SAI '}  {each.name}: {each.detail}" for each in found]
    context.answer(document, "\n".join(lines))
    finish(0 if is_sound else 1)


def _first_day(context: AppContext) -> None:
    """Each step of the page Bắt đầu; status 1 while one is open."""
    found = look(context, context.now())
    document = {
        "ok": not found.open,
        "ready": bool(found.ready),
        "steps": [
            {
                "key": each.key,
                "state": each.state.value,
                "found": list(each.found),
                "todo": " ".join(each.todo),
            }
            for each in found.steps
        ],
    }
    lines = [line for place, each in enumerate(found.steps, 1) for line in _step_lines(place, each)]
    context.answer(document, "\n".join(lines))
    finish(1 if found.open else 0)


def _step_lines(place: int, step: Step) -> Iterator[str]:
    told = STEPS[step.key]
    yield f"{place:>2}. [{STATES[step.state][1]}] {told.title}"
    yield from (f"      {line}" for line in step.found)
    if step.todo:
        yield f"      Việc cần làm: {' '.join(step.todo)}"
        yield f"      Bằng lệnh: {told.command}"


COMMANDS = [doctor]
