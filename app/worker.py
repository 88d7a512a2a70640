"""A worker: takes long work out of the table, piece by piece, and does it; a heartbeat in a thread of its own holds the lease.

Whatever happens, the table tells the truth: done together with the effect, failed with its reason, given back when the
process is told to end, or taken by another when the lease has run out. A database that is lost is waited for.
"""

import os
import secrets
import socket
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread
from typing import Any

from app import oplog
from app.alive import BEAT_SECONDS, SILENCE, Alive
from app.context import AppContext
from app.grip import Cancelled, Ending, Grip, LeaseLost
from app.oplog.events import ERROR, WARNING
from app.work_kinds import WORK_KINDS, WorkKind
from tracker.errors import (
    CalendarError,
    ConfigurationError,
    MachineFault,
    OutdatedProgram,
    TrackerError,
    UnusableFile,
    UsageError,
    WorkFailed,
)
from tracker.machine import machine_fault
from tracker.store import claims
from tracker.types.work import WorkFault, WorkRow

__all__ = ["Cancelled", "Ending", "Grip", "LeaseLost", "Worker", "owner_name"]

IDLE_SECONDS = 0.5
# How soon progress is seen by others.
PULSE_SECONDS = 0.5
CHORE_SECONDS = 60.0
# After a piece of work, which may have been a load: what it changed is asked to be counted before the next long piece.
CHORE_SECONDS_AFTER_WORK = 5.0
DATABASE_WAIT_SECONDS = 2.0
# They would fail again however often they are tried.
FINAL = (UsageError, ConfigurationError, UnusableFile, CalendarError)
UNEXPECTED = "Lỗi không ngờ ({name} tại {place}). Chi tiết nằm trong nhật ký của tiến trình."

Chore = Callable[[AppContext, datetime], None]


