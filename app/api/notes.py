"""Notes beside dossiers: read, written, taken back. As the pages, by the same functions."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta
from werkzeug.exceptions import abort

from app import current
from app.access import OFFICE, OVERVIEW, Role
from app.api.asking import check_text
from app.api.faults import ApiFault
from app.api.scopes import Scope
from app.api.table import Answer, Asked, Call, Operation, free
from app.notes import LONGEST, NO_NOTE, NoteAsker, NoteReport, take_back, write_note
from tracker.store import dossier_queries, notes


class Note(Answer, frozen=True):
    """One note; `text` null where it was taken back."""

    id: int
    author: str
    text: str | None
    written_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None


class Notes(Answer, frozen=True):
    """Every note of a dossier, the newest first."""

    items: list[Note]


def listed(call: Call) -> Notes:
    """The notes of a dossier; 404 for those of other units."""
    dossier_id = _dossier(call.path["code"])
    with current.context().store.read() as session:
        found = notes.notes_of(session, dossier_id)
    call.saw(f"dossier:{dossier_id}", notes=len(found))
    return Notes(
        [
            Note(
                each.note_id, each.author, None if each.withdrawn_at else free(each.text), each.written_at,
                each.withdrawn_at, each.withdrawn_by or None,
            )
            for each in found
        ]
    )  # fmt: skip


def _dossier(code: str) -> int:
    check_text("code", code)
    with current.context().store.read() as session:
        row = dossier_queries.find_dossier(session, code, unit_ids=current.scope(), known=None)
    if row is None:
        abort(404)
    return row.dossier_id


class NoteAsked(Asked, frozen=True):
    """What to write."""

    text: Annotated[str, Meta(min_length=1, max_length=LONGEST)]


class Noted(Answer, frozen=True):
    """The note that was written or taken back."""

    note_id: int


def write(call: Call) -> Noted:
    """Write a note beside a dossier."""
    dossier_id = _dossier(call.path["code"])
    report = write_note(
        current.context().store, [dossier_id], call.body.text, asker=_asker(), now=current.now()
    )
    call.saw(f"dossier:{dossier_id}")
    return _noted(report)


def withdraw(call: Call) -> Noted:
    """Take a note back: one's own, or as the head of its unit."""
    note_id = call.path["note_id"]
    report = take_back(current.context().store, [note_id], asker=_asker(), now=current.now())
    call.saw(f"note:{note_id}")
    return _noted(report)


def _asker() -> NoteAsker:
    account = current.account()
    return NoteAsker(account.account_id, account.login, Role(account.role), current.scope())


def _noted(report: NoteReport) -> Noted:
    for refused in report.refused:
        if refused.why == NO_NOTE:
            abort(404)
        raise ApiFault("STATE_CONFLICT", refused.why)
    if not report.note_ids:
        abort(404)
    return Noted(report.note_ids[0])


OPERATIONS = (
    Operation(
        "notes", "GET", "/dossiers/<path:code>/notes", Scope.DOSSIERS_READ, OVERVIEW, listed, Notes,
        "Ghi chú của một hồ sơ, mới nhất trước",
    ),
    Operation(
        "note_write", "POST", "/dossiers/<path:code>/notes", Scope.NOTES_WRITE, OFFICE, write, Noted,
        "Ghi chú vào một hồ sơ", body=NoteAsked, status=201, conflicts=True,
    ),
    Operation(
        "note_withdraw", "DELETE", "/notes/<int:note_id>", Scope.NOTES_WRITE, OFFICE, withdraw, Noted,
        "Thu hồi một ghi chú", conflicts=True,
    ),
)  # fmt: skip
