"""The late list with its filters in the address, and its export of exactly what is shown."""

from collections.abc import Hashable
from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from app import current, presenters
from app.access import OVERVIEW, Permission
from app.late_filters import STATES, LateFilters, read_filters
from app.pages import Pages
from app.typed_numbers import page_asked
from app.unit_options import own_unit_options
from app.views.work import go_on
from app.works.asked import ask_export
from app.works.exporting import ROWS_AT_ONCE, XLSX, View, late_answer, write_late
from tracker.store import board, catalogue
from tracker.types import LateRow

blueprint = Pages("late", __name__)

PAGE = 50


@blueprint.get("/qua-han", permission=Permission(OVERVIEW, scoped=True))
def late_list() -> str:
    """Dossiers that are late on the chosen basis, 50 a page."""
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Hồ sơ quá hạn")
        fields = catalogue.fields(db).values()
        chosen = read_filters(request.args, fields)
        units = own_unit_options(db, chosen.unit_id)
    page = page_asked(request.args)
    answer = late_answer(current.context(), chosen, _view(chosen), begin=PAGE * (page - 1), limit=PAGE)
    names = current.names_visible()
    shown = [_shown(row, chosen, names=names) for row in answer.rows]
    current.log("late_list", "list", {**chosen.as_address(), "ids": [row.dossier_id for row in answer.rows]})
    return render_template(
        "late_list.html", chosen=chosen, answer=answer, rows=shown, page=page, pages=-(-answer.count // PAGE),
        units=units, fields=fields, states=STATES, day_minutes=current.context().calendar.day_minutes,
    )  # fmt: skip


@blueprint.get("/qua-han.xlsx", permission=Permission(OVERVIEW, scoped=True, here_only=True))
def export() -> Response:
    """The same list, whole, as a workbook, a long one made by a worker; who took it and with which filters is logged."""
    context = current.context()
    with context.store.read() as db:
        chosen = read_filters(request.args, catalogue.fields(db).values())
    view = _view(chosen)
    answer = late_answer(context, chosen, view, limit=ROWS_AT_ONCE)
    if (answer.count or 0) > ROWS_AT_ONCE:
        return go_on(ask_export(context, "late_export", chosen.as_address(), view, current.account()))
    file = BytesIO()
    name = write_late(file, answer, view)
    file.seek(0)
    current.log("late_export", "xlsx", {**chosen.as_address(), "rows": answer.count})
    return send_file(file, XLSX, as_attachment=True, download_name=name)


def _view(chosen: LateFilters) -> View:
    return View(current.now(), current.units_asked(chosen.unit_id), current.names_visible())


def _shown(row: LateRow, chosen: LateFilters, *, names: bool) -> tuple[Hashable, ...]:
    """What a line is drawn of."""
    applicant = presenters.name(row.applicant, visible=names)
    dates = row.received_at, row.finished_at
    return (
        row.code,
        chosen.day,
        row.late_days,
        row.due_at,
        row.procedure,
        applicant,
        row.unit,
        row.field,
        *dates,
        row.letter,
    )
