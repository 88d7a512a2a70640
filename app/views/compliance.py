"""How the duty to apologise was met: figures with their fractions, a chart with its table, lists, the ledger, files."""

from dataclasses import replace
from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from app import charts, current
from app import compliance_page as shown
from app.access import OVERVIEW, Permission
from app.pages import Pages
from app.typed_numbers import page_asked
from app.views.work import go_on
from app.works.asked import ask_export
from app.works.complying import asked_of, size_of, write_file
from app.works.drafting import letter_policy
from app.works.exporting import ROWS_AT_ONCE, View
from letters.balance import Balance, balance
from letters.ledger_cases import office_day
from letters.overview import OverviewQuestion, overview
from tracker.store import board, catalogue
from tracker.store.letter_register import ledger_counts
from tracker.store.session import Session
from tracker.types import UnitRef

blueprint = Pages("compliance", __name__)

PAGE = 50


@blueprint.get("/thu-xin-loi/tuan-thu", permission=Permission(OVERVIEW, scoped=True))
def page() -> str:
    """The figures of the units and the period of the address, and one of the lists, 50 a page."""
    context, now, chosen = current.context(), current.now(), _chosen()
    unit_ids = current.units_asked(chosen.unit_id)
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Tuân thủ xin lỗi")
        units, states = _own_units(db), shown.state_rows(ledger_counts(db, unit_ids))
    found = overview(context.store, OverviewQuestion(chosen.period, now, unit_ids), letter_policy(context))
    rows = shown.group_rows(found.by_month if chosen.group == "thang" else found.by_unit, chosen.group)
    listed, number = shown.list_lines(found.lists[chosen.key]), page_asked(request.args)
    lines, bars = listed[PAGE * (number - 1) : PAGE * number], shown.bars(rows, chosen.group)
    ids = [line.dossier_id for line, _ in lines]
    current.log("compliance", "list", {**chosen.as_address(), "ids": ids})
    return render_template(
        "compliance.html", chosen=chosen, units=units, total=found.by_unit.total, rows=rows, words=shown,
        tabs=shown.list_tabs(found.lists), lines=lines, page=number, pages=-(-len(listed) // PAGE), states=states,
        balance=_balance(chosen), today=office_day(now), quarters=shown.quarters_until(office_day(now)),
        chart=charts.apology_bars(bars) if bars else None,
        plotly_version=charts.library_version(), plotly_styles=charts.style_ids(),
    )  # fmt: skip


def _balance(chosen: shown.ComplianceFilters) -> Balance | None:
    """The check of the whole ledger, for who may see all of it and asks: every dossier is judged anew."""
    if not chosen.is_balanced or current.scope() is not None:
        return None
    context = current.context()
    return balance(context.store, current.now(), letter_policy(context))


@blueprint.get("/thu-xin-loi/tuan-thu/tai-ve", permission=Permission(OVERVIEW, scoped=True, here_only=True))
def download() -> Response:
    """A file about the same dossiers (`tep`), a long one made by a worker; who took it and with which filters is logged."""
    context, chosen = current.context(), _chosen()
    view = View(current.now(), current.units_asked(chosen.unit_id), current.names_visible())
    address = {**chosen.as_address(), "tep": request.args.get("tep", "")}
    asked = asked_of(address, view)
    address["tep"] = asked.what.value
    if size_of(context, view) > ROWS_AT_ONCE:
        return go_on(ask_export(context, "compliance_export", address, view, current.account()))
    file = BytesIO()
    write_file(context, asked, file)
    file.seek(0)
    current.log("compliance_export", asked.what.value, {**address, "masked": not view.names})
    return send_file(file, asked.mime, as_attachment=True, download_name=asked.name)


def _chosen() -> shown.ComplianceFilters:
    """The filters of the address; without a unit the account's own."""
    chosen = shown.read_filters(request.args, office_day(current.now()))
    return replace(chosen, unit_id=chosen.unit_id or current.account().unit_id)


def _own_units(db: Session) -> list[UnitRef]:
    own = current.scope()
    return [unit for key, unit in catalogue.units(db).items() if own is None or key in own]
