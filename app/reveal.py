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
from tracker.types import ApplicantKind, DossierRow

LASTS = timedelta(minutes=10)
SHORTEST = 10
REASONS: Mapping[str, str] = {
    "complaint": "Giải quyết khiếu nại, tố cáo, phản ánh",
    "inspection": "Kiểm tra, thanh tra theo kế hoạch hoặc quyết định",
    "contact": "Liên hệ người nộp để xác minh",
    "correction": "Đối chiếu sai lệch dữ liệu với nguồn",
    "own_request": "Theo yêu cầu của chính người nộp",
}
# A telephone or identity number however it is set apart: "0912/345/678", "(091) 234-5678". Words set numbers apart for good.
LONG_NUMBER = re.compile(r"\d(?:[\W_]*\d){8,}")
# The date of a document is none.
DATE = re.compile(r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|1[0-2])\1(?:19|20)\d\d(?!\d)")
WORD = re.compile(r"[a-z0-9]+")
NO_PERSONAL_DATA = (
    "Nhật ký không giữ dữ liệu cá nhân: đừng ghi họ tên, số điện thoại hay số định danh vào lý do."
)
PERSONS = frozenset({ApplicantKind.CITIZEN, ApplicantKind.UNKNOWN})
# Where a source does not tell the kind, so begins no person's name.
OFFICES = re.compile(
    r"(ubnd|hdnd|uy ban|hoi dong|cong ty|chi nhanh|van phong|trung tam|ngan hang|hop tac xa|doanh nghiep|toa an)\b"
)
# Of a person's longer name the end is looked for as well: "bà Bích Ngọc".
NAME_END = 2


def note_fault(note: str, row: DossierRow) -> str | None:
    """Why a note will not do, in the user's words: too short, or it would put into the log what the log must not hold."""
    if len(note.strip()) < SHORTEST:
        return f"Hãy ghi rõ lý do, ít nhất {SHORTEST} ký tự."
    without_code = re.sub(re.escape(row.code), "–", note, flags=re.IGNORECASE)
    if holds_long_number(without_code) or _names_applicant(note, row):
        return NO_PERSONAL_DATA
    return None


def holds_long_number(note: str) -> bool:
    """Nine digits or more, but for dates."""
    return LONG_NUMBER.search(DATE.sub("ngày", note)) is not None


def holds_name(note: str, name: str) -> bool:
    """These words in this order, as whole words and whatever the marks."""
    words, looked_for = WORD.findall(fold(note)), WORD.findall(fold(name))
    return bool(looked_for) and f" {' '.join(looked_for)} " in f" {' '.join(words)} "


def _names_applicant(note: str, row: DossierRow) -> bool:
    return names_applicant(note, row.applicant_name, row.applicant_kind)


def names_applicant(note: str, applicant: str, kind: ApplicantKind) -> bool:
    """The whole name, or the last two words of a person's longer one, as whole words and whatever the marks.

    One word alone is looked for as a person's name only: "UBND" and the like stand in half of all reasons.
    """
    folded = fold(applicant)
    is_person = kind in PERSONS and not OFFICES.match(folded)
    name = WORD.findall(folded)
    looked_for = [name] if len(name) > 1 or is_person else []
    if is_person and len(name) > NAME_END:
        looked_for.append(name[-NAME_END:])
    return any(holds_name(note, " ".join(each)) for each in looked_for)


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
