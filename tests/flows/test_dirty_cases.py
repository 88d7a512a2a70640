"""The 33 cases of dirty data of real systems, each by its number (docs/sources.md): its flag, and what becomes of it.

One case a test, through the real command on a file that is made up.
"""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

import pytest

from tests import sources
from tests.flows.office import NOW, PROVINCIAL, Office, csv_text, facts, row
from tests.flows.sheets import LIST, when, write_sheets
from tests.flows.test_ingest_portal import dossier, event

pytestmark = pytest.mark.sqlite_only(
    "how cells are read does not depend on the database; what is stored of them is tried on both by test_main_job"
)

CODE = "H15.03-220301-0001"
AS_OF = "2022-03-10"


def told(office: Office, *rows: Mapping[str, str]) -> Any:
    """The report of one table."""
    office.now = office.now.replace(minute=(office.now.minute + 1) % 60)
    return office.ingest(list(rows))


def pushed(office: Office, *elements: Any) -> Any:
    """The report of one payload of the national portal."""
    office.now = office.now.replace(minute=(office.now.minute + 1) % 60)
    return office.ask("ingest", office.write("goi.json", json.dumps(elements)))


def known(office: Office, code: str = CODE, as_of: str = AS_OF) -> Any:
    """What is answered about one dossier."""
    return office.ask("dossier", code, "--as-of", as_of)


def rejections(office: Office) -> list[Any]:
    return office.ask("rejections")["rejections"]


# ---------------------------------------------------------------- dates that are missing or cannot be


def test_case_01_a_missing_due_date_is_no_due_and_never_on_time(office: Office):
    assert told(office, row(due_at="", finished_at="08/03/2022 10:00:00"))["flagged"]["DUE_MISSING"] == 1
    answer = known(office)
    assert (answer["state"], answer["due"]["source"]) == ("no_due", None)
    assert "DUE_MISSING" in answer["flags"]


def test_case_02_a_missing_reception_is_kept_and_counted_nowhere(office: Office):
    report = told(office, row(received_at=""), row(2, received_at="", filed_at="28/02/2022 09:00:00"))
    assert (report["new"], report["flagged"]["RECEIVED_MISSING"]) == (2, 2)
    answer = known(office)
    assert (answer["state"], answer["received_at"]) == ("unknown", None)
    rates = office.ask("rates", "--from", "2022-01-01", "--to", "2026-12-31")
    assert (rates["excluded"]["RECEIVED_MISSING"], sum(each["received"] for each in rates["rows"])) == (2, 0)


def test_case_02_what_was_only_handed_in_lacks_no_reception(office: Office):
    report = told(office, row(received_at="", filed_at="28/02/2022 09:00:00", status="Mới đăng ký"))
    assert "RECEIVED_MISSING" not in report["flagged"]


@pytest.mark.parametrize("status", ["Đã xử lý xong", "Đã trả kết quả", "9", "10"])
def test_case_03_done_without_any_end_is_judged_as_open(office: Office, status: str):
    assert told(office, row(status=status))["flagged"]["END_MISSING"] == 1
    assert known(office)["state"] == "on_track"
    assert "END_MISSING" in known(office)["flags"]


def test_case_03_a_hand_over_or_an_end_told_later_is_no_missing_end(office: Office):
    report = told(office, row(status="9"), row(2, status="10", returned_at="09/03/2022 10:00:00"))
    assert (report["flagged"]["END_MISSING"], report["flagged"]["END_FROM_RETURN"]) == (1, 1)
    names = ["dossier_code", "received_at", "due_at", "finished_at"]
    office.ingest(csv_text([row(finished_at="09/03/2022 10:00:00")], names=names))
    assert "END_MISSING" not in known(office)["flags"]


def test_case_04_an_end_before_reception_is_emptied_and_kept_raw(office: Office):
    assert told(office, row(finished_at="28/02/2022 10:00:00"))["flagged"] == {"END_BEFORE_RECEIVED": 1}
    assert (known(office)["finished_at"], known(office)["state"]) == (None, "on_track")


