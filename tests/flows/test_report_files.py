"""`dunghen report`: forms that say what `rates` says, late lists that our own reader reads again, files whole or not at all."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, Office, csv_text, row
from tracker.ingest.layout import find_layout
from tracker.reports.form_page import rate_words
from tracker.synthetic.generate import GenerateResult
from tracker.types import VN

pytestmark = pytest.mark.either_database("about files made of answers that others ask for")

AUGUST = ("--from", "2026-08-01", "--to", "2026-08-31")
AS_OF = ("--as-of", "2026-09-20")
DONE, OPEN = "Đã xử lý xong", "Đang xử lý"
COMMUNE = "UBND phường Tân Lập"
IN_MAY, IN_AUGUST = "04/05/2026 08:00:00", "03/08/2026 08:00:00"
# One dossier of each kind that a column or a note of the form tells of.
KINDS: tuple[dict[str, str], ...] = (
    {"finished_at": "14/08/2026 09:00:00", "status": DONE},
    {"finished_at": "28/08/2026 09:00:00", "status": DONE, "channel": "Trực tuyến"},
    {"finished_at": "31/08/2026 09:00:00", "status": DONE, "late_reason": "Chờ xác minh thực địa"},
    {"finished_at": "31/08/2026 10:00:00", "status": DONE, "received_at": IN_MAY, "resolving_unit": OTHER_PROVINCIAL},
    {"finished_at": "20/08/2026 09:00:00", "status": DONE, "due_at": "", "limit_text": ""},
    {"withdrawn_at": "20/08/2026 09:00:00", "status": "Công dân yêu cầu rút hồ sơ"},
    {"status": OPEN, "due_at": "15/09/2026 17:00:00", "channel": "Bưu chính công ích"},
    {"status": OPEN, "due_at": "14/08/2026 17:00:00", "officer_name": "Trần Thị Bịa", "resolving_unit": COMMUNE},
    {"status": OPEN, "due_at": "", "limit_text": "", "field_name": "Hộ tịch", "resolving_unit": COMMUNE},
    {"status": "Yêu cầu bổ sung giấy tờ", "due_at": "15/09/2026 17:00:00", "suspensions": "20/08/2026 08:00:00/:supplement"},
    {"finished_at": "05/09/2026 09:00:00", "due_at": "04/09/2026 17:00:00", "status": DONE, "field_name": "Hộ tịch", "resolving_unit": "Ban Tên Lạ"},
)  # fmt: skip


def dossiers() -> list[dict[str, str]]:
    usual = {"received_at": IN_AUGUST, "due_at": "28/08/2026 17:00:00"}
    return [row(f"H15.03-260803-{number:04}", **usual | kind) for number, kind in enumerate(KINDS, 1)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that was told of all of them; its tests only ask."""
    office = Office(tmp_path_factory.mktemp("bao-cao")).furnished()
    office.now = datetime(2026, 9, 21, 9, tzinfo=VN)
    assert office.ingest(dossiers())["new"] == len(KINDS)
    return office


def form_rows(path: Path) -> dict[str, list[int]]:
    """The rows of a form by their names, with what stands in columns 3 to 13."""
    sheet = load_workbook(path)["Biểu"]
    at = [str(cell.value) for cell in sheet["A"]].index("(1)")
    found = {}
    for cells in sheet.iter_rows(min_row=at + 2, max_col=13, values_only=True):
        if isinstance(cells[2], int):
            found.setdefault(str(cells[1]), list(cells[2:]))
    return found


def of_rates(rows: list[Mapping[str, Any]]) -> list[int]:
    """Columns 3 to 13 from the answer of `rates` by channel."""

    def add(*names: str) -> int:
        return sum(each[name] for each in rows for name in names)

    online = sum(each["received"] for each in rows if each["channel"] == "online")
    ended = [add("early"), add("on_time", "withdrawn", "no_due"), add("late")]
    received = [online, add("received") - online, add("carried_over")]
    return [
        sum(received),
        *received,
        sum(ended),
        *ended,
        add("open"),
        add("open") - add("open_late"),
        add("open_late"),
    ]


