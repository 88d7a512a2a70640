"""The late lists in the layouts that provinces ask for: Phụ lục I (ended late) and Phụ lục II (open and late), by unit.

Unit names stand in rows of their own over all columns, and numbering begins anew under each. Streamed row by row.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tracker.reports.listing import A4, FONT, Cells, Column
from tracker.types import LateRow

NO_UNIT = "Chưa rõ đơn vị"
LINE_POINTS, GROUP_POINTS, HEAD_POINTS = 15, 20, 32
HEAD_ROW = 5
# Rows of a sheet as Excel has them, less what stands around the table: what is beyond would be lost without a word.
SHEET_ROWS = 1_048_000
SIGNER = "NGƯỜI LẬP BIỂU"
_NUMBER, _CODE = ("STT", 6), ("Mã hồ sơ", 26)
_RECEIVED, _DUE = ("Ngày tiếp nhận", 13), ("Ngày hẹn trả", 13)
_UNIT, _NOTE = ("Đơn vị giải quyết", 36), ("Ghi chú", 40)


@dataclass(frozen=True, slots=True)
class Appendix:
    """A layout: what stands above the table, its columns, how a dossier fills them after its number."""

    name: str
    title: str
    columns: Sequence[Column]
    cells: Callable[[LateRow], Cells]


def _processed(row: LateRow) -> Cells:
    return (row.code, row.received_at, row.due_at, row.finished_at, row.unit, row.reason)


def _open(row: LateRow) -> Cells:
    return (row.code, row.received_at, row.due_at, row.unit, row.officer, row.reason)


APPENDIX_1 = Appendix(
    "Phụ lục I",
    "DANH SÁCH HỒ SƠ ĐÃ GIẢI QUYẾT CHẬM TRỄ SO VỚI THỜI HẠN",
    (_NUMBER, _CODE, _RECEIVED, _DUE, ("Ngày có kết quả", 13), _UNIT, _NOTE),
    _processed,
)
APPENDIX_2 = Appendix(
    "Phụ lục II",
    "DANH SÁCH HỒ SƠ ĐANG GIẢI QUYẾT CHẬM TRỄ",
    (_NUMBER, _CODE, _RECEIVED, _DUE, _UNIT, ("Cán bộ đang xử lý", 24), _NOTE),
    _open,
)


class _Looks(NamedTuple):
    title: Any
    note: Any
    head: Any
    group: Any
    text: Any
    day: Any
    number: Any
    signer: Any


def write_appendix(
    target: Path | BinaryIO,
    appendix: Appendix,
    rows: Iterable[LateRow],
    notes: tuple[str, str],
    sheet_rows: int = SHEET_ROWS,
) -> int:
    """Write the list, its rows in order of their unit; how many dossiers. `notes`: two lines below the title."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "default_format_properties": FONT,
    }
    book = xlsxwriter.Workbook(target, options)
    pages = _Pages(book, appendix, notes, sheet_rows)
    count = 0
    for unit, dossiers in groupby(rows, key=lambda row: row.unit):
        pages.group(unit or NO_UNIT)
        for number, row in enumerate(dossiers, 1):
            pages.row((number, *appendix.cells(row)))
            count += 1
    pages.sign()
    book.close()
    return count


class _Pages:
    """Writes lines one after the other, on a new sheet with the same head where one is full."""

    def __init__(self, book: Any, appendix: Appendix, notes: tuple[str, str], sheet_rows: int) -> None:
        self._book, self._appendix, self._notes = book, appendix, notes
        self._looks, self._last = _looks(book), len(appendix.columns) - 1
        self._sheet_rows, self._sheets = sheet_rows, 0
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        name = self._appendix.name + (f" ({self._sheets})" if self._sheets > 1 else "")
        self._sheet = self._book.add_worksheet(name)
        _on_paper(self._sheet, self._appendix.columns)
        heads = (self._appendix.name.upper(), self._appendix.title, *self._notes)
        looks = (self._looks.title, self._looks.title, self._looks.note, self._looks.note)
        for line, (text, look) in enumerate(zip(heads, looks, strict=True)):
            self._sheet.merge_range(line, 0, line, self._last, text, look)
        self._sheet.set_row(HEAD_ROW, HEAD_POINTS)
        for place, (heading, _) in enumerate(self._appendix.columns):
            self._sheet.write_string(HEAD_ROW, place, heading, self._looks.head)
        self._line = HEAD_ROW + 1

    def _take(self) -> int:
        if self._line > self._sheet_rows:
            self._begin()
        self._line += 1
        return self._line - 1

    def group(self, unit: str) -> None:
        """A unit's name over all columns."""
        line = self._take()
        self._sheet.set_row(line, GROUP_POINTS)
        self._sheet.merge_range(line, 0, line, self._last, unit, self._looks.group)

    def row(self, cells: Cells) -> None:
        """A dossier: dates as dates, texts as texts."""
        line = self._take()
        self._sheet.set_row(line, LINE_POINTS * _lines(self._appendix.columns, cells))
        for place, value in enumerate(cells):
            if isinstance(value, datetime):
                day = value.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
                self._sheet.write_datetime(line, place, day, self._looks.day)
            elif isinstance(value, int):
                self._sheet.write_number(line, place, value, self._looks.number)
            elif value:
                self._sheet.write_string(line, place, value, self._looks.text)
            else:
                self._sheet.write_blank(line, place, None, self._looks.text)

    def sign(self) -> None:
        """Who made the list."""
        self._line += 1
        for text, look in ((SIGNER, self._looks.signer), ("(Ký, ghi rõ họ tên)", self._looks.note)):
            self._sheet.merge_range(self._line, self._last - 1, self._line, self._last, text, look)
            self._line += 1


def _looks(book: Any) -> _Looks:
    def look(**more: Any) -> Any:
        return book.add_format({**FONT, "text_wrap": True, "valign": "top", **more})

    centred = {"align": "center", "valign": "vcenter"}
    return _Looks(
        title=look(bold=True, font_size=13, **centred),
        note=look(italic=True, **centred),
        head=look(bold=True, border=1, bg_color="#E8EDF3", **centred),
        group=look(bold=True, border=1, align="left", valign="vcenter"),
        text=look(border=1),
        day=look(border=1, align="center", num_format="dd/mm/yyyy"),
        number=look(border=1, align="center"),
        signer=look(bold=True, **centred),
    )


def _on_paper(sheet: Any, columns: Sequence[Column]) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.3, top=0.5, bottom=0.5)
    sheet.set_footer('&C&"Times New Roman,Regular"&9&P/&N', {"margin": 0.25})
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    sheet.freeze_panes(HEAD_ROW + 1, 0)
    for place, (_, width) in enumerate(columns):
        sheet.set_column(place, place, width)


def _lines(columns: Sequence[Column], cells: Cells) -> int:
    """How many lines the longest text of a row wraps to; not every program fits row heights by itself."""
    texts = [(cell, width) for cell, (_, width) in zip(cells, columns, strict=True) if isinstance(cell, str)]
    return max((ceil(len(text) / (1.2 * width)) for text, width in texts), default=1) or 1
