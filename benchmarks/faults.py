"""Faults at random moments of everything the program does: how often tried, what was lost, doubled, not told.

`python -m benchmarks.faults [--times N] [--seed N] [--database sqlite|postgresql] [--faults a,b] [--acts a,b] [--json FILE]`

Each trial is a small office of its own. A process is killed, a connection ended, the server crashed, restarted or away, the
database locked, the disk full, while an export is loaded, letters are drafted and numbered, the ledger is kept, work is done, a
message is sent, files are written, a backup is made, a page is read and written; then the same is done again, and what stands
is held row by row and file by file against an office that nothing befell. Status 1 if anything was lost, doubled or not as it
has to be. `docs/reliability.md` holds the figures; the pieces are in `tests/faults`.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests import databases, postgres
from tests.databases import POSTGRESQL, SQLITE, PostgresqlServer, SqliteFiles
from tests.faults.acts import ACTS
from tests.faults.series import FAULTS, OF_DISK, Place, told, trials
from tests.faults.small_disk import can_mount, with_disks

OFFICE_MIB, SERVER_MIB = 32, 320
HIT = "kept from ending well"


def run(database: str, asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """All trials on one kind of database."""
    faults = [name for name in asked.faults.split(",") if database in FAULTS[name].databases]
    acts = asked.acts.split(",")
    with tempfile.TemporaryDirectory(prefix="dunghen-faults-") as name:
        usual = [fault for fault in faults if fault != OF_DISK]
        if usual:
            yield from _here(database, Path(name), usual, acts, asked)
        if OF_DISK in faults:
            yield from _on_a_small_disk(database, Path(name), acts, asked)


def _here(
    database: str, folder: Path, faults: Sequence[str], acts: Sequence[str], asked: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    server = postgres.start(durable=True) if database == POSTGRESQL else None
    databases.choose(PostgresqlServer(server.url, "faults") if server else SqliteFiles())
    place = Place(folder, random.Random(asked.seed), server)
    try:
        place.furnish()
        for trial in trials(place, faults, acts, asked.times):
            yield told(trial)
    finally:
        if server:
            server.stop()


def _on_a_small_disk(
    database: str, folder: Path, acts: Sequence[str], asked: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    office, server = folder / "disk", folder / "server"
    office.mkdir()
    server.mkdir()
    folder.chmod(0o755)  # the account of the server has to come there
    command = [
        sys.executable,
        "-m",
        "tests.faults.series",
        "--seed",
        str(asked.seed),
        "--times",
        str(asked.times),
    ]
    command += ["--folder", str(office), "--acts", ",".join(acts)]
    sizes = {office: OFFICE_MIB}
    if database == POSTGRESQL:
        command += ["--server-folder", str(server)]
        sizes = {office: 4 * OFFICE_MIB, server: SERVER_MIB}
    line = with_disks(sizes, command) if can_mount(office) else [*command, "--limit"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for told_line in process.stdout:
            yield json.loads(told_line)
    if process.returncode:
        yield {"fault": OF_DISK, "act": "?", "statuses": [3], "told": "", "lost": [], "doubled": [], "wrong": ["the series died"]}  # fmt: skip


def table(found: Sequence[dict[str, Any]]) -> str:
    """The sums by fault and database, as Markdown."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for each in found:
        groups[each["fault"], each["database"]].append(each)
    lines = [
        f"| fault | database | tried | {HIT} | lost | doubled | not as it has to be |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for (fault, database), each in groups.items():
        hit = sum(1 for trial in each if trial["statuses"][0] not in (0, 1))
        sums = [sum(len(trial[name]) for trial in each) for name in ("lost", "doubled", "wrong")]
        lines.append(
            f"| {fault} | {database} | " + " | ".join(f"{n:,}" for n in (len(each), hit, *sums)) + " |"
        )
    return "\n".join(lines)


def words(found: Sequence[dict[str, Any]]) -> str:
    """What people were told, by fault: each last line once."""
    said: dict[str, set[str]] = defaultdict(set)
    for each in found:
        if each["statuses"][0] not in (0, 1) and each["act"] not in ("page", "note") and each["told"].strip():
            said[each["fault"]].add(each["told"].strip().splitlines()[-1][:200])
    return "\n".join(f"- {fault}: {line}" for fault, lines in said.items() for line in sorted(lines))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL))
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--acts", default=",".join(ACTS))
    parser.add_argument("--json", type=Path, help="a file to which each trial is added as a line")
    asked = parser.parse_args()
    found = []
    for database in [asked.database] if asked.database else [SQLITE, POSTGRESQL]:
        for each in run(database, asked):
            found.append({**each, "database": database})
            if asked.json:  # as it goes: a long series may be broken off
                with asked.json.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(found[-1], ensure_ascii=False) + "\n")
            for fault in ("lost", "doubled", "wrong"):
                for line in each[fault][:3]:
                    print(
                        f"{database}, {each['fault']}, {each['act']}: {fault}: {line}",
                        file=sys.stderr,
                        flush=True,
                    )
    print(table(found), words(found), sep="\n\n")
    sys.exit(any(each[name] for each in found for name in ("lost", "doubled", "wrong")))


if __name__ == "__main__":
    main()
