"""Tokens by which programs call the API: an account makes them for itself; administrators see all of them and end any."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, token_acts, token_page
from app.access import ADMINS, ALL, PASSWORDS, Permission, Role
from app.api.routes import scopes_of
from app.own_proof import proof_faults
from app.pages import Pages
from app.token_acts import TokenMade
from app.token_page import TokenForm, read_form
from tracker.errors import UsageError
from tracker.store import api_tokens

blueprint = Pages("tokens", __name__, url_prefix="/tai-khoan/khoa-api")


@blueprint.get("", permission=Permission(ALL))
def page() -> str:
    """The own tokens and the form of a new one; administrators may look at all (`loc=tat-ca`)."""
    return _page(TokenForm())


@blueprint.post("", permission=Permission(ALL, limit=PASSWORDS))
def make() -> str | tuple[str, int]:
    """A new token for who shows to be the person; its secret is in this very answer and nowhere else."""
    form, account, context = read_form(request.form), current.account(), current.context()
    try:
        # First, so that no code is used up by a form that has to be filled in again.
        token_acts.check_wanted(account, form.wanted())
        unproved = proof_faults(context, account, form.proof, current.now())
        if not unproved.is_proved:
            return _page(form.not_proved(unproved)), 400
        made = token_acts.make_token(context.store, account, form.wanted(), now=current.now())
    except UsageError as fault:
        return _page(form.with_fault(fault)), 400
    return _page(TokenForm(), made)


@blueprint.post("/<int:token_id>/thu-hoi", permission=Permission(ALL))
def revoke(token_id: int) -> Response:
    """End a token at once; one of somebody else is 404 for all but administrators."""
    account, context = current.account(), current.context()
    with context.store.read() as session:
        token = api_tokens.find(session, token_id)
    if token is None or (token.account_id != account.account_id and Role(account.role) not in ADMINS):
        abort(404)
    was_good = token_acts.revoke_token(context.store, token, actor=account.login, now=current.now())
    done = "Đã thu hồi khóa “{}”; chương trình dùng nó không gọi được nữa."
    flash((done if was_good else "Khóa “{}” đã hết hiệu lực từ trước.").format(token.name))
    theirs = {} if token.account_id == account.account_id else {"loc": "tat-ca"}
    return redirect(url_for("tokens.page", **theirs))


def _page(form: TokenForm, made: TokenMade | None = None) -> str:
    account, context = current.account(), current.context()
    may_see_all = Role(account.role) in ADMINS
    sees_all = may_see_all and request.args.get("loc") == "tat-ca"
    with context.store.read() as session:
        found = token_acts.shown(session, account, all_accounts=sees_all)
    return render_template(
        "tokens.html", found=token_page.shown(found, current.now()), form=form, made=made, scopes=scopes_of(account.role),
        words=token_page, sees_all=sees_all, may_see_all=may_see_all, config=context.config.api,
    )  # fmt: skip
