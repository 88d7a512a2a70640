"""The jobs as their page shows them: times, runs, processes, in words. Knows no request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from app.context import AppContext
from app.jobs import JOBS, job_times
from tracker.measures.health import SILENT_AFTER
from tracker.store import processes, schedule
from tracker.store.leases import LeaseRow, find_lease
from tracker.store.schedule import RunRow
from tracker.timekeeping.schedule import Cause, next_moment
from tracker.types.work import ProcessRow, WorkRow

CAUSES: Mapping[Cause, str] = {
    Cause.CLOCK: "đến giờ",
    Cause.CATCH_UP: "chạy bù",
    Cause.BY_HAND: "chạy tay",
}
PROCESSES: Mapping[str, str] = {
    "scheduler": "Lịch",
    "worker": "Làm việc",
    "dispatcher": "Gửi thông báo",
}
# Ended processes are shown for so long.
ENDED_SHOWN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job on the page; `at` None: it is switched off."""

    name: str
    title: str
    at: time | None
    is_changed: bool
    after: tuple[str, ...]
    next_at: datetime | None
    last: RunRow | None


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """A process on the page."""

    row: ProcessRow
    word: str
    is_heard: bool


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Everything the page shows besides the findings."""

    jobs: tuple[JobLine, ...]
    processes: tuple[ProcessLine, ...]
    lease: LeaseRow | None
    runs: tuple[RunRow, ...]


def jobs_page(context: AppContext, now: datetime, *, before: int | None, limit: int) -> JobsPage:
    """Jobs with their last runs, the processes, and the history (only runs before this id)."""
    with context.store.read() as session:
        last = schedule.last_runs(session, list(JOBS))
        runs = schedule.history(session, before=before, limit=limit)
        known = processes.list_processes(session)
        lease = find_lease(session, "scheduler")
    told = context.config.schedule.times
    lines = tuple(
        JobLine(
            job.name,
            JOBS[job.name].title,
            job.at,
            job.name in told,
            tuple(JOBS[name].title for name in job.after),
            next_moment(job.at, now) if job.at else None,
            last.get(job.name),
        )
        for job in job_times(context.config.schedule)
    )
    shown = [row for row in known if row.ended_at is None or now - row.ended_at <= ENDED_SHOWN]
    return JobsPage(lines, tuple(_process(row, now) for row in shown), lease, tuple(runs))


def _process(row: ProcessRow, now: datetime) -> ProcessLine:
    heard = row.ended_at is None and now - row.heartbeat_at <= SILENT_AFTER
    return ProcessLine(row, PROCESSES.get(row.kind, row.kind), heard)


def took(work: WorkRow) -> str:
    """How long the work took, in words; empty while it has not ended."""
    if work.started_at is None or work.ended_at is None:
        return ""
    seconds = int((work.ended_at - work.started_at).total_seconds())
    return f"{seconds} giây" if seconds < 120 else f"{seconds // 60} phút"
