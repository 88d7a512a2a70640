"""Spreadsheets: the same rows as a CSV, headers over several rows, groups and sheets, and every fault with its place."""

import shutil
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.flows.office import HEADINGS, Office, at, csv_text, facts, read_rows, row
from tests.flows.sheets import LIST, as_csv, part_of, typed, typed_rows, when, with_part, write_sheets

pytestmark = pytest.mark.sqlite_only(
    "how cells are read does not depend on the database; what is stored of them is tried on both by test_main_job"
)

NAMES = [name for name in HEADINGS if name not in ("previous_due_at", "updated_at")]
UNIT, OTHER = "UBND phường Bịa Đặt", "UBND xã Ea Bịa"
MORNING = when(2026, 3, 2, 8, 30)
DUE = when(2026, 3, 16, 17, 0)
MANIFEST = ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
SHEET = "xl/worksheets/sheet1.xml"


def code(number: int) -> str:
    return f"H15.03-260302-{number:04d}"


def listed(number: int, received: object = MORNING, due: object = DUE, note: str | None = None) -> list:
    return [code(number), received, due, note]


def book(office: Office, rows: list, name: str = "tep.xlsx", **options) -> Path:
    return write_sheets(office.folder / name, {"Danh sách": rows}, **options)


def rejections(office: Office) -> list:
    return office.ask("rejections")["rejections"]


# ---------------------------------------------------------------- the same as the CSV


def test_an_export_as_true_dates_tells_nothing_new_after_its_csv(office: Office, daklak):
    rows = read_rows(daklak.files[0])[:1500]
    names = [name for name in HEADINGS if rows[0].get(name) is not None]
    first = office.ingest(csv_text(rows, names=names))
    path = write_sheets(office.folder / "tep.xlsx", {"Hồ sơ": typed_rows(rows, names)})
    again = office.ingest(path)
    assert (again["read"], again["unchanged"]) == (first["read"], first["read"] - first["rejected"])
    assert (again["rejected"], again["skipped"]) == (first["rejected"], first["skipped"])


def test_a_workbook_of_shared_strings_written_by_another_program_reads_the_same(office: Office):
    rows = [row(n, note=f"lần {n}\ndòng hai & <ba>", address="  hai  khoảng trắng ") for n in range(1, 40)]
    office.ingest(csv_text(rows, names=NAMES))
    sheets = openpyxl.Workbook()
    for cells in typed_rows(rows, NAMES):
        sheets.active.append(cells)
    path = office.folder / "tep.xlsx"
    sheets.save(path)
    report = office.ingest(path)
    assert (report["read"], report["unchanged"]) == (39, 39)


def test_a_second_telling_of_a_workbook_is_unchanged_and_keeps_its_row_numbers(office: Office):
    path = book(office, [["DANH SÁCH HỒ SƠ"], [], LIST, listed(1), [], listed(2)])
    assert office.ingest(path)["new"] == 2
    assert office.ingest(path)["unchanged"] == 2
    assert [facts(office, "row_no", code(n)) for n in (1, 2)] == [(4,), (6,)]


@pytest.mark.parametrize("is_1904", [False, True])
def test_the_dates_of_both_calendars_are_the_same_days(office: Office, is_1904: bool):
    office.ingest(book(office, [LIST, listed(1)], date_1904=is_1904))
    assert at(office, "received_at", code(1)) == "2026-03-02 08:30:00"
    assert at(office, "source_due_at", code(1)) == "2026-03-16 17:00:00"


def test_a_true_date_without_a_time_is_a_bare_date(office: Office):
    office.ingest(book(office, [LIST, listed(1, when(2026, 3, 2), when(2026, 3, 16))]))
    assert at(office, "received_at", code(1)) == "2026-03-02 00:00:00"
    assert at(office, "source_due_at", code(1)) == "2026-03-16 17:00:00"


# ---------------------------------------------------------------- numbers in the place of dates and codes


