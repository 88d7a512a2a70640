"""Encrypted backups, by hand and each night: the restore drill, and what is refused without anything being changed."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.flows.office import NOW, Office, row
from tests.flows.test_backup import another, answers, files, filled, leftovers
from tests.flows.test_kill import kill_after
from tracker.store.backup import encryption, keys


@pytest.fixture
def full(office: Office) -> Office:
    return filled(office)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    keys.new_key(tmp_path / "khoa")
    return tmp_path / "khoa"


def locked(office: Office, key: Path, name: str = "sao-luu.enc") -> Path:
    path = office.folder / "out" / name
    answer = office.run("backup", path, "--key-file", key, "--json")
    assert answer.status == 0, answer.err
    assert answer.json["encrypted"]
    return path


def test_the_restore_drill_with_encryption(full: Office, key: Path, tmp_path: Path):
    path = locked(full, key)
    assert not any(
        word in path.read_bytes() for word in (b"SQLite", "Bịa".encode(), b"0912345678", b"PK\x03\x04")
    )
    new = another(tmp_path / "new")
    answer = new.run("restore", path, "--key-file", key, "--json")
    assert answer.status == 0, answer.err
    assert (
        answer.json["sha256"]
        == full.query("SELECT detail FROM audit_entry WHERE action = 'backup' ORDER BY id DESC LIMIT 1")[0][0]
        .split('"sha256": "')[1]
        .split('"')[0]
    )
    assert answers(new) == answers(full)
    assert files(new) == files(full)
    assert new.is_sound()
    assert new.ask("audit", "verify")["ok"]
    assert leftovers(tmp_path) == []


def test_beside_the_target_nothing_ever_lies_in_the_clear(full: Office, key: Path):
    path = full.folder / "out" / "a.enc"
    kill_after(full.start("backup", path, "--key-file", key), 4)
    left = [each for each in path.parent.rglob("*") if each.is_file() and each.stat().st_size]
    assert all(encryption.is_encrypted(each) for each in left)
    locked(full, key, "a.enc")
    assert [each.name for each in path.parent.iterdir()] == ["a.enc"]
    assert leftovers(full.folder) == []


@pytest.mark.parametrize("harm", ["key", "cut", "byte", "more", "nothing given"])
def test_what_is_not_whole_or_not_ours_is_refused_and_nothing_is_restored(
    full: Office, key: Path, tmp_path: Path, harm: str
):
    path = locked(full, key)
    body, given = path.read_bytes(), ["--key-file", str(key)]
    told = "hỏng"
    if harm == "key":
        keys.new_key(tmp_path / "khac")
        given, told = ["--key-file", str(tmp_path / "khac")], "khóa không đúng"
    elif harm == "cut":
        path.write_bytes(body[:-40])
    elif harm == "byte":
        path.write_bytes(body[:5000] + bytes([body[5000] ^ 1]) + body[5001:])
    elif harm == "more":
        path.write_bytes(body + b"x")
    else:
        given, told = [], "--key-file"
    new = another(tmp_path / "new")
    answer = new.run("restore", path, *given)
    assert (answer.status, told in answer.err) == (3 if given else 2, True)
    assert not new.has_tables()
    assert not files(new)
    assert leftovers(tmp_path) == []


@pytest.mark.sqlite_only("a PostgreSQL database is never replaced")
def test_a_killed_restoration_of_an_encrypted_backup_leaves_the_store_as_it_was_or_whole(
    full: Office, key: Path
):
    path = locked(full, key)
    then, before = answers(full), full.dump()
    kill_after(full.start("restore", path, "--key-file", key, "--replace"), 2)
    if full.dump() != before:
        assert answers(full) == then
    assert full.run("restore", path, "--key-file", key, "--replace").status == 0
    assert answers(full) == then
    assert leftovers(full.folder) == []


def test_a_new_key_is_made_by_command_and_needs_no_database(tmp_path: Path):
    office = another(tmp_path / "new")
    told = office.ask("backup", "--new-key", tmp_path / "khoa")
    assert told["key"] == keys.read_key(tmp_path / "khoa").mark.hex()
    assert not office.has_tables()
    again = office.run("backup", "--new-key", tmp_path / "khoa")
    assert (again.status, "ghi đè" in again.err) == (2, True)
    inside = office.run("backup", "--new-key", office.folder / "var" / "khoa")
    assert (inside.status, "ngoài thư mục dữ liệu" in inside.err) == (2, True)
    assert office.run("backup").status == 2


def test_a_key_in_the_data_folder_is_refused(full: Office, key: Path):
    inside = full.folder / "var" / "khoa"
    inside.write_bytes(key.read_bytes())
    inside.chmod(0o600)
    answer = full.run("backup", full.folder / "out" / "a.enc", "--key-file", inside)
    assert (answer.status, "ngoài thư mục dữ liệu" in answer.err) == (2, True)
    for named in ("var/khoa", "var/backups/khoa"):
        configured(full, named)
        answer = full.run("backup", full.folder / "out" / "a.enc")
        assert (answer.status, "[backup] key_file" in answer.err) == (2, True)
    assert not (full.folder / "out" / "a.enc").exists()


# ---------------------------------------------------------------- each night


def configured(office: Office, named: str | Path, **more: str) -> None:
    """`key_file` of [backup] comes before that of [audit]."""
    office.configure(key_file=f'"{Path(named).as_posix()}"', **more)


def night(office: Office, days: int) -> dict:
    office.now = NOW + timedelta(days=days)
    answer = office.run("jobs", "run", "backup", "--json")
    assert answer.status == 0, answer.err
    return answer.json["result"]


def test_the_job_encrypts_where_a_key_is_configured_and_counts_both_kinds(
    full: Office, key: Path, tmp_path: Path
):
    full.configure(backups_kept="2")
    plain = night(full, 0)["file"]
    configured(full, key, backups_kept="2")
    first = night(full, 1)
    assert (first["file"], first["encrypted"], first["removed"]) == ("dunghen-20260825-093000.enc", True, 0)
    second = night(full, 2)
    assert second["removed"] == 1
    folder = full.folder / "var" / "backups"
    assert not (folder / plain).exists()
    new = another(tmp_path / "new")
    new.now = full.now
    assert new.run("restore", folder / second["file"], "--key-file", key).status == 0
    assert answers(new) == answers(full)
    assert full.ask("doctor")["checks"][-1]["ok"]


def test_a_damaged_encrypted_backup_is_told_and_one_of_another_key_neither_counts_nor_is_called_damaged(
    full: Office, key: Path, tmp_path: Path
):
    configured(full, key, backups_kept="2")
    folder = full.folder / "var" / "backups"
    old = night(full, 0)["file"]
    broken = folder / night(full, 1)["file"]
    broken.write_bytes(broken.read_bytes()[:-1] + b"?")
    keys.new_key(tmp_path / "moi")
    assert (night(full, 2)["damaged"], night(full, 2)["removed"]) == (1, 0)
    configured(full, tmp_path / "moi", backups_kept="2")
    told = night(full, 3)
    assert (told["damaged"], told["removed"], (folder / old).exists()) == (0, 0, True)


def test_a_lost_key_is_a_failed_job_and_doctor_says_so(full: Office, key: Path):
    configured(full, key)
    key.unlink()
    answer = full.run("jobs", "run", "backup", "--json")
    assert (answer.status, "tệp khóa" in answer.json["fault"]) == (1, True)
    assert not list((full.folder / "var" / "backups").glob("*"))
    checks = {each["name"]: each for each in full.run("doctor", "--json").json["checks"]}
    assert not checks["backups"]["ok"]
    assert "không đọc được tệp khóa" in checks["backups"]["detail"]


def test_an_old_backup_in_the_clear_still_restores_though_a_key_is_configured(
    full: Office, key: Path, tmp_path: Path
):
    path = full.folder / "out" / "cu.zip"
    assert full.run("backup", path).status == 0
    new = another(tmp_path / "new")
    configured(new, key)
    assert new.run("restore", path).status == 0
    assert answers(new) == answers(full)
    made = new.ask("backup", path)
    assert made["encrypted"]
    assert encryption.is_encrypted(path)
    assert not new.ask("backup", path, "--unencrypted")["encrypted"]
    both = new.run("backup", path, "--unencrypted", "--key-file", key)
    assert both.status == 2


def test_a_backup_keeps_the_words_that_it_is_closed(full: Office, key: Path):
    full.ingest([row(99)])
    said = full.run("backup", full.folder / "out" / "a.enc", "--key-file", key)
    assert "Không có tệp khóa thì không ai mở được" in said.out
    assert "không được mã hóa" in full.run("backup", full.folder / "out" / "b.zip").out
