"""The scheduler: asks for each run once, whoever is killed; does what is due by real jobs; waits for its turn."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from queue import Queue
from threading import Event, Thread

import pytest

from app.jobs import JOBS
from app.scheduler import LEASE, Scheduler
from app.worker import Worker
from tests import warm
from tests.flows.office import NOW, ROOT, Office, StandingContext
from tests.flows.toy_scheduler import TOYS
from tracker.config import load_config
from tracker.store import audit, leases, schedule
from tracker.store.schedule import RunRow
from tracker.types.work import WorkState

SEEDS = (0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2)))
PATIENCE_SECONDS = 60


@pytest.fixture
def context(office: Office) -> Iterator[StandingContext]:
    """A context whose clock the test moves."""
    context = open_context(office)
    yield context
    context.store.close()


def open_context(office: Office) -> StandingContext:
    """A context in this process, on the office's own database."""
    context = StandingContext(office.config, instant=NOW)
    told = {name: value for name, value in office.environment.items() if value}
    context.__dict__["config"] = load_config(office.config, told)
    return context


def believe_alive(office: Office, seconds: int) -> None:
    """How long a scheduler is believed alive."""
    head, tail = office.config.read_text("utf-8").split("[schedule]")
    office.config.write_text(
        f"{head}[schedule]{tail.replace('lease_seconds = 60', f'lease_seconds = {seconds}')}", "utf-8"
    )


def runs(context: StandingContext) -> list[RunRow]:
    with context.store.read() as session:
        return schedule.history(session, limit=1000)[::-1]


def told(found: list[RunRow]) -> list[tuple[str, date, str]]:
    return [(run.job, run.day, run.cause.value) for run in found]


def at(context: StandingContext, text: str) -> datetime:
    context.instant = datetime.fromisoformat(text).replace(tzinfo=NOW.tzinfo)
    return context.instant


# ---------------------------------------------------------------- turns


def test_a_day_of_the_real_jobs_from_installation_to_the_next_morning(context: StandingContext):
    scheduler, worker = Scheduler(context, "s"), Worker(context, "w")
    today = NOW.date()
    for hour in ("09:30", "09:31", "23:29", "23:30", "23:31"):
        scheduler.turn(at(context, f"2026-08-24 {hour}:00"))
    # What has its time before the installation is caught up on its day; nothing of the days before.
    assert told(runs(context)) == [
        ("backup", today, "catch_up"),
        ("clean_exports", today, "catch_up"),
        ("optimize", today, "catch_up"),
        ("findings", today, "catch_up"),
        ("snapshots", today, "catch_up"),
        ("pull_sources", today, "catch_up"),
        ("calendar_check", today, "catch_up"),
        ("ledger", today, "catch_up"),
        ("forecast", today, "catch_up"),
        ("letter_reminders", today, "catch_up"),
        ("evaluate", today, "catch_up"),
        ("digests", today, "catch_up"),
        ("alerts", today, "catch_up"),
        ("seal", today, "clock"),
    ]
    assert worker.run_until_idle() == len(JOBS)
    assert {run.work.state for run in runs(context)} == {WorkState.DONE}
    with context.store.read() as session:
        assert audit.last_seal_day(session) == today


def test_after_days_without_a_machine_each_seal_is_made_and_of_the_others_the_latest(
    context: StandingContext,
):
    scheduler = Scheduler(context, "s")
    scheduler.turn(at(context, "2026-08-24 23:30:00"))
    scheduler.turn(at(context, "2026-08-28 08:00:00"))
    later = [(run.job, run.day.day) for run in runs(context) if run.day.day > 24]
    assert later == [
        ("seal", 25),
        ("seal", 26),
        ("seal", 27),
        ("backup", 28),
        ("clean_exports", 28),
        ("optimize", 28),
        ("findings", 28),
        ("snapshots", 28),
        ("pull_sources", 28),
        ("calendar_check", 28),
        ("ledger", 28),
        ("forecast", 28),
        ("letter_reminders", 28),
        ("evaluate", 28),
        ("digests", 28),
        ("alerts", 28),
    ]