@pytest.mark.parametrize("serial", [46244.388889, "46244.388889"])
def test_the_bare_number_of_a_date_is_that_date(office: Office, serial: object):
    office.ingest(book(office, [LIST, listed(1, serial, 46262)]))
    assert at(office, "received_at", code(1)) == "2026-08-10 09:20:00"
    assert at(office, "source_due_at", code(1)) == "2026-08-28 17:00:00"


@pytest.mark.parametrize("value", [29_999, 60_001, 12.5, -1, "29999", "4624", "46244,5", "#N/A", True])
def test_any_other_number_is_no_date(office: Office, value: object):
    report = office.ingest(book(office, [LIST, listed(1), listed(2, due=value)]))
    assert (report["new"], report["rejected"]) == (1, 1)
    (rejection,) = rejections(office)
    assert rejection["code"] == "DATE_INVALID"
    assert (rejection["sheet"], rejection["row"]) == ("Danh sách", 3)
    assert rejection["column"] == "Ngày hẹn trả"
    assert rejection["file"].endswith("tep.xlsx")
    assert rejection["value"] == (str(value).upper() if isinstance(value, bool) else str(value))


def test_a_formula_that_failed_is_no_empty_due_date(office: Office):
    sheets = openpyxl.Workbook()
    sheets.active.append(LIST)
    sheets.active.append(listed(1))
    sheets.active["C2"].value = "#REF!"
    sheets.active["C2"].data_type = "e"
    sheets.save(office.folder / "tep.xlsx")
    office.ingest(office.folder / "tep.xlsx")
    (rejection,) = rejections(office)
    assert (rejection["code"], rejection["value"]) == ("DATE_INVALID", "#REF!")


def test_whole_numbers_are_codes_and_phones_without_a_point(office: Office):
    heads = [*LIST, "Số điện thoại"]
    office.ingest(book(office, [heads, [26030200011, MORNING, DUE, 12.0, 100123456]]))
    assert facts(office, "code, note, phone", "26030200011")[:2] == ("26030200011", "12")


@pytest.mark.parametrize("number", ["2.6081E+11", "2,6081e+11", 1234567890123456, 2.6081e18])
def test_a_code_that_excel_cut_short_is_never_used(office: Office, number: object):
    report = office.ingest(book(office, [LIST, listed(1), [number, MORNING, DUE, None]]))
    assert (report["new"], report["rejected"]) == (1, 1)
    (rejection,) = rejections(office)
    assert (rejection["code"], rejection["row"], rejection["column"]) == ("CODE_AS_NUMBER", 3, "Mã hồ sơ")
    assert "E+" in rejection["value"]


def test_a_citizen_id_as_a_number_is_still_not_stored(office: Office):
    office.ingest(book(office, [LIST, [66085012345, MORNING, DUE, None], [166085012345, MORNING, DUE, None]]))
    assert [each["code"] for each in rejections(office)] == ["CODE_IS_IDENTITY"]


# ---------------------------------------------------------------- day and month swapped by Excel


def swapped(office: Office, *received: object) -> list:
    rows = [[*listed(n)[:1], value, when(2026, 12, 31), None] for n, value in enumerate(received, 1)]
    office.report = office.ingest(book(office, [LIST, *rows]))
    return rejections(office)


def test_true_dates_up_to_the_twelfth_beside_texts_after_it_are_not_believed(office: Office):
    found = swapped(office, when(2026, 8, 10, 8, 0), "25/08/2026", when(2026, 1, 8), "13/02/2026 08:00")
    assert [each["code"] for each in found] == ["DATE_SWAPPED_SUSPECTED"] * 2
    assert [each["row"] for each in found] == [2, 4]
    assert found[0]["value"] == "10/08/2026 08:00:00"
    assert found[0]["column"] == "Ngày tiếp nhận"
    assert "đảo ngày và tháng" in found[0]["message"]
    assert office.report["new"] == 2


