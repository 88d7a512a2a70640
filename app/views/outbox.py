"""The outbox for administrators: what waits, what is in doubt, what failed; recipients masked, no letters' words."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current
from app.access import ADMINS, Permission
from app.outbox_actions import DECISIONS, decide, possible
from app.outbox_words import CHANNELS, STATES, STEPS, UNSURE, recipient
from app.pages import Pages
from app.presenters import sentence
from app.typed_numbers import row_asked
from notifications.channels.configured import configured
from notifications.kinds import MESSAGE_KINDS
from tracker.errors import UsageError
from tracker.store import outbox_queries
from tracker.store.outbox import MessageState

blueprint = Pages("outbox", __name__)

PAGE = 50
WORDS = {
    "states": STATES, "channels": CHANNELS, "step_words": STEPS, "kinds": MESSAGE_KINDS, "recipient": recipient,
}  # fmt: skip


@blueprint.get("/thong-bao/hang-doi", permission=Permission(ADMINS))
def queue() -> str:
    """Messages in one state or all, newest first, 50 a page; above them what is wrong with channels."""
    asked = request.args.get("trang-thai")
    state = asked if asked in set(MessageState) else None
    with current.context().store.read() as db:
        found = outbox_queries.list_messages(
            db, state=state, limit=PAGE + 1, before=row_asked(request.args, "truoc")
        )
        counts = outbox_queries.counts_by_state(db)
        faults = outbox_queries.channel_faults(db)
        waiting = outbox_queries.waiting_channels(db)
    silent = sorted(CHANNELS[name] for name in waiting - configured(current.context().config))
    return render_template(
        "outbox.html", found=found[:PAGE], more=len(found) > PAGE, state=state, counts=counts, faults=faults,
        silent=silent, **WORDS,
    )  # fmt: skip


@blueprint.get("/thong-bao/hang-doi/<int:message_id>", permission=Permission(ADMINS))
def message(message_id: int) -> str:
    """One message with its steps, and what can be decided about it."""
    with current.context().store.read() as db:
        row = outbox_queries.find_message(db, message_id)
        events = outbox_queries.events_of(db, message_id)
    if row is None:
        abort(404)
    return render_template(
        "outbox_message.html", row=row, events=events, decisions=possible(row.state, row.fault_code), **WORDS
    )


@blueprint.get("/thong-bao/loai", permission=Permission(ADMINS))
def kinds() -> str:
    """What the program tells: each kind of message, the ways it may go, what it carries, what is done in doubt."""
    with current.context().store.read() as db:
        counts = outbox_queries.counts_by_kind(db)
    return render_template(
        "outbox_kinds.html", counts=counts, ready=configured(current.context().config), unsure=UNSURE, **WORDS
    )


@blueprint.post("/thong-bao/hang-doi/<int:message_id>/<name>", permission=Permission(ADMINS))
def decision(message_id: int, name: str) -> Response:
    """Carry out what was decided; if the message has moved on meanwhile, nothing happens and the page says so."""
    if name not in DECISIONS:
        abort(404)
    try:
        decide(
            current.context().store, DECISIONS[name], message_id,
            actor=current.account().login, now=current.now(),
        )  # fmt: skip
        flash(f"Thông báo số {message_id}: đã ghi quyết định “{DECISIONS[name].word}”.")
    except UsageError as fault:
        flash(sentence(fault), "fault")
    return redirect(url_for("outbox.message", message_id=message_id))
