"""Rejected rows are mended and fed back: as they were or from the workbook; taken in once, never over newer data."""

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.flows.office import Office, at, csv_text, facts, row

CODE = "H15.03-220301-0001"
BAD_DUE = "31/02/2022 17:00:00"
IDENTITY = "012345678901"


def ingest(office: Office, *rows: dict[str, str], name: str = "tep.csv", source: str = "main") -> Any:
    return office.ask("ingest", office.write(name, rows), "--source", source)


def listed(office: Office, *options: str) -> list[dict[str, Any]]:
    return office.ask("rejections", *options)["rejections"]


def workbook(office: Office, **changes: str) -> Path:
    """The rejections as a workbook, with cells of its first row changed by their headings."""
    path = office.folder / "sua.xlsx"
    office.run("rejections", "--out", path)
    book = load_workbook(path)
    sheet = book.active
    headings = {cell.value: cell.column for cell in sheet[3]}
    for heading, value in changes.items():
        sheet.cell(4, headings[heading.replace("_", " ")], value)
    book.save(path)
    return path


def test_a_mended_row_is_taken_in_and_no_longer_open(office: Office):
    ingest(office, row(due_at=BAD_DUE), row(2))
    report = office.ask("replay", workbook(office, Ngày_hẹn_trả="28/02/2022 17:00:00"))
    assert (report["read"], report["new"], report["taken_in"], report["rejected"]) == (1, 1, 1, 0)
    assert at(office, "source_due_at") == "2022-02-28 17:00:00"
    assert listed(office) == []
    assert office.query("SELECT resolved_batch_id FROM rejection") == [(report["batch"],)]
    assert office.query("SELECT origin FROM batch ORDER BY id") == [("file",), ("replay",)]


def test_the_workbook_says_why_and_where_beside_the_columns_of_the_row(office: Office):
    ingest(office, row(due_at=BAD_DUE))
    sheet = load_workbook(workbook(office)).active
    told = dict(zip((c.value for c in sheet[3]), (c.value for c in sheet[4]), strict=True))
    assert told["Dòng số"] == 1
    assert "không đọc được là ngày có thật" in told["Lý do không dùng được"]
    assert (told["Tệp"], told["Dòng trong tệp"], told["Lô"]) == ("tep.csv", 2, 1)
    assert (told["Mã hồ sơ"], told["Ngày hẹn trả"], told["Chủ hồ sơ"]) == (CODE, BAD_DUE, "Nguyễn Văn Bịa")


def test_what_is_refused_again_stays_open_once(office: Office):
    ingest(office, row(due_at=BAD_DUE))
    for _ in range(2):
        answer = office.run("replay", workbook(office, Ngày_hẹn_trả="30/02/2022"), "--json")
        assert answer.status == 1
        assert (answer.json["taken_in"], answer.json["rejected"]) == (0, 1)
        assert [one["id"] for one in listed(office)] == [1]
    assert office.query("SELECT count(*) FROM rejection") == [(3,)]  # each try is kept


def test_a_batch_is_fed_back_as_it_was(office: Office):
    ingest(office, row(due_at=BAD_DUE), row(2, due_at=BAD_DUE))
    report = office.ask("replay", "1")
    assert (report["asked"], report["read"], report["rejected"]) == (2, 2, 2)
    assert office.run("replay", "7", "--json").status == 2


def test_a_conflict_is_taken_in_once_somebody_has_decided(office: Office):
    ingest(office, row())
    other = row(received_at="01/04/2022 08:00:00", procedure_code="2.000815", due_at="15/04/2022 17:00:00")
    ingest(office, other, source="cong-dvc")
    (kept,) = listed(office)
    assert kept["code"] == "CODE_CONFLICT"
    office.ask("codes", "other", CODE, "--source", "cong-dvc", "--reason", "hai hồ sơ")
    report = office.ask("replay", "2")
    assert (report["new"], report["taken_in"]) == (1, 1)
    assert office.query("SELECT count(*) FROM dossier") == [(2,)]


def test_a_hidden_cell_and_an_untouched_one_stay_as_they_were(office: Office):
    ingest(office, row(due_at=BAD_DUE))
    path = office.folder / "che.xlsx"
    office.run("rejections", "--out", path, "--mask")
    book = load_workbook(path)
    texts = [cell.value for line in book.active.iter_rows() for cell in line]
    assert "Nguyễn Văn Bịa" not in texts
    assert "0912345678" not in texts
    headings = {cell.value: cell.column for cell in book.active[3]}
    book.active.cell(4, headings["Ngày hẹn trả"], "28/02/2022")
    book.save(path)
    office.ask("replay", path)
    assert facts(office, "applicant_name, phone") == ("Nguyễn Văn Bịa", "0912345678")


def test_what_was_cut_out_of_a_row_overwrites_nothing(office: Office):
    ingest(office, row(note="Đã nhận đủ bản chính"))
    ingest(office, row(note=f"CCCD {IDENTITY}", due_at=BAD_DUE))
    office.ask("replay", workbook(office, Ngày_hẹn_trả="28/02/2022"))
    assert facts(office, "note") == ("Đã nhận đủ bản chính",)
    assert at(office, "source_due_at") == "2022-02-28 17:00:00"


