"""Evidence packs: the register, making one, taking one, checking one that somebody brings, keys and the stand-alone checker."""

from pathlib import Path

from flask import redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, pack_check, pack_page, packs
from app.access import PACK_MAKERS, Permission
from app.asking import new_turn
from app.pack_page import PackForm, checker_file, read_form
from app.pages import Pages
from app.typed_numbers import row_asked
from app.views.work import go_on
from app.works.asked import ask_person
from tracker.errors import UsageError
from tracker.store import board, catalogue, pack_store

blueprint = Pages("packs", __name__, url_prefix="/kiem-tra/goi")

PAGE = 50


@blueprint.before_request
def whole_province_only() -> None:
    """A pack holds the log and the figures of all units: an account of one unit is shown none of it."""
    if current.scope() is not None:
        abort(403)


@blueprint.get("/", permission=Permission(PACK_MAKERS))
def page() -> str:
    """The register, newest first, with the form for a new pack and the one for a check."""
    return _shown(pack_page.empty_form(current.now().date()))


def _shown(form: PackForm) -> str:
    context, before = current.context(), row_asked(request.args, "sau")
    with context.store.read() as session:
        found = pack_store.list_packs(session, before=before, limit=PAGE + 1)
        files = {
            row.pack_id: packs.kept_until(session, row) for row in found if packs.pack_file(context, row)
        }
        keys, units = pack_store.keys(session), list(catalogue.units(session).values())
        has_data = board.has_data(session)
    return render_template(
        "packs.html", found=found[:PAGE], more=len(found) > PAGE, files=files, keys=keys, units=units, form=form,
        words=pack_page, checker=pack_page.checker(), turn=new_turn(), has_data=has_data,
        most=context.config.ingest.max_upload_mib, days=context.config.work.keep_days,
    )  # fmt: skip


@blueprint.post("/", permission=Permission(PACK_MAKERS))
def ask() -> Response | tuple[str, int]:
    """Have a pack made by a worker; of the page always masked, as these roles read names."""
    now = current.now()
    form = read_form(request.form, now, names=current.names_visible())
    if form.asked is None:
        return _shown(form), 400
    if form.asked.unit_id is not None:
        current.units_asked(form.asked.unit_id)
    turn = request.form.get("luot", "")[:32] or new_turn()
    return go_on(
        ask_person(current.context(), "evidence_pack", form.asked.as_params(), current.account(), turn)
    )


@blueprint.get("/<int:pack_id>/tai-ve", permission=Permission(PACK_MAKERS, here_only=True))
def download(pack_id: int) -> Response:
    """The file of a pack, while it is kept; one with names only to who reads names."""
    with current.context().store.read() as session:
        row = pack_store.find_pack(session, pack_id)
    if row is None:
        abort(404)
    if not row.new.question["masked"] and not current.names_visible():
        abort(403)
    path = packs.pack_file(current.context(), row)
    if path is None:
        abort(404)
    current.log("pack_download", f"pack:{row.new.number}", {"sha256": row.new.sha256})
    return send_file(path, "application/zip", as_attachment=True, download_name=row.new.file_name)


@blueprint.post("/kiem-tra", permission=Permission(PACK_MAKERS, uploads=True))
def check() -> str | Response | tuple[str, int]:
    """Check a pack that is brought along, by the keys and the register of the office; nothing of it is kept."""
    context, given = current.context(), request.files.get("goi")
    if given is None or not given.filename:
        return redirect(url_for("packs.page"))
    try:
        lines = pack_page.seal_lines(request.form)
    except UsageError as fault:
        return _shown(pack_page.with_fault(pack_page.empty_form(current.now().date()), str(fault))), 400
    report = pack_check.check_upload(context, given.stream, lines)
    with context.store.read() as session:
        found = pack_check.document(report, pack_check.said_by_register(session, report))
    current.log(
        "pack_check", "pack", {"faults": len(found["broken"]), "manifest": found["manifest_sha256"] or ""}
    )
    return render_template("pack_checked.html", found=found, told=pack_check.told(found), words=pack_page)


@blueprint.get("/verify_pack.py", permission=Permission(PACK_MAKERS, here_only=True), endpoint="checker")
def hand_out_checker() -> Response:
    """The stand-alone checker, for those who get packs from us."""
    path: Path | None = checker_file()
    if path is None:
        abort(404)
    return send_file(path, "text/x-python", as_attachment=True, download_name=path.name)
