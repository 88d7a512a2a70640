"""`dunghen audit pack`, `verify` and `key` as an operator uses them: what is in a pack, numbers after kills, keys, masking."""

import io
import json
import os
import signal
import stat
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests import warm
from tests.flows.office import NOW, ROOT, Office, row
from tests.pack_samples import by_script
from tracker.measures import pack_format as form
from tracker.store.models import EvidencePack, OutboxEvent, OutboxMessage
from tracker.store.session import open_store

pytestmark = pytest.mark.either_database(
    "about files; what goes into a pack is asked for by tests of the store"
)

NAMES = ("Nguyễn Văn Bịa", "Trần Thị Khác", "Ea Bịa", "0912345678", "Chờ ông Bịa")
LATE = {
    "finished_at": "20/04/2022 10:00:00",
    "status": "Đã trả kết quả",
    "late_reason": "Chờ ông Bịa bổ sung",
}
YEAR = ("--from", "2022-01-01", "--to", "2022-12-31")


@pytest.fixture
def office(office: Office) -> Office:
    """Three late dossiers, one of them still open, one in time; letters; a sealed log."""
    office.ingest(
        [
            row(1, **LATE),
            row(2, **{**LATE, "applicant_name": "Trần Thị Khác"}),
            row(3, due_at="15/11/2022 17:00:00"),
            row(4, finished_at="14/03/2022 10:00:00", status="Đã trả kết quả"),
        ]
    )
    office.ask("letters", "draft")
    office.ask("audit", "seal")
    return office


def pack(office: Office, *more: str, name: str = "goi.zip") -> Path:
    path = office.folder / name
    assert office.run("audit", "pack", *YEAR, "--out", path, *more).status == 0
    return path


