"""Many dossiers of the board at once: told in numbers before, carried out, taken back; lists on paper and as a file."""

from io import BytesIO

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, note_undo
from app.access import OFFICE, Permission, Role
from app.board_acts import BoardPick, letters_to_draft, read_pick
from app.board_page import BoardList, board_list, letter_shown, picked_list
from app.board_sheets import EXPORT_MOST, PRINT_MOST, newest_notes, write_board
from app.notes import LONGEST, NoteAsker, NoteReport, take_back, write_note
from app.pages import Pages
from app.presenters import number, sentence
from app.views.desk import board_viewer
from app.views.work import go_on
from app.works.asked import ask_drafts
from app.works.exporting import XLSX
from tracker.errors import UsageError
from tracker.store import notes

blueprint = Pages("board_acts", __name__, url_prefix="/ban-theo-doi")

NOTHING = "Chưa chọn hồ sơ nào. Hãy đánh dấu các dòng rồi chọn lại việc cần làm."
NOTE, DRAFT = "ghi-chu", "soan-thu"


@blueprint.get("/xac-nhan", permission=Permission(OFFICE, scoped=True))
def confirm() -> str | Response:
    """What an act will do to the picked dossiers, in numbers; 404 for an act that is none."""
    act, pick = request.args.get("viec", ""), read_pick(request.args)
    if act not in (NOTE, DRAFT):
        abort(404)
    if not pick.ids:
        flash(NOTHING, "fault")
        return redirect(pick.back())
    current.log("board_confirm", "dossiers", {"count": len(pick.ids)})
    return _asked_letters(pick) if act == DRAFT else _asked_note(pick)


@blueprint.post("/ghi-chu", permission=Permission(OFFICE, scoped=True))
def write() -> str | Response | tuple[str, int]:
    """The same note beside every picked dossier; it can be taken back for a while on the board."""
    pick, text = read_pick(request.form), request.form.get("noi-dung", "")
    if not pick.ids:
        flash(NOTHING, "fault")
        return redirect(pick.back())
    try:
        report = write_note(current.context().store, pick.ids, text, asker=note_asker(), now=current.now())
    except UsageError as fault:
        return _asked_note(pick, text, sentence(fault)), 400
    if not report.note_ids:
        abort(404)
    note_undo.remember(report.note_ids)
    tell(report, f"Đã ghi chú vào {number(len(report.note_ids))} hồ sơ.")
    return redirect(pick.back(report.dossier_ids[0]))


@blueprint.post("/thu-hoi-ghi-chu", permission=Permission(OFFICE, scoped=True))
def undo() -> Response:
    """Take back what was written last, as long as the board offers it."""
    pick, written = read_pick(request.form), note_undo.written_notes()
    if written is None:
        flash("Không còn ghi chú nào để thu hồi ở đây. Mỗi ghi chú vẫn thu hồi được ở trang hồ sơ.", "fault")
        return redirect(pick.back())
    report = take_back(current.context().store, written.ids, asker=note_asker(), now=current.now())
    note_undo.forget()
    tell(report, f"Đã thu hồi ghi chú ở {number(len(report.note_ids))} hồ sơ.")
    return redirect(pick.back(report.dossier_ids[0] if report.dossier_ids else None))


@blueprint.post("/soan-thu", permission=Permission(OFFICE, scoped=True))
def draft() -> Response:
    """Let a worker draft the letters that the picked dossiers are owed."""
    pick, units = read_pick(request.form), current.scope()
    with current.context().store.read() as db:
        owed = letters_to_draft(db, pick.ids, units).owed
    if not owed:
        flash("Không hồ sơ nào đã chọn còn phải soạn thư.", "fault")
        return redirect(pick.back())
    return go_on(ask_drafts(current.context(), current.account(), units, current.now(), frozenset(owed)))


@blueprint.get("/in", endpoint="printed", permission=Permission(OFFICE, scoped=True))
def print_list() -> str:
    """The picked dossiers, or the list as it is filtered, laid out for paper."""
    pick = read_pick(request.args)
    listed = _listed(pick, PRINT_MOST)
    ids = [line.dossier.cursor.dossier_id for line in listed.lines]
    visible = current.names_visible()
    with current.context().store.read() as db:
        written = newest_notes(db, ids, visible=visible)
    current.log("board_print", "list", {**pick.filters.as_logged(), "ids": ids})
    return render_template(
        "board_print.html", listed=listed, written=written, back=pick.back(), most=PRINT_MOST,
        letter_shown=letter_shown,
    )  # fmt: skip


@blueprint.get("/tai-ve", permission=Permission(OFFICE, scoped=True, here_only=True))
def export() -> Response:
    """The same as a workbook; who took it and with which filters is logged."""
    pick = read_pick(request.args)
    listed = _listed(pick, EXPORT_MOST)
    file = BytesIO()
    with current.context().store.read() as db:
        name = write_board(db, file, listed, visible=current.names_visible())
    file.seek(0)
    current.log("board_export", "xlsx", {**pick.filters.as_logged(), "rows": len(listed.lines)})
    return send_file(file, XLSX, as_attachment=True, download_name=name)


# ---------------------------------------------------------------- gather, answer


def note_asker() -> NoteAsker:
    """Whoever is logged in, as notes know people."""
    account = current.account()
    return NoteAsker(account.account_id, account.login, Role(account.role), current.scope())


def _listed(pick: BoardPick, at_most: int) -> BoardList:
    context, viewer = current.context(), board_viewer(pick.filters)
    if pick.ids:
        return picked_list(context, pick.ids, viewer, as_of=current.now())
    return board_list(context, pick.filters, viewer, as_of=current.now(), at_most=at_most)


def _asked_note(pick: BoardPick, text: str = "", fault: str = "") -> str:
    with current.context().store.read() as db:
        own = notes.dossiers_noted(db, pick.ids, current.scope())
    if not own:
        abort(404)
    return render_template(
        "board_note.html",
        pick=pick,
        own=list(own.values()),
        text=text,
        fault=fault,
        longest=LONGEST,
        back=pick.back(),
    )


def _asked_letters(pick: BoardPick) -> str:
    with current.context().store.read() as db:
        own = notes.dossiers_noted(db, pick.ids, current.scope())
        told = letters_to_draft(db, list(own), current.scope())
    if not own:
        abort(404)
    duties = url_for("obligations.page", **{"trang-thai": "to_check"})
    return render_template(
        "board_letters.html", pick=pick, own=own, told=told, duties=duties, back=pick.back()
    )


def tell(report: NoteReport, done: str) -> None:
    """What was done, and, code by code, what was not."""
    if report.note_ids:
        flash(done)
    for why in dict.fromkeys(refused.why for refused in report.refused):
        codes = [refused.code for refused in report.refused if refused.why == why and refused.code]
        flash(f"Không thực hiện được{' với ' + ', '.join(codes[:5]) if codes else ''}: {why}.", "fault")
