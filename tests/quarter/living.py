"""A province lives through virtual days: loads, two schedulers, workers, senders, faults and kills; watched at each step."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path

from app.dispatching import Dispatching
from app.ingest_plan import ingest_plan
from app.scheduler import Scheduler
from app.worker import Worker
from app.works.alerting import Rounds
from tests import warm
from tests.flows.office import ROOT, SHIPPED, StandingContext
from tests.mail_server import HOST
from tests.quarter import people
from tests.quarter.post import Fault, Post
from tests.quarter.province import (
    MAIN,
    SECOND,
    Happenings,
    Province,
    at,
    busiest,
    days_late,
    is_open,
    make_lives,
)
from tests.quarter.scenario import ALL_DAY, LOADING, ON_A_DAY_OFF, Kill, Scenario
from tests.quarter.watching import Watch
from tracker.pipeline import ingest

DAY = timedelta(days=1)
SENDER = "dung-hen@vi-du.vn"
OFF = ("backup", "clean_exports", "optimize", "pull_sources", "calendar_check", "seal")
SETTINGS = {
    "mail.host": f'"{HOST}"', "mail.security": '"none"', "mail.sender": f'"{SENDER}"', "mail.per_minute": "100000",
    "mail.timeout_seconds": "60", "web.public_url": '"https://dung-hen.vi-du.vn"',
    "schedule.times": "[" + ", ".join(f'"{job} off"' for job in OFF) + "]",
}  # fmt: skip


def configured(path: Path, url: str, **given: str) -> None:
    """The shipped configuration with other values, named `section.key`."""
    own = {**SETTINGS, "store.database_url": f'"{url}"', **given}
    section, lines = "", []
    for line in SHIPPED.read_text("utf-8").splitlines():
        section = line.strip("[]") if line.startswith("[") else section
        name = f"{section}.{line.partition(' =')[0]}"
        lines.append(f"{name.partition('.')[2]} = {own.pop(name)}" if name in own else line)
    assert not own, own
    path.write_text("\n".join(lines) + "\n", "utf-8")


@dataclass
class Living:
    """One province in a folder of its own, with a furnished database."""

    folder: Path
    url: str
    scenario: Scenario
    post: Post
    kills: int = 0
    told_at: int = 0
    accounts: dict[str, int] = field(default_factory=dict)
    _sender: Dispatching | None = None

    def __post_init__(self) -> None:
        """Everything up to the first day."""
        chosen = self.scenario
        path = self.folder / "config.toml"
        alerts = {"alerts.flood_over": str(chosen.flood_over)}
        configured(path, self.url, **{"mail.port": str(self.post.server.port), **alerts})
        self.context = StandingContext(path, instant=at(chosen.first, time(4)))
        self.usual = self.context.config
        self.days = self._working_days()
        self.province = self._province()
        self.watch = Watch(self.context, self.province, chosen.flood_over)
        self.schedulers = [Scheduler(self.context, f"lich-{number}") for number in (1, 2)]

    # ------------------------------------------------------------ before the first day

    def _working_days(self) -> list[date]:
        calendar, day, days = self.context.calendar, self.scenario.first, []
        while day <= self.scenario.last:
            days += [day] if calendar.is_working(day) else []
            day += DAY
        return days

    def _province(self) -> Province:
        chosen = self.scenario
        lives = make_lives(self.folder / "made", chosen.first, chosen.last, rows=chosen.rows)
        kept = busiest(lives, chosen.units or len(lives))
        self.units = kept = [unit for unit in kept if unit != _lonely(kept)] + [_lonely(kept)]
        happenings = Happenings([life for life in lives if life.row["resolving_unit"] in kept], self.days)
        for number in chosen.moves:
            happenings.move_due_dates(number)
        for number in chosen.reopenings:
            happenings.reopen(number)
        for number in chosen.suspensions:
            happenings.suspend(number)
        happenings.without_due(chosen.suspensions[0])
        second = happenings.newcomers(chosen.second_source, chosen.flood_over - 5)
        happenings.flood(chosen.flood, chosen.flood_rows)
        return Province({MAIN: happenings.lives, SECOND: second})

    def furnish(self) -> None:
        """People, leaves, and a unit with hours of its own."""
        store, now, days = self.context.store, self.context.now(), self.days
        officers = [self._officer(unit) for unit in self.units[:3]]
        found = people.people_of(self.units, officers)
        self.accounts = people.open_accounts(store, found, now)
        self.watch.people = {
            each.email: (self.accounts[each.login], each.unit) for each in found if each.email
        }
        self.watch.silent_units = frozenset({self.units[-1]})
        with store.read() as session:
            own = people.unit_ids(session)[self.units[3]]
        people.change_calendar(store, people.own_calendar(own), now)
        people.choose(store, self.accounts["truong-4"], digest_at="09:00", by_mail=True, now=now)
        people.choose(store, self.accounts["mot-cua-2"], digest_at="", by_mail=False, now=now)
        away = (self.accounts["truong-0"], (days[3], days[6]), self.accounts["mot-cua-0"])
        people.go_on_leave(store, *away, now)
        people.go_on_leave(store, self.accounts["truong-5"], (days[4], days[5]), None, now)

    def _officer(self, unit: str) -> str:
        """The officer with most of a unit's dossiers."""
        names = [
            life.row["officer_name"]
            for life in self.province.lives[MAIN]
            if life.row["resolving_unit"] == unit
        ]
        return max(sorted(set(names)), key=names.count)

    # ------------------------------------------------------------ days

    def go(self) -> None:
        """All of them."""
        self.furnish()
        day = self.scenario.first
        while day <= self.scenario.last:
            if not self.is_out(day):
                self._live(day)
            day += DAY

    def is_out(self, day: date) -> bool:
        """Does nothing run on that day?"""
        first, last = self.scenario.outage
        return self.days[first] <= day <= self.days[last]

    def number(self, day: date) -> int | None:
        """Which working day it is, as the calendar stood at the beginning."""
        return self.days.index(day) if day in self.days else None

    def _live(self, day: date) -> None:
        number = self.number(day)
        for tick in self.scenario.ticks if number is not None else ON_A_DAY_OFF:
            self.context.instant = at(day, tick)
            self._have_fault(number, tick)
            if number is not None:
                self._act(number, tick)
            self._tick(self.scenario.kills.get(number) if number is not None else None, tick)

    def _have_fault(self, number: int | None, tick: time) -> None:
        fault = self.scenario.faults.get(number, Fault.NONE) if number is not None else Fault.NONE
        ended = tick > (time(18) if fault in ALL_DAY else self.scenario.faults_until)
        wanted = Fault.NONE if ended else fault
        if wanted is not self.post.fault:
            self.post.have(wanted)
            self._sender = None
        elif wanted is Fault.SLOW:
            self.post.server.habits.silent_at_rcpt = False  # the second time it is slow after the mail
        vars(self.context)["config"] = self.post.config(self.usual)

    def _act(self, number: int, tick: time) -> None:
        """What people do: load, take dossiers on, change the calendar."""
        if tick == LOADING:
            self.load()
        if tick == time(10, 20) and number == 1:
            self._promise(self.days[4], self.days[9])
        if tick == time(10, 20) and number == 2:
            self._take_back()
        if tick == time(15, 35) and number == self.scenario.holiday - 1:
            day = self.days[self.scenario.holiday]
            people.change_calendar(self.context.store, people.holiday(day), self.context.now())

    def load(self) -> None:
        """What the sources tell now."""
        for source in (MAIN, SECOND):
            load = self.province.export(source, self.context.now())
            if load is not None:
                plan = ingest_plan(self.context, source, paths=(self.province.write(load, self.folder),))
                load.batch_id = ingest(
                    self.context.store, people.OFFICE_CALENDAR, plan, lambda _words: None
                ).batch
                self.watch.loaded(load)

    def _promise(self, soon: date, later: date) -> None:
        """Of what is late, or will be soon, some are taken on until a day that passes without an end."""
        found = [
            life.code
            for life in self.province.lives[MAIN]
            if is_open(life, soon)
            and life.known_from is None
            and -5 < days_late(life, self.context.now().date()) < 9
        ]
        assert found, "nothing that somebody could take on"
        for place, code in enumerate(found[:6]):
            self.watch.promised(code, (soon, later)[place % 2], self.accounts["truong-0"])

    def _take_back(self) -> None:
        _, code = sorted(self.watch.words)[-1]
        self.watch.promised(code, None, self.accounts["truong-0"])

    # ------------------------------------------------------------ one minute

    def _tick(self, kill: Kill | None, tick: time) -> None:
        now = self.context.now()
        self.told_at += 1
        first = self.told_at % 2
        for scheduler in (self.schedulers[first], self.schedulers[1 - first]):
            scheduler.turn(now)
        Rounds().ask(self.context, now)
        kills = kill.what if kill is not None and kill.at == tick else ""
        if kills == "work":
            self._killed(kill)
        else:
            Worker(self.context, f"viec-{self.told_at}").run_until_idle()
        self.watch.look_around()
        if kills == "send":
            self._killed(kill)
        elif kills != "work":
            self._send()
        self.post.note(now)

    def _send(self) -> None:
        """By one sender as long as all is well; one that met a fault would leave the server alone by the machine's clock."""
        if self._sender is None or self.post.fault is not Fault.NONE:
            self._sender = Dispatching(self.context, f"gui-{self.told_at}")
        self._sender.run_until_idle()

    def _killed(self, kill: Kill | None) -> None:
        """The step by a process of its own, which kills itself with SIGKILL in the middle of it."""
        assert kill is not None
        command = [
            sys.executable, "-m", "tests.quarter.step", str(self.context.config_path), self.context.now().isoformat(),
            kill.what, kill.words, str(kill.number),
        ]  # fmt: skip
        done = warm.run(command, cwd=ROOT, env={**os.environ, **self._environment()})
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        self.kills += 1

    def _environment(self) -> Mapping[str, str]:
        return {"DUNGHEN_DATABASE_URL": self.url}


def _lonely(units: Sequence[str]) -> str:
    """The least busy unit that has no other above it but the province."""
    return [unit for unit in units if unit.startswith("UBND")][-1]