def bodies(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def unpacked(body: bytes) -> bytes:
    """A body with everything that is packed inside it."""
    if not body.startswith(b"PK\3\4"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return b"\n".join(unpacked(archive.read(name)) for name in archive.namelist())


def manifest(path: Path) -> Any:
    return json.loads(bodies(path)[form.MANIFEST])


# ---------------------------------------------------------------- what is in it


def test_a_pack_holds_what_was_late_and_both_check_it(office: Office):
    path = office.folder / "goi.zip"
    made = office.ask("audit", "pack", *YEAR, "--title", "Gói thử", "--out", path)
    assert made["number"] == "2026-0001"
    assert made["counts"]["dossiers"] == made["counts"]["proofs"] == 3
    assert made["counts"]["letters"] == made["counts"]["letter_files"] == 2, "one lacks its reason"
    held = bodies(path)
    assert len(held[form.PROOFS].splitlines()) == 3
    assert {name for name in held if name.startswith(form.LETTERS)} == {
        file["path"] for file in manifest(path)["files"] if file["path"].startswith(form.LETTERS)
    }
    assert json.loads(held[f"{form.FIGURES}diem-2022.json"])["year"] == 2022
    assert form.grouped(made["fingerprint"]) in held[form.COVER].decode()
    assert form.grouped(made["manifest_sha256"]) in held[form.COVER].decode()
    found = office.ask("audit", "verify", path)
    assert (found["ok"], found["key"], found["in_register"], found["broken"]) == (True, "register", True, [])
    assert found["log_entries"] == made["counts"]["log_entries"] > 0
    assert found["seals"] == 1
    assert by_script(path, made["fingerprint"]).status == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_pack_of_a_unit_holds_the_dossiers_of_that_unit_alone(office: Office):
    other = office.ask(
        "audit", "pack", *YEAR, "--unit", "Sở Tư pháp tỉnh Đắk Lắk", "--out", office.folder / "b.zip"
    )
    assert other["counts"]["dossiers"] == 0
    assert manifest(office.folder / "b.zip")["question"]["unit"] == "Sở Tư pháp tỉnh Đắk Lắk"


def test_the_same_question_at_the_same_moment_has_the_same_bytes_but_for_number_and_log(office: Office):
    one, other = bodies(pack(office, name="a.zip")), bodies(pack(office, name="b.zip"))
    differing = {name for name in one if one[name] != other[name]}
    assert list(one) == list(other)
    assert differing == {form.LOG, form.MANIFEST, form.SIGNATURE, form.COVER}


def test_a_masked_pack_holds_no_name_in_any_member(office: Office):
    whole = b"\n".join(unpacked(body) for body in bodies(pack(office)).values()).decode("utf-8", "replace")
    assert all(name in whole for name in NAMES[:2])
    masked = bodies(pack(office, "--mask", name="che.zip"))
    for member, body in masked.items():
        told = unpacked(body).decode("utf-8", "replace")
        assert [name for name in NAMES if name in told] == [], member
    assert not [name for name in masked if name.startswith(form.LETTERS)]
    assert "Không có trong gói" in masked[form.COVER].decode()


def test_what_became_of_the_mail_of_a_letter_is_in_the_pack(office: Office):
    """Its steps and receipts; to whom it went only where names may be read."""
    letter_id = office.query("SELECT min(id) FROM letter")[0][0]
    other = {
        "kind": "letter_delivery",
        "channel": "email",
        "unit_id": None,
        "html": "",
        "link": "",
        "attachments": "[]",
    }
    rest = {
        "not_after": None,
        "attempts": 1,
        "max_attempts": 8,
        "owner": None,
        "lease_until": None,
        "fault": "",
    }
    with closing(open_store(office.url)) as store, store.transaction() as session:
        for number, cause in ((1, f"letter:{letter_id}"), (2, "letter:999"), (3, "audit_seal:2026-08-24")):
            session.add(
                OutboxMessage(
                    id=number, key=f"k{number}", recipient="bia@vi-du.vn", cause=cause, subject="Thư", text="…",
                    created_at=NOW, not_before=NOW, state="delivered", handed_over_at=NOW, sent_at=NOW,
                    provider_ref=f"r{number}", fault_code="", **other, **rest,
                )
            )  # fmt: skip
        session.flush()
        session.add(OutboxEvent(message_id=1, seq=1, at=NOW, kind="delivered", detail="r1"))
    (told,) = map(json.loads, bodies(pack(office))[form.RECEIPTS].splitlines())
    assert (told["letter_id"], told["recipient"], told["state"]) == (letter_id, "bia@vi-du.vn", "delivered")
    assert told["events"] == [{"at": "2026-08-24T09:30:00+07:00", "detail": "r1", "kind": "delivered"}]
    assert b"bia@vi-du.vn" not in bodies(pack(office, "--mask", name="che.zip"))[form.RECEIPTS]


# ---------------------------------------------------------------- checking


def test_a_changed_pack_is_status_1_and_names_the_file(office: Office):
    path = pack(office)
    body = bytearray(path.read_bytes())
    body[40] ^= 1
    path.write_bytes(body)
    answer = office.run("audit", "verify", path, "--json")
    assert answer.status == 1
    assert [each["file"] for each in answer.json["broken"]] == [form.LATE_XLSX]
    told = office.run("audit", "verify", path)
    assert "KHÔNG nguyên vẹn" in told.out
    assert form.LATE_XLSX in told.out


def test_a_pack_by_a_key_that_the_register_does_not_know_is_named(office: Office, tmp_path: Path):
    path = pack(office)
    (tmp_path / "khac").mkdir()
    other = Office(tmp_path / "khac").furnished()
    unknown = other.run("audit", "verify", path, "--json")
    assert (unknown.status, unknown.json["whole"], unknown.json["ok"]) == (1, True, False)
    assert "CHƯA BIẾT AI KÝ" in other.run("audit", "verify", path).out
    assert other.run("audit", "key", "new").status == 0
    found = other.run("audit", "verify", path, "--json")
    assert [each["code"] for each in found.json["broken"]] == ["other_key"]
    shown = office.ask("audit", "key", "show")["keys"][0]
    key = other.write("khoa.pem", shown["pem"])
    for given in (str(key), shown["fingerprint"].upper(), form.grouped(shown["fingerprint"])):
        assert other.run("audit", "verify", path, "--key", given).status == 0
    assert other.ask("audit", "key", "import", key)["fingerprint"] == shown["fingerprint"]
    assert other.run("audit", "verify", path).status == 0


def test_another_pack_under_a_number_of_the_register_is_named(office: Office):
    first, second = pack(office, name="a.zip"), pack(office, name="b.zip")
    assert [manifest(each)["number"] for each in (first, second)] == ["2026-0001", "2026-0002"]
    # As if somebody with the key had made another pack of that number past the program.
    with closing(open_store(office.url)) as store, store.transaction() as session:
        rows = {each.number: each for each in session.scalars(select(EvidencePack))}
        rows["2026-0001"].manifest_sha256 = rows["2026-0002"].manifest_sha256
    found = office.run("audit", "verify", first, "--json")
    assert found.status == 1
    assert [each["code"] for each in found.json["broken"]] == ["other_pack"]
    log = office.run("audit", "verify", "--json")
    assert (log.status, [each["code"] for each in log.json["broken"]]) == (1, ["pack_changed"])


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("pack", *YEAR, "--out", "goi.txt"), 2, ".zip"),
        (("pack", "--from", "2022-12-31", "--to", "2022-01-01", "--out", "goi.zip"), 2, "sau ngày cuối"),
        (("pack", *YEAR, "--unit", "không có", "--out", "goi.zip"), 2, "không có đơn vị"),
        (("pack", *YEAR, "--out", "khong/co/goi.zip"), 2, "không có thư mục"),
        (("verify", "khong-co.zip"), 3, "Không dùng được tệp"),
        (("verify", "--key", "ab"), 2, "cần tên tệp"),
        (("verify", "khong-co.zip", "--key", "ab"), 2, "64 chữ số"),
        (("key", "retire", "abcdefgh"), 2, "không có khóa nào"),
        (("key", "import", "khong-co.pem"), 2, "không đọc được"),
    ],
)
def test_wrong_use_is_told_and_registers_nothing(
    office: Office, arguments: tuple[str, ...], status: int, told: str
):
    answer = office.run("audit", *arguments)
    assert answer.status == status
    assert told in answer.err
    assert office.query("SELECT count(*) FROM evidence_pack") == [(0,)]


