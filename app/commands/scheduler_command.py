"""`dunghen scheduler`: the one process that starts jobs when their time has come; a second one waits and takes over."""

from typing import TYPE_CHECKING

import click

from app.commands.shared import moment_text
from app.context import AppContext, finish
from app.oplog.serving import serving
from app.options import common_options
from app.stopping import stop_when_told
from app.tending import stop_with_parent
from app.watchdog import Watchdog, look
from app.worker import owner_name

if TYPE_CHECKING:  # its library is loaded by this one command
    from app.scheduler import Scheduler


@click.command("scheduler")
@common_options
@click.option("--until-idle", is_flag=True, help="Cho chạy mọi việc đã đến giờ rồi kết thúc.")
@click.pass_obj
def scheduler(context: AppContext, until_idle: bool) -> None:
    """Cho chạy các công việc khi đến giờ. Việc do tiến trình dunghen worker làm; chạy hai tiến trình lịch thì một cái chờ."""
    from app.scheduler import Scheduler

    own = Scheduler(context, owner_name(), chores=(Watchdog().watch,))
    if until_idle:
        _once(context, own)
        return
    running = "Lịch công việc đang chạy (Ctrl+C để dừng)."
    with serving(context, "scheduler", running), stop_when_told() as stop:
        stop_with_parent(stop)
        own.run_forever(stop)


def _once(context: AppContext, own: "Scheduler") -> None:
    turn = own.turn(context.now())
    own.step_down(context.now())
    runs = [{"job": run.job, "day": run.day.isoformat(), "work": run.work.work_id} for run in turn.asked]
    told = "\n".join(f"Đến giờ: {run['job']} cho ngày {run['day']} (việc số {run['work']})." for run in runs)
    if not turn.is_on_duty:
        told = "Một tiến trình khác đang giữ lịch."
    context.answer(
        {"on_duty": turn.is_on_duty, "at": moment_text(context.now()), "asked": runs},
        told or "Không có việc nào đến giờ.",
    )
    finish(0 if turn.is_on_duty else 1)


@click.command("watchdog")
@common_options
@click.pass_obj
def watchdog(context: AppContext) -> None:
    """Chương trình có đang chạy tốt không: tiến trình, việc, thông báo, niêm phong, lịch làm việc, đĩa."""
    found = look(context, context.now())
    document = {
        "ok": not found,
        "findings": [{"code": each.code, "text": each.text, "todo": each.todo} for each in found],
    }
    context.answer(
        document, "\n".join(f"{each.text} {each.todo}" for each in found) or "Mọi thứ đang chạy tốt."
    )
    finish(1 if found else 0)


COMMANDS = [scheduler, watchdog]