@pytest.mark.parametrize(
    "received",
    [
        (when(2026, 8, 10), "25/08/2026", when(2026, 1, 13)),
        (when(2026, 8, 10), when(2026, 1, 8)),
        ("10/08/2026", "25/08/2026"),
        (when(2026, 8, 10), "09/08/2026"),
    ],
)
def test_other_mixtures_are_believed(office: Office, received: tuple):
    assert swapped(office, *received) == []


def test_what_stands_above_the_table_says_nothing_about_swapping(office: Office):
    title = [None, "Từ ngày 25/07/2026 đến ngày 31/07/2026"]
    dated = [None, when(2026, 1, 31)]
    rows = [title, LIST, listed(1, when(2026, 8, 10))]
    assert office.ingest(book(office, rows))["rejected"] == 0
    rows = [dated, LIST, listed(1, when(2026, 8, 10)), listed(2, "25/08/2026")]
    assert office.ingest(book(office, rows, "hai.xlsx"))["rejected"] == 1


def test_a_swapped_date_that_decides_nothing_is_empty_and_flagged(office: Office):
    heads = [*LIST, "Ngày nộp"]
    rows = [[*listed(1), when(2026, 2, 1)], [*listed(2), "25/02/2026"]]
    report = office.ingest(book(office, [heads, *rows]))
    assert report["flagged"]["DATE_SWAPPED_SUSPECTED"] == 1
    assert facts(office, "filed_at", code(1)) == (None,)


# ---------------------------------------------------------------- layouts of real exports

REGISTER = [
    ["SỔ THEO DÕI TÌNH HÌNH TIẾP NHẬN HỒ SƠ"],
    ["Từ ngày 01/03/2026 đến ngày 31/03/2026"],
    ["Trạng thái: Tất cả"],
    ["STT", "Mã hồ sơ", "Nội dung hồ sơ", "Số lượng (bộ)", "Họ tên chủ hồ sơ", "Địa chỉ chủ hồ sơ", "Số điện thoại",
     None, None, None, None, None, "Người nhận hồ sơ", "Địa bàn phát sinh hồ sơ", "Ghi chú"],
    [None] * 7 + ["Nhận hồ sơ", "Hẹn trả kết quả", "Ngày nhận kết quả", "Bên giao", "Bên nhận"],
    [f"({n})" for n in range(1, 16)],
]  # fmt: skip
REGISTER_MERGES = [(3, 7, 3, 8, "Ngày, tháng, năm"), (3, 9, 3, 11, "Trả kết quả")] + [
    (3, column, 4, column, REGISTER[3][column]) for column in (0, 1, 2, 3, 4, 5, 6, 12, 13, 14)
]


def test_the_register_with_its_header_over_two_rows(office: Office):
    rows = [
        [n, code(n), "Đăng ký biến động", 1, "Nguyễn Văn Bịa", "Thôn 1", "0100123456", "02/03/2026 08:30:00",
         "16/03/2026 17:00:00", "10/03/2026 09:00:00", "Bên A", "Bên B", "Trần Thị Ảo", "Ea Bịa", "gấp"]
        for n in (1, 2)
    ]  # fmt: skip
    report = office.ingest(book(office, [*REGISTER, *rows], merges=REGISTER_MERGES))
    assert (report["new"], report["skipped"]) == (2, {"numbering": 1})
    assert at(office, "received_at", code(1)) == "2026-03-02 08:30:00"
    assert at(office, "source_due_at", code(1)) == "2026-03-16 17:00:00"
    assert at(office, "returned_at", code(1)) == "2026-03-10 09:00:00"
    assert facts(office, "applicant_name, note", code(1)) == ("Nguyễn Văn Bịa", "gấp")


LATE = [
    "STT",
    "Mã hồ sơ",
    "Ngày tiếp nhận",
    "Ngày hẹn trả",
    "Ngày có kết quả",
    "Đơn vị giải quyết",
    "Ghi chú",
]
STILL_LATE = [
    "STT",
    "Mã hồ sơ",
    "Ngày tiếp nhận",
    "Ngày hẹn trả",
    "Đơn vị giải quyết",
    "Cán bộ đang xử lý",
    "Ghi chú",
]


