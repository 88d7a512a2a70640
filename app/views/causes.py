"""Where lateness comes from: the page with its charts, and the event log of the same dossiers as a file."""

from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from app import cause_words, charts, current
from app.access import CASE_READERS, UNIT_READERS, Permission, Role
from app.cause_filters import CauseFilters
from app.cause_links import Links
from app.cause_page import Reader, cause_page
from app.pages import Pages
from app.views.work import go_on
from app.works import event_logging as logging
from app.works.asked import ask_export
from app.works.case_exporting import in_memory
from app.works.exporting import TYPES, View
from tracker.pipeline.cause_overview import cause_overview
from tracker.store import board, catalogue, procedure_codes
from tracker.store.session import Session
from tracker.types import UnitRef
from tracker.types.causes import CauseQuestion

blueprint = Pages("causes", __name__, url_prefix="/nguyen-nhan")


@blueprint.get("/", permission=Permission(UNIT_READERS, scoped=True))
def page() -> str:
    """The causes of the months, unit, field and procedure of the address; sums alone, no dossier."""
    context, now = current.context(), current.now()
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Nguyên nhân quá hạn")
        years, units, fields = board.end_years(db), _own_units(db), catalogue.fields(db).values()
    chosen = _chosen(years)
    overview = cause_overview(context.store, _question(chosen), now)
    day_minutes, small = context.calendar.day_minutes, context.config.small_denominator
    found = cause_page(overview, chosen, Reader(day_minutes, small, current.names_visible()))
    role = Role(current.account().role)
    return render_template(
        "causes.html", chosen=chosen, found=found, words=cause_words, years=years, units=units, fields=fields,
        links=Links(role, chosen), takes_log=role in CASE_READERS, log_by=logging.BY, day_minutes=day_minutes,
        small_below=small, plotly_version=charts.library_version(), plotly_styles=charts.style_ids(),
    )  # fmt: skip


@blueprint.get("/nhat-ky-su-kien", permission=Permission(CASE_READERS, scoped=True, here_only=True))
def event_log() -> Response:
    """The event log (`theo`, `tep`) of the same filters, a long one made by a worker; who took it is logged."""
    context = current.context()
    with context.store.read() as db:
        chosen = _chosen(board.end_years(db))
    view = View(current.now(), current.units_asked(chosen.unit_id), names=False)
    asked = logging.asked_of(context, chosen, view, request.args)
    filters = logging.log_address(chosen, asked)
    if logging.is_long(context, asked):
        return go_on(ask_export(context, "event_log_export", filters, view, current.account()))
    found = logging.cases(context, asked)
    content = in_memory(context, asked.name, lambda path: logging.write_log(path, asked, found))
    current.log("event_log_export", "list", filters)
    return send_file(BytesIO(content), TYPES[asked.ending], as_attachment=True, download_name=asked.name)


def _chosen(years: list[int]) -> CauseFilters:
    """The filters of the address; without a period the newest year in which something ended."""
    today = current.now().year
    newest = min(years[0] if years else today, today)
    with current.context().store.read() as db:
        return logging.chosen_of(db, request.args, year=newest)


def _question(chosen: CauseFilters) -> CauseQuestion:
    unit_ids = current.units_asked(chosen.unit_id)
    with current.context().store.read() as db:
        by_name = {name: number for number, name in catalogue.fields(db).items()}
        procedure = procedure_codes.by_code(db).get(chosen.procedure or "")
    field_id = by_name.get(chosen.field) if chosen.field else None
    return chosen.question(unit_ids, field_id, procedure.procedure_id if procedure else None)


def _own_units(db: Session) -> list[UnitRef]:
    own = current.scope()
    return [unit for key, unit in catalogue.units(db).items() if own is None or key in own]
