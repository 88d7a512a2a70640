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
    assert layout.unknown == ("Số tờ bản đồ",)  # row numbers are known for what they are
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


# ---------------------------------------------------------------- headers over several rows, better and weaker columns


def test_a_header_over_two_rows_is_read_column_by_column():
    upper = ["STT", "Mã hồ sơ", "Ngày, tháng, năm", "", "Trả kết quả", "", "Ghi chú"]
    lower = ["", "", "Nhận hồ sơ", "Hẹn trả kết quả", "Ngày nhận kết quả", "Bên giao"]
    layout = find_layout("tep.csv", [["SỔ THEO DÕI"], upper, lower, ["1", "x"]])
    assert layout.header_row == 3
    assert layout.columns == {"dossier_code": 1, "received_at": 2, "due_at": 3, "returned_at": 4, "note": 6}
    assert layout.unknown == ("Bên giao",)


def test_a_header_over_three_rows_may_need_the_headings_above():
    rows = [["Hồ sơ", "", "Ngày", ""], ["Mã hồ sơ", "", "", ""], ["", "Ghi chú", "Tiếp nhận", "Hẹn trả"]]
    layout = find_layout("tep.csv", rows)
    assert (layout.header_row, layout.columns["received_at"], layout.columns["due_at"]) == (3, 2, 3)
    assert layout.headings[2:] == ("Ngày Tiếp nhận", "Hẹn trả")


def test_rows_around_a_header_of_one_row_are_no_part_of_it():
    for below in ([], [""] * 3, ["Sở Bịa"], ["(1)", "(2)", "(3)"]):
        assert find_layout("tep.csv", [["DANH SÁCH", "", "2026"], PLAIN, below]).header_row == 2


@pytest.mark.parametrize("headings", [["Số biên nhận", *PLAIN], [*PLAIN, "Số biên nhận"]])
def test_a_receipt_number_is_the_code_only_where_there_is_none(headings: list[str]):
    layout = find_layout("tep.csv", [headings])
    assert layout.heading("dossier_code") == "Mã hồ sơ"
    assert layout.unknown == ("Số biên nhận",)
    assert layout.weak == frozenset()
    alone = find_layout("tep.csv", [["Số biên nhận", *PLAIN[1:]]])
    assert alone.columns["dossier_code"] == 0
    assert alone.weak == {"dossier_code"}


def test_two_weak_columns_for_one_field_are_refused_as_well():
    with pytest.raises(UnusableFile, match="“Ngày ký” và “Ngày ký hồ sơ”"):
        find_layout("tep.csv", [[*PLAIN, "Ngày ký", "Ngày ký hồ sơ"]])


def test_what_a_source_counted_itself_is_recognised_and_not_taken():
    layout = find_layout("tep.csv", [[*PLAIN, "Quá hạn (ngày)", "Trễ hạn"]])
    assert "days_late" not in layout.columns
    assert layout.unknown == ()


def test_groups_and_titles_give_a_list_without_units_one_column_more():
    group, below = ["UBND xã Ea Bịa", "", ""], ["H15-1", "01/03/2026", "02/03/2026"]
    for rows in ([["Đơn vị: Sở Bịa"], PLAIN, below], [PLAIN, ["(1)", "(2)", "(3)"], group, below]):
        layout = find_layout("tep.csv", rows)
        assert layout.has_group_units
        assert (layout.width, layout.columns["resolving_unit"]) == (3, 3)
    for rows in (
        [PLAIN, below],
        [PLAIN, ["Lĩnh vực: Đất đai", "", ""], below],
        [[*PLAIN, "Đơn vị"], [*group, ""]],
    ):
        assert not find_layout("tep.csv", rows).has_group_units
