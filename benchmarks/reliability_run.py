"""One random run: processes are killed while work is asked for, then everything may settle and is counted.

Counted is by what cannot be deceived: the log of acts (each effect is one entry), what the mail server wrote down, and
the chain of the log.
"""

import multiprocessing
import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import func, select

from benchmarks import reliability_calls as calls
from benchmarks import reliability_mail as mail
from benchmarks.reliability_toys import (
    ACTION,
    JOBS,
    PROCESSES,
    SENDER,
    STEPS,
    WEBHOOK,
    JumpingContext,
    ask,
    ways_of,
)
from notifications.channels.mail import message_id
from notifications.channels.webhook import call_id
from notifications.kinds import ChannelName
from tests.flows.office import SHIPPED
from tracker.errors import WorkFailed
from tracker.store import audit, people
from tracker.store.models import (
    AuditEntry,
    InboxMessage,
    JobRun,
    Lease,
    OutboxEvent,
    OutboxMessage,
    WorkAttempt,
    WorkItem,
)
from tracker.store.people import NewAccount
from tracker.store.schedule import known_jobs
from tracker.store.session import Session

# A child begins with everything imported: kills meet work, not imports.
CTX = multiprocessing.get_context("fork")
T = TypeVar("T")
DAYS = 3
KILLS = (6, 10)
ASKED_A_KILL = 3  # toy pieces asked for before each kill, and one in steps
BETWEEN_KILLS = (0.05, 0.7)
JUMP_SECONDS = (1, 40)
SETTLE_SECONDS = 300
LONGEST_LEASE = timedelta(seconds=12)  # of the dispatchers, by SETTINGS
ENDED = {"done", "dead", "cancelled"}
SETTLED = {"sent", "delivered", "unsure", "dead", "cancelled"}
SETTINGS = {
    "work.lease_seconds": "2", "work.retry_seconds": "1", "work.max_attempts": "20", "outbox.max_attempts": "50",
    "schedule.lease_seconds": "2", "mail.host": '"127.0.0.1"', "mail.security": '"none"',
    "mail.sender": f'"{SENDER}"', "mail.timeout_seconds": "2", "mail.per_minute": "100000",
    "gateway.timeout_seconds": "2",
}  # fmt: skip


@dataclass
class Outcome:
    """What one run came to. `lost`, `doubled` and `broken` name what is not as it has to be."""

    seed: int
    seconds: float = 0.0
    kills: int = 0
    works: int = 0
    effects: int = 0
    job_runs: int = 0
    attempts_lost: int = 0
    changes_of_scheduler: int = 0
    messages_in_the_program: int = 0
    called: int = 0
    calls: int = 0
    mails: int = 0
    taken: int = 0
    refused: int = 0
    senders_lost: int = 0
    unsure: int = 0
    unsure_taken: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


FAULTS = ("lost", "doubled", "broken")


def of_channel(states: Mapping[str, str], channel: ChannelName) -> dict[str, str]:
    """The states of the messages of one channel, by key."""
    return {key: state for key, state in states.items() if key.startswith(f"{channel}:")}


@dataclass(frozen=True)
class Settling:
    """What is still to be done, and when the first of it may go on: at its time, or (nearly) when its lease has run out.

    Who lives has a lease that is shorter: only those of the dead are waited for less, after the clock was put back.
    """

    open: int
    due_at: datetime | None
    days: int


def settling(session: Session) -> Settling:
    """How far a store has settled."""
    left: list[datetime] = []
    for table, ended in ((WorkItem, ENDED), (OutboxMessage, SETTLED)):
        waiting = select(table.not_before, table.lease_until).where(table.state.not_in(ended))
        left += [
            until - LONGEST_LEASE if until is not None else not_before
            for not_before, until in session.execute(waiting)
        ]
    days = session.scalar(select(func.count(func.distinct(JobRun.day)))) or 0
    return Settling(len(left), min(left, default=None), days)


def patiently(step: Callable[[], T]) -> T:
    """A step of ours, not of those that are watched: repeated while PostgreSQL is away."""
    for _turn in range(100):
        with suppress(WorkFailed, psycopg.OperationalError):
            return step()
        time.sleep(0.2)
    return step()


