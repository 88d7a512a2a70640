"""Faults and the measures against them: the list, what stands and what was told before, and what the figures propose."""

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import current, remedy_forms, remedy_page
from app.access import REMEDY_READERS, REMEDY_SETTERS, Permission
from app.letter_settings_forms import SettingForm
from app.pages import Pages
from app.remedy_acts import RemedyDesk, Seen
from app.remedy_forms import read_act, read_filters, read_remedy
from app.remedy_proposals import Proposal, YearAsked, proposals
from app.remedy_rules import FIRST_YEAR
from app.typed_numbers import row_asked
from letters.moving import Asker
from tracker.errors import UsageError
from tracker.store import board, remedy_store
from tracker.types.remedies import Remedy

blueprint = Pages("remedies", __name__, url_prefix="/khac-phuc")

TO_READ = Permission(REMEDY_READERS, scoped=True)
TO_TELL = Permission(REMEDY_SETTERS, scoped=True)
Answer = str | Response | tuple[str, int]


def _asker() -> Asker:
    return Asker(current.account().login, current.now(), current.scope())


def _desk() -> RemedyDesk:
    return RemedyDesk(current.context(), _asker())


def _options() -> remedy_page.RemedyOptions:
    with current.context().store.read() as session:
        return remedy_page.options(session, current.scope(), _asker().today)


@blueprint.get("/", permission=TO_READ)
def page() -> str:
    """The list: everything that is not finished first."""
    chosen = read_filters(request.args)
    unit_ids = current.units_asked(chosen.unit_id)
    with current.context().store.read() as session:
        found = remedy_store.remedies(session, unit_ids)
    shown = remedy_page.listed(found, chosen, _asker().today)
    return render_template(
        "remedies.html", shown=shown, chosen=chosen, options=_options(), words=remedy_page, year=current.now().year
    )  # fmt: skip


@blueprint.get("/de-xuat", permission=TO_TELL)
def proposed() -> str:
    """What the figures of a year show, each with its fraction and one click to write it down."""
    with current.context().store.read() as session:
        if not board.has_data(session):
            return render_template("no_data.html", title="Tồn tại theo số liệu")
        years = board.end_years(session)
    year = _year(years)
    found = proposals(current.context().store, YearAsked(year, current.now(), current.scope()))
    return render_template(
        "remedy_proposals.html", found=found, year=year, years=sorted({*years, year}, reverse=True)
    )


def _year(years: list[int]) -> int:
    asked = row_asked(request.args, "nam") or (years[0] if years else current.now().year)
    return min(max(asked, FIRST_YEAR), current.now().year)


@blueprint.get("/them", permission=TO_TELL)
def new() -> str:
    """The form of a fault; filled with what the figures say where a proposal was chosen."""
    found = _chosen_proposal()
    year = str(found.year if found else current.now().year)
    filled = {"nam": year} if found is None else {
        "nam": year, "don-vi": found.unit_code or remedy_forms.PROVINCE, "linh-vuc": str(found.field_id or ""),
        "ton-tai": found.words,
    }  # fmt: skip
    return _new(SettingForm(filled))


def _chosen_proposal() -> Proposal | None:
    year = row_asked(request.args, "nam")
    place = tuple(request.args.get(name, "") for name in ("cap", "don-vi", "linh-vuc"))
    if year is None or not FIRST_YEAR <= year <= current.now().year or not any(place):
        return None
    found = proposals(current.context().store, YearAsked(year, current.now(), current.scope()))
    return next((each for each in (*found.by_field, *found.by_unit) if each.place == place), None)


def _new(form: SettingForm) -> str:
    return render_template("remedy_new.html", form=form, options=_options())


@blueprint.post("/them", permission=TO_TELL)
def add() -> Answer:
    """Write a fault down."""
    form, told = read_remedy(request.form, _options().choices, _asker().today)
    if told is None:
        return _new(form), 400
    try:
        number = _desk().add(told)
    except UsageError as fault:
        return _new(form.with_fault("entry", fault)), 400
    flash("Đã ghi tồn tại và biện pháp khắc phục.")
    return redirect(url_for("remedies.show", number=number))


@blueprint.get("/<int:number>", permission=TO_READ)
def show(number: int) -> str:
    """What stands, what may be done, and everything that was told before."""
    told = _tellings(number)
    return _shown(told, remedy_forms.form_of(told[0]))


def _tellings(number: int) -> list[Remedy]:
    with current.context().store.read() as session:
        found = remedy_store.history(session, number)
    scope = current.scope()
    if not found or (scope is not None and found[0].told.unit_id not in scope):
        abort(404)
    return found


def _shown(told: list[Remedy], form: SettingForm, *, act: str = "", ended: SettingForm | None = None) -> str:
    state = told[0].told.state_on(_asker().today)
    return render_template(
        "remedy.html", remedy=told[0], state=state, chip=remedy_page.CHIPS[state], words=remedy_page,
        tellings=remedy_page.tellings(told), form=form, options=_options(), act=act, ended=ended or SettingForm(),
        today=_asker().today,
    )  # fmt: skip


def _seen(number: int) -> Seen:
    return Seen(number, row_asked(request.form, "lan"))


@blueprint.post("/<int:number>/sua", permission=TO_TELL)
def edit(number: int) -> Answer:
    """Say it otherwise; what was told before stays in the history."""
    form, new = read_remedy(request.form, _options().choices, _asker().today)
    if new is None:
        return _shown(_tellings(number), form, act="sua"), 400
    try:
        _desk().edit(_seen(number), new)
    except UsageError as fault:
        return _shown(_tellings(number), form.with_fault("entry", fault), act="sua"), 400
    flash("Đã ghi nội dung mới; nội dung trước còn trong lịch sử.")
    return redirect(url_for("remedies.show", number=number))


@blueprint.post("/<int:number>/<any(xong, bo, 'mo-lai'):act>", permission=TO_TELL)
def end(number: int, act: str) -> Answer:
    """Done on a day, given up for a reason, or taken up again."""
    form, day = read_act(request.form)
    try:
        if act == "xong":
            if day is None:
                raise UsageError(form.faults.get("ngay", "cần ghi ngày xong"))
            _desk().done(_seen(number), day, note=form.text("loi"))
        elif act == "bo":
            _desk().drop(_seen(number), form.text("loi"))
        else:
            _desk().reopen(_seen(number), form.text("loi"))
    except UsageError as fault:
        told = _tellings(number)
        return _shown(told, remedy_forms.form_of(told[0]), act=act, ended=form.with_fault("loi", fault)), 400
    flash({"xong": "Đã ghi là xong.", "bo": "Đã bỏ.", "mo-lai": "Đã mở lại."}[act])
    return redirect(url_for("remedies.show", number=number))
