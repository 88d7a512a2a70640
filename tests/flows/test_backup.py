"""`dunghen backup`, `dunghen restore` and the nightly job: the restored store answers the same, or nothing was changed."""

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command as alembic

from app.access import Role
from app.notices import Notice, tell
from tests import postgres, warm
from tests.databases import Databases, PostgresqlServer, SqliteFiles
from tests.flows.office import NOW, ROOT, Office, StandingContext, row
from tests.flows.test_kill import kill_after
from tracker.store import kept_files
from tracker.store.backup import archive
from tracker.store.backup.workplace import ENDING
from tracker.store.kept_files import NewFile
from tracker.store.migrate import alembic_config, newest_revision, revision
from tracker.store.session import open_store

NEW_YEAR = ("--as-of", "2023-01-01")
QUESTIONS = (
    ("overdue", *NEW_YEAR, "--state", "all"),
    ("letters", "status", *NEW_YEAR),
    ("letters", "due", *NEW_YEAR),
    ("rates", "--from", "2022-01-01", "--to", "2022-12-31", "--by", "unit"),
    ("score", "3.4.1", "--year", "2022"),
    ("rejections",),
)
LATE = {"due_at": "15/03/2022 17:00:00", "late_reason": "Chờ ý kiến của đơn vị phối hợp"}


def filled(office: Office) -> Office:
    """Dossiers, one of them rejected, letters with one that came back signed, and an upload that is still kept."""
    office.ingest([row(n, **LATE) for n in range(1, 9)], [row(20, received_at="x")])
    assert office.ask("letters", "draft", *NEW_YEAR)["written"] == 8
    var = office.folder / "var"
    (var / "letters" / "signed").mkdir()
    (var / "letters" / "signed" / "a.pdf").write_bytes(b"%PDF-1.7 signed")
    (var / "inbox" / "uploads").mkdir(parents=True)
    (var / "inbox" / "uploads" / "0123").write_bytes(b"code,due\r\n")
    (var / "exports").mkdir()
    (var / "exports" / "made-again.xlsx").write_bytes(b"xlsx")
    store = open_store(office.url)
    with store.transaction() as session:
        session.connection().exec_driver_sql(
            "UPDATE letter SET signed_file = 'letters/signed/a.pdf' WHERE id = 1"
        )
        for kind, path in (("upload", "inbox/uploads/0123"), ("export", "exports/made-again.xlsx")):
            new = NewFile(kind, path, "tep", "", "0" * 64, 10)
            kept_files.add(session, new, by="x", now=NOW, expires_at=NOW + timedelta(days=7))
    store.close()
    return office


@pytest.fixture
def full(office: Office) -> Office:
    return filled(office)


def another(folder: Path, on: Databases | None = None) -> Office:
    """A second office, that has nothing yet."""
    folder.mkdir()
    new = Office(folder, on=on)
    assert new.url
    return new


def files(office: Office) -> dict[str, bytes]:
    """Letters and uploads by their places."""
    var = office.folder / "var"
    return {
        path.relative_to(var).as_posix(): path.read_bytes()
        for folder in ("letters", "inbox")
        for path in sorted((var / folder).rglob("*"))
        if path.is_file()
    }


def answers(office: Office) -> list[Any]:
    return [office.ask(*question) for question in QUESTIONS]


def backed_up(office: Office, name: str = "sao-luu.zip") -> Path:
    path = office.folder / "out" / name
    answer = office.run("backup", path, "--json")
    assert answer.status == 0, answer.err
    assert {"file", "rows", "sha256"} <= set(answer.json)
    return path


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.endswith(ENDING)]


# ---------------------------------------------------------------- there and back


