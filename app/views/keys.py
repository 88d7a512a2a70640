"""The keys of systems that push their dossiers: listed, made, given another secret, revoked. Administrators alone."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, key_acts, key_forms, key_page
from app.access import ADMINS, Permission
from app.key_forms import NewKeyForm, read_new_key, reason_fault
from app.key_page import Door, ShownKey
from app.pages import Pages
from app.presenters import sentence
from app.receiver_calls import Service
from app.views.sources import whole_province_only
from tracker.errors import UsageError, WorkFailed

blueprint = Pages("keys", __name__, url_prefix="/nguon-du-lieu/khoa")
blueprint.before_request(whole_province_only)

TO_ADMINISTER = Permission(ADMINS)
# A person waits at the page: a load that takes longer is told, not waited for.
PATIENCE_MS = 5_000
BUSY = "Đang nạp dữ liệu, chưa thêm được khóa. Những gì đã điền vẫn ở đây: hãy bấm lại sau vài phút."

MADE_JUST_NOW = "Nếu vừa thêm mà chưa kịp chép mật khẩu, hãy mở khóa ấy trong danh sách và đổi mật khẩu."


@blueprint.get("/", permission=TO_ADMINISTER)
def page() -> str:
    """All keys, and whether the receiver takes anything in."""
    with current.context().store.read() as session:
        found = key_page.shown_keys(session)
    return render_template("source_keys.html", found=found, door=_door())


@blueprint.route("/moi", methods=["GET", "POST"], permission=TO_ADMINISTER)
def new() -> str | tuple[str, int]:
    """A new key; its secret is in this very answer and nowhere else."""
    with current.context().store.read() as session:
        offered = key_page.choices(session, current.now().date())
    if request.method == "GET":
        return _form(NewKeyForm(), offered)
    form = read_new_key(request.form, offered.sources, offered.codes)
    if form.faults:
        return _form(form, offered), 400
    try:
        made = key_acts.make_key(
            current.context().store, form.wanted(), actor=current.account().login, now=current.now(),
            patience_ms=PATIENCE_MS,
        )  # fmt: skip
    except UsageError as fault:
        return _form(form.with_fault("login", f"{sentence(fault)} {MADE_JUST_NOW}"), offered), 400
    except WorkFailed:
        return _form(form, offered, BUSY), 503
    return _page(_found(made.key_id), told_once=made.secret)


def _form(form: NewKeyForm, offered: key_page.Choices, fault: str = "") -> str:
    return render_template("source_key_new.html", form=form, offered=offered, fault=fault, words=key_forms)


@blueprint.get("/<int:key_id>", permission=TO_ADMINISTER)
def show(key_id: int) -> str:
    """One key: what it may write, what to write into the sending system, and how to end it."""
    return _page(_found(key_id))


@blueprint.post("/<int:key_id>/mat-khau", permission=TO_ADMINISTER)
def renew(key_id: int) -> str | tuple[str, int]:
    """Another secret, shown in this very answer; the old one opens nothing any more."""
    shown, reason = _found(key_id), request.form.get("ly-do", "")
    if fault := reason_fault(reason):
        return _page(shown, faults={"renew": fault}, reason=reason), 400
    secret = key_acts.renew_secret(
        current.context().store, shown.key, actor=current.account().login, now=current.now(), reason=reason
    )
    return _page(_found(key_id), told_once=secret)


@blueprint.post("/<int:key_id>/thu-hoi", permission=TO_ADMINISTER)
def revoke(key_id: int) -> Response | tuple[str, int]:
    """End a key at once: waiting for a second person would be the danger."""
    shown, reason = _found(key_id), request.form.get("ly-do", "")
    if fault := reason_fault(reason):
        return _page(shown, faults={"revoke": fault}, reason=reason), 400
    was_open = key_acts.revoke_key(
        current.context().store, shown.key, actor=current.account().login, now=current.now(), reason=reason
    )
    done = "Đã thu hồi khóa {}; nó không đăng nhập và không gửi được nữa."
    flash((done if was_open else "Khóa {} đã được thu hồi từ trước.").format(shown.key.login))
    return redirect(url_for("keys.show", key_id=key_id))


def _page(
    shown: ShownKey, *, told_once: str = "", faults: dict[str, str] | None = None, reason: str = ""
) -> str:
    return render_template(
        "source_key.html", shown=shown, door=_door(), told_once=told_once, faults=faults or {}, reason=reason,
        services=Service, words=key_forms,
    )  # fmt: skip


def _found(key_id: int) -> ShownKey:
    with current.context().store.read() as session:
        found = key_page.shown_key(session, key_id)
    if found is None:
        abort(404)
    return found


def _door() -> Door:
    return Door(url_for("receiver.envelope", _external=True), current.context().config.receiver)
