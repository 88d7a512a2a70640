"""The desk: the board with its counts, and the search by code that is on every page."""

from flask import render_template, request

from app import current
from app.access import OFFICE, Permission, Role
from app.board import COUNT_CAP, TILES, Slot
from app.board_filters import LETTERS, ORDERS, BoardFilters, read_filters
from app.board_page import Viewer, board_sheet, rows_of
from app.note_undo import written_notes
from app.pages import Pages
from app.typed_numbers import row_number
from tracker.store.board import Cursor

blueprint = Pages("desk", __name__)


@blueprint.get("/ban-theo-doi", endpoint="board", permission=Permission(OFFICE, scoped=True))
def board_page() -> str:
    """The board: six counts as filters, under them the list, narrowed and ordered as the address says."""
    context, filters = current.context(), read_filters(request.args)
    viewer = board_viewer(filters)
    after = _cursor(request.args.get("sau"))
    sheet = board_sheet(context, filters, viewer, as_of=current.now(), after=after)
    if sheet is None:
        return render_template("no_data.html", title="Bàn theo dõi")
    ids = [line.dossier.cursor.dossier_id for line in sheet.listed.lines]
    current.log("board", "list", {"ids": ids, **filters.as_logged()})
    return render_template(
        "board.html", sheet=sheet, filters=filters, address=filters.as_address(), is_later=after is not None,
        looks=TILES, slots=Slot, cap=COUNT_CAP, orders=ORDERS, letters=LETTERS, undo=written_notes(),
        rows=rows_of(sheet, visible=current.names_visible()),
    )  # fmt: skip


def board_viewer(filters: BoardFilters) -> Viewer:
    """Whose board it is; 404 for a unit of others."""
    account = current.account()
    asked = current.units_asked(filters.unit_id)
    return Viewer(account.account_id, Role(account.role), current.scope(), asked)


def _cursor(text: str | None) -> Cursor | None:
    at, dossier_id = map(row_number, (text or "").partition(".")[::2])
    return None if at is None or dossier_id is None else Cursor(at, dossier_id)
