"""Asking for one applicant's name: a reason, then back to the dossier, which shows it for a while."""

from flask import redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from app import current
from app.access import REVEALERS, REVEALS, Permission
from app.pages import Pages
from app.reveal import LASTS, REASONS, SHORTEST, log_reveal, note_fault
from tracker.pipeline.proofs import dossier_proof
from tracker.types import DossierRow

blueprint = Pages("reveal", __name__)


CHOICES = [SelectChoice(key, words) for key, words in REASONS.items()]


class RevealForm(FlaskForm):
    """Why somebody has to know the name."""

    reason = RadioField("Lý do", [InputRequired("Hãy chọn lý do.")], choices=CHOICES)
    note = TextAreaField("Nói rõ (số văn bản, việc đang làm)", [Length(max=400)])


@blueprint.route(
    "/ho-so/<path:code>/hien-nguoi-nop",
    methods=["GET", "POST"],
    permission=Permission(REVEALERS, scoped=True, limit=REVEALS),
)
def ask(code: str) -> str | Response | tuple[str, int]:
    """The form; with a reason that will do, the dossier's page with the applicant in full."""
    row, form = _found(code), RevealForm()
    if not form.validate_on_submit():
        return _page(row, form), 400 if form.errors else 200
    fault = note_fault(form.note.data or "", row)
    if fault:
        form.note.errors = [fault]
        return _page(row, form), 400
    log_reveal(row, reason=form.reason.data, note=form.note.data)
    return redirect(url_for("dossier.page", code=row.code))


def _page(row: DossierRow, form: RevealForm) -> str:
    minutes = int(LASTS.total_seconds() // 60)
    return render_template("reveal.html", row=row, form=form, minutes=minutes, shortest=SHORTEST)


def _found(code: str) -> DossierRow:
    context = current.context()
    found = dossier_proof(
        context.store, context.calendars, code,
        as_of=current.now(), unit_ids=current.scope(), due_soon=context.due_soon,
    )  # fmt: skip
    if found is None:
        abort(404)
    return found.answer.row
