"""The office's own templates of letters: which are in use, a file tried before it is taken, taken into and out of use."""

from io import BytesIO

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, letter_settings_page
from app.access import ALL, LETTER_SETTERS, Permission
from app.letter_settings_acts import SettingsDesk
from app.letter_settings_forms import SettingForm, read_place
from app.letter_trials import KeptTrial, TrialShelf, pdf_of
from app.pages import Pages
from app.presenters import sentence
from letters.forms import load_forms
from letters.layout import Paper
from letters.moving import Asker
from letters.obligations import LetterKind
from letters.pdf import find_office
from letters.template_check import TemplateReport
from letters.template_package import MAX_FILE
from letters.template_text import PLACEHOLDERS
from letters.templates import Upload, checked_form, default_file, own_file, try_template
from tracker.errors import TrackerError, UsageError

blueprint = Pages("letter_templates", __name__, url_prefix="/thu-xin-loi/mau")

TO_READ = Permission(ALL, scoped=True)
TO_SET = Permission(LETTER_SETTERS, scoped=True)
TO_TAKE = Permission(ALL, scoped=True, here_only=True)
TO_TAKE_TRIAL = Permission(LETTER_SETTERS, scoped=True, here_only=True)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
Answer = str | Response | tuple[str, int]


@blueprint.get("/", permission=TO_READ)
def page() -> str:
    """The templates in use and older ones, what to begin with, and the names that a template may hold."""
    return _page(SettingForm({"don-vi": request.args.get("don-vi", "")}))


def _page(form: SettingForm, *, refused: TemplateReport | None = None) -> str:
    context, scope = current.context(), current.scope()
    with context.store.read() as session:
        places = letter_settings_page.shown_places(session, scope, load_forms())
        options = letter_settings_page.unit_options(session, scope, current.now().date())
    return render_template(
        "letter_templates.html", own_places=places, options=options, form=form, refused=refused, words=letter_settings_page,
        forms=load_forms().editions, kinds=LetterKind, papers=Paper, placeholders=PLACEHOLDERS, scope=scope,
    )  # fmt: skip


@blueprint.get("/mac-dinh", permission=TO_TAKE)
def default() -> Response:
    """The shipped letter with its placeholders, to make an own template of."""
    asked = request.args
    try:
        kind = LetterKind(asked["loai"]) if asked.get("loai") else None
        paper = Paper(asked.get("kho", Paper.A4))
        form = checked_form(load_forms(), asked.get("mau", ""))
    except (ValueError, UsageError):
        abort(404)
    body = default_file(load_forms(), form.key, kind, paper)
    name = f"mau-{form.key}-{kind or 'moi-loai'}-{paper}.docx"
    return send_file(BytesIO(body), DOCX, as_attachment=True, download_name=name)


@blueprint.get("/<int:template_id>.docx", permission=TO_TAKE)
def own(template_id: int) -> Response:
    """A version as it was uploaded; 404 for those of other units."""
    context = current.context()
    with context.store.read() as session:
        places = letter_settings_page.shown_places(session, current.scope(), load_forms())
    if template_id not in {row.template_id for place in places for row in place.versions}:
        abort(404)
    body = own_file(context.store, template_id)
    return send_file(BytesIO(body), DOCX, as_attachment=True, download_name=f"mau-thu-{template_id}.docx")


# ---------------------------------------------------------------- a file tried


@blueprint.post("/thu", permission=Permission(LETTER_SETTERS, scoped=True, uploads=True))
def try_file() -> Answer:
    """Judge a file and make an invented letter of it; nothing is taken into use."""
    with current.context().store.read() as session:
        options = letter_settings_page.unit_options(session, current.scope(), current.now().date())
    form, place = read_place(request.form, load_forms(), options.allowed)
    name, body = _received(request.files.get("tep"))
    if not body:
        form = form.with_fault("tep", "Hãy chọn tệp mẫu .docx.")
    if form.faults or place is None:
        return _page(form), 400
    trial = try_template(body, place)
    told = {"bytes": len(body), "faults": len(trial.report.faults), "unit": place.unit_id, "form": place.form}
    current.log("letter_template_try", "templates", told)
    if not trial.report.is_usable:
        return _page(form, refused=trial.report), 400
    upload = Upload(name, body, form.text("ghi-chu"))
    key = _shelf().keep(place, upload, trial, login=current.account().login, now=current.now())
    return redirect(url_for("letter_templates.trial", key=key))


