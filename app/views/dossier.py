"""One dossier: where it stands, what happened, why it is due when it is, and its letters."""

from flask import current_app, render_template, request
from werkzeug.exceptions import abort

from app import current, flag_words, reconciling_words
from app.access import OVERVIEW, Permission, may
from app.alert_page import story_beside
from app.dossier_page import timeline
from app.finding_page import signs_of
from app.hand_words import length
from app.late_filters import read_filters
from app.notes import LONGEST, may_take_back
from app.obligation_page import apology_of
from app.pages import Pages, permission_of
from app.proof_page import card_of
from app.reveal import shown_until
from app.views.board_acts import note_asker
from tracker.pipeline import doubles
from tracker.pipeline.hands import hands_of
from tracker.pipeline.limits import published_for
from tracker.pipeline.proofs import dossier_proof
from tracker.store.dossier_sheet import sheet_of
from tracker.store.notes import NoteLine
from tracker.types.cause_words import KIND_WORDS, UNDIVIDED_WORDS

blueprint = Pages("dossier", __name__)


@blueprint.get("/ho-so/<path:code>", permission=Permission(OVERVIEW, scoped=True))
def page(code: str) -> str:
    """404 for a code that does not exist and for one of another unit alike."""
    context = current.context()
    as_of = read_filters(request.args, ()).as_of(current.now())
    found = dossier_proof(
        context.store, context.calendars, code, as_of=as_of, unit_ids=current.scope(), due_soon=context.due_soon
    )  # fmt: skip
    if found is None:
        abort(404)
    answer = found.answer
    with context.store.read() as db:
        sheet = sheet_of(db, answer.row.dossier_id)
        told_otherwise = doubles.differences(db, sheet.differing)
        published = published_for(db, answer.row)
    current.log("dossier", f"dossier:{answer.row.dossier_id}")
    until = shown_until(answer.row.dossier_id)
    visible = current.names_visible() or until is not None
    return render_template(
        "dossier.html", answer=answer, row=answer.row, timeline=timeline(answer, sheet.journal, names_visible=visible),
        apology=apology_of(sheet, current.scope()), alerts=story_beside(sheet), day_minutes=context.calendar.day_minutes, proof=card_of(found),
        shown_until=until, names_visible=visible, notes=flag_words.notes(answer.row.flags),
        told_otherwise=told_otherwise, published=published, differing_words=reconciling_words,
        signs=signs_of(sheet.findings, current.scope()), written=sheet.notes, own_notes=own_notes(sheet.notes), longest_note=LONGEST,
        hands=hands_of(answer, context.calendars), kind_words=KIND_WORDS, undivided_words=UNDIVIDED_WORDS, length=length,
    )  # fmt: skip


def own_notes(written: list[NoteLine]) -> frozenset[int]:
    """The notes that stand and that whoever is logged in may take back."""
    if not may(current.account().role, permission_of(current_app, "notes.withdraw")):
        return frozenset()
    asker = note_asker()
    return frozenset(
        note.note_id
        for note in written
        if note.withdrawn_at is None and may_take_back(note.account_id, asker)
    )
