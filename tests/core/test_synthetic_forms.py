"""The forms of made-up dossiers: Excel and the portal's JSON hold the dossiers of the CSV, cell by cell."""

import csv
import json
import re
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from app.commands.generate_command import generate_command
from app.context import AppContext
from tracker.errors import UsageError
from tracker.synthetic.cells import HEADERS
from tracker.synthetic.generate import GenerateResult, generate
from tracker.synthetic.stress import make_stress
from tracker.synthetic.workbook_writer import FullLayout, WorkbookWriter

AS_OF = date(2026, 11, 20)
SIZES = {"daklak-2022": 1500, "today": 700, "stress": 500}
IDENTITY = re.compile(r"(?<!\d)(\d{9}|\d{12})(?!\d)")
STATUSES = (
    "Mới đăng ký",
    "Được tiếp nhận",
    "Không được tiếp nhận",
    "Đang xử lý",
    "Yêu cầu bổ sung giấy tờ",
    "Yêu cầu thực hiện nghĩa vụ tài chính",
    "Công dân yêu cầu rút hồ sơ",
    "Dừng xử lý",
    "Đã xử lý xong",
    "Đã trả kết quả",
)
CHANNELS = ("Trực tiếp", "Trực tuyến", "Bưu chính công ích")
APPLICANTS = ("Công dân", "Doanh nghiệp", "Cơ quan nhà nước", "Tổ chức")
# Field of the portal -> heading of the CSV; dates apart.
SAME = {
    "MaHoSo": "Mã hồ sơ",
    "MaTTHC": "Mã TTHC",
    "TenTTHC": "Tên thủ tục",
    "TenLinhVuc": "Lĩnh vực",
    "DonViXuLy": "Cơ quan giải quyết",
    "ChuHoSo": "Chủ hồ sơ",
    "SoDienThoai": "Số điện thoại",
    "ThongTinKhac": "Lý do trễ hạn",
    "GhiChu": "Ghi chú",
}
DATES = {
    "NgayNopHoSo": "Ngày nộp",
    "NgayTiepNhan": "Ngày tiếp nhận",
    "NgayHenTra": "Ngày hẹn trả",
    "NgayTra": "Ngày trả kết quả",
    "NgayTuChoi": "Ngày từ chối",
}
REGISTER = [
    "STT",
    "Mã hồ sơ",
    "Nội dung hồ sơ",
    "Số lượng (bộ)",
    "Họ tên chủ hồ sơ",
    "Địa chỉ chủ hồ sơ",
    "Số điện thoại",
    "Nhận hồ sơ",
    "Hẹn trả kết quả",
    "Ngày nhận kết quả",
    "Bên giao",
    "Bên nhận",
    "Người nhận hồ sơ",
    "Địa bàn phát sinh hồ sơ",
    "Ghi chú",
]

Row = dict[str, str]


