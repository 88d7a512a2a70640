"""`make guards`: takes each guard of docs/security.md out, one at a time, and shows whether the tests named there fail.

`python -m scripts.guards [WORD...]` works on a copy of the tree in a temporary folder; WORDs narrow a run to guards whose
names hold one of them. Ends with status 1 where a test still passes, where it fails for another reason than the missing
guard, and where a guard no longer stands as `scripts/guard_removals.py` has it. Which tests belong to a guard stands in the docs alone.
"""

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.guard_removals import REMOVALS, Removal

ROOT = Path(__file__).resolve().parents[1]
PAGE = "docs/security.md"
HEADING = "## Guards and their tests"
PACKAGES = ("app", "letters", "migrations", "notifications", "tracker")
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-x", "-rfE", "--tb=short")
LONGEST_SECONDS = 600

FAILS, PASSES, HANGS, NOT_FOUND = "fails as it should", "STILL PASSES", "HANGS", "GUARD NOT FOUND"
# With one of these in the output the changed code did not even run, or a page broke off: such a failure proves nothing.
BROKEN = re.compile(
    r"\b(SyntaxError|IndentationError|NameError|UnboundLocalError|ImportError|ModuleNotFoundError|request_failed)\b"
)


@dataclass(frozen=True, slots=True)
class Guard:
    """A row of the table in docs/security.md: the guard, the files where it stands, the tests that hold it."""

    name: str
    places: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one test said without one guard; `output` is pytest's."""

    removal: Removal
    place: str
    test: str
    verdict: str
    output: str = ""


# ---------------------------------------------------------------- table and removals


def guards(tree: Path = ROOT) -> list[Guard]:
    """The rows of the table in docs/security.md."""
    section = (tree / PAGE).read_text("utf-8").partition(HEADING)[2].partition("\n## ")[0]
    found = re.findall(r"^\| (.+?) \| (`.+?`) \| (`tests/.+?`) \|$", section, re.MULTILINE)
    return [Guard(name, _quoted(places), _quoted(tests)) for name, places, tests in found]


