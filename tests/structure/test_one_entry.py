"""A kind of work, a job, a kind of message and a page are each added by one entry; an entry left out is noticed.

In a copy of the product, with toys (`tests/data/toy`) that work from the job to the inbox: nothing but the four registries
changes there.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOY = ROOT / "tests" / "data" / "toy"
COPIED = ("app", "letters", "notifications", "tracker", "migrations", "tests")
FILES = ("config.toml", "pyproject.toml", "wsgi.py")


@dataclass(frozen=True)
class Entry:
    """What is put behind a place in one file; `uses`: the import that it needs, if any, likewise."""

    file: str
    behind: str
    text: str
    uses: tuple[str, str] | None = None

    def enter(self, folder: Path) -> None:
        """Write it down."""
        path = folder / self.file
        text = _behind(path.read_text("utf-8"), self.behind, self.text)
        path.write_text(_behind(text, *self.uses) if self.uses else text, "utf-8")


def _behind(text: str, place: str, new: str) -> str:
    assert text.count(place) == 1, place
    return text.replace(place, place + new)


OF_WORKS = ("from app.works import ", "toy, ")
OF_ALL_WORKS = ("from app.works import (\n", "    toy,\n")
ENTRIES = {
    "work": Entry(
        "app/work_kinds.py",
        "_ALL: tuple[WorkKind, ...] = (\n",
        '    WorkKind("toy_work", "Việc thử", toy.do_toy),\n',
        OF_ALL_WORKS,
    ),
    "job": Entry(
        "app/jobs.py", "_ALL = (\n", '    Job("toy_job", "Lịch thử", "00:00", toy.toy_day),\n', OF_WORKS
    ),
    "message": Entry(
        "notifications/kinds.py",
        "_KINDS = (\n",
        '    MessageKind("toy_message", "Tin thử", OFFICE_CHANNELS, is_impersonal=True),\n',
    ),
    "route": Entry(
        "app/views/__init__.py", "BLUEPRINTS = (\n", "    toy.blueprint,\n", ("    style,\n", "    toy,\n")
    ),
}
# By which structural test an entry that was left out is noticed.
REGISTRIES, ROUTES = STRUCTURAL = ("tests/structure/test_registries.py", "tests/structure/test_routes.py")
NOTICED_BY = {
    "work": f"{REGISTRIES}::test_every_handler_of_work_is_registered",
    "job": f"{REGISTRIES}::test_every_handler_of_a_job_is_in_the_schedule",
    "message": f"{REGISTRIES}::test_every_kind_of_message_that_is_put_is_registered_and_can_be_told_from_the_source",
    "route": f"{ROUTES}::test_every_blueprint_that_is_written_down_is_registered",
}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product with the toys' own files and none of their entries."""
    folder = tmp_path_factory.mktemp("copy") / "product"
    for name in COPIED:
        # With what is compiled, which is as old as its source; but not with what is just being written.
        ignored = shutil.ignore_patterns("*.pyc.*", "deadlines.jsonl")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in FILES:
        shutil.copyfile(ROOT / name, folder / name)
    for path in TOY.rglob("*.py"):
        target = folder / path.relative_to(TOY)
        shutil.copyfile(path, target.with_name(target.name.replace("toy_walk", "test_toy_walk")))
    return folder


@contextmanager
def entered(folder: Path, names: Collection[str]) -> Iterator[None]:
    """The copy with these entries; without them again afterwards."""
    for name in names:
        ENTRIES[name].enter(folder)
    try:
        yield
    finally:
        for name in names:
            shutil.copyfile(ROOT / ENTRIES[name].file, folder / ENTRIES[name].file)


def run_tests(folder: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Tests of the copy, on its own code, which is compiled once for all of them."""
    command = [sys.executable, "-m", "pytest", "-q", *tests]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_with_one_entry_each_they_work_from_the_job_to_the_inbox_and_every_structural_test_passes(
    product: Path,
):
    with entered(product, ENTRIES):
        told = run_tests(product, "tests/web/test_toy_walk.py", *STRUCTURAL)
    assert told.returncode == 0, told.stdout


def test_every_entry_that_is_left_out_is_noticed(product: Path):
    told = run_tests(product, *NOTICED_BY.values())
    assert told.returncode == 1, told.stdout
    assert [name for name in NOTICED_BY.values() if f"FAILED {name}" not in told.stdout] == [], told.stdout
