"""Official forms as dated editions: what each prints and where odd dossiers stand; two persons confirm or correct one."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, form_edition_words, two_person
from app.access import EDITION_SETTERS, OVERVIEW, Permission, Role
from app.edition_changes import EditionSet
from app.form_edition_forms import FormEditionForm, given
from app.pages import Pages
from app.two_person import Person
from tracker.errors import UsageError
from tracker.forms_data import form_values
from tracker.pipeline.forms import KeptForm, kept_forms
from tracker.store import edition_store
from tracker.types.editions import EditionKind

blueprint = Pages("form_editions", __name__, url_prefix="/bao-cao/bieu-mau")

TO_READ, TO_ASK = Permission(OVERVIEW | {Role.ADMIN}), Permission(EDITION_SETTERS)


@blueprint.get("/", permission=TO_READ)
def page() -> str:
    """Every edition of every form."""
    with current.context().store.read() as session:
        kept = kept_forms(session)
    return render_template("form_editions.html", kept=kept, words=form_edition_words)


@blueprint.get("/<form>/<key>", permission=TO_READ)
def edition(form: str, key: str) -> str:
    """One edition: its values, who entered it, and the form to confirm or correct it."""
    kept = _found(form, key)
    return _page(kept, _form(kept))


@blueprint.post("/<form>/<key>", permission=TO_ASK)
def ask(form: str, key: str) -> str | Response | tuple[str, int]:
    """Ask a second person to have the edition so."""
    kept = _found(form, key)
    typed = _form(kept)
    if not typed.validate_on_submit():
        return _page(kept, typed), 400
    try:
        wanted = typed.edition(kept.edition)
        change = EditionSet(EditionKind.FORM.value, wanted.form, wanted.key, form_values(wanted))
        person = Person(current.account().login)
        row = two_person.propose(
            current.context().store, change, person=person, reason=typed.reason.data, now=current.now()
        )
    except UsageError as fault:
        return _page(kept, typed, str(fault)), 400
    flash("Đã ghi đề nghị. Chưa có gì thay đổi: người thứ hai phải duyệt.")
    return redirect(url_for("admin.change", change_id=row.change_id))


def _form(kept: KeptForm) -> FormEditionForm:
    first = None if request.method == "POST" else given(kept.edition)
    form = FormEditionForm(request.form if request.method == "POST" else None, data=first)
    form.offer(kept.edition)
    return form


def _found(form: str, key: str) -> KeptForm:
    with current.context().store.read() as session:
        kept = {(each.edition.form, each.edition.key): each for each in kept_forms(session)}
    return kept.get((form, key)) or abort(404)


def _page(kept: KeptForm, form: FormEditionForm, fault: str = "") -> str:
    own = kept.edition
    with current.context().store.read() as session:
        entries = edition_store.history(session, EditionKind.FORM, own.form, own.key)
    return render_template(
        "form_edition.html", edition=own, entries=entries, form=form, fault=fault,
        told=form_edition_words.form_words(form_values(own)),
    )  # fmt: skip
