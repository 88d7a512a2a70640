"""Working days and deadlines: ours beside the `holidays` package, numpy's business days and the floor, in one run.

`python -m benchmarks.time [--rounds N] [--json FILE]` prints a table: answers a second of processor time (medians of
the rounds), ratios within a round, peak memory. Every case runs in a process of its own, round robin. Floor: numpy adds two arrays of 1,000,000 int64.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.time_cases import CASES

FLOOR = "floor: numpy adds 1 M int64"
# case: (what it is compared with, must per second, aim per second, must as a multiple of the comparison)
TARGETS: dict[str, tuple[str, float, float, float]] = {
    "add_workdays": ("holidays get_nth_working_day", 2e6, 4e6, 50),
    "count_workdays": ("holidays get_working_days_count", 2e6, 4e6, 50),
    "is_working": ("holidays is_working_day", 2e6, 4e6, 1),
    "working_minutes": ("", 0, 0, 0),
    "add_workdays_array": ("numpy busday_offset", 100e6, 175e6, 1),
    "count_workdays_array": ("numpy busday_count", 100e6, 175e6, 1),
    "working_minutes_array": ("", 0, 0, 0),
    "evaluate: suspensions, proof": ("", 1e5, 5e5, 0),
    "evaluate: no suspension, proof": ("", 1e5, 5e5, 0),
    "evaluate: whole store, proof": ("", 1e5, 5e5, 0),
    "due_only: suspensions": ("", 0, 0, 0),
    "due_only: whole store": ("", 5e5, 2.5e6, 0),
    "plain_due_epoch: whole store": ("", 5e5, 2.5e6, 0),
    "due_by_limit: whole store": ("", 2.5e6, 2.5e6, 0),
    "due_array: one limit": ("numpy busday_offset", 2.5e6, 2.5e6, 1),
    "classify": ("", 0, 0, 0),
    "late_days_array": ("numpy busday_count", 2.5e6, 2.5e6, 1),
}
Round = dict[str, dict[str, float]]


def run(case: str) -> dict[str, float]:
    """One case in a process of its own: how many a second, and its peak memory."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.time_cases", case], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{case} failed:\n{done.stderr[-2000:]}")
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def summary(rounds: list[Round]) -> dict[str, Any]:
    """Medians, ratios within each round, largest peaks."""
    cases = {}
    for case in rounds[0]:
        peer, must, aim, times = TARGETS.get(case, ("", 0, 0, 0))
        cases[case] = {
            "per_second": statistics.median(r[case]["per_second"] for r in rounds),
            "to_floor": _ratio(rounds, FLOOR, case),
            "peak_mib": max(r[case]["peak_mib"] for r in rounds),
            "peer": peer,
            "times_peer": _ratio(rounds, case, peer) if peer else None,
            "must": must,
            "aim": aim,
            "must_times_peer": times,
        }
    return {"rounds": len(rounds), "cases": cases}


def _ratio(rounds: list[Round], one: str, other: str) -> float:
    return round(statistics.median(r[one]["per_second"] / r[other]["per_second"] for r in rounds), 2)


def table(result: dict[str, Any]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| case | a second | must, aim | times the peer (must) | floor / ours | peak MiB |",
        "|---|---|---|---|---|---|",
    ]
    for case, s in result["cases"].items():
        wanted = f"{s['must']:,.0f}, {s['aim']:,.0f}" if s["must"] else ""
        peer = f"{s['times_peer']:,.1f} x {s['peer']} ({s['must_times_peer']:g})" if s["peer"] else ""
        lines.append(
            f"| {case} | {s['per_second']:,.0f} | {wanted} | {peer} | {s['to_floor']:,.1f} | {s['peak_mib']:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    result = summary([{case: run(case) for case in CASES} for _ in range(given.rounds)])
    if given.json:
        given.json.write_text(json.dumps(result, indent=1, ensure_ascii=False), "utf-8")
    print(table(result))


if __name__ == "__main__":
    main()
