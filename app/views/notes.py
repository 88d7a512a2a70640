"""Notes on the page of one dossier: written there, taken back there."""

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current
from app.access import OFFICE, Permission
from app.notes import take_back, write_note
from app.pages import Pages
from app.presenters import sentence
from app.views.board_acts import note_asker, tell
from tracker.errors import UsageError
from tracker.store import dossier_queries, notes

blueprint = Pages("notes", __name__)


@blueprint.post("/ho-so/<path:code>/ghi-chu", permission=Permission(OFFICE, scoped=True))
def write(code: str) -> Response:
    """A note beside this dossier; 404 for a code that does not exist and for one of another unit alike."""
    with current.context().store.read() as db:
        found = dossier_queries.find_dossier(db, code, unit_ids=current.scope(), known=None)
    if found is None:
        abort(404)
    try:
        write_note(
            current.context().store, [found.dossier_id], request.form.get("noi-dung", ""),
            asker=note_asker(), now=current.now(),
        )  # fmt: skip
    except UsageError as fault:
        flash(sentence(fault), "fault")
    else:
        flash("Đã ghi chú.")
    return redirect(url_for("dossier.page", code=found.code, _anchor="ghi-chu"))


@blueprint.post("/ghi-chu/<int:note_id>/thu-hoi", permission=Permission(OFFICE, scoped=True))
def withdraw(note_id: int) -> Response:
    """Take a note back; 404 for one beside a dossier of another unit."""
    with current.context().store.read() as db:
        found = notes.notes_by_id(db, [note_id], current.scope()).get(note_id)
    if found is None:
        abort(404)
    report = take_back(current.context().store, [note_id], asker=note_asker(), now=current.now())
    tell(report, "Đã thu hồi ghi chú.")
    return redirect(url_for("dossier.page", code=found.code, _anchor="ghi-chu"))