def test_an_identity_number_that_somebody_types_into_the_workbook_is_not_stored(office: Office):
    ingest(office, row(due_at=BAD_DUE))
    office.ask("replay", workbook(office, Ngày_hẹn_trả="28/02/2022", Ghi_chú=IDENTITY))
    told = json.dumps(office.dump(), default=str)
    assert IDENTITY not in told


def test_a_mended_row_does_not_undo_what_a_later_load_told(office: Office):
    ingest(office, row(due_at=BAD_DUE))
    ingest(office, row(due_at="15/03/2022 17:00:00"))
    report = office.ask("replay", workbook(office, Ngày_hẹn_trả="28/02/2022"))
    assert (report["batch"], report["outdated"]) == (None, 1)
    assert at(office, "source_due_at") == "2022-03-15 17:00:00"
    assert listed(office) == []


def test_nor_what_a_later_load_told_again_unchanged(office: Office):
    ingest(office, row())
    ingest(office, row(due_at=BAD_DUE))
    ingest(office, row())
    assert office.ask("replay", workbook(office, Ngày_hẹn_trả="28/02/2022"))["outdated"] == 1
    assert at(office, "source_due_at") == "2022-03-15 17:00:00"


def test_but_it_fills_what_nobody_has_told(office: Office):
    ingest(office, row(due_at=BAD_DUE, phone="0987654321"))
    bare = ("dossier_code", "received_at", "due_at", "resolving_unit")
    office.ask("ingest", office.write("gon.csv", csv_text([row()], names=bare)))
    report = office.ask("replay", workbook(office, Ngày_hẹn_trả="28/02/2022"))
    assert (report["changed"], report["outdated"]) == (1, 0)
    assert facts(office, "phone") == ("0987654321",)
    assert at(office, "source_due_at") == "2022-03-15 17:00:00"


def test_two_rows_of_one_dossier_are_mended_in_any_order(office: Office):
    ingest(office, row(due_at="31/02/2022"))
    ingest(office, row(due_at="32/03/2022"))
    first = workbook(office, Ngày_hẹn_trả="28/02/2022")
    report = office.ask("replay", first)
    assert (report["taken_in"], report["rejected"]) == (1, 1)
    second = office.ask("replay", workbook(office, Ngày_hẹn_trả="30/03/2022"))
    assert (second["changed"], second["outdated"]) == (1, 0)  # of a later batch than what stands
    assert at(office, "source_due_at") == "2022-03-30 17:00:00"


def test_a_progress_event_is_mended_as_well(office: Office):
    ingest(office, row())
    event = {"MaHoSo": CODE, "ThoiDiemXuLy": "20220231080000", "TrangThai": "4", "NguoiXuLy": "Người Thử"}
    event["NgayBatDau"] = "20220301080000"
    office.ask("ingest", office.write("sk.json", json.dumps({"data": [event]})))
    report = office.ask("replay", workbook(office, ThoiDiemXuLy="20220302080000"))
    assert (report["read"], report["taken_in"]) == (1, 1)
    assert office.query("SELECT step_begun_at FROM progress_event") == [(1_646_096_400,)]


def test_a_row_of_a_list_without_codes_gets_its_key_from_what_was_mended(office: Office):
    names = ("applicant_name", "procedure_name", "received_at", "due_at", "resolving_unit")
    heads = {
        "applicant_name": "Họ tên, địa chỉ người nộp hồ sơ", "procedure_name": "Nội dung công việc cần giải quyết",
        "received_at": "Ngày nhận hồ sơ", "due_at": "Ngày hẹn trả hồ sơ",
        "resolving_unit": "Người có trách nhiệm giải quyết",
    }  # fmt: skip
    good = row(procedure_name="Đăng ký biến động")
    bad = {**good, "received_at": "31/02/2022"}
    office.ask("ingest", office.write("so.csv", csv_text([bad], names=names, heading=heads.__getitem__)))
    office.ask("replay", workbook(office, Ngày_tiếp_nhận=good["received_at"]))
    again = office.ask(
        "ingest", office.write("so2.csv", csv_text([good], names=names, heading=heads.__getitem__))
    )
    assert (again["new"], office.query("SELECT count(*) FROM dossier")) == (0, [(1,)])


def test_formulas_in_cells_stay_text(office: Office):
    ingest(office, row(due_at="=HYPERLINK(1)", note="+84", applicant_name="@SUM(A1)"))
    sheet = load_workbook(workbook(office)).active
    assert {cell.data_type for cell in sheet[4] if cell.value is not None} == {"n", "s"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Mã hồ sơ,Ngày\n1,2\n", "Dòng số"),
        ("Dòng số,Mã hồ sơ\n99,A-1\n", "số 99"),
        ("Dòng số,Mã hồ sơ\nx,A-1\n", "“x”"),
    ],
)
def test_another_file_than_a_mended_list_is_refused(office: Office, content: str, words: str):
    ingest(office, row(due_at=BAD_DUE))
    answer = office.run("replay", office.write("khac.csv", content))
    assert answer.status == 3
    assert words in answer.err
    assert len(listed(office)) == 1