def units(office: Office) -> dict:
    sql = "SELECT d.code, u.name FROM dossier d LEFT JOIN unit u ON u.id = d.resolving_unit_id"
    return {key: name for key, name in office.query(sql)}


def test_group_rows_name_the_unit_of_the_rows_below_that_name_none(office: Office):
    def late(order: int, number: int, unit: str | None = None) -> list:
        return [order, code(number), "02/03/2026", "16/03/2026", "20/03/2026", unit, None]

    rows = [
        ["PHỤ LỤC I"], ["DANH SÁCH ĐƠN VỊ CHẬM TRỄ"], LATE,
        [UNIT], late(1, 1), late(2, 2, OTHER), [OTHER], late(1, 3),
        ["Tổng cộng", 3], [None, None, None, None, "Đắk Lắk, ngày 20 tháng 3 năm 2026"],
        [None, None, None, None, "NGƯỜI LẬP BIỂU"], [None, None, None, None, "Lê Hư Cấu"],
    ]  # fmt: skip
    merges = [(3, 0, 3, 6, UNIT), (6, 0, 6, 6, OTHER)]
    report = office.ingest(book(office, rows, merges=merges))
    assert report["new"] == 3
    assert report["skipped"] == {"group": 3, "total": 1, "footer": 2}
    assert units(office) == {code(1): UNIT, code(2): OTHER, code(3): OTHER}


def test_a_list_without_a_column_of_units_gets_them_from_its_groups(office: Office):
    heads = ["STT", *LIST]
    rows = [heads, ["I", UNIT], [1, *listed(1)], [2, *listed(2)], ["II", OTHER], [1, *listed(3)]]
    path = book(office, rows)
    assert office.ingest(path)["skipped"] == {"group": 2}
    assert units(office) == {code(1): UNIT, code(2): UNIT, code(3): OTHER}
    assert office.ingest(path)["unchanged"] == 3
    assert office.ingest(as_csv(rows))["unchanged"] == 3
    moved = [heads, ["I", OTHER], *rows[2:]]
    assert office.ingest(book(office, moved))["changed"] == 2


@pytest.mark.parametrize("title", [["Đơn vị: " + UNIT], ["Cơ quan:", UNIT], ["Đơn vị báo cáo: " + UNIT]])
def test_a_line_above_the_header_names_the_first_unit(office: Office, title: list):
    office.ingest(book(office, [["DANH SÁCH"], title, LIST, listed(1), [OTHER], listed(2)]))
    assert units(office) == {code(1): UNIT, code(2): OTHER}


def test_who_signed_below_a_list_is_no_unit_of_the_next_one(office: Office):
    footer = [["NGƯỜI LẬP BIỂU"], ["(Ký, ghi rõ họ tên)"], ["Lê Hư Cấu"]]
    rows = [LIST, [UNIT], listed(1), *footer, LIST, listed(2), [OTHER], listed(3)]
    report = office.ingest(book(office, rows))
    assert report["skipped"] == {"group": 3, "footer": 2, "heading": 1}
    assert units(office) == {code(1): UNIT, code(2): None, code(3): OTHER}


def test_groups_across_chunks_keep_their_unit(office: Office):
    office.configure(chunk_rows="100")
    rows = [LIST, [UNIT], *map(listed, range(1, 151)), [OTHER], *map(listed, range(151, 301))]
    assert office.ingest(book(office, rows))["new"] == 300
    told = units(office)
    assert [told[code(n)] for n in (1, 150, 151, 300)] == [UNIT, UNIT, OTHER, OTHER]


@pytest.mark.parametrize("heads", [LATE, STILL_LATE])
def test_the_late_lists_are_recognised(office: Office, heads: list):
    cells = {"Mã hồ sơ": code(1), "Ngày tiếp nhận": "02/03/2026", "Ngày hẹn trả": "16/03/2026", "STT": "1"}
    assert office.ingest(book(office, [heads, [cells.get(head) for head in heads]]))["new"] == 1


