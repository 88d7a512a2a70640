"""Hours in minutes: web, workers and scheduler under steady load, looked at every few seconds for what only ever grows.

`python -m benchmarks.soak [--rows N] [--database sqlite|postgresql] [--keep FOLDER] [--minutes M] [--think S]
[--most-mib N] [--json FILE]` prints a table: resident memory, open files and sockets, threads of each process, connections of the database, its log of
changes, files left in the data folder. What grows is told by a straight line through the samples after the first quarter
(least squares) and by the middles of their first and last third, so that one great piece of work is no leak.
Ends with status 1 if anything grows beyond its limit, a process ended, or a page failed.

The people, the pages and the processes are those of `benchmarks.monday`; each few seconds a worker is asked for something.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg

from app.works.case_exporting import XLSX_ENDING
from app.works.drafting import scope_params
from app.works.exporting import View
from app.works.loading import ingest_params
from benchmarks.kept import kept
from benchmarks.monday import outcome
from benchmarks.monday.__main__ import Day, Morning, live_copy, options, ready
from benchmarks.monday.batch import Batch
from benchmarks.monday.processes import AHEAD, AheadContext, running
from benchmarks.monday.province import MONDAY, SOURCE, fresh_rows, write_monday, write_rows
from letters.reissue import LetterScope
from tests.mail_server import Habits, serving
from tracker import clock
from tracker.store import catalogue

EVERY = 3.0
ASK_EVERY = 6.0
MIB = 2**20


@dataclass(frozen=True)
class Limit:
    """How much a thing may grow: an hour by its line, and from the first to the last third at all."""

    word: str
    an_hour: float
    at_all: float


LIMITS = {
    "memory": Limit("MiB", 60, 12), "handles": Limit("open files", 20, 4), "threads": Limit("threads", 10, 2),
    "connections": Limit("connections", 10, 3), "log": Limit("MiB", 240, 64), "passing": Limit("files", 20, 5),
}  # fmt: skip


@dataclass
class Series:
    """What was seen of one thing of one process: seconds since the beginning, and how much."""

    kind: str
    seen: list[tuple[float, float]] = field(default_factory=list)

    def settled(self) -> list[tuple[float, float]]:
        """Without the first quarter: caches fill, pools open."""
        return self.seen[len(self.seen) // 4 :]

    def an_hour(self) -> float:
        """The slope of the line through what was seen."""
        points = self.settled()
        if len(points) < 3:
            return 0.0
        return (
            3_600 * statistics.linear_regression([at for at, _ in points], [much for _, much in points]).slope
        )

    def at_all(self) -> float:
        """The middle of the last third less that of the first."""
        values = [much for _, much in self.settled()]
        third = max(1, len(values) // 3)
        return statistics.median(values[-third:]) - statistics.median(values[:third])

    def fault(self) -> str:
        """Why it is one that grows; "" where it is not."""
        limit = LIMITS[self.kind]
        if self.an_hour() <= limit.an_hour or self.at_all() <= limit.at_all:
            return ""
        return f"grows by {self.an_hour():.1f} {limit.word} an hour ({self.at_all():+.1f} from the first to the last third)"


@dataclass
class Looker:
    """Samples by name."""

    day: Day
    server: str
    series: dict[str, Series] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def look(self) -> None:
        """Once."""
        for name, process in self.day.processes.processes.items():
            for child in _with_children(process.pid):
                self._note(f"{name}: memory", "memory", _resident(child), add=child != process.pid)
            own = Path("/proc") / str(process.pid)
            try:
                self._note(f"{name}: handles", "handles", len(list((own / "fd").iterdir())))
                self._note(f"{name}: threads", "threads", len(list((own / "task").iterdir())))
            except OSError:
                continue
        place = self.day.morning.place
        if self.server:
            with psycopg.connect(self.server) as asking:
                told = asking.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = 'lived'"
                ).fetchone()
            self._note("database: connections", "connections", float(told[0] if told else 0))
        else:
            log = place.folder / "lived.sqlite3-wal"
            self._note("database: log of changes", "log", log.stat().st_size / MIB if log.exists() else 0)
        data = self.day.morning.folder / "var"
        passing = [
            path
            for path in data.rglob("*")
            if path.name.startswith(".") or path.suffix in (".part", ".staging")
        ]
        self._note("data folder: passing files", "passing", len(passing))

    def _note(self, name: str, kind: str, much: float, *, add: bool = False) -> None:
        seen = self.series.setdefault(name, Series(kind)).seen
        if add and seen:
            seen[-1] = (seen[-1][0], seen[-1][1] + much)
        else:
            seen.append((time.monotonic() - self.began, much))


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = (Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _with_children(int(child))


def _resident(pid: int) -> float:
    """Without what is shared with others: pages of libraries are nobody's leak."""
    try:
        told = (Path("/proc") / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("Private")) / 1024


# ---------------------------------------------------------------- steady work


