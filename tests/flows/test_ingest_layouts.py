"""Every layout of a dossier list is read without options, in every kind of file and encoding; totals and forms are told apart."""

from collections.abc import Mapping
from contextlib import ExitStack
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.core.test_letters import VNI, old
from tests.flows.office import Office, at, facts
from tests.flows.sheets import write_sheets
from tests.sources import (
    DUE,
    FORM_06A,
    LISTS,
    RECEIPT,
    TOTALS,
    UNIT,
    Rows,
    as_csv,
    as_html,
    as_mhtml,
    as_xml_spreadsheet,
    code,
    in_cp1258,
    misread,
    write_docx,
)
from tracker.ingest.readers.letters import TCVN3
from tracker.ingest.readers.opening import open_file

pytestmark = pytest.mark.sqlite_only("about files; what is stored goes the way of every other list")

# Date columns of the store by layout; None: the list does not tell.
TOLD: Mapping[str, Mapping[str, str | None]] = {
    "a": {"received_at": "2026-03-02 08:30:00", "source_due_at": "2026-03-16 17:00:00", "returned_at": "2026-03-11 14:00:00"},
    "b": {"received_at": "2026-03-02 00:00:00", "finished_at": "2026-03-20 17:00:00"},
    "c": {"received_at": "2026-03-02 00:00:00", "source_due_at": "2026-03-16 17:00:00", "finished_at": None},
    "d": {"filed_at": "2026-02-27 20:00:00", "received_at": "2026-03-02 08:30:00", "source_due_at": None},
    "k": {"received_at": "2026-03-02 08:30:00", "finished_at": "2026-03-10 09:00:00", "returned_at": "2026-03-11 14:00:00"},
    "l": {"received_at": "2026-03-02 08:30:00", "source_due_at": "2026-03-16 17:00:00",
          "finished_at": "2026-03-10 09:00:00", "returned_at": "2026-03-11 14:00:00"},
    "m": {"received_at": "2026-03-02 08:30:00", "finished_at": "2026-03-10 09:00:00", "returned_at": "2026-03-11 14:00:00"},
    "m, columns without values left out": {"received_at": "2026-03-02 08:30:00", "source_due_at": None},
    "m, extensions": {"received_at": "2026-03-02 08:30:00", "source_due_at": "2026-03-23 17:00:00",
                      "promised_at": "2026-03-16 17:00:00"},
    "n, exch_hosomotcua": {"filed_at": "2026-03-02 00:00:00", "received_at": "2026-03-02 00:00:00",
                           "source_due_at": "2026-03-16 17:00:00"},
    "n, exch_trangthaihoso": {"received_at": None, "source_due_at": "2026-03-16 17:00:00",
                              "updated_at": "2026-03-05 10:00:00"},
    "n, exch_ketquahoso": {"received_at": None, "finished_at": "2026-03-10 17:00:00", "returned_at": "2026-03-11 17:00:00"},
    "our own names": {"received_at": "2026-03-02 08:30:00", "source_due_at": "2026-03-16 17:00:00"},
}  # fmt: skip


def opened(path: Path, mapping: Mapping[str, str] | None = None) -> Any:
    """The first list of a file."""
    with ExitStack() as stack:
        return open_file(stack, path, max_mib=64, mapping=mapping).tables[0]


def flags(office: Office, of: str) -> set[str]:
    return set(str(facts(office, "flags", of)[0]).split())


# ---------------------------------------------------------------- lists of dossiers


@pytest.mark.parametrize("name", TOLD)
def test_a_layout_is_recognised_and_read_without_options(office: Office, name: str):
    path = office.write("tep.csv", as_csv(LISTS[name]))
    answer = office.run("ingest", path, "--json")
    assert (answer.status, answer.json["new"], answer.json["rejected"]) == (0, 1, 0), answer.err
    assert "không dùng các cột" not in answer.err, "every column is known"
    for column, moment in TOLD[name].items():
        assert at(office, column, code(1)) == moment, column
    table = opened(path)
    assert table.kind == (name[0] if name != "our own names" else "aliases")


def test_the_list_of_late_intakes_tells_the_desk_and_takes_no_due_date_away(office: Office):
    known = [["Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả"], [code(1), "02/03/2026 08:30:00", DUE]]
    office.ingest(as_csv(known))
    report = office.ingest(as_csv(LISTS["d"]))
    assert report["changed"] == 1
    assert at(office, "source_due_at", code(1)) == "2026-03-16 17:00:00"
    assert flags(office, code(1)).isdisjoint({"DUE_MISSING", "RECEIVED_MISSING"})


EXCHANGED = ("exch_hosomotcua", "exch_trangthaihoso", "exch_ketquahoso")


