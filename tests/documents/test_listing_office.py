"""A list written by hand is a workbook to LibreOffice as well: read and saved by it, the cells are what they were."""

from datetime import datetime
from pathlib import Path

import openpyxl

from tests.documents.office import converted
from tracker.reports.listing import Table, write_tables
from tracker.types import VN

COLUMNS = (("STT", 6), ("Mã hồ sơ", 15), ("Giá trị", 20))


def test_libreoffice_reads_what_was_written_by_hand(tmp_path: Path):
    at = datetime(2022, 12, 30, 16, 59, 59, tzinfo=VN)
    values = [at, "=1+1", "a < b & “c”", 46_861, None, "hai\ndòng", 0.25]
    rows = [[number, "H15", value] for number, value in enumerate(values, 1)]
    path, folder = tmp_path / "a.xlsx", tmp_path / "saved"
    folder.mkdir()
    write_tables(path, [Table("Danh sách", COLUMNS, rows, "Tiêu đề"), Table("Cách rút", COLUMNS, [], "Hai")])
    (saved,) = converted([path], folder, "xlsx")
    book = openpyxl.load_workbook(saved)
    sheet = book.worksheets[0]
    assert book.sheetnames == ["Danh sách", "Cách rút"]
    assert [row[2].value for row in sheet.iter_rows(min_row=4)] == [at.replace(tzinfo=None), *values[1:]]
    assert [sheet["C4"].is_date, sheet["C5"].data_type] == [True, "s"]
    assert (sheet.auto_filter.ref, sheet.page_setup.orientation) == ("A3:C10", "landscape")
