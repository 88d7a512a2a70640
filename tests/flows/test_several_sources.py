"""One dossier told by several sources: one row, the first source's values, differences flagged, conflicts for a person."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flows.office import Office, at, csv_text, facts, row

CODE = "H15.03-220301-0001"
FULL = {"finished_at": "14/03/2022 10:00:00", "status": "Đã xử lý xong"}


def ingest(office: Office, *rows: dict[str, str] | Path, source: str = "main") -> Any:
    path = rows[0] if isinstance(rows[0], Path) else office.write("tep.csv", rows)
    return office.ask("ingest", path, "--source", source)


def tell(office: Office, *rows: dict[str, str], source: str = "main") -> Any:
    """A telling an hour after whatever came before."""
    office.now = office.now.replace(hour=office.now.hour + 1)
    return ingest(office, *rows, source=source)


def flags(office: Office) -> list[str]:
    return facts(office, "flags")[0].split()


def test_the_same_code_of_two_sources_is_one_dossier_counted_once(office: Office):
    ingest(office, row())
    report = tell(office, row(), source="cong-dvc")
    assert (report["new"], report["changed"]) == (0, 1)
    assert office.query("SELECT count(*) FROM dossier") == [(1,)]
    assert "SOURCES_DISAGREE" not in flags(office)
    assert tell(office, row(), source="cong-dvc")["unchanged"] == 1


def test_where_sources_differ_the_one_placed_first_stands_and_the_difference_is_flagged(office: Office):
    ingest(office, row())
    report = tell(office, row(due_at="21/03/2022 17:00:00"), source="cong-dvc")
    assert report["flagged"]["SOURCES_DISAGREE"] == 1
    assert at(office, "source_due_at") == "2022-03-15 17:00:00"
    assert "SOURCES_DISAGREE" in flags(office)
    ((disagrees, body),) = office.query("SELECT disagrees, body FROM telling")
    assert disagrees == "source_due_at"
    assert "due_at" in json.loads(body)["columns"]


def test_once_the_first_source_says_the_same_the_flag_goes(office: Office):
    ingest(office, row())
    tell(office, row(due_at="21/03/2022 17:00:00"), source="cong-dvc")
    tell(office, row(due_at="21/03/2022 17:00:00"))
    assert "SOURCES_DISAGREE" not in flags(office)
    assert office.query("SELECT disagrees FROM telling") == [("",)]


def test_once_the_other_source_says_the_same_the_flag_goes_too(office: Office):
    ingest(office, row())
    tell(office, row(due_at="21/03/2022 17:00:00"), source="cong-dvc")
    tell(office, row(), source="cong-dvc")
    assert "SOURCES_DISAGREE" not in flags(office)


def test_another_source_fills_only_what_the_first_has_no_column_for(office: Office):
    bare = ("dossier_code", "received_at", "due_at", "resolving_unit")
    ingest(office, office.write("gon.csv", csv_text([row()], names=bare)))
    tell(office, row(**FULL, phone="0987654321", due_at="21/03/2022 17:00:00"), source="cong-dvc")
    assert facts(office, "phone, source_id") == ("0987654321", 1)
    assert at(office, "finished_at") == "2022-03-14 10:00:00"
    assert at(office, "source_due_at") == "2022-03-15 17:00:00"


def test_an_empty_cell_of_the_first_source_is_what_it_says_and_is_not_filled(office: Office):
    ingest(office, row())
    tell(office, row(**FULL), source="cong-dvc")
    (finished,) = facts(office, "finished_at")
    assert finished is None
    assert "SOURCES_DISAGREE" in flags(office)


def test_a_source_placed_first_takes_over_from_one_that_told_before_it(office: Office):
    ingest(office, row(due_at="21/03/2022 17:00:00"), source="cong-dvc")
    tell(office, row())
    assert facts(office, "source_id") == office.query("SELECT id FROM source WHERE key = ?", "main")[0]
    assert "SOURCES_DISAGREE" in flags(office)
    assert tell(office, row())["unchanged"] == 1
    assert tell(office, row(due_at="21/03/2022 17:00:00"), source="cong-dvc")["unchanged"] == 1


def test_what_was_known_before_another_source_took_over_is_still_answered(office: Office):
    ingest(office, row(due_at="21/03/2022 17:00:00"), source="cong-dvc")
    before = office.now.isoformat()
    tell(office, row())
    then, now = office.ask("dossier", CODE, "--known", before), office.ask("dossier", CODE)
    assert then["due"]["source"] != now["due"]["source"]


def test_the_order_of_sources_is_that_of_the_configuration(office: Office):
    office.configure(order='["cong-dvc", "main"]')
    ingest(office, row())
    tell(office, row(due_at="21/03/2022 17:00:00"), source="cong-dvc")
    assert facts(office, "source_id") == office.query("SELECT id FROM source WHERE key = ?", "cong-dvc")[0]


def test_both_sources_in_either_order_come_to_the_same(office: Office, tmp_path: Path):
    (tmp_path / "b").mkdir()
    other = Office(tmp_path / "b").furnished()
    mine, theirs = row(), row(due_at="21/03/2022 17:00:00", phone="0987654321")
    tell(office, mine)
    tell(office, theirs, source="cong-dvc")
    tell(other, theirs, source="cong-dvc")
    tell(other, mine)
    columns = "source_due_at, finished_at, phone, flags, documented_due_at, ended_at, applicant_name"
    assert facts(office, columns) == facts(other, columns)


# ---------------------------------------------------------------- another dossier under the same code


def test_a_code_with_another_procedure_and_another_reception_is_a_conflict_kept_for_a_person(office: Office):
    ingest(office, row())
    strange = row(procedure_code="1.090101", received_at="05/04/2022 08:00:00", due_at="20/04/2022")
    report = tell(office, strange, source="cong-dvc")
    assert (report["rejected"], report["changed"]) == (1, 0)
    (kept,) = office.ask("rejections")["rejections"]
    assert (kept["code"], kept["value"]) == ("CODE_CONFLICT", CODE)
    assert "SOURCES_DISAGREE" not in flags(office)


def test_another_procedure_alone_or_another_reception_alone_is_the_same_dossier(office: Office):
    ingest(office, row())
    assert tell(office, row(procedure_code="1.090101"))["changed"] == 1
    assert tell(office, row(procedure_code="1.090101", received_at="02/03/2022 08:00:00"))["changed"] == 1


def test_two_units_of_one_file_with_one_code_are_a_conflict_too(office: Office):
    report = ingest(office, row(), row(procedure_code="1.090101", received_at="05/04/2022 08:00:00"))
    assert (report["new"], report["rejected"], report["read"]) == (1, 1, 2)


def test_a_source_is_kept_from_telling_what_the_configuration_leaves_out(office: Office):
    office.configure(leave_out='["main: phone address"]')
    ingest(office, row())
    assert facts(office, "phone, address") == ("", "")
    dumped = str(office.dump())
    assert "0912345678" not in dumped


# ---------------------------------------------------------------- what persons decide


STRANGE = {"procedure_code": "1.090101", "received_at": "05/04/2022 08:00:00", "due_at": "20/04/2022"}


def test_a_code_that_a_person_ruled_to_be_of_two_dossiers_is_kept_under_a_code_of_its_own(office: Office):
    ingest(office, row())
    tell(office, row(**STRANGE), source="cong-dvc")
    kept_as = office.ask("codes", "other", CODE, "--source", "cong-dvc", "--reason", "hai hồ sơ khác nhau")[
        "kept_as"
    ]
    assert tell(office, row(**STRANGE), source="cong-dvc")["new"] == 1
    assert tell(office, row(**STRANGE), source="cong-dvc")["unchanged"] == 1
    assert [code for (code,) in office.query("SELECT code FROM dossier ORDER BY id")] == [CODE, kept_as]
    assert office.ask("dossier", CODE)["code"] == CODE


def test_a_code_that_a_person_ruled_to_be_one_dossier_is_taken_in(office: Office):
    ingest(office, row())
    tell(office, row(**STRANGE), source="cong-dvc")
    office.ask("codes", "same", CODE, "--source", "cong-dvc", "--reason", "nguồn kia ghi sai ngày")
    report = tell(office, row(**STRANGE), source="cong-dvc")
    assert (report["changed"], report["rejected"]) == (1, 0)
    assert office.run("codes", "same", CODE, "--source", "cong-dvc", "--reason", "lần nữa").status == 2


def test_a_ruling_about_what_does_not_exist_is_refused(office: Office):
    ingest(office, row())
    for code, source in (("X-1", "main"), (CODE, "không-có")):
        assert office.run("codes", "other", code, "--source", source, "--reason", "thử").status == 2


def test_a_second_code_that_the_source_tells_leads_to_the_same_dossier(office: Office):
    table = csv_text([row(note="H15-260810-99999")]).replace("Ghi chú", "Mã hồ sơ khác")
    assert ingest(office, office.write("tep.csv", table))["rejected"] == 0
    assert office.query("SELECT alias, code FROM code_alias") == [("H15-260810-99999", CODE)]
    assert office.ask("dossier", "H15-260810-99999")["code"] == CODE
    assert tell(office, row("H15-260810-99999", due_at="17/03/2022 17:00:00"))["changed"] == 1
    assert office.query("SELECT count(*) FROM dossier") == [(1,)]


def test_a_dossier_without_a_code_is_joined_by_a_person_and_counted_once(office: Office):
    ingest(office, row("?tam-1", phone="0987654321"))
    bare = ("dossier_code", "received_at", "due_at", "resolving_unit", "applicant_name")
    tell(office, office.write("gon.csv", csv_text([row()], names=bare)))
    assert [each["code"] for each in office.ask("codes", "list")["codes"]] == ["?TAM-1"]
    office.now = office.now.replace(hour=office.now.hour + 1)
    office.ask("codes", "join", "?tam-1", CODE, "--reason", "cùng người nộp, cùng ngày")
    assert facts(office, "phone") == ("0987654321",)
    assert office.ask("codes", "list")["codes"] == []
    assert office.query("SELECT end_kind FROM dossier WHERE code = ?", "?TAM-1") == [("deleted",)]
    assert tell(office, row("?tam-1", phone="0987654321", note="mới"))["new"] == 0
    assert office.run("codes", "join", CODE, "?tam-1", "--reason", "ngược").status == 2


@pytest.mark.parametrize(("how", "codes"), [("other", 2), ("same", 1)])
def test_rows_kept_back_by_a_conflict_are_taken_in_by_replay_once_it_is_decided(
    office: Office, how: str, codes: int
):
    ingest(office, row())
    batch = tell(office, row(**STRANGE), source="cong-dvc")["batch"]
    office.now = office.now.replace(hour=office.now.hour + 1)
    assert office.ask("replay", str(batch))["taken_in"] == 0
    office.ask("codes", how, CODE, "--source", "cong-dvc", "--reason", "đã hỏi bộ phận một cửa")
    office.now = office.now.replace(hour=office.now.hour + 1)
    assert office.ask("replay", str(batch))["taken_in"] == 1
    assert office.query("SELECT count(*) FROM dossier") == [(codes,)]
    assert office.ask("rejections")["rejections"] == []