@pytest.mark.parametrize("name", ["received_at", "finished_at", "returned_at", "withdrawn_at", "refused_at"])
def test_case_04_what_lies_in_the_future_is_emptied(office: Office, name: str):
    report = told(office, row(**{name: "01/09/2026 08:00:00"}))
    assert report["flagged"][f"{name.removesuffix('_at').upper()}_IN_FUTURE"] == 1
    assert facts(office, name) == (None,)


def test_case_05_a_due_date_before_reception_is_kept_and_flagged_but_not_on_the_same_date(office: Office):
    report = told(
        office,
        row(due_at="28/02/2022 17:00:00"),
        row(2, received_at="01/03/2022 14:00:00", due_at="01/03/2022 11:30:00"),
        row(3, received_at="01/03/2022 17:45:00", due_at="01/03/2022"),
    )
    assert report["flagged"] == {"DUE_BEFORE_RECEIVED": 1}
    assert known(office)["due"]["source"] == "2022-02-28T17:00+07:00"


def test_case_06_a_finish_at_the_very_second_of_the_due_date_counts_and_is_flagged(office: Office):
    report = told(
        office,
        row(finished_at="15/03/2022 17:00:00"),
        row(2, finished_at="15/03/2022 16:59:59"),
        row(3, due_at="15/03/2022", finished_at="15/03/2022"),
    )
    assert report["flagged"] == {"END_EQ_DUE": 1}
    assert known(office, as_of="2022-03-16")["state"] == "finished_on_time"


def test_case_07_a_moved_due_date_keeps_the_first_promise(office: Office):
    told(office, row())
    assert told(office, row(due_at="25/03/2022 17:00:00"))["changed"] == 1
    answer = known(office, as_of="2022-03-20")
    assert "DUE_CHANGED" in answer["flags"]
    assert answer["due"]["promised"] == "2022-03-15T17:00+07:00"
    assert (answer["late"]["source"]["late"], answer["late"]["promised"]["late"]) == (False, True)
    assert [each["due_at"] for each in answer["due_seen"]] == [
        "2022-03-15T17:00+07:00",
        "2022-03-25T17:00+07:00",
    ]


def test_case_08_going_back_from_an_end_reopens_and_keeps_the_history(office: Office):
    told(office, row(finished_at="08/03/2022 10:00:00", status="Đã trả kết quả"))
    told(office, row(status="Đang xử lý"))
    answer = known(office, as_of=f"{NOW:%Y-%m-%d}")
    assert "STATUS_REGRESSION" in answer["flags"]
    assert (answer["finished_at"], answer["state"]) == (None, "overdue")
    assert {each["kind"] for each in answer["events"]} == {"finished", "reopened"}


def test_case_09_a_nine_that_stands_for_waiting_is_suspended(office: Office):
    waiting = row(status="9", suspensions="Bổ sung hồ sơ: 04/03/2022 08:00:00 -")
    assert told(office, waiting)["flagged"]["STATUS_LOSSY"] == 1
    assert known(office)["state"] == "suspended"


def test_case_09_an_event_nine_that_asks_for_papers_suspends(office: Office):
    pushed(office, dossier(TrangThaiHoSo="9"), event("20220304080000", "9", "Yêu cầu bổ sung bản vẽ"))
    assert known(office)["state"] == "suspended"
    assert "STATUS_LOSSY" in known(office)["flags"]
    assert "END_MISSING" not in known(office)["flags"]


def test_case_10_an_older_payload_that_comes_later_changes_nothing_and_a_repeated_one_is_unchanged(
    office: Office,
):
    open_one, ended = dossier(), dossier(TrangThaiHoSo="9", NgayKetThucXuLy="20220308100000")
    pushed(office, open_one)
    pushed(office, ended)
    late = pushed(office, open_one)
    assert (late["stale"], late["flagged"]["OUT_OF_ORDER"]) == (1, 1)
    assert pushed(office, ended)["unchanged"] == 1
    assert known(office)["finished_at"] == "2022-03-08T10:00+07:00"


def test_case_10_a_create_and_an_update_within_one_second_end_with_the_further_status(office: Office):
    pushed(office, event("20220301080000", "2"), event("20220301080000", "1"), dossier(TrangThaiHoSo="2"))
    assert facts(office, "status") == ("accepted",)


