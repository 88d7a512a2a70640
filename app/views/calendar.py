"""The working calendar: a year on one page, and changes of it that one person asks for and a second one decides."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import calendar_page, current
from app.access import ALL, CALENDAR, Permission, Role
from app.calendar_forms import FORMS, ChangeForm, DaysForm, UnitCalendarForm
from app.calendar_words import operation_text
from app.pages import Pages
from tracker.errors import UsageError
from tracker.pipeline import calendar_changes
from tracker.store import calendars, catalogue
from tracker.timekeeping.office_time import NATIONAL
from tracker.types.calendars import CalendarChangeRow

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
    wanted = request.args.get("nam", current.now().year, int)
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
    """Ask for a change: first what it would move, then, with a second press, the proposal itself."""
    form = _form(kind)
    if not form.validate_on_submit():
        return _asked(kind, form), 400 if form.errors else 200
    context, now = current.context(), current.now()
    key = context.config.calendar_key
    try:
        operations = form.operations()
        if request.form.get("lam") != "gui":
            seen = calendar_changes.preview(context.store, operations, calendar_key=key, now=now)
            return render_template("calendar_propose.html", kind=kind, forms=FORMS, form=form, preview=seen)
        row = calendar_changes.propose(
            context.store, operations, calendar_key=key, reason=form.reason.data,
            actor=current.account().login, now=now,
        )  # fmt: skip
    except UsageError as fault:
        return _asked(kind, form, str(fault)), 400
    current.log("calendar_propose", f"calendar_change:{row.change_id}", {"moved": row.preview.open_moved})
    flash("Đã ghi đề nghị. Người thứ hai phải duyệt thì lịch mới thay đổi.")
    return redirect(url_for("calendar.change", change_id=row.change_id))


def _asked(kind: str, form: ChangeForm, fault: str = "") -> str:
    return render_template(
        "calendar_propose.html", kind=kind, forms=FORMS, form=form, preview=None, fault=fault
    )


def _form(kind: str) -> ChangeForm:
    if kind not in FORMS:
        abort(404)
    context = current.context()
    form = FORMS[kind][1]()
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
    page = max(request.args.get("trang", 1, int), 1)
    listed = calendar_changes.journal(
        current.context().store, change_id, limit=PAGE + 1, offset=PAGE * (page - 1)
    )
    current.log("calendar_change", f"calendar_change:{change_id}", {"page": page})
    return render_template(
        "calendar_change.html", change=row, journal=listed[:PAGE], page=page, more=len(listed) > PAGE,
        own=row.proposed_by == current.account().login, states=calendar_page.STATES,
        told=[operation_text(each) for each in row.operations],
    )  # fmt: skip


def _found(change_id: int) -> CalendarChangeRow:
    try:
        return calendar_changes.change(current.context().store, change_id)
    except UsageError:
        abort(404)


@blueprint.post("/thay-doi/<int:change_id>/duyet", permission=Permission(CALENDAR))
def approve(change_id: int) -> Response:
    """The second person approves what the page showed; figures that moved since are shown anew instead."""
    key = current.context().config.calendar_key
    digest = request.form.get("digest", "")
    return _decided(
        change_id, calendar_changes.approve, "Đã áp dụng thay đổi.", calendar_key=key, digest=digest
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
    try:
        decide(current.context().store, change_id, actor=current.account().login, now=current.now(), **given)
    except UsageError as fault:
        flash(str(fault), "fault")
    else:
        current.log(f"calendar_{decide.__name__}", f"calendar_change:{change_id}")
        flash(done)
    return redirect(url_for("calendar.change", change_id=change_id))


@blueprint.post("/thay-doi/<int:change_id>/hoan-tac", permission=Permission(CALENDAR))
def undo(change_id: int) -> Response:
    """Ask for an applied change to be taken back: a change of its own, for a second person to decide."""
    _found(change_id)
    context, reason = current.context(), request.form.get("reason", "").strip()[:400]
    try:
        if not reason:
            raise UsageError("Hãy ghi lý do hoàn tác.")
        row = calendar_changes.propose_undo(
            context.store, change_id, calendar_key=context.config.calendar_key, reason=reason,
            actor=current.account().login, now=current.now(),
        )  # fmt: skip
    except UsageError as fault:
        flash(str(fault), "fault")
        return redirect(url_for("calendar.change", change_id=change_id))
    current.log("calendar_undo", f"calendar_change:{row.change_id}", {"undoes": change_id})
    flash("Đã ghi đề nghị hoàn tác. Người thứ hai phải duyệt.")
    return redirect(url_for("calendar.change", change_id=row.change_id))
