"""The obligations to apologise: what a person has to look at, what is owed or not, and why; one with its dates and history."""

from flask import render_template, request
from werkzeug.exceptions import abort

from app import current, letter_page, obligation_page
from app.access import OVERVIEW, Permission
from app.letter_forms import FIELDS, empty
from app.letter_offers import Subject, offers_at
from app.letter_page import OF_DUTIES, read_filters
from app.pages import Pages
from app.typed_numbers import row_asked
from app.views.letters import own_units
from tracker.store import board, letter_rows

blueprint = Pages("obligations", __name__, url_prefix="/thu-xin-loi/nghia-vu")

PAGE = 50
FIRST = "to_check"


@blueprint.get("/", permission=Permission(OVERVIEW, scoped=True))
def page() -> str:
    """Dossiers of the own units in one state of the ledger, 50 a page; what has to be checked comes first."""
    address = {**request.args, "trang-thai": request.args.get("trang-thai") or FIRST}
    filters, after = read_filters(address, OF_DUTIES), row_asked(request.args, "sau")
    chosen = filters.rows(current.units_asked(filters.unit_id))
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Nghĩa vụ xin lỗi")
        found = letter_rows.duty_rows(db, chosen, after=after, limit=PAGE + 1)
        tabs, units = letter_page.tabs(db, chosen.unit_ids), own_units(db)
        count = letter_rows.duty_count(db, chosen)
    logged = {**filters.as_logged(), "ids": [row.dossier_id for row in found[:PAGE]]}
    current.log("obligations", "list", logged)
    return render_template(
        "obligations.html", found=found[:PAGE], more=len(found) > PAGE, filters=filters, tabs=tabs, units=units, count=count,
        words=obligation_page, offers=offers_at(Subject.DUTIES, filters.state, current.account().role),
    )  # fmt: skip


@blueprint.get("/<int:dossier_id>", permission=Permission(OVERVIEW, scoped=True))
def show(dossier_id: int) -> str:
    """One obligation: the dates side by side, why it stands as it does, what may be decided. 404 for other units' dossiers."""
    now = current.now()
    with current.context().store.read() as db:
        found = letter_rows.duties_by_id(db, [dossier_id], current.scope())
        if not found:
            abort(404)
        sheet = obligation_page.duty_sheet(db, found[0], now, visible=current.names_visible())
        letters = letter_rows.letters_of(db, dossier_id)
        units = obligation_page.units_to_choose(db, now.date())
    current.log("obligation", f"dossier:{dossier_id}")
    row = found[0]
    offers = offers_at(Subject.DUTIES, row.step, current.account().role, single=True)
    known = {"don-vi-loi": str(row.fault_unit_id or "")}
    forms = [(offer, empty(offer.fields, now, known)) for offer in offers]
    return render_template(
        "obligation.html", sheet=sheet, row=row, letters=letters, forms=forms, fields=FIELDS, units=units,
        words=obligation_page,
    )  # fmt: skip
