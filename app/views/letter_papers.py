"""Letters for the printer: what to print with how many beforehand, the work that makes it, what came of it."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, letter_prints, print_page
from app.access import OFFICE, Permission
from app.asking import wait_for
from app.letter_acts import LetterDesk
from app.letter_forms import FIELDS, Filled, empty, read
from app.letter_prints import STATES, PrintFilters, read_filters
from app.pages import Pages
from app.presenters import number
from app.views.work import is_within_scope
from app.works.asked import ask_export
from app.works.exporting import View, made_file
from letters.moving import Asker
from letters.printing import PART_WORDS
from tracker.store import catalogue, work
from tracker.types.work import WorkRow, WorkState

blueprint = Pages("letter_papers", __name__, url_prefix="/thu-xin-loi/in")

TO_PRINT = Permission(OFFICE, scoped=True)
TOLD = ("hinh-thuc-mot-cua", "ngay", "gio", "nguoi", "ghi-chu")


@blueprint.get("", permission=TO_PRINT)
def page() -> str:
    """What there is to print, by unit, for a choice of letters; and what was printed lately."""
    filters, context = _asked(request.args), current.context()
    units, own = current.units_asked(filters.unit_id), current.scope()
    with context.store.read() as session:
        lines = print_page.unit_lines(session, filters, units)
        offered = [unit for key, unit in catalogue.units(session).items() if own is None or key in own]
        lately = print_page.last_prints(session, current.account().login)
    return render_template(
        "papers.html", filters=filters, lines=lines, total=print_page.total_of(lines), units=offered, lately=lately,
        states=STATES, parts=PART_WORDS, has_office=letter_prints.office_of(context) is not None,
    )  # fmt: skip


@blueprint.post("", permission=TO_PRINT)
def ask() -> Response:
    """Let a worker make it; what is done in a moment is shown at once."""
    filters, context = _asked(request.form), current.context()
    if not request.form.getlist("giay"):
        flash("Hãy chọn ít nhất một loại giấy tờ để in.", "fault")
        return redirect(url_for("letter_papers.page", **filters.as_address()))
    view = View(current.now(), current.units_asked(filters.unit_id), current.names_visible())
    work_id = ask_export(context, print_page.KIND, filters.as_address(), view, current.account())
    is_done = wait_for(context, work_id, current.now()).state is WorkState.DONE
    return redirect(url_for("letter_papers.printed" if is_done else "work.show", work_id=work_id))


def _asked(given: MultiDict[str, str]) -> PrintFilters:
    """Several boxes of one name stand for one list; `chon` is what lists of letters call what was ticked."""
    several = {"giay": given.getlist("giay"), "thu": [*given.getlist("thu"), *given.getlist("chon")]}
    return read_filters({**given.to_dict(), **{name: ",".join(values) for name, values in several.items()}})


@blueprint.get("/<int:work_id>", permission=TO_PRINT)
def printed(work_id: int) -> str:
    """What was printed, for who asked for it: the file, what is left out, and the desks that are to be told."""
    return _shown(_found(work_id), empty(TOLD, current.now(), {"hinh-thuc-mot-cua": "in_person"}))


@blueprint.post("/<int:work_id>/bao-mot-cua", permission=TO_PRINT)
def tell(work_id: int) -> str | Response | tuple[str, int]:
    """Note that the notices were handed to the desks."""
    row, form = _found(work_id), read(TOLD, request.form)
    if form.faults:
        return _shown(row, form), 400
    asker = Asker(current.account().login, current.now(), current.scope())
    with current.context().store.read() as session:
        waiting = print_page.told_of(session, row, asker.unit_ids).waiting
    report = LetterDesk(current.context(), asker).tell_desk(waiting, form.told())
    if report.moved:
        flash(f"Đã ghi việc báo Bộ phận Một cửa cho {number(len(report.moved))} thư.")
    if report.refused:
        first = report.refused[0]
        flash(f"{number(len(report.refused))} thư chưa ghi được; {first.code}: {first.why}.", "fault")
    return redirect(url_for("letter_papers.printed", work_id=work_id))


def _found(work_id: int) -> WorkRow:
    with current.context().store.read() as session:
        row = work.find_work(session, work_id)
    if row is None or row.kind != print_page.KIND or row.state is not WorkState.DONE:
        abort(404)
    if row.asked_by != current.account().login or not is_within_scope(row.params["view"]["units"]):
        abort(403)
    return row


def _shown(row: WorkRow, form: Filled) -> str:
    context = current.context()
    with context.store.read() as session:
        told = print_page.told_of(session, row, current.scope())
    filters: Mapping[str, Any] = row.params["filters"]
    return render_template(
        "papers_printed.html", row=row, filters=read_filters(filters), told=told, form=form, fields=FIELDS, asked=TOLD,
        has_file=made_file(context, row) is not None, parts=PART_WORDS, states=STATES,
        keep_days=context.config.work.keep_days,
    )  # fmt: skip
