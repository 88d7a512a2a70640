"""Toy work, jobs and messages of the reliability runs, and the processes that do them, on a clock that can be moved.

Each effect is an entry of the log with a name of its own, written in one transaction with the end of its work (and with
the mail, the call and the message in the program that it causes): whatever is done twice, or not at all, is seen by counting.
"""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Event
from typing import Any

from app.commands.worker_command import dispatch_forever
from app.context import AppContext
from app.grip import Grip
from app.jobs import Job
from app.scheduler import Scheduler
from app.work_kinds import WORK_KINDS, WorkKind
from app.worker import Worker, owner_name
from notifications import dispatch
from notifications.kinds import MESSAGE_KINDS, ChannelName, MessageKind
from notifications.outbox import OutboxDraft, put
from tracker import clock
from tracker.config import WEBHOOK_SECRET_VARIABLE
from tracker.errors import WorkFailed
from tracker.store import audit, work
from tracker.store.audit import Act
from tracker.store.locks import Lock, hold
from tracker.store.session import Session
from tracker.timekeeping.schedule import CatchUp
from tracker.types.work import WorkRequest

ACTION = "toy"
STEPS = 6
SENDER = "dunghen@office.example"
WEBHOOK = "toy"


@dataclass
class JumpingContext(AppContext):
    """The program's context on a clock that all processes of a run share and that can be put forward and back."""

    ahead: Any = None

    def now(self) -> datetime:
        """The present instant, so many seconds ahead."""
        return clock.now() + timedelta(seconds=self.ahead.value)


# ---------------------------------------------------------------- work


def write_and_tell(grip: Grip) -> None:
    """An entry of the log, its messages, and the end of the work: one transaction. At times the first attempt fails."""
    number = int(grip.params["number"])
    grip.progress(0, 1)
    if number % 5 == 0 and grip.row.attempts == 1:
        raise WorkFailed("thử: bận")
    _finish_and_tell(grip, f"item:{number}")


def step_by_step(grip: Grip) -> None:
    """An entry a step, each with its checkpoint."""
    for step in range(grip.row.checkpoint.get("step", 0), STEPS):
        grip.progress(step, STEPS)
        with grip.context.store.transaction() as session:
            if step + 1 == STEPS:
                grip.finish_in(session, {})
            else:
                grip.checkpoint_in(session, {"step": step + 1})
            _note(session, f"step:{grip.params['number']}:{step}", grip.now())


def tell_of_the_day(grip: Grip, day: date) -> None:
    """Its messages once a day."""
    _finish_and_tell(grip, f"job:{grip.params['job']}:{day}")


def _finish_and_tell(grip: Grip, name: str) -> None:
    with grip.context.store.transaction() as session:
        hold(session, Lock.OUTBOX)  # before our own row and the log: one order of locks for everybody
        grip.finish_in(session, {})
        for channel, recipient in ways_of(name).items():
            put(
                session,
                OutboxDraft("toy", f"{channel}:{name}", channel, recipient, name, f"Thử {name}"),
                grip.now(),
            )
        _note(session, name, grip.now())


def ways_of(name: str) -> Mapping[ChannelName, str]:
    """By which channels an effect is told, and to whom."""
    return {
        ChannelName.EMAIL: f"{name.replace(':', '-')}@mail.example",
        ChannelName.WEBHOOK: WEBHOOK,
        ChannelName.IN_APP: "user:1",
    }


def _note(session: Session, name: str, now: datetime) -> None:
    audit.append_acts(session, [Act(now, "toy", ACTION, name, {})])


JOBS = {
    name: Job(name, "Thử", "00:00", tell_of_the_day, catch_up=CatchUp.EACH, after=after)
    for name, after in (("toy-first", ()), ("toy-second", ("toy-first",)))
}


def run_job(grip: Grip) -> None:
    """The run of a toy job, as `app.jobs.run_job` does with the real ones."""
    JOBS[grip.params["job"]].run(grip, date.fromisoformat(grip.params["day"]))


KINDS: Mapping[str, WorkKind] = {
    **WORK_KINDS,
    "toy": WorkKind("toy", "Thử", write_and_tell),
    "steps": WorkKind("steps", "Thử từng bước", step_by_step),
    "job": WorkKind("job", "Thử", run_job),
}


def register_message() -> None:
    """Let this process, and those that it starts, know the toy kind of message and the secret of its calls."""
    kinds: dict[str, MessageKind] = MESSAGE_KINDS  # type: ignore[assignment]
    kinds["toy"] = MessageKind("toy", "Thử", frozenset(ways_of("")), is_impersonal=True)
    os.environ[f"{WEBHOOK_SECRET_VARIABLE}{WEBHOOK.upper()}"] = "toy"


def ask(session: Session, kind: str, number: int, now: datetime) -> None:
    """Ask for a piece of toy work."""
    work.ask(session, WorkRequest(kind, f"{kind}:{number}", {"number": number}, "toy"), now)


# ---------------------------------------------------------------- processes


def work_forever(context: JumpingContext) -> None:
    """As `dunghen worker --only work`."""
    _alone()
    Worker(context, owner_name(), KINDS).run_forever(Event())


def send_forever(context: JumpingContext) -> None:
    """As `dunghen worker --only outbox`, but for a channel at fault that rests a second instead of a quarter of a minute."""
    _alone()
    dispatch.REST_SECONDS = 1
    dispatch_forever(context, owner_name(), Event())


def schedule_forever(context: JumpingContext) -> None:
    """As `dunghen scheduler`."""
    _alone()
    Scheduler(context, owner_name(), JOBS).run_forever(Event())


PROCESSES = (work_forever, send_forever, schedule_forever)


def _alone() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
