"""A SQLite file that is damaged, gone, replaced or may not be written: told as that, with the way back, and the way back works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.flows.office import ROOT, Office, row
from tracker.errors import MachineFault
from tracker.store.session import Store, open_store

pytestmark = pytest.mark.sqlite_only("faults of a file; a server's stand in test_faults_server.py")

PAGE = 4096


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with three dossiers, and a backup of it beside."""
    office = Office(tmp_path_factory.mktemp("saved")).furnished()
    office.ingest([row(n) for n in (1, 2, 3)])
    assert office.run("backup", office.folder / "sao-luu.zip").status == 0
    return office


@pytest.fixture
def office(saved: Office, tmp_path: Path) -> Office:
    """A copy of it."""
    shutil.copyfile(saved.folder / "sao-luu.zip", tmp_path / "sao-luu.zip")
    office = Office(tmp_path).like(saved)
    assert office.run("rejections").status == 0  # it has been opened, and its loads have left their lock
    (tmp_path / "var" / "dunghen.sqlite3-ingest.lock").touch()
    return office


def overwritten(file: Path) -> None:
    """Everything behind the first page, as a disk that dies leaves it."""
    with file.open("r+b") as stream:
        stream.seek(PAGE)
        stream.write(b"\xa5" * (file.stat().st_size - PAGE))


def cut_short(file: Path) -> None:
    """The second half is missing."""
    os.truncate(file, file.stat().st_size // 2 // PAGE * PAGE)


def without_its_head(file: Path) -> None:
    """What a file system wrote there belongs to another file."""
    with file.open("r+b") as stream:
        stream.write(b"\0" * 200)


def a_hole(file: Path) -> None:
    """Some pages in the middle, which no question of every day may come by."""
    with file.open("r+b") as stream:
        stream.seek(file.stat().st_size // 2 // PAGE * PAGE)
        stream.write(b"\xff" * 20 * PAGE)


DAMAGES = (overwritten, cut_short, without_its_head, a_hole)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_found_by_the_doctor_and_a_backup_brings_everything_back(office: Office, damage):
    before = office.dump()
    damage(office.database)
    checked = office.run("doctor", "--json")
    assert checked.status == 1
    (found,) = [each for each in checked.json["checks"] if each["name"] == "database"]
    assert not found["ok"]
    assert "hỏng" in found["detail"]
    assert "dunghen restore" in found["detail"]
    assert office.run("backup", office.folder / "khac.zip").status == 3  # a damaged store is no backup
    assert not (office.folder / "khac.zip").exists()
    restored = office.run("restore", office.folder / "sao-luu.zip", "--replace")
    assert restored.status == 0, restored.err
    after = office.dump()
    assert "restore" in {entry[3] for entry in after.pop("audit_entry")}
    before.pop("audit_entry")
    assert after == before


@pytest.mark.parametrize("damage", [overwritten, cut_short])
def test_who_meets_a_damaged_page_is_told_so_and_writes_nothing(office: Office, damage):
    damage(office.database)
    damaged = office.database.read_bytes()
    answer = office.run("ingest", office.write("tep.csv", [row(9)]))
    assert answer.status == 3
    assert "hỏng" in answer.err
    assert "dunghen restore" in answer.err
    assert office.database.read_bytes() == damaged


def test_a_file_that_is_gone_is_not_begun_anew_unless_somebody_says_so(office: Office):
    elsewhere = office.folder / "o-khac.sqlite3"
    office.database.rename(elsewhere)
    answer = office.run("ingest", office.write("tep.csv", [row(9)]))
    assert answer.status == 3
    assert "không còn ở chỗ" in answer.err
    assert not office.database.exists()
    checked = office.run("doctor", "--json")
    assert "không còn ở chỗ" in checked.json["checks"][1]["detail"]
    elsewhere.rename(office.database)
    assert office.ingest([row(9)])["new"] == 1
    office.database.rename(elsewhere)
    assert office.run("db", "upgrade").status == 0
    assert office.query("SELECT count(*) FROM dossier") == [(0,)]


def count(store: Store) -> int:
    with store.read() as session:
        return int(session.scalar(text("SELECT count(*) FROM dossier")) or 0)


def test_a_process_at_work_notices_that_its_file_is_gone_and_goes_on_when_it_is_back(office: Office):
    store = open_store(office.url)
    assert count(store) == 3
    elsewhere = office.folder / "o-khac.sqlite3"
    office.database.rename(elsewhere)
    for _turn in range(2):
        with pytest.raises(MachineFault, match="không còn ở chỗ"), store.transaction() as session:
            session.execute(text("DELETE FROM dossier"))
    assert not office.database.exists()
    elsewhere.rename(office.database)
    assert count(store) == 3
    store.close()


def test_a_process_at_work_goes_over_to_the_file_that_was_put_in_the_place_of_its_own(
    office: Office, tmp_path: Path
):
    """As after a restore: what is written into a file that nobody can open any more would be lost."""
    store = open_store(office.url)
    assert count(store) == 3
    (tmp_path / "khac").mkdir()
    other = Office(tmp_path / "khac").like(office)
    other.ingest([row(n) for n in (11, 12)])
    os.replace(other.database, office.database)
    for ending in ("-wal", "-shm"):
        Path(f"{office.database}{ending}").unlink(missing_ok=True)
    assert count(store) == 5
    with store.transaction() as session:
        session.execute(text("DELETE FROM due_seen"))
    store.close()
    assert office.query("SELECT count(*) FROM due_seen") == [(0,)]


READ_ONLY = 'mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && exec "$@"'


NO_FILES = 'ulimit -f 0 && exec "$@"'  # where nothing can be mounted: no file may be written at all


def may_mount(folder: Path) -> bool:
    tried = ["unshare", "-m", "sh", "-c", READ_ONLY.format(folder=folder), "sh", "true"]
    return (
        shutil.which("unshare") is not None
        and subprocess.run(tried, capture_output=True, check=False).returncode == 0
    )


def test_a_folder_that_may_only_be_read_is_told_and_all_goes_on_when_it_may_be_written(office: Office):
    path, folder = office.write("tep.csv", [row(9)]), office.folder / "var"
    command = [sys.executable, "-m", "app.cli", "ingest", str(path), "--config", str(office.config)]
    if os.geteuid() == 0:  # whoever may write everywhere needs a file system that nobody may write to
        forbid = READ_ONLY.format(folder=folder) if may_mount(folder) else NO_FILES
        command = [*(["unshare", "-m"] if forbid != NO_FILES else []), "sh", "-c", forbid, "sh", *command]
    for each in (folder, office.database):
        each.chmod(0o555)
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    for each in (folder, office.database):
        each.chmod(0o755)
    assert told.returncode == 3
    assert "Traceback" not in told.stderr
    assert any(word in told.stderr for word in ("quyền", "chỉ cho đọc", "Không đọc hoặc ghi được"))
    assert office.ingest(path)["new"] == 1
