"""The own messages: read, and marked as read. How many are unread stands in the head of every page."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current
from app.access import ALL, Permission
from app.pages import Pages
from app.typed_numbers import row_asked
from notifications.kinds import MESSAGE_KINDS
from tracker.errors import MachineFault
from tracker.store import inbox as store

blueprint = Pages("inbox", __name__)

PAGE = 30
MOST_UNREAD = 99


@blueprint.app_context_processor
def _unread() -> dict[str, Any]:
    """Asked for by the head of a page, and only there."""
    return {"unread": _count_unread}


def _count_unread() -> int:
    if not current_user.is_authenticated:
        return 0
    account_id, kept = current.account().account_id, current.memory()
    if kept is not None and ("unread", account_id) in kept:
        return int(kept["unread", account_id])
    try:
        with current.context().store.read() as db:
            return store.count_unread(db, account_id, cap=MOST_UNREAD + 1)
    except MachineFault:  # the page that says that the database went away in the middle must not need it
        return 0


@blueprint.get("/thong-bao", permission=Permission(ALL))
def page() -> str:
    """The newest messages of the own account."""
    before = row_asked(request.args, "truoc")
    with current.context().store.read() as db:
        found = store.inbox_of(db, current.account().account_id, limit=PAGE + 1, before=before)
    return render_template(
        "inbox.html", found=found[:PAGE], more=len(found) > PAGE, titles=MESSAGE_KINDS, cap=MOST_UNREAD
    )


@blueprint.post("/thong-bao/da-doc", permission=Permission(ALL))
def read() -> Response:
    """Mark one of the own messages, or all, as read."""
    only = row_asked(request.form, "so")
    if only is None and request.form.get("so"):
        abort(400)  # a message that cannot be: to mark all instead would be another wish
    with current.context().store.transaction() as db:
        store.mark_read(db, current.account().account_id, current.now(), only)
    return redirect(url_for("inbox.page"))