def test_case_11_spellings_of_a_code_and_a_second_code_are_one_dossier(office: Office):
    told(office, row(CODE))
    told(office, row("h15.03_220301–0001 "), row("H15.03 - 220301 - 0001", note="x"))
    office.ingest(csv_text([row(CODE, note="LT-77")]).replace("Ghi chú", "Mã hồ sơ khác"))
    assert known(office, "LT-77")["code"] == CODE
    told(office, row("LT-77", due_at="17/03/2022 17:00:00"))
    assert office.query("SELECT count(*) FROM dossier") == [(1,)]
    assert known(office)["due"]["source"] == "2022-03-17T17:00+07:00"


def test_case_12_a_code_of_two_dossiers_is_a_conflict_until_a_person_decides(office: Office):
    told(office, row())
    same = told(office, row(resolving_unit="Sở Tư pháp tỉnh Đắk Lắk"))
    assert same["rejected"] == 0
    other = told(office, row(procedure_code="1.000001", received_at="02/03/2022 08:00:00"))
    assert (other["new"], other["rejected"]) == (0, 1)
    assert [each["code"] for each in rejections(office)] == ["CODE_CONFLICT"]


# ---------------------------------------------------------------- dates as they are written

NINE_THIRTY = "2022-03-10T09:30+07:00"
CLOSING = "2022-03-10T17:00+07:00"


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("10/03/2022", CLOSING), ("10/03/2022 09:30", NINE_THIRTY), ("10/03/2022 09:30:00", NINE_THIRTY),
        ("09:30 10/03/2022", NINE_THIRTY), ("10/3/2022 9:30", NINE_THIRTY), ("10-03-2022", CLOSING),
        ("2022-03-10 09:30:00", NINE_THIRTY), ("2022-03-10T09:30:00", NINE_THIRTY), ("2022-03-10T09:30:00.123", NINE_THIRTY),
        ("2022-03-10T09:30:00Z", NINE_THIRTY), ("20220310093000", NINE_THIRTY), ("20220310", CLOSING),
        ("1646879400000", NINE_THIRTY), ("Sau 10/03/2022", CLOSING), ("Sau 09:30 ngày 10/03/2022", NINE_THIRTY),
        ("9 giờ 30 ngày 10 tháng 3 năm 2022", NINE_THIRTY), ("09 giờ 30 phút, ngày 10 tháng 03 năm 2022", NINE_THIRTY),
        ("10/03/2022 Từ 07:30 đến 09:30", NINE_THIRTY), ("10/03/2022 2:05 CH", "2022-03-10T14:05+07:00"),
    ],
)  # fmt: skip
def test_case_13_every_form_of_a_date_is_read(office: Office, cell: str, wanted: str):
    report = told(office, row(due_at=cell))
    assert (report["new"], report["flagged"]) == (1, {})
    assert known(office)["due"]["source"] == wanted


def month_first(number: int, day: int) -> dict[str, str]:
    """A row of an American export."""
    return row(number, received_at=f"03/{day:02}/2022 08:00:00", due_at=f"04/{day:02}/2022")


def test_case_13_a_column_has_one_order_of_day_and_month_decided_on_all_of_it(office: Office):
    office.configure(chunk_rows="100")
    # The first piece proves nothing: all its days lie before the 13th.
    days = [*(n % 12 + 1 for n in range(150)), *(n % 15 + 13 for n in range(50))]
    report = told(office, *(month_first(n, day) for n, day in enumerate(days)))
    assert (report["new"], report["rejected"]) == (200, 0)
    assert [each["code"] for each in report["warnings"]] == ["DATE_ORDER_MONTH_FIRST"] * 2
    assert known(office, "H15.03-220301-0004")["received_at"] == "2022-03-05T08:00+07:00"
    assert known(office, "H15.03-220301-0164")["due"]["source"] == "2022-04-27T17:00+07:00"


