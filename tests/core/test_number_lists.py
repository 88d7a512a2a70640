"""Lists of numbers as people paste and export them: what is read, and what is said of each cell that cannot be."""

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from letters.number_lists import (
    GivenNumber,
    normal_short_code,
    number_fault,
    number_key,
    numbers_in_file,
    pasted_numbers,
)
from tracker.errors import UnusableFile, UsageError

CODE, OTHER = "7KQ2-M9XD-4TRA", "8KQ2-M9XD-4TRB"
DAY = date(2023, 1, 3)
READ = GivenNumber("12/PXL-STNMT", DAY, None, CODE, row=1)


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("123", True),
        ("01/PXL", True),
        ("12a/PXL-STNMT", True),
        ("15/2023/PXL-STNMT", True),
        ("123/PXL-STNMT " + "Đ" * 46, True),  # 60 characters
        ("123/PXL-STNMT " + "Đ" * 47, False),
        ("", False),
        ("  ", False),
        ("PXL/123", False),
        ("12/\x07PXL", False),
        ("12/PXL\u202e", False),
        ("03/01/2023", False),  # a date in the wrong column
        ("=1+1", False),
        ("12345678", False),
    ],
)
def test_a_number_has_a_figure_first_and_a_symbol_behind_it(number: str, is_one: bool):
    assert (number_fault(number) is None) == is_one


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1/PXL-STNMT", "01/pxl-stnmt", True),
        ("Số: 12/PXL–STNMT", "12 / PXL-STNMT", True),
        ("12/QĐ", "12/qd", True),
        ("12/PXL", "12/CV", False),
        ("12/PXL", "12a/PXL", False),
        ("12", "12/PXL", False),
        ("12", "112", False),
    ],
)
def test_numbers_are_the_same_by_figure_and_symbol_not_by_spelling(one: str, other: str, same: bool):
    assert (number_key(one) == number_key(other)) == same


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (CODE, CODE),
        (" 7kq2 – m9xd – 4tra ", CODE),
        ("7KQ2M9XD4TRA", CODE),
        ("7KQ2-M9XD-4TR", None),
        ("7KQ2-M9XD-4TRAA", None),
        ("0KQ2-M9XD-4TRA", None),  # no 0 in the alphabet
    ],
)
def test_a_short_code_is_known_however_it_is_typed(typed: str, code: str | None):
    assert normal_short_code(typed) == code


@pytest.mark.parametrize(
    "line",
    [
        f"{CODE}; 12/PXL-STNMT; 03/01/2023",
        f"{CODE}\t12/PXL-STNMT\t3/1/2023",
        f"{CODE},12/PXL-STNMT,2023-01-03",
        f'"{CODE}";"Số: 12/PXL-STNMT";"03/01/2023"',
    ],
)
def test_a_pasted_line_is_code_number_and_date(line: str):
    assert pasted_numbers(line).given == (READ,)


def test_a_heading_says_what_stands_where_and_empty_lines_are_none():
    text = f"Ngày ban hành\tSố, ký hiệu\tTrích yếu\tMÃ TRA CỨU\n\n03/01/2023\t12/PXL-STNMT\tabc\t{CODE}\n"
    found = pasted_numbers(text)
    assert found.given == (GivenNumber("12/PXL-STNMT", DAY, None, CODE, row=3),)
    assert (found.read, found.faults) == (1, ())


def test_signer_and_day_of_signature_may_stand_behind():
    found = pasted_numbers(f"{CODE}; 12; 03/01/2023; Lê Văn Ví Dụ; 02/01/2023")
    assert (found.given[0].signer, found.given[0].signed_on) == ("Lê Văn Ví Dụ", date(2023, 1, 2))


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("7KQ2; 12; 03/01/2023", "Mã tra cứu", "7KQ2"),
        (f"{CODE}; ; 03/01/2023", "Số văn bản", ""),
        (f"{CODE}; PXL; 03/01/2023", "Số văn bản", "PXL"),
        (f"{CODE}; 12", "Ngày văn bản", ""),
        (f"{CODE}; 12; 31/02/2023", "Ngày văn bản", "31/02/2023"),
        (f"{CODE}; 12; 03/01/23", "Ngày văn bản", "03/01/23"),
        (f"{CODE}; 12; 03/01/2023; A; x", "Ngày ký", "x"),
    ],
)
def test_a_bad_line_is_told_with_row_column_and_value_and_the_others_count(
    line: str, column: str, value: str
):
    found = pasted_numbers(f"{OTHER}; 11; 02/01/2023\n{line}")
    assert [each.short_code for each in found.given] == [OTHER]
    (fault,) = found.faults
    assert (fault.row, fault.column, fault.value) == (2, column, value)
    assert fault.reason


def test_a_list_in_which_nothing_tells_the_columns_is_refused():
    with pytest.raises(UsageError, match="mã tra cứu"):
        pasted_numbers("12/PXL; 03/01/2023")


def test_a_workbook_is_read_by_its_headings_with_real_dates(tmp_path: Path):
    path = tmp_path / "so.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["SỔ VĂN BẢN ĐI"])
        sheet.write_row(2, 0, ["STT", "Mã hồ sơ", "Mã tra cứu", "Số / Ký hiệu", "Số ký hiệu", "Ngày văn bản"])
        sheet.write_row(3, 0, [1, "H15.1", CODE, "", "12/PXL-STNMT"])
        sheet.write_datetime(3, 5, date(2023, 1, 3), book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_row(4, 0, [2, "H15.2", OTHER, "", 13, "chưa có"])
    found = numbers_in_file(path, max_mib=5)
    assert found.given == (GivenNumber("12/PXL-STNMT", DAY, None, CODE, dossier_code="H15.1", row=4),)
    assert [(f.file, f.row, f.column, f.value) for f in found.faults] == [
        ("so.xlsx", 5, "Ngày văn bản", "chưa có")
    ]


def test_a_csv_file_is_read_and_one_without_the_columns_is_refused(tmp_path: Path):
    good, bad = tmp_path / "so.csv", tmp_path / "khac.csv"
    good.write_text(f"Mã tra cứu;Số;Ngày\n{CODE};12/PXL-STNMT;03/01/2023\n", "utf-8-sig")
    bad.write_text("Mã hồ sơ;Số\nH15.1;12\n", "utf-8")
    assert [each.number for each in numbers_in_file(good, max_mib=5).given] == ["12/PXL-STNMT"]
    with pytest.raises(UnusableFile, match="dòng tiêu đề"):
        numbers_in_file(bad, max_mib=5)