def test_the_list_of_the_land_office_with_its_header_in_the_seventh_row(office: Office):
    heads = ["STT", "Mã Hồ Sơ", "Chủ Sử Dụng", "Xã / Phường", "Tờ", "Thửa", "Loại Hồ Sơ", "Ngày Nhận", "Hẹn Trả",
             "Trạng Thái", "NV Xử Lý", "Hoàn Thành", "Đợt", "Ngày Trả KQ", "Số Tiền", "Ghi Chú"]  # fmt: skip
    cells = [1, code(1), "Trần Thị Ảo", "Ea Bịa", 12, 34, "Chuyển nhượng", MORNING, DUE, "Đã trả kết quả", "Lê Hư Cấu",
             when(2026, 3, 10, 9, 0), 1, when(2026, 3, 11, 9, 0), 100_000, None]  # fmt: skip
    office.ingest(book(office, [*[["x"]] * 6, heads, cells]))
    assert at(office, "finished_at", code(1)) == "2026-03-10 09:00:00"
    assert at(office, "returned_at", code(1)) == "2026-03-11 09:00:00"


# ---------------------------------------------------------------- sheets


def test_every_sheet_with_a_list_is_read_hidden_ones_too_and_others_are_named(office: Office):
    sheets = {
        "Hướng dẫn": [["Cách điền"]],
        "Tháng 3": [LIST, listed(1)],
        "Tháng 4": [["x"], LIST, listed(2), listed(3, due="sai")],
    }
    path = write_sheets(office.folder / "tep.xlsx", sheets, hidden=["Tháng 4"])
    answer = office.run("ingest", path, "--json")
    assert (answer.status, answer.json["new"], answer.json["rejected"]) == (1, 2, 1)
    assert "trang “Hướng dẫn”" in answer.err
    (rejection,) = rejections(office)
    assert (rejection["sheet"], rejection["row"], rejection["value"]) == ("Tháng 4", 4, "sai")


def test_a_list_that_lacks_a_column_is_not_passed_over_beside_a_good_one(office: Office):
    sheets = {"Tốt": [LIST, listed(1)], "Thiếu": [["Mã hồ sơ", "Ngày tiếp nhận", "Ghi chú"]]}
    answer = office.run("ingest", write_sheets(office.folder / "tep.xlsx", sheets))
    assert answer.status == 3
    assert "trang “Thiếu”: dòng tiêu đề 1 thiếu cột: Ngày hẹn trả" in answer.err


def test_text_beside_the_table_costs_no_row(office: Office):
    report = office.ingest(book(office, [LIST, [*listed(1), None, "nháp"]]))
    assert (report["new"], report["rejected"]) == (1, 0)


# ---------------------------------------------------------------- ways of writing


def test_a_row_keeps_its_cells_whatever_way_they_are_written(office: Office):
    """Formulas, rich text, missing references, other prefixes: all are read by the one parser or the other."""
    path = book(office, [LIST, *map(listed, range(1, 6))])
    xml = part_of(path, SHEET)
    rows = xml.split("<row ")
    rows[2] = rows[2].replace(
        "</row>", '<c r="D2" t="inlineStr"><is><r><t>đậm </t></r><r><t>nhạt</t></r></is></c></row>'
    )
    rows[3] = rows[3].replace("</row>", '<c r="D3" t="str"><f>A1&amp;B1</f><v>a&amp;b_x0041_</v></c></row>')
    rows[4] = rows[4].replace("</row>", '<c r="D4" t="inlineStr"><is><t><![CDATA[<x>]]></t></is></c></row>')
    rows[5] = rows[5].replace("</row>", '<c r="D5" t="b"><v>1</v></c></row>')
    with_part(path, SHEET, "<row ".join(rows).encode())
    assert office.ingest(path)["new"] == 5
    notes = [facts(office, "note", code(n))[0] for n in range(1, 6)]
    assert notes == ["đậm nhạt", "a&bA", "<x>", "TRUE", ""]
    prefixed = part_of(path, SHEET).replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?")
    prefixed = prefixed.replace("xmlns=", "xmlns:x=").replace("<x:![CDATA[<x:x>", "<![CDATA[<x>")
    assert office.ingest(with_part(path, SHEET, prefixed.encode()))["unchanged"] == 5


