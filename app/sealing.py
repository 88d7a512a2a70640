"""The daily seal of the log: taken, and told to people and addresses outside, in one transaction."""

from datetime import date, datetime

from app.access import LOG_READERS
from app.notices import Notice, tell
from tracker.config import Config
from tracker.store import audit
from tracker.store.audit import SealRow
from tracker.store.locks import Lock, hold
from tracker.store.session import Session

TEXT = """Niêm phong nhật ký ngày {day:%d/%m/%Y}, đến mục {entry}:

{line}

Hãy giữ dòng này ở nơi chương trình không ghi được: in ra giấy, hoặc giữ nguyên thư này. Ai sửa, cắt hay viết lại nhật ký
sau này sẽ lộ ra khi đối chiếu: trang Nhật ký, mục “Kiểm tra chuỗi”, hoặc lệnh dunghen audit verify --line "…".
"""


def seal_day(session: Session, config: Config, day: date, now: datetime) -> SealRow:
    """Seal a day once and put its line into the outbox; called again, it gives the same seal and tells nobody twice.

    Raises:
        UsageError: the day has not come yet.
    """
    # Before the log's lock, which the seal takes: whoever takes several locks takes them in one order.
    hold(session, Lock.OUTBOX)
    row = audit.seal(session, day, now)
    notice = Notice(
        "audit_seal",
        f"audit_seal:{day.isoformat()}",
        f"Niêm phong nhật ký {day:%d/%m/%Y}",
        TEXT.format(day=day, entry=row.seal.entry_id, line=row.line),
        link="/nhat-ky/niem-phong",
    )
    tell(session, config, notice, now, roles=LOG_READERS, addresses=config.seal_to)
    return row
