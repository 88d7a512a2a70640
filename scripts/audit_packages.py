"""`make audit`: are there known weaknesses in the locked packages? Asks an index where one is reachable, or reads a file.

`python -m scripts.audit_packages` runs pip-audit (fetched into a folder of its own) over the locked versions. On a machine
without internet: `--osv FILE` reads the database of OSV for PyPI (`all.zip`, carried there) and compares by itself. Ends
with 0: none known; 1: some are; 3: nobody could be asked, which is not the same as none. Never a part of `make test`.
"""

import argparse
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt")
LOCKED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
ECOSYSTEM = "PyPI"
NONE, SOME, NOBODY = 0, 1, 3
PATIENCE_SECONDS = 600
# What pip-audit says where it found something, whatever else went wrong.
FOUND = re.compile(r"Found \d+ known vulnerabilit")
UNKNOWN = re.compile(r"could not be audited: ")
NOT_ASKED = (
    "Not audited: no index could be asked from here ({why}). That is not the same as no weakness known.\n"
    "Run `make audit` where an index is reachable, or carry the file all.zip of OSV's database for PyPI here and run\n"
    "  make audit OSV=all.zip"
)


@dataclass(frozen=True, slots=True)
class Weakness:
    """A locked version that a record of the database names."""

    package: str
    version: str
    record: str
    summary: str
    mended_in: tuple[str, ...]

    def __str__(self) -> str:
        mended = f"; mended in {', '.join(self.mended_in)}" if self.mended_in else "; not mended yet"
        return f"{self.package} {self.version}: {self.record} {self.summary}{mended}"


def normal(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(texts: Iterable[str]) -> dict[str, str]:
    """Package -> version of lock files."""
    return {normal(name): version for text in texts for name, version in LOCKED.findall(text)}


# ---------------------------------------------------------------- by a file


def records(path: Path) -> Iterator[Mapping[str, Any]]:
    """The records of OSV's zip, a JSON document each."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                yield json.loads(archive.read(name))


def weaknesses(packages: Mapping[str, str], told: Iterable[Mapping[str, Any]]) -> list[Weakness]:
    """What the records say of these versions; withdrawn records say nothing."""
    found = []
    for record in told:
        if record.get("withdrawn"):
            continue
        for affected in record.get("affected", ()):
            package = affected.get("package", {})
            name = normal(str(package.get("name", "")))
            version = packages.get(name)
            if package.get("ecosystem") == ECOSYSTEM and version and _is_affected(version, affected):
                found.append(
                    Weakness(
                        name, version, str(record["id"]), str(record.get("summary", "")), _mended(affected)
                    )
                )
    return sorted(found, key=lambda each: (each.package, each.record))


def _is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    return version in affected.get("versions", ()) or any(
        _within(version, span.get("events", ()))
        for span in affected.get("ranges", ())
        if span.get("type") == "ECOSYSTEM"
    )


def _within(version: str, events: Sequence[Mapping[str, str]]) -> bool:
    """Between an introduction and its mending, in the order in which OSV tells them."""
    ours, is_in = _version(version), False
    for event in events:
        if "introduced" in event:
            is_in = is_in or event["introduced"] == "0" or ours >= _version(event["introduced"])
        elif _ends_before(ours, event):
            is_in = False
    return is_in


def _ends_before(ours: Version, event: Mapping[str, str]) -> bool:
    is_mended = "fixed" in event and ours >= _version(event["fixed"])
    return is_mended or ("last_affected" in event and ours > _version(event["last_affected"]))


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def _mended(affected: Mapping[str, Any]) -> tuple[str, ...]:
    events = (event for span in affected.get("ranges", ()) for event in span.get("events", ()))
    return tuple(
        dict.fromkeys(event["fixed"] for event in events if "fixed" in event and "." in event["fixed"])
    )


def by_file(path: Path, packages: Mapping[str, str]) -> int:
    """Compare with a file; its status."""
    try:
        found, count = [], 0
        for record in records(path):
            count += 1
            found += weaknesses(packages, [record])
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        print(NOT_ASKED.format(why=f"{path.name} cannot be read: {error}"))
        return NOBODY
    if not count:
        print(NOT_ASKED.format(why=f"{path.name} holds no record"))
        return NOBODY
    for each in sorted(found, key=str):
        print(each)
    print(f"{len(packages)} locked packages, {count} records of {path.name}: {len(found)} known weaknesses.")
    return SOME if found else NONE


# ---------------------------------------------------------------- by an index


def by_index() -> int:
    """Ask an index by pip-audit; its status."""
    with TemporaryDirectory() as folder:
        if why := _fetched(Path(folder)):
            print(NOT_ASKED.format(why=why))
            return NOBODY
        worst = NONE
        for name in LOCKS:
            worst = max(worst, _asked(Path(folder), name))
        return worst


def _fetched(folder: Path) -> str:
    """Install pip-audit there; why it could not be, else nothing."""
    made = _run(sys.executable, "-m", "venv", str(folder))
    if made.returncode:
        return "no environment could be made"
    pip = (
        str(_program(folder, "python")),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "pip-audit",
    )
    return "pip-audit could not be fetched" if _run(*pip).returncode else ""


def _asked(folder: Path, name: str) -> int:
    done = _run(
        str(_program(folder, "pip-audit")), "--disable-pip", "--require-hashes", "--progress-spinner", "off", "-r",
        str(ROOT / name),
    )  # fmt: skip
    status, told = verdict(name, done.returncode, done.stdout + done.stderr)
    print(told)
    return status


def verdict(name: str, status: int, output: str) -> tuple[int, str]:
    """What a run of pip-audit means. It ends with 0 as well where its database knows none of the packages at all."""
    if FOUND.search(output):
        return SOME, f"{name}:\n{output.rstrip()}"
    if status:
        return NOBODY, NOT_ASKED.format(why=f"the database of weaknesses did not answer for {name}")
    if missed := len(UNKNOWN.findall(output)):
        return NOBODY, NOT_ASKED.format(why=f"it knew nothing of {missed} packages of {name}")
    return NONE, f"{name}: no known weaknesses."


def _program(folder: Path, name: str) -> Path:
    return folder / ("Scripts" if sys.platform == "win32" else "bin") / name


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, NOBODY, "", "")


def main(arguments: Sequence[str]) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--osv", type=Path, help="all.zip of OSV's database for PyPI")
    given = parser.parse_args(arguments)
    packages = locked((ROOT / name).read_text("utf-8") for name in LOCKS)
    return by_file(given.osv, packages) if given.osv else by_index()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
