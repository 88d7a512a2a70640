"""Rows that could not be used: the list, one row to be mended and fed back or put aside; as a workbook and back."""

from collections.abc import Mapping
from io import BytesIO

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, import_page, sources_page
from app.access import IMPORTERS, Permission
from app.asking import new_turn
from app.importing import ask_about, new_import, store_files
from app.mending import file_name, replay_mendings, write_rejections
from app.pages import Pages
from app.presenters import sentence
from app.typed_numbers import row_asked
from app.views.sources import whole_province_only
from app.views.work import go_on
from app.works.asked import ask_export, ask_person
from app.works.exporting import ROWS_AT_ONCE, XLSX, View
from tracker.errors import TrackerError, UsageError
from tracker.pipeline.mended_file import changes_of
from tracker.pipeline.mending import Mending
from tracker.store import audit, loads, rejections
from tracker.types.rejections import KeptRejection, RejectionState

blueprint = Pages("rejected", __name__, url_prefix="/nguon-du-lieu/dong-loi")
blueprint.before_request(whole_province_only)

PAGE = 50
# A person waits at the page: a load that takes longer is told, not waited for.
PATIENCE_MS = 5_000


@blueprint.get("/", endpoint="list", permission=Permission(IMPORTERS))
def list_page() -> str:
    """Rejected rows of a batch or of all, by what became of them; 50 a page."""
    batch_id, tab = _batch_asked(request.args), request.args.get("loc", "")
    tab = tab if tab in sources_page.TABS else "mo"
    state, after = sources_page.TABS[tab][1], row_asked(request.args, "sau") or 0
    with current.context().store.read() as session:
        found = rejections.listed(session, batch_id=batch_id, state=state, after=after, limit=PAGE + 1)
        counts = {
            key: rejections.count(session, batch_id, each) for key, (_, each) in sources_page.TABS.items()
        }
    ids = [one.rejection_id for one in found[:PAGE]]
    current.log("rejections", f"batch:{batch_id}" if batch_id else "list", {"state": tab, "ids": ids})
    return render_template(
        "rejected.html", found=found[:PAGE], more=len(found) > PAGE, tab=tab, tabs=sources_page.TABS, counts=counts,
        batch_id=batch_id, words=sources_page, page=import_page, turn=new_turn(), names=current.names_visible(),
    )  # fmt: skip


def _batch_asked(given: Mapping[str, str]) -> int | None:
    """The load that an address or a form names; 404 for none that there is: what is asked for is logged."""
    batch_id = row_asked(given, "lo")
    if batch_id is not None:
        with current.context().store.read() as session:
            if loads.find(session, batch_id) is None:
                abort(404)
    return batch_id


@blueprint.get("/<int:rejection_id>", permission=Permission(IMPORTERS))
def show(rejection_id: int) -> str:
    """One row with its cells, why it could not be used, and what was tried."""
    kept = _found(rejection_id)
    current.log("rejection", f"rejection:{rejection_id}", {"batch": kept.batch_id})
    return _page(kept)


def _page(kept: KeptRejection, typed: dict[str, str] | None = None, fault: str = "") -> str:
    with current.context().store.read() as session:
        tries = rejections.tries_of(session, kept.rejection_id)
    names = current.names_visible()
    return render_template(
        "rejected_row.html", kept=kept, cells=sources_page.cell_fields(kept, names=names), typed=typed or {},
        fault=fault, tries=tries, words=sources_page, page=import_page, names=names,
    )  # fmt: skip


def _found(rejection_id: int) -> KeptRejection:
    with current.context().store.read() as session:
        kept = rejections.find(session, rejection_id)
    if kept is None:
        abort(404)
    return kept


@blueprint.post("/<int:rejection_id>/sua", permission=Permission(IMPORTERS))
def mend(rejection_id: int) -> str | Response | tuple[str, int]:
    """Feed the row back with what was typed; refused again, the form shows why and what was typed."""
    kept = _found(rejection_id)
    typed = sources_page.typed_cells(kept, request.form, names=current.names_visible())
    return _fed_back(kept, typed)