@pytest.mark.parametrize("order", [*permutations(EXCHANGED)], ids="-".join)
def test_exchange_tables_complete_each_other_in_any_order(office: Office, order: tuple[str, ...]):
    for name in order:
        office.ingest(as_csv(LISTS[f"n, {name}"]))
    moments = [
        at(office, column, code(1))
        for column in ("filed_at", "received_at", "source_due_at", "finished_at", "returned_at")
    ]
    assert moments == [
        "2026-03-02 00:00:00",
        "2026-03-02 00:00:00",
        "2026-03-16 17:00:00",
        "2026-03-10 17:00:00",
        "2026-03-11 17:00:00",
    ]
    assert flags(office, code(1)).isdisjoint({"DUE_MISSING", "RECEIVED_MISSING"})


def test_a_status_of_an_exchange_table_is_read_by_its_own_numbers(office: Office):
    office.ingest(as_csv(LISTS["n, exch_trangthaihoso"]))
    assert facts(office, "status", code(1)) == ("awaiting_supplement",)  # 3; the portal's 3 is a refusal


def test_what_a_list_counts_itself_is_not_taken(office: Office):
    office.ingest(as_csv(LISTS["k"]))
    assert "END_FROM_DESK" in flags(office, code(1))
    (raw,) = office.query("SELECT count(*) FROM rejection")
    assert raw == (0,)


# ---------------------------------------------------------------- a list without codes


def keys(office: Office) -> list[str]:
    return [key for (key,) in office.query("SELECT code FROM dossier ORDER BY code")]


def test_a_list_without_codes_gets_keys_that_stay_the_same(office: Office):
    report = office.ingest(as_csv(LISTS["j"]))
    assert (report["new"], report["flagged"]["CODE_MISSING"]) == (3, 3)
    given = keys(office)
    assert all(key.startswith("?") for key in given)
    assert sum(key.endswith("-2") for key in given) == 1, "two rows that say the same are two dossiers"
    assert office.ingest(as_csv(LISTS["j"]))["unchanged"] == 3
    header, first, second, third = LISTS["j"][1], *LISTS["j"][2:]
    ended = [*third[:6], "17/03/2026", "", "17/03/2026", ""]
    report = office.ingest(as_csv([header, first, second, ended]))
    assert (report["changed"], report["unchanged"]) == (1, 2)
    assert keys(office) == given
    assert {"CODE_MISSING", "END_FROM_SIGNATURE"} <= flags(office, given[0]) | flags(
        office, given[1]
    ) | flags(office, given[2])


def test_a_row_without_a_code_that_says_nothing_of_itself_is_rejected(office: Office):
    nobody = ["4", "", "", UNIT, "03/03/2026", "17/03/2026", "", "", "", ""]
    report = office.ingest(as_csv([*LISTS["j"], nobody]))
    assert (report["new"], report["rejected"]) == (3, 1)
    (rejection,) = office.ask("rejections")["rejections"]
    assert (rejection["code"], rejection["row"]) == ("CODE_MISSING", 6)


def test_a_list_whose_codes_stand_under_a_heading_that_nobody_knows_is_refused(office: Office):
    rows = [["Mã phiếu", "Chủ hồ sơ", "Tên thủ tục", "Ngày tiếp nhận", "Ngày hẹn trả"],
            [code(1), "Nguyễn Văn Bịa", "Cấp phép", "02/03/2026", "16/03/2026"]]  # fmt: skip
    answer = office.run("ingest", office.write("tep.csv", as_csv(rows)))
    assert answer.status == 3
    assert "thiếu cột: Mã hồ sơ" in answer.err


def test_a_mapping_says_what_headings_mean_and_which_are_left_out(office: Office):
    rows = [["Mã phiếu", "Chủ hồ sơ", "Bắt đầu", "Kết thúc", "Ghi chú"],
            [code(1), "Nguyễn Văn Bịa", "02/03/2026", "16/03/2026", "x"]]  # fmt: skip
    mapping = {"ma phieu": "dossier_code", "bat dau": "received_at", "ket thuc": "due_at", "ghi chu": ""}
    table = opened(office.write("tep.csv", as_csv(rows)), mapping)
    assert table.kind == "saved"
    assert set(table.layout.columns) == {"dossier_code", "received_at", "due_at", "applicant_name"}
    assert table.unknown == ()


# ---------------------------------------------------------------- kinds of file and encodings


def written(folder: Path, kind: str, rows: Rows) -> Path:
    path = folder / f"{kind}.xls"
    if kind == "xlsx":
        return write_sheets(path, {"Sheet1": rows})
    if kind == "docx":
        return write_docx(path, rows)
    content = {"csv": as_csv, "html": as_html, "mhtml": as_mhtml, "xml": as_xml_spreadsheet}[kind](rows)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("kind", ["xlsx", "html", "mhtml", "xml", "docx"])
