"""A backup is whole to the last byte or it is refused, and is made while others write."""

import io
import sqlite3
import stat
import struct
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests import databases
from tracker.errors import UnusableFile, UsageError, WorkFailed
from tracker.store.backup import archive, copies, targets
from tracker.store.backup.archive import Reader, Watch
from tracker.store.backup.manifest import DATABASE, FILES, Manifest, NotUnderstood, may_be_kept, read, written
from tracker.store.backup.restoring import RestorePlan, restore
from tracker.store.backup.workplace import ENDING, workplace
from tracker.store.backup.writing import BackupPlan, back_up
from tracker.store.session import open_store
from tracker.types import VN

NOW = datetime(2026, 8, 24, 2, 0, tzinfo=VN)
LETTER = "letters/2026/H15/2026-08/H15_1.docx"


def silent(_done: int, _total: int | None, _words: str) -> None:
    """Nobody looks on."""


def manifest_of(writer: archive.Writer, **given: object) -> Manifest:
    plain = Manifest("0.1.0", "0001", NOW, "sqlite", {"dossier": 2}, tuple(writer.members), ())
    return replace(plain, **given)  # type: ignore[arg-type]


def packed(path: Path) -> Path:
    """A sealed zip of a few bytes."""
    with archive.writing(path, NOW) as writer:
        writer.add(DATABASE, io.BytesIO(b"SQLite" * 9))
        writer.add(FILES + LETTER, io.BytesIO("Kính gửi".encode()))
        writer.end(manifest_of(writer))
    return path


# ---------------------------------------------------------------- the sealed zip


def test_what_was_packed_is_read_back(tmp_path: Path):
    path = packed(tmp_path / "a.zip")
    manifest, sha256 = archive.check(path, silent)
    assert (manifest.rows, [member.name for member in manifest.members]) == (2, [DATABASE, FILES + LETTER])
    assert sha256 == archive.sum_of(path)
    with archive.reading(path) as reader:
        reader.extract(manifest.files[0], tmp_path / "letter")
    assert (tmp_path / "letter").read_bytes() == "Kính gửi".encode()


@pytest.mark.skipif(sys.platform == "win32", reason="there the folder's own rights decide")
def test_a_backup_is_for_its_owner_only(tmp_path: Path):
    assert stat.S_IMODE(packed(tmp_path / "a.zip").stat().st_mode) == 0o600


def test_a_byte_changed_anywhere_is_refused(tmp_path: Path):
    body = packed(tmp_path / "a.zip").read_bytes()
    changed = tmp_path / "b.zip"
    for place in range(len(body)):
        changed.write_bytes(body[:place] + bytes([body[place] ^ 0x41]) + body[place + 1 :])
        with pytest.raises(UnusableFile):
            archive.require_seal(changed, silent)


@pytest.mark.parametrize("name", [DATABASE, FILES + LETTER, "manifest.json"])
def test_the_member_that_was_changed_is_named(tmp_path: Path, name: str):
    path = packed(tmp_path / "a.zip")
    with zipfile.ZipFile(path) as opened:
        header = opened.getinfo(name).header_offset
    body = bytearray(path.read_bytes())
    lengths = struct.unpack_from("<HH", body, header + 26)  # of the name and of what follows it
    body[header + 30 + sum(lengths) + 2] ^= 1
    path.write_bytes(body)
    with pytest.raises(UnusableFile, match=name):
        archive.require_seal(path, silent)


@pytest.mark.parametrize(
    ("marker", "told"),
    [(b"DUNGHEN SHA-256 ", "phần khung"), (b"PK\x05\x06", "mục lục")],
    ids=["seal", "contents"],
)
def test_a_change_outside_the_members_is_told(tmp_path: Path, marker: bytes, told: str):
    path = packed(tmp_path / "a.zip")
    body = bytearray(path.read_bytes())
    body[body.index(marker)] ^= 1
    path.write_bytes(body)
    with pytest.raises(UnusableFile, match=told):
        archive.require_seal(path, silent)


@pytest.mark.parametrize("cut", [0, 1, 100, 200])
def test_a_file_that_was_cut_or_is_something_else_is_refused(tmp_path: Path, cut: int):
    body = packed(tmp_path / "a.zip").read_bytes()
    for wrong in (body[:cut], body[: -(cut + 1)], body + b"x", b"x" * cut):
        (tmp_path / "b.zip").write_bytes(wrong)
        with pytest.raises(UnusableFile):
            archive.require_seal(tmp_path / "b.zip", silent)
    with pytest.raises(UnusableFile, match="không có tệp"):
        archive.require_seal(tmp_path / "none.zip", silent)


def resealed(tmp_path: Path, change: Callable[[archive.Writer], Manifest]) -> Path:
    """A backup that somebody made up: the seal holds."""
    with archive.writing(tmp_path / "made-up.zip", NOW) as writer:
        writer.end(change(writer))
    return tmp_path / "made-up.zip"


