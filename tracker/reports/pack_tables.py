"""Tables of an evidence pack that no other report has: their columns, and how a letter fills them."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.reports.listing import Column

UNPROVED_COLUMNS: Sequence[Column] = (("Mã hồ sơ", 20), ("Lý do", 30))
LETTER_COLUMNS: Sequence[Column] = (
    ("STT", 6),
    ("Mã hồ sơ", 20),
    ("Đơn vị", 24),
    ("Thư thứ", 6),
    ("Loại văn bản", 14),
    ("Mẫu", 14),
    ("Trạng thái", 12),
    ("Số, ký hiệu", 14),
    ("Ngày văn bản", 12),
    ("Người nhận", 20),
    ("Ngày hẹn cũ", 16),
    ("Ngày hẹn mới", 16),
    ("Lý do quá hạn", 24),
    ("Người ký", 16),
    ("Gửi lúc", 16),
    ("Hình thức gửi", 10),
    ("Kết quả giữ hẹn", 10),
    ("Báo Một cửa lúc", 16),
    ("Một cửa xác nhận lúc", 16),
    ("Mã kiểm tra thư", 16),
    ("SHA-256 bản đã ký", 20),
    ("Tệp trong gói", 30),
)
KINDS = {
    "advance": "Báo trước sẽ trễ hẹn",
    "overdue": "Xin lỗi và hẹn lại",
    "returned_late": "Xin lỗi đã trả trễ",
    "late_refusal": "Xin lỗi từ chối muộn",
}
STATES = {
    "drafted": "Đã soạn",
    "approved": "Đã duyệt",
    "signed": "Đã ký",
    "numbered": "Đã vào sổ",
    "delivered": "Đã gửi",
    "void": "Đã hủy",
}
PROMISES = {"open": "Chưa đến hẹn", "kept": "Giữ đúng hẹn", "broken": "Lỡ hẹn", "renewed": "Đã hẹn lại"}


def letter_cells(number: int, row: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
    """A letter, by the names of its fields in the store, as a row; `names` are the members of the pack that hold it."""
    return [
        number,
        row["code"],
        row["unit"],
        row["seq"],
        KINDS.get(row["kind"], row["kind"]),
        row["form"],
        STATES.get(row["state"], row["state"]),
        row["number"],
        row["issued_on"],
        row["applicant"],
        row["due_at"],
        row["new_due_at"],
        row["reason"],
        row["signer"],
        row["delivered_at"],
        row["delivered_by"],
        PROMISES.get(row["promise"], row["promise"]),
        row["desk_told_at"],
        row["desk_done_at"],
        row["short_code"],
        row["signed_sha256"],
        " ".join(names),
    ]