def test_shared_strings_may_be_rich_empty_and_guided(office: Office):
    path = book(office, [LIST, *(listed(n, note=f"ghi chú {n}") for n in range(1, 4))])
    xml = part_of(path, "xl/sharedStrings.xml")
    xml = xml.replace(
        "<si><t>ghi chú 1</t></si>", "<si><r><t>một</t></r><rPh><t>x</t></rPh><r><t>&lt;2</t></r></si>"
    )
    xml = xml.replace("<si><t>ghi chú 2</t></si>", "<si/>")
    office.ingest(with_part(path, "xl/sharedStrings.xml", xml.encode()))
    assert [facts(office, "note", code(n))[0] for n in (1, 2, 3)] == ["một<2", "", "ghi chú 3"]


CELLS = {
    "note": st.text("aâ đ1,;'.()", max_size=12),
    "address": st.sampled_from(["", "Thôn 1", "  hai  khoảng ", "a\nb", "-", "=1+1"]),
    "applicant_name": st.sampled_from(["", "Nguyễn Văn Bịa", "Công ty Ảo & Con"]),
    "resolving_unit": st.sampled_from(["", UNIT, OTHER, "Phòng Bịa Đặt"]),
    "status": st.sampled_from(["", "Đang xử lý", "10", "Chờ sếp về"]),
    "received_at": st.datetimes(when(2024, 1, 1), when(2026, 8, 1)).map(lambda at: at.replace(microsecond=0)),
    "due_at": st.dates(when(2024, 1, 13).date(), when(2026, 9, 1).date())
    | st.none()
    | st.sampled_from(["x", "-"]),
    "finished_at": st.none()
    | st.datetimes(when(2025, 1, 1), when(2027, 1, 1)).map(lambda at: at.replace(microsecond=0)),
}


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_table_says_the_same_as_csv_and_as_workbook(tmp_path_factory, data):
    names = ["dossier_code", *data.draw(st.permutations(sorted(CELLS)))]
    count = data.draw(st.integers(1, 12))
    rows: list[list] = [[HEADINGS[name] for name in names]]
    for number in range(count):
        rows.append([code(number), *(data.draw(CELLS[name]) for name in names[1:])])
    office = Office(tmp_path_factory.mktemp("van-phong")).furnished()
    first = office.ingest(as_csv(rows))
    again = office.ingest(book(office, rows))
    assert (again["read"], again["rejected"]) == (first["read"], first["rejected"])
    assert again["unchanged"] == first["new"]
    told = [[each[key] for key in ("row", "column", "value", "code")] for each in rejections(office)]
    assert told[: first["rejected"]] == told[first["rejected"] :]


def test_a_table_of_another_program_is_read(office: Office):
    """An .ods file, the smallest there is."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell or ""}</text:p></table:table-cell>'
            for cell in cells
        )
        + "</table:table-row>"
        for cells in (LIST, listed(1, "02/03/2026", "16/03/2026"))
    )
    names = "".join(
        f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text")
    )
    content = (
        f"<office:document-content{names}><office:body><office:spreadsheet>"
        f'<table:table table:name="Một">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    path = office.folder / "tep.ods"
    with ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest{MANIFEST}/>")
        archive.writestr("content.xml", content)
    assert office.ingest(path)["new"] == 1
    assert at(office, "source_due_at", code(1)) == "2026-03-16 17:00:00"


def test_typed_is_the_inverse_of_the_csv_form():
    assert typed("02/03/2026 08:30:00") == MORNING
    assert as_csv([[MORNING + timedelta(microseconds=400_000)]]) == "02/03/2026 08:30:00\r\n"


def test_a_workbook_may_have_any_name(office: Office):
    shutil.copyfile(book(office, [LIST, listed(1)]), office.folder / "tep.csv")
    assert office.ingest(office.folder / "tep.csv")["new"] == 1
