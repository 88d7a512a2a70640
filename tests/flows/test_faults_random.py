"""Everything the program does, disturbed once at a moment by chance: a process killed, a database locked, a connection lost,
a server that crashes, a disk that is full. Then it is done again, and all is as if nothing had happened.

`benchmarks/faults.py` repeats this; here each act is disturbed once.
"""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import databases, postgres
from tests.databases import PostgresqlServer
from tests.faults.acts import ACTS
from tests.faults.series import FAULTS, Place
from tests.faults.small_disk import can_mount, with_disks
from tests.faults.trial import Trial
from tests.flows.office import ROOT

SEED = 20261130
# A fork for each: the other acts are killed in `make test-long`.
KILLED = ("load", "draft", "number", "work", "backup", "note")
SHORT = [name if name in KILLED else pytest.param(name, marks=pytest.mark.long) for name in ACTS]

# How many trials a fault reached before their act had ended: the tests of this file run in one process, in this order.
HIT: Counter[str] = Counter()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An office in which there is something to do, to be copied for each test."""
    place = Place(tmp_path_factory.mktemp("faults"), random.Random(SEED))
    place.furnish()
    return place


def assert_well(trial: Trial) -> None:
    assert (trial.lost, trial.doubled, trial.wrong) == ([], [], [])


@pytest.mark.both_databases("a backup is a SQLite file")
@pytest.mark.parametrize("act", SHORT)
def test_whatever_is_killed_is_whole_or_undone_and_doing_it_again_ends_it(place: Place, act: str):
    assert_well(place.trial(FAULTS["killed"], ACTS[act]))


@pytest.mark.both_databases("a backup is a SQLite file")
@pytest.mark.parametrize("act", ACTS)
def test_whoever_finds_the_database_locked_is_told_so_and_can_do_it_again(place: Place, act: str):
    trial = place.trial(FAULTS["locked"], ACTS[act])
    assert_well(trial)
    if (
        ACTS[act].is_turn and not trial.was_hit
    ):  # a worker on a server: its turn ends well, the work waits for the next
        return
    assert trial.was_hit
    assert "đang bận" in trial.told


def test_whoever_finds_the_database_locked_for_a_moment_waits_and_ends_well(place: Place):
    trial = place.trial(FAULTS["locked for a moment"], ACTS["load"])
    assert_well(trial)
    assert not trial.was_hit


# No cursor of a server can be closed when the connection is gone.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in.*ServerCursor:pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.both_databases("a backup is a SQLite file")
@pytest.mark.every_value("each act asks other questions, at which the connection is lost")
@pytest.mark.postgresql_only("a file has no connection")
@pytest.mark.parametrize("act", ACTS)
def test_whoever_loses_the_connection_is_told_so_and_can_do_it_again(place: Place, act: str):
    trial = place.trial(FAULTS["connection lost"], ACTS[act])
    HIT["connection lost"] += trial.was_hit
    assert_well(trial)
    assert not trial.was_hit or "Mất kết nối" in trial.told


# ---------------------------------------------------------------- a server of one's own


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server that nobody else needs, and an office on it."""
    before, server = databases.chosen(), postgres.start(durable=True)
    databases.choose(PostgresqlServer(server.url, "faults"))
    place = Place(tmp_path_factory.mktemp("own"), random.Random(SEED), server)
    place.furnish()
    yield place
    server.revive()
    databases.chosen().close()
    databases.choose(before)
    server.stop()


@pytest.mark.both_databases("a server of its own")
@pytest.mark.every_value("each fault is another")
@pytest.mark.postgresql_only("a server's faults")
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("server crashed", "Mất kết nối"),
        ("server restarted", "Mất kết nối"),
        ("server away", "Không kết nối được"),
    ],
)
@pytest.mark.parametrize("act", ["load", "number", pytest.param("note", marks=pytest.mark.long)])
def test_whoever_finds_the_server_gone_is_told_so_and_goes_on_when_it_is_back(
    own_server: Place, fault: str, told: str, act: str
):
    trial = own_server.trial(FAULTS[fault], ACTS[act])
    HIT[fault] += trial.was_hit
    assert_well(trial)
    assert not trial.was_hit or told in trial.told or "khởi động" in trial.told


@pytest.mark.postgresql_only("a server's faults")
def test_faults_at_random_moments_befell_somebody_indeed():
    assert HIT["connection lost"] > 0
    assert HIT["server away"] > 0


# ---------------------------------------------------------------- a full disk


def on_a_full_disk(folder: Path, *more: str) -> list[dict[str, Any]]:
    """Each act once on a disk of its own that has no byte left."""
    command = [
        sys.executable,
        "-m",
        "tests.faults.series",
        "--folder",
        str(folder),
        "--seed",
        str(SEED),
        *more,
    ]
    line = with_disks({folder: 32}, command) if can_mount(folder) else [*command, "--limit"]
    answered = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answered.returncode == 0, answered.stderr
    return [json.loads(each) for each in answered.stdout.splitlines()]


@pytest.mark.sqlite_only("a file on a full disk; a server's stands in benchmarks/faults.py")
def test_whatever_is_done_on_a_full_disk_is_told_and_undone_and_goes_on_when_there_is_room(tmp_path: Path):
    found = on_a_full_disk(tmp_path, "--left", "0")
    assert [each["act"] for each in found] == list(ACTS)
    for trial in found:
        assert (trial["lost"], trial["doubled"], trial["wrong"]) == ([], [], []), trial["act"]
    hit = [each for each in found if each["statuses"][0] == 3]
    assert len(hit) >= len(ACTS) - 2  # the disk was full indeed
    if found[0]["room"] == "file system":
        assert [each["act"] for each in hit if "đầy" not in each["told"]] == []
