"""The intake page: how filed dossiers were taken in, by channel, and the list of those that wait or were late."""

from dataclasses import replace
from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from app import current, presenters
from app.access import OVERVIEW, Permission
from app.intake_page import IntakeFilters, in_all, read_filters, tiles
from app.pages import Pages
from tracker.intake_data import load_intake_rules
from tracker.pipeline.intake import IntakeAnswer, IntakeQuestion, intake
from tracker.reports import intake_list
from tracker.store import board, catalogue
from tracker.types import Channel, IntakeRow, IntakeVerdict

blueprint = Pages("intake", __name__)

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/tiep-nhan", permission=Permission(OVERVIEW, scoped=True))
def page() -> str:
    """Counts by channel, and under them what waits or is late, longest first, 50 a page."""
    chosen, scope = read_filters(request.args), current.scope()
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Tiếp nhận")
        units = [unit for key, unit in catalogue.units(db).items() if scope is None or key in scope]
    number = max(request.args.get("trang", 1, int), 1)
    answer = _answer(chosen)
    rows = answer.rows[PAGE * (number - 1) : PAGE * number]
    current.log("intake", "list", {**chosen.as_address(), "ids": [row.dossier_id for row in rows]})
    return render_template(
        "intake.html", chosen=chosen, answer=answer, rows=rows, page=number, pages=-(-len(answer.rows) // PAGE),
        units=units, tiles=tiles(answer), total=in_all(answer), channels=tuple(Channel), verdicts=tuple(IntakeVerdict),
        rules=load_intake_rules(), scope=scope, day_minutes=current.context().calendar.day_minutes,
    )  # fmt: skip


@blueprint.get("/tiep-nhan.xlsx", permission=Permission(OVERVIEW, scoped=True))
def export() -> Response:
    """The same list, whole, as a workbook; who took it and with which filters is logged."""
    chosen = read_filters(request.args)
    answer = _answer(chosen)
    moment = answer.question.moment
    file = BytesIO()
    intake_list.write_xlsx(
        file, map(_masked, answer.rows), f"Tiếp nhận hồ sơ – xét tại {presenters.moment(moment)}"
    )
    file.seek(0)
    current.log("intake_export", "xlsx", {**chosen.as_address(), "rows": answer.count})
    return send_file(file, XLSX, as_attachment=True, download_name=f"tiep-nhan-{moment:%Y%m%d}.xlsx")


def _answer(chosen: IntakeFilters) -> IntakeAnswer:
    context, now = current.context(), current.now()
    question = IntakeQuestion(
        chosen.as_of(now),
        chosen.begin(now),
        None,
        current.units_asked(chosen.unit_id),
        chosen.channel,
        chosen.states,
    )
    return intake(context.store, context.calendars, question)


def _masked(row: IntakeRow) -> IntakeRow:
    """Names as the account may read them; reasons of refusal are free text and may name people."""
    visible = current.names_visible()
    reason = row.refusal_reason if visible or not row.refusal_reason else "(ẩn)"
    return replace(row, applicant=presenters.name(row.applicant, visible=visible), refusal_reason=reason)
