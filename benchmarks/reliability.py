"""Random runs of the engine room under faults: what is lost, what is doubled, what is left in doubt.

`python -m benchmarks.reliability [--runs N] [--at-once N] [--database sqlite|postgresql] [--seed N] [--json FILE]`

Each run has a store of its own, two workers, two dispatchers and two schedulers as processes, toy work that writes an
entry of the log, a mail, a signed call and a message in the program in one transaction, work in steps with checkpoints,
jobs of several days that follow each other, and a real SMTP server and a real receiver of calls, both of bad habits.
Processes are killed with SIGKILL at random moments and started again while work is asked for; the clock is put forward and
back; PostgreSQL crashes and comes back under all runs. Then everything may settle and is counted. Status 1 if anything was
lost, doubled or broken. `docs/reliability.md` holds the figures.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, fields
from multiprocessing.process import BaseProcess
from pathlib import Path

import psycopg

from benchmarks.reliability_run import CTX, FAULTS, Outcome, Run, patiently
from benchmarks.reliability_toys import register_message
from tests import postgres
from tests.databases import POSTGRESQL, SQLITE, PostgresqlServer, SqliteFiles, furnish

CRASH_SECONDS = 15.0
WORDS = {
    "kills": "processes killed (SIGKILL)",
    "works": "pieces of work asked for",
    "effects": "effects (entries of the log)",
    "job_runs": "runs of jobs",
    "attempts_lost": "attempts at work cut off and done again",
    "changes_of_scheduler": "times another scheduler took over",
    "messages_in_the_program": "messages laid into the inbox, each once",
    "called": "signed calls put and taken",
    "calls": "calls made for these (a repeated one bears the same number)",
    "mails": "mails put",
    "taken": "mails taken by the server",
    "refused": "mails refused for good, and shown as that",
    "senders_lost": "senders cut off before handing over; sent again",
    "unsure": "mails held for a person (nobody knows whether they were taken)",
    "unsure_taken": "of these taken",
    "lost": "**lost**",
    "doubled": "**doubled**",
    "broken": "**otherwise not as it has to be**",
}


def one_run(base: str, server: str | None, seed: int, answer: Path) -> None:
    """In a process of its own: a copy of the furnished database, the run, its outcome as JSON."""
    register_message()
    with tempfile.TemporaryDirectory(prefix="dunghen-reliability-") as name:
        folder = Path(name)
        url = patiently(lambda: _database(base, server, seed, folder))
        outcome = Run(folder, url, seed).go()
        answer.write_text(json.dumps(asdict(outcome)), "utf-8")


def _database(base: str, server: str | None, seed: int, folder: Path) -> str:
    """A copy for this run; one on PostgreSQL goes with its server in the end."""
    if server is None:
        return SqliteFiles().copy(base, folder)
    return PostgresqlServer(server, f"reliability{seed}_{os.getpid()}_{time.monotonic_ns()}").copy(
        base, folder
    )


def many(kind: str, seeds: range, at_once: int, folder: Path) -> tuple[list[Outcome], int]:
    """So many runs on one kind of database, and how often PostgreSQL crashed under them."""
    if kind == SQLITE:
        base = SqliteFiles().empty(folder)
        furnish(base)
        return _all(base, None, seeds, at_once, folder)
    server = postgres.start(durable=True)
    try:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE furnished")
        base = server.url.replace("/postgres?", "/furnished?")
        furnish(base)
        return _all(base, server, seeds, at_once, folder)
    finally:
        server.stop()


def _all(
    base: str, server: postgres.Server | None, seeds: range, at_once: int, folder: Path
) -> tuple[list[Outcome], int]:
    waiting, running, crashes = list(seeds), dict[int, BaseProcess](), 0
    crash_at = time.monotonic() + CRASH_SECONDS
    while waiting or running:
        while waiting and len(running) < at_once:
            seed = waiting.pop(0)
            arguments = (base, server.url if server else None, seed, folder / f"{seed}.json")
            running[seed] = CTX.Process(target=one_run, args=arguments)
            running[seed].start()
        for seed in [seed for seed, process in running.items() if not process.is_alive()]:
            running.pop(seed).join()
            _tell(_outcome(seed, folder))
        if server and time.monotonic() > crash_at:
            server.restart()
            crashes += 1
            crash_at = time.monotonic() + CRASH_SECONDS
        time.sleep(0.05)
    return [_outcome(seed, folder) for seed in seeds], crashes


def _outcome(seed: int, folder: Path) -> Outcome:
    path = folder / f"{seed}.json"
    if not path.exists():
        return Outcome(seed, broken=["the run itself died"])
    return Outcome(**json.loads(path.read_text("utf-8")))


def _tell(outcome: Outcome) -> None:
    faults = [f"{name}: {found}" for name in FAULTS if (found := getattr(outcome, name))]
    told = f"run {outcome.seed}: {outcome.kills} kills, {outcome.seconds} s"
    print(told, *faults, file=sys.stderr, flush=True)


def table(results: Mapping[str, list[Outcome]], crashes: Mapping[str, int]) -> str:
    """The sums by database, as Markdown."""
    rows = {"random runs": [len(each) for each in results.values()]}
    rows["database crashed and restarted"] = [crashes[kind] for kind in results]
    for each in fields(Outcome):
        if each.name in WORDS:
            rows[WORDS[each.name]] = [_sum(each.name, outcomes) for outcomes in results.values()]
    lines = ["| | " + " | ".join(results) + " |", "|---|" + "---:|" * len(results)]
    lines += [
        f"| {name} | " + " | ".join(f"{value:,}" for value in values) + " |" for name, values in rows.items()
    ]
    return "\n".join(lines)


def _sum(name: str, outcomes: list[Outcome]) -> int:
    values = [getattr(outcome, name) for outcome in outcomes]
    return sum(len(value) if isinstance(value, list) else value for value in values)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    seeds = range(chosen.seed, chosen.seed + chosen.runs)
    results, crashes = dict[str, list[Outcome]](), dict[str, int]()
    for kind in [chosen.database] if chosen.database else [SQLITE, POSTGRESQL]:
        with tempfile.TemporaryDirectory(prefix="dunghen-reliability-") as folder:
            results[kind], crashes[kind] = many(kind, seeds, chosen.at_once, Path(folder))
    print(table(results, crashes))
    if chosen.json:
        told = {kind: [asdict(outcome) for outcome in outcomes] for kind, outcomes in results.items()}
        chosen.json.write_text(json.dumps(told, indent=1), "utf-8")
    sys.exit(any(getattr(each, name) for all_ in results.values() for each in all_ for name in FAULTS))


if __name__ == "__main__":
    main()
