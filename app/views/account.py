"""The own account: who am I here, the last log-ins, other sessions, another password."""

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from app import current, sessions
from app.access import ALL, PASSWORDS, Permission
from app.access_history import history_of
from app.accounts import change_password, new_salt, password_fault, password_fits
from app.pages import Pages
from app.views.sign_on import may_link
from tracker.store import api_tokens, audit, people, second_factors

blueprint = Pages("account", __name__)

CHANGED = "Đã đổi mật khẩu. Các phiên đăng nhập khác của tài khoản này đã kết thúc."
CHANGED_ALL = (
    "Đã đổi mật khẩu. Các phiên đăng nhập khác và các khóa API của tài khoản này đã kết thúc; "
    "chương trình nào còn cần gọi API thì tạo khóa mới cho nó."
)


class PasswordForm(FlaskForm):
    """The present password, the new one twice, and whether programs have to get new tokens as well."""

    present = PasswordField("Mật khẩu hiện tại", [InputRequired("Hãy nhập mật khẩu hiện tại.")])
    new = PasswordField("Mật khẩu mới", [InputRequired("Hãy nhập mật khẩu mới."), Length(max=1000)])
    again = PasswordField("Nhập lại mật khẩu mới", [EqualTo("new", "Hai lần nhập không giống nhau.")])
    end_tokens = BooleanField("Kết thúc cả các mã truy cập của chương trình (khóa API)", default=True)


@blueprint.route("/tai-khoan", methods=["GET", "POST"], permission=Permission(ALL, limit=PASSWORDS))
def password() -> str | Response | tuple[str, int]:
    """Change the password; all other sessions of the account end, and its tokens unless the person keeps them."""
    form, account = PasswordForm(), current.account()
    if not form.validate_on_submit():
        return _page(form), 400 if form.errors else 200
    fault = password_fault(form.new.data, account.login, before=form.present.data)
    if not password_fits(account.password_hash, form.present.data):
        form.present.errors = ["Mật khẩu hiện tại không đúng."]
    elif fault:
        form.new.errors = [fault]
    else:
        # Only who was shown the box can have left it out.
        return _changed(form.new.data, keeps="hoi-khoa" in request.form and not form.end_tokens.data)
    return _page(form), 400


@blueprint.post("/tai-khoan/ket-thuc-phien", permission=Permission(ALL))
def end_others() -> Response:
    """End all sessions of the account but this one."""
    context, account = current.context(), current.account()
    with context.store.transaction() as db:
        people.end_sessions(db, account.account_id, new_salt())
        audit.append_acts(db, [current.act("sessions_end", f"user:{account.account_id}")])
    stay()
    flash("Đã kết thúc mọi phiên đăng nhập khác của tài khoản này.")
    return redirect(url_for("account.password"))


def _page(form: PasswordForm) -> str:
    account, context = current.account(), current.context()
    with context.store.read() as db:
        left = second_factors.codes_left(db, account.account_id)
        tokens = api_tokens.count_good(db, account.account_id, current.now())
    return render_template(
        "account.html", form=form, codes_left=left, history=history_of(context.store, account, current.now()),
        sign_on=context.config.sign_on, may_link=may_link(), tokens=tokens,
    )  # fmt: skip


def _changed(new_password: str, *, keeps: bool) -> Response:
    context, account = current.context(), current.account()
    with context.store.read() as db:
        tokens = api_tokens.count_good(db, account.account_id, current.now())
    act = current.act(
        "password", f"user:{account.account_id}", {"tokens_kept": tokens} if keeps and tokens else {}
    )
    end_by = "" if keeps else api_tokens.BY_OWN_PASSWORD
    change_password(context.store, account, new_password, act, tokens_end_by=end_by)
    stay()
    flash(CHANGED_ALL if tokens and not keeps else CHANGED)
    return redirect(url_for("account.password"))


def stay() -> None:
    """All sessions of the account ended; this one goes on."""
    with current.context().store.read() as db:
        fresh = people.find_account(db, current.account().account_id)
    if fresh is not None:
        sessions.renew(fresh)