def test_a_second_scheduler_waits_and_takes_over_when_the_first_is_silent(context: StandingContext):
    first, second = Scheduler(context, "a"), Scheduler(context, "b")
    assert first.turn(at(context, "2026-08-24 09:30:00")).is_on_duty
    waiting = second.turn(at(context, "2026-08-24 09:30:59"))
    assert (waiting.is_on_duty, waiting.asked) == (False, ())
    assert second.turn(at(context, "2026-08-24 09:31:00")).is_on_duty
    assert not first.turn(at(context, "2026-08-24 09:31:10")).is_on_duty


def test_who_steps_down_keeps_nobody_waiting(context: StandingContext):
    first, second = Scheduler(context, "a"), Scheduler(context, "b")
    first.turn(NOW)
    first.step_down(NOW)
    assert second.turn(NOW).is_on_duty


def test_who_slept_past_its_lease_asks_for_nothing(context: StandingContext):
    """Between taking the lease and asking, another took it over: the token is looked at in the transaction that asks."""
    scheduler = Scheduler(context, "a")
    token = leases.acquire(context.store, LEASE, "a", NOW, 60)
    leases.acquire(context.store, LEASE, "b", NOW + timedelta(seconds=61), 60)
    assert token is not None
    assert scheduler._ask(token, NOW + timedelta(seconds=62)) == ()
    assert runs(context) == []


def test_who_waited_for_the_database_while_the_clock_was_moved_asks_for_nothing(context: StandingContext):
    scheduler, before = Scheduler(context, "a"), at(context, "2026-08-24 23:30:00")
    at(context, "2026-08-25 23:30:00")
    assert scheduler.turn(before).asked == ()
    assert [run.day.day for run in scheduler.turn(context.now()).asked if run.job == "seal"] == [25]


def test_a_run_of_a_clock_that_was_ahead_by_a_day_is_asked_for_again_when_its_day_comes(
    context: StandingContext,
):
    scheduler = Scheduler(context, "a")
    for moment in ("2026-08-24 23:30:00", "2026-08-25 23:30:00", "2026-08-24 23:31:00"):
        scheduler.turn(at(context, moment))
    asked = scheduler.turn(at(context, "2026-08-25 23:30:00")).asked
    assert [(run.day.day, run.seq) for run in asked if run.job == "seal"] == [(25, 1)]


def test_times_of_the_configuration_and_jobs_that_are_off(office: Office):
    office.configure(times='["seal 08:00", "optimize off"]')
    context = open_context(office)
    Scheduler(context, "s").turn(at(context, "2026-08-24 08:00:00"))
    asked = [run.job for run in runs(context)]
    assert asked == [
        "backup",
        "clean_exports",
        "findings",
        "snapshots",
        "pull_sources",
        "calendar_check",
        "seal",
        "ledger",
        "forecast",
        "letter_reminders",
        "evaluate",
        "digests",
        "alerts",
    ]
    context.store.close()


def test_every_job_can_be_switched_off_by_its_name(office: Office):
    office.configure(times=json.dumps([f"{name} off" for name in JOBS]))
    context = open_context(office)
    Scheduler(context, "s").turn(at(context, "2026-08-24 08:00:00"))
    assert runs(context) == []
    context.store.close()


# ---------------------------------------------------------------- processes


