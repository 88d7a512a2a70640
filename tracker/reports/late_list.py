"""The late list as Excel or CSV: typed dates, one styled header, streamed with constant memory."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tracker.types import LateRow

Column = tuple[str, int]  # heading, width in characters
COLUMNS: Sequence[Column] = (
    ("STT", 6),
    ("Mã hồ sơ", 27),
    ("Thủ tục hành chính", 46),
    ("Lĩnh vực", 18),
    ("Đơn vị giải quyết", 40),
    ("Chủ hồ sơ", 26),
    ("Cán bộ xử lý", 22),
    ("Ngày tiếp nhận", 17),
    ("Ngày hẹn ban đầu", 17),
    ("Hạn tính theo quy định", 17),
    ("Ngày hẹn theo nguồn", 17),
    ("Ngày kết thúc xử lý", 17),
    ("Trạng thái", 24),
    ("Số ngày làm việc quá hạn", 12),
    ("Lý do quá hạn", 46),
    ("Thư xin lỗi", 14),
)
STATES = {"overdue": "Quá hạn", "finished_late": "Đã giải quyết quá hạn"}
LETTERS = {
    "drafted": "Đã soạn",
    "approved": "Đã duyệt",
    "signed": "Đã ký",
    "numbered": "Đã vào sổ",
    "delivered": "Đã gửi",
}
# Paper by its number in the file format: sixteen columns can be read on A3, not on A4.
A3 = 8
LINE_POINTS = 15
WORD_LOSS = 4  # characters that a line loses, since words are not cut
# A spreadsheet runs a cell that begins so as a formula; in CSV a leading apostrophe keeps it text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def _cells(number: int, row: LateRow) -> list[Any]:
    return [
        number,
        row.code,
        row.procedure,
        row.field,
        row.unit,
        row.applicant,
        row.officer,
        row.received_at,
        row.promised_at,
        row.documented_at,
        row.source_at,
        row.finished_at,
        STATES.get(row.state.value, row.state.value),
        row.late_days,
        row.reason,
        LETTERS.get(row.letter or "", row.letter or ""),
    ]


def write_xlsx(target: Path | BinaryIO, rows: Iterable[LateRow], title: str) -> int:
    """Write the list; the number of rows. `title` stands above the header and says what the list is and of when."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False},
    )
    sheet = book.add_worksheet("Danh sách")
    top: dict[str, Any] = {"valign": "top", "border": 1, "border_color": "#C9D1DB"}
    looks = Looks(
        date=book.add_format({**top, "num_format": "dd/mm/yyyy hh:mm", "align": "center"}),
        number=book.add_format({**top, "align": "center"}),
        text=book.add_format({**top, "text_wrap": True}),
    )
    head = book.add_format(
        {
            "bold": True,
            "text_wrap": True,
            "valign": "vcenter",
            "align": "center",
            "bg_color": "#E8EDF3",
            "border": 1,
        }
    )
    for position, (_, width) in enumerate(COLUMNS):
        sheet.set_column(position, position, width)
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 13}))
    sheet.set_row(2, 34)
    for position, (heading, _) in enumerate(COLUMNS):
        sheet.write_string(2, position, heading, head)
    sheet.freeze_panes(3, 2)
    count = 0
    for count, row in enumerate(rows, 1):
        cells = _cells(count, row)
        sheet.set_row(count + 2, LINE_POINTS * _lines(cells))
        _write_row(sheet, count + 2, cells, looks)
    sheet.autofilter(2, 0, max(count + 2, 3), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    book.close()
    return count


def _lines(cells: Sequence[Any]) -> int:
    """How many lines the longest text of a row wraps to; not every program fits row heights by itself."""
    texts = ((cell, width) for cell, (_, width) in zip(cells, COLUMNS, strict=True) if isinstance(cell, str))
    return max(
        (-(-len(text) // (width - WORD_LOSS)) for text, width in texts if len(text) > width), default=1
    )


class Looks(NamedTuple):
    """Cell formats of the list."""

    date: Any
    number: Any
    text: Any


def _write_row(sheet: Any, line: int, cells: Sequence[Any], looks: Looks) -> None:
    for position, value in enumerate(cells):
        if value is None or value == "":
            sheet.write_blank(line, position, None, looks.text)
        elif isinstance(value, datetime):
            sheet.write_datetime(line, position, value.replace(tzinfo=None), looks.date)
        elif isinstance(value, int):
            sheet.write_number(line, position, value, looks.number)
        else:
            sheet.write_string(line, position, value, looks.text)


def write_csv(path: Path, rows: Iterable[LateRow]) -> int:
    """Write the list as UTF-8 CSV with a mark that Excel understands; the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([heading for heading, _ in COLUMNS])
        for count, row in enumerate(rows, 1):
            writer.writerow([_plain(cell) for cell in _cells(count, row)])
    return count


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y %H:%M:%S}"
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return "" if cell is None else cell