def _fed_back(kept: KeptRejection, typed: dict[str, str]) -> str | Response | tuple[str, int]:
    try:
        (report,) = replay_mendings(
            current.context(), [Mending(kept, changes_of(kept, typed))], actor=current.account().login,
            progress=lambda _words: None, patience_ms=PATIENCE_MS,
        )  # fmt: skip
    except TrackerError as error:
        return _page(kept, typed, str(error)), 400
    if report.taken_in:
        flash(f"Đã nhận dòng số {kept.rejection_id} ở lô {report.batch}.")
    elif report.outdated:
        flash(
            f"Dòng số {kept.rejection_id}: nguồn đã báo lại hồ sơ này ở lần nạp sau, không còn gì phải sửa."
        )
    else:
        fault = (
            ""
            if not report.unmendable
            else "dòng nạp từ phiên bản cũ, không còn tên cột: hãy nạp lại từ tệp gốc"
        )
        return _page(
            _found(kept.rejection_id), typed, fault or "vẫn chưa dùng được, xem lý do mới ở dưới"
        ), 400
    return redirect(url_for("rejected.list", lo=kept.batch_id))


@blueprint.post("/<int:rejection_id>/de-sang-ben", permission=Permission(IMPORTERS))
def put_aside(rejection_id: int) -> Response:
    """Nothing will be done about the row; why is kept with it."""
    kept, reason = _found(rejection_id), request.form.get("ly-do", "").strip()[:400]
    if not reason:
        flash("Hãy ghi lý do để dòng sang một bên.", "fault")
        return redirect(url_for("rejected.show", rejection_id=rejection_id))
    with current.context().store.transaction() as session:
        login, now = current.account().login, current.now()
        done = rejections.close(session, [rejection_id], by=login, reason=reason, at=now)
        if done:
            act = current.act("rejection_close", f"rejection:{rejection_id}", {"batch": kept.batch_id})
            audit.append_acts(session, [act])
    flash(
        f"Đã để dòng số {rejection_id} sang một bên." if done else "Dòng này không còn mở.",
        "" if done else "fault",
    )
    return redirect(url_for("rejected.list", lo=kept.batch_id))


# ---------------------------------------------------------------- many at once


@blueprint.get("/tai-ve", permission=Permission(IMPORTERS, here_only=True))
def export() -> Response:
    """The open rows as a workbook to be mended; a long one is made by a worker and kept for some days."""
    batch_id, names = _batch_asked(request.args), current.names_visible()
    filters = {"lo": str(batch_id)} if batch_id else {}
    with current.context().store.read() as session:
        found = rejections.listed(
            session, batch_id=batch_id, state=RejectionState.OPEN, limit=ROWS_AT_ONCE + 1
        )
    if len(found) > ROWS_AT_ONCE:
        view = View(current.now(), None, names)
        return go_on(ask_export(current.context(), "rejection_export", filters, view, current.account()))
    file = BytesIO()
    write_rejections(file, found, names=names)
    file.seek(0)
    current.log("rejection_export", "xlsx", {**filters, "rows": len(found)})
    return send_file(file, XLSX, as_attachment=True, download_name=file_name(batch_id))


@blueprint.post("/nap-lai", permission=Permission(IMPORTERS))
def replay_batch() -> Response:
    """Feed all open rows of a batch back as they were, since something else has changed meanwhile."""
    batch_id = _batch_asked(request.form)
    if batch_id is None:
        abort(400)
    turn = request.form.get("luot", "")[:32] or new_turn()
    return go_on(ask_person(current.context(), "replay", {"batch": batch_id}, current.account(), turn))


@blueprint.post("/tep-da-sua", permission=Permission(IMPORTERS, uploads=True))
def replay_file() -> Response:
    """Feed a mended workbook back."""
    context, account = current.context(), current.account()
    try:
        stored = store_files(context, request.files.getlist("tep")[:1])
    except UsageError as fault:
        flash(sentence(fault), "fault")
        return redirect(url_for("rejected.list"))
    params = new_import(stored, "").as_params()
    return go_on(ask_about(context, "replay", stored, params=params, account=account, now=current.now()))
