"""Two faults of the world's branches: one whose measure is overdue, one that was done."""

from datetime import date, datetime

from tracker.store import remedy_store
from tracker.store.session import Store
from tracker.types.remedies import RemedyTold

LATE_LAND = "Tỷ lệ hồ sơ đất đai quá hạn còn cao (thử nghiệm)"


def add_remedies(store: Store, branch: int, other_branch: int, now: datetime) -> None:
    """Number 1 of one branch, number 2 of the other."""
    overdue = RemedyTold(
        branch, 900_000, 2026, LATE_LAND, measure="Bố trí thêm cán bộ đo đạc", due_on=date(2026, 6, 30)
    )
    done = RemedyTold(
        other_branch, None, 2026, "Chưa gửi đủ văn bản xin lỗi (thử nghiệm)", done_on=date(2026, 7, 1)
    )
    with store.transaction() as session:
        for told in (overdue, done):
            remedy_store.add(session, told, by="reform", at=now)
