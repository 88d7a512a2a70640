"""`dunghen jobs`: the jobs with their times, running one for any day, and the history of runs."""

from threading import Event
from typing import Any

import click

from app.commands.shared import OPERATOR, moment_text
from app.commands.time_inputs import day_close
from app.context import AppContext, finish
from app.job_runs import ask_by_hand
from app.jobs import JOBS, job_times
from app.options import common_options
from app.work_kinds import WORK_KINDS
from app.worker import Worker, owner_name
from tracker.store import schedule
from tracker.store.schedule import RunRow
from tracker.timekeeping.schedule import next_moment
from tracker.types.work import WorkState

LOOK_SECONDS = 0.5


@click.group("jobs")
def jobs_group() -> None:
    """Công việc chạy theo lịch: xem giờ, cho chạy ngay hoặc chạy lại cho một ngày, xem lịch sử."""


@jobs_group.command("list")
@common_options
@click.pass_obj
def list_jobs(context: AppContext) -> None:
    """Các công việc: giờ chạy, lần tới, lần gần nhất."""
    now = context.now()
    times = job_times(context.config.schedule)
    with context.store.read() as session:
        last = schedule.last_runs(session, list(JOBS))
    rows = [
        {
            "job": each.name,
            "title": JOBS[each.name].title,
            "at": f"{each.at:%H:%M}" if each.at else None,
            "after": list(each.after),
            "next": moment_text(next_moment(each.at, now)) if each.at else None,
            "last": _run(last[each.name]) if each.name in last else None,
        }
        for each in times
    ]
    context.answer({"jobs": rows}, "\n".join(map(_job_line, rows)))


def _job_line(row: dict[str, Any]) -> str:
    last = (
        f"gần nhất: ngày {row['last']['day']}, {row['last']['state']}" if row["last"] else "chưa chạy lần nào"
    )
    return f"{row['job']:<16}{row['at'] or 'tắt':<7}{row['title']} ({last})"


@jobs_group.command("run")
@common_options
@click.argument("job")
@click.option("--day", help="Chạy cho ngày nào (mặc định: hôm nay).")
@click.option("--later", is_flag=True, help="Chỉ ghi vào hàng việc, để một tiến trình dunghen worker làm.")
@click.pass_obj
def run(context: AppContext, job: str, day: str | None, later: bool) -> None:
    """Cho chạy một công việc ngay, hoặc chạy lại cho một ngày đã qua."""
    wanted = day_close(day, "day").date() if day else context.now().date()
    asked = ask_by_hand(context.store, job, wanted, OPERATOR, context.now())
    found = asked if later else _done(context, asked)
    context.answer(_run(found), _run_line(found))
    finish(0 if later or found.work.state is WorkState.DONE else 1)


def _done(context: AppContext, asked: RunRow) -> RunRow:
    """Do it here, or wait for the worker that was quicker to take it."""
    worker = Worker(context, owner_name(), {schedule.KIND: WORK_KINDS[schedule.KIND]})
    while True:
        worker.run_until_idle()
        with context.store.read() as session:
            found = schedule.find_run(session, asked.job, asked.day, seq=asked.seq)
        assert found is not None
        if found.work.state is not WorkState.RUNNING:
            return found
        Event().wait(LOOK_SECONDS)


@jobs_group.command("history")
@common_options
@click.argument("job", required=False)
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=30, show_default=True, help="Số lần gần nhất."
)
@click.pass_obj
def history(context: AppContext, job: str | None, limit: int) -> None:
    """Các lần chạy, gần nhất trước."""
    with context.store.read() as session:
        runs = schedule.history(session, job, limit=limit)
    context.answer(
        {"runs": [_run(each) for each in runs]}, "\n".join(map(_run_line, runs)) or "Chưa có lần chạy nào."
    )


def _run(row: RunRow) -> dict[str, Any]:
    work = row.work
    return {
        "job": row.job,
        "day": row.day.isoformat(),
        "seq": row.seq,
        "cause": row.cause.value,
        "asked_by": row.asked_by,
        "asked_at": moment_text(row.asked_at),
        "work": work.work_id,
        "state": work.state.value,
        "started_at": moment_text(work.started_at) if work.started_at else None,
        "ended_at": moment_text(work.ended_at) if work.ended_at else None,
        "attempts": work.attempts,
        "result": dict(work.result),
        "fault": work.fault,
    }


def _run_line(row: RunRow) -> str:
    fault = f": {row.work.fault}" if row.work.fault else ""
    return f"{row.asked_at:%d/%m/%Y %H:%M} {row.job} cho ngày {row.day:%d/%m/%Y}, việc số {row.work.work_id}: {row.work.state.value}{fault}"


COMMANDS = [jobs_group]
