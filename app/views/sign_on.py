"""Single sign-on: to the identity provider and back, as a log-in or to link the own account, and out there as well."""

from urllib.parse import urljoin

from flask import current_app, flash, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, sessions, sign_on
from app.access import ALL, PASSWORDS, SIGN_ONS, Limit, Permission
from app.accounts import password_fits
from app.guard import TRIES
from app.oplog import write
from app.pages import Pages
from app.sign_on import Identity, Pending
from app.sign_on_provider import SignOnAway, SignOnRefused
from app.views.auth import SIGN_ON, enter, target
from tracker.config import SignOnConfig
from tracker.errors import UsageError
from tracker.store import audit, people, second_factors
from tracker.store.people import Account

blueprint = Pages("sign_on", __name__)

KEPT, MAY_LINK = "sign_on", "may_link"
MAY_LINK_SECONDS = 300
NOBODY = (
    "Tài khoản bên ngoài này chưa gắn với tài khoản nào của chương trình. Hãy đăng nhập bằng mật khẩu rồi gắn ở trang "
    "Tài khoản, hoặc nhờ quản trị viên gắn."
)
ONCE = Limit(1, int(sign_on.LASTS.total_seconds()))


@blueprint.get("/dang-nhap/mot-lan", permission=Permission(public=True, limit=SIGN_ONS, here_only=True))
def begin() -> Response:
    """To the provider, to log in."""
    return _go(wanted=request.args.get("next", "")[:1000])


@blueprint.get("/dang-nhap/mot-lan/tro-ve", permission=Permission(public=True, limit=SIGN_ONS))
def back() -> Response:
    """Back from the provider: whoever it names is logged in, or linked; else told why not."""
    config = _config()
    try:
        pending = sign_on.pending_of(session.pop(KEPT, None), request.args.get("state", ""), current.now())
        _only_once(pending)
        found = sign_on.finish(config, pending, request.args, _back(), current.now())
    except (SignOnAway, SignOnRefused) as fault:
        write("sign_on_failed", reason=fault.code)
        return _told(str(fault))
    return _linked(pending, found) if pending.link_to else _entered(pending, found)


def _only_once(pending: Pending) -> None:
    """A session cookie that somebody kept from before does not bring the answer back to life."""
    if current_app.extensions[TRIES].are_too_many(f"sign-on {pending.state}", ONCE, current.now()):
        raise SignOnRefused


def _entered(pending: Pending, found: Identity) -> Response:
    with current.context().store.read() as db:
        account_id = second_factors.find_subject(db, found.subject)
        account = people.find_account(db, account_id) if account_id is not None else None
    if account is None or account.disabled_at is not None or account.is_demo:
        return _told(NOBODY)
    return enter(account, SIGN_ON, target(pending.wanted), is_strong=found.is_strong)


# ---------------------------------------------------------------- the own account


@blueprint.post("/tai-khoan/mot-lan/cho-phep", permission=Permission(ALL, limit=PASSWORDS))
def allow_link() -> Response:
    """The password was right: for five minutes this session may link the account."""
    if not _password_is_right():
        return redirect(url_for("account.password"))
    current.log("sign_on_allow", _subject(current.account()))
    session[MAY_LINK] = int(current.now().timestamp())
    return redirect(url_for("account.password"))


@blueprint.get("/tai-khoan/mot-lan/gan", permission=Permission(ALL, limit=SIGN_ONS, here_only=True))
def link() -> Response:
    """To the provider, to link the account that is logged in here."""
    if not may_link() or current.account().is_demo:
        flash("Hãy nhập lại mật khẩu trước khi gắn tài khoản bên ngoài.", "fault")
        return redirect(url_for("account.password"))
    return _go(link_to=current.account().account_id)


@blueprint.post("/tai-khoan/mot-lan/go", permission=Permission(ALL, limit=PASSWORDS))
def unlink() -> Response:
    """The account is nobody at the provider any more; the password was asked for."""
    account = current.account()
    if _password_is_right():
        with current.context().store.transaction() as db:
            second_factors.set_subject(db, account.account_id, "")
            audit.append_acts(db, [current.act("sign_on_unlink", _subject(account))])
        flash("Đã gỡ tài khoản bên ngoài. Từ nay chỉ đăng nhập được bằng mật khẩu.")
    return redirect(url_for("account.password"))


def may_link() -> bool:
    """Was the password typed in this session not long ago?"""
    age = int(current.now().timestamp()) - int(session.get(MAY_LINK, 0))
    return 0 <= age <= MAY_LINK_SECONDS


def _password_is_right() -> bool:
    _config()
    right = password_fits(current.account().password_hash, request.form.get("present", "")[:1000])
    if not right:
        flash("Mật khẩu hiện tại không đúng; chưa có gì thay đổi.", "fault")
    return right


def _linked(pending: Pending, found: Identity) -> Response:
    """Only into the account that began it, and while it is still logged in here."""
    if not current_user.is_authenticated or sessions.is_over():
        return _told(str(SignOnRefused()))
    account = current.account()
    if account.account_id != pending.link_to:
        return _told(str(SignOnRefused()))
    session.pop(MAY_LINK, None)
    try:
        with current.context().store.transaction() as db:
            second_factors.set_subject(db, account.account_id, found.subject)
            audit.append_acts(db, [current.act("sign_on_link", _subject(account))])
    except UsageError as fault:
        return _told(f"{str(fault).capitalize()}.")
    flash("Đã gắn. Lần sau có thể đăng nhập bằng tài khoản bên ngoài.")
    return redirect(url_for("account.password"))


# ---------------------------------------------------------------- out


@blueprint.get("/dang-nhap/mot-lan/thoat", permission=Permission(public=True, limit=SIGN_ONS, here_only=True))
def leave() -> Response:
    """To the provider's own page for logging out, where it has one."""
    try:
        there = sign_on.leaving(_config(), _address("auth.login"))
    except SignOnAway as fault:
        return _told(str(fault))
    return (
        redirect(there) if there else _told("Nơi cấp tài khoản không có trang thoát; hãy đóng trình duyệt.")
    )


# ---------------------------------------------------------------- shared


def _config() -> SignOnConfig:
    config = current.context().config.sign_on
    if not config.is_on:
        abort(404)
    return config


def _go(*, wanted: str = "", link_to: int = 0) -> Response:
    try:
        there, kept = sign_on.begin(_config(), _back(), current.now(), wanted=wanted, link_to=link_to)
    except SignOnAway as fault:
        return _told(str(fault))
    session[KEPT] = dict(kept)
    return redirect(there)


def _back() -> str:
    return _address("sign_on.back")


def _address(endpoint: str) -> str:
    """Our address as the provider knows it: by the configured name, whatever name this request came by."""
    public = current.context().config.web.public_url
    return (
        urljoin(f"{public}/", url_for(endpoint).lstrip("/")) if public else url_for(endpoint, _external=True)
    )


def _told(fault: str) -> Response:
    """Back to where the person came from, with the reason in words."""
    flash(fault, "fault")
    return redirect(url_for("account.password" if current_user.is_authenticated else "auth.login"))


def _subject(account: Account) -> str:
    return f"user:{account.account_id}"
