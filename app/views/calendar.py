"""The working calendar: a year on one page, and changes of it that one person asks for and a second one decides."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import calendar_page, current
from app.access import ALL, CALENDAR, Permission, Role, may
from app.asking import new_turn
from app.calendar_forms import FORMS, ChangeForm, DaysForm, UnitCalendarForm
from app.calendar_log import logging
from app.calendar_words import operation_text
from app.pages import Pages, permission_of
from app.presenters import sentence
from app.typed_numbers import page_asked, row_asked
from app.views.work import go_on
from app.works.asked import ask_person
from tracker.errors import UsageError
from tracker.pipeline import calendar_changes
from tracker.pipeline.calendar_check import check
from tracker.store import calendar_changes as kept
from tracker.store import calendar_moves, calendars, catalogue
from tracker.store.calendar_changes import operations_json, preview_of
from tracker.store.work import find_work
from tracker.timekeeping.office_time import NATIONAL
from tracker.types.calendars import CalendarChangeRow, ChangePreview, MovedDossier, TakeBack
from tracker.types.deciding import may_decide
from tracker.types.work import WorkRow

blueprint = Pages("calendar", __name__, url_prefix="/lich-lam-viec")

PAGE = 50
LAST_CHANGES = 20


@blueprint.get("/", permission=Permission(ALL))
def year() -> str:
    """A year of one calendar, with the notice of every special day, and the changes made to it."""
    context = current.context()
    known = context.calendars.present
    keys = known.keys()
    key = request.args.get("lich", "")
    table = known.get(key) if key in keys else known.default
    wanted = row_asked(request.args, "nam") or current.now().year
    shown = min(max(wanted, table.first.year), table.last.year)
    with context.store.read() as session:
        assigned = calendars.assignments(session)
    return render_template(
        "calendar.html", table=table, name=known.name_of(table.key), keys=keys, page=calendar_page.year_page(table, shown),
        years=range(table.first.year, table.last.year + 1), week=calendar_page.week_text(table),
        changes=calendar_changes.changes(context.store)[:LAST_CHANGES], assigned=assigned,
        kinds=calendar_page.KINDS, weekdays=calendar_page.WEEKDAYS, states=calendar_page.STATES,
    )  # fmt: skip


@blueprint.route("/de-nghi/<kind>", methods=["GET", "POST"], permission=Permission(CALENDAR))
def propose(kind: str) -> str | Response | tuple[str, int]:
    """Ask for a change: first what it would move, then, with a second press, the proposal itself.

    Both reckon every dossier of the province anew, so workers do it; this looks only whether it can be at all.
    """
    asked = _asked_before(kind)
    form = _form(kind, asked.params["form"] if asked else None)
    if asked is not None:
        preview = preview_of(asked.result["preview"]) if "preview" in asked.result else None
        return _shown(kind, form, preview=preview, fault=asked.fault)
    if not form.validate_on_submit():
        return _shown(kind, form), 400 if form.errors else 200
    try:
        operations = form.operations()
        context = current.context()
        check(context.store, operations, calendar_key=context.config.calendar_key)
    except UsageError as fault:
        return _shown(kind, form, fault=str(fault)), 400
    params = {
        "form_kind": kind, "form": form.given(), "operations": operations_json(operations),
        "reason": form.reason.data, "action": "calendar_propose",
    }  # fmt: skip
    if request.form.get("lam") == "gui":
        return _worked("calendar_propose", params)
    return _worked("calendar_preview", params)


def _worked(kind: str, params: dict[str, Any]) -> Response:
    given = request.form.get("luot", "")
    turn = given if re.fullmatch(r"[0-9a-f]{16}", given) else new_turn()
    return go_on(ask_person(current.context(), kind, params, current.account(), turn))


def _asked_before(kind: str) -> WorkRow | None:
    """The own work whose answer this page is to show, where the address names one."""
    work_id = row_asked(request.args, "viec") if request.method == "GET" else None
    if not work_id:
        return None
    with current.context().store.read() as session:
        row = find_work(session, work_id)
    if row is None or row.asked_by != current.account().login or row.params.get("form_kind") != kind:
        abort(404)
    return row


def _shown(kind: str, form: ChangeForm, *, preview: ChangePreview | None = None, fault: str = "") -> str:
    return render_template(
        "calendar_propose.html", kind=kind, forms=FORMS, form=form, preview=preview, fault=fault, turn=new_turn(),
        samples=_own_samples(preview.samples) if preview else [],
    )  # fmt: skip


def _form(kind: str, given: Mapping[str, str] | None = None) -> ChangeForm:
    if kind not in FORMS:
        abort(404)
    context = current.context()
    form = FORMS[kind][1](formdata=MultiDict(given)) if given is not None else FORMS[kind][1]()
    known = context.calendars.present
    keys = known.keys()
    own = [(key, f"Lịch {key} {known.name_of(key)}".strip()) for key in keys]
    # Days off are the nation's as a rule; what a unit works by, or builds on, is one calendar.
    national = issubclass(FORMS[kind][1], DaysForm)
    form.calendar.choices = [*([(NATIONAL, "Mọi lịch (cả tỉnh)")] if national else []), *own]
    if not form.calendar.data:
        form.calendar.data = NATIONAL if national else known.default.key
    if isinstance(form, UnitCalendarForm):
        with context.store.read() as session:
            form.unit.choices = [(key, unit.name) for key, unit in catalogue.units(session).items()]
    return form


@blueprint.get("/thay-doi/<int:change_id>", permission=Permission(CALENDAR | {Role.AUDITOR}))
def change(change_id: int) -> str:
    """One change: what was asked for, what it moves or moved, who decided, and the journal dossier by dossier."""
    row = _found(change_id)
    page, units, listed = page_asked(request.args), current.scope(), []
    if _opens_dossiers():
        with current.context().store.read() as session:
            listed = kept.journal(
                session, change_id, unit_ids=units, limit=PAGE + 1, offset=PAGE * (page - 1)
            )
    current.log("calendar_change", f"calendar_change:{change_id}", {"page": page})
    return render_template(
        "calendar_change.html", change=row, journal=listed[:PAGE], page=page, more=len(listed) > PAGE,
        own=row.proposed_by == current.account().login, states=calendar_page.STATES, turn=new_turn(),
        told=[operation_text(each) for each in row.operations], opens_dossiers=_opens_dossiers(), is_whole=units is None,
    )  # fmt: skip


def _opens_dossiers() -> bool:
    """Who opens no dossiers reads no codes of them either: the totals say enough to decide."""
    return may(current.account().role, permission_of(current_app, "dossier.page"))


def _own_samples(samples: Sequence[MovedDossier]) -> list[MovedDossier]:
    """Examples of a preview that the account might open: the preview is kept as it was reckoned, for the whole province."""
    units = current.scope()
    if not _opens_dossiers():
        return []
    if units is None:
        return list(samples)
    with current.context().store.read() as session:
        own = calendar_moves.codes_of_units(session, [each.code for each in samples], units)
    return [each for each in samples if each.code in own]


def _found(change_id: int) -> CalendarChangeRow:
    try:
        return calendar_changes.change(current.context().store, change_id)
    except UsageError:
        abort(404)


@blueprint.post("/thay-doi/<int:change_id>/duyet", permission=Permission(CALENDAR))
def approve(change_id: int) -> Response:
    """The second person approves what the page showed; figures that moved since are shown anew instead."""
    row = _found(change_id)
    if not may_decide(row.proposed_by, current.account().login):
        flash("Người đề nghị không được tự duyệt: cần người thứ hai.", "fault")
        return redirect(url_for("calendar.change", change_id=change_id))
    return _worked(
        "calendar_approve", {"change_id": change_id, "digest": request.form.get("digest", "")[:100]}
    )


@blueprint.post("/thay-doi/<int:change_id>/tu-choi", permission=Permission(CALENDAR))
def reject(change_id: int) -> Response:
    """The second person turns it down, with a word why."""
    return _decided(
        change_id, calendar_changes.reject, "Đã từ chối đề nghị.", note=request.form.get("note", "")[:400]
    )


@blueprint.post("/thay-doi/<int:change_id>/rut", permission=Permission(CALENDAR))
def withdraw(change_id: int) -> Response:
    """Who asked takes it back."""
    return _decided(change_id, calendar_changes.withdraw, "Đã rút đề nghị.")


def _decided(change_id: int, decide: Callable[..., CalendarChangeRow], done: str, **given: str) -> Response:
    _found(change_id)
    actor, now = current.account().login, current.now()
    noted = logging(f"calendar_{decide.__name__}", actor, now)
    try:
        decide(current.context().store, change_id, actor=actor, now=now, in_same_step=noted, **given)
    except UsageError as fault:
        flash(sentence(fault), "fault")
    else:
        flash(done)
    return redirect(url_for("calendar.change", change_id=change_id))


@blueprint.post("/thay-doi/<int:change_id>/hoan-tac", permission=Permission(CALENDAR))
def undo(change_id: int) -> Response:
    """Ask for an applied change to be taken back: a change of its own, for a second person to decide."""
    _found(change_id)
    reason = request.form.get("reason", "").strip()[:400]
    if not reason:
        flash("Hãy ghi lý do hoàn tác.", "fault")
        return redirect(url_for("calendar.change", change_id=change_id))
    operations = operations_json([TakeBack(change_id)])
    params = {"change_id": change_id, "operations": operations, "reason": reason, "action": "calendar_undo"}
    return _worked("calendar_propose", params)
