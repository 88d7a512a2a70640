"""Where the data comes from: sources and their loads, one load, files brought in by hand with a look before, kept files."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, import_page, oplog, sources_page
from app.access import IMPORTERS, LOG_READERS, SOURCES_READERS, Permission
from app.asking import ask_for, key_of, new_turn
from app.import_page import ImportPage, page_of
from app.importing import ask_about, new_import, store_files
from app.pages import Pages
from app.reveal import holds_long_number
from app.typed_numbers import row_asked
from app.views.work import go_on
from app.works.importing import Import
from tracker.errors import UsageError
from tracker.store import audit, kept_files, loads, rejections, saved_layouts, work
from tracker.store.saved_layouts import LayoutRow
from tracker.types.field_words import FIELD_WORDS
from tracker.types.work import BY_PEOPLE, WorkRequest, WorkState

blueprint = Pages("sources", __name__, url_prefix="/nguon-du-lieu")

LAST_LOADS = 25
LONGEST_NAME = 80


@blueprint.before_request
def whole_province_only() -> None:
    """What a source tells is of all units: an account of one unit is shown none of it."""
    if current.scope() is not None:
        abort(403)


@blueprint.get("/", permission=Permission(SOURCES_READERS))
def page() -> str:
    """The sources with their last load, and the last loads of all; older ones page by page."""
    before = row_asked(request.args, "sau")
    with current.context().store.read() as session:
        known = loads.sources(session)
        found = loads.listed(session, before=before, limit=LAST_LOADS + 1)
    return render_template(
        "sources.html", sources=known, found=found[:LAST_LOADS], more=len(found) > LAST_LOADS, words=sources_page,
        watched=current.context().config.ingest.watch, before=before, order=current.context().config.sources.order,
        longest=LONGEST_NAME,
    )  # fmt: skip


@blueprint.get("/lo/<int:batch_id>", permission=Permission(SOURCES_READERS))
def batch(batch_id: int) -> str:
    """One load: its counts, its files, what was doubtful, what could not be used and why."""
    with current.context().store.read() as session:
        load = loads.find(session, batch_id)
        by_code = rejections.count_by_code(session, batch_id)
    if load is None:
        abort(404)
    return render_template(
        "source_load.html", load=load, by_code=by_code, words=sources_page, page=import_page
    )


@blueprint.post("/ten", permission=Permission(IMPORTERS))
def name() -> Response:
    """What a source is called on pages; its key, by which files and keys name it, stays."""
    key, told = (
        request.form.get("khoa", "")[:40],
        " ".join(request.form.get("ten", "").split())[:LONGEST_NAME],
    )
    if not told or holds_long_number(told):
        flash("Hãy đặt một tên ngắn, không có số điện thoại hay số giấy tờ.", "fault")
        return redirect(url_for("sources.page"))
    with current.context().store.transaction() as session:
        before = loads.name_source(session, key, told)
        if before is None:
            abort(404)
        audit.append_acts(
            session, [current.act("source_name", f"source:{key}", {"before": before, "after": told})]
        )
    flash(f"Nguồn {key} từ nay hiện là “{told}”.")
    return redirect(url_for("sources.page"))


# ---------------------------------------------------------------- bringing files in


@blueprint.route("/nap", methods=["GET", "POST"], permission=Permission(IMPORTERS, uploads=True))
def upload() -> str | Response | tuple[str, int]:
    """Choose files; a worker looks at them before anything is loaded."""
    context, account, fault = current.context(), current.account(), ""
    if request.method == "POST":
        try:
            stored = store_files(context, request.files.getlist("tep"))
            params = new_import(stored, request.form.get("nguon", "").strip()[:40] or "main").as_params()
            return go_on(
                ask_about(
                    context, "import_preview", stored, params=params, account=account, now=current.now()
                )
            )
        except UsageError as error:
            fault = str(error)
    with context.store.read() as session:
        known = loads.sources(session)
    most = context.config.ingest.max_upload_mib
    return render_template("source_upload.html", sources=known, most=most, fault=fault), 400 if fault else 200


@blueprint.get("/nap/<int:work_id>", permission=Permission(IMPORTERS))
def preview(work_id: int) -> str:
    """How the files are understood and what loading them would do."""
    found = _found(work_id)
    current.log("import_preview", f"work:{work_id}", {"files": len(found.asked.paths)})
    return _shown(found)


@blueprint.post("/nap/<int:work_id>/quyet-dinh", permission=Permission(IMPORTERS))
def decide(work_id: int) -> str | Response | tuple[str, int]:
    """Look again with what was said about the columns, or load just what was seen."""
    found = _found(work_id)
    try:
        asked = import_page.asked_anew(found, request.form)
        wants = request.form.get("lam", "xem")
        if wants == "nap" and not import_page.is_same(found, asked):
            flash(
                "Bạn vừa đổi nguồn, phạm vi hoặc cách hiểu cột: hãy xem lại kết quả mới rồi mới nạp.", "fault"
            )
            wants = "xem"
        if wants == "nap":
            return _load(found, asked)
        return _look_again(asked)
    except UsageError as error:
        return _shown(found, str(error)), 400


def _shown(found: ImportPage, fault: str = "") -> str:
    with current.context().store.read() as session:
        known = loads.sources(session)
    return render_template(
        "source_preview.html", page=found, words=import_page, counts=sources_page, sources=known, fields=FIELD_WORDS,
        fault=fault,
    )  # fmt: skip


def _found(work_id: int) -> ImportPage:
    with current.context().store.read() as session:
        row = work.find_work(session, work_id)
    if row is None or row.kind != "import_preview" or row.state is not WorkState.DONE:
        abort(404)
    if row.asked_by != current.account().login:
        abort(403)
    return page_of(row)


def _look_again(asked: Import) -> Response:
    account, params = current.account(), asked.as_params()
    key = key_of("import_preview", account.login, params, new_turn())
    request_ = WorkRequest("import_preview", key, params, account.login, priority=BY_PEOPLE)
    context = current.context()
    return go_on(ask_for(context, request_, action="import_preview_asked", detail={}, now=current.now()))


def _load(found: ImportPage, asked: Import) -> Response:
    """Ask for the load, once for each preview; what was said about columns is kept if somebody gave it a name."""
    if found.preview.report is None:
        raise UsageError("tệp chưa nạp được: hãy sửa cách hiểu cột rồi xem lại")
    account, now = current.account(), current.now()
    name = request.form.get("ten-cach-hieu", "").strip()
    layouts = import_page.layouts_to_save(found, name, account.login, now) if name else ()
    # An empty layout: what was seen counts, not what somebody saves meanwhile.
    params = {**asked.as_params(), "layout": ""}
    load = WorkRequest(
        "ingest", f"ingest:preview:{found.work.work_id}", params, account.login, priority=BY_PEOPLE
    )
    with current.context().store.transaction() as session:
        work_id = work.ask(session, load, now)
        for layout in layouts:
            saved_layouts.save(session, layout)
        acts = [current.act("ingest_asked", f"work:{work_id}", {"preview": found.work.work_id})]
        audit.append_acts(session, [*acts, *_saved(layouts)])
    oplog.write("work_asked", work=work_id, kind=load.kind)
    return go_on(work_id)


def _saved(layouts: Sequence[LayoutRow]) -> list[Any]:
    return [
        current.act("layout_save", f"layout:{each.key}", {"columns": len(each.mapping)}) for each in layouts
    ]


@blueprint.get("/cach-hieu", permission=Permission(IMPORTERS))
def layouts() -> str:
    """The saved ways of reading columns."""
    with current.context().store.read() as session:
        found = saved_layouts.all_layouts(session)
    return render_template("source_layouts.html", found=found, fields=FIELD_WORDS)


@blueprint.post("/cach-hieu/xoa", permission=Permission(IMPORTERS))
def forget_layout() -> Response:
    """Forget one: files with such headings are read as the program knows them."""
    key = request.form.get("khoa", "")
    with current.context().store.transaction() as session:
        if not saved_layouts.remove(session, key):
            abort(404)
        audit.append_acts(session, [current.act("layout_forget", f"layout:{key}", {})])
    flash(f"Đã bỏ cách hiểu cột “{key}”.")
    return redirect(url_for("sources.layouts"))


# ---------------------------------------------------------------- kept files


@blueprint.get("/tep-tam", permission=Permission(LOG_READERS))
def files() -> str:
    """Files that are kept for a while, or those that are gone, with what proves it."""
    is_gone = request.args.get("loc") == "da-xoa"
    with current.context().store.read() as session:
        found = kept_files.listed(session, there=not is_gone, before=row_asked(request.args, "sau"), limit=51)
    return render_template(
        "source_files.html", found=found[:50], more=len(found) > 50, is_gone=is_gone, words=sources_page,
        days=current.context().config.work.keep_days,
    )  # fmt: skip
