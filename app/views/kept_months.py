"""Kept months: their figures then and now, why they differ, and whether what was kept is still what was kept."""

import re
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import render_template, request, send_file
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current
from app import restatements as shown
from app.access import Permission, Role
from app.pages import Pages
from app.snapshots import Difference, differences, subject_of
from app.typed_numbers import row_asked
from app.works.exporting import XLSX
from tracker.reports import restatement_list
from tracker.store import board, snapshot_store
from tracker.store.session import Session
from tracker.store.snapshot_store import Snapshot
from tracker.types import Basis

blueprint = Pages("kept_months", __name__, url_prefix="/ty-le/thang-da-chot")

# Figures of the whole province, and who asks why they were restated.
READERS = frozenset({Role.AUDITOR, Role.REFORM})
MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")


@blueprint.get("/", permission=Permission(READERS))
def page() -> str:
    """The kept months of a year, each with its rate as it was kept and as it is counted now."""
    _whole_province()
    context, basis = current.context(), _basis()
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Tháng đã chốt")
        heads = snapshot_store.heads(db)
        years = sorted({int(head.month[:4]) for head in heads}, reverse=True)
        year = row_asked(request.args, "nam") or (years[0] if years else current.now().year)
        rows = shown.month_rows(db, [head for head in heads if head.month.startswith(f"{year}-")], basis)
    counted = shown.counted_now(context.store, year, basis, current.now()) if rows else {}
    return render_template(
        "kept_months.html", rows=rows, counted=counted, years=years, year=year, basis=basis, gone=_gone()
    )


def _gone() -> list[str]:
    with current.context().store.read() as db:
        return shown.gone(db)


@blueprint.get("/<month>", permission=Permission(READERS))
def month(month: str) -> str:
    """One month: kept and counted now by level, the reasons, the dossiers; asked for, a recount by what was known then."""
    _whole_province()
    context, basis = current.context(), _basis()
    snapshot = _snapshot(month)
    found = shown.explained(context.store, snapshot, basis)
    with context.store.read() as db:
        seal = shown.seal_of(db, snapshot)
        recount = _recounted(db, snapshot) if "dem-lai" in request.args else None
    listed = found.found.moves[: shown.MOST_CODES]
    current.log(
        "restatement",
        subject_of(month),
        {"basis": basis.value, "ids": [move.told.dossier_id for move in listed]},
    )
    return render_template(
        "kept_month.html", kept=found, found=found.found, rows=shown.level_rows(found), moves=listed, seal=seal,
        recount=recount, basis=basis, words=restatement_list, first=date.fromisoformat(f"{month}-01"),
    )  # fmt: skip


def _recounted(session: Session, snapshot: Snapshot) -> list[Difference]:
    return differences(current.context().store, session, snapshot)


@blueprint.get("/<month>/ho-so", permission=Permission(READERS, here_only=True))
def download(month: str) -> Response:
    """All dossiers that count otherwise, as a workbook; who took it is logged."""
    _whole_province()
    found = shown.explained(current.context().store, _snapshot(month), _basis())
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"thang-{month}-{found.found.question.basis.value}.xlsx"
        rows = shown.write_moves(path, found)
        body = BytesIO(path.read_bytes())
    current.log(
        "restatement_export", subject_of(month), {"basis": found.found.question.basis.value, "rows": rows}
    )
    return send_file(body, XLSX, as_attachment=True, download_name=path.name)


def _whole_province() -> None:
    """What was kept are figures of all units: not for an account of some."""
    if current.scope() is not None:
        abort(403)


def _basis() -> Basis:
    told = request.args.get("can-cu", "")
    return Basis(told) if told in set(Basis) else Basis.SOURCE


def _snapshot(month: str) -> Snapshot:
    """404 for what is no month and for one that was not kept."""
    if not MONTH.fullmatch(month):
        abort(404)
    with current.context().store.read() as db:
        found = snapshot_store.find(db, month)
    if found is None:
        abort(404)
    return found
