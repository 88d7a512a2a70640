"""Apology letters: ours beside python-docx, docxtpl and the bare writing of ready files, in one run.

`python -m benchmarks.letters [--scale F] [--rounds N] [--sample N] [--print N] [--json FILE]` prints a table: letters a second
(medians of the rounds), ratios within a round to the floor and to docxtpl, peak memory. Dossiers: the provincial file
of `daklak-2022`. Places: the folder for temporary files, and memory where there is a tmpfs. What each way wrote is
read back, and must be the same text; the PostgreSQL is that of the tests.
"""

import argparse
import json
import os
import pickle
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.letters_text import check_printed, check_written, reference
from benchmarks.letters_ways import WAYS, Ready
from tests import postgres
from tests.databases import Databases, PostgresqlServer, SqliteFiles, furnish
from tracker.synthetic.generate import generate

MEMORY = Path("/dev/shm")
ROOM = 2 << 30  # bytes that the letters of a whole year and their copies may take
SLOW = ("python-docx", "docxtpl", "docxtpl, usual styles")
CHECKED = 300
FLOOR, PEER = "floor", "docxtpl"
# benchmarks.md: what a second must and should bring.
TARGETS = {
    "compiled": (5_000, 15_000),
    "register, sqlite": (2_000, 5_000),
    "register, postgresql": (2_000, 5_000),
}
PRINT_MINUTES, PRINT_MINUTES_AIM, YEAR = 10, 6.5, 46_885
MUST_TIMES_PEER = {"compiled": 100}
Answer = dict[str, Any]
Round = dict[tuple[str, str], Answer]


