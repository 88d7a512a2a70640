"""`make mutants`: changes the time arithmetic a little, thousands of times, and shows which changes no test notices.

`python scripts/mutants.py [--workers N] [NAME...]` works on a copy below build/mutation, so that a run that is broken
off goes on where it stopped and the tree stays as it is; NAME narrows a run (`lateness`, `counting.x_anchor_row*`).
Ends with status 1 where more than 5 % survive, or where more survive in a function than docs/mutants.md explains.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COPY = ROOT / "build" / "mutation"
TREES = ("app", "letters", "migrations", "notifications", "scripts", "tests/core", "tests/data", "tracker")
FILES = ("config.toml", "pyproject.toml", "tests/proof_samples.py")
MOST_SURVIVORS = 0.05
PLUGINS = "-p no:hypothesispytest -p no:xdist"
QUICK = {
    "DUNGHEN_RANDOM_CASES": "60",
    "PYTEST_ADDOPTS": f"--assert=plain --tb=no {PLUGINS}",
    "PYTHONDONTWRITEBYTECODE": "",
}
"""Enough random cases against the oracle to notice a fault, few enough to be quick; nobody reads why a test failed."""

# What the exit of a mutant's test run means. 4 and 255: the tests could not even be loaded with the changed code; that
# kills a mutant, but where it befalls many, the run itself is broken.
KILLED, SURVIVED, TIMEOUT, UNTESTED, UNLOADED = "killed", "survived", "timeout", "not tested", "not loaded"
MEANINGS = {0: SURVIVED, 1: KILLED, 3: KILLED, 4: UNLOADED, 255: UNLOADED, 5: UNTESTED, 33: UNTESTED}
MOST_UNLOADED = 0.2
TIMEOUTS = {24, 36, 152, -24, -9}


class Mutant(NamedTuple):
    """One change and how its tests went; `name` as mutmut knows it, `function` as docs/mutants.md does."""

    name: str
    function: str
    outcome: str


def main() -> int:
    """Run, print, and say by the exit status whether the tests are sharp enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "names", nargs="*", help="modules of tracker.timekeeping, or patterns of their functions"
    )
    given = parser.parse_args()
    _bring_up_to_date()
    patterns = [f"tracker.timekeeping.{name if '.' in name else name + '.*'}" for name in given.names]
    environment = {**os.environ, **QUICK}
    run = [sys.executable, "-m", "mutmut", "run", "--max-children", str(given.workers), *patterns]
    ended = subprocess.run(run, cwd=COPY, env=environment, check=False)
    every = _results()
    mutants = [mutant for mutant in every if mutant.outcome]
    if not mutants:
        print("mutmut tested no mutants")
        return ended.returncode or 3
    status = _report(mutants)
    if len(mutants) < len(every):
        print(
            f"{len(every) - len(mutants)} mutants are not tested yet: run it again, without names, to go on"
        )
    return status if given.names or len(mutants) == len(every) else 3


def _bring_up_to_date() -> None:
    """The copy of what the run needs; a file that has not changed keeps its time, so that its results stay."""
    wanted = {Path(name) for name in FILES}
    for tree in TREES:
        wanted |= {
            path.relative_to(ROOT)
            for path in (ROOT / tree).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
    for name in wanted:
        here, there = ROOT / name, COPY / name
        if not there.exists() or there.read_bytes() != here.read_bytes():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(here, there)
    for tree in TREES:
        for path in list((COPY / tree).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and path.relative_to(COPY) not in wanted:
                path.unlink()


def _results() -> list[Mutant]:
    found = []
    for path in sorted((COPY / "mutants" / "tracker" / "timekeeping").glob("*.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        found += [Mutant(name, _function(name), _outcome(code)) for name, code in codes.items()]
    return found


def _outcome(code: int | None) -> str:
    if code is None:
        return ""
    return TIMEOUT if code in TIMEOUTS else MEANINGS.get(code, KILLED)


def _function(name: str) -> str:
    """`tracker.timekeeping.counting.xǁWorkdayCountǁdue__mutmut_3` -> `counting.WorkdayCount.due`."""
    module, mangled = name.removeprefix("tracker.timekeeping.").split(".", 1)
    plain = mangled.partition("__mutmut_")[0].removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    return f"{module}.{plain}"


def _explained() -> Counter[str]:
    """Function -> how many of its survivors docs/mutants.md explains; one more than these is unexplained."""
    counts: Counter[str] = Counter()
    for line in (ROOT / "docs" / "mutants.md").read_text("utf-8").splitlines():
        row = re.match(r"\| (`[^|]+`) \| (\d+) \|", line)
        if row:
            counts.update({name: int(row[2]) for name in re.findall(r"`([^`]+)`", row[1])})
    return counts


def _report(mutants: list[Mutant]) -> int:
    left = [mutant for mutant in mutants if mutant.outcome in (SURVIVED, UNTESTED)]
    surviving, explained = Counter(mutant.function for mutant in left), _explained()
    unexplained = [mutant for mutant in left if surviving[mutant.function] > explained[mutant.function]]
    counts = Counter(mutant.outcome for mutant in mutants)
    share = len(left) / len(mutants)
    for mutant in left:
        mark = "?" if mutant in unexplained else " "
        print(f"{mark} {mutant.function:48} {mutant.outcome:10} {mutant.name}")
    _table(mutants)
    print(
        f"\nkilled {counts[KILLED]}, not loaded {counts[UNLOADED]}, survived {counts[SURVIVED]}, not tested {counts[UNTESTED]},"
        f" timeout {counts[TIMEOUT]}, total {len(mutants)}: {share:.1%} survive (at most {MOST_SURVIVORS:.0%});"
        f" {len(unexplained)} of them not explained in docs/mutants.md"
    )
    print("See a change with: cd build/mutation && ../../.venv/bin/mutmut show NAME")
    if counts[UNLOADED] > MOST_UNLOADED * len(mutants):
        print("too many mutants with which no test could be loaded: the run itself is broken")
        return 3
    return 1 if share > MOST_SURVIVORS or unexplained else 0


def _table(mutants: list[Mutant]) -> None:
    """One line a module, as docs/mutants.md has them."""
    tested = Counter((mutant.function.split(".")[0], mutant.outcome) for mutant in mutants)
    print("| module | mutants | killed | survived | timeouts | survive |\n|---|---|---|---|---|---|")
    for module in sorted({module for module, _ in tested}):
        late, left = tested[module, TIMEOUT], tested[module, SURVIVED] + tested[module, UNTESTED]
        total = sum(count for (name, _), count in tested.items() if name == module)
        print(f"| `{module}` | {total} | {total - late - left} | {left} | {late} | {left / total:.1%} |")


if __name__ == "__main__":
    sys.exit(main())