class Made:
    """One preset in every form, each made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results: dict[tuple[str, ...], GenerateResult] = {}

    def result(self, preset: str, *options: str) -> GenerateResult:
        key = (preset, *options)
        if key not in self.results:
            names = ("kind", "layout") if options[:1] == ("xlsx",) else ("kind", "wire")
            form: Any = dict(zip(names, options, strict=False))
            out = self.folder / "-".join(key)
            self.results[key] = generate(preset, out, rows=SIZES[preset], seed=3, as_of=AS_OF, **form)
        return self.results[key]

    def rows(self, preset: str) -> list[Row]:
        return [row for path in self.result(preset).files for row in read_csv(path)]

    def dossiers(self, preset: str, wire: str = "A") -> list[dict[str, Any]]:
        files = self.result(preset, "dvcqg", wire).files
        return [each for path in files if path.stem.endswith("ho-so") for each in objects(path, wire)]

    def events(self, preset: str, wire: str = "A") -> list[dict[str, str]]:
        files = self.result(preset, "dvcqg", wire).files
        return [each for path in files if path.stem.endswith("tien-do") for each in objects(path, wire)]

    def sheets(self, preset: str, layout: str) -> list[list[list[Any]]]:
        return [grid(path) for path in self.result(preset, "xlsx", layout).files]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("forms"))


def read_csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def objects(path: Path, wire: str) -> list[Any]:
    text = path.read_text("utf-8")
    if wire == "D":
        return [json.loads(line)["data"] for line in text.splitlines()]
    document = json.loads(text)
    return document["data"] if wire == "A" else document


def grid(path: Path) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def shown(cell: Any) -> str:
    return f"{cell:%d/%m/%Y %H:%M:%S}" if isinstance(cell, datetime) else str(cell)


def wired(text: str) -> str:
    return f"{datetime.strptime(text, '%d/%m/%Y %H:%M:%S'):%Y%m%d%H%M%S}" if text else ""  # noqa: DTZ007


def day(text: str) -> date | None:
    return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").date() if text else None  # noqa: DTZ007


def is_late(row: Row) -> bool:
    finished, due = day(row["Ngày kết thúc xử lý"]), day(row["Ngày hẹn trả"])
    return bool(finished and due and finished > due)


def is_overdue(row: Row) -> bool:
    ended = row["Ngày kết thúc xử lý"] or row["Ngày rút"] or row["Ngày từ chối"]
    due = day(row["Ngày hẹn trả"])
    return bool(due and due < AS_OF and not ended and not row["Tạm dừng"].endswith("-"))


@pytest.mark.parametrize("preset", SIZES)
def test_a_workbook_holds_every_cell_of_the_csv(preset: str, made: Made) -> None:
    result, expected = made.result(preset, "xlsx"), made.result(preset)
    assert [path.name for path in result.files] == [f"{path.stem}.xlsx" for path in expected.files]
    assert (result.rows, result.counts) == (expected.rows, expected.counts)
    for path, other in zip(result.files, expected.files, strict=True):
        title, period, headings, *rows = grid(path)
        assert title[0].startswith("DANH SÁCH HỒ SƠ")
        assert re.match(r"Từ ngày \d\d/\d\d/\d{4} đến ngày \d\d/\d\d/\d{4}$", period[0])
        assert tuple(headings) == HEADERS
        assert [[shown(cell) for cell in row] for row in rows] == [[*row.values()] for row in read_csv(other)]


def test_dates_of_a_workbook_are_dates_and_codes_and_telephones_text(made: Made) -> None:
    path = made.result("today", "xlsx").files[0]
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    row = {name: cell for name, cell in zip(HEADERS, sheet[40], strict=True) if cell.value is not None}
    assert row["Ngày nộp"].is_date
    assert row["Ngày nộp"].number_format == "dd/mm/yyyy hh:mm:ss"
    for name in ("Mã hồ sơ", "Mã TTHC", "Số điện thoại"):
        assert row[name].data_type in ("s", "inlineStr")
    assert sheet.freeze_panes == "B4"


@pytest.mark.parametrize("preset", SIZES)
def test_the_portal_gets_every_dossier_as_the_csv_has_it(preset: str, made: Made) -> None:
    rows, dossiers = made.rows(preset), made.dossiers(preset)
    assert len(rows) == len(dossiers) == made.result(preset, "dvcqg", "A").rows
    for row, sent in zip(rows, dossiers, strict=True):
        assert {name: sent[name] for name in SAME} == {name: row[heading] for name, heading in SAME.items()}
        assert {name: sent[name] for name in DATES} == {name: wired(row[DATES[name]]) for name in DATES}
        assert sent["NgayKetThucXuLy"] == wired(row["Ngày kết thúc xử lý"] or row["Ngày rút"])
        assert sent["TrangThaiHoSo"] == str(STATUSES.index(row["Trạng thái"]) + 1)
        assert sent["KenhThucHien"] == str(CHANNELS.index(row["Kênh tiếp nhận"]) + 1)
        assert sent["LoaiDoiTuong"] == str(APPLICANTS.index(row["Loại đối tượng"]) + 1)
        assert (sent["TrangThaiHoSo"] == "7") is bool(row["Ngày rút"])
        assert sent["Fax"] == sent["SoGiayToChuHoSo"] == ""
        assert sent["DinhDanhCHS"] == sent["TaiLieuNop"] == []


@pytest.mark.parametrize("preset", SIZES)
def test_a_moved_due_date_stands_in_one_round_with_the_supplement_there_was(preset: str, made: Made) -> None:
    for row, sent in zip(made.rows(preset), made.dossiers(preset), strict=True):
        first, due = row["Ngày hẹn trả ban đầu"], row["Ngày hẹn trả"]
        moved = bool(first and due and first != due)
        assert len(sent["DanhSachHoSoBoSung"]) == moved
        for step in sent["DanhSachHoSoBoSung"]:
            found = re.search(r"Bổ sung hồ sơ: (\S+ \S+) - (\S+ \S+?)(;|$)", row["Tạm dừng"])
            asked, came = (wired(found[1]), wired(found[2])) if found else ("", "")
            assert (step["NgayHenTraTruoc"], step["NgayHenTraMoi"]) == (wired(first), wired(due))
            assert (step["NgayBoSung"], step["NgayTiepNhanBoSung"]) == (asked, came)
            assert step["TrangThaiBoSung"] is bool(came)


@pytest.mark.parametrize("preset", SIZES)
def test_the_events_tell_what_the_csv_tells_of_suspensions_withdrawals_and_refusals(
    preset: str, made: Made
) -> None:
    told = defaultdict(list)
    for event in made.events(preset):
        told[event["MaHoSo"]].append((event["ThoiDiemXuLy"], event["TrangThai"]))
    expected = {row["Mã hồ sơ"]: expected_events(row) for row in made.rows(preset)}
    assert dict(told) == {code: events for code, events in expected.items() if events}
    assert sum(map(len, told.values())) == made.result(preset, "dvcqg", "A").events
    assert all(events == sorted(events) for events in told.values())


def expected_events(row: Row) -> list[tuple[str, str]]:
    if not (row["Tạm dừng"] or row["Ngày rút"] or row["Ngày từ chối"]):
        return []
    events = [(row["Ngày tiếp nhận"], "2")]
    for item in filter(None, row["Tạm dừng"].split("; ")):
        kind, span = item.split(": ", 1)
        start, _, end = span.partition(" -")
        events += [
            (start, {"Bổ sung hồ sơ": "5", "Nghĩa vụ tài chính": "6"}.get(kind, "8")),
            (end.strip(), "4"),
        ]
    if row["Ngày rút"]:
        events.append((row["Ngày rút"], "7"))
    elif row["Ngày kết thúc xử lý"]:
        events.append((row["Ngày kết thúc xử lý"], "9"))
    else:
        events.append((row["Ngày từ chối"], "3"))
    return [(wired(at), status) for at, status in events if at]


def test_a_refusal_after_acceptance_is_said_in_words(made: Made) -> None:
    refused = {
        row["Mã hồ sơ"] for row in made.rows("daklak-2022") if row["Ngày từ chối"] and row["Ngày tiếp nhận"]
    }
    said = {
        each["MaHoSo"] for each in made.events("daklak-2022") if each["NoiDungXuLy"] == "Từ chối giải quyết"
    }
    assert said == refused
    assert refused


@pytest.mark.parametrize("preset", SIZES)
def test_as_many_are_late_in_every_form(preset: str, made: Made) -> None:
    late = sum(map(is_late, made.rows(preset)))
    sent = [each for each in made.dossiers(preset) if each["NgayHenTra"] and each["TrangThaiHoSo"] != "7"]
    assert sum(each["NgayKetThucXuLy"][:8] > each["NgayHenTra"][:8] for each in sent) == late > 0
    assert made.result(preset, "xlsx", "phu-luc-1").rows == late


def test_the_envelope_is_that_of_the_portal(made: Made) -> None:
    files = made.result("daklak-2022", "dvcqg", "A").files
    assert [path.name for path in files[:2]] == [
        "daklak-2022-province-ho-so.json",
        "daklak-2022-province-tien-do.json",
    ]
    first, second = (json.loads(path.read_text("utf-8")) for path in files[:2])
    assert list(first) == ["session", "madonvi", "service", "isUpdating", "data"]
    assert (first["service"], first["isUpdating"]) == ("DongBoHoSoMC", "False")
    assert list(second) == ["session", "madonvi", "service", "data"]
    assert second["service"] == "CapNhatTienDoHoSoMC"


@pytest.mark.parametrize("wire", ["B", "C", "D"])
def test_every_wire_variant_carries_the_same_objects(wire: str, made: Made) -> None:
    assert made.dossiers("today", wire) == made.dossiers("today")
    assert made.events("today", wire) == made.events("today")


def test_an_object_a_line_says_its_service(made: Made) -> None:
    first, second, *_ = made.result("today", "dvcqg", "D").files
    lines = [json.loads(line) for line in first.read_text("utf-8").splitlines()]
    assert {(line["service"], line["isUpdating"]) for line in lines} == {("DongBoHoSoMC", "False")}
    assert {json.loads(line)["service"] for line in second.read_text("utf-8").splitlines()} == {
        "CapNhatTienDoHoSoMC"
    }


def test_the_register_has_two_rows_of_headings_and_dates_as_text(made: Made) -> None:
    path = made.result("today", "xlsx", "so-theo-doi").files[0]
    agency, title, period, status, upper, lower, *rows = grid(path)
    assert (agency[0], status[0]) == ("UBND TỈNH ĐẮK LẮK", "Trạng thái hồ sơ: Tất cả")
    assert title[0].startswith("SỔ THEO DÕI TÌNH HÌNH TIẾP NHẬN")
    assert period[0] == "Từ ngày 01/07/2025 đến ngày 19/11/2026"
    assert [below or above for above, below in zip(upper, lower, strict=True)] == REGISTER
    assert (upper[7], upper[9]) == ("Ngày, tháng, năm", "Trả kết quả")
    merged = {str(each) for each in openpyxl.load_workbook(path).worksheets[0].merged_cells.ranges}
    assert {"A5:A6", "B5:B6", "H5:I5", "J5:L5", "M5:M6", "O5:O6"} <= merged
    for number, (cells, row) in enumerate(zip(rows, read_csv(made.result("today").files[0]), strict=True), 1):
        found = dict(zip(REGISTER, cells, strict=True))
        assert (found["STT"], found["Số lượng (bộ)"]) == (number, 1)
        assert found["Mã hồ sơ"] == row["Mã hồ sơ"]
        assert found["Nội dung hồ sơ"] == row["Tên thủ tục"]
        assert found["Nhận hồ sơ"] == row["Ngày tiếp nhận"]
        assert found["Hẹn trả kết quả"] == row["Ngày hẹn trả"]
        assert found["Ngày nhận kết quả"] == row["Ngày trả kết quả"]
        assert found["Địa bàn phát sinh hồ sơ"] in row["Địa chỉ"]
        assert bool(found["Bên nhận"]) is bool(row["Ngày trả kết quả"])


@pytest.mark.parametrize(
    ("layout", "listed", "fifth"),
    [("phu-luc-1", is_late, "Ngày có kết quả"), ("phu-luc-2", is_overdue, "Đơn vị giải quyết")],
)
def test_an_annex_lists_its_dossiers_by_unit(layout: str, listed: Any, fifth: str, made: Made) -> None:
    for path, other in zip(
        made.result("today", "xlsx", layout).files, made.result("today").files, strict=True
    ):
        expected = {row["Mã hồ sơ"]: row for row in read_csv(other) if listed(row)}
        rows = grid(path)
        assert rows[0][0] == {"phu-luc-1": "PHỤ LỤC I", "phu-luc-2": "PHỤ LỤC II"}[layout]
        assert rows[4][:4] == ["STT", "Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả"]
        assert (rows[4][4], rows[4][6], len(rows[4])) == (fifth, "Ghi chú", 7)
        assert "NGƯỜI LẬP BIỂU" in [cell for row in rows[-2:] for cell in row]
        merged = {str(each) for each in openpyxl.load_workbook(path).worksheets[0].merged_cells.ranges}
        unit, number, found = "", 0, []
        for line, cells in enumerate(rows[5:-3], 6):
            if not cells[1]:
                unit, number = cells[0], 0
                assert f"A{line}:G{line}" in merged
                continue
            number += 1
            row = expected[cells[1]]
            assert (cells[0], row["Cơ quan giải quyết"]) == (number, unit)
            assert cells[2:4] == [row["Ngày tiếp nhận"][:10], row["Ngày hẹn trả"][:10]]
            found.append(cells[1])
        assert sorted(found) == sorted(expected)
        assert found


def test_an_annex_without_dossiers_has_its_head_and_footer(made: Made) -> None:
    path = made.result("daklak-2022", "xlsx", "phu-luc-2").files[0]
    rows = grid(path)
    assert rows[4][0] == "STT"
    assert len(rows) == 8


def test_a_full_sheet_is_continued_on_the_next_one(tmp_path: Path) -> None:
    export = make_stress(5, 250, AS_OF)
    writer = WorkbookWriter(FullLayout(export.pools, export.period), AS_OF, sheet_rows=103)
    for stem, batches in export.parts:
        assert writer.write(tmp_path / stem, batches).rows == 250
    book = CalamineWorkbook.from_path(tmp_path / "stress.xlsx")
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert [len(rows) for rows in sheets] == [103, 103, 53]
    assert {tuple(rows[2]) for rows in sheets} == {HEADERS}


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "dvcqg"},
        {"kind": "xlsx"},
        {"kind": "xlsx", "layout": "so-theo-doi"},
        {"kind": "xlsx", "layout": "phu-luc-1"},
    ],
    ids=str,
)
def test_the_same_seed_gives_the_same_bytes_in_every_form(form: Any, tmp_path: Path) -> None:
    one, two, other = (
        [
            path.read_bytes()
            for path in generate("today", tmp_path / name, rows=400, seed=seed, as_of=AS_OF, **form).files
        ]
        for name, seed in (("one", 8), ("two", 8), ("other", 9))
    )
    assert one == two
    assert one != other
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("preset", SIZES)
def test_no_form_holds_a_number_like_an_identity_number(preset: str, made: Made) -> None:
    texts = [path.read_text("utf-8") for path in made.result(preset, "dvcqg", "A").files]
    for layout in ("day-du", "so-theo-doi", "phu-luc-1", "phu-luc-2"):
        texts += [shown(cell) for sheet in made.sheets(preset, layout) for row in sheet for cell in row]
    assert [found[0] for text in texts if (found := IDENTITY.search(text))] == []


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "pdf"},
        {"kind": "csv", "layout": "day-du"},
        {"kind": "dvcqg", "layout": "phu-luc-1"},
        {"kind": "xlsx", "wire": "A"},
        {"kind": "csv", "wire": "B"},
        {"kind": "xlsx", "layout": "phu-luc-3"},
        {"kind": "dvcqg", "wire": "E"},
    ],
    ids=str,
)
def test_options_that_do_not_go_together_are_wrong_use(form: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        generate("stress", tmp_path / "out", rows=5, seed=1, as_of=AS_OF, **form)
    assert not list(tmp_path.iterdir())


def run(tmp_path: Path, *options: str) -> Any:
    arguments = [
        "--preset",
        "stress",
        "--rows",
        "60",
        "--out",
        str(tmp_path),
        "--as-of",
        "2026-11-20",
        *options,
    ]
    return CliRunner().invoke(generate_command, arguments, obj=AppContext(Path("config.toml")))


def test_the_command_answers_the_number_of_events_of_the_portal_alone(tmp_path: Path) -> None:
    answer = json.loads(run(tmp_path, "--format", "dvcqg", "--wire", "D", "--json").output)
    names = ["stress-ho-so.json", "stress-tien-do.json"]
    assert answer["files"] == [str(tmp_path / name) for name in names]
    assert answer["rows"] == 60
    assert answer["events"] == len((tmp_path / names[1]).read_text("utf-8").splitlines())
    others = json.loads(run(tmp_path, "--format", "xlsx", "--layout", "phu-luc-1", "--json").output)
    assert set(others) == {"files", "rows"}


def test_the_command_refuses_an_option_of_another_form(tmp_path: Path) -> None:
    ran = run(tmp_path, "--wire", "A")
    assert isinstance(ran.exception, UsageError)
    assert not list(tmp_path.iterdir())
