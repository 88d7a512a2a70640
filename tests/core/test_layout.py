"""Which column means what: headings as people write them, the header found by score, faults named."""

import tomllib
from importlib.resources import files

import pytest

from tracker.errors import UnusableFile
from tracker.ingest.layout import find_layout
from tracker.text import fold_header

ALIASES = tomllib.loads(files("tracker.data").joinpath("headers.toml").read_text("utf-8"))
PLAIN = ["Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả"]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("MÃ HỒ SƠ", "dossier_code"),
        ("Mã hồ sơ (*)", "dossier_code"),
        ("  mã   hồ\nsơ: ", "dossier_code"),
        ("Ma ho so", "dossier_code"),
        ("dossier_code", "dossier_code"),
        ("MaHoSo", "dossier_code"),
        ("Ngày giờ hẹn trả", "due_at"),
        ("NgayHenTra", "due_at"),
        ("Đơn vị xử lý", "resolving_unit"),
        ("unit_name", "resolving_unit"),
        ("Hình thức nộp", "channel"),
        ("Các lần tạm dừng", "suspensions"),
    ],
)
def test_a_heading_is_known_by_any_of_its_spellings(heading: str, field: str):
    others = [name for name in ("dossier_code", "received_at", "due_at", "note") if name != field]
    layout = find_layout("tep.csv", [[heading, *others]])
    assert layout.columns[field] == 0
    assert layout.unknown == ()


def test_no_heading_belongs_to_two_fields():
    seen: dict[str, str] = {}
    for field, names in ALIASES.items():
        for name in (field, *names):
            assert seen.setdefault(fold_header(name), field) == field, name


def test_the_header_is_found_below_titles_and_above_numbering():
    rows = [["UBND TỈNH"], [], ["DANH SÁCH HỒ SƠ", "", ""], PLAIN, ["(1)", "(2)", "(3)"], ["a", "b", "c"]]
    layout = find_layout("tep.csv", rows)
    assert layout.header_row == 4
    assert layout.columns == {"dossier_code": 0, "received_at": 1, "due_at": 2}


def test_headings_that_nobody_knows_are_named_and_blank_ones_are_not():
    layout = find_layout("tep.csv", [["STT", *PLAIN, "", "Số tờ bản đồ"]])
    assert layout.unknown == ("STT", "Số tờ bản đồ")
    assert layout.heading("due_at") == "Ngày hẹn trả"
    assert layout.heading("finished_at") == "finished_at"


@pytest.mark.parametrize("missing", range(3))
def test_a_needed_column_that_is_missing_is_named_with_the_row_of_the_header(missing: int):
    headings = [name for n, name in enumerate([*PLAIN, "Ghi chú"]) if n != missing]
    with pytest.raises(UnusableFile, match=f"tep.csv.*2.*{PLAIN[missing]}") as caught:
        find_layout("tep.csv", [["DANH SÁCH"], headings])
    assert caught.value.exit_status == 3


def test_all_missing_columns_are_named_together():
    with pytest.raises(UnusableFile, match="Mã hồ sơ, Ngày hẹn trả"):
        find_layout("tep.csv", [["Ngày tiếp nhận", "Ghi chú", "Trạng thái"]])


def test_two_columns_for_one_field_are_refused_and_both_named():
    with pytest.raises(UnusableFile, match="“Ngày hẹn trả” và “Hạn trả”"):
        find_layout("tep.csv", [[*PLAIN, "Hạn trả"]])


@pytest.mark.parametrize("rows", [[], [["a", "b"]], [["Mã hồ sơ", "Ngày hẹn trả"]]])
def test_fewer_than_three_known_headings_are_no_header(rows: list[list[str]]):
    with pytest.raises(UnusableFile, match="tiêu đề"):
        find_layout("tep.csv", rows)
