"""Rows that are no dossiers, and which of them name a unit."""

import pytest

from tracker.ingest.sections import group_unit, skip_kind, titled_unit

UNIT = "UBND xã Ea Bịa"


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (["", " ", ""], "blank"),
        (["(1)", "(2)", "(3)", "4"], "numbering"),
        (["Tổng cộng", "", "12", ""], "total"),
        (["", "CỘNG", "", ""], "total"),
        (["", "Cộng UBND xã Ea Bịa: 3 hồ sơ", "", ""], "total"),
        (["Công an tỉnh Bịa", "", "", ""], "group"),
        (["", "Tổng cục Bịa", "", ""], "group"),
        (["Công ty Bịa", "", "", ""], "group"),
        (["A", "B", "1", "2"], "numbering"),
        (["(1)", "(2)", "(3)=(4)+(5)", "(4)"], "numbering"),
        (["A", "B", "C", "D"], None),
        ([UNIT, "", "", ""], "group"),
        (["I", UNIT, "", ""], "group"),
        (["", UNIT, "", ""], "group"),
        (["", "UBND Phường 5", "", ""], "group"),
        ([UNIT, "", UNIT, UNIT], "group"),
        (["", "", "", "NGƯỜI LẬP BIỂU"], "footer"),
        (["NGƯỜI LẬP BIỂU", "", "THỦ TRƯỞNG ĐƠN VỊ", ""], "footer"),
        (["", "", "Đắk Lắk, ngày 20 tháng 3 năm 2026", ""], "footer"),
        (["1", "H15-0001", "01/03/2026", ""], None),
        (["1", "H15-0001", "", ""], None),
        (["1", "khong-co-dau-cach", "", ""], None),
        (["1", "", "01/03/2026", "02/03/2026"], None),
        (["Tống Thị Bịa", "", "01/03/2026", "02/03/2026"], None),
        (["1", "", "01/03/2026", ""], None),
        (["", "", "01/03/2026", "01/03/2026"], None),
        (["1", "", "x", "y"], None),
    ],
)
def test_a_row_is_known_for_what_it_is(row: list[str], kind: str | None):
    assert skip_kind(row, 1, (2, 3)) == kind


@pytest.mark.parametrize(
    ("row", "unit"),
    [
        ([UNIT], UNIT),
        (["  UBND  xã\nEa Bịa "], UNIT),
        (["I.", UNIT], UNIT),
        (["II. " + UNIT], UNIT),
        (["1/ " + UNIT, "12"], UNIT),
        (["Đơn vị: " + UNIT], UNIT),
        ([UNIT + " (12 hồ sơ)"], UNIT),
        ([UNIT + ": 12 hồ sơ"], UNIT),
        ([UNIT + " - 12"], UNIT),
        (["UBND phường 5"], "UBND phường 5"),
        (["Phòng Bịa Đặt"], "Phòng Bịa Đặt"),
        (["Lĩnh vực: Đất đai"], None),
        (["12", "3"], None),
        (["1", "01/03/2026"], None),
        (["Đơn vị:"], None),
    ],
)
def test_a_group_row_names_a_unit_or_something_else(row: list[str], unit: str | None):
    assert group_unit(row, after_footer=False) == unit


def test_below_a_footer_only_what_sounds_like_a_unit_is_one():
    assert group_unit(["Lê Hư Cấu"], after_footer=True) is None
    assert group_unit([UNIT], after_footer=True) == UNIT


def test_the_unit_of_a_title_may_stand_in_the_next_cell():
    assert titled_unit([["SỔ THEO DÕI"], ["Đơn vị:", "", UNIT]]) == UNIT
    assert titled_unit([["Cơ quan giải quyết: " + UNIT, "x"]]) == UNIT
    assert titled_unit([["SỔ THEO DÕI"], ["Trạng thái: Tất cả"]]) == ""
