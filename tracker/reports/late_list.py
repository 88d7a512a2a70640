"""The late list as Excel or CSV: its columns, and how one dossier fills them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from tracker.reports import listing
from tracker.reports.listing import Column
from tracker.types import LateRow

COLUMNS: Sequence[Column] = (
    ("STT", 6),
    ("Mã hồ sơ", 15),
    ("Thủ tục hành chính", 29),
    ("Lĩnh vực", 12),
    ("Đơn vị giải quyết", 22),
    ("Chủ hồ sơ", 15),
    ("Cán bộ xử lý", 13),
    ("Ngày tiếp nhận", 15),
    ("Ngày hẹn ban đầu", 15),
    ("Hạn tính theo quy định", 15),
    ("Ngày hẹn theo nguồn", 15),
    ("Ngày kết thúc xử lý", 15),
    ("Trạng thái", 12),
    ("Số ngày làm việc quá hạn", 9),
    ("Lý do quá hạn", 24),
    ("Thư xin lỗi", 8),
)
STATES = {"overdue": "Quá hạn", "finished_late": "Đã giải quyết quá hạn"}
LETTERS = {
    "drafted": "Đã soạn",
    "approved": "Đã duyệt",
    "signed": "Đã ký",
    "numbered": "Đã vào sổ",
    "delivered": "Đã gửi",
}


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
    return listing.write_xlsx(target, COLUMNS, _all_cells(rows), title)


def write_csv(path: Path, rows: Iterable[LateRow]) -> int:
    """Write the list as UTF-8 CSV with a mark that Excel understands; the number of rows."""
    return listing.write_csv(path, COLUMNS, _all_cells(rows))


def _all_cells(rows: Iterable[LateRow]) -> Iterable[list[Any]]:
    return (_cells(number, row) for number, row in enumerate(rows, 1))
