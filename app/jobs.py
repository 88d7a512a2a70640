"""The jobs: what the program does by itself each day, one entry each; the scheduler and the command line know only these.

A job takes a `day` and may be run for any past one, and again: what it does twice is as if done once. A run is a piece of
long work (kind "job"), so claims, retries, leases and history are those of long work.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from app.access import Role
from app.calendar_warnings import calendar_warnings
from app.grip import Grip
from app.notices import Notice, tell
from app.sealing import seal_day
from app.works import alerting, backing_up, exporting, finding, forecasting, ledgering, pulling, snapshots
from tracker.config import ScheduleConfig
from tracker.store import upkeep
from tracker.store.locks import Lock, hold
from tracker.timekeeping.schedule import CatchUp, JobTime, with_times

RunJob = Callable[[Grip, date], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Job:
    """A job: its name in the table and configuration, its title on the page, its time ("HH:MM"), and what does it.

    `after`: jobs of the same day that have to be done before. `run` gives the result, or has called `Grip.finish_in`.
    """

    name: str
    title: str
    at: str
    run: RunJob
    after: tuple[str, ...] = ()
    catch_up: CatchUp = CatchUp.LAST


def seal_log(grip: Grip, day: date) -> None:
    """Seal the log of the day and send the seal out."""
    with grip.context.store.transaction() as session:
        hold(session, Lock.OUTBOX)  # before our own row and the log: one order of locks for everybody
        grip.finish_in(session, {"day": day.isoformat()})
        seal_day(session, grip.context.config, day, grip.now())


def check_calendar(grip: Grip, day: date) -> Mapping[str, Any]:
    """Tell administrators what is missing in the calendar: once a month as long as it is the same, at once if it changes."""
    context = grip.context
    warnings = calendar_warnings(context.calendar, day)
    if warnings:
        digest = hashlib.sha256("\n".join(warnings).encode()).hexdigest()[:12]
        notice = Notice(
            "watchdog",
            f"calendar_check:{day:%Y-%m}:{digest}",
            "Lịch làm việc cần bổ sung",
            "\n".join(warnings),
            link="/lich-lam-viec/",
        )
        with context.store.transaction() as session:
            tell(session, context.config, notice, grip.now(), roles={Role.ADMIN})
    return {"warnings": len(warnings)}


def clean_exports(grip: Grip, day: date) -> Mapping[str, Any]:
    """Remove files that were kept long enough, each with its proof."""
    return exporting.clean_exports(grip)


def optimize(grip: Grip, day: date) -> None:
    """Let the database count anew what its tables hold, by which it chooses its ways of looking."""
    upkeep.optimize(grip.context.store)


_ALL = (
    Job("backup", "Sao lưu kho dữ liệu", "02:00", backing_up.keep_backups),
    Job("clean_exports", "Xóa tệp đã xuất quá hạn giữ", "03:00", clean_exports),
    Job("optimize", "Cập nhật thống kê của cơ sở dữ liệu", "03:30", optimize),
    Job("findings", "Tìm dấu hiệu cần giải trình trong mọi hồ sơ", "04:00", finding.look_at_everything),
    Job("snapshots", "Chốt số liệu tháng trước", "05:00", snapshots.keep_month),
    Job("pull_sources", "Hỏi hồ sơ của các hệ thống nguồn", "06:00", pulling.ask_all),
    Job("calendar_check", "Kiểm tra lịch làm việc", "07:00", check_calendar),
    Job("ledger", "Cập nhật sổ theo dõi xin lỗi", "06:40", ledgering.keep, after=("pull_sources",)),
    Job("letter_reminders", "Xét thư xin lỗi đang chờ", "06:45", ledgering.remind, after=("ledger",)),
    Job(
        "evaluate",
        "Xét hạn mọi hồ sơ đang mở",
        "06:50",
        alerting.evaluate_day,
        after=("pull_sources", "ledger", "letter_reminders"),
    ),
    Job("digests", "Soạn bản tin sáng", "06:55", alerting.send_digests, after=("evaluate",)),
    Job("alerts", "Cảnh báo khẩn trong ngày", "07:30", alerting.send_urgent, after=("digests",)),
    Job(
        "forecast",
        "Dự báo hồ sơ dễ trễ và cả năm",
        "06:30",
        forecasting.forecast_day,
        after=("pull_sources",),
    ),
    Job("seal", "Niêm phong nhật ký", "23:30", seal_log, catch_up=CatchUp.EACH),
)
JOBS: Mapping[str, Job] = {job.name: job for job in _ALL}


def run_job(grip: Grip) -> Mapping[str, Any] | None:
    """Do the run that a piece of work of the kind "job" stands for."""
    return JOBS[grip.params["job"]].run(grip, date.fromisoformat(grip.params["day"]))


def job_times(config: ScheduleConfig, jobs: Mapping[str, Job] = JOBS) -> tuple[JobTime, ...]:
    """The jobs at the times of the configuration.

    Raises:
        ConfigurationError: the configuration names a job that is none.
    """
    own = [JobTime(job.name, time.fromisoformat(job.at), job.after, job.catch_up) for job in jobs.values()]
    return with_times(own, config.times)
