"""Watched folders: a file that is complete is loaded once and moved beside; whatever is killed, nothing is lost or doubled."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.worker import Worker
from app.works.watching import FolderWatch
from tests.flows.office import NOW, Office, row
from tests.flows.toy_work import context_of
from tracker.store import kept_files
from tracker.types.work import WorkState

pytestmark = pytest.mark.either_database("about a folder; what is loaded goes the way of every list")

PASSWORD = "mat-khau-cua-ban-1"


class Watched:
    """An office with one watched folder, its watch and its worker."""

    def __init__(self, office: Office) -> None:
        office.configure(watch='["main=vao"]')
        self.office = office
        self.context = context_of(office, NOW)
        self.folder = office.folder / "var" / "vao"
        self.folder.mkdir(parents=True)
        self.eyes = FolderWatch()

    def put(self, name: str, *rows: dict[str, str]) -> Path:
        """A file that somebody copies into the folder."""
        return Path(shutil.move(self.office.write(name, rows), self.folder / name))

    def look(self, times: int = 1) -> None:
        """So many looks, a minute apart."""
        for _ in range(times):
            self.context.instant += timedelta(minutes=1)
            self.eyes.watch(self.context, self.context.instant)

    def work(self) -> int:
        """What a worker finds to do."""
        return Worker(self.context, "w1").run_until_idle()

    def lies(self) -> list[str]:
        """What lies where, below the folder."""
        return sorted(
            path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()
        )

    def codes(self) -> list[str]:
        """The codes of the stored dossiers."""
        return [code for (code,) in self.office.query("SELECT code FROM dossier ORDER BY code")]

    def states(self) -> list[str]:
        """How the work stands, first to last."""
        query = "SELECT state FROM work_item WHERE kind = 'load_watched' ORDER BY id"
        return [state for (state,) in self.office.query(query)]


@pytest.fixture
def watched(office: Office) -> Iterator[Watched]:
    """An office that watches a folder."""
    watched = Watched(office)
    yield watched
    watched.context.store.close()


def test_a_file_that_is_the_same_in_two_looks_is_loaded_and_moved_beside(watched: Watched):
    watched.put("thang-8.csv", row())
    watched.look()
    assert watched.work() == 0
    watched.look()
    assert watched.work() == 1
    assert watched.codes() == ["H15.03-220301-0001"]
    watched.look()
    assert watched.lies() == ["done/thang-8.csv"]
    assert watched.office.query("SELECT origin FROM batch") == [("watched",)]


def test_a_file_that_is_still_growing_or_hidden_is_left_alone(watched: Watched):
    path = watched.put("lon.csv", row())
    watched.put("dang-chep.csv.part", row(2))
    watched.put(".an.csv", row(3))
    watched.put("~$mo.xlsx", row(4))
    watched.look()
    path.write_bytes(path.read_bytes() + b"\r\n")
    watched.look()
    assert watched.work() == 0
    watched.look()
    assert watched.work() == 1
    assert watched.codes() == ["H15.03-220301-0001"]


def test_the_same_bytes_are_loaded_once_whatever_their_name(watched: Watched):
    watched.put("a.csv", row())
    watched.look(2)
    watched.work()
    watched.look()
    watched.put("b.csv", row())
    watched.put("a.csv", row())
    watched.look(2)
    assert watched.work() == 0
    assert watched.lies() == ["done/a-2.csv", "done/a.csv", "done/b.csv"]
    assert watched.office.query("SELECT count(*) FROM batch") == [(1,)]


def test_what_came_first_is_loaded_first(watched: Watched):
    first = watched.put("z-truoc.csv", row(due_at="15/03/2022 17:00:00"))
    second = watched.put("a-sau.csv", row(due_at="28/03/2022 17:00:00"))
    for number, path in enumerate((first, second)):
        os.utime(path, (1_000 + number, 1_000 + number))
    watched.look(2)
    assert watched.work() == 1
    watched.look()
    assert watched.work() == 1
    watched.look()
    assert watched.lies() == ["done/a-sau.csv", "done/z-truoc.csv"]
    query = "SELECT count(*) FROM due_seen WHERE kind = 'source'"
    assert watched.office.query(query) == [(2,)]
    assert watched.office.query("SELECT flags FROM dossier")[0][0].count("DUE_CHANGED") == 1


def test_a_file_that_cannot_be_used_is_moved_apart_told_once_and_taken_anew_when_it_is_put_back(
    watched: Watched,
):
    watched.office.run(
        "user", "add", "quan-tri", "--role", "admin", "--name", "Quản trị", typed=f"{PASSWORD}\n{PASSWORD}\n"
    )
    path = watched.folder / "hong.csv"
    path.write_text("không phải danh sách\n1\n", "utf-8")
    watched.look(2)
    watched.work()
    watched.look(2)
    assert watched.lies() == ["failed/hong.csv"]
    assert watched.states() == [WorkState.DEAD]
    told = watched.office.query("SELECT subject, text FROM outbox_message")
    assert len(told) == 1
    assert "hong.csv" in told[0][1]
    shutil.move(watched.folder / "failed" / "hong.csv", path)
    watched.look(2)
    watched.work()
    assert watched.states() == [WorkState.DEAD, WorkState.DEAD]


def test_a_file_that_changes_while_it_is_loaded_is_not_taken_for_what_was_found(watched: Watched):
    path = watched.put("doi.csv", row())
    watched.look(2)
    path.write_bytes(path.read_bytes().replace(b"0001", b"0009"))
    watched.work()
    assert watched.codes() == []
    watched.look(2)
    watched.work()
    assert watched.codes() == ["H15.03-220301-0009"]


def test_a_moved_file_is_written_down_with_its_hash_until_it_is_deleted(watched: Watched):
    watched.put("thang-8.csv", row())
    watched.look(2)
    watched.work()
    watched.look()
    with watched.context.store.read() as session:
        (kept,) = kept_files.listed(session, there=True)
    assert (kept.kind, kept.name, kept.path) == ("watched", "thang-8.csv", "vao/done/thang-8.csv")
    assert watched.office.query("SELECT files FROM batch")[0][0].count(kept.sha256) == 1


@pytest.mark.parametrize("seconds", [0.8, 1.6])
def test_a_worker_that_is_killed_while_it_loads_leaves_nothing_lost_or_doubled(
    watched: Watched, seconds: float
):
    watched.put("lon.csv", *(row(number) for number in range(1, 1_501)))
    watched.look(2)
    with watched.office.start("worker", "--once", "--only", "work") as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    watched.context.instant += timedelta(hours=2)  # nobody holds the work any more
    for _ in range(3):
        watched.work()
        watched.look()
    assert len(watched.codes()) == 1_500
    assert watched.lies() == ["done/lon.csv"]
    assert watched.office.query("SELECT count(*) FROM batch") == [(1,)]


def test_a_file_is_moved_beside_even_if_its_loader_was_killed_right_after_loading(watched: Watched):
    watched.put("thang-8.csv", row())
    watched.look(2)
    watched.work()
    watched.eyes = FolderWatch()  # a new process remembers nothing
    watched.look(2)
    assert watched.lies() == ["done/thang-8.csv"]
    assert watched.work() == 0