def _quoted(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


def faults(tree: Path = ROOT) -> list[str]:
    """Where the table and REMOVALS tell two things, and which removals do not fit the source."""
    told = {(guard.name, place) for guard in guards(tree) for place in guard.places}
    taken = {(removal.guard, removal.path) for removal in REMOVALS}
    found = [f"{name} ({place}): in {PAGE}, but not in REMOVALS" for name, place in sorted(told - taken)]
    found += [f"{name} ({place}): in REMOVALS, but not in {PAGE}" for name, place in sorted(taken - told)]
    for removal in REMOVALS:
        if _place(tree, removal) is None:
            found.append(f"{removal.guard} ({removal.path}): not exactly once there: {removal.old!r}")
        elif removal.path.endswith(".py") and not _is_code(tree, removal):
            found.append(f"{removal.guard} ({removal.path}): no code is left without {removal.old!r}")
    return found


def _is_code(tree: Path, removal: Removal) -> bool:
    """Is what is left without the guard a program still?"""
    try:
        ast.parse((tree / removal.path).read_text("utf-8").replace(removal.old, removal.new))
    except SyntaxError:
        return False
    return True


def _place(tree: Path, removal: Removal) -> str | None:
    """`app/guard.py:36`; None where the guard does not stand exactly once."""
    text = (tree / removal.path).read_text("utf-8") if (tree / removal.path).is_file() else ""
    if text.count(removal.old) != 1:
        return None
    before = text.partition(removal.old)[0]
    return f"{removal.path}:{before.count(chr(10)) + 1}"


# ---------------------------------------------------------------- the copy


def copy_tree(copy: Path) -> None:
    """What git knows or would take, with its times: neither what was built nor the environment."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)


def is_imported_from(copy: Path) -> bool:
    """Do all packages come from the copy, not from the tree that is installed in the environment?"""
    code = f"import {', '.join(PACKAGES)}\nfor each in ({', '.join(PACKAGES)}): print(*each.__path__)"
    asked = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, env=_environment(copy), check=True,
        capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    return all(Path(line).is_relative_to(copy) for line in asked.stdout.splitlines())


def _environment(copy: Path, *, changed: bool = False) -> dict[str, str]:
    """Compiled files of changed code are not kept: they could pass for those of the restored one."""
    return {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1" if changed else ""}


def run_tests(copy: Path, tests: Sequence[str], *, changed: bool) -> tuple[int | None, str]:
    """pytest's exit status (None: without a guard it took too long) and what it printed."""
    environment, longest = _environment(copy, changed=changed), LONGEST_SECONDS if changed else None
    try:
        ended = subprocess.run(
            [sys.executable, *PYTEST, *tests], cwd=copy, env=environment, timeout=longest, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None, ""
    return ended.returncode, ended.stdout


# ---------------------------------------------------------------- taking out


def verdict(test: str, status: int | None, output: str) -> str:
    """Only a test that ran and failed, with code that ran, has noticed that the guard is missing."""
    if status is None:
        return HANGS
    if status == 0:
        return PASSES
    if status != 1 or f"\nFAILED {test}" not in output or f"\nERROR {test}" in output:
        return f"NOT RUN (status {status})"
    broken = BROKEN.search(output)
    return f"BROKEN CODE ({broken[1]})" if broken else FAILS


def taken_out(copy: Path, removal: Removal, tests: Sequence[str]) -> list[Outcome]:
    """Run each test of the guard without it, then put it back."""
    place, path = _place(copy, removal), copy / removal.path
    if place is None:
        return [Outcome(removal, removal.path, test, NOT_FOUND) for test in tests]
    whole, times = path.read_text("utf-8"), path.stat()
    path.write_text(whole.replace(removal.old, removal.new), "utf-8", newline="\n")
    found = []
    for test in tests:
        status, output = run_tests(copy, [test], changed=True)
        found.append(Outcome(removal, place, test, verdict(test, status, output), output))
    path.write_text(whole, "utf-8", newline="\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return found


def main() -> int:
    """Run, print, and say by the exit status whether every guard is held by its tests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only guards whose names hold one of these")
    words = parser.parse_args().words
    with TemporaryDirectory(prefix="dunghen-guards-") as folder:
        copy = Path(folder).resolve()
        copy_tree(copy)
        wanted = [guard for guard in guards(copy) if not words or any(word in guard.name for word in words)]
        if fault := _cannot_begin(copy, wanted):
            print(fault)
            return 3
        outcomes = _each_taken_out(copy, {guard.name: guard.tests for guard in wanted})
        return _report(outcomes, faults(copy))


def _cannot_begin(copy: Path, wanted: Sequence[Guard]) -> str | None:
    """Why nothing could be learnt from the copy; its tests have to pass while every guard is in its place."""
    if not wanted:
        return f"no such guard in {PAGE}"
    if not is_imported_from(copy):
        return "the tests would not run with the code of the copy"
    tests = sorted({test for guard in wanted for test in guard.tests})
    status, output = run_tests(copy, tests, changed=False)
    return f"{output}\nthese tests have to pass first" if status != 0 else None


def _each_taken_out(copy: Path, tests: Mapping[str, Sequence[str]]) -> list[Outcome]:
    removals = [removal for removal in REMOVALS if removal.guard in tests]
    found = []
    for number, removal in enumerate(removals, 1):
        print(f"{number}/{len(removals)} {removal.guard}", file=sys.stderr, flush=True)
        found += taken_out(copy, removal, tests[removal.guard])
    return found


def _report(outcomes: Sequence[Outcome], wrong: Sequence[str]) -> int:
    bad = [each for each in outcomes if each.verdict != FAILS]
    for each in bad:
        print(f"---- without {each.removal.guard} ({each.place}), {each.test}: {each.verdict}\n{each.output}")
    print("| guard | taken out at | test | without the guard it |\n|---|---|---|---|")
    for each in outcomes:
        print(f"| {each.removal.guard} | `{each.place}` | `{each.test}` | {each.verdict} |")
    for fault in wrong:
        print(f"{NOT_FOUND}: {fault}")
    names = {each.removal.guard for each in outcomes}
    print(f"{len(names)} guards, {len(outcomes)} runs without one: {len(bad)} not as they should be")
    return 1 if bad or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
