"""The intake page: how filed dossiers were taken in, by channel, and the list of those that wait or were late."""

from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from app import current
from app.access import OVERVIEW, Permission
from app.intake_page import IntakeFilters, in_all, read_filters, tiles
from app.pages import Pages
from app.typed_numbers import page_asked
from app.views.work import go_on
from app.works.asked import ask_export
from app.works.exporting import ROWS_AT_ONCE, XLSX, View, intake_answer, write_intake
from tracker.intake_data import load_intake_rules
from tracker.store import board, catalogue
from tracker.types import Channel, IntakeVerdict

blueprint = Pages("intake", __name__)

PAGE = 50


@blueprint.get("/tiep-nhan", permission=Permission(OVERVIEW, scoped=True))
def page() -> str:
    """Counts by channel, and under them what waits or is late, longest first, 50 a page."""
    chosen, scope = read_filters(request.args), current.scope()
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Tiếp nhận")
        units = [unit for key, unit in catalogue.units(db).items() if scope is None or key in scope]
    number = page_asked(request.args)
    answer = intake_answer(current.context(), chosen, _view(chosen))
    rows = answer.rows[PAGE * (number - 1) : PAGE * number]
    current.log("intake", "list", {**chosen.as_address(), "ids": [row.dossier_id for row in rows]})
    return render_template(
        "intake.html", chosen=chosen, answer=answer, rows=rows, page=number, pages=-(-len(answer.rows) // PAGE),
        units=units, tiles=tiles(answer), total=in_all(answer), channels=tuple(Channel), verdicts=tuple(IntakeVerdict),
        rules=load_intake_rules(), scope=scope, day_minutes=current.context().calendar.day_minutes,
    )  # fmt: skip


@blueprint.get("/tiep-nhan.xlsx", permission=Permission(OVERVIEW, scoped=True, here_only=True))
def export() -> Response:
    """The same list, whole, as a workbook, a long one made by a worker; who took it and with which filters is logged."""
    context, chosen = current.context(), read_filters(request.args)
    view = _view(chosen)
    answer = intake_answer(context, chosen, view)
    if len(answer.rows) > ROWS_AT_ONCE:
        return go_on(ask_export(context, "intake_export", chosen.as_address(), view, current.account()))
    file = BytesIO()
    name = write_intake(file, answer, view)
    file.seek(0)
    current.log("intake_export", "xlsx", {**chosen.as_address(), "rows": answer.count})
    return send_file(file, XLSX, as_attachment=True, download_name=name)


def _view(chosen: IntakeFilters) -> View:
    return View(current.now(), current.units_asked(chosen.unit_id), current.names_visible())
