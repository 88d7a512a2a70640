"""The apology letters: the list by state of the ledger, one letter with its text and history, its file, drafting what is owed."""

from flask import render_template, request, send_file
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, letter_page, presenters
from app.access import OFFICE, OVERVIEW, SEES_NAMES, Permission
from app.letter_forms import FIELDS, empty
from app.letter_offers import Offer, Subject, offers_at
from app.letter_page import OF_LETTERS, LetterSheet, read_filters
from app.pages import Pages
from app.typed_numbers import row_asked
from app.views.work import go_on
from app.works.asked import ask_drafts
from app.works.drafting import letter_policy
from letters.moving import CHANNELS
from letters.register import located
from tracker.store import board, calendar_moves, catalogue, letter_rows, letter_store
from tracker.store.session import Session
from tracker.types import UnitRef

blueprint = Pages("letters", __name__)

PAGE = 50
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/thu-xin-loi", permission=Permission(OVERVIEW, scoped=True))
def register() -> str:
    """Letters of the own units at one step of the ledger, 50 a page; at a step they can be moved on from here."""
    filters, after = read_filters(request.args, OF_LETTERS), row_asked(request.args, "sau")
    chosen = filters.rows(current.units_asked(filters.unit_id))
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Thư xin lỗi")
        found = letter_rows.letter_rows(db, chosen, after=after, limit=PAGE + 1)
        marked = calendar_moves.marked_letters(db, [letter.letter_id for letter in found])
        tabs, units = letter_page.tabs(db, chosen.unit_ids), own_units(db)
        count = letter_rows.letter_count(db, chosen)
    logged = {**filters.as_logged(), "ids": [letter.letter_id for letter in found[:PAGE]]}
    current.log("letters", "list", logged)
    return render_template(
        "letters.html", found=found[:PAGE], more=len(found) > PAGE, filters=filters, tabs=tabs, units=units, count=count,
        marked=marked, offers=offers_at(Subject.LETTERS, filters.state, current.account().role),
    )  # fmt: skip


def own_units(db: Session) -> list[UnitRef]:
    """The units that the account may choose from."""
    own = current.scope()
    return [unit for key, unit in catalogue.units(db).items() if own is None or key in own]


@blueprint.get("/thu-xin-loi/<int:letter_id>", permission=Permission(OVERVIEW, scoped=True))
def show(letter_id: int) -> str:
    """One letter: its text as it is printed, what happened to it, and what may be done now. 404 for other units' letters."""
    context = current.context()
    with context.store.read() as db:
        found = letter_rows.letters_by_id(db, [letter_id], current.scope())
        if not found:
            abort(404)
        sheet = letter_page.letter_sheet(
            db, found[0], letter_policy(context), current.now().date(), visible=current.names_visible()
        )
    current.log("letter", f"letter:{letter_id}")
    offers = offers_at(Subject.LETTERS, found[0].state, current.account().role, single=True)
    forms = [(offer, empty(offer.fields, current.now(), _known(offer, sheet))) for offer in offers]
    return render_template(
        "letter.html",
        sheet=sheet,
        letter=found[0],
        forms=forms,
        fields=FIELDS,
        channels=CHANNELS,
        marked=sheet.overtaken,
    )


def _known(offer: Offer, sheet: LetterSheet) -> dict[str, str]:
    """What a form of this letter begins with."""
    new_due = sheet.letter.new_due_at
    return {"ly-do-thu": sheet.letter.reason, "hen-moi": presenters.day(new_due) if new_due else ""}


@blueprint.get(
    "/thu-xin-loi/<int:letter_id>/tai-ve", permission=Permission(SEES_NAMES, scoped=True, here_only=True)
)
def download(letter_id: int) -> Response:
    """The letter's file, with the applicant's name and address: for roles that read them. 404 for other units' letters."""
    context = current.context()
    with context.store.read() as db:
        recorded = letter_store.letter_file(db, letter_id)
        own = board.is_letter_of(db, letter_id, current.scope())
    path = located(context.data_dir, recorded or "")
    if not recorded or not own or not path.is_file():
        abort(404)
    current.log("letter_download", f"letter:{letter_id}")
    return send_file(path.resolve(), DOCX, as_attachment=True, download_name=path.name)


@blueprint.post("/thu-xin-loi/soan", permission=Permission(OFFICE, scoped=True))
def draft() -> Response:
    """Let a worker draft what the own units owe and have no letter for."""
    return go_on(ask_drafts(current.context(), current.account(), current.scope(), current.now()))
