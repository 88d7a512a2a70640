"""The watchdog: gathers what is known about the running program, and tells administrators what is wrong, once a day each.

It runs inside the scheduler and every worker, so that each is watched by the others; a page and a command ask it too.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app import replica_check
from app.access import Role
from app.context import AppContext
from app.jobs import JOBS, job_times
from app.notices import Notice, tell
from tracker.measures.health import JOB_LATE_AFTER, Facts, Finding, findings
from tracker.store import audit, health, schedule
from tracker.store.session import Session
from tracker.timekeeping.calendar_years import holds_year
from tracker.timekeeping.schedule import latest_day, moment_of

# In December the coming year has to be there too.
LAST_MONTH = 12


@dataclass
class Watchdog:
    """Looks when asked; what it has told today it does not tell again, nor does any other process."""

    since: datetime | None = None
    _told: set[tuple[date, str]] = field(default_factory=set)

    def watch(self, context: AppContext, now: datetime) -> None:
        """Tell administrators what has gone wrong and was not told today."""
        self.since = self.since or now
        found = look(context, now, self.since)
        self._told = {each for each in self._told if each[0] == now.date()}
        new = [each for each in found if (now.date(), each.code) not in self._told]
        if not new:
            return
        with context.store.transaction() as session:
            for finding in new:
                tell(session, context.config, _notice(finding, now.date()), now, roles={Role.ADMIN})
        self._told |= {(now.date(), each.code) for each in new}


def _notice(finding: Finding, day: date) -> Notice:
    return Notice(
        "watchdog",
        f"watchdog:{finding.code}:{day.isoformat()}",
        finding.text.rstrip("."),
        f"{finding.text}\n{finding.todo}",
        link="/lich-chay",
    )


def look(context: AppContext, now: datetime, since: datetime | None = None) -> tuple[Finding, ...]:
    """What is wrong now, worst first. `since`: as `Facts.watched_since`."""
    return findings(gather(context, now, since), now)


def gather(context: AppContext, now: datetime, since: datetime | None = None) -> Facts:
    """All facts of this moment."""
    with context.store.read() as session:
        heard = health.last_heard(session)
        work, messages = health.work_health(session, now), health.outbox_health(session, now)
        newest = audit.newest_at(session)
        late, unsealed = tuple(_jobs_late(context, session, now)), _unsealed(context, session, now)
    disk = shutil.disk_usage(context.data_dir) if context.data_dir.is_dir() else None
    return Facts(
        watched_since=since,
        scheduler_heard=heard.get("scheduler"),
        worker_heard=heard.get("worker"),
        work_waits_since=work.waits_since,
        work_silent=work.silent,
        work_dead=work.dead,
        messages_wait_since=messages.waits_since,
        messages_unsure=messages.unsure,
        messages_dead=messages.dead,
        jobs_late=late,
        seal_missing=unsealed,
        newest_entry=newest,
        years_missing=_years_missing(context, now.date()),
        disk_free=disk.free if disk else None,
        disk_total=disk.total if disk else None,
        replica_ill=replica_check.ill(context),
    )


def _jobs_late(context: AppContext, session: Session, now: datetime) -> Iterator[str]:
    """Titles of jobs whose last day has no run that is done, an hour after its time."""
    known = schedule.jobs_known(session)
    done = schedule.done_since(session, now.date() - timedelta(days=2))
    for job in job_times(context.config.schedule):
        if job.at is None or job.name not in known:
            continue
        day = latest_day(job.at, now)
        is_due = known[job.name].date() <= day and now - moment_of(job.at, day) > JOB_LATE_AFTER
        if is_due and (job.name, day) not in done:
            yield JOBS[job.name].title


def _unsealed(context: AppContext, session: Session, now: datetime) -> date | None:
    """Yesterday, if it should have a seal and has none; an hour after midnight at the earliest."""
    yesterday = now.date() - timedelta(days=1)
    since = schedule.jobs_known(session).get("seal")
    is_on = any(job.name == "seal" and job.at for job in job_times(context.config.schedule))
    if not is_on or since is None or since.date() > yesterday or now.hour < 1:
        return None
    return None if audit.is_sealed(session, yesterday) else yesterday


def _years_missing(context: AppContext, today: date) -> tuple[int, ...]:
    years = (today.year, today.year + 1) if today.month == LAST_MONTH else (today.year,)
    table = context.calendar
    return tuple(year for year in years if not holds_year(table, year))
