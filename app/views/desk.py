"""The desk: the board with its counts, and the search by code that is on every page."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import current
from app.access import OFFICE, OVERVIEW, Permission
from app.board import COUNT_CAP, TILES, Slot, Standpoint, counts, day_before, judge_at, page
from app.pages import Pages
from app.typed_numbers import row_number
from tracker.store import board
from tracker.store.board import Cursor
from tracker.text import normal_code

blueprint = Pages("desk", __name__)

SEARCH_LIMIT = 20


@blueprint.get("/ban-theo-doi", endpoint="board", permission=Permission(OFFICE, scoped=True))
def board_page() -> str:
    """The board: six counts as filters, under them the list, most urgent first."""
    context, as_of, units = current.context(), current.now(), current.scope()
    slot = _slot(request.args.get("loc"))
    judge, since = judge_at(context, as_of), day_before(context, as_of)
    before = Standpoint(since, judge_at(context, since))
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Bàn theo dõi")
        listed = page(db, judge, slot, as_of=as_of, unit_ids=units, after=_cursor(request.args.get("sau")))
        counted = counts(db, Standpoint(as_of, judge), before, units)
        letters = board.letters_owed(db, units, limit=COUNT_CAP + 1)
        ingested_at = board.last_ingest(db)
    current.log("board", "list", {"ids": [line.dossier.cursor.dossier_id for line in listed.lines]})
    return render_template(
        "board.html", listed=listed, tiles=TILES, counts=counted, letters=letters, slot=slot, slots=Slot,
        cap=COUNT_CAP, as_of=as_of, since=since, ingested_at=ingested_at, day_minutes=context.calendar.day_minutes,
    )  # fmt: skip


def _slot(text: str | None) -> Slot | None:
    return Slot(text) if text in set(Slot) else None


def _cursor(text: str | None) -> Cursor | None:
    at, dossier_id = map(row_number, (text or "").partition(".")[::2])
    return None if at is None or dossier_id is None else Cursor(at, dossier_id)


@blueprint.get("/tim", permission=Permission(OVERVIEW, scoped=True))
def search() -> str | Response:
    """By code, or its beginning; a code found once opens the dossier at once (a scanned receipt does)."""
    text = normal_code(request.args.get("q", "")[:100])
    if not text:
        return render_template("search.html", text="", found=[], limit=SEARCH_LIMIT)
    with current.context().store.read() as db:
        found = board.codes_like(db, text, current.scope(), limit=SEARCH_LIMIT)
    if found and (len(found) == 1 or found[0][0] == text):
        return redirect(url_for("dossier.page", code=found[0][0]))
    return render_template("search.html", text=text, found=found, limit=SEARCH_LIMIT)
