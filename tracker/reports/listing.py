"""A list as Excel or CSV: typed dates, one styled header, A4 on paper, streamed with constant memory."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from tracker.machine import written_whole
from tracker.reports.sheet_xml import FORMULA_STARTS, LINE_POINTS, Cells, Column
from tracker.reports.workbook import Table, write_tables

__all__ = ["A4", "FONT", "LINE_POINTS", "Cells", "Column", "Table", "write_csv", "write_tables", "write_xlsx"]

# Offices print on A4 (paper 9 of the file format): columns as narrow as their words allow, so that sixteen stay readable.
A4 = 9
FONT = {"font_name": "Times New Roman", "font_size": 10, "font_scheme": False}
SHEET = "Danh sách"


def write_xlsx(
    target: Path | BinaryIO,
    columns: Sequence[Column],
    rows: Iterable[Cells],
    title: str,
    *,
    as_text: bool = False,
) -> int:
    """Write a list; the number of rows. `title` stands above the header and says what the list is and of when.

    `as_text`: what somebody types into a cell of text stays text, lest a spreadsheet swaps day and month of a date.
    """
    return write_tables(target, [Table(SHEET, columns, rows, title)], as_text=as_text)[0]


def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Cells]) -> int:
    """Write a list as UTF-8 CSV with a mark that Excel understands; the number of rows."""
    count = 0
    with written_whole(path) as beside, beside.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([heading for heading, _ in columns])
        for cells in rows:
            writer.writerow([_plain(cell) for cell in cells])
            count += 1
    return count


def _plain(cell: Any) -> Any:
    """A cell as text; in CSV a leading apostrophe keeps text what a spreadsheet would run as a formula."""
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y %H:%M:%S}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return "" if cell is None else cell
