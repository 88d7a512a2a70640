"""Criteria as dated editions, side by side; the forms by which two persons confirm or correct one, or add a published result."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, edition_words, two_person
from app.access import EDITION_SETTERS, OVERVIEW, Permission, Role
from app.edition_changes import EditionSet
from app.edition_forms import ConfirmForm, CorrectForm, ResultForm, given
from app.edition_page import blocks, edition_change, effect, result_change
from app.pages import Pages
from app.two_person import Person
from app.typed_numbers import row_asked
from tracker.errors import UsageError
from tracker.pipeline.editions import KeptEdition, kept_editions, published
from tracker.pipeline.scores import YearQuestion, scores, scores_by
from tracker.store import board, edition_store
from tracker.types.editions import EditionKind

blueprint = Pages("editions", __name__)

TO_READ, TO_ASK = Permission(OVERVIEW | {Role.ADMIN}), Permission(EDITION_SETTERS)
FIRST_YEAR = 2012  # the index exists since then
CONFIRM, CORRECT = "xac-nhan", "sua"
SEND = "gui"


@blueprint.get("/tieu-chi", permission=TO_READ)
def page() -> str:
    """Every criterion with its editions and the points of a year by each, and what others published."""
    years, question = _year()
    with current.context().store.read() as session:
        results = published(session)
    return render_template(
        "editions.html", blocks=blocks(scores(current.context().store, question)), results=results,
        year=question.year, years=years, words=edition_words,
    )  # fmt: skip


def _year() -> tuple[list[int], YearQuestion]:
    """The years to choose from, and that of the address; else the newest year in which something ended."""
    with current.context().store.read() as session:
        years = board.end_years(session)
    as_of = current.now()
    asked = row_asked(request.values, "nam") or (years[0] if years else as_of.year)
    year = min(max(asked, FIRST_YEAR), as_of.year)
    return sorted({*years, year}, reverse=True), YearQuestion(year, as_of)


# ---------------------------------------------------------------- one edition


@blueprint.get("/tieu-chi/phien-ban/<criterion>/<key>", permission=TO_READ)
def edition(criterion: str, key: str) -> str:
    """One edition: its values, what has to be compared, who entered it, and the forms to confirm or correct it."""
    kept = _found(criterion, key)
    return _edition_page(kept, *_forms(kept))


@blueprint.post("/tieu-chi/phien-ban/<criterion>/<key>", permission=TO_ASK)
def ask(criterion: str, key: str) -> str | Response | tuple[str, int]:
    """Look at what a change would do (`lam=xem`), or ask a second person for it (`lam=gui`)."""
    kept = _found(criterion, key)
    confirm, correct = _forms(kept)
    form = confirm if request.form.get("viec") == CONFIRM else correct
    if not form.validate_on_submit():
        return _edition_page(kept, confirm, correct), 400
    try:
        wanted = form.edition(kept.edition)
        told = effect(current.context().store, _year()[1], kept.edition, wanted)
        if request.form.get("lam") != SEND:
            return _edition_page(kept, confirm, correct, preview=told[0])
        return _proposed(edition_change(wanted, told), form.reason.data)
    except UsageError as fault:
        return _edition_page(kept, confirm, correct, fault=str(fault)), 400


def _forms(kept: KeptEdition) -> tuple[ConfirmForm, CorrectForm]:
    """Both forms of the page; only the one that was sent holds what was typed."""
    sent = request.form.get("viec")
    confirm = ConfirmForm(request.form if sent == CONFIRM else None, prefix=CONFIRM)
    first = None if sent == CORRECT else given(kept.edition)
    return confirm, CorrectForm(request.form if sent == CORRECT else None, prefix=CORRECT, data=first)


def _found(criterion: str, key: str) -> KeptEdition:
    with current.context().store.read() as session:
        kept = {(each.edition.criterion, each.edition.key): each for each in kept_editions(session)}
    return kept.get((criterion, key)) or abort(404)


def _edition_page(
    kept: KeptEdition, confirm: ConfirmForm, correct: CorrectForm, *, fault: str = "", preview: object = None
) -> str:
    own, question = kept.edition, _year()[1]
    (answer,) = scores_by(current.context().store, question, (own,))
    with current.context().store.read() as session:
        entries = edition_store.history(session, EditionKind.CRITERION, own.criterion, own.key)
    return render_template(
        "edition.html", kept=kept, edition=own, entries=entries, confirm=confirm, correct=correct, fault=fault,
        preview=preview, done=request.form.get("viec", ""), year=question.year, answer=answer, words=edition_words,
    )  # fmt: skip


# ---------------------------------------------------------------- published results


@blueprint.route("/tieu-chi/ket-qua", methods=["GET", "POST"], permission=TO_ASK)
def result() -> str | Response | tuple[str, int]:
    """Ask for a published result to be added, or corrected where the year has one."""
    form = ResultForm()
    with current.context().store.read() as session:
        form.offer(published(session))
    if not form.validate_on_submit():
        return render_template("edition_result.html", form=form), 400 if form.errors else 200
    try:
        return _proposed(result_change(form.result()), form.reason.data)
    except UsageError as fault:
        return render_template("edition_result.html", form=form, fault=str(fault)), 400


def _proposed(change: EditionSet, reason: str) -> Response:
    person = Person(current.account().login)
    row = two_person.propose(current.context().store, change, person=person, reason=reason, now=current.now())
    flash("Đã ghi đề nghị. Chưa có gì thay đổi: người thứ hai phải duyệt.")
    return redirect(url_for("admin.change", change_id=row.change_id))