def run(*arguments: str) -> Answer:
    """One stage in a process of its own; as with an installation, modules are compiled once and not at every start."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.letters_stages", *arguments],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{arguments[:2]} failed:\n{done.stderr[-2000:]}")
    answer: Answer = json.loads(done.stdout.splitlines()[-1])
    return answer


@dataclass(slots=True)
class Bench:
    """What is the same in all rounds: stores of loaded dossiers, the letters that are made of them, where to."""

    stores: dict[Databases, str]
    places: dict[str, Path]
    slow_letters: int
    sample_file: Path = field(init=False)
    sample: list[Ready] = field(init=False)
    letters: int = field(init=False)
    text: str = field(init=False)

    def prepare(self) -> None:
        """Draft once on the first database, keep letters of it as values, and their text as python-docx makes it."""
        folder = self.places["disk"]
        self.sample_file = folder / "sample.pickle"
        (databases, url), *_others = self.stores.items()
        with _copied(databases, url, folder) as copy, _emptied(folder / "letters") as root:
            self.letters = run("draft", copy, str(root))["letters"]
            run("sample", copy, str(self.sample_file), str(self.letters))
        self.sample = pickle.loads(self.sample_file.read_bytes())
        checked = str(len(self.checked))
        with _emptied(folder / "letters") as root:
            run("write", "python-docx", str(self.sample_file), str(root), checked)
            self.text = reference(self.checked, root)

    @property
    def checked(self) -> list[Ready]:
        """The letters whose text is compared; every way makes them first."""
        return self.sample[: min(CHECKED, self.slow_letters)]

    def one_round(self) -> Round:
        """Every way and every database in every place, in turn."""
        measured: Round = {}
        for place, folder in self.places.items():
            for way in WAYS:
                measured[way, place] = self._write(way, folder)
            for databases, url in self.stores.items():
                measured[f"register, {databases.name}", place] = self._draft(databases, url, folder)
        return measured

    def printed(self, letters: int) -> Answer:
        """The first letters of the sample for the printer, once."""
        with _emptied(self.places["disk"] / "printed") as folder:
            answer = run("print", str(self.sample_file), str(folder), str(letters))
            check_printed(folder, self.sample[: answer["letters"]])
        return answer

    def _write(self, way: str, folder: Path) -> Answer:
        count = self.slow_letters if way in SLOW else self.letters
        with _emptied(folder / "letters") as root:
            answer = run("write", way, str(self.sample_file), str(root), str(count))
            check_written(root, self.checked, self.text, count)
        return answer

    def _draft(self, databases: Databases, url: str, folder: Path) -> Answer:
        # The database stays on the disk: only the letters move into memory.
        disk = self.places["disk"]
        with _copied(databases, url, disk) as copy, _emptied(folder / "letters") as root:
            answer = run("draft", copy, str(root))
            check_written(root, self.checked, self.text, self.letters)
        return answer


@contextmanager
def _emptied(folder: Path) -> Iterator[Path]:
    yield folder
    shutil.rmtree(folder)


@contextmanager
def _copied(databases: Databases, url: str, folder: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        copy = databases.copy(url, Path(name))
        yield copy
        databases.forget(copy)


# ---------------------------------------------------------------- figures


def summary(rounds: list[Round]) -> list[Answer]:
    """Medians of letters a second, ratios within each round, largest peaks."""
    return [
        {
            "way": way,
            "place": place,
            "letters": rounds[0][way, place]["letters"],
            "letters_per_second": statistics.median(_speed(r, way, place) for r in rounds),
            "lowest": min(_speed(r, way, place) for r in rounds),
            "highest": max(_speed(r, way, place) for r in rounds),
            "per_work_second": statistics.median(
                r[way, place]["letters"] / r[way, place]["work_seconds"] for r in rounds
            ),
            "to_floor": statistics.median(_speed(r, FLOOR, place) / _speed(r, way, place) for r in rounds),
            "times_peer": statistics.median(_speed(r, way, place) / _speed(r, PEER, place) for r in rounds),
            "peak_mib": max(r[way, place]["peak_mib"] for r in rounds),
            "base_mib": max(r[way, place]["base_mib"] for r in rounds),
        }
        for way, place in rounds[0]
    ]


def _speed(measured: Round, way: str, place: str) -> float:
    answer = measured[way, place]
    return float(answer["letters"] / answer["seconds"])


def table(lines: list[Answer]) -> str:
    """The figures as a Markdown table."""
    head = [
        "| letters | to | letters/s (lowest to highest) | must, aim | by own processor time | floor / this | times docxtpl (must) | peak MiB (before the first letter) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *map(_line, lines)])


def printing(answer: Answer, letters: int) -> str:
    """What printing would take for all letters, reckoned from those that were printed."""
    seconds = answer["seconds"] / answer["letters"] * letters
    return (
        f"PDF: {answer['letters']:,} letters in {answer['files']} files took {answer['seconds']:.1f} s"
        f" ({answer['merge_seconds']:.1f} s of it to put them together): {answer['letters'] / answer['seconds']:.0f} a second,"
        f" {letters:,} in {seconds / 60:.1f} minutes (must {PRINT_MINUTES}, aim {PRINT_MINUTES_AIM});"
        f" LibreOffice {answer['office_mib']} MiB, the program {answer['peak_mib']} MiB"
    )


def _line(s: Answer) -> str:
    way = s["way"]
    wanted = "{:,}, {:,}".format(*TARGETS[way]) if way in TARGETS else ""
    times = f" ({MUST_TIMES_PEER[way]})" if way in MUST_TIMES_PEER else ""
    return (
        f"| {way} | {s['place']} | {s['letters_per_second']:,.0f} ({s['lowest']:,.0f} to {s['highest']:,.0f}) |"
        f" {wanted} | {s['per_work_second']:,.0f} | {s['to_floor']:.1f} |"
        f" {s['times_peer']:,.1f}{times} | {s['peak_mib']} ({s['base_mib']}) |"
    )


# ---------------------------------------------------------------- the run


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=300, help="letters by the slow ways")
    parser.add_argument("--print", type=int, default=2_000, dest="printed", help="letters to PDF; 0 = none")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with ExitStack() as stack:
        places = {"disk": _folder(stack, None)}
        if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
            places["tmpfs"] = _folder(stack, MEMORY)
        bench = Bench(_loaded(stack, places["disk"], given.scale), places, given.sample)
        bench.prepare()
        rounds = []
        for _ in range(given.rounds):
            rounds.append(bench.one_round())
            print(f"round {len(rounds)}: load {os.getloadavg()[0]:.1f}", file=sys.stderr)
        printed = bench.printed(given.printed) if given.printed else None
    result: Answer = {"letters": summary(rounds), "printed": printed}
    if given.json:
        given.json.write_text(json.dumps(result, indent=1, ensure_ascii=False), "utf-8")
    print(table(result["letters"]))
    if printed:
        print(f"\n{printing(printed, YEAR)}")


def _folder(stack: ExitStack, parent: Path | None) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dunghen-bench-", dir=parent)))


def _loaded(stack: ExitStack, folder: Path, scale: float) -> dict[Databases, str]:
    """A store of both kinds with the dossiers of the provincial file."""
    made = generate(
        "daklak-2022", folder / "data", rows=None, seed=2022, as_of=date(2022, 12, 31), scale=scale
    )
    csv = next(path for path in made.files if "province" in path.name)
    server = postgres.start()
    stack.callback(server.stop)
    stores: dict[Databases, str] = {}
    for databases in (SqliteFiles(), PostgresqlServer(server.url, f"bench_{os.getpid()}")):
        stack.callback(databases.close)
        url = stores[databases] = databases.empty(folder)
        furnish(url)
        run("command", url, "ingest", str(csv))
    return stores


if __name__ == "__main__":
    main()