def report(office: Office, key: str, name: str, *more: str) -> Path:
    path = office.folder / name
    answer = office.ask("report", key, *AUGUST, *AS_OF, *more, "--out", path)
    assert answer["file"] == str(path)
    assert answer["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    return path


# ---------------------------------------------------------------- the forms


def test_form_a_by_field_says_what_rates_say_and_so_does_its_total(told: Office):
    rows = form_rows(report(told, "II.06a", "a.xlsx"))
    rates = told.ask("rates", *AUGUST, *AS_OF, "--by", "level,field,channel")["rows"]
    assert rows["Tổng cộng"] == of_rates(rates)
    assert rows["Cấp tỉnh"] == of_rates([each for each in rates if each["level"] == "province"])
    assert rows["Cấp xã"] == of_rates([each for each in rates if each["level"] == "commune"])
    assert rows["Chưa rõ cấp"] == of_rates([each for each in rates if each["level"] == "unknown"])
    assert rows["Tổng cộng"] == [11, 1, 9, 1, 6, 1, 3, 2, 5, 4, 1]


@pytest.mark.parametrize("basis", ["source", "promised", "documented"])
def test_on_each_basis_the_form_says_what_rates_say(told: Office, basis: str):
    rows = form_rows(report(told, "II.06a", f"{basis}.xlsx", "--basis", basis))
    rates = told.ask("rates", *AUGUST, *AS_OF, "--by", "channel", "--basis", basis)["rows"]
    assert rows["Tổng cộng"] == of_rates(rates)


def test_form_b_has_a_row_for_every_unit_in_its_block(told: Office):
    rows = form_rows(report(told, "II.06b", "b.xlsx"))
    rates = told.ask("rates", *AUGUST, *AS_OF, "--by", "unit,channel")["rows"]
    for unit in {each["unit"] for each in rates}:
        assert rows[unit] == of_rates([each for each in rates if each["unit"] == unit])
    blocks = [name for name in rows if name not in {each["unit"] for each in rates}]
    assert blocks == ["Sở ban ngành", "Xã, phường, thị trấn", "Chưa rõ cấp", "Tổng cộng"]


def test_the_form_of_one_unit_holds_its_dossiers_alone(told: Office):
    path = report(told, "II.06a", "unit.xlsx", "--unit", PROVINCIAL)
    rates = told.ask("rates", *AUGUST, *AS_OF, "--by", "unit,channel")["rows"]
    assert form_rows(path)["Tổng cộng"] == of_rates([each for each in rates if each["unit"] == PROVINCIAL])
    assert f"- Đơn vị báo cáo: {PROVINCIAL}" in texts(path)


def texts(path: Path) -> list[str]:
    return [str(cell) for cells in load_workbook(path)["Biểu"].values for cell in cells if cell is not None]


def test_notes_say_how_many_stand_in_a_column_that_is_not_called_after_them(told: Office):
    told_texts = texts(report(told, "II.06a", "notes.xlsx"))
    assert any(text.startswith("Cân đối: đúng ở mọi dòng – (3) = (4)+(5)+(6)") for text in told_texts)
    assert (
        "1. Cột (9) gồm cả 1 hồ sơ công dân đã rút; 1 hồ sơ đã giải quyết không có ngày hẹn trả."
        in told_texts
    )
    assert (
        "2. Cột (12) gồm cả 1 hồ sơ đang tạm dừng; 1 hồ sơ đang giải quyết không có ngày hẹn trả."
        in told_texts
    )
    assert any("chưa đối chiếu văn bản" in text for text in told_texts)


def test_our_own_rates_stand_beside_with_their_fractions(told: Office):
    sheet = load_workbook(report(told, "II.06a", "own.xlsx"))["Theo tỷ lệ"]
    (total,) = [cells for cells in sheet.values if cells[1] == "Tổng cộng"]
    assert total[2:] == (1, 10, 4, 1, 1, 2, "50,00 % (2/4)", 1, 1, 5, 2, 1, 1, 1)
    (empty,) = [cells for cells in sheet.values if cells[1] == "Chưa rõ cấp"]
    assert empty[8] == "chưa có"


def test_our_own_reader_takes_the_form_for_a_report_of_that_period(told: Office, tmp_path: Path):
    path = report(told, "II.06a", "doi-chieu.xlsx")
    office = Office(tmp_path).like(told)
    office.now = told.now
    (taken,) = office.ask("reconcile", "import", "--source", "main", path)["reports"]
    assert (taken["form"], taken["from"], taken["to"]) == ("e", "2026-08-01", "2026-08-31")
    assert taken["faults"] == []
    rows = office.ask("reconcile", "compare", "--source", "main", *AS_OF)["rows"]
    ours = [each for each in rows if each["name"] not in ("Cấp tỉnh", "Cấp xã", "Chưa rõ cấp")]
    assert sorted(each["name"] for each in ours) == ["Hộ tịch", "Tổng cộng", "Đất đai"]
    assert {cell["difference"] for each in ours for cell in each["figures"].values()} == {0}


def test_the_founding_year_stands_in_the_form_as_in_its_files(office: Office, daklak: GenerateResult):
    office.ingest(*(path for path in daklak.files if "province" in path.name))
    path = office.folder / "2022.xlsx"
    year = ("--from", "2022-01-01", "--to", "2022-12-31")
    answer = office.ask("report", "II.06a", *year, "--out", path)
    rows = form_rows(path)
    land = rows["Đất đai"]
    assert (land[4], land[7], rows["Tổng cộng"][4], rows["Tổng cộng"][7]) == (3588, 469, 4200, 470)
    assert answer["rows"] == len(rows) - 2  # the block and the total are no rows
    office.ask("report", "phu-luc-1", *year, "--out", path)
    assert sum(isinstance(cells[0], int) for cells in load_workbook(path).active.values) == 470


# ---------------------------------------------------------------- the late lists


@pytest.mark.parametrize(
    ("key", "layout", "codes", "columns"),
    [
        (
            "phu-luc-1",
            "b",
            ("H15.03-260803-0003", "H15.03-260803-0004"),
            "received_at, source_due_at, finished_at",
        ),
        ("phu-luc-2", "c", ("H15.03-260803-0008",), "received_at, source_due_at, officer_name"),
    ],
)
def test_our_own_reader_knows_the_layout_and_reads_the_same_dossiers(
    told: Office, tmp_path: Path, key: str, layout: str, codes: tuple[str, ...], columns: str
):
    path = report(told, key, f"{key}.xlsx")
    office = Office(tmp_path).furnished()
    office.now = told.now
    answer = office.ask("ingest", path)
    assert (answer["read"], answer["new"], answer["rejected"]) == (len(codes), len(codes), 0)
    query = f"SELECT code, {columns} FROM dossier WHERE code IN ({', '.join('?' * len(codes))}) ORDER BY code"
    assert days(office.query(query, *codes)) == days(told.query(query, *codes))
    names = "SELECT d.code, u.name FROM dossier d JOIN unit u ON u.id = d.resolving_unit_id ORDER BY d.code"
    assert office.query(names) == [pair for pair in told.query(names) if pair[0] in codes]
    rows = [[str(cell or "") for cell in cells] for cells in load_workbook(path).active.values]
    assert find_layout(path.name, rows).kind == layout


def days(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Instants as local days: the layout has no times."""
    return [
        [f"{datetime.fromtimestamp(cell, VN):%Y-%m-%d}" if isinstance(cell, int) else cell for cell in cells]
        for cells in rows
    ]


def test_units_stand_in_rows_of_their_own_and_numbering_begins_anew(told: Office):
    sheet = load_workbook(report(told, "phu-luc-1", "nhom.xlsx")).active
    rows = [cells[:2] for cells in sheet.iter_rows(min_row=7, max_row=10, values_only=True)]
    assert rows == [
        (PROVINCIAL, None), (1, "H15.03-260803-0003"), (OTHER_PROVINCIAL, None), (1, "H15.03-260803-0004")
    ]  # fmt: skip
    assert "A7:G7" in {str(merged) for merged in sheet.merged_cells.ranges}


def test_masked_lists_hide_reasons_and_names(told: Office):
    open_text = report(told, "late-list", "ro.csv").read_text("utf-8-sig")
    masked = report(told, "late-list", "che.csv", "--mask").read_text("utf-8-sig")
    assert "Nguyễn Văn Bịa" in open_text
    assert "Chờ xác minh thực địa" in open_text
    assert "Nguyễn Văn Bịa" not in masked
    assert "Chờ xác minh thực địa" not in masked
    assert len(masked.splitlines()) == len(open_text.splitlines()) == 4


def test_the_intake_report_counts_every_result_by_channel_beside_its_list(told: Office):
    book = load_workbook(report(told, "intake", "tiep-nhan.xlsx"))
    assert book.sheetnames == ["Theo kênh nộp", "Danh sách"]
    counts = told.ask("intake", *AUGUST, *AS_OF)
    *_, total = list(book["Theo kênh nộp"].values)
    assert total[:2] == ("Tổng cộng", sum(each["total"] for each in counts["by_channel"]))
    numerator, denominator = (
        sum(each[name] for each in counts["by_channel"]) for name in ("numerator", "denominator")
    )
    assert total[-1] == rate_words(numerator, denominator)


# ---------------------------------------------------------------- the command


def test_a_report_repeated_with_its_moments_is_the_same_file_after_later_imports(
    tmp_path: Path, told: Office
):
    office = Office(tmp_path).like(told)
    office.now = told.now
    moments = ("--known", "2026-09-21T09:00")
    before = {
        key: report(office, key, f"{key}.xlsx", *moments).read_bytes() for key in ("II.06a", "phu-luc-1")
    }
    office.now = datetime(2026, 10, 5, 9, tzinfo=VN)
    changed = {**dossiers()[2], "finished_at": "27/08/2026 09:00:00"}
    office.ingest([changed])
    for key, content in before.items():
        assert report(office, key, f"{key}-2.xlsx", *moments).read_bytes() == content
    assert report(office, "II.06a", "moi.xlsx").read_bytes() != before["II.06a"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("late-list", *AUGUST, "--out", "x.docx"), 2, "chỉ ghi được tệp .xlsx, .csv"),
        (("khong-co", *AUGUST, "--out", "x.xlsx"), 2, "không có báo cáo 'khong-co'"),
        (("late-list", "--from", "2026-09-01", "--to", "2026-08-01", "--out", "x.csv"), 2, "sau đến ngày"),
        (("II.06a", *AUGUST, "--unit", "Sở Không Có", "--out", "x.xlsx"), 2, "không có đơn vị"),
        (("II.06a", *AUGUST, "--edition", "khac", "--out", "x.xlsx"), 2, "không có phiên bản"),
        (("II.06a", *AUGUST, "--known", "2020-01-01", "--out", "x.xlsx"), 2, "chưa có dữ liệu"),
        (("late-list", *AUGUST, "--out", "khong-co/x.csv"), 3, "Không ghi được tệp"),
        (("late-list", "--from", "2026-08-01"), 2, "cần KEY"),
    ],
)
def test_what_cannot_be_made_is_told_and_leaves_nothing_behind(
    told: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple, status: int, said: str
):
    monkeypatch.chdir(tmp_path)
    answer = told.run("report", *arguments)
    assert (answer.status, said in answer.err) == (status, True), answer.err
    assert list(tmp_path.iterdir()) == []


def test_each_report_is_in_the_log_with_its_filters_and_hash_and_no_names(told: Office):
    path = report(told, "late-list", "nhat-ky.csv")
    ((subject, detail),) = told.query("SELECT subject, detail FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert subject == "report:late-list"
    assert hashlib.sha256(path.read_bytes()).hexdigest() in detail
    assert "Bịa" not in detail


def test_the_list_of_reports_names_each_with_the_files_it_can_be(told: Office):
    listed = {each["key"]: each for each in told.ask("report", "--list")["reports"]}
    assert listed["II.06a"]["endings"] == [".xlsx", ".docx"]
    assert {"II.06b", "late-list", "phu-luc-1", "phu-luc-2", "intake"} <= listed.keys()


def test_a_csv_of_any_report_keeps_texts_texts(office: Office):
    office.now = datetime(2026, 9, 21, 9, tzinfo=VN)
    formula = {**dossiers()[2], "late_reason": "=1+1"}
    office.ingest(csv_text([formula]))
    assert "'=1+1" in report(office, "late-list", "cong-thuc.csv").read_text("utf-8-sig")
    sheet = load_workbook(report(office, "phu-luc-1", "cong-thuc.xlsx")).active
    assert [cell.value for cell in sheet[8]][-1] == "=1+1"
    assert sheet[8][-1].data_type == "s"