def test_a_member_that_is_not_what_the_manifest_says_is_refused_though_the_seal_holds(tmp_path: Path):
    def change(writer: archive.Writer) -> Manifest:
        writer.add(DATABASE, io.BytesIO(b"true"))
        return manifest_of(writer, members=(replace(writer.members[0], sha256="0" * 64),))

    with pytest.raises(UnusableFile, match=f"{DATABASE} không khớp"):
        archive.check(resealed(tmp_path, change), silent)


def test_a_member_that_is_longer_than_told_fills_no_disk(tmp_path: Path):
    def change(writer: archive.Writer) -> Manifest:
        writer.add(DATABASE, io.BytesIO(b"0" * (8 << 20)))
        return manifest_of(writer, members=(replace(writer.members[0], size=10),))

    path = resealed(tmp_path, change)
    with archive.reading(path) as reader, pytest.raises(UnusableFile):
        reader.extract(reader.manifest.members[0], tmp_path / "out")
    assert (tmp_path / "out").stat().st_size == 0


def test_a_member_that_the_manifest_does_not_tell_of_is_refused(tmp_path: Path):
    def change(writer: archive.Writer) -> Manifest:
        writer.add(DATABASE, io.BytesIO(b"true"))
        writer.add(FILES + LETTER, io.BytesIO(b"more"))
        return manifest_of(writer, members=tuple(writer.members[:1]))

    with pytest.raises(UnusableFile, match="không phải là những gì"):
        archive.check(resealed(tmp_path, change), silent)


# ---------------------------------------------------------------- the manifest


@pytest.mark.parametrize("place", [LETTER, "inbox/uploads/0123", "inbox/watched/done/a.csv"])
def test_a_file_may_lie_in_a_folder_of_the_data_folder(place: str):
    assert may_be_kept(place)


@pytest.mark.parametrize(
    "place",
    [
        "", ".", "web-secret.txt", "dunghen.sqlite3", "/etc/passwd", "../x/y", "letters/../../x", "letters//x",
        "letters/./x", "C:/letters/x", "letters\\x\\y", "letters/x\0y", "letters/x/",
    ],
)  # fmt: skip
def test_a_file_may_lie_nowhere_else(place: str):
    assert not may_be_kept(place)


def test_a_manifest_of_a_later_form_or_of_none_is_not_understood(tmp_path: Path):
    with archive.reading(packed(tmp_path / "a.zip")) as reader:
        body = written(reader.manifest)
        assert read(body) == reader.manifest
    for wrong, told in (
        (body.replace(b'"format": 1', b'"format": 2'), "cập nhật"),
        (body.replace(LETTER.encode(), b"../web/secret"), "không đúng chỗ"),
        (body.replace(DATABASE.encode(), b"files/a/b"), "không đúng chỗ"),
        (b"[]", "không phải"),
        (b"{", "không phải"),
        (b"[" * 100_000, "không phải"),
    ):
        with pytest.raises(NotUnderstood, match=told):
            read(wrong)


# ---------------------------------------------------------------- the copy


@pytest.fixture
def plan(tmp_path: Path) -> BackupPlan:
    url = databases.chosen().furnished(tmp_path)
    return BackupPlan(url, tmp_path / "var", tmp_path / "out" / "a.zip", NOW, "0.1.0")


