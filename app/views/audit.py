"""The log: who saw, exported, changed and approved what; its seals; a check of the whole chain."""

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, log_check, log_page
from app.access import LOG_READERS, Permission
from app.asking import new_turn
from app.log_page import read_filters
from app.pages import Pages
from app.presenters import sentence
from app.typed_numbers import row_asked
from app.views.work import go_on
from app.works.asked import ask_person
from tracker.errors import UsageError
from tracker.measures.log_chain import read_seal_lines, seal_line
from tracker.store import audit, work
from tracker.types.work import WorkState

blueprint = Pages("audit", __name__, url_prefix="/nhat-ky")

PAGE = 50
SEALS = 62


@blueprint.get("/", permission=Permission(LOG_READERS, scoped=True))
def page() -> str:
    """Entries by person, act, subject and day, newest first, 50 a page; of a unit's account those of its line alone."""
    chosen, before = read_filters(request.args), row_asked(request.args, "sau")
    wanted = replace(chosen.wanted, units=current.scope())
    with current.context().store.read() as session:
        found = audit.find_acts(session, wanted, limit=PAGE + 1, before=before)
        newest = next(iter(audit.seals(session, 1)), None)
    # Where the page begins, by an entry that there is: another number of the address might be somebody's telephone.
    begins = {"before": found[0].entry_id + 1} if before and found else {}
    current.log("audit_view", "log", {**chosen.as_address(), **begins})
    return render_template(
        "audit.html", found=found[:PAGE], more=len(found) > PAGE, chosen=chosen, newest=newest, words=log_page,
        turn=new_turn(),
    )  # fmt: skip


@blueprint.get("/niem-phong", permission=Permission(LOG_READERS))
def seals() -> str:
    """The seals of the last two months with their lines, to be printed and kept."""
    with current.context().store.read() as session:
        found = audit.seals(session, SEALS)
    return render_template("audit_seals.html", found=found, sent_to=current.context().config.seal_to)


@blueprint.post("/kiem-tra", permission=Permission(LOG_READERS))
def verify() -> Response:
    """Ask for a check of the whole log, against lines kept outside if any were typed."""
    try:
        outside = read_seal_lines(request.form.get("dong", "")[:20_000])
    except UsageError as fault:
        flash(sentence(fault), "fault")
        return redirect(url_for("audit.page"))
    params = {"lines": [seal_line(seal) for seal in outside]}
    turn = request.form.get("luot", "")[:32] or new_turn()
    return go_on(ask_person(current.context(), "audit_verify", params, current.account(), turn))


@blueprint.get("/kiem-tra/<int:work_id>", permission=Permission(LOG_READERS))
def checked(work_id: int) -> str:
    """What came of a check."""
    with current.context().store.read() as session:
        row = work.find_work(session, work_id)
    if row is None or row.kind != "audit_verify" or row.state is not WorkState.DONE:
        abort(404)
    return render_template(
        "audit_checked.html", row=row, told=log_check.told(row.result), ok=row.result["ok"]
    )
