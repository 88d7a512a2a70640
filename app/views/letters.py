"""The register of apology letters by state, and their files."""

from collections import Counter

from flask import render_template, request, send_file
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, presenters
from app.access import READERS, SEES_NAMES, Permission
from app.pages import Pages
from app.typed_numbers import row_asked
from letters.register import located
from tracker.store import board, calendar_moves, letter_store

blueprint = Pages("letters", __name__)

PAGE = 50
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/thu-xin-loi", permission=Permission(READERS, scoped=True))
def register() -> str:
    """Letters of the own units in one state, 50 a page."""
    state = request.args.get("trang-thai")
    state = state if state in presenters.LETTER_STATES else None
    after = row_asked(request.args, "sau")
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Thư xin lỗi")
        found = letter_store.letter_list(
            db, unit_ids=current.scope(), state=state, limit=PAGE + 1, after=after
        )
        marked = calendar_moves.marked_letters(db, [letter.letter_id for letter in found])
        counts = Counter[str]()
        for _unit, each, _kind, count in letter_store.letter_counts(db, current.scope()):
            counts[each] += count
    current.log("letters", "list", {"ids": [letter.letter_id for letter in found[:PAGE]]})
    return render_template(
        "letters.html", found=found[:PAGE], more=len(found) > PAGE, state=state, counts=counts, marked=marked
    )


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
