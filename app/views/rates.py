"""Rates of a period by up to three groups: the table with its chart, and the same as a file."""

from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from app import charts, current
from app import rates_page as shown
from app.access import ALL, Permission
from app.pages import Pages
from app.typed_numbers import page_asked
from app.works.exporting import XLSX
from tracker.reports.rate_table import COUNTS
from tracker.store import board, catalogue
from tracker.store.session import Session
from tracker.types import UnitRef

blueprint = Pages("rates", __name__)

PAGE = 100
FILES = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8"}


@blueprint.get("/ty-le", permission=Permission(ALL, scoped=True))
def page() -> str:
    """The rates of the address, 100 rows a page; before any import it says so."""
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Tỷ lệ")
        units, fields = _own_units(db), catalogue.fields(db).values()
    chosen, number = _chosen(), page_asked(request.args)
    table = _table(chosen)
    late = shown.late_bars(table, chosen.by)
    return render_template(
        "rates.html", chosen=chosen, words=shown, counts=COUNTS, table=table, units=units, fields=fields,
        lines=table.lines[PAGE * (number - 1) : PAGE * number], page=number, pages=-(-len(table.lines) // PAGE),
        is_by_basis=request.args.get("bang") == "can-cu", small=current.context().config.small_denominator,
        late=late, chart=charts.late_bars(late.bars) if any(count for _, count in late.bars) else None,
        plotly_version=charts.library_version(), plotly_styles=charts.style_ids(),
    )  # fmt: skip


@blueprint.get("/ty-le/tai-ve", permission=Permission(ALL, scoped=True, here_only=True))
def download() -> Response:
    """The same rows, all of them, as .xlsx or .csv (`dang`); who took it and with which filters is logged."""
    chosen, ending = _chosen(), request.args.get("dang", "")
    ending = ending if ending in FILES else "xlsx"
    made = shown.rate_file(_table(chosen), chosen, ending, current.now())
    current.log("rates_export", ending, {**chosen.as_address(), "rows": made.rows})
    return send_file(BytesIO(made.body), FILES[ending], as_attachment=True, download_name=made.name)


def _chosen() -> shown.RatesFilters:
    """The filters of the address; without a period the newest year in which something ended."""
    today = current.now().date()
    with current.context().store.read() as db:
        years, fields = board.end_years(db), catalogue.fields(db).values()
    newest = min(years[0] if years else today.year, today.year)
    return shown.read_filters(request.args, request.args.getlist("theo"), fields, today=today, year=newest)


def _table(chosen: shown.RatesFilters) -> shown.RateTable:
    """The table, as far as the account sees: of its own units alone, and of those asked for."""
    context, codes = current.context(), None
    unit_ids = current.units_asked(chosen.unit_id)
    if unit_ids is not None:
        with context.store.read() as db:
            codes = frozenset(unit.code for key, unit in catalogue.units(db).items() if key in unit_ids)
    narrow = shown.Narrowing(codes, chosen.field)
    return shown.rate_table(
        context.store, chosen, narrow, now=current.now(), small=context.config.small_denominator
    )


def _own_units(db: Session) -> list[UnitRef]:
    own = current.scope()
    return [unit for key, unit in catalogue.units(db).items() if own is None or key in own]
