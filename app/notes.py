"""What people do about notes: write one beside some dossiers, take notes back. Pages, bulk acts and the API share these.

Each call is one transaction with its entry of the log, which never holds the text; one dossier or note that cannot be
acted on does not stop the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.access import Role
from tracker.errors import UsageError
from tracker.ingest.redaction import redact
from tracker.store import audit, notes
from tracker.store.audit import Act
from tracker.store.notes import NoteRow
from tracker.store.session import Session, Store

LONGEST = 2_000
# More at once are done in several goes: a person waits no longer than some seconds.
AT_ONCE = 2_000
# So many ids an entry of the log names; the count is always whole.
NAMED = 200
NO_DOSSIER = "không có hồ sơ này trong phạm vi của bạn"
NO_NOTE = "không có ghi chú này trong phạm vi của bạn"
NOT_YOURS = "chỉ người ghi hoặc thủ trưởng đơn vị thu hồi được ghi chú"
TAKEN_BACK = "ghi chú này đã được thu hồi trước đó"


@dataclass(frozen=True, slots=True)
class NoteAsker:
    """Who acts, in which role, and on dossiers of which units (None = all)."""

    account_id: int
    login: str
    role: Role
    unit_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class NoteRefused:
    """A dossier or a note (`of`: its id) that nothing was done about, and why, in the user's words."""

    of: int
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class NoteReport:
    """What became of it: the notes that were written or taken back, and beside which dossiers, in the same order.

    `text` is what was stored, without citizen ids; "" where notes were taken back.
    """

    note_ids: tuple[int, ...]
    dossier_ids: tuple[int, ...]
    codes: tuple[str, ...]
    refused: tuple[NoteRefused, ...]
    text: str = ""


def checked_text(text: str) -> str:
    """The text as it is kept: lines as they were typed, ends trimmed, citizen ids cut out.

    Raises:
        UsageError: it is empty or longer than `LONGEST` characters.
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept = "\n".join(lines).strip()
    if not kept:
        raise UsageError("ghi chú chưa có nội dung; hãy viết điều cần nhớ")
    if len(kept) > LONGEST:
        raise UsageError(f"ghi chú dài {len(kept)} ký tự; nhiều nhất là {LONGEST} ký tự")
    return redact(kept)


def write_note(
    store: Store, dossier_ids: Sequence[int], text: str, *, asker: NoteAsker, now: datetime
) -> NoteReport:
    """Write the same note beside each of these dossiers that the asker's units resolve.

    Raises:
        UsageError: the text will not do, or more than `AT_ONCE` dossiers are named; nothing was written.
    """
    wanted, kept = list(dict.fromkeys(dossier_ids)), checked_text(text)
    if len(wanted) > AT_ONCE:
        raise UsageError(f"mỗi lần ghi nhiều nhất {AT_ONCE} hồ sơ")
    with store.transaction() as session:
        notes.lock_notes(session)
        known = notes.dossiers_noted(session, wanted, asker.unit_ids)
        found = [known[number] for number in wanted if number in known]
        refused = tuple(NoteRefused(number, "", NO_DOSSIER) for number in wanted if number not in known)
        written: list[int] = []
        if found:
            ids = [each.dossier_id for each in found]
            written = notes.add_notes(session, ids, kept, account_id=asker.account_id, now=now)
            _log(session, "note_write", asker, now, ids, written)
    return NoteReport(
        tuple(written), tuple(each.dossier_id for each in found), tuple(each.code for each in found), refused, kept
    )  # fmt: skip


def take_back(store: Store, note_ids: Sequence[int], *, asker: NoteAsker, now: datetime) -> NoteReport:
    """Take back notes: one's own, or as the head of a unit any of its dossiers; their text is shown no more.

    Raises:
        UsageError: more than `AT_ONCE` notes are named; nothing was done.
    """
    wanted = list(dict.fromkeys(note_ids))
    if len(wanted) > AT_ONCE:
        raise UsageError(f"mỗi lần thu hồi nhiều nhất {AT_ONCE} ghi chú")
    with store.transaction() as session:
        notes.lock_notes(session)
        known = notes.notes_by_id(session, wanted, asker.unit_ids)
        refused = [NoteRefused(number, "", NO_NOTE) for number in wanted if number not in known]
        found: list[NoteRow] = []
        for each in (known[number] for number in wanted if number in known):
            if why := _fault(each, asker):
                refused.append(NoteRefused(each.note_id, each.code, why))
            else:
                found.append(each)
        if found:
            ids = [each.note_id for each in found]
            notes.withdraw_notes(session, ids, login=asker.login, now=now)
            _log(session, "note_withdraw", asker, now, [each.dossier_id for each in found], ids)
    return NoteReport(
        tuple(each.note_id for each in found), tuple(each.dossier_id for each in found),
        tuple(each.code for each in found), tuple(refused),
    )  # fmt: skip


def may_take_back(author_id: int, asker: NoteAsker) -> bool:
    """May this person take back a note of that author, on a dossier of the person's units?"""
    return author_id == asker.account_id or asker.role is Role.HEAD


def _fault(note: NoteRow, asker: NoteAsker) -> str:
    if note.withdrawn_at is not None:
        return TAKEN_BACK
    return "" if may_take_back(note.account_id, asker) else NOT_YOURS


def _log(
    session: Session, action: str, asker: NoteAsker, now: datetime, dossiers: Sequence[int], ids: Sequence[int]
) -> None:  # fmt: skip
    """Ids and counts; what somebody wrote stays with the dossiers."""
    subject = f"dossier:{dossiers[0]}" if len(dossiers) == 1 else "notes"
    detail = {"dossiers": list(dossiers[:NAMED]), "notes": list(ids[:NAMED]), "count": len(ids)}
    audit.append_acts(session, [Act(now, asker.login, action, subject, detail)])
