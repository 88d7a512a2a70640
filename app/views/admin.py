"""Administration: accounts, and changes of rights that one person asks for and a second one decides."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import account_list, accounts, current, two_person
from app.access import ADMINS, CHANGES_DECIDERS, CHANGES_READERS, ROLE_NAMES, Permission, Role
from app.account_forms import NO_UNIT, NewAccountForm, ReasonForm, RoleForm, opened
from app.calendar_page import STATES
from app.pages import Pages
from app.presenters import sentence
from app.reveal import NO_PERSONAL_DATA, holds_long_number, holds_name
from app.two_person import Person
from app.two_person_kinds import Payload
from tracker.errors import UsageError
from tracker.store import people
from tracker.store.people import Account
from tracker.store.two_person import TwoPersonRow

blueprint = Pages("admin", __name__, url_prefix="/quan-tri")

TO_READ, TO_ADMINISTER = Permission(CHANGES_READERS | CHANGES_DECIDERS), Permission(ADMINS)
TO_DECIDE = Permission(CHANGES_DECIDERS)  # of which kind, the kind itself says


# ---------------------------------------------------------------- accounts


@blueprint.get("/tai-khoan", endpoint="accounts", permission=TO_ADMINISTER)
def list_accounts() -> str:
    """Accounts with role, scope, state and last log-in; searched, and narrowed by role, unit and state."""
    with current.context().store.read() as session:
        shown = account_list.accounts_shown(session, account_list.read_asked(request.args), current.now())
    proposed = [row for row in two_person.changes(current.context().store) if row.state == "proposed"]
    return render_template(
        "accounts.html",
        shown=shown,
        words=account_list,
        proposed=proposed,
        title=two_person.title,
        roles=ROLE_NAMES,
        role_of=Role,
    )


@blueprint.route("/tai-khoan/moi", methods=["GET", "POST"], permission=TO_ADMINISTER)
def new_account() -> str | Response | tuple[str, int]:
    """Ask for a new account."""
    form = NewAccountForm()
    form.offer_units()
    if not form.validate_on_submit():
        return render_template("account_new.html", form=form), 400 if form.errors else 200
    try:
        return _proposed(form.payload(), form.reason.data)
    except UsageError as fault:
        return render_template("account_new.html", form=form, fault=str(fault)), 400


@blueprint.route("/tai-khoan/<int:account_id>", methods=["GET", "POST"], permission=TO_ADMINISTER)
def account(account_id: int) -> str | Response | tuple[str, int]:
    """One account: ask for another role or scope, close it, ask for it to be opened again."""
    shown, form = _found(account_id), RoleForm()
    form.offer_units()
    if request.method == "GET":
        form.role.data, form.unit.data = shown.role, shown.unit_id or NO_UNIT
    if not form.validate_on_submit():
        return _account_page(shown, form), 400 if form.errors else 200
    try:
        return _proposed(form.payload(shown), form.reason.data)
    except UsageError as fault:
        return _account_page(shown, form, str(fault)), 400


def _account_page(shown: Account, form: RoleForm, fault: str = "") -> str:
    own = shown.account_id == current.account().account_id
    return render_template(
        "account_edit.html",
        account=shown,
        form=form,
        fault=fault,
        own=own,
        role_of=Role,
        roles=ROLE_NAMES,
        sign_on=current.context().config.sign_on,
    )


@blueprint.post("/tai-khoan/<int:account_id>/khoa", permission=TO_ADMINISTER)
def close_account(account_id: int) -> Response:
    """Close an account at once: waiting for a second person would be the danger."""
    shown, form = _found(account_id), ReasonForm()
    if shown.account_id == current.account().account_id:
        flash("Không tự khóa tài khoản của mình; hãy nhờ một quản trị viên khác.", "fault")
    elif not form.validate_on_submit():
        flash("Hãy ghi lý do khóa.", "fault")
    elif holds_long_number(form.reason.data) or holds_name(form.reason.data, shown.full_name):
        flash(NO_PERSONAL_DATA, "fault")  # this reason stands in the log itself
    else:
        accounts.close(
            current.context().store,
            shown,
            actor=current.account().login,
            reason=form.reason.data,
            now=current.now(),
        )
        flash(f"Đã khóa {shown.login}; mọi phiên đăng nhập của tài khoản này đã kết thúc.")
    return redirect(url_for("admin.account", account_id=account_id))


@blueprint.post("/tai-khoan/<int:account_id>/mo", permission=TO_ADMINISTER)
def open_account(account_id: int) -> Response:
    """Ask for a closed account to be opened again."""
    shown, form = _found(account_id), ReasonForm()
    try:
        return _proposed(opened(shown), form.reason.data or "")
    except UsageError as fault:
        flash(sentence(fault), "fault")
        return redirect(url_for("admin.account", account_id=account_id))


def _found(account_id: int) -> Account:
    with current.context().store.read() as session:
        found = people.find_account(session, account_id)
    if found is None:
        abort(404)
    return found


def _me() -> Person:
    return Person(current.account().login)


def _proposed(payload: Payload, reason: str) -> Response:
    row = two_person.propose(current.context().store, payload, person=_me(), reason=reason, now=current.now())
    flash("Đã ghi đề nghị. Chưa có gì thay đổi: người thứ hai phải duyệt.")
    return redirect(url_for("admin.change", change_id=row.change_id))


# ---------------------------------------------------------------- changes


@blueprint.get("/thay-doi", permission=TO_READ)
def changes() -> str:
    """What was asked for, what waits first; who does not look at rights sees what that role decides on."""
    rows = [row for row in two_person.changes(current.context().store) if _is_shown(row)]
    return render_template("changes.html", changes=rows, states=STATES, title=two_person.title)


@blueprint.get("/thay-doi/<int:change_id>", permission=TO_READ)
def change(change_id: int) -> str:
    """One change: what stands, what is asked for, who decided."""
    return _change_page(_row(change_id))


def _change_page(row: TwoPersonRow, told_once: str = "") -> str:
    return render_template(
        "change.html", change=row, lines=two_person.told(current.context().store, row), title=two_person.title(row),
        states=STATES, may_decide=current.account().role in two_person.deciders(row),
        own=row.asked.proposed_by == current.account().login, told_once=told_once,
    )  # fmt: skip


def _row(change_id: int) -> TwoPersonRow:
    try:
        row = two_person.change(current.context().store, change_id)
    except UsageError:
        abort(404)
    return row if _is_shown(row) else abort(403)


def _is_shown(row: TwoPersonRow) -> bool:
    role = Role(current.account().role)
    return role in CHANGES_READERS or role in two_person.deciders(row)


@blueprint.post("/thay-doi/<int:change_id>/duyet", permission=TO_DECIDE)
def approve(change_id: int) -> str | Response:
    """The second person approves; a first password is shown in this very answer and never again."""
    _row(change_id)
    try:
        done = two_person.approve(current.context().store, change_id, person=_me(), now=current.now())
    except UsageError as fault:
        return _back(change_id, sentence(fault), "fault")
    if done.told_once:
        return _change_page(done.change, done.told_once)
    return _back(change_id, "Đã áp dụng thay đổi.")


@blueprint.post("/thay-doi/<int:change_id>/tu-choi", permission=TO_DECIDE)
def reject(change_id: int) -> Response:
    """The second person turns it down, with a word why."""
    _row(change_id)
    note = request.form.get("note", "")[:400]
    try:
        two_person.reject(current.context().store, change_id, person=_me(), now=current.now(), note=note)
    except UsageError as fault:
        return _back(change_id, sentence(fault), "fault")
    return _back(change_id, "Đã từ chối đề nghị.")


@blueprint.post("/thay-doi/<int:change_id>/rut", permission=TO_DECIDE)
def withdraw(change_id: int) -> Response:
    """Who asked takes it back."""
    _row(change_id)
    try:
        two_person.withdraw(current.context().store, change_id, person=_me(), now=current.now())
    except UsageError as fault:
        return _back(change_id, sentence(fault), "fault")
    return _back(change_id, "Đã rút đề nghị.")


def _back(change_id: int, text: str, category: str = "message") -> Response:
    flash(text, category)
    return redirect(url_for("admin.change", change_id=change_id))