def test_a_restored_store_answers_the_same_and_has_the_same_files(full: Office, tmp_path: Path):
    path = backed_up(full)
    told = json.loads(full.run("backup", path, "--json").out)
    new = another(tmp_path / "new")
    answer = new.run("restore", path, "--json")
    assert answer.status == 0, answer.err
    assert {answer.json[key] for key in ("rows", "sha256", "files")} == {told["rows"], told["sha256"], 10}
    assert answers(new) == answers(full)
    assert files(new) == files(full)
    assert not (new.folder / "var" / "exports").exists()
    assert new.is_sound()
    assert new.ask("audit", "verify")["ok"]
    assert leftovers(tmp_path) == []


def test_the_restored_store_is_that_of_the_backup_and_one_entry_of_the_log_more(full: Office, tmp_path: Path):
    path = backed_up(full)
    before = full.dump()
    assert before.pop("audit_entry")[-1][3] == "backup"  # written after the backup
    full.ingest([row(99)])
    new = another(tmp_path / "new")
    assert new.run("restore", path).status == 0
    after = new.dump()
    acts = [entry[3] for entry in sorted(after.pop("audit_entry"))]
    assert (acts[-1], "backup" in acts) == ("restore", False)
    assert after == before


def test_what_lies_outside_the_data_folder_or_is_gone_is_named(full: Office, tmp_path: Path):
    full.ingest([row(n, **LATE) for n in range(30, 33)])
    assert full.run("letters", "draft", *NEW_YEAR, "--out", tmp_path / "elsewhere").status == 0
    (full.folder / "var" / "letters" / "signed" / "a.pdf").unlink()
    told = full.ask("backup", full.folder / "out" / "a.zip")
    assert sorted(Path(place).is_absolute() for place in told["absent"]) == [False, True, True, True]
    assert "letters/signed/a.pdf" in told["absent"]


def test_messages_that_waited_are_told_since_they_may_have_been_sent(full: Office, tmp_path: Path):
    with_administrator(full)
    context = StandingContext(full.config, instant=NOW)
    store = open_store(full.url)
    with store.transaction() as session:
        tell(session, context.config, Notice("watchdog", "k", "s", "t"), NOW, roles={Role.ADMIN})
    store.close()
    path = backed_up(full)
    assert another(tmp_path / "a").ask("restore", path)["waiting_messages"] == 1
    assert "dunghen outbox list" in another(tmp_path / "b").run("restore", path).out


def with_administrator(office: Office) -> None:
    assert office.run("user", "add", "quan.tri", "--role", "admin", typed="mat-khau-dai-1\n").status == 0


# ---------------------------------------------------------------- an old store


def test_a_store_with_content_is_not_replaced_unless_it_is_said(full: Office):
    path = backed_up(full)
    full.ingest([row(99)])
    before = full.dump()
    answer = full.run("restore", path)
    assert answer.status in (2, 3)
    assert "--replace" in answer.err or "createdb" in answer.err
    assert full.dump() == before


@pytest.mark.sqlite_only("a PostgreSQL database is never replaced")
def test_an_old_store_is_kept_beside_with_its_files_that_differ(full: Office):
    path = backed_up(full)
    then = answers(full)
    full.ingest([row(99)])
    old, old_files = full.dump(), files(full)
    letter = next(place for place in old_files if place.endswith(".docx"))
    (full.folder / "var" / letter).write_bytes(b"corrected since")
    kept = full.ask("restore", path, "--replace")["kept"]
    assert [Path(each).suffix for each in kept] == [".sqlite3", ".files"]
    assert all("2026" in Path(each).name for each in kept)
    assert (Path(kept[1]) / letter).read_bytes() == b"corrected since"
    assert SqliteFiles().dump(f"sqlite:///{kept[0]}", set()) == old
    assert (files(full), answers(full)) == (old_files, then)
    again = full.ask("restore", path, "--replace")["kept"]
    assert len({*again, *kept}) == 3


@pytest.mark.postgresql_only("a SQLite file is replaced")
def test_a_postgresql_database_with_content_is_never_replaced(full: Office):
    path = backed_up(full)
    before = full.dump()
    answer = full.run("restore", path, "--replace")
    assert (answer.status, "createdb" in answer.err) == (3, True)
    assert full.dump() == before


