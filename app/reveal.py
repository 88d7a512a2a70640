"""Showing one applicant's name, address and telephone to somebody who reads initials: for a reason, for ten minutes, logged.

Only the page of that dossier shows them, to that account; lists, letters and exports stay as they are.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from app import current
from app.access import may_reveal
from tracker.store import reveals
from tracker.text import fold
from tracker.types import DossierRow

LASTS = timedelta(minutes=10)
SHORTEST = 10
REASONS: Mapping[str, str] = {
    "complaint": "Giải quyết khiếu nại, tố cáo, phản ánh",
    "inspection": "Kiểm tra, thanh tra theo kế hoạch hoặc quyết định",
    "contact": "Liên hệ người nộp để xác minh",
    "correction": "Đối chiếu sai lệch dữ liệu với nguồn",
    "own_request": "Theo yêu cầu của chính người nộp",
}
# A telephone or identity number; dossier codes have no nine digits in a row.
LONG_NUMBER = re.compile(r"\d(?:[ .-]?\d){8,}")


def note_fault(note: str, row: DossierRow) -> str | None:
    """Why a note will not do, in the user's words: too short, or it would put into the log what the log must not hold."""
    if len(note.strip()) < SHORTEST:
        return f"Hãy ghi rõ lý do, ít nhất {SHORTEST} ký tự."
    without_code = note.replace(row.code, "")
    name = fold(row.applicant_name or "")
    if LONG_NUMBER.search(without_code) or (name and name in fold(note)):
        return "Nhật ký không giữ dữ liệu cá nhân: đừng ghi họ tên, số điện thoại hay số định danh vào lý do."
    return None


def log_reveal(row: DossierRow, *, reason: str, note: str) -> None:
    """Write it down; from here on the page shows the applicant."""
    detail = {"reason": reason, "note": note.strip()}
    current.log(reveals.ACTION, reveals.subject_of(row.dossier_id), detail)


def shown_until(dossier_id: int) -> datetime | None:
    """Until when the account that is logged in reads this dossier's applicant; None for masked."""
    account = current.account()
    if not may_reveal(account.role):
        return None
    with current.context().store.read() as session:
        return reveals.shown_until(session, account.login, dossier_id, now=current.now(), lasts=LASTS)
