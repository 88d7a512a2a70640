"""Spreadsheets made for tests, as one-stop systems and hands write them; every person in them is made up."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter

from tests.flows.office import HEADINGS, row

DATES = ("filed_at", "received_at", "previous_due_at", "due_at", "finished_at", "returned_at", "withdrawn_at")
Cells = Sequence[Any]
LIST = ["Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ghi chú"]


def when(*parts: int) -> datetime:
    """A moment as a spreadsheet holds it: without a zone."""
    return datetime(*parts)  # noqa: DTZ001


def write_sheets(
    path: Path,
    sheets: Mapping[str, Sequence[Cells]],
    *,
    merges: Sequence[tuple[int, int, int, int, str]] = (),
    hidden: Sequence[str] = (),
    date_format: str = "dd/mm/yyyy hh:mm:ss",
    **options: Any,
) -> Path:
    """A workbook; `merges` (first row, first column, last row, last column, text) go to the first sheet.

    Cells may be text, numbers, bool, dates and datetimes (formatted as such), None.
    """
    book = xlsxwriter.Workbook(path, {"strings_to_numbers": False, **options})
    dated = book.add_format({"num_format": date_format})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime | date):
                    sheet.write_datetime(number, column, cell, dated)
                elif isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write(number, column, cell)
    for merge in merges:
        book.worksheets()[0].merge_range(*merge)
    book.close()
    return path


def typed(cell: str) -> Any:
    """A date cell of the CSV form as a spreadsheet holds it; other text as it is."""
    for form in ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y"):
        try:
            return datetime.strptime(cell, form)  # noqa: DTZ007 - a spreadsheet's dates have no zone
        except ValueError:
            continue
    return cell or None


def typed_rows(rows: Sequence[Mapping[str, str]], names: Sequence[str]) -> list[Cells]:
    """A header and rows by field names, dates as true dates."""
    return [
        [HEADINGS[name] for name in names],
        *(
            [typed(each.get(name, "")) if name in DATES else each.get(name, "") for name in names]
            for each in rows
        ),
    ]


def dossiers(*numbers: int, **given: str) -> list[dict[str, str]]:
    """Open dossiers by our field names."""
    return [row(number, **given) for number in numbers]


def with_part(path: Path, part: str, content: bytes | None) -> Path:
    """The same archive with one part replaced, or added, or (None) left out."""
    parts = {}
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts.pop(part, None)
    if content is not None:
        parts[part] = content
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def part_of(path: Path, part: str) -> str:
    """The text of one part."""
    with ZipFile(path) as archive:
        return archive.read(part).decode()


def as_csv(rows: Sequence[Cells]) -> str:
    """The same cells as a CSV export writes them."""

    def text(cell: Any) -> str:
        if isinstance(cell, datetime):
            at = cell + timedelta(microseconds=500_000)
            return at.strftime("%d/%m/%Y %H:%M:%S").removesuffix(" 00:00:00")
        if isinstance(cell, date):
            return cell.strftime("%d/%m/%Y")
        return "" if cell is None else str(cell)

    out = io.StringIO()
    csv.writer(out).writerows([text(cell) for cell in cells] for cells in rows)
    return out.getvalue()
