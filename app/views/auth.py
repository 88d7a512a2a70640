"""Logging in, in one step or two, and out, and the way from "/" to where a role begins its day."""

from urllib.parse import urlsplit

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app import current, halfway, sessions
from app.access import ADMINS, ALL, HOME, LOGINS, Permission, Role
from app.accounts import LoginAttempt, log_in, new_salt
from app.factor_key import FactorKeyLost
from app.first_day_standing import is_ready
from app.pages import Pages
from app.proxies import is_from_this_machine
from app.second_factor import CodeUse, use_code
from tracker.store import audit, people
from tracker.store.people import Account

blueprint = Pages("auth", __name__)

SIGN_ON = "sign_on"

WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."
LOCKED = "Đăng nhập sai nhiều lần nên tài khoản tạm khóa {} phút. Hãy thử lại sau, hoặc nhờ người vận hành máy chủ đặt lại mật khẩu."
WRONG_CODE = "Mã không đúng hoặc đã dùng. Hãy đợi mã kế tiếp trên điện thoại rồi nhập lại."
LOCKED_CODE = "Nhập sai nhiều lần nên tài khoản tạm khóa {} phút. Hãy thử lại sau."
NO_PASSWORDS = "Cơ quan chỉ cho tài khoản này vào bằng nút “{}” bên dưới."


class LoginForm(FlaskForm):
    """Login name and password."""

    login = StringField("Tên đăng nhập", [InputRequired("Hãy nhập tên đăng nhập."), Length(max=100)])
    password = PasswordField("Mật khẩu", [InputRequired("Hãy nhập mật khẩu."), Length(max=1000)])


class CodeForm(FlaskForm):
    """The code of the second factor, or a recovery code."""

    code = StringField("Mã xác thực", [InputRequired("Hãy nhập mã."), Length(max=40)])


@blueprint.route("/dang-nhap", methods=["GET", "POST"], permission=Permission(public=True, limit=LOGINS))
def login() -> str | Response | tuple[str, int]:
    """The log-in page; a failed attempt says neither whether the name exists nor which part was wrong."""
    form = LoginForm()
    if current_user.is_authenticated and request.method == "GET":
        return redirect(url_for("auth.home"))
    if not form.validate_on_submit():
        return _form(form, fault=None)
    attempt = _attempt(form)
    fault = _fault(attempt)
    if attempt.account is None or fault:
        return _form(form, fault=fault), 401
    wanted = target(request.args.get("next"))
    return enter(attempt.account, "password", wanted)


def enter(account: Account, way: str, wanted: str | None, *, is_strong: bool = False) -> Response:
    """The first step was right: on to the code where the account has a second factor, else logged in.

    `is_strong`: who told us of the person asked for a second factor, and the configuration trusts it.
    """
    if account.second_factor and not is_strong:
        halfway.begin(account, way)
        return redirect(url_for("auth.code", next=wanted))
    # First the entry: a session that nobody wrote down does not begin.
    current.log("login", f"user:{account.account_id}", {"way": way}, actor=account.login)
    sessions.begin(account, way, is_strong=is_strong)
    return redirect(wanted or url_for("auth.home"))


@blueprint.route("/dang-nhap/ma", methods=["GET", "POST"], permission=Permission(public=True, limit=LOGINS))
def code() -> str | Response | tuple[str, int]:
    """The second step: the code; whoever did not take the first one, or waited too long, begins anew."""
    account, form = halfway.account(), CodeForm()
    if account is None:
        return redirect(url_for("auth.login", het_phien=1, next=request.args.get("next")))
    if not form.validate_on_submit():
        return render_template("login_code.html", form=form, fault=None)
    try:
        use = use_code(current.context(), account, form.code.data, current.now())
    except FactorKeyLost as lost:
        return render_template("login_code.html", form=form, fault=str(lost)), 503
    if not use.is_good:
        minutes = current.context().config.web.lock_minutes
        fault = LOCKED_CODE.format(minutes) if use is CodeUse.LOCKED else WRONG_CODE
        return render_template("login_code.html", form=form, fault=fault), 401
    way = f"{halfway.way()}+{use.value}"
    current.log("login", f"user:{account.account_id}", {"way": way}, actor=account.login)
    sessions.begin(account, way)
    return redirect(target(request.args.get("next")) or url_for("auth.home"))


def _fault(attempt: LoginAttempt) -> str:
    """Why nobody gets in; empty: nothing is in the way."""
    config = current.context().config
    if attempt.account is None:
        return LOCKED.format(config.web.lock_minutes) if attempt.locked else WRONG
    if not config.web.has_password_login and Role(attempt.account.role) not in ADMINS:
        return NO_PASSWORDS.format(config.sign_on.label)
    return ""


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
    return render_template(
        "login.html", form=form, fault=fault, expired=expired, demo=demo,
        sign_on=current.context().config.sign_on, left="da_thoat" in request.args,
        wanted=target(request.args.get("next")),
    )  # fmt: skip


def target(address: str | None) -> str | None:
    """The page somebody wanted before logging in, if it is one of ours."""
    parts = urlsplit(address or "")
    ours = address and not parts.scheme and not parts.netloc and address.startswith("/")
    return address if ours and not address.startswith(("//", "/\\")) and "\\" not in address else None


@blueprint.post("/dang-xuat", permission=Permission(ALL))
def logout() -> Response:
    """Log out everywhere: a cookie that was copied is worth nothing afterwards."""
    account, by_sign_on = current.account(), sessions.way().startswith(SIGN_ON)
    with current.context().store.transaction() as db:
        people.end_sessions(db, account.account_id, new_salt())
        audit.append_acts(db, [current.act("logout", f"user:{account.account_id}")])
    sessions.end()
    return redirect(url_for("auth.login", da_thoat=1 if by_sign_on else None))


@blueprint.get("/", permission=Permission(ALL))
def home() -> Response:
    """To where the role begins its day; an administrator of an office that is not set up yet, to its first steps."""
    role = Role(current.account().role)
    if role in ADMINS and not is_ready(current.context()):
        return redirect(url_for("first_day.page"))
    return redirect(url_for(HOME[role]))