def start(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A child process that ends with us."""
    process = CTX.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def configured(url: str, mail_port: int, calls_port: int) -> str:
    """The shipped configuration with short leases, this database, and the servers at these ports."""
    own = {**SETTINGS, "store.database_url": f'"{url}"', "mail.port": str(mail_port)}
    own["outbox.webhooks"] = f'["{WEBHOOK}=http://127.0.0.1:{calls_port}/"]'
    section, lines = "", []
    for line in SHIPPED.read_text("utf-8").splitlines():
        section = line.strip("[]") if line.startswith("[") else section
        name = f"{section}.{line.partition(' =')[0]}"
        lines.append(f"{name.partition('.')[2]} = {own.pop(name)}" if name in own else line)
    assert not own, own
    return "\n".join(lines) + "\n"


class Run:
    """One random run in a folder of its own. The kind of `register_message` has to be known to this process."""

    def __init__(self, folder: Path, url: str, seed: int) -> None:
        self.luck = random.Random(seed)
        self.outcome = Outcome(seed)
        self.book, self.call_book = folder / "mails.txt", folder / "calls.txt"
        self.port = mail.free_port()
        self.listening = socket.create_server(("127.0.0.1", 0))
        path = folder / "config.toml"
        path.write_text(configured(url, self.port, self.listening.getsockname()[1]), "utf-8")
        self.context = JumpingContext(path, ahead=CTX.Value("d", 0.0, lock=False))
        self.asked = Counter[str]()
        self.processes: list[tuple[Callable[..., None], BaseProcess]] = []

    def go(self) -> Outcome:
        """Everything, from asking to counting."""
        begun = time.monotonic()
        patiently(self._install)
        self.context.store.close()  # nothing open is handed on to a child
        seed = self.luck.randrange(10**6)
        servers = [
            start(mail.serve, self.port, self.book, seed),
            start(calls.serve, self.listening, self.call_book, seed),
        ]
        self.processes = [(target, start(target, self.context)) for target in PROCESSES * 2]
        try:
            self._hurt()
            self._settle()
        finally:
            for process in [process for _, process in self.processes] + servers:
                process.kill()
                process.join()
            self.listening.close()
        patiently(self._count)
        self.context.store.close()
        self.outcome.seconds = round(time.monotonic() - begun, 1)
        return self.outcome

    # ------------------------------------------------------------ hurting

    def _install(self) -> None:
        now = self.context.now()
        with self.context.store.transaction() as session:
            known_jobs(session, JOBS, now)  # nothing before this day was missed
            people.add_account(session, NewAccount("an", "an", "admin", None, "hash", "salt"), now)

    def _ask(self) -> None:
        """As a page asks: in one short transaction of its own."""
        numbers = {"toy": range(self.asked["toy"], self.asked["toy"] + ASKED_A_KILL)}
        numbers["steps"] = range(self.asked["steps"], self.asked["steps"] + 1)
        with self.context.store.transaction() as session:
            for kind, new in numbers.items():
                for number in new:
                    ask(session, kind, number, self.context.now())
        self.asked.update({kind: len(new) for kind, new in numbers.items()})
        self.context.store.close()

    def _hurt(self) -> None:
        days = 0
        for _turn in range(self.luck.randint(*KILLS)):
            patiently(self._ask)
            time.sleep(self.luck.uniform(*BETWEEN_KILLS))
            which = self.luck.randrange(len(self.processes))
            target, process = self.processes[which]
            process.kill()
            process.join()
            self.outcome.kills += 1
            if self.luck.random() < 0.4:
                self._jump(self.luck.choice((1, 1, -1)) * self.luck.uniform(*JUMP_SECONDS))
            if days < DAYS - 1 and self.luck.random() < 0.3:
                days += 1
                self._jump(86_400)
            self.processes[which] = target, start(target, self.context)
        for _day in range(days, DAYS - 1):
            self._jump(86_400)

    def _jump(self, seconds: float) -> None:
        self.context.ahead.value += seconds  # without a lock, which a killed process would never give back

    def _settle(self) -> None:
        """Until nothing is left to be done; the clock is put forward to what waits for a later time."""
        until, seen = time.monotonic() + SETTLE_SECONDS, None
        while time.monotonic() < until:
            with suppress(WorkFailed), self.context.store.read() as session:
                seen = settling(session)
            if seen and not seen.open and seen.days >= DAYS:
                return
            if seen and seen.due_at and seen.due_at > self.context.now():
                self._jump((seen.due_at - self.context.now()).total_seconds() + 0.5)
            time.sleep(0.5)
        self.outcome.broken.append(f"not settled: {seen}")

    # ------------------------------------------------------------ counting

    def _count(self) -> None:
        with self.context.store.read() as session:  # everything is gathered before anything is counted
            names = session.scalars(
                select(AuditEntry.subject).where(AuditEntry.action == ACTION).order_by(AuditEntry.id)
            ).all()
            works = Counter(session.execute(select(WorkItem.kind, WorkItem.state)).tuples())
            runs = list(session.execute(select(JobRun.job, JobRun.day)).tuples())
            states = dict(session.execute(select(OutboxMessage.key, OutboxMessage.state)).tuples().all())
            laid_in = Counter(
                session.scalars(
                    select(OutboxMessage.key).join(InboxMessage, InboxMessage.message_id == OutboxMessage.id)
                )
            )
            lost = session.scalar(select(func.count()).where(WorkAttempt.outcome == "lost"))
            gone = session.scalar(select(func.count()).where(OutboxEvent.kind == "lost"))
            token = session.scalar(select(Lease.token).where(Lease.name == "scheduler"))
            chain = audit.verify(session)
        out = self.outcome
        out.attempts_lost, out.senders_lost, out.changes_of_scheduler = lost or 0, gone or 0, (token or 1) - 1
        out.works, out.job_runs = works.total(), len(runs)
        out.broken += [
            f"{count} x {kind} {state}" for (kind, state), count in works.items() if state != "done"
        ]
        out.broken += [f"log: {chain}"] if chain.broken else []
        self._count_effects(list(names), runs)
        caused = {name for name in names if not name.startswith("step:")}
        self._count_messages(states, caused)
        self._count_mails(of_channel(states, ChannelName.EMAIL))
        self._count_calls(of_channel(states, ChannelName.WEBHOOK))
        self._count_inbox(of_channel(states, ChannelName.IN_APP), laid_in)

    def _count_effects(self, names: list[str], runs: list[tuple[str, Any]]) -> None:
        out, counts = self.outcome, Counter(names)
        wanted = {f"item:{number}" for number in range(self.asked["toy"])}
        wanted |= {f"step:{number}:{step}" for number in range(self.asked["steps"]) for step in range(STEPS)}
        wanted |= {f"job:{job}:{day}" for job, day in runs}
        out.effects = len(names)
        out.lost += sorted(wanted - set(counts))
        out.doubled += [name for name, count in counts.items() if count > 1]
        out.broken += [f"effect that nobody asked for: {name}" for name in set(counts) - wanted]
        days = {day for _, day in runs}
        out.broken += [] if len(days) >= DAYS else [f"only {len(days)} days of jobs"]
        for job in JOBS:
            asked = [day for name, day in runs if name == job]
            out.doubled += [f"run of {job}"] * (len(asked) - len(set(asked)))
            out.lost += [f"run of {job} {day}" for day in days - set(asked)]
        place = {name: number for number, name in enumerate(names)}
        for day in days:
            first, second = (place.get(f"job:{job}:{day}", -1) for job in JOBS)
            out.broken += [f"jobs of {day} in the wrong order"] if first > second else []

    def _count_messages(self, states: dict[str, str], caused: set[str]) -> None:
        """Each effect has its messages, and no message is without one."""
        wanted = {f"{channel}:{name}" for name in caused for channel in ways_of(name)}
        self.outcome.lost += [f"{key} was never put" for key in sorted(wanted - set(states))]
        self.outcome.broken += [f"{key} without its cause" for key in sorted(set(states) - wanted)]

    def _count_calls(self, states: dict[str, str]) -> None:
        """A call may be made again, since its receiver knows it by its number; it is made at least once."""
        taken = mail.read_book(self.call_book).taken
        self.outcome.calls = taken.total()
        for key, state in states.items():
            self.outcome.called += 1
            self.outcome.broken += [] if state == "sent" else [f"call {key} {state}"]
            self.outcome.lost += [] if taken.pop(call_id(key), 0) else [f"call {key}"]
        self.outcome.broken += [f"call that nobody put: {number}" for number in taken]

    def _count_inbox(self, states: dict[str, str], laid_in: Counter[str]) -> None:
        """A message in the program is there once."""
        out = self.outcome
        out.messages_in_the_program = laid_in.total()
        out.lost += [f"message {key}" for key in states if not laid_in[key]]
        out.doubled += [f"message {key}" for key, count in laid_in.items() if count > 1]
        out.broken += [
            f"message {key} {state}" for key, state in states.items() if state not in ("sent", "delivered")
        ]

    def _count_mails(self, states: dict[str, str]) -> None:
        """Sent: taken once. In doubt: once or not at all. Dead: refused for good. Nothing else, and none beside."""
        out, book = self.outcome, mail.read_book(self.book)
        out.mails = len(states)
        for key, state in states.items():
            number = message_id(key, SENDER)
            taken, refused = book.taken.pop(number, 0), book.refused.pop(number, 0)
            out.taken += taken
            out.doubled += [f"mail {key}"] if taken > 1 else []
            if state == "unsure":
                out.unsure, out.unsure_taken = out.unsure + 1, out.unsure_taken + taken
            elif state == "dead" and refused and not taken:
                out.refused += 1
            elif state != "sent":
                out.broken.append(f"mail {key} {state}")
            elif not taken:
                out.lost.append(f"mail {key}")
        out.broken += [f"mail that nobody put: {number}" for number in book.taken]
