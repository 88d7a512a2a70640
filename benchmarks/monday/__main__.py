"""A provincial Monday on one machine: imports, pushes, 300 people, mails, letters, an auditor's export at once.

`python -m benchmarks.monday [--rows N] [--database sqlite|postgresql] [--keep FOLDER] [--minutes M] [--quiet S] [--think S]
[--json FILE]` prints a table and ends with status 1 if anything failed or was not as it has to be (slow pages fail nothing).

The store (10 million dossiers by default) is made in the folder once (`--keep`), and lived on as a copy, so that each run
meets the same morning. Web, workers and scheduler are the program's own processes at the priorities of their services; the
people ask at times that were drawn beforehand (`benchmarks.monday.staff`), first with nothing else going on, then with all of it.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks.kept import Kept, kept
from benchmarks.monday import holding, outcome
from benchmarks.monday.batch import Batch, Pusher, open_codes
from benchmarks.monday.processes import AHEAD, AheadContext, Running, running, started, wait_until_ready
from benchmarks.monday.province import (
    KEY,
    MONDAY,
    PASSWORD,
    SECRET,
    SOURCE,
    WEEKLY_SHARE,
    furnish,
    letters_from,
    staff,
    write_monday,
)
from tests.mail_server import Habits, MailServer, free_port, serving
from tests.passwords import cheap_hash
from tests.quarter.living import configured
from tracker import clock
from tracker.pipeline.summaries import refresh
from tracker.store import source_keys
from tracker.store.session import open_store
from tracker.store.source_keys import NewKey

WEB, WORKERS = 2, 2
# Done in the night before, or in the night to come.
OF_THE_NIGHT = ("backup", "clean_exports", "optimize", "findings", "snapshots", "seal", "pull_sources")
LONGEST = 45  # minutes: whatever is not done then is a fault
CODES_OF_A_UNIT = 60


@dataclass
class Morning:
    """One run: where it lives, and what it is to be like."""

    asked: argparse.Namespace
    place: Kept
    folder: Path
    mail: MailServer

    @property
    def config(self) -> Path:
        """The configuration of the run."""
        return self.folder / "config.toml"

    def configure(self, url: str, **more: str) -> None:
        """As shipped, but for what a run needs."""
        (self.folder / "var").mkdir(parents=True, exist_ok=True)
        configured(
            self.config, url,
            **{
                "store.data_dir": f'"{self.folder.as_posix()}/var"', "web.trusted_proxies": '["127.0.0.1"]',
                "mail.port": str(self.mail.port), "mail.per_minute": "600", "receiver.enabled": "true",
                "schedule.times": json.dumps([f"{job} off" for job in OF_THE_NIGHT]),
                "work.lease_seconds": "60", "ingest.chunk_rows": "6000",
                "web.most_mib": str(self.asked.most_mib), **more,
            },
        )  # fmt: skip


def live(morning: Morning) -> dict[str, Any]:
    """The run."""
    place, asked = morning.place, morning.asked
    made = ready(morning)
    changed, whole, *counts = write_monday(place.folder, asked.rows)
    copied = live_copy(morning)
    with ExitStack() as stack:
        ahead = (MONDAY - clock.now()).total_seconds()
        processes = stack.enter_context(running(morning.config, place.lived, ahead, morning.folder / "logs"))

        os.environ[AHEAD] = str(ahead)
        context = AheadContext(morning.config)
        day = Day(morning, processes, Batch(context, changed, whole, asked.rows))
        figures = day.go()
        now = context.now()
        context.store.close()
    wrong, after = outcome.faults(place.lived, now, morning.mail.taken, day.pusher)
    return {
        "database": asked.database, "rows": asked.rows, "people": len(staff()), "think": asked.think, "made": made,
        "copied_seconds": copied, "rows_of_the_day": counts[0], "rows_of_the_week": counts[1],
        "store_gib": round(place.bytes() / 2**30, 2), **figures, "after": after, "faults": [*day.wrong, *wrong],
    }  # fmt: skip


def ready(morning: Morning) -> Mapping[str, float]:
    """The store that stays, made where it is missing; the seconds of each step. The configuration is that of the run."""
    place, rows = morning.place, morning.asked.rows
    place.make()
    store, first = open_store(place.url), place.folder / "letters-from"
    contexts: list[AheadContext] = []
    try:
        morning.configure(place.url)
        contexts.append(AheadContext(morning.config))
        taken = furnish(store, contexts[-1], rows, place.folder, until="ledger of apologies")
        if not first.exists():
            first.write_text(letters_from(store, rows).isoformat())
        begun = {"letters.letters_from": f'"{first.read_text()}"'}
        morning.configure(place.url, **begun)
        contexts.append(AheadContext(morning.config))
        taken |= furnish(store, contexts[-1], rows, place.folder)
    finally:
        for each in (store, *(context.store for context in contexts)):
            each.close()
    morning.configure(place.lived, **begun)
    return taken


def live_copy(morning: Morning) -> float:
    """The store of this morning, which knows the system that pushes; the seconds of copying."""
    began = time.monotonic()
    morning.place.copy()
    copied = round(time.monotonic() - began, 1)
    store = open_store(morning.place.lived)
    refresh(store, MONDAY)  # as a worker did at midnight
    new = NewKey(SOURCE, KEY, cheap_hash(SECRET), (), "quan-tri")
    source_keys.make_key(store, new, MONDAY, log=lambda _session, _key: None)
    store.close()
    return copied


class Day:
    """The processes, the people, the works."""

    def __init__(self, morning: Morning, processes: Running, batch: Batch) -> None:
        self.morning, self.processes, self.batch = morning, processes, batch
        self.ports = [free_port() for _ in range(WEB)]
        desks = {}
        with batch.store.read() as session:
            found_open = list(open_codes(session))
        for unit_id, dossier_id, code in found_open:
            desks.setdefault(unit_id, []).append((dossier_id, code))
        self.by_unit = {unit: found[:CODES_OF_A_UNIT] for unit, found in desks.items()}
        # Of dossiers that came by a load: what was made inside the database has limits that no load would find.
        loaded = morning.asked.rows - int(morning.asked.rows * WEEKLY_SHARE)
        codes = [code for _unit, number, code in found_open if number > loaded]
        self.pusher = Pusher(self.ports[0], batch.context.now, codes)
        self.most: dict[str, int] = {}
        self.wrong: list[str] = []

    def go(self, load: Callable[[], dict[str, float]] | None = None) -> dict[str, Any]:
        """Quiet pages, then everything; `load`: something else than the morning's works."""
        for number, port in enumerate(self.ports):
            self.processes.start(f"web {number + 1}", "web", str(port))
        for port in self.ports:
            wait_until_ready(port)
        self._write_plan()
        asking = started("benchmarks.monday.staff", self.morning.folder / "plan.json")
        try:
            self._wait_for(self.morning.folder / "logged-in", asking)
            time.sleep(min(10, self.morning.asked.quiet))  # what a process reads once is no cost of a page
            quiet = time.monotonic()
            time.sleep(self.morning.asked.quiet)
            begun = time.monotonic()
            used = (load or self._load)()
            ended = time.monotonic()
        finally:
            (self.morning.folder / "stop").touch()
            asking.wait(120)
        spans = {"quiet": (quiet, begun), "load": (begun, ended)}
        return {
            "load_seconds": round(ended - begun, 1), "pages": outcome.pages(self.morning.folder / "requests.jsonl", spans),
            "works": self.batch.taken, "jobs": self._jobs(), "mails": len(self.morning.mail.taken),
            "pushes": {
                "sent": self.pusher.sent, "turned away and sent again": self.pusher.refused_once,
                "longest wait s": round(max(self.pusher.waits, default=0), 1),
            },
            "processor_seconds": used, "most_mib": self.most, "held": holding.held(self.processes.log),
        }  # fmt: skip

    def _load(self) -> dict[str, float]:
        """Everything at once, until all is done and at least so long; the seconds of processor of each process."""
        self.start_workers()
        before = {name: seconds for name, (seconds, _mib) in self.processes.usage().items()}
        pushing = Thread(target=self.pusher.run, daemon=True)
        pushing.start()
        begun = time.monotonic()
        while True:
            still = self.batch.go_on()
            self.watch()
            passed = time.monotonic() - begun
            if passed > LONGEST * 60 or self.wrong:
                self.wrong.append(f"not done after {passed:.0f} s: {self.batch.running}")
                break
            if passed >= self.morning.asked.minutes * 60 and not still and self._is_settled():
                break
            time.sleep(0.5)
        self.pusher.stop()
        pushing.join()
        after = self.processes.usage()
        return {name: round(seconds - before.get(name, 0), 1) for name, (seconds, _mib) in after.items()}

    def start_workers(self) -> None:
        """Workers and scheduler; from here on jobs run."""
        for number in range(WORKERS):
            self.processes.start(f"worker {number + 1}", "worker")
        self.processes.start("scheduler", "scheduler")

    def watch(self) -> None:
        """Note how much memory each process has, and who is gone."""
        for name, (_seconds, mib) in self.processes.usage().items():
            self.most[name] = max(mib, self.most.get(name, 0))
        self.wrong += [f"{name} ended by itself" for name in self.processes.dead()]

    def _is_settled(self) -> bool:
        """No work open, no message waiting, every job of the morning asked for."""
        open_works = (
            "SELECT count(*) FROM work_item WHERE state IN ('waiting', 'running') AND kind <> 'alert_round'"
        )
        waiting = "SELECT count(*) FROM outbox_message WHERE state IN ('waiting', 'sending')"
        with self.batch.store.read() as session:
            ask = session.connection().exec_driver_sql
            return ask(open_works).scalar_one() == 0 and ask(waiting).scalar_one() == 0

    def _jobs(self) -> dict[str, float]:
        """Seconds of each work that nobody asked for: jobs of the morning, counts, keys."""
        told: dict[str, float] = {}
        question = "SELECT kind, key, ended_at - started_at FROM work_item WHERE kind NOT IN ('letter_step') ORDER BY id"
        with self.batch.store.read() as session:
            for kind, key, seconds in session.connection().exec_driver_sql(question):
                name = ":".join(str(key).split(":")[:2]) if kind == "job" else kind
                told[name] = round(told.get(name, 0) + float(seconds or 0), 1)
        return told

    def _write_plan(self) -> None:
        asked, folder = self.morning.asked, self.morning.folder
        for name in ("stop", "logged-in"):
            (folder / name).unlink(missing_ok=True)
        everybody = list(self.by_unit.values())
        desks = []
        for place, person in enumerate(staff()):
            found = (
                self.by_unit.get(person.unit_id, []) if person.unit_id else everybody[place % len(everybody)]
            )
            desks.append({
                "login": person.login, "role": person.role, "codes": [code for _id, code in found],
                "ids": [number for number, _code in found], "place": place,
            })  # fmt: skip
        plan = {
            "ports": self.ports, "desks": desks, "password": PASSWORD, "a_second": len(desks) / asked.think,
            "last": asked.rows, "seed": asked.seed,
        }  # fmt: skip
        (folder / "plan.json").write_text(json.dumps(plan), "utf-8")

    @staticmethod
    def _wait_for(path: Path, process: Any) -> None:
        while not path.exists():
            if process.poll() is not None:
                raise RuntimeError("the people could not log in")
            time.sleep(0.2)


