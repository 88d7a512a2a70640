"""Logging in and out, and the way from "/" to where a role begins its day."""

from urllib.parse import urlsplit

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app import current, sessions
from app.access import ALL, HOME, LOGINS, Permission, Role
from app.accounts import LoginAttempt, log_in, new_salt
from app.pages import Pages
from app.proxies import is_from_this_machine
from tracker.store import audit, people

blueprint = Pages("auth", __name__)

WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."
LOCKED = "Đăng nhập sai nhiều lần nên tài khoản tạm khóa {} phút. Hãy thử lại sau, hoặc nhờ người vận hành máy chủ đặt lại mật khẩu."


class LoginForm(FlaskForm):
    """Login name and password."""

    login = StringField("Tên đăng nhập", [InputRequired("Hãy nhập tên đăng nhập."), Length(max=100)])
    password = PasswordField("Mật khẩu", [InputRequired("Hãy nhập mật khẩu."), Length(max=1000)])


@blueprint.route("/dang-nhap", methods=["GET", "POST"], permission=Permission(public=True, limit=LOGINS))
def login() -> str | Response | tuple[str, int]:
    """The log-in page; a failed attempt says neither whether the name exists nor which part was wrong."""
    form = LoginForm()
    if current_user.is_authenticated and request.method == "GET":
        return redirect(url_for("auth.home"))
    if not form.validate_on_submit():
        return _form(form, fault=None)
    context = current.context()
    attempt = _attempt(form)
    if attempt.account is None:
        fault = LOCKED.format(context.config.web.lock_minutes) if attempt.locked else WRONG
        return _form(form, fault=fault), 401
    # First the entry: a session that nobody wrote down does not begin.
    current.log("login", f"user:{attempt.account.account_id}", actor=attempt.account.login)
    sessions.begin(attempt.account)
    return redirect(_target(request.args.get("next")) or url_for("auth.home"))


def _attempt(form: LoginForm) -> LoginAttempt:
    context = current.context()
    attempt = log_in(
        context.store, context.config.web,
        login=form.login.data, password=form.password.data, now=current.now(),
    )  # fmt: skip
    account = attempt.account
    if account is None or not account.is_demo or is_from_this_machine(request.environ):
        return attempt
    # Whatever server stands before us: to another machine a demonstration account is one that does not exist.
    current.log("demo_refused", f"user:{account.account_id}", actor=account.login)
    return LoginAttempt(None)


def _form(form: LoginForm, *, fault: str | None) -> str:
    with current.context().store.read() as db:
        demo = is_from_this_machine(request.environ) and people.has_usable_demo_accounts(db)
    expired = fault is None and "het_phien" in request.args
    return render_template("login.html", form=form, fault=fault, expired=expired, demo=demo)


def _target(address: str | None) -> str | None:
    """The page somebody wanted before logging in, if it is one of ours."""
    parts = urlsplit(address or "")
    ours = address and not parts.scheme and not parts.netloc and address.startswith("/")
    return address if ours and not address.startswith(("//", "/\\")) and "\\" not in address else None


@blueprint.post("/dang-xuat", permission=Permission(ALL))
def logout() -> Response:
    """Log out everywhere: a cookie that was copied is worth nothing afterwards."""
    account = current.account()
    with current.context().store.transaction() as db:
        people.end_sessions(db, account.account_id, new_salt())
        audit.append_acts(db, [current.act("logout", f"user:{account.account_id}")])
    sessions.end()
    return redirect(url_for("auth.login"))


@blueprint.get("/", permission=Permission(ALL))
def home() -> Response:
    """To where the role begins its day."""
    return redirect(url_for(HOME[Role(current.account().role)]))
