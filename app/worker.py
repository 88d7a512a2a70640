"""A worker: takes long work out of the table, piece by piece, and does it; a heartbeat in a thread of its own holds the lease.

Whatever happens, the table tells the truth: done together with the effect, failed with its reason, given back when the
process is told to end, or taken by another when the lease has run out. A database that is lost is waited for.
"""

import os
import secrets
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

import click

from app.alive import BEAT_SECONDS, Alive
from app.context import AppContext
from app.grip import Cancelled, Ending, Grip, LeaseLost
from app.work_kinds import WORK_KINDS, WorkKind
from tracker.errors import (
    CalendarError,
    ConfigurationError,
    MachineFault,
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

    # ------------------------------------------------------------ loops

    def run_once(self, now: datetime) -> bool:
        """Do one piece of work; False if there was none to be done.

        Raises:
            WorkFailed: the database cannot be reached.
        """
        store, settings = self.context.store, self.context.config.work
        for work_id in claims.reap(store, now=now, lease_seconds=settings.lease_seconds):
            self._say(f"Việc số {work_id}: tiến trình giữ nó không còn báo, lấy lại.")
        row = claims.claim(
            store, self.kinds, owner=self.owner, now=now,
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
        """Work until told to stop; a database that is lost is waited for, and no fault ends the loop."""
        self._ending = stop
        while not stop.is_set():
            try:
                self._alive.beat()
                wait = 0.0 if self.run_once(self.context.now()) else IDLE_SECONDS
                self._do_chores()
            except (
                Exception
            ) as error:  # whatever it is, the next turn may be well again; the table tells the truth
                self._say(fault_of(error).told)
                wait = DATABASE_WAIT_SECONDS
            stop.wait(wait)
        self._alive.goodbye()

    # ------------------------------------------------------------ one piece

    def _attempt(self, row: WorkRow) -> None:
        """Do it, and put down how it ended."""
        grip = Grip(self.context, row, self._ending)
        try:
            with self._beating(grip):
                try:
                    self._do(grip)
                except Exception as error:
                    self._settle(grip, error)
        except BaseException:  # a second Ctrl+C, or the interpreter ends
            self._put_down(lambda: claims.give_back(self.context.store, row, now=grip.now()), patient=False)
            raise

    def _do(self, grip: Grip) -> None:
        result = self.kinds[grip.row.kind].run(grip)
        if not grip.is_finished:
            self._put_down(lambda: self._finish(grip, result or {}))

    def _finish(self, grip: Grip, result: Mapping[str, object]) -> None:
        with self.context.store.transaction() as session:
            grip.finish_in(session, result)

    def _settle(self, grip: Grip, error: Exception) -> None:
        store, row = self.context.store, grip.row
        if isinstance(error, LeaseLost):
            self._say(f"Việc số {row.work_id}: không còn giữ việc này, bỏ qua kết quả.")
        elif isinstance(error, Cancelled):
            self._put_down(lambda: claims.cancel(store, row, now=grip.now()))
        elif isinstance(error, Ending):
            self._put_down(lambda: claims.give_back(store, row, now=grip.now()))
        else:
            fault = fault_of(error)
            retry = self.context.config.work.retry_seconds
            # A full disk and a database that is away say nothing about the work: it waits until they are well again.
            settle = claims.put_off if isinstance(told_by(error), MachineFault) else claims.fail
            self._put_down(lambda: settle(store, row, fault, now=grip.now(), retry_seconds=retry))
            self._say(f"Việc số {row.work_id} ({row.kind}), lần {row.attempts}: {fault.told}")

    def _put_down(self, write: Callable[[], object], *, patient: bool = True) -> None:
        """Write how it ended, as soon as the database is there; when the work is no longer ours there is no need to."""
        while True:
            try:
                write()
            except LeaseLost:
                return
            except WorkFailed as fault:
                self._say(str(fault))
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
            self._say(f"Nhịp báo của việc số {grip.row.work_id} lỗi: {fault_of(error).told}")
            return False
        if not beat.still_mine and not grip.is_finished:
            grip.lost.set()
        if beat.cancel_asked:
            grip.cancel_asked.set()
        return True

    def _do_chores(self) -> None:
        if time.monotonic() - self._chores_at < CHORE_SECONDS:
            return
        self._chores_at = time.monotonic()
        for chore in self._chores:
            try:
                chore(self.context, self.context.now())
            except Exception as error:  # work goes on whatever becomes of the chores
                self._say(fault_of(error).told)

    def _say(self, text: str) -> None:
        click.echo(f"{self.context.now():%d/%m/%Y %H:%M:%S} {text}", err=True)


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
    sys.stderr.write("".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__}\n")
    return WorkFault(UNEXPECTED.format(name=type(error).__name__, place=place), "UNEXPECTED", False)