@pytest.mark.parametrize("name", ["a", "b", "j"])
def test_a_list_says_the_same_in_every_kind_of_file(office: Office, name: str, kind: str):
    first = office.ingest(written(office.folder, "csv", LISTS[name]))
    again = office.ingest(written(office.folder, kind, LISTS[name]))
    assert first["rejected"] == again["rejected"] == 0
    assert again["unchanged"] == again["read"] == first["new"] > 0
    assert again["skipped"] == first["skipped"]


ENCODED = {
    "utf-16": (lambda text: text.encode("utf-16"), ""),
    "utf-16 without a mark": (lambda text: text.encode("utf-16-le"), "UTF-16"),
    "cp1258": (in_cp1258, "Windows-1258"),
    "tcvn3": (lambda text: old(text, TCVN3).encode("latin-1"), "TCVN3 (ABC)"),
    "tcvn3 in utf-8": (lambda text: old(text, TCVN3).encode(), "TCVN3 (ABC)"),
    "vni": (lambda text: old(text, VNI).encode("latin-1"), "VNI"),
    "misread": (lambda text: misread(text).encode(), "UTF-8 bị đọc như Windows-1252"),
    "misread on Vietnamese Windows": (lambda text: misread(text, "cp1258").encode(), "Windows-1258"),
}


@pytest.mark.parametrize("kind", ["csv", "html"])
@pytest.mark.parametrize("name", ENCODED)
def test_an_old_encoding_is_converted_and_said(office: Office, name: str, kind: str):
    encode, said = ENCODED[name]
    text = as_csv(LISTS["l"]) if kind == "csv" else as_html(LISTS["l"])
    path = office.write("tep.xls", encode(text))
    table = opened(path)
    assert said in "; ".join(table.notes)
    assert bool(table.notes) is bool(said)
    assert office.ingest(path)["new"] == 1
    assert facts(office, "applicant_name, address", code(1)) == ("Nguyễn Văn Bịa", "Thôn 1")


def test_a_workbook_in_an_old_font_is_converted(office: Office):
    rows = [[old(cell, TCVN3) for cell in cells] for cells in LISTS["c"]]
    path = write_sheets(office.folder / "tep.xlsx", {"Sheet1": rows})
    assert opened(path).notes == ("đã chuyển từ bảng mã TCVN3 (ABC)",)
    assert office.ingest(path)["new"] == 1
    assert facts(office, "officer_name", code(1)) == ("Lê Hư Cấu",)


def test_letters_lost_when_a_file_was_saved_are_named(office: Office):
    lost = as_csv(LISTS["a"]).encode("ascii", "replace")
    answer = office.run("ingest", office.write("tep.csv", lost))
    assert answer.status == 3
    assert "đã bị thay bằng dấu “?”" in answer.err


# ---------------------------------------------------------------- totals and forms


@pytest.mark.parametrize("kind", ["csv", "xlsx", "html", "docx"])
@pytest.mark.parametrize("form", TOTALS)
def test_totals_are_recognised_with_their_figures(office: Office, form: str, kind: str):
    rows, figures = TOTALS[form]
    with ExitStack() as stack:
        found = open_file(stack, written(office.folder, kind, rows), max_mib=64)
    (totals,) = found.totals
    assert found.tables == []
    assert (totals.form, dict(totals.rows[0].measures)) == (form, figures)
    assert totals.faults == ()


def test_totals_are_no_list_and_the_answer_says_what_they_are_for(office: Office):
    answer = office.run("ingest", office.write("tep.csv", as_csv(FORM_06A)))
    assert answer.status == 3
    for told in ("bảng số liệu tổng hợp", "dunghen reconcile import", "Đối chiếu"):
        assert told in answer.err


def test_a_sheet_of_totals_beside_a_list_is_named_and_kept_apart(office: Office):
    path = write_sheets(office.folder / "tep.xlsx", {"Danh sách": LISTS["c"], "Tổng hợp": FORM_06A})
    with ExitStack() as stack:
        found = open_file(stack, path, max_mib=64)
        assert [table.sheet for table in found.tables] == ["Danh sách"]
        assert found.tables[0].unknown == ("trang “Tổng hợp” (bảng số liệu tổng hợp)",)
        assert [totals.sheet for totals in found.totals] == ["Tổng hợp"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "html", "docx", "xml"])
def test_a_form_for_one_dossier_is_refused_for_what_it_is(office: Office, kind: str):
    answer = office.run("ingest", written(office.folder, kind, RECEIPT))
    assert answer.status == 3
    assert "là biểu mẫu của một hồ sơ (“GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ”)" in answer.err