@pytest.mark.sqlite_only("about the SQLite file")
def test_a_store_that_somebody_uses_is_left_alone(full: Office):
    path = backed_up(full)
    old_files = files(full)
    letter = next(place for place in old_files if place.endswith(".docx"))
    (full.folder / "var" / letter).write_bytes(b"corrected since")
    before = full.dump()
    with closing(sqlite3.connect(full.database)) as serving:
        serving.execute("SELECT 1 FROM unit").fetchone()
        answer = full.run("restore", path, "--replace")
    assert (answer.status, "đang được dùng" in answer.err) == (3, True)
    assert full.dump() == before
    assert (full.folder / "var" / letter).read_bytes() == b"corrected since"
    assert {path.name for path in (full.folder / "var").iterdir()} >= {"dunghen.sqlite3", "letters"}
    assert leftovers(full.folder) == []
    assert not list((full.folder / "var").glob("*truoc-khoi-phuc*"))


@pytest.mark.sqlite_only("about the SQLite file")
def test_a_damaged_database_is_replaced_and_kept_as_it_is(full: Office):
    path = backed_up(full)
    then = answers(full)
    full.database.write_bytes(b"no database any more" * 1000)
    log = full.database.with_name(full.database.name + "-wal")
    log.write_bytes(b"what was left")
    refused = full.run("restore", path)
    assert (refused.status, "--replace" in refused.err) == (2, True)
    (kept,) = full.ask("restore", path, "--replace")["kept"]
    assert Path(kept).read_bytes() == b"no database any more" * 1000
    assert answers(full) == then


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_damaged_backup_is_refused_by_name_and_changes_nothing(full: Office, tmp_path: Path, share: float):
    path = backed_up(full)
    body = bytearray(path.read_bytes())
    body[int(len(body) * share)] ^= 1
    path.write_bytes(body)
    new = another(tmp_path / "new")
    answer = new.run("restore", path)
    assert answer.status == 3
    assert "sao-luu.zip" in answer.err
    assert any(word in answer.err for word in ("hỏng", "bị sửa"))
    assert not new.has_tables()
    assert not files(new)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18, b"SQLite format 3\0" * 100])
def test_a_file_that_is_no_backup_is_refused(office: Office, content: bytes):
    answer = office.run("restore", office.write("khac.zip", content))
    assert (answer.status, "khac.zip" in answer.err) == (3, True)
    assert office.run("restore", office.folder / "none.zip").status == 3


@pytest.fixture
def of_revision(tmp_path: Path) -> Iterator[Any]:
    """Backups of SQLite stores of other revisions."""

    def make(wanted: str, named: str | None = None) -> Path:
        home = another(tmp_path / f"of-{named or wanted}", on=SqliteFiles())
        store = open_store(home.url)
        alembic.upgrade(alembic_config(store), wanted)
        with store.transaction() as session:
            ask = session.connection().exec_driver_sql
            ask("INSERT INTO source (id, key, name, priority) VALUES (7, 'cu', 'Nguồn cũ', 1)")
            if named:
                ask("UPDATE alembic_version SET version_num = ?", (named,))
        store.close()
        answer = home.run("backup", home.folder / "a.zip")
        assert answer.status == 0, answer.err
        return home.folder / "a.zip"

    return make


pytest_sqlite = pytest.mark.sqlite_only("makes SQLite stores of other revisions")


@pytest_sqlite
def test_a_backup_of_an_older_program_is_brought_up_to_date(of_revision: Any, tmp_path: Path):
    path = of_revision("0004")
    new = another(tmp_path / "new")
    answer = new.run("restore", path, "--json")
    assert answer.status == 0, answer.err
    store = open_store(new.url)
    assert answer.json["revision"] == revision(store) == newest_revision()
    store.close()
    assert new.query("SELECT name FROM source WHERE id = 7") == [("Nguồn cũ",)]
    assert new.query("SELECT action FROM audit_entry") == [("restore",)]