def test_case_13_a_column_that_proves_both_orders_is_not_guessed(office: Office):
    rows = [row(n, due_at=f"{n}/03/2022") for n in range(13, 20)]
    rows += [row(20 + n, due_at=f"03/{n}/2022") for n in range(13, 20)]
    report = told(office, *rows, row(50, due_at="04/05/2022"), row(51, due_at="05/05/2022"))
    assert (report["new"], report["rejected"]) == (8, 8)
    assert {each["code"] for each in rejections(office)} == {"DATE_SWAPPED_SUSPECTED"}
    assert "04/05/2022" in {each["value"] for each in rejections(office)}


def test_case_13_a_file_put_together_from_two_orders_is_refused_whole(office: Office):
    office.configure(chunk_rows="100")
    rows = [row(n, due_at=f"{n % 28 + 1:02}/03/2022") for n in range(1, 151)]
    rows += [row(n, due_at=f"03/{n % 28 + 1:02}/2022") for n in range(151, 301)]
    before = office.dump()
    answer = office.run("ingest", office.write("tep.csv", rows), "--json")
    assert (answer.status, office.dump()) == (3, before)
    assert "cột “Ngày hẹn trả”" in answer.err
    assert "hãy nạp từng tệp" in answer.err


def test_case_14_a_z_is_believed_only_of_a_source_that_is_known_to_write_utc(office: Office):
    told(office, row(received_at="2022-03-01T08:00:00Z"))
    assert known(office)["received_at"] == "2022-03-01T08:00+07:00"
    office.configure(utc_sources='["quoc-te"]')
    rows = [
        row(2, received_at="2022-03-01T01:00:00Z"),
        row(3, received_at="01/03/2022 01:00:00", due_at="15/03/2022"),
    ]
    office.ask("ingest", office.write("tep.csv", rows), "--source", "quoc-te")
    for number in (2, 3):
        assert known(office, f"H15.03-220301-000{number}")["received_at"] == "2022-03-01T08:00+07:00"
    assert known(office, "H15.03-220301-0003")["due"]["source"] == "2022-03-15T17:00+07:00"


def test_case_15_times_that_look_like_utc_are_said_and_not_moved(office: Office):
    rows = [
        row(n, received_at=f"01/03/2022 {n % 11:02}:{n % 60:02}:30", updated_at="02/03/2022 15:00:00")
        for n in range(60)
    ]
    report = told(office, *rows)
    assert [(each["code"], each["column"]) for each in report["warnings"]] == [
        ("SUSPECT_UTC", "Ngày tiếp nhận")
    ]
    assert known(office, "H15.03-220301-0005")["received_at"] == "2022-03-01T05:05:30+07:00"


def test_case_16_dates_that_excel_has_swapped_are_not_believed(office: Office):
    rows = [
        ["A-0001", when(2026, 8, 10, 8), when(2026, 12, 31), None],
        ["A-0002", "25/08/2026", when(2026, 12, 31), None],
    ]
    report = office.ask("ingest", write_sheets(office.folder / "tep.xlsx", {"Sheet1": [LIST, *rows]}))
    assert (report["new"], report["rejected"]) == (1, 1)
    assert [(each["code"], each["row"]) for each in rejections(office)] == [("DATE_SWAPPED_SUSPECTED", 2)]
    assert [(each["code"], each["column"]) for each in report["warnings"]] == [
        ("DATE_SWAPPED_SUSPECTED", "Ngày tiếp nhận")
    ]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [("44630", CLOSING), ("44630.395833333336", NINE_THIRTY), ("44629.99999999", CLOSING)],
)
def test_case_17_serial_numbers_of_days_are_read_in_text_too(office: Office, cell: str, wanted: str):
    told(office, row(due_at=cell))
    assert known(office)["due"]["source"] == wanted


def test_case_17_a_workbook_of_1904_counts_from_there_and_other_numbers_are_no_dates(office: Office):
    cells = [LIST, ["A-0001", 44630 - 1462, when(2022, 3, 15), None]]
    path = write_sheets(office.folder / "tep.xlsx", {"Sheet1": cells}, date_1904=True)
    office.ask("ingest", path)
    assert known(office, "A-0001")["received_at"] == "2022-03-10T00:00+07:00"
    assert told(office, row(due_at="29999"))["rejected"] == 1


