"""The own second factor: set it up by a picture and a code, switch it off, make recovery codes anew.

The secret waits for its first code sealed in the session cookie; it counts only once a telephone has shown that it knows it.
"""

from datetime import timedelta

from flask import flash, redirect, render_template, session, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app import current, second_factor
from app.access import ALL, PASSWORDS, Permission
from app.accounts import new_salt, password_fits
from app.factor_key import FactorKeyLost, factor_key
from app.own_proof import WRONG_CODE, WRONG_PASSWORD, OwnProof, proof_faults
from app.pages import Pages
from app.views.account import stay
from tracker.store import audit, second_factors

blueprint = Pages("second_factor", __name__, url_prefix="/tai-khoan/xac-thuc")

DRAFT = "factor_draft"
LASTS = timedelta(minutes=15)
NEEDED = "Vai trò của bạn phải có xác thực hai bước nên không tắt được. Muốn đổi điện thoại: nhờ quản trị viên gỡ rồi cài lại."


class BeginForm(FlaskForm):
    """The present password, before a secret is shown."""

    present = PasswordField("Mật khẩu hiện tại", [InputRequired("Hãy nhập mật khẩu hiện tại.")])


class FirstCodeForm(FlaskForm):
    """The first code that the telephone shows."""

    code = StringField("Mã 6 số đang hiện trên điện thoại", [InputRequired("Hãy nhập mã."), Length(max=40)])


class BothForm(BeginForm):
    """Password and code, for what makes the account weaker or replaces its recovery codes."""

    code = StringField("Mã xác thực, hoặc mã dự phòng", [InputRequired("Hãy nhập mã."), Length(max=40)])


@blueprint.get("", permission=Permission(ALL))
def page() -> str:
    """Is it on; how to set it up; what can be done with it."""
    return _page()


@blueprint.post("/bat-dau", permission=Permission(ALL, limit=PASSWORDS))
def begin() -> Response | tuple[str, int]:
    """A new secret, after the password: shown until its first code, for a quarter of an hour."""
    form, account = BeginForm(), current.account()
    if account.second_factor:
        return redirect(url_for("second_factor.page"))
    if not form.validate_on_submit():
        return _page(begin_form=form), 400
    if not password_fits(account.password_hash, form.present.data):
        form.present.errors = [WRONG_PASSWORD]
        return _page(begin_form=form), 400
    key = factor_key(current.context().data_dir, may_make=True)
    sealed = key.seal(second_factor.new_secret(), account.account_id)
    session[DRAFT] = [sealed, int(current.now().timestamp())]
    current.log("factor_begin", f"user:{account.account_id}")
    return redirect(url_for("second_factor.page"))


@blueprint.post("/xac-nhan", permission=Permission(ALL, limit=PASSWORDS))
def confirm() -> str | Response | tuple[str, int]:
    """The telephone knows the secret: from now on log-in asks for its codes. The recovery codes stand in this answer alone."""
    form, account, secret = FirstCodeForm(), current.account(), _draft()
    if secret is None or account.second_factor:
        flash("Mã QR đã hết hạn. Hãy bắt đầu lại.", "fault")
        return redirect(url_for("second_factor.page"))
    valid = form.validate_on_submit()
    step = second_factor.fitting_step(secret, form.code.data, current.now()) if valid else None
    if step is None:
        form.code.errors = form.code.errors or [WRONG_CODE]
        return _page(code_form=form), 400
    act, salt = current.act("factor_on", f"user:{account.account_id}"), new_salt()
    codes = second_factor.set_up(current.context(), account, secret, step=step, act=act, salt=salt)
    session.pop(DRAFT, None)
    stay()
    return redirect(url_for("second_factor.page")) if codes is None else _codes_page(codes, is_new=True)


@blueprint.post("/tat", permission=Permission(ALL, limit=PASSWORDS))
def switch_off() -> Response | tuple[str, int]:
    """No second factor any more; password and code are asked for, and other sessions end."""
    form, account = BothForm(prefix="off"), current.account()
    if account.role in current.context().config.web.second_factor_roles and not account.is_demo:
        flash(NEEDED, "fault")
        return redirect(url_for("second_factor.page"))
    if not _both_fit(form):
        return _page(off_form=form), 400
    with current.context().store.transaction() as db:
        second_factor.take_away(db, account.account_id, new_salt())
        audit.append_acts(db, [current.act("factor_off", f"user:{account.account_id}")])
    stay()
    flash("Đã tắt xác thực hai bước. Các phiên đăng nhập khác của tài khoản này đã kết thúc.")
    return redirect(url_for("second_factor.page"))


@blueprint.post("/ma-du-phong", permission=Permission(ALL, limit=PASSWORDS))
def renew_codes() -> str | tuple[str, int]:
    """Ten new recovery codes instead of the earlier ones, in this answer alone."""
    form, account = BothForm(prefix="codes"), current.account()
    if not _both_fit(form):
        return _page(codes_form=form), 400
    act = current.act("factor_codes", f"user:{account.account_id}")
    return _codes_page(second_factor.renew_codes(current.context(), account, act=act), is_new=False)


def _both_fit(form: BothForm) -> bool:
    """Password and code are right; else the form says what is not."""
    account = current.account()
    if not form.validate_on_submit():
        return False
    if not account.second_factor:
        form.code.errors = [WRONG_CODE]
        return False
    typed = OwnProof(form.present.data, form.code.data)
    faults = proof_faults(current.context(), account, typed, current.now())
    form.present.errors = [faults.password] if faults.password else []
    form.code.errors = [faults.code] if faults.code else []
    return faults.is_proved


def _draft() -> str | None:
    """The secret that waits for its first code; None: there is none, or it waits for too long."""
    sealed, at = session.get(DRAFT) or ("", 0)
    if not sealed or int(current.now().timestamp()) - at > LASTS.total_seconds():
        return None
    try:
        return factor_key(current.context().data_dir).open(sealed, current.account().account_id)
    except FactorKeyLost:
        return None


def _codes_page(codes: list[str], *, is_new: bool) -> str:
    return render_template("recovery_codes.html", codes=codes, is_new=is_new)


def _page(
    *,
    begin_form: BeginForm | None = None,
    code_form: FirstCodeForm | None = None,
    off_form: BothForm | None = None,
    codes_form: BothForm | None = None,
) -> str:
    account, web = current.account(), current.context().config.web
    with current.context().store.read() as db:
        left = second_factors.codes_left(db, account.account_id)
    secret = None if account.second_factor else _draft()
    return render_template(
        "second_factor.html",
        left=left,
        picture=_picture(second_factor.address_of(secret, account)) if secret else "",
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else "",
        is_needed=account.role in web.second_factor_roles and not account.is_demo,
        begin_form=begin_form or BeginForm(),
        code_form=code_form or FirstCodeForm(),
        off_form=off_form or BothForm(prefix="off", formdata=None),
        codes_form=codes_form or BothForm(prefix="codes", formdata=None),
    )


def _picture(address: str) -> str:
    """The address as a QR code: an SVG in the page itself, on white with its quiet zone, also in the dark scheme."""
    import segno

    return segno.make(address, micro=False).svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
