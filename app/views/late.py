"""The late list with its filters in the address, and its export of exactly what is shown."""

from dataclasses import replace
from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from app import current, presenters
from app.access import OVERVIEW, Permission
from app.late_filters import STATES, LateFilters, read_filters
from app.pages import Pages
from tracker.pipeline.answers import LateAnswer, LateQuestion, overdue
from tracker.reports import late_list as late_report
from tracker.store import board, catalogue
from tracker.store.session import Session
from tracker.types import LateRow, UnitRef

blueprint = Pages("late", __name__)

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/qua-han", permission=Permission(OVERVIEW, scoped=True))
def late_list() -> str:
    """Dossiers that are late on the chosen basis, 50 a page."""
    chosen = read_filters(request.args)
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Hồ sơ quá hạn")
        units, fields = _own_units(db), catalogue.fields(db).values()
    page = max(request.args.get("trang", 1, int), 1)
    answer = _answer(chosen, limit=PAGE * page)
    rows = answer.rows[PAGE * (page - 1) :]
    current.log("late_list", "list", {**chosen.as_address(), "ids": [row.dossier_id for row in rows]})
    return render_template(
        "late_list.html", chosen=chosen, answer=answer, rows=rows, page=page, pages=-(-answer.count // PAGE),
        units=units, fields=fields, states=STATES, day_minutes=current.context().calendar.day_minutes,
    )  # fmt: skip


@blueprint.get("/qua-han.xlsx", permission=Permission(OVERVIEW, scoped=True))
def export() -> Response:
    """The same list, whole, as a workbook; who took it and with which filters is logged."""
    chosen = read_filters(request.args)
    answer = _answer(chosen, limit=None)
    as_of = answer.question.as_of
    file = BytesIO()
    title = f"Hồ sơ quá hạn – căn cứ {presenters.BASES[chosen.basis].lower()} – xét tại {presenters.moment(as_of)}"
    late_report.write_xlsx(file, map(_masked, answer.rows), title)
    file.seek(0)
    current.log("late_export", "xlsx", {**chosen.as_address(), "rows": answer.count})
    name = f"ho-so-qua-han-{as_of:%Y%m%d}.xlsx"
    return send_file(file, XLSX, as_attachment=True, download_name=name)


def _answer(chosen: LateFilters, *, limit: int | None) -> LateAnswer:
    context = current.context()
    question = LateQuestion(
        chosen.as_of(current.now()), chosen.basis, chosen.state, current.units_asked(chosen.unit_id), chosen.field,
        chosen.start, chosen.end,
    )  # fmt: skip
    return overdue(context.store, context.calendars, question, limit=limit)


def _own_units(db: Session) -> list[UnitRef]:
    own = current.scope()
    return [unit for key, unit in catalogue.units(db).items() if own is None or key in own]


def _masked(row: LateRow) -> LateRow:
    visible = current.names_visible()
    return replace(row, applicant=presenters.name(row.applicant, visible=visible))
