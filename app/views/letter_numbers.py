"""Numbers and dates for signed letters: lists of the document system, own series, files that came back signed."""

from flask import render_template, request, send_file
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, number_page
from app.access import OFFICE, SEES_NAMES, Permission
from app.importing import MOST_FILES, shown_name
from app.letter_number_acts import NumberDesk
from app.number_forms import MOST_LINES, OwnForm, proposed_text, read_own, typed_list, uploaded_list
from app.number_page import NumberLook, OwnLook
from app.pages import Pages
from app.presenters import sentence
from letters.moving import Asker
from letters.number_lists import NumberList
from letters.register import located
from letters.signed_files import LARGEST, MIB, SignedReport
from tracker.errors import UsageError
from tracker.store import letter_moves

blueprint = Pages("letter_numbers", __name__, url_prefix="/thu-xin-loi")

WRITE = "ghi"  # what `lam` says where it is meant; anything else only looks
TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def _asker() -> Asker:
    return Asker(current.account().login, current.now(), current.scope())


# ---------------------------------------------------------------- lists, own series


@blueprint.route("/vao-so", methods=["GET", "POST"], permission=Permission(OFFICE, scoped=True, uploads=True))
def page() -> str | tuple[str, int]:
    """A list of numbers: looked at first, taken when it is confirmed."""
    if request.method == "GET":
        return _shown()
    store, asker, text = current.context().store, _asker(), request.form.get("danh-sach", "")
    try:
        told = _list_sent(text)
    except UsageError as error:
        return _shown(text=text, fault=sentence(error)), 400
    if request.form.get("lam") != WRITE:
        return _shown(look=number_page.look_at(store, told, asker), text=text)
    report = NumberDesk(current.context(), asker).give(told.given)
    return _shown(look=number_page.look_back(store, told, report), is_done=True)


def _list_sent(text: str) -> NumberList:
    file = request.files.get("tep")
    if file is not None and file.filename:
        return uploaded_list(file, max_mib=current.context().config.ingest.max_upload_mib)
    return typed_list(text)


@blueprint.post("/vao-so/so-rieng", permission=Permission(OFFICE, scoped=True))
def own() -> str | tuple[str, int]:
    """Numbers out of a unit's own series: told first, given when confirmed."""
    store, asker = current.context().store, _asker()
    form = read_own(request.form, asker.today)
    if form.faults:
        return _shown(form=form), 400
    if request.form.get("lam") == WRITE:
        report = NumberDesk(current.context(), asker).number_own(form.letter_ids, form.day or asker.today)
        done = number_page.look_back_own(store, form.day or asker.today, report)
        return _shown(own_look=done, is_done=True)
    try:
        return _shown(own_look=number_page.look_at_own(store, form, asker), form=form)
    except UsageError as error:
        return _shown(form=form, fault=sentence(error)), 400


def _shown(
    *,
    look: NumberLook | None = None,
    own_look: OwnLook | None = None,
    is_done: bool = False,
    form: OwnForm | None = None,
    **more: str,
) -> str:
    today = current.now().date()
    with current.context().store.read() as session:
        series = number_page.open_series(session, current.scope(), today)
    return render_template(
        "numbers.html", look=look, own_look=own_look, is_done=is_done, form=form or OwnForm(day=today), series=series,
        most=MOST_LINES, **{"fault": "", "text": "", **more},
    )  # fmt: skip


# ---------------------------------------------------------------- signed files


@blueprint.route(
    "/ban-da-ky", methods=["GET", "POST"], permission=Permission(OFFICE, scoped=True, uploads=True)
)
def signed() -> str | tuple[str, int]:
    """Files that came back signed: each finds its letter, and what it says of number and date is proposed."""
    if request.method == "GET":
        return _signed()
    files = [each for each in request.files.getlist("tep") if each.filename]
    if not 0 < len(files) <= MOST_FILES:
        fault = f"Mỗi lần tối đa {MOST_FILES} tệp." if files else "Hãy chọn ít nhất một tệp."
        return _signed(fault=fault), 400
    read = [(shown_name(each.filename), each.stream.read(LARGEST + 1)) for each in files]
    return _signed(NumberDesk(current.context(), _asker()).take_signed(read))


def _signed(report: SignedReport | None = None, fault: str = "") -> str:
    files = (*report.taken, *report.known) if report else ()
    return render_template(
        "signed.html", report=report, fault=fault, most=MOST_FILES, largest=LARGEST // MIB,
        proposals=proposed_text(files), most_mib=current.context().config.ingest.max_upload_mib,
    )  # fmt: skip


@blueprint.get("/<int:letter_id>/ban-da-ky", permission=Permission(SEES_NAMES, scoped=True, here_only=True))
def signed_file(letter_id: int) -> Response:
    """The file of a letter that came back signed; 404 for other units' letters and for those that have none."""
    context = current.context()
    with context.store.read() as session:
        found = letter_moves.letters_to_move(session, [letter_id], current.scope())
    path = located(context.data_dir, found[0].signed_file) if found and found[0].signed_file else None
    if path is None or not path.is_file():
        abort(404)
    current.log("signed_download", f"letter:{letter_id}")
    return send_file(path.resolve(), TYPES[path.suffix], as_attachment=True, download_name=path.name)
