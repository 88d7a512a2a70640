"""The board's list as a workbook: its columns, and how one dossier fills them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tracker.reports import listing
from tracker.reports.listing import Column


class BoardRow(NamedTuple):
    """One open dossier as the list says it; masked already where the reader may not read names."""

    code: str
    procedure: str
    field: str
    unit: str
    officer: str
    step: str
    applicant: str
    received_at: datetime | None
    due_at: datetime | None
    state: str
    time_left: str
    letter: str
    held: str
    note: str


COLUMNS: Sequence[Column] = (
    ("STT", 6),
    ("Mã hồ sơ", 15),
    ("Thủ tục hành chính", 29),
    ("Lĩnh vực", 12),
    ("Đơn vị giải quyết", 22),
    ("Cán bộ xử lý", 13),
    ("Bước xử lý", 16),
    ("Người nộp", 15),
    ("Ngày tiếp nhận", 15),
    ("Ngày hẹn trả", 15),
    ("Tình trạng", 12),
    ("Thời gian còn lại", 16),
    ("Thư xin lỗi", 10),
    ("Ai đang nhận việc", 18),
    ("Ghi chú", 30),
)


def write_xlsx(target: Path | BinaryIO, rows: Iterable[BoardRow], title: str) -> int:
    """Write the list; the number of rows. `title` stands above the header and says what the list is and of when."""
    cells: Iterable[list[Any]] = ([number, *row] for number, row in enumerate(rows, 1))
    return listing.write_xlsx(target, COLUMNS, cells, title, as_text=True)
