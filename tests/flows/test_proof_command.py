"""`dunghen proof`: the sheet and the file of a stored dossier, and the check years later without any store."""

import io
import json
import zipfile

import pytest

from tests.flows.office import Office, row
from tracker.timekeeping.proof_file import verify

CODE = "H15.03-220301-0001"
AS_OF = ("--as-of", "2022-03-20")


@pytest.fixture
def office(tmp_path) -> Office:
    """One dossier received on 01/03/2022 with 10 working days."""
    made = Office(tmp_path).furnished()
    made.ingest([row(1), row(2, limit_text="Không quy định"), row(3, received_at="", due_at="15/03/2022")])
    return made


def test_json_prints_the_proof_document_that_verifies(office: Office):
    answer = office.run("proof", CODE, *AS_OF, "--json")
    assert answer.status == 0
    assert verify(answer.out.encode()).is_equal
    assert answer.json["answer"]["due_at"] == "2022-03-15T17:00:00+07:00"
    assert answer.json["inputs"]["code"] == CODE
    assert office.run("proof", CODE, *AS_OF, "--json").out == answer.out


def test_the_written_file_verifies_without_store_and_catalogue(office: Office, tmp_path):
    path = tmp_path / "phieu.json"
    assert office.run("proof", CODE, *AS_OF, "--out", path).status == 0
    (tmp_path / "later").mkdir()
    later = Office(tmp_path / "later")
    answer = later.run("proof", "--verify", path, "--json")
    assert (answer.status, answer.json["ok"], answer.json["differences"]) == (0, True, [])
    assert not later.has_tables()


def test_a_changed_file_says_what_differs_and_ends_with_1(office: Office, tmp_path):
    path = tmp_path / "phieu.json"
    office.run("proof", CODE, *AS_OF, "--out", path)
    path.write_bytes(path.read_bytes().replace(b'"due_at":"2022-03-15T17', b'"due_at":"2022-03-16T17'))
    answer = office.run("proof", "--verify", path)
    assert answer.status == 1
    assert (
        "answer.due_at: tệp ghi 2022-03-16T17:00:00+07:00; tính lại 2022-03-15T17:00:00+07:00" in answer.out
    )
    places = [each["place"] for each in office.ask("proof", "--verify", path)["differences"]]
    assert "answer.due_at" in places


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"{}", '{"kind":"khác"}'.encode()])
def test_an_unreadable_file_ends_with_3(office: Office, tmp_path, content: bytes):
    path = tmp_path / "phieu.json"
    path.write_bytes(content)
    assert office.run("proof", "--verify", path).status == 3


def test_a_file_that_is_not_there_ends_with_3(office: Office, tmp_path):
    assert office.run("proof", "--verify", tmp_path / "khong-co.json").status == 3


def test_the_sheet_is_written_with_the_same_bytes_every_time_and_names_nobody(office: Office, tmp_path):
    path = tmp_path / "phieu.docx"
    assert office.run("proof", CODE, *AS_OF, "--out", path, "--mask").status == 0
    first = path.read_bytes()
    office.run("proof", CODE, *AS_OF, "--out", path)
    assert path.read_bytes() == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        body = archive.read("word/document.xml").decode()
    assert "PHIẾU TÍNH HẠN GIẢI QUYẾT HỒ SƠ" in body
    assert CODE in body
    for name in ("Nguyễn Văn Bịa", "Ea Bịa", "0912345678"):
        assert name not in body


def test_without_a_limit_there_is_a_proof_that_says_so(office: Office):
    answer = office.run("proof", "H15.03-220301-0002", *AS_OF)
    assert answer.status == 0
    assert "không quy định thời hạn" in answer.out


def test_without_reception_there_is_none_and_the_reason_is_told(office: Office):
    answer = office.run("proof", "H15.03-220301-0003", *AS_OF, "--json")
    assert answer.status == 1
    assert answer.json["error"]["code"] == "RECEIVED_MISSING"


def test_an_unknown_dossier_ends_with_1(office: Office):
    assert office.ask("proof", "H15.03-220301-9999")["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("words", [(), (CODE, "--verify", "x.json"), (CODE, "--out", "x.pdf")])
def test_wrong_use_ends_with_2(office: Office, words: tuple[str, ...]):
    assert office.run("proof", *words).status == 2


def test_what_was_taken_is_logged_with_the_hash_and_without_names(office: Office, tmp_path):
    path = tmp_path / "phieu.json"
    office.run("proof", CODE, *AS_OF, "--out", path)
    digest = json.loads(path.read_bytes())["input_hash"]
    ((action, subject, detail),) = office.query(
        "SELECT action, subject, detail FROM audit_entry ORDER BY id DESC LIMIT 1"
    )
    assert (action, subject.split(":")[0]) == ("export", "dossier")
    assert digest in str(detail)
    assert "Bịa" not in str(detail)