# ---------------------------------------------------------------- keys


def test_the_key_is_made_once_kept_private_and_its_making_is_logged(office: Office):
    pack(office, name="a.zip")
    pack(office, name="b.zip")
    key = office.folder / "var" / "pack-key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    made = office.ask("audit", "show", "--action", "pack_key_new")["entries"]
    assert len(made) == 1
    assert len(office.ask("audit", "show", "--action", "pack_made")["entries"]) == 2
    backup = office.folder / "luu.zip"
    assert office.run("backup", backup).status == 0
    held = b"".join(bodies(backup).values())
    assert b"PRIVATE KEY" not in held


def test_a_retired_key_signs_nothing_more_and_its_packs_stay_valid(office: Office):
    path = pack(office)
    old = manifest(path)["key"]["fingerprint"]
    assert office.run("audit", "key", "new").status == 2
    assert office.ask("audit", "key", "retire", old[:12])["fingerprint"] == old
    assert office.run("audit", "key", "retire", old).status == 2
    new = office.ask("audit", "key", "new")["fingerprint"]
    assert manifest(pack(office, name="b.zip"))["key"]["fingerprint"] == new != old
    assert office.run("audit", "verify", path).status == 0
    assert [key["retired_at"] is None for key in office.ask("audit", "key", "show")["keys"]] == [True, False]


def test_a_lost_key_file_is_told_and_nothing_is_signed_by_a_new_one_in_silence(office: Office):
    pack(office)
    (office.folder / "var" / "pack-key.pem").rename(office.folder / "giu.pem")
    answer = office.run("audit", "pack", *YEAR, "--out", office.folder / "b.zip")
    assert answer.status == 2
    assert "không có tệp khóa" in answer.err
    assert office.run("audit", "key", "import", office.folder / "giu.pem").status == 0
    pack(office, name="b.zip")


def test_a_key_can_be_locked_by_a_passphrase(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUNGHEN_PACK_KEY_PASSPHRASE", "bon-con-tau-dai")
    pack(office)
    assert b"ENCRYPTED" in (office.folder / "var" / "pack-key.pem").read_bytes()
    monkeypatch.setenv("DUNGHEN_PACK_KEY_PASSPHRASE", "khac")
    answer = office.run("audit", "pack", *YEAR, "--out", office.folder / "b.zip")
    assert answer.status == 3
    assert "DUNGHEN_PACK_KEY_PASSPHRASE" in answer.err
    assert "bon-con-tau-dai" not in answer.err


# ---------------------------------------------------------------- killed


def begun(office: Office, where: str) -> subprocess.Popen[str]:
    """A process of its own that makes a pack, and dies there."""
    own = {name: value for name, value in office.environment.items() if value is not None}
    command = [sys.executable, "-m", "tests.flows.packing_process", str(office.config), where]
    return warm.Program(
        command, cwd=ROOT, env={**os.environ, **own}, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip


def make(office: Office, where: str) -> tuple[int, str, str]:
    """The same, waited for: how it ended, and what it said."""
    with begun(office, where) as process:
        out, err = process.communicate()
    return process.returncode, out, err


def registered(office: Office) -> list[str]:
    return [number for (number,) in office.query("SELECT number FROM evidence_pack ORDER BY id")]


def lying(office: Office) -> list[str]:
    return sorted(path.stem for path in (office.folder / "var" / "packs").glob("*.zip"))


def test_a_kill_leaves_no_row_without_its_file_and_no_number_used_twice(office: Office):
    office.url  # noqa: B018 -- the database is made before the process looks for it
    for where, rows in (("writing", []), ("commit", []), ("after", ["2026-0001"]), ("commit", ["2026-0001"])):
        assert make(office, where)[0] == -signal.SIGKILL
        assert registered(office) == rows
        assert set(rows) <= set(lying(office))
    status, number, told = make(office, "never")
    assert (status, number) == (0, "2026-0002"), told
    assert registered(office) == lying(office) == ["2026-0001", "2026-0002"]
    for number in registered(office):
        assert office.run("audit", "verify", office.folder / "var" / "packs" / f"{number}.zip").status == 0
    assert office.run("audit", "verify").status == 0


def test_two_makers_at_once_get_two_numbers(office: Office):
    pack(office)
    with begun(office, "never") as one, begun(office, "never") as other:
        numbers = {process.communicate()[0] for process in (one, other)}
    assert numbers == {"2026-0002", "2026-0003"}
    assert registered(office) == lying(office) == ["2026-0001", "2026-0002", "2026-0003"]