class Race:
    """Two schedulers with a racing clock; whoever is killed is replaced."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.begun = time.monotonic()
        self.lines: Queue[str] = Queue()
        self.processes = [self.start(), self.start()]
        self.faults: list[str] = []

    def start(self) -> subprocess.Popen[str]:
        """One more; what it says goes into `lines`."""
        told = {**os.environ, **self.office.environment}
        environment = {name: value for name, value in told.items() if value is not None}
        process = warm.Program(
            [sys.executable, "-m", "tests.flows.toy_scheduler", str(self.office.config), str(self.begun)],
            cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        Thread(target=self._listen, args=(process,)).start()
        return process

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        with process.stdout as out:
            for line in out:
                self.lines.put(line)

    def kill(self, number: int) -> None:
        """End one at whatever it is doing."""
        process = self.processes[number]
        process.kill()
        assert process.stderr
        with process.stderr as err:
            self.faults.append(err.read())
        process.wait()

    def wait_for(self, count: int) -> list[str]:
        """So many lines."""
        return [self.lines.get(timeout=PATIENCE_SECONDS) for _ in range(count)]


@pytest.mark.parametrize("seed", SEEDS)
def test_however_schedulers_are_killed_each_run_of_each_day_is_asked_for_exactly_once(
    office: Office, seed: int
):
    believe_alive(office, 3600)
    chance, race, said = random.Random(seed), Race(office), []
    for _ in range(3):
        said += race.wait_for(chance.randint(1, 25))
        number = chance.randrange(2)
        race.kill(number)
        race.processes[number] = race.start()
    said += race.wait_for(20)
    race.kill(0)
    race.kill(1)
    assert race.faults == [""] * 5  # two that asked for one run at once would have complained
    context = open_context(office)
    found = runs(context)
    with context.store.read() as session:
        known = schedule.jobs_known(session)
    days = {job: sorted(run.day for run in found if run.job == job) for job in TOYS}
    for job, asked in days.items():
        assert asked == [known[job].date() + timedelta(days=number) for number in range(len(asked))], job
        assert len(asked) > 3
    assert {run.seq for run in found} == {1}
    assert office.query("SELECT count(*) FROM work_item") == [(len(found),)]
    # Who took over had the higher token: nobody asked under an old one.
    tokens = [int(token) for _, token in sorted((int(line.split()[1]), line.split()[0]) for line in said)]
    assert tokens == sorted(tokens)
    context.store.close()


def test_the_command_keeps_others_waiting_and_steps_down_at_once_when_told_to(office: Office):
    believe_alive(office, 3600)
    first = office.start("scheduler")
    with first:
        assert first.stderr
        until(first, '"event":"schedule_taken"')
        assert office.program("scheduler", "--until-idle").status == 1
        first.send_signal(signal.SIGTERM)
        assert first.wait(PATIENCE_SECONDS) == 0
    assert office.query("SELECT owner, token FROM lease WHERE name = 'scheduler'") == [("", 1)]
    assert office.query("SELECT count(*) FROM process WHERE ended_at IS NULL") == [(0,)]


def until(process: subprocess.Popen[str], words: str) -> None:
    """Read what it says until these words come."""
    assert process.stderr
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"never said {words!r}")


def test_a_broken_step_does_not_stop_the_clock(context: StandingContext, caplog: pytest.LogCaptureFixture):
    """Chores that fail, and a database that is lost, are told; the next tick goes on."""
    seen, name = [], "Nguyễn Văn Bịa"

    def chore(_context: StandingContext, now: datetime) -> None:
        seen.append(now)
        raise KeyError(name)

    scheduler = Scheduler(context, "s", chores=(chore,))  # type: ignore[arg-type]
    scheduler._carefully(scheduler._do_chores)
    assert seen == [NOW]
    assert "loop_failed error=KeyError" in caplog.text
    assert name not in caplog.text


def test_a_clock_that_jumps_far_ahead_and_back_silences_nobody(office: Office):
    believe_alive(office, 2)
    context, stop = open_context(office), Event()
    thread = Thread(target=Scheduler(context, "s").run_forever, args=(stop,))
    thread.start()
    for moment, seen in (
        ("2026-08-24 09:30:00", 24),
        ("2036-01-01 00:00:00", 31),
        ("2026-08-26 08:00:00", 26),
    ):
        at(context, moment)
        for _turn in range(600):
            if any(run.day.day == seen for run in runs(context)):
                break
            stop.wait(0.1)
        assert any(run.day.day == seen for run in runs(context)), moment
    stop.set()
    thread.join()
    with context.store.read() as session:
        lease = leases.find_lease(session, LEASE)
    assert lease is not None
    assert lease.owner == ""
    context.store.close()