def _received(sent: FileStorage | None) -> tuple[str, bytes]:
    """Name and content of a file, no more of it than is looked at; nothing where none was sent."""
    if sent is None:
        return "", b""
    with sent.stream as stream:
        return sent.filename or "mau.docx", stream.read(MAX_FILE + 1)


@blueprint.get("/thu/<key>", permission=TO_SET)
def trial(key: str) -> str:
    """What was found in a file that was tried, and the invented letter as text."""
    return _trial_page(_kept(key))


def _trial_page(kept: KeptTrial, fault: str = "") -> str:
    context = current.context()
    with context.store.read() as session:
        places = letter_settings_page.shown_places(session, current.scope(), load_forms())
    before = [each.active for each in places if each.active and kept.place.is_of(each.active)]
    return render_template(
        "letter_template_trial.html", kept=kept, fault=fault, before=before[0] if before else None,
        words=letter_settings_page, form=load_forms().by_key(kept.place.form), placeholders=PLACEHOLDERS,
        unit=letter_settings_page.unit_name(context.store, kept.place.unit_id),
        has_pdf=find_office(context.config.letters.office_program) is not None,
    )  # fmt: skip


@blueprint.get("/thu/<key>/thu-mau.<any(docx, pdf):ending>", permission=TO_TAKE_TRIAL)
def sample(key: str, ending: str) -> Response:
    """The invented letter as a file."""
    kept = _kept(key)
    path = kept.letter if ending == "docx" else pdf_of(kept, current.context().config.letters.office_program)
    if path is None:
        flash("Không chuyển được sang PDF; hãy tải bản Word.", "fault")
        return redirect(url_for("letter_templates.trial", key=key))
    kind = DOCX if ending == "docx" else PDF
    return send_file(path.resolve(), kind, as_attachment=True, download_name=f"thu-mau.{ending}")


@blueprint.post("/thu/<key>/dung", permission=TO_SET)
def use(key: str) -> Answer:
    """Take the file that was tried into use; letters already drafted keep what they were made from."""
    kept = _kept(key)
    try:
        number = _desk().use_template(kept.place, kept.upload)
    except TrackerError as fault:
        return _trial_page(kept, sentence(fault)), 400
    _shelf().drop(kept)
    flash(f"Đã dùng mẫu số {number}. Thư soạn từ nay theo mẫu này; thư đã soạn giữ mẫu cũ.")
    return redirect(url_for("letter_templates.page"))


@blueprint.post("/<int:template_id>/thoi-dung", permission=TO_SET)
def retire(template_id: int) -> Response:
    """Take a version out of use."""
    try:
        _desk().retire_template(template_id)
        flash(f"Đã thôi dùng mẫu số {template_id}; thư soạn từ nay theo mẫu chung hơn hoặc mẫu mặc định.")
    except UsageError as fault:
        flash(sentence(fault), "fault")
    return redirect(url_for("letter_templates.page"))


def _desk() -> SettingsDesk:
    return SettingsDesk(current.context(), Asker(current.account().login, current.now(), current.scope()))


def _shelf() -> TrialShelf:
    return TrialShelf(current.context().data_dir)


def _kept(key: str) -> KeptTrial:
    """The trial of this address: 404 where there is none, 403 for that of somebody else."""
    if not _shelf().has(key):
        abort(404)
    return _shelf().find(key, current.account().login) or abort(403)
