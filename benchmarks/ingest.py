"""Ingest: CSV, XLSX and portal JSON into SQLite and PostgreSQL, each beside its floor in the same run.

`python -m benchmarks.ingest [--scale F] [--rounds N] [--json FILE]` prints tables: rows a second, peak memory, ratios
(medians of the rounds). Floor of storing: the same rows put raw into the same indexed tables (executemany in one
transaction; COPY). Floor of reading: bytes, inflated members, untyped JSON. The PostgreSQL is that of the tests.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from tests import postgres
from tracker.store.migrate import ensure_current
from tracker.store.session import open_store
from tracker.synthetic.generate import generate

FORMATS = {"csv": "csv", "xlsx": "xlsx", "json": "dvcqg"}
DATABASES = ("sqlite", "postgresql")
# benchmarks.md: what storing must and should cost, in floors; most MiB. Reading of xlsx: 10, aim 5, 500 MiB.
MUST = {"sqlite": (3.0, 1.5), "postgresql": (3.0, 1.3)}
MOST_MIB = {"csv": 300, "xlsx": 500, "json": 900}
AGAIN = (0.33, 0.17)
Measured = dict[str, dict[str, Any]]


def run(*arguments: str) -> dict[str, Any]:
    """One stage in a process of its own; as with an installation, modules are compiled once and not at every start."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingest_stages", *arguments],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{arguments[:2]} failed:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


class Places:
    """Fresh databases of both kinds, migrated and seeded, one after the other."""

    def __init__(self, folder: Path, server: str) -> None:
        self._folder, self._server, self._count = folder, server, 0

    @contextmanager
    def fresh(self, kind: str) -> Iterator[str]:
        """The URL of an empty store, removed afterwards."""
        self._count += 1
        name = f"bench_{self._count}"
        path = self._folder / f"{name}.sqlite3"
        url = f"sqlite:///{path.as_posix()}"
        if kind == "postgresql":
            self._execute(f"CREATE DATABASE {name}")
            url = self._server.replace("/postgres?", f"/{name}?")
        store = open_store(url)
        ensure_current(store)
        store.close()
        yield url
        if kind == "postgresql":
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")
        for left in self._folder.glob(f"{path.name}*"):
            left.unlink()

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement)


def one_case(places: Places, kind: str, files: list[str]) -> Measured:
    """Ours, the same files again, and the floor, in turn."""
    with places.fresh(kind) as ours, places.fresh(kind) as empty:
        first = run("command", ours, "ingest", *files)
        again = run("command", ours, "ingest", *files)
        if again["unchanged"] != first["read"]:
            sys.exit(f"read again, but not unchanged: {again}")
        return {"first": first, "again": again, "floor": run("floor", ours, empty)}


def one_read(files: list[str], folder: Path) -> Measured:
    """Reading alone, its floor, and a clerk's script, for the first file."""
    database = folder / "peer.sqlite3"
    measured = {
        "read": run("read", files[0]),
        "bare": run("bare", files[0]),
        "peer": run("peer", files[0], str(database)),
    }
    database.unlink()
    return measured


def median(rounds: list[Measured], stage: str, value: str = "seconds") -> float:
    """The median of one figure."""
    return statistics.median(r[stage][value] for r in rounds)


def ratio(rounds: list[Measured], stage: str, to: str) -> float:
    """The median of the ratios within each round."""
    return statistics.median(r[stage]["seconds"] / r[to]["seconds"] for r in rounds)


def summary(
    stored: dict[tuple[str, str], list[Measured]], reads: dict[str, list[Measured]]
) -> dict[str, Any]:
    """Everything measured, as JSON."""
    out: dict[str, Any] = {"storing": [], "reading": []}
    for (name, kind), rounds in stored.items():
        seconds, rows = median(rounds, "first"), rounds[0]["first"]["read"]
        out["storing"].append(
            {
                "format": name,
                "database": kind,
                "rows": rows,
                "seconds": round(seconds, 2),
                "rows_per_second": round(rows / seconds),
                "to_floor": round(ratio(rounds, "first", "floor"), 2),
                "peak_mib": max(r["first"]["peak_mib"] for r in rounds),
                "again_to_first": round(ratio(rounds, "again", "first"), 3),
                "floor_seconds": round(median(rounds, "floor"), 2),
            }
        )
    for name, rounds in reads.items():
        rows, seconds = rounds[0]["read"]["rows"], median(rounds, "read")
        out["reading"].append(
            {
                "format": name,
                "rows": rows,
                "seconds": round(seconds, 2),
                "rows_per_second": round(rows / seconds),
                "to_floor": round(ratio(rounds, "read", "bare"), 2),
                "floor_seconds": round(median(rounds, "bare"), 2),
                "peak_mib": max(r["read"]["peak_mib"] for r in rounds),
                "peer_seconds": round(median(rounds, "peer"), 2),
                "peer_peak_mib": max(r["peer"]["peak_mib"] for r in rounds),
            }
        )
    return out


def tables(result: dict[str, Any]) -> str:
    """The figures as Markdown tables."""
    lines = [
        "| ingest | rows | rows/s | to floor (must, aim) | peak MiB (must) | the same again (must, aim) |",
        "|---|---|---|---|---|---|",
    ]
    for s in result["storing"]:
        must, aim = MUST[s["database"]]
        lines.append(
            f"| {s['format'].upper()} -> {s['database']} | {s['rows']:,} | {s['rows_per_second']:,} |"
            f" {s['to_floor']} ({must}, {aim}) | {s['peak_mib']} ({MOST_MIB[s['format']]}) |"
            f" {s['again_to_first']:.2f} ({AGAIN[0]}, {AGAIN[1]}) |"
        )
    lines += [
        "",
        "| reading alone | rows/s | to floor | peak MiB | pandas reads and stores its strings |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['format'].upper()} | {r['rows_per_second']:,} | {r['to_floor']} | {r['peak_mib']} |"
        f" {r['peer_seconds']:.1f} s, {r['peer_peak_mib']} MiB |"
        for r in result["reading"]
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    server = postgres.start()
    try:
        with tempfile.TemporaryDirectory(prefix="dunghen-bench-") as name:
            result = measured(Path(name), server.url, given.scale, given.rounds)
    finally:
        server.stop()
    if given.json:
        given.json.write_text(json.dumps(result, indent=1, ensure_ascii=False), "utf-8")
    print(tables(result))


def measured(folder: Path, server: str, scale: float, rounds: int) -> dict[str, Any]:
    """The cases round robin, so that a busy minute hits all of them."""
    files = {name: _files(folder / name, kind, scale) for name, kind in FORMATS.items()}
    places = Places(folder, server)
    stored: dict[tuple[str, str], list[Measured]] = {(n, d): [] for n in FORMATS for d in DATABASES}
    reads: dict[str, list[Measured]] = {name: [] for name in FORMATS}
    for _ in range(rounds):
        for (name, kind), cases in stored.items():
            cases.append(one_case(places, kind, files[name]))
        for name, cases in reads.items():
            cases.append(one_read(files[name], folder))
    return summary(stored, reads)


def _files(folder: Path, kind: str, scale: float) -> list[str]:
    made = generate(
        "daklak-2022", folder, rows=None, seed=2022, as_of=date(2022, 12, 31), scale=scale, kind=kind
    )
    return sorted(str(path) for path in made.files if "province" in path.name)


if __name__ == "__main__":
    main()
