"""The reports that can be taken away: one page with all of them, and each as a file, a long one made by a worker."""

from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, report_page
from app.access import OVERVIEW, Permission, Role
from app.pages import Pages
from app.report_kinds import REPORTS, ReportKind
from app.report_page import ReportFilters, read_filters
from app.report_question import ReportQuestion
from app.views.work import go_on
from app.works.exporting import ROWS_AT_ONCE, TYPES
from app.works.reporting import ReportAsked, ask_report, checked, file_name, made, told
from letters.ledger_cases import office_day
from tracker.store import board, catalogue
from tracker.store.session import Session
from tracker.types import UnitRef

blueprint = Pages("reports", __name__, url_prefix="/bao-cao")


@blueprint.get("/", permission=Permission(OVERVIEW, scoped=True))
def page() -> str:
    """All reports that the role may take, for the period, unit and basis of the address."""
    chosen, today = _chosen(), office_day(current.now())
    current.units_asked(chosen.unit_id)
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Báo cáo")
        units = _own_units(db)
    return render_template(
        "reports.html", chosen=chosen, units=units, kinds=_kinds(), words=report_page,
        offered=report_page.periods_offered(today, chosen.key), has_begun=chosen.start <= today, is_over=chosen.end < today,
    )  # fmt: skip


@blueprint.get("/tai-ve", permission=Permission(OVERVIEW, scoped=True, here_only=True))
def download() -> Response:
    """A report (`bao-cao`) as a kind of file (`tep`); who took it and with which filters is logged."""
    context, chosen, ending = current.context(), _chosen(), request.args.get("tep", "")
    kind = next((each for each in _kinds() if each.key == request.args.get("bao-cao")), None)
    if kind is None or ending not in kind.endings:
        abort(404)
    asked = ReportAsked(kind, _question(chosen), ending, chosen.as_address())
    checked(kind, asked.question, ending)
    if kind.size(context, asked.question) > ROWS_AT_ONCE:
        return go_on(ask_report(context, asked, current.account()))
    content, rows = made(context, asked)
    current.log("report_export", f"report:{kind.key}", {**told(kind, asked.question, ending), "rows": rows})
    name = file_name(kind, asked.question, ending)
    return send_file(BytesIO(content), TYPES[ending], as_attachment=True, download_name=name)


def _chosen() -> ReportFilters:
    """The filters of the address; without a unit the account's own."""
    chosen = read_filters(request.args, office_day(current.now()))
    return chosen if chosen.unit_id else chosen.of_unit(current.account().unit_id)


def _kinds() -> list[ReportKind]:
    role = Role(current.account().role)
    is_scoped = current.scope() is not None
    return [kind for kind in REPORTS.values() if role in kind.roles and (kind.units or not is_scoped)]


def _question(chosen: ReportFilters) -> ReportQuestion:
    unit_ids = current.units_asked(chosen.unit_id)
    with current.context().store.read() as db:
        unit = catalogue.units(db).get(chosen.unit_id) if chosen.unit_id else None
    return ReportQuestion(
        chosen.start, chosen.end, current.now(), chosen.unit_id, unit_ids, unit.name if unit else "", chosen.basis,
        names=current.names_visible(), asked_by=current.account().login,
    )  # fmt: skip


def _own_units(db: Session) -> list[UnitRef]:
    own = current.scope()
    return [unit for key, unit in catalogue.units(db).items() if own is None or key in own]