class Steady:
    """Something for a worker every few seconds, one kind after the other."""

    def __init__(self, batch: Batch, folder: Path) -> None:
        self.batch, self.folder, self.number, self.asked = batch, folder, 0, 0
        with batch.store.read() as session:
            self.units = sorted(unit for unit in catalogue.units(session) if unit >= 1_000_000)
        self.turns = cycle((self._load, self._late, self._load, self._draft, self._load, self._pack))

    def go_on(self) -> None:
        """Ask for the next."""
        self.number += 1
        next(self.turns)()
        self.asked += 1

    def _load(self) -> None:
        path = self.folder / f"nap-{self.number % 50}.csv"
        write_rows(path, iter(fresh_rows(range(300 * self.number, 300 * self.number + 600), MONDAY)))
        self._ask("ingest", ingest_params([path], SOURCE))

    def _late(self) -> None:
        view = View(self.batch.context.now(), None, False)
        filters = {"trang-thai": "open", "tep": XLSX_ENDING}
        self._ask("case_export", {"filters": filters, "view": view.as_params()})

    def _draft(self) -> None:
        unit = self.units[self.number % len(self.units)]
        self._ask("draft_letters", scope_params(LetterScope(self.batch.context.now(), frozenset({unit}))))

    def _pack(self) -> None:
        day = MONDAY.date() - timedelta(days=10 + self.number % 20)
        self._ask("evidence_pack", {
            "start": day.isoformat(), "end": day.isoformat(), "as_of": self.batch.context.now().isoformat(), "title": "Thử",
            "basis": "source", "unit_id": self.units[0], "known": None, "names": False,
        })  # fmt: skip

    def _ask(self, kind: str, params: dict[str, Any]) -> None:
        self.batch.ask(kind, params, "admin-0")


def soak(morning: Morning, server: str) -> dict[str, Any]:
    """The run."""
    asked = morning.asked
    ready(morning)
    write_monday(morning.place.folder, asked.rows)
    live_copy(morning)
    ahead = (MONDAY - clock.now()).total_seconds()
    os.environ[AHEAD] = str(ahead)
    with ExitStack() as stack:
        processes = stack.enter_context(
            running(morning.config, morning.place.lived, ahead, morning.folder / "logs")
        )
        batch = Batch(AheadContext(morning.config), Path(), Path(), asked.rows)
        day, used = Day(morning, processes, batch), 0.0
        looker, steady = Looker(day, server), Steady(batch, morning.folder)

        def steadily() -> dict[str, float]:
            day.start_workers()
            pushing = Thread(target=day.pusher.run, daemon=True)
            pushing.start()
            until, due = time.monotonic() + asked.minutes * 60, 0.0
            while time.monotonic() < until and not day.wrong:
                if time.monotonic() >= due:
                    steady.go_on()
                    due = time.monotonic() + ASK_EVERY
                day.watch()
                looker.look()
                time.sleep(EVERY)
            day.pusher.stop()
            pushing.join()
            return {name: round(seconds, 1) for name, (seconds, _mib) in processes.usage().items()}

        figures = day.go(steadily)
        works = "SELECT kind, state, count(*) FROM work_item GROUP BY kind, state ORDER BY 3 DESC"
        figures["works"] = {
            f"{kind} {state}": count for kind, state, count in outcome.rows(batch.store, works)
        }
        batch.context.store.close()
    del used
    logs = (morning.folder / "logs").glob("web*.log")
    return {
        **figures,
        "renewed": sum(log.read_text("utf-8").count("web_renewed") for log in logs),
        "faults": day.wrong,
        "asked": steady.asked,
        "series": looker.series,
        "minutes": asked.minutes,
    }


def table(result: dict[str, Any]) -> str:
    """The result for eyes."""
    lines = [
        f"{result['database']}: {result['rows']:,} dossiers, {result['minutes']:.0f} minutes, {result['asked']} works asked for,"
        f" {result['pages']['load']['all pages']['count']:,} pages, {result['mails']} mails, {result['pushes']['sent']} pushes",
        f"  {'':<32}{'first':>9}{'last':>9}{'most':>9}{'an hour':>10}",
    ]
    for name, series in sorted(result["series"].items()):
        values = [much for _, much in series.seen]
        lines.append(
            f"  {name:<32}{values[0]:>9.1f}{values[-1]:>9.1f}{max(values):>9.1f}{series.an_hour():>+10.1f}  {series.fault()}"
        )
    lines += [f"  web processes begun anew: {result['renewed']} times (web.most_mib {result['most_mib']})"]
    lines += [f"  seconds of processor: {result['processor_seconds']}", f"  works: {result['works']}"]
    return "\n".join([*lines, *(f"  FAULT {fault}" for fault in faults_of(result))])


def faults_of(result: dict[str, Any]) -> Sequence[str]:
    """What must not be."""
    growing = [f"{name} {fault}" for name, series in result["series"].items() if (fault := series.fault())]
    pages = [f"{name}: {count}" for name, count in result["pages"]["faults"].items()]
    dead = [
        f"{count} of {name}"
        for name, count in result["works"].items()
        if name.endswith(("dead", "cancelled"))
    ]
    return [*result["faults"], *growing, *pages, *dead]


def main() -> None:
    """The command."""
    parser = options(__doc__)
    parser.set_defaults(rows=100_000, minutes=20, think=30, quiet=10)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dunghen-soak-")))
        folder.chmod(0o711)  # the account of the server has to get to its data
        mail = stack.enter_context(serving(Habits()))
        place = stack.enter_context(kept(asked.keep or folder / "store", asked.database))
        try:
            result = soak(Morning(asked, place, folder, mail), place.server)
        finally:
            place.remove_copy()
    result |= {"database": asked.database, "rows": asked.rows, "most_mib": asked.most_mib}
    print(table(result))
    if asked.json:
        series = {
            name: {"seen": each.seen, "an_hour": each.an_hour()} for name, each in result["series"].items()
        }
        asked.json.write_text(json.dumps({**result, "series": series}, indent=1, ensure_ascii=False), "utf-8")
    sys.exit(bool(faults_of(result)))


if __name__ == "__main__":
    main()
