"""A load of a whole province-year into SQLite, with short writers at work meanwhile: how long each of them waits.

`python -m benchmarks.polite [--scale F] [--rounds N] [--json FILE]` prints a table. In one process the load, the first
time into an empty store, then with one cell of every row changed; in another, every tenth of a second, a wrong
password counted, an entry of the log, and a page read, until the load ends.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tracker.pipeline.ingesting import IngestPlan, ingest
from tracker.store import audit, batches, people
from tracker.store.audit import Act
from tracker.store.migrate import ensure_current
from tracker.store.people import NewAccount
from tracker.store.session import Store, open_store
from tracker.synthetic.generate import generate
from tracker.types import VN

NOW = datetime(2023, 1, 1, tzinfo=VN)
EVERY = 0.1
# Nobody at a desk should take a load for a standstill.
MOST_SECONDS = 8.0
Writing = Callable[[Store], object]


def count_a_failure(store: Store) -> None:
    """What a log-in with a wrong password writes."""
    with store.transaction() as session:
        people.record_failure(session, 1, now=NOW, lock_after=1_000_000, lock_minutes=1)


def note_a_view(store: Store) -> None:
    """What a page view writes."""
    with store.transaction() as session:
        audit.append_acts(session, [Act(NOW, "can-bo", "view", "dossier:1", {})])


def read_a_page(store: Store) -> None:
    """What a page reads first of all."""
    with store.read() as session:
        batches.first_known(session)


SHORT: dict[str, Writing] = {"log-in": count_a_failure, "act": note_a_view, "reading": read_a_page}


def write_meanwhile(url: str, stop: Path) -> dict[str, Any]:
    """Write all the time until the file `stop` is there; the longest waits and how many failed."""
    store = open_store(url)
    waits: dict[str, list[float]] = {name: [] for name in SHORT}
    failed = 0
    while not stop.exists():
        for name, work in SHORT.items():
            started = time.perf_counter()
            try:
                work(store)
            except Exception as error:  # counted: nobody may fail
                print(error, file=sys.stderr)
                failed += 1
            waits[name].append(time.perf_counter() - started)
        time.sleep(EVERY)
    store.close()
    every = sorted(wait for each in waits.values() for wait in each)
    return {
        "writes": sum(map(len, waits.values())),
        "failed": failed,
        **{name: round(max(each), 3) for name, each in waits.items()},
        "middle": round(statistics.median(every), 4),
        "99 %": round(every[int(0.99 * (len(every) - 1))], 3),
    }


def load(url: str, path: Path, now: datetime) -> dict[str, Any]:
    """The load in this process; its seconds, and how long it held the write lock."""
    store = open_store(url)
    begun: list[float] = []
    held: list[float] = []

    def before(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("PRAGMA main.schema_version"):
            begun.append(time.perf_counter())

    # The driver's commit also moves the log into the file, when the lock is free again: what is timed is what is held.
    event.listen(store.engine, "before_cursor_execute", before)
    event.listen(store.engine, "commit", lambda _connection: held.append(time.perf_counter()))
    started = time.perf_counter()
    report = ingest(store, "B", IngestPlan((path,), now), lambda _message: None)
    seconds = time.perf_counter() - started
    store.close()
    return {
        "rows": report.read,
        "new": report.new,
        "changed": report.changed,
        "seconds": round(seconds, 2),
        "held": round(held[-1] - begun[-1], 2),
    }


def own_process(*arguments: str) -> subprocess.Popen[str]:
    """A part of this benchmark in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.polite", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What it measured."""
    out, _ = process.communicate()
    if process.returncode:
        sys.exit(f"{process.args} failed")
    answer: dict[str, Any] = json.loads(out.splitlines()[-1])
    return answer


def one_case(folder: Path, url: str, path: Path, now: datetime) -> dict[str, Any]:
    """A load, and the short writers until it ends."""
    stop = folder / "stop"
    writers = own_process("--meanwhile", url, "--stop", str(stop))
    loaded = ended(own_process("--load", url, "--file", str(path), "--now", now.isoformat()))
    stop.touch()
    measured = loaded | ended(writers)
    stop.unlink()
    return measured


def one_round(folder: Path, path: Path, changed: Path) -> dict[str, dict[str, Any]]:
    """The first load of a store, the same rows changed, and the same file once more."""
    url = f"sqlite:///{(folder / 'polite.sqlite3').as_posix()}"
    store = open_store(url)
    ensure_current(store)
    with store.transaction() as session:
        people.add_account(session, NewAccount("can-bo", "Cán bộ", "desk", None, "x", "y"), NOW)
    store.close()
    cases = {"new": path, "changed": changed, "the same": changed}
    measured = {
        name: one_case(folder, url, file, NOW + timedelta(days=days))
        for days, (name, file) in enumerate(cases.items())
    }
    for left in folder.glob("polite.sqlite3*"):
        left.unlink()
    return measured


def with_a_changed_cell(path: Path) -> Path:
    """The same table with another address in every row."""
    changed = path.with_name(f"changed-{path.name}")
    with path.open(encoding="utf-8-sig") as old, changed.open("w", encoding="utf-8-sig") as new:
        new.write(next(old))
        new.writelines(line.replace("tỉnh Đắk Lắk", "tỉnh Đắc Lắc", 1) for line in old)
    return changed


def table(rounds: list[dict[str, dict[str, Any]]]) -> str:
    """The worst of all rounds as a Markdown table."""
    lines = [
        "| load | rows | seconds | holds the write lock | short writers | failed (must 0) | longest log-in"
        f" (must {MOST_SECONDS:.0f} s) | longest act | longest reading | 99 % |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in rounds[0]:
        cases = [each[name] for each in rounds]
        worst = {key: max(case[key] for case in cases) for key in cases[0]}
        lines.append(
            f"| {name} | {worst['rows']:,} | {worst['seconds']:.1f} | {worst['held']:.1f} s | {worst['writes']} |"
            f" {worst['failed']} | {worst['log-in']:.2f} s | {worst['act']:.2f} s | {worst['reading']:.2f} s |"
            f" {worst['99 %']:.2f} s |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print; with `--load` or `--meanwhile` one part of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", type=Path)
    for part in ("--load", "--meanwhile"):
        parser.add_argument(part, metavar="URL", help=argparse.SUPPRESS)
    for part in ("--file", "--stop"):
        parser.add_argument(part, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--now", type=datetime.fromisoformat, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.load:
        print(json.dumps(load(given.load, given.file, given.now)))
    elif given.meanwhile:
        print(json.dumps(write_meanwhile(given.meanwhile, given.stop)))
    else:
        measure(given.scale, given.rounds, given.json)


def measure(scale: float, rounds: int, out: Path | None) -> None:
    """All of it, in a folder that goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="dunghen-bench-") as name:
        folder = Path(name)
        made = generate(
            "daklak-2022", folder / "data", rows=None, seed=2022, as_of=date(2022, 12, 31), scale=scale
        )
        path = next(path for path in made.files if "province" in path.name)
        changed = with_a_changed_cell(path)
        result = [one_round(folder, path, changed) for _ in range(rounds)]
    if out:
        out.write_text(json.dumps(result, indent=1, ensure_ascii=False), "utf-8")
    print(table(result))


if __name__ == "__main__":
    main()
