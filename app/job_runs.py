"""Asking by hand for a run of a job, as a page and the command line do."""

from datetime import date, datetime

from app.jobs import JOBS
from tracker.errors import UsageError
from tracker.store import audit, schedule
from tracker.store.schedule import RunRequest, RunRow
from tracker.store.session import Store
from tracker.timekeeping.schedule import Cause


def ask_by_hand(store: Store, job: str, day: date, actor: str, now: datetime) -> RunRow:
    """Ask for a run of a job for a day, with its entry in the log, in one transaction.

    Raises:
        UsageError: no such job, or the day has not come yet.
    """
    if job not in JOBS:
        raise UsageError(f"không có công việc nào tên {job}; có: {', '.join(JOBS)}")
    if day > now.date():
        raise UsageError(f"ngày {day:%d/%m/%Y} chưa đến")
    request = RunRequest(job, day, Cause.BY_HAND, actor, JOBS[job].after)
    with store.transaction() as session:
        asked = schedule.ask_run(session, request, now)
        detail = {"day": day.isoformat(), "run": asked.seq, "work": asked.work.work_id}
        audit.append_acts(session, [audit.Act(now, actor, "job_run", f"job:{job}", detail)])
    return asked
