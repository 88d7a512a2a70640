"""Runs of jobs in the store: since when jobs are known, which runs were asked for, asking for one, the history.

A run is a row of `job_run` and a piece of long work, written in one transaction; what became of it stands in the work.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from tracker.store import work
from tracker.store.locks import Lock, hold
from tracker.store.models import JobRun, KnownJob, WorkAfter, WorkItem
from tracker.timekeeping.schedule import Cause
from tracker.types.work import WorkRequest, WorkRow

KIND = "job"
# The number of the day's own run; runs by hand have higher ones.
OF_THE_DAY = 1
# How far clocks of processes may be apart.
CLOCKS_APART = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A run to be asked for. `after`: jobs whose latest run of the same day has to be done before."""

    job: str
    day: date
    cause: Cause
    asked_by: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run that was asked for, with its work. `seq` 1 is the run of the day, more are by hand."""

    run_id: int
    job: str
    day: date
    seq: int
    cause: Cause
    asked_by: str
    asked_at: datetime
    work: WorkRow


def known_jobs(session: Session, names: Iterable[str], now: datetime) -> Mapping[str, datetime]:
    """Since when this installation knows each job; one that is new is known from now on.

    So is one that a clock wrote down which was ahead and has been put back since: else it would run no more until then.
    """
    hold(session, Lock.WORK)
    known = dict(jobs_known(session))
    for name in names:
        if name not in known or known[name] > now:
            session.merge(KnownJob(name=name, since=now))
            known[name] = now
    session.flush()
    return known


def make_room(session: Session, now: datetime) -> None:
    """Runs of days that a clock which was ahead asked for get a number as runs by hand have: their day is still to come."""
    hold(session, Lock.WORK)
    early = select(JobRun).where(
        JobRun.seq == OF_THE_DAY, JobRun.day > now.date(), JobRun.asked_at > now + CLOCKS_APART
    )
    for run in session.scalars(early).all():
        run.seq = _next_by_hand(session, run.job, run.day)
        session.get_one(WorkItem, run.work_id).key = _key(run.job, run.day, run.seq)
        session.flush()


def jobs_known(session: Session) -> Mapping[str, datetime]:
    """Since when this installation knows each job that it knows."""
    return {row.name: row.since for row in session.scalars(select(KnownJob))}


def asked_since(session: Session, day: date) -> frozenset[tuple[str, date]]:
    """Jobs and days, from `day` on, whose run was asked for; runs by hand do not count as that."""
    query = select(JobRun.job, JobRun.day).where(JobRun.day >= day, JobRun.seq == OF_THE_DAY)
    return frozenset((job, of) for job, of in session.execute(query))


def ask_run(session: Session, request: RunRequest, now: datetime) -> RunRow:
    """Ask for a run; one of the clock or to catch up that was asked for before is given back as it is.

    A run by hand gets a number of its own from 2 on, so that it never takes the place of the day's own run.
    """
    hold(session, Lock.WORK)
    by_hand = request.cause is Cause.BY_HAND
    if not by_hand and (known := find_run(session, request.job, request.day, seq=OF_THE_DAY)):
        return known
    seq = _next_by_hand(session, request.job, request.day) if by_hand else OF_THE_DAY
    work_id = work.ask(
        session,
        WorkRequest(
            KIND,
            key=_key(request.job, request.day, seq),
            params={"job": request.job, "day": request.day.isoformat()},
            asked_by=request.asked_by,
            after=_work_before(session, request),
        ),
        now,
    )
    _take_the_place(session, request, work_id)
    run_id = int(session.scalar(select(func.coalesce(func.max(JobRun.id), 0))) or 0) + 1
    session.add(
        JobRun(
            id=run_id, job=request.job, day=request.day, seq=seq, cause=request.cause.value,
            asked_by=request.asked_by, asked_at=now, work_id=work_id,
        )
    )  # fmt: skip
    session.flush()
    found = find_run(session, request.job, request.day, seq=seq)
    assert found is not None
    return found


def _key(job: str, day: date, seq: int) -> str:
    return f"job:{job}:{day.isoformat()}:{seq}"


def _next_by_hand(session: Session, job: str, day: date) -> int:
    query = select(func.coalesce(func.max(JobRun.seq), OF_THE_DAY)).where(
        JobRun.job == job, JobRun.day == day
    )
    return int(session.scalar(query) or OF_THE_DAY) + 1


def _take_the_place(session: Session, request: RunRequest, work_id: int) -> None:
    """What waits for an earlier run of that day which came to nothing waits for this one."""
    failed = (
        select(JobRun.work_id)
        .join(WorkItem, WorkItem.id == JobRun.work_id)
        .where(
            JobRun.job == request.job, JobRun.day == request.day, WorkItem.state.in_(("dead", "cancelled"))
        )
    )
    waiting = select(WorkItem.id).where(WorkItem.state == "waiting")
    session.execute(
        update(WorkAfter)
        .where(WorkAfter.after_id.in_(failed), WorkAfter.work_id.in_(waiting))
        .values(after_id=work_id)
        .execution_options(synchronize_session=False)
    )


def _work_before(session: Session, request: RunRequest) -> tuple[int, ...]:
    """The work of the latest run of the same day of each job that comes first; one without a run holds up nobody."""
    query = (
        select(func.max(JobRun.work_id))
        .where(JobRun.job.in_(request.after), JobRun.day == request.day)
        .group_by(JobRun.job)
    )
    return tuple(int(found) for found in session.scalars(query))


# ---------------------------------------------------------------- history


def find_run(session: Session, job: str, day: date, *, seq: int) -> RunRow | None:
    """One run of a job for a day."""
    query = _runs().where(JobRun.job == job, JobRun.day == day, JobRun.seq == seq)
    return next((_row(run, item) for run, item in session.execute(query)), None)


def history(
    session: Session, job: str | None = None, *, limit: int = 50, before: int | None = None
) -> list[RunRow]:
    """Runs, newest first; of one job, or of all. `before`: only with a smaller id (pages by key)."""
    query = _runs().order_by(JobRun.id.desc()).limit(limit)
    if job is not None:
        query = query.where(JobRun.job == job)
    if before is not None:
        query = query.where(JobRun.id < before)
    return [_row(run, item) for run, item in session.execute(query)]


def last_runs(session: Session, jobs: Collection[str]) -> Mapping[str, RunRow]:
    """The latest run of each job that ever ran."""
    newest = select(func.max(JobRun.id)).where(JobRun.job.in_(list(jobs))).group_by(JobRun.job)
    query = _runs().where(JobRun.id.in_(newest))
    return {run.job: _row(run, item) for run, item in session.execute(query)}


def done_since(session: Session, day: date) -> frozenset[tuple[str, date]]:
    """Jobs and days, from `day` on, for which a run has been done, by hand or not."""
    query = (
        select(JobRun.job, JobRun.day)
        .join(WorkItem, WorkItem.id == JobRun.work_id)
        .where(JobRun.day >= day, WorkItem.state == "done")
    )
    return frozenset((job, of) for job, of in session.execute(query))


def _runs() -> Select[JobRun, WorkItem]:
    return select(JobRun, WorkItem).join(WorkItem, WorkItem.id == JobRun.work_id)


def _row(run: JobRun, item: WorkItem) -> RunRow:
    return RunRow(
        run.id, run.job, run.day, run.seq, Cause(run.cause), run.asked_by, run.asked_at, work.row_of(item)
    )
