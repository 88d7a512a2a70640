"""Tables of totals: figures as told, the period where both its days are written, what is no count is said."""

from collections.abc import Sequence
from datetime import date

import pytest

from tests.sources import FIGURES_06A, FORM_06A, LISTS, UNIT
from tracker.ingest.totals import find_totals
from tracker.types.reported import MEASURES, ReportedTotals

HEADINGS = ["Đơn vị", "Đã xử lý", "Đang xử lý", "Tạm dừng", "Rút hồ sơ", "Trực tuyến"]


def totals(rows: Sequence[Sequence[str]], *above: str) -> ReportedTotals | None:
    return find_totals("tep.xlsx", "Sheet1", above, enumerate(rows, 1))


def found(rows: Sequence[Sequence[str]], *above: str) -> ReportedTotals:
    told = totals(rows, *above)
    assert told is not None
    return told


def test_form_06a_is_read_with_its_period_rows_and_where_they_stand():
    told = found(FORM_06A)
    assert (told.form, told.period_from, told.period_to) == ("e", date(2026, 3, 1), date(2026, 3, 31))
    assert [(row.name, row.kind, row.row) for row in told.rows] == [
        ("Sở Bịa", "unit", 7),
        (UNIT, "unit", 8),
        ("Tổng cộng", "total", 9),
    ]
    assert told.rows[0].measures == FIGURES_06A
    assert told.rows[1].measures["open_late"] == 0, "a dash is none"


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("Từ ngày 01/03/2026 đến ngày 31/03/2026", (date(2026, 3, 1), date(2026, 3, 31))),
        ("(Từ ngày: 1-3-2026  -  Đến ngày: 31-3-2026)", (date(2026, 3, 1), date(2026, 3, 31))),
        ("từ 15/12/2025 đến hết ngày 14/03/2026", (date(2025, 12, 15), date(2026, 3, 14))),
        ("Từ ngày 01 tháng 3 năm 2026 đến ngày 31 tháng 3 năm 2026", (date(2026, 3, 1), date(2026, 3, 31))),
        ("Tháng 3 năm 2026", (None, None)),
        ("Quý I năm 2026", (None, None)),
        ("Từ ngày 31/02/2026 đến ngày 31/03/2026", (None, None)),
        ("Từ ngày 31/03/2026 đến ngày 01/03/2026", (None, None)),
        ("Đắk Lắk, ngày 20 tháng 3 năm 2026", (None, None)),
    ],
)
def test_a_period_is_read_where_both_its_days_are_written(title: str, period: tuple):
    told = found([HEADINGS, ["Sở Bịa", "1", "2", "3", "4", "5"]], title)
    assert (told.period_from, told.period_to) == period


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12),
        ("1.234", 1234),
        ("1,234,567", 1234567),
        ("1 234", 1234),
        ("12.0", 12),
        ("0", 0),
        ("-", 0),
        ("", None),
    ],
)
def test_a_count_is_read_as_written(cell: str, value: int | None):
    told = found([HEADINGS, ["Sở Bịa", cell, "2", "3", "4", "5"]])
    assert told.rows[0].measures.get("finished") == value
    assert told.faults == ()


@pytest.mark.parametrize("cell", ["12,5", "abc", "-3", "1.23", "88%", "#N/A"])
def test_what_is_no_count_is_left_out_and_said(cell: str):
    told = found([HEADINGS, ["Sở Bịa", cell, "2", "3", "4", "5"]])
    assert "finished" not in told.rows[0].measures
    assert told.faults == (f"dòng 2, cột “Đã xử lý”: “{cell}” không phải là số đếm",)


def test_rows_without_figures_are_passed_over():
    rows = [HEADINGS, ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"], ["I. CẤP XÃ", "", "", "", "", ""], ["", "", "", "", "", ""],
            ["Sở Bịa", "1", "2", "3", "4", "5"], ["", "", "", "", "NGƯỜI LẬP BIỂU", ""]]  # fmt: skip
    assert [row.name for row in found(rows).rows] == ["Sở Bịa"]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Tên đơn vị", "unit"),
        ("Lĩnh vực, công việc giải quyết theo cấp", "field"),
        ("Tên thủ tục hành chính", "procedure"),
    ],
)
def test_the_heading_of_the_names_says_what_is_counted(heading: str, kind: str):
    assert found([["STT", heading, *HEADINGS[1:]], ["1", "x", "1", "2", "3", "4", "5"]]).rows[0].kind == kind


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_dossiers_is_no_table_of_totals(name: str):
    assert totals(LISTS[name]) is None


def test_measures_are_words_that_the_types_name():
    assert FIGURES_06A.keys() <= set(MEASURES)
