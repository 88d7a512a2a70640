"""A program that is split off a process with everything loaded is, to whoever started it, one that was started anew."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import warm
from tests.flows.office import ROOT, Office, row

pytestmark = pytest.mark.either_database("how processes begin and end is the same")

SAYING = "import os, sys; print(os.getcwd(), os.environ.get('A'), sys.argv, sys.stdin.read(), flush=True); os._exit(9)"


def cold(office: Office, *words: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "app.cli", *words]
    environment = {**os.environ, "DUNGHEN_CONFIG": str(office.config)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "words",
    [("--version",), ("khong-co",), ("overdue", "--as-of", "2026-08-24", "--json"), ("proof", "khong-co")],
)
def test_it_says_and_ends_as_one_that_loads_everything(office: Office, words: tuple[str, ...]):
    office.ingest([row(1)])
    answer = office.program(*words)
    assert (answer.status, answer.out, answer.err) == cold(office, *words)


def test_it_has_its_own_words_folder_variables_and_streams(tmp_path: Path):
    command = [sys.executable, "-c", SAYING, "x"]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with warm.Program(command, cwd=tmp_path, env={**os.environ, "A": "b"}, **streams) as process:
        out, _ = process.communicate("in", timeout=60)
    assert out == f"{tmp_path} b ['-c', 'x'] in\n"
    assert process.returncode == 9


def test_it_can_be_waited_for_asked_and_killed():
    with warm.Program(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    ) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        assert process.poll() is None
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert process.poll() == -signal.SIGKILL


def test_two_of_them_have_chances_of_their_own():
    command = [sys.executable, "-c", "import random, uuid; print(random.random(), uuid.uuid4())"]
    assert warm.run(command).stdout.split() != warm.run(command).stdout.split()


def test_what_the_interpreter_is_told_by_variables_is_heeded():
    command = [sys.executable, "-c", "import sys; print(sys.flags.hash_randomization)"]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    assert warm.run(command, env=environment).stdout == b"0\n"
