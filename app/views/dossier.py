"""One dossier: where it stands, what happened, why it is due when it is, and its letters."""

from flask import Blueprint, render_template, request
from werkzeug.exceptions import abort

from app import current
from app.dossier_page import timeline
from app.late_filters import read_filters
from tracker import pipeline
from tracker.store import letter_store

blueprint = Blueprint("dossier", __name__)


@blueprint.get("/ho-so/<path:code>")
def page(code: str) -> str:
    """404 for a code that does not exist and for one of another unit alike."""
    context = current.context()
    as_of = read_filters(request.args).as_of(current.now())
    answer = pipeline.dossier(
        context.store,
        context.calendar,
        code,
        as_of=as_of,
        unit_ids=current.scope(),
        due_soon=context.due_soon,
    )
    if answer is None:
        abort(404)
    with context.store.read() as db:
        letters = letter_store.letters_for_dossier(db, answer.row.dossier_id)
    current.log("dossier", f"dossier:{answer.row.dossier_id}")
    return render_template(
        "dossier.html", answer=answer, row=answer.row, timeline=timeline(answer), letters=letters,
        day_minutes=context.calendar.day_minutes,
    )  # fmt: skip
