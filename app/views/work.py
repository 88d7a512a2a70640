"""Long work: the list, a piece with its progress, giving it up, trying it again, taking what it made."""

from collections.abc import Collection

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, work_page
from app.access import ALL, Permission, may
from app.asking import is_worked, wait_for
from app.pages import Pages, permission_of
from app.presenters import sentence
from app.typed_numbers import row_asked
from app.work_kinds import WORK_KINDS
from app.work_page import TABS, Rights
from app.works import places
from app.works.exporting import TYPES, made_file
from tracker.errors import UsageError
from tracker.store import audit, work
from tracker.store.audit import Act
from tracker.types.work import WorkRow, WorkState

blueprint = Pages("work", __name__, url_prefix="/cong-viec")

PAGE = 50


@blueprint.get("/", endpoint="list", permission=Permission(ALL))
def list_page() -> str:
    """Own work, and that of kinds which the role looks after; newest first, 50 a page."""
    tab, account, context = request.args.get("loc", ""), current.account(), current.context()
    kinds = work_page.kinds_seen_by(account.role)
    states = TABS[tab][1] if tab in TABS else ()
    with context.store.read() as session:
        found = work.list_work(
            session, states=states, kinds=kinds, asked_by=None if kinds is None else account.login,
            before=row_asked(request.args, "sau"), limit=PAGE + 1,
        )  # fmt: skip
    return render_template(
        "work_list.html", found=found[:PAGE], more=len(found) > PAGE, tab=tab, tabs=TABS, words=work_page,
        worked=is_worked(context.store, current.now()),
    )  # fmt: skip


@blueprint.get("/<int:work_id>", permission=Permission(ALL))
def show(work_id: int) -> str:
    """One piece of work: how far it is, its attempts, what became of it and where that leads."""
    row, may_do = _found(work_id)
    with current.context().store.read() as session:
        attempts = work.attempts_of(session, work_id)
    return render_template("work.html", attempts=attempts, **_told(row, may_do))


@blueprint.get("/<int:work_id>/tien-do", permission=Permission(ALL, polled=True))
def progress(work_id: int) -> str:
    """The part of the page that changes, for the script that looks again."""
    return render_template("work_progress.html", **_told(*_found(work_id)))


def _told(row: WorkRow, may_do: Rights) -> dict[str, object]:
    context = current.context()
    with context.store.read() as session:
        waiting = work.waits_for(session, row.work_id) if row.state is WorkState.WAITING else []
    return {
        "row": row, "may_do": may_do, "words": work_page, "waits_for": waiting, "leads_to": _next(row, may_do),
        "file": may_do.own and still_allowed(row) and made_file(context, row), "worked": is_worked(context.store, current.now()),
    }  # fmt: skip


def _next(row: WorkRow, may_do: Rights) -> tuple[str, str] | None:
    """The address where it leads, and what the link says."""
    kind = WORK_KINDS.get(row.kind)
    place = kind.leads_to(row) if kind and may_do.own and work_page.is_over(row) else None
    return (url_for(place.endpoint, **place.values), place.words) if place else None


def _found(work_id: int) -> tuple[WorkRow, Rights]:
    with current.context().store.read() as session:
        row = work.find_work(session, work_id)
    if row is None:
        abort(404)
    may_do = work_page.rights(current.account(), row)
    if not may_do.see:
        abort(403)
    return row, may_do


def go_on(work_id: int) -> Response:
    """After asking: to what was made if that is a matter of a moment, else to the page that shows progress."""
    row = wait_for(current.context(), work_id, current.now())
    may_do = work_page.rights(current.account(), row)
    if may_do.own and made_file(current.context(), row):
        return redirect(url_for("work.download", work_id=work_id))
    leads_to = _next(row, may_do)
    if leads_to is None or row.state is WorkState.CANCELLED:
        return redirect(url_for("work.show", work_id=work_id))
    if row.state is WorkState.DEAD:
        flash(sentence(row.fault), "fault")
    return redirect(leads_to[0])


@blueprint.post("/<int:work_id>/dung", permission=Permission(ALL))
def cancel(work_id: int) -> Response:
    """Give it up."""
    return _by_hand(work_id, "work_cancel")


@blueprint.post("/<int:work_id>/lam-lai", permission=Permission(ALL))
def retry(work_id: int) -> Response:
    """Try it again."""
    return _by_hand(work_id, "work_retry")


def _by_hand(work_id: int, action: str) -> Response:
    row, may_do = _found(work_id)
    if not (may_do.stop if action == "work_cancel" else may_do.again):
        abort(403)
    now, act = current.now(), work.request_cancel if action == "work_cancel" else work.retry
    detail = {"kind": row.kind, "before": row.state.value, "attempts": row.attempts}
    try:
        with current.context().store.transaction() as session:
            act(session, work_id, now)
            told = Act(now, current.account().login, action, f"work:{work_id}", detail)
            audit.append_acts(session, [told])
    except UsageError as fault:
        flash(f"Không thực hiện được: {fault}.", "fault")
    return redirect(url_for("work.show", work_id=work_id))


@blueprint.get("/<int:work_id>/tai-ve", permission=Permission(ALL, here_only=True))
def download(work_id: int) -> Response:
    """What the work made: to its asker alone, and only while the account may see as much as when it asked."""
    row, may_do = _found(work_id)
    if not may_do.own or not still_allowed(row):
        abort(403)
    path = made_file(current.context(), row)
    if path is None:
        abort(404)
    current.log("work_download", f"work:{work_id}", {"kind": row.kind, "rows": row.result.get("rows")})
    return send_file(path, TYPES[path.suffix], as_attachment=True, download_name=path.name)


def still_allowed(row: WorkRow) -> bool:
    """May the account, as it is now, ask for this very file?"""
    asked_at, view = places.ASKED_AT.get(row.kind), row.params.get("view", {})
    if asked_at is None or not may(current.account().role, permission_of(current_app, asked_at)):
        return False
    if view.get("names") and not current.names_visible():
        return False
    return is_within_scope(view.get("units"))


def is_within_scope(unit_ids: Collection[int] | None) -> bool:
    """Does the account, as it is now, look at all of these units (None = the whole province)?"""
    scope = current.scope()
    return scope is None or (unit_ids is not None and scope.issuperset(unit_ids))