@pytest.mark.sqlite_only("writes to the file while SQLite copies it")
def test_what_is_written_while_the_copy_is_made_is_not_in_it_and_does_not_make_it_begin_anew(
    plan: BackupPlan, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(copies, "PAGES", 8)
    steps: list[int] = []

    def write(done: int, _total: int | None, words: str) -> None:
        if words != copies.COPYING:
            return
        steps.append(done)
        with closing(sqlite3.connect(copies.sqlite_file(plan.url))) as other, other:
            other.execute(
                "INSERT INTO source (id, key, name, priority) VALUES (?, ?, 'x', 9)",
                (100 + len(steps), f"s{len(steps)}"),
            )

    made = back_up(plan, write)
    assert len(steps) > 3
    assert steps == sorted(steps)
    assert made.manifest.tables["source"] == 1
    with closing(sqlite3.connect(copies.sqlite_file(plan.url))) as other:
        assert other.execute("SELECT count(*) FROM source").fetchone() == (1 + len(steps),)


def test_what_cannot_be_backed_up_is_told(plan: BackupPlan, tmp_path: Path):
    missing = f"sqlite:///{(tmp_path / 'none.sqlite3').as_posix()}"
    for url, told in (
        (missing, "Chưa có"),
        (databases.chosen().empty(tmp_path / "e"), "Chưa có|Cơ sở dữ liệu"),
    ):
        with pytest.raises(WorkFailed, match=told):
            back_up(replace(plan, url=url), silent)
    assert list(plan.target.parent.iterdir()) == []


def test_a_backup_replaces_a_backup_and_nothing_else(plan: BackupPlan):
    first = back_up(plan, silent)
    assert back_up(replace(plan, version="0.2.0"), silent).sha256 != first.sha256
    plan.target.write_text("Số liệu năm 2026")
    with pytest.raises(UsageError, match="không phải tệp sao lưu"):
        back_up(plan, silent)
    with pytest.raises(UsageError, match="thư mục"):
        back_up(replace(plan, target=plan.target.parent), silent)
    assert plan.target.read_text() == "Số liệu năm 2026"


def test_a_full_disk_or_a_stop_in_the_middle_leaves_nothing(plan: BackupPlan):
    class Stop(Exception):
        pass

    for words in ("Nén cơ sở dữ liệu", "Kiểm tra dấu niêm phong của tệp sao lưu"):

        def stop(_done: int, _total: int | None, told: str, words: str = words) -> None:
            if told == words:
                raise Stop

        with pytest.raises(Stop):
            back_up(plan, stop)
        assert list(plan.target.parent.iterdir()) == []

    def full(_done: int, _total: int | None, _words: str) -> None:
        raise OSError(28, "No space left on device", "/secret/place/backup.zip")

    with pytest.raises(WorkFailed, match=r"backup\.zip: đĩa đã đầy") as fault:
        back_up(plan, full)
    assert "/secret" not in str(fault.value)


# ---------------------------------------------------------------- the place beside


def test_what_a_killed_process_left_is_removed_and_what_is_at_work_stays(tmp_path: Path):
    dead = tmp_path / f"dead{ENDING}"
    dead.mkdir()
    (dead / DATABASE).write_bytes(b"half")
    with workplace(tmp_path) as mine:
        assert not dead.exists()
        with workplace(tmp_path) as other:
            assert mine.exists()
            assert other != mine
        (mine / "x").write_text("x")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- what it is restored into


def restored(plan: BackupPlan, url: str, folder: Path, watch: Watch = silent, **more: bool) -> None:
    restore(RestorePlan(plan.target, url, folder, NOW, **more), lambda *_told: None, watch)


def test_a_new_store_with_the_shipped_catalogues_is_empty(plan: BackupPlan, tmp_path: Path):
    back_up(plan, silent)
    url = databases.chosen().furnished(tmp_path / "new")
    assert not targets.look_at(url, may_replace=False).is_full
    restored(plan, url, tmp_path / "new" / "var")
    kind = databases.chosen()
    assert kind.dump(url, set()) == kind.dump(plan.url, set())


def test_a_file_that_no_row_names_is_refused(plan: BackupPlan, tmp_path: Path):
    back_up(plan, silent)
    with archive.reading(plan.target) as reader:
        reader.extract(reader.manifest.member(DATABASE), tmp_path / DATABASE)
        told = reader.manifest

    def change(writer: archive.Writer) -> Manifest:
        with (tmp_path / DATABASE).open("rb") as stream:
            writer.add(DATABASE, stream)
        writer.add(FILES + LETTER, io.BytesIO(b"smuggled"))
        return replace(told, members=tuple(writer.members))

    smuggled = replace(plan, target=resealed(tmp_path, change))
    with pytest.raises(UnusableFile, match="không thuộc kho dữ liệu này"):
        restored(smuggled, databases.chosen().empty(tmp_path / "new"), tmp_path / "new" / "var")
    assert not list((tmp_path / "new").rglob("*.docx"))


def test_rows_that_are_not_those_of_the_manifest_are_refused(plan: BackupPlan, tmp_path: Path):
    back_up(plan, silent)
    with archive.reading(plan.target) as reader:
        reader.extract(reader.manifest.member(DATABASE), tmp_path / DATABASE)
        told = reader.manifest

    def change(writer: archive.Writer) -> Manifest:
        with (tmp_path / DATABASE).open("rb") as stream:
            writer.add(DATABASE, stream)
        return replace(told, tables={**told.tables, "unit": 1}, members=tuple(writer.members))

    with pytest.raises(UnusableFile, match="không phải là những gì bản kê nói"):
        restored(replace(plan, target=resealed(tmp_path, change)), plan.url, plan.data_dir)


def test_a_reader_names_the_file_that_is_refused(tmp_path: Path):
    path = packed(tmp_path / "a.zip")
    with archive.reading(path) as reader:
        assert isinstance(reader, Reader)
        with pytest.raises(UnusableFile, match=r"a\.zip"):
            reader.check(replace(reader.manifest.files[0], sha256="1" * 64))


def test_an_empty_database_is_empty(tmp_path: Path):
    url = databases.chosen().empty(tmp_path / "new")
    assert not targets.look_at(url, may_replace=False).is_full
    open_store(url).close()
