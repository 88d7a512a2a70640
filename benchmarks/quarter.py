"""A quarter of a province with everything that goes wrong, and a morning with 50,000 newly overdue dossiers; the figures.

`python -m benchmarks.quarter [--rows N] [--flood N] [--database sqlite|postgresql] [--json FILE]`

The province lives through three months of virtual days (tests/quarter): loads each morning, two schedulers, workers and
senders, a real SMTP server that is down, slow, or refuses and hangs up before and after it has taken a mail, processes
killed with SIGKILL while they look, compose and send, a week in which nothing runs, a holiday added late. Each look is held
against a slow recount, each mail against what was claimed. Status 1 if anything was lost, doubled, wrong or sent at night.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests import postgres
from tests.databases import POSTGRESQL, SQLITE, Databases, PostgresqlServer, SqliteFiles
from tests.quarter.counting import Count, told
from tests.quarter.flooding import Flood
from tests.quarter.living import Living
from tests.quarter.post import post
from tests.quarter.scenario import a_quarter

SHOWN = 20
Figures = Mapping[str, float]


@contextmanager
def served(kind: str) -> Iterator[Databases]:
    """Where the stores lie; a server of one's own goes in the end."""
    if kind == SQLITE:
        yield SqliteFiles()
        return
    server = postgres.start()
    try:
        made = PostgresqlServer(server.url, f"quarter_{os.getpid()}")
        yield made
        made.close()
    finally:
        server.stop()


def live(databases: Databases, rows: int) -> tuple[Figures, Mapping[str, list[str]]]:
    """The quarter: its figures, and what is not as it has to be."""
    with tempfile.TemporaryDirectory(prefix="dunghen-quarter-") as name, post() as server:
        folder, begun = Path(name), time.monotonic()
        living = Living(folder, databases.furnished(folder), a_quarter(rows), server)
        living.go()
        outcome = Count(living).outcome()
        living.context.store.close()
        seconds = round(time.monotonic() - begun, 1)
    dossiers = sum(len(lives) for lives in living.province.lives.values())
    return {
        "dossiers": dossiers,
        "people": len(living.accounts),
        **told(outcome),
        "seconds": seconds,
    }, outcome.faults


def flood(databases: Databases, count: int) -> Figures:
    """The morning of many: what was sent, how long it took, and the most memory."""
    with tempfile.TemporaryDirectory(prefix="dunghen-flood-") as name, post() as server:
        folder = Path(name)
        came = Flood(folder, databases.furnished(folder), count, server).go()
    mails = [len(mails) for address, mails in came.second.items() if address in came.counts]
    return {
        "newly overdue on one morning": count,
        "heads": len(came.counts),
        "digests, one a head": sum(mails) if set(mails) == {1} else -1,
        **{f"{phase}: seconds": seconds for phase, seconds in came.seconds.items()},
        **{f"{phase}: most MiB so far": mib for phase, mib in came.peak_mib.items()},
    }


def table(results: Mapping[str, Figures]) -> str:
    """The figures by database, as Markdown."""
    names = dict.fromkeys(name for figures in results.values() for name in figures)
    lines = ["| | " + " | ".join(results) + " |", "|---|" + "---:|" * len(results)]
    lines += [
        f"| {name} | " + " | ".join(f"{figures.get(name, 0):,}" for figures in results.values()) + " |"
        for name in names
    ]
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rows", type=int, default=5_000
    )  # twenty minutes a database; each look is recounted
    parser.add_argument("--flood", type=int, default=50_000)
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL))
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    results, is_well = dict[str, Figures](), True
    for kind in [chosen.database] if chosen.database else [SQLITE, POSTGRESQL]:
        try:
            with served(kind) as databases:
                # The morning first: the most memory that a process ever had only grows.
                morning = flood(databases, chosen.flood)
                figures, faults = live(databases, chosen.rows)
        except (postgres.NoServer, psycopg.OperationalError) as error:
            print(f"{kind}: {error}", file=sys.stderr)
            continue
        results[kind] = {**figures, **morning}
        is_well = is_well and not faults and morning["digests, one a head"] == morning["heads"]
        for name, found in faults.items():
            print(f"{kind}, {name}:", *found[:SHOWN], sep="\n  ", file=sys.stderr)
    print(table(results))
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=1), "utf-8")
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
