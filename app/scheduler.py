"""The one process that asks for runs of jobs when their time has come; the only module that knows APScheduler.

APScheduler only ticks. What is due is decided anew at every tick by `tracker.timekeeping.schedule` from what stands in
the database, and asked for in one transaction that also checks the lease: two schedulers, a restart or a clock that
jumps ask for nothing twice. A second process waits and takes over when the first is not heard of any more.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Lock

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from app import oplog
from app.context import AppContext
from app.jobs import JOBS, Job, job_times
from tracker.errors import OutdatedProgram
from tracker.store import leases, processes, schedule
from tracker.store.schedule import RunRequest, RunRow
from tracker.store.session import Session
from tracker.timekeeping.schedule import MOST_DAYS_BACK, DueRun, due_runs
from tracker.types import VN

LEASE = "scheduler"
ASKER = "scheduler"
TICK_SECONDS = 15.0
CHORE_SECONDS = 60.0
ON_DUTY, IN_WAIT = "giữ lịch", "chờ thay"

Chore = Callable[[AppContext, datetime], None]


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of one tick: are we the one scheduler, and which runs were asked for."""

    is_on_duty: bool
    asked: tuple[RunRow, ...] = ()


class Scheduler:
    """Asks for runs while it holds the lease. `chores` are called about once a minute, on duty or not."""

    def __init__(
        self,
        context: AppContext,
        owner: str,
        jobs: Mapping[str, Job] = JOBS,
        chores: Sequence[Chore] = (),
    ) -> None:
        self.context = context
        self.owner = owner
        self.times = job_times(context.config.schedule, jobs)
        self._chores = chores
        self._token: int | None = None
        self._one_at_a_time = Lock()
        self._outdated: OutdatedProgram | None = None

    def turn(self, now: datetime) -> Turn:
        """Keep or take the lease, and ask for what is due.

        Raises:
            WorkFailed: the database cannot be reached.
        """
        store, seconds = self.context.store, self.context.config.schedule.lease_seconds
        self._token = leases.acquire(store, LEASE, self.owner, now, seconds)
        on_duty = self._token is not None
        processes.beat(store, self.owner, "scheduler", now, ON_DUTY if on_duty else IN_WAIT)
        return Turn(on_duty, self._ask(self._token, now) if self._token is not None else ())

    def _ask(self, token: int, now: datetime) -> tuple[RunRow, ...]:
        with self.context.store.transaction() as session:
            # Locked to the end of the transaction: whoever takes over sees what we asked for.
            if not leases.holds(session, LEASE, token) or self._is_stale(now):
                return ()
            return tuple(self._ask_for(session, run, now) for run in self._due(session, now))

    def _is_stale(self, now: datetime) -> bool:
        """Did waiting for the database take long, or was the clock moved meanwhile? Then the next turn looks anew."""
        return abs(self._now() - now) > schedule.CLOCKS_APART

    def _due(self, session: Session, now: datetime) -> tuple[DueRun, ...]:
        schedule.make_room(session, now)
        known = schedule.known_jobs(session, [job.name for job in self.times], now)
        asked = schedule.asked_since(session, now.date() - timedelta(days=MOST_DAYS_BACK + 1))
        return due_runs(self.times, known_since=known, asked=asked, now=now)

    def _ask_for(self, session: Session, run: DueRun, now: datetime) -> RunRow:
        after = next(job.after for job in self.times if job.name == run.job)
        return schedule.ask_run(session, RunRequest(run.job, run.day, run.cause, ASKER, after), now)

    def step_down(self, now: datetime) -> None:
        """Let go of the lease at once, and say that this process ends."""
        if self._token is not None:
            leases.release(self.context.store, LEASE, self._token, now)
            self._token = None
        processes.end(self.context.store, self.owner, now)

    # ------------------------------------------------------------ the loop

    def run_forever(self, stop: Event) -> None:
        """Tick until told to stop; a database that is lost is waited for. One that was migrated meanwhile ends it.

        The wait between ticks is no reading of the clock, so that one that is put forward or back silences nobody;
        APScheduler adds ticks on the minute of each job.
        """
        on_the_minute = self._on_the_minute()
        every, chores_at = min(TICK_SECONDS, self.context.config.schedule.lease_seconds / 3), time.monotonic()
        on_the_minute.start()
        while not stop.is_set() and self._outdated is None:
            self._carefully(self._tick)
            if time.monotonic() - chores_at >= CHORE_SECONDS:
                chores_at = time.monotonic()
                self._carefully(self._do_chores)
            stop.wait(every)
        on_the_minute.shutdown(wait=True)
        if self._outdated is not None:
            raise self._outdated
        self._carefully(lambda: self.step_down(self._now()))

    def _on_the_minute(self) -> BackgroundScheduler:
        ticking = BackgroundScheduler(timezone=VN, executors={"default": ThreadPoolExecutor(1)})
        for job in self.times:
            if job.at is not None:
                ticking.add_job(
                    self._carefully, "cron", [self._tick], hour=job.at.hour, minute=job.at.minute,
                    coalesce=True, misfire_grace_time=None,
                )  # fmt: skip
        return ticking

    def _tick(self) -> None:
        before = self._token
        turn = self.turn(self._now())
        if turn.is_on_duty and before is None:
            oplog.write("schedule_taken")
        if before is not None and not turn.is_on_duty:
            oplog.write("schedule_lost")
        for run in turn.asked:
            oplog.write("job_asked", job=run.job, day=run.day, work=run.work.work_id)

    def _do_chores(self) -> None:
        for chore in self._chores:
            chore(self.context, self._now())

    def _carefully(self, step: Callable[[], None]) -> None:
        """The clock must not stop for anything: the next tick may be well again."""
        try:
            with self._one_at_a_time:
                step()
        except OutdatedProgram as fault:
            self._outdated = fault
        except Exception as error:
            oplog.write("loop_failed", error=error)

    def _now(self) -> datetime:
        return self.context.now()