@pytest.mark.parametrize(
    "cell",
    ["0001-01-01", "1900-01-01", "1970-01-01", "9999-12-31", "00010101000000", "0", "01/01/1970 07:00:00"],
)
def test_case_18_what_means_no_date_is_empty(office: Office, cell: str):
    assert told(office, row(finished_at=cell))["flagged"] == {"DATE_SENTINEL": 1}
    assert known(office)["finished_at"] is None


@pytest.mark.parametrize("cell", ["31/02/2022", "20180822142266", "10/03/2609", "45/13/2022", "10/03/1999"])
def test_case_19_a_date_that_does_not_exist_rejects_its_row_and_never_becomes_another(
    office: Office, cell: str
):
    report = told(office, row(due_at=cell), row(2))
    assert (report["new"], report["rejected"]) == (1, 1)
    (rejection,) = rejections(office)
    assert (rejection["code"], rejection["column"], rejection["value"]) == (
        "DATE_INVALID",
        "Ngày hẹn trả",
        cell,
    )


def test_case_20_a_year_of_two_digits_is_read_and_flagged(office: Office):
    assert told(office, row(due_at="10/03/22"))["flagged"] == {"YEAR_TWO_DIGITS": 1}
    assert known(office)["due"]["source"] == CLOSING
    assert "YEAR_TWO_DIGITS" in known(office)["flags"]


# ---------------------------------------------------------------- text


def test_case_21_letters_with_marks_apart_are_the_same_letters(office: Office):
    told(office, row())
    text = csv_text([row()])
    report = office.ingest(unicodedata.normalize("NFD", text))
    assert (report["read"], report["rejected"], report["new"]) == (1, 0, 0)
    assert known(office)["unit"] == PROVINCIAL


def test_case_22_text_read_as_another_encoding_is_brought_back(office: Office):
    office.ingest(sources.misread(csv_text([row()])))
    assert known(office)["applicant"]["name"] == "Nguyễn Văn Bịa"


@pytest.mark.parametrize(
    "encode",
    [
        sources.in_cp1258,
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: f"sep=;\n{text.replace(',', ';')}".encode(),
    ],
)
def test_case_23_old_encodings_and_their_marks_are_read(office: Office, encode: Any):
    office.ingest(encode(csv_text([row(address="Thôn 1")])))
    assert known(office)["applicant"]["name"] == "Nguyễn Văn Bịa"


def test_case_24_units_are_matched_whatever_the_placing_of_marks_and_shown_as_in_the_catalogue(
    office: Office,
):
    report = told(
        office, row(resolving_unit="SỞ CÔNG  THƯƠNG TỈNH ĐẮK LẮK"), row(2, resolving_unit="Phòng Hoà Bịa")
    )
    assert report["flagged"] == {"UNIT_UNKNOWN": 1}
    assert known(office)["unit"] == PROVINCIAL
    told(office, row(3, resolving_unit="Phòng Hòa Bịa"))
    assert office.query("SELECT count(*) FROM unit WHERE name LIKE 'Phòng H%Bịa'") == [(1,)]


def test_case_25_rows_that_are_no_dossiers_are_counted_and_passed_over(office: Office):
    report = office.ingest(sources.as_csv(sources.LISTS["b"]))
    assert (report["read"], report["new"]) == (1, 1)
    assert report["skipped"] == {"group": 1, "total": 1}
    assert facts(office, "row_no", sources.code(1)) == (5,)


@pytest.mark.parametrize("name", ["tep.xls", "tep.html"])
def test_case_26_a_page_saved_as_a_workbook_is_read_by_what_it_is(office: Office, name: str):
    report = office.ask("ingest", office.write(name, sources.as_html(sources.LISTS["b"])))
    assert (report["read"], report["new"]) == (1, 1)


def test_case_27_a_code_that_excel_cut_short_is_rejected_and_marks_before_it_are_no_part_of_it(
    office: Office,
):
    report = told(office, row("2.6081E+11"), row(f"'{CODE}"), row("000.15\u00a0-22-2"))
    assert (report["new"], report["rejected"]) == (2, 1)
    assert [each["code"] for each in rejections(office)] == ["CODE_AS_NUMBER"]
    assert known(office)["code"] == CODE
    assert known(office, "000.15-22-2")["code"] == "000.15-22-2"