def owner_name() -> str:
    """A name that no other process has: machine, process, and a few random letters."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


class Worker:
    """Does work of the registered kinds, one piece at a time. `chores` are called about once a minute."""

    def __init__(
        self,
        context: AppContext,
        owner: str,
        kinds: Mapping[str, WorkKind] | None = None,
        chores: Sequence[Chore] = (),
    ) -> None:
        self.context = context
        self.owner = owner
        self.kinds = WORK_KINDS if kinds is None else kinds
        self._chores = chores
        self._alive = Alive(context, owner, "worker")
        self._ending = Event()
        self._chores_at = float("-inf")
        long_kinds = frozenset(name for name, kind in self.kinds.items() if kind.is_long)
        self._lanes = claims.Lanes(frozenset(self.kinds), long_kinds, SILENCE)

    # ------------------------------------------------------------ loops

    def run_once(self, now: datetime) -> bool:
        """Do one piece of work; False if there was none to be done.

        Raises:
            WorkFailed: the database cannot be reached.
        """
        store, settings = self.context.store, self.context.config.work
        for work_id in claims.reap(store, now=now, lease_seconds=settings.lease_seconds):
            oplog.write("work_reclaimed", work=work_id)
        row = claims.claim(
            store, self._lanes, owner=self.owner, now=now,
            lease_seconds=settings.lease_seconds, max_attempts=settings.max_attempts,
        )  # fmt: skip
        if row is not None:
            self._attempt(row)
        return row is not None

    def run_until_idle(self) -> int:
        """Do all work that can be done now; how many pieces."""
        done = 0
        try:
            while not self._ending.is_set() and self.run_once(self.context.now()):
                done += 1
        finally:
            self._alive.goodbye()
        return done

    def run_forever(self, stop: Event) -> None:
        """Work until told to stop; a database that is lost is waited for, and no fault ends the loop but one.

        Raises:
            OutdatedProgram: the database was migrated meanwhile; only another program may go on.
        """
        self._ending = stop
        while not stop.is_set():
            try:
                self._alive.beat()
                has_worked = self.run_once(self.context.now())
                wait = 0.0 if has_worked else IDLE_SECONDS
                self._do_chores(CHORE_SECONDS_AFTER_WORK if has_worked else CHORE_SECONDS)
            except OutdatedProgram:
                raise
            except (
                Exception
            ) as error:  # whatever it is, the next turn may be well again; the table tells the truth
                oplog.write("loop_failed", error=error)
                wait = DATABASE_WAIT_SECONDS
            stop.wait(wait)
        self._alive.goodbye()

    # ------------------------------------------------------------ one piece

    def _attempt(self, row: WorkRow) -> None:
        """Do it, and put down how it ended."""
        grip = Grip(self.context, row, self._ending)
        try:
            with oplog.bind(work=row.work_id, kind=row.kind), self._beating(grip):
                try:
                    self._do(grip)
                except Exception as error:
                    self._settle(grip, error)
        except BaseException:  # a second Ctrl+C, or the interpreter ends
            self._put_down(lambda: claims.give_back(self.context.store, row, now=grip.now()), patient=False)
            raise

    def _do(self, grip: Grip) -> None:
        begun, about = time.monotonic(), _about(grip.row)
        self._tell("work_begun", grip.row, **about)
        result = self._run(self.kinds[grip.row.kind], grip)
        if not grip.is_finished:
            self._put_down(lambda: self._finish(grip, result or {}))
        ms = round((time.monotonic() - begun) * 1000)
        done = grip.told.done if grip.told else None
        self._tell("work_done", grip.row, ms=ms, done=done, batch=(result or {}).get("batch"), **about)

    def _run(self, kind: WorkKind, grip: Grip) -> Mapping[str, Any] | None:
        """Its result; of one that reads reports with the server that it was read from."""
        if not kind.reads_reports:
            return kind.run(grip)

        def read() -> Mapping[str, Any]:
            # What has its effect is not done again, though the replica was lost after it.
            result = {} if grip.is_finished else kind.run(grip)
            return {**(result or {}), **self.context.told_source()}

        return self.context.store.from_reports(read)

    def _finish(self, grip: Grip, result: Mapping[str, object]) -> None:
        with self.context.store.transaction() as session:
            grip.finish_in(session, result)

    def _settle(self, grip: Grip, error: Exception) -> None:
        store, row = self.context.store, grip.row
        if isinstance(error, LeaseLost):
            self._tell("work_lost", row)
        elif isinstance(error, Cancelled):
            self._put_down(lambda: claims.cancel(store, row, now=grip.now()))
            self._tell("work_cancelled", row)
        elif isinstance(error, Ending):
            self._put_down(lambda: claims.give_back(store, row, now=grip.now()))
            self._tell("work_given_back", row)
        else:
            fault = fault_of(error)
            retry = self.context.config.work.retry_seconds
            # A full disk and a database that is away say nothing about the work: it waits until they are well again.
            settle = claims.put_off if isinstance(told_by(error), MachineFault) else claims.fail
            self._put_down(lambda: settle(store, row, fault, now=grip.now(), retry_seconds=retry))
            level = WARNING if told_by(error) else ERROR
            self._tell("work_failed", row, level=level, error=error, final=fault.final)

    def _put_down(self, write: Callable[[], object], *, patient: bool = True) -> None:
        """Write how it ended, as soon as the database is there; when the work is no longer ours there is no need to."""
        while True:
            try:
                write()
            except LeaseLost:
                return
            except OutdatedProgram:  # whoever is begun after the upgrade takes it over
                raise
            except WorkFailed as fault:
                oplog.write("loop_failed", error=fault)
                if not patient or self._ending.wait(DATABASE_WAIT_SECONDS):
                    return  # the lease runs out, and another does it
            else:
                return

    # ------------------------------------------------------------ heartbeat

    @contextmanager
    def _beating(self, grip: Grip) -> Iterator[None]:
        done = Event()
        thread = Thread(target=self._beat_until, args=(grip, done), name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join(
                PULSE_SECONDS
            )  # one that waits for the database may come late: the fence turns it away

    def _beat_until(self, grip: Grip, done: Event) -> None:
        lease = self.context.config.work.lease_seconds
        pulse = min(PULSE_SECONDS, lease / 6)
        told, beaten_at = None, time.monotonic()
        while not done.wait(pulse):
            due = time.monotonic() - beaten_at >= min(lease / 3, BEAT_SECONDS)
            if not due and grip.told == told:
                continue
            progress, begun = grip.told, time.monotonic()
            if self._beat(grip, lease):
                told, beaten_at = progress, begun

    def _beat(self, grip: Grip, lease: int) -> bool:
        try:
            beat = claims.heartbeat(self.context.store, grip.row, grip.now(), lease, grip.told)
            self._alive.beat(f"{grip.row.kind} #{grip.row.work_id}")
        except Exception as error:  # the heart must not stop for anything: the next beat may be well again
            self._tell("work_beat_failed", grip.row, error=error)
            return False
        if not beat.still_mine and not grip.is_finished:
            grip.lost.set()
        if beat.cancel_asked:
            grip.cancel_asked.set()
        return True

    def _do_chores(self, seconds: float) -> None:
        if time.monotonic() - self._chores_at < seconds:
            return
        self._chores_at = time.monotonic()
        for chore in self._chores:
            try:
                chore(self.context, self.context.now())
            except Exception as error:  # work goes on whatever becomes of the chores
                oplog.write("chore_failed", chore=getattr(chore, "__qualname__", "chore"), error=error)

    @staticmethod
    def _tell(event: str, row: WorkRow, **fields: Any) -> None:
        oplog.write(event, work=row.work_id, kind=row.kind, attempt=row.attempts, **fields)


def _about(row: WorkRow) -> Mapping[str, object]:
    """Of a run of a job, which one and for which day."""
    return {name: row.params.get(name) for name in ("job", "day")} if row.kind == "job" else {}


def told_by(error: BaseException) -> TrackerError | None:
    """The error in the user's words; None of one that nobody expected."""
    return error if isinstance(error, TrackerError) else machine_fault(error)


def fault_of(error: BaseException) -> WorkFault:
    """Why an attempt failed; of an error that nobody expected only its class and place, since its text may hold data."""
    told = told_by(error)
    if told is not None:
        return WorkFault(str(told), told.code, isinstance(told, FINAL))
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"
    return WorkFault(UNEXPECTED.format(name=type(error).__name__, place=place), "UNEXPECTED", False)