@pytest_sqlite
def test_a_backup_of_a_newer_program_is_refused_in_plain_words(of_revision: Any, tmp_path: Path):
    path = of_revision("head", named="9999")
    new = another(tmp_path / "new")
    answer = new.run("restore", path)
    assert (answer.status, "chương trình mới hơn" in answer.err) == (3, True)
    assert not new.has_tables()


# ---------------------------------------------------------------- killed


@pytest.mark.every_value("each moment leaves another state")
@pytest.mark.parametrize("lines", [0, 3, 6, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2, 4, 5))])
def test_a_killed_backup_leaves_no_half_file_and_the_next_one_removes_what_it_left(full: Office, lines: int):
    path = full.folder / "out" / "sao-luu.zip"
    before = backed_up(full).read_bytes() if lines % 2 else None
    full.ingest([row(99)])
    kill_after(full.start("backup", path), lines)
    left = path.read_bytes() if path.exists() else None
    if left != before:  # it had ended before the kill
        archive.check(path, lambda *_told: None)
    backed_up(full)
    assert [each.name for each in path.parent.iterdir()] == ["sao-luu.zip"]


@pytest.mark.parametrize("lines", [0, 2, 5, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 3, 4))])
def test_a_killed_restoration_left_the_store_as_it_was_or_whole_and_can_be_repeated(
    full: Office, tmp_path: Path, lines: int
):
    path = backed_up(full)
    new = another(tmp_path / "new")
    kill_after(new.start("restore", path), lines)
    if new.has_tables() and new.query("SELECT count(*) FROM dossier") != [(0,)]:
        assert answers(new) == answers(full)
        return
    answer = new.run("restore", path)
    assert answer.status == 0, answer.err
    assert answers(new) == answers(full)
    assert files(new) == files(full)
    assert leftovers(tmp_path / "new") == []


ENDS_WHILE_FILES_ARE_MOVED = """
import os, sys
from datetime import datetime
from pathlib import Path
from tracker.store.backup.restoring import RestorePlan, restore
from tracker.types import VN

file, url, data_dir, wanted = sys.argv[1:]

def watch(done, total, words):
    if words.startswith("Đưa tệp") and done == int(wanted):
        os._exit(9)

plan = RestorePlan(Path(file), url, Path(data_dir), datetime(2026, 8, 24, tzinfo=VN), may_replace=True)
restore(plan, lambda *told: None, watch)
"""


@pytest.mark.sqlite_only("a PostgreSQL database is never replaced")
@pytest.mark.parametrize("moved", [1, 5, 10])
def test_a_restoration_killed_among_its_files_leaves_the_old_store_and_the_next_puts_its_files_back_first(
    full: Office, moved: int
):
    path = backed_up(full)
    good = files(full)
    for place in good:
        (full.folder / "var" / place).write_bytes(b"since " + place.encode())
    changed, before = files(full), full.dump()
    code = [sys.executable, "-c", ENDS_WHILE_FILES_ARE_MOVED, path, full.url, full.folder / "var", str(moved)]
    assert warm.run(code, cwd=ROOT).returncode == 9
    assert full.dump() == before
    damaged = full.folder / "damaged.zip"
    damaged.write_bytes(path.read_bytes()[:-1] + b"?")
    assert full.run("restore", damaged, "--replace").status == 3
    kept = full.ask("restore", path, "--replace")["kept"]
    assert files(full) == good
    held = {
        each.relative_to(kept[1]).as_posix(): each.read_bytes()
        for each in Path(kept[1]).rglob("*")
        if each.is_file()
    }
    assert held == changed


# ---------------------------------------------------------------- from one database into the other


