"""What administrators ask for about the log-in of others: a lost second factor, who it is at the identity provider."""

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, two_person
from app.access import ADMINS, Permission
from app.access_changes import AccountFactor, AccountSignOn
from app.pages import Pages
from app.presenters import sentence
from app.two_person import Person
from app.two_person_kinds import Payload
from tracker.errors import UsageError
from tracker.store import people

blueprint = Pages("account_access", __name__, url_prefix="/quan-tri/tai-khoan")

TO_ADMINISTER = Permission(ADMINS)


@blueprint.post("/<int:account_id>/xac-thuc", permission=TO_ADMINISTER)
def lost_factor(account_id: int) -> Response:
    """Ask for a lost second factor to be taken away; a second person decides."""
    return _asked(account_id, AccountFactor(account_id))


@blueprint.post("/<int:account_id>/mot-lan", permission=TO_ADMINISTER)
def set_subject(account_id: int) -> Response:
    """Ask for the account to be somebody else at the identity provider, or nobody; a second person decides."""
    issuer = current.context().config.sign_on.issuer
    if not issuer:
        abort(404)
    told = request.form.get("subject", "").strip()[:255]
    return _asked(account_id, AccountSignOn(account_id, f"{issuer} {told}" if told else ""))


def _asked(account_id: int, payload: Payload) -> Response:
    context, reason = current.context(), request.form.get("reason", "")[:200]
    with context.store.read() as session:
        if people.find_account(session, account_id) is None:
            abort(404)
    person = Person(current.account().login)
    try:
        row = two_person.propose(context.store, payload, person=person, reason=reason, now=current.now())
    except UsageError as fault:
        flash(sentence(fault), "fault")
        return redirect(url_for("admin.account", account_id=account_id))
    flash("Đã ghi đề nghị. Chưa có gì thay đổi: người thứ hai phải duyệt.")
    return redirect(url_for("admin.change", change_id=row.change_id))