def options(told: str | None) -> argparse.ArgumentParser:
    """What a run with people and a store that stays is asked; `told`: its help."""
    parser = argparse.ArgumentParser(description=told, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", type=Path, help="folder where the store stays for the next run")
    parser.add_argument("--minutes", type=float, default=3, help="the load lasts at least so long")
    parser.add_argument("--quiet", type=float, default=45, help="seconds of pages without the load")
    parser.add_argument("--think", type=float, default=20, help="seconds between two pages of one person")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most-mib", type=int, default=512, help="web.most_mib of the web processes")
    parser.add_argument("--json", type=Path)
    return parser


def main() -> None:
    """Measure, look, print."""
    parser = options(__doc__)
    parser.add_argument("--prepare", action="store_true", help="make the store that stays, and no more")
    asked = parser.parse_args()
    with ExitStack() as stack:
        passing = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dunghen-monday-")))
        passing.chmod(0o711)  # the account of the server has to get to its data
        mail = stack.enter_context(serving(Habits()))
        place = stack.enter_context(kept(asked.keep or passing / "store", asked.database))
        morning = Morning(asked, place, passing, mail)
        if asked.prepare:
            print(ready(morning))
            return
        try:
            result = live(morning)
        finally:
            place.remove_copy()
    print(outcome.table(result))
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1, ensure_ascii=False), "utf-8")
    sys.exit(bool(result["faults"] or result["pages"]["faults"]))


if __name__ == "__main__":
    main()