def test_case_28_text_that_a_sender_cut_off_is_kept_and_decides_nothing(office: Office):
    cut, officer = "x" * 995 + "...", "Cán bộ có tên rất dài và nhiều chức danh k..."
    report = told(office, row(note=cut, officer_name=officer))
    assert (report["new"], report["flagged"]) == (1, {})
    assert facts(office, "note, officer_name") == (cut, officer)


def test_case_29_what_programs_write_for_nothing_is_nothing(office: Office):
    nothing = {
        "note": "Dinhkem",
        "officer_name": "Chuyên viên",
        "address": "-",
        "phone": "000000001",
        "late_reason": "--",
    }
    told(office, row(**nothing), row(2, officer_name="Cán bộ một cửa", status="-", applicant_name="-"))
    assert facts(office, "note, officer_name, address, late_reason") == ("", "", "", "")
    assert "000000001" not in json.dumps(known(office))
    assert facts(office, "officer_name, status_text, applicant_name", "H15.03-220301-0002") == ("", "", "")


# No. 30, replies whose success stands in their words alone: ours are read rightly by such senders, tests/web/test_receiver.py.


@pytest.mark.parametrize("column", ["DeletedOn", "LyDoXoa", "Ngày xóa", "Lý do xóa"])
def test_case_31_what_its_source_deleted_is_kept_as_deleted_and_counted_as_such(office: Office, column: str):
    names = ["dossier_code", "received_at", "due_at", "status", "deleted"]
    rows = [row(deleted="2022-03-05T08:00:00"), row(2, deleted=""), row(3, deleted="0001-01-01T00:00:00")]
    report = office.ingest(
        csv_text(rows, names=names, heading=lambda name: column if name == "deleted" else name)
    )
    # In a column of reasons a date is a reason like any other.
    deleted = 1 if column in ("DeletedOn", "Ngày xóa") else report["flagged"]["DELETED"]
    assert (report["new"], report["flagged"]["DELETED"]) == (3, deleted)
    assert (known(office)["state"], known(office, "H15.03-220301-0002")["state"]) == ("deleted", "on_track")
    rates = office.ask("rates", "--from", "2022-01-01", "--to", "2022-12-31")
    assert rates["excluded"]["DELETED"] == deleted


def test_case_31_a_deletion_told_without_a_status_is_believed(office: Office):
    told(office, row())
    names = ["dossier_code", "received_at", "due_at", "deletion_reason"]
    office.ingest(csv_text([row(deletion_reason="nhập trùng")], names=names, heading=lambda name: name))
    assert known(office)["state"] == "deleted"


@pytest.mark.parametrize("spelled", ["True", "true", True, "1", 1])
def test_case_32_yes_and_no_are_understood_in_every_spelling(office: Office, spelled: Any):
    names = ["dossier_code", "received_at", "due_at", "online"]
    office.ingest(
        csv_text([row(online=str(spelled)), row(2, online="False")], names=names, heading=lambda name: name)
    )
    assert facts(office, "channel") == ("online",)
    assert facts(office, "channel", "H15.03-220301-0002") == ("counter",)
    document = {"service": "DongBoHoSoMC", "isUpdating": spelled, "data": [dossier(MaHoSo="A-1")]}
    assert office.ask("ingest", office.write("goi.json", json.dumps(document)))["new"] == 1


def test_case_33_a_unit_by_name_only_is_found_by_its_aliases_and_else_flagged(office: Office):
    report = told(
        office,
        row(resolving_unit="Phòng Bịa Đặt"),
        row(2, resolving_unit="sở công thương"),
        row(3, resolving_unit="000.00.03.H15"),
    )
    assert report["flagged"] == {"UNIT_UNKNOWN": 1}
    assert known(office)["unit"] == "Phòng Bịa Đặt"
    assert {known(office, f"H15.03-220301-000{number}")["unit"] for number in (2, 3)} == {PROVINCIAL}
