"""Lists as workbooks and CSV: read back by openpyxl and calamine; whatever a cell holds, the file can be read."""

import csv
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tracker.reports import workbook
from tracker.reports.listing import Table, write_csv, write_tables, write_xlsx
from tracker.reports.sheet_xml import column_letters, wrapped
from tracker.types import VN, Channel

COLUMNS = (("STT", 6), ("Mã hồ sơ", 15), ("Giá trị", 20))
AT = datetime(2022, 12, 30, 16, 59, 59, tzinfo=VN)
NAIVE = AT.replace(tzinfo=None)


def written(*values: Any, **options: Any) -> Path | BytesIO:
    stream = BytesIO()
    rows = [[number, f"H15-{number:04d}", value] for number, value in enumerate(values, 1)]
    write_xlsx(stream, COLUMNS, rows, "Hồ sơ <quá hạn> & “khác”", **options)
    stream.seek(0)
    return stream


def by_openpyxl(stream: Any) -> list[Any]:
    sheet = openpyxl.load_workbook(stream).worksheets[0]
    return [row[2].value for row in sheet.iter_rows(min_row=4)]


def by_calamine(stream: Any) -> list[Any]:
    rows = CalamineWorkbook.from_filelike(stream).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [row[2] for row in rows[3:]]


@pytest.mark.parametrize("read", [by_openpyxl, by_calamine])
def test_a_value_is_read_back_as_what_it_was(read):
    values = ["Đất đai", 46_861, AT, date(2022, 3, 1), 0.25, Channel.ONLINE, "a < b & c", "hai\ndòng"]
    got = read(written(*values))
    wanted = [
        "Đất đai",
        46_861,
        NAIVE,
        NAIVE.date().replace(month=3, day=1),
        0.25,
        "online",
        "a < b & c",
        "hai\ndòng",
    ]
    wanted[3] = datetime(2022, 3, 1) if read is by_openpyxl else date(2022, 3, 1)  # noqa: DTZ001
    assert got == wanted


@given(st.lists(st.text(st.characters(), max_size=40), max_size=8))
def test_no_text_breaks_the_file(texts: list[str]):
    got = by_calamine(written(*texts, "."))
    assert len(got) == len(texts) + 1
    printable = [t for t in texts if t.isprintable() and "_x" not in t]
    assert set(printable) <= {value or "" for value in got}


def test_every_minute_of_a_day_is_read_as_that_minute():
    minutes = [datetime(2022, 5, 8, tzinfo=VN) + timedelta(minutes=n) for n in range(1_440)]
    assert by_openpyxl(written(*minutes)) == [minute.replace(tzinfo=None) for minute in minutes]


@pytest.mark.parametrize("text", ["=1+1", "+84", "-5", "@SUM(A1)", "\t=1"])
def test_a_text_that_begins_like_a_formula_stays_text(tmp_path: Path, text: str):
    stream = written(text)
    cell = openpyxl.load_workbook(stream).worksheets[0]["C4"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    write_csv(tmp_path / "a.csv", COLUMNS, [[1, "H15", text]])
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert list(csv.reader(lines))[1][2] == "'" + text


def test_what_no_spreadsheet_can_hold_is_cut_and_that_is_said():
    (long,) = by_openpyxl(written("ă" * 40_000))
    assert len(long) < 32_767
    assert long.endswith("(đã cắt)")
    assert by_openpyxl(written(datetime(1899, 12, 31, tzinfo=VN))) == ["31/12/1899"]


def test_a_list_has_its_header_its_filter_and_its_page():
    sheet = openpyxl.load_workbook(written("a", "b", as_text=True)).worksheets[0]
    assert sheet["A1"].value == "Hồ sơ <quá hạn> & “khác”"
    assert [cell.value for cell in sheet[3]] == ["STT", "Mã hồ sơ", "Giá trị"]
    assert (sheet.auto_filter.ref, sheet.freeze_panes, sheet.print_title_rows) == ("A3:C5", "C4", "$3:$3")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet["C4"].number_format == "@"
    assert sheet["C4"].alignment.wrap_text


def test_an_empty_list_is_a_header_with_its_filter():
    sheet = openpyxl.load_workbook(written()).worksheets[0]
    assert (sheet.max_row, sheet.auto_filter.ref) == (3, "A3:C4")


def test_a_row_is_as_high_as_its_longest_text_needs():
    rows = (
        openpyxl.load_workbook(written("ngắn", "một câu dài hơn hai mươi chữ cái nhiều"))
        .worksheets[0]
        .row_dimensions
    )
    assert (rows[4].height, rows[5].height) == (13, 26)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [("", 5, 1), ("abc", 5, 1), ("abc def", 5, 2), ("H15.03-220301-0001", 15, 2), ("a" * 100, 10, 10), ("a\nb\nc", 9, 3)],
)  # fmt: skip
def test_lines_of_a_cell(text: str, width: int, lines: int):
    assert wrapped(text, width) == lines


def test_a_longer_list_than_a_sheet_holds_goes_on_in_another(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        workbook, "MOST_ROWS", 5
    )  # the limit of the format; a list that long takes half a minute
    stream = written("a", "b", "c", "d", "e")
    book = openpyxl.load_workbook(stream)
    assert book.sheetnames == ["Danh sách", "Danh sách 2", "Danh sách 3"]
    assert [[row[2].value for row in sheet.iter_rows(min_row=4)] for sheet in book] == [
        ["a", "b"],
        ["c", "d"],
        ["e"],
    ]
    assert openpyxl.load_workbook(written("a", "b")).sheetnames == ["Danh sách"]


def test_several_lists_are_sheets_of_one_file():
    stream = BytesIO()
    tables = [
        Table("Danh sách", COLUMNS, [[1, "a", "b"]], "Một"),
        Table("Cách 'rút' & mẫu", COLUMNS, [], "Hai"),
    ]
    assert write_tables(stream, tables) == [1, 0]
    assert openpyxl.load_workbook(stream).sheetnames == ["Danh sách", "Cách 'rút' & mẫu"]


def test_the_same_rows_give_the_same_bytes():
    assert written(AT, "a").getvalue() == written(AT, "a").getvalue()


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path):
    def failing():
        yield [1, "a", "b"]
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_xlsx(tmp_path / "a.xlsx", COLUMNS, failing(), "x")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="shorter"):
        write_xlsx(tmp_path / "a.xlsx", COLUMNS, [[1]], "x")


def test_addresses_go_on_after_z():
    assert [column_letters(n) for n in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