@pytest.fixture(scope="module")
def kinds() -> Iterator[Mapping[str, Databases]]:
    """Both kinds of database."""
    server = postgres.start()
    both = {"sqlite": SqliteFiles(), "postgresql": PostgresqlServer(server.url, f"{os.getpid()}_backup")}
    yield both
    for kind in both.values():
        kind.close()
    server.stop()


@pytest.mark.sqlite_only("goes from each kind to the other, with a server of its own")
def test_a_backup_of_sqlite_goes_into_postgresql_and_back(
    kinds: Mapping[str, Databases], full: Office, tmp_path: Path
):
    there = another(tmp_path / "there", on=kinds["postgresql"])
    assert there.run("restore", backed_up(full)).status == 0
    assert answers(there) == answers(full)
    assert files(there) == files(full)
    back = another(tmp_path / "back", on=kinds["sqlite"])
    told = back.ask("restore", backed_up(there))
    assert told["files"] == 10
    assert answers(back) == answers(full)
    assert files(back) == files(full)
    assert back.ask("audit", "verify")["ok"]
    assert "createdb" in there.run("restore", full.folder / "out" / "sao-luu.zip", "--replace").err


# ---------------------------------------------------------------- the nightly job


def night(office: Office, days: int) -> dict[str, Any]:
    office.now = NOW + timedelta(days=days)
    answer = office.run("jobs", "run", "backup", "--json")
    assert answer.status == 0, answer.err
    return answer.json["result"]


def test_the_job_keeps_the_last_good_ones_and_removes_only_what_it_wrote(full: Office):
    full.configure(backups_kept="2")
    folder = full.folder / "var" / "backups"
    results = [night(full, day) for day in range(3)]
    assert [each["removed"] for each in results] == [0, 0, 1]
    assert results[2]["file"] == "dunghen-20260826-093000.zip"
    assert {"rows", "sha256", "seconds"} <= set(results[2])
    by_hand = folder / "truoc-nang-cap.zip"
    shutil.copyfile(folder / results[2]["file"], by_hand)
    night(full, 3)
    assert {path.name for path in folder.iterdir()} == {
        by_hand.name, "dunghen-20260826-093000.zip", "dunghen-20260827-093000.zip",
    }  # fmt: skip
    removed = full.query("SELECT subject FROM audit_entry WHERE action = 'backup_removed' ORDER BY id")
    assert removed == [("backup:dunghen-20260824-093000.zip",), ("backup:dunghen-20260825-093000.zip",)]


def test_a_damaged_backup_does_not_count_and_administrators_are_told_once(full: Office):
    full.configure(backups_kept="2")
    with_administrator(full)
    first, second = night(full, 0), night(full, 1)
    damaged = full.folder / "var" / "backups" / second["file"]
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    for day in (2, 2):
        told = night(full, day)
        assert (told["removed"], told["damaged"]) == (0, 1)
    assert (full.folder / "var" / "backups" / first["file"]).exists()
    subjects = full.query("SELECT subject FROM outbox_message WHERE key LIKE 'backup_damaged%'")
    assert {subject for (subject,) in subjects} == {"Có bản sao lưu đã hỏng"}


def test_a_backup_of_the_job_can_be_restored(full: Office, tmp_path: Path):
    told = night(full, 0)
    new = another(tmp_path / "new")
    assert new.run("restore", full.folder / "var" / "backups" / told["file"]).status == 0
    assert answers(new) == answers(full)


def test_a_job_that_cannot_write_is_a_failed_job_and_removes_nothing(full: Office):
    full.configure(backups_kept="1")
    kept = night(full, 0)["file"]
    (full.folder / "var" / "no-folder").write_text("x")
    full.configure(backup_dir='"no-folder"')
    full.now = NOW + timedelta(days=1)
    answer = full.run("jobs", "run", "backup", "--json")
    assert answer.status == 1
    assert "no-folder" in answer.json["fault"]
    assert str(full.folder) not in answer.json["fault"]
    assert (full.folder / "var" / "backups" / kept).exists()
