"""The catalogues: procedures with their limits, units, and what is met in the data and in neither; filled in by hand."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import catalogue_page, current
from app.access import ALL, CATALOGUES, Permission
from app.catalogue_edits import change, name
from app.catalogue_forms import AliasForm, LimitForm, SameForm, UnitForm
from app.pages import Pages
from app.presenters import sentence
from app.typed_numbers import page_asked
from tracker.errors import UsageError
from tracker.pipeline import catalogue_filling as filling
from tracker.store import catalogue_edits, catalogue_gaps
from tracker.store.catalogue_moves import Scope
from tracker.store.session import Session
from tracker.timekeeping.limits import parse_limit
from tracker.types import Limit
from tracker.types.catalogue import KeptProcedure, KeptUnit, LimitTold

blueprint = Pages("catalogue", __name__, url_prefix="/danh-muc")

TO_READ, TO_FILL_IN = Permission(ALL), Permission(CATALOGUES)
PAGE = 50
Answer = str | Response | tuple[str, int]


def _page(template: str, **given: Any) -> str:
    return render_template(template, words=catalogue_page, **given)


# ---------------------------------------------------------------- lists


@blueprint.get("/", permission=TO_READ)
def procedures() -> str:
    """Every procedure with its published limits and the statutory ones beside them."""
    query, number = request.args.get("q", "")[: catalogue_page.MOST_QUERY], page_asked(request.args)
    with current.context().store.read() as session:
        kept = catalogue_edits.kept_procedures(session)
        extras = catalogue_edits.kept_extras(session)
    found = catalogue_page.find_procedures(kept.values(), query, page=number, size=PAGE)
    return _page("catalogue_procedures.html", found=found, query=query, page=number, extras=extras)


@blueprint.get("/don-vi", permission=TO_READ)
def units() -> str:
    """Every unit with its level, its time and its successor."""
    query, number = request.args.get("q", "")[: catalogue_page.MOST_QUERY], page_asked(request.args)
    with current.context().store.read() as session:
        kept = catalogue_edits.kept_units(session)
    found = catalogue_page.find_units(kept.values(), query, page=number, size=PAGE)
    return _page("catalogue_units.html", found=found, query=query, page=number, kept=kept)


@blueprint.get("/thu-tuc-chua-co-thoi-han", permission=TO_READ)
def without_limit() -> str:
    """Procedures met in the data without a limit, those with most dossiers first."""
    number = page_asked(request.args)
    with current.context().store.read() as session:
        gaps, nameless = catalogue_gaps.procedures_without_limit(session)
    rows = gaps[PAGE * (number - 1) : PAGE * number]
    return _page(
        "catalogue_gaps.html",
        gaps=gaps,
        rows=rows,
        page=number,
        pages=-(-len(gaps) // PAGE),
        nameless=nameless,
    )


@blueprint.get("/don-vi-chua-co", permission=TO_READ)
def unknown_units() -> str:
    """Names of units that no catalogue knows, those with most dossiers first."""
    number = page_asked(request.args)
    with current.context().store.read() as session:
        gaps = catalogue_gaps.unknown_units(session)
    rows = gaps[PAGE * (number - 1) : PAGE * number]
    return _page("catalogue_unknown.html", gaps=gaps, rows=rows, page=number, pages=-(-len(gaps) // PAGE))


# ---------------------------------------------------------------- one procedure


@blueprint.get("/thu-tuc/<int:procedure_id>", permission=TO_READ)
def procedure(procedure_id: int) -> Answer:
    """One procedure: its limits of all times, and the forms that fill it in."""
    return _procedure_page(_procedure(procedure_id))


@blueprint.post("/thu-tuc/<int:procedure_id>/thoi-han", permission=TO_FILL_IN)
def add_limit(procedure_id: int) -> Answer:
    """Publish a limit."""
    shown, form = _procedure(procedure_id), LimitForm()
    if not form.validate_on_submit():
        return _procedure_page(shown, limit_form=form), 400
    told = form.told()

    def edit(session: Session) -> Scope:
        return filling.add_limit(session, _again(filling.procedure_of(session, procedure_id)), told)

    subject, detail = f"procedure:{procedure_id}", _limit_detail(shown, told)
    fault = _changed(edit, "limit_add", subject, detail)
    if fault:
        return _procedure_page(shown, limit_form=form, fault=fault), 400
    return redirect(
        url_for("catalogue.without_limit" if not shown.limits else "catalogue.procedure", **_of(shown))
    )


@blueprint.post("/thu-tuc/<int:procedure_id>/la-thu-tuc", permission=TO_FILL_IN)
def name_procedure(procedure_id: int) -> Answer:
    """Say that it is another procedure."""
    shown, form = _procedure(procedure_id), SameForm()
    if not form.validate_on_submit():
        return _procedure_page(shown, same_form=form), 400

    def edit(session: Session) -> Scope:
        old = _again(filling.procedure_of(session, procedure_id))
        return filling.name_procedure(session, old, form.target.data)

    fault = _changed(edit, "procedure_name", f"procedure:{procedure_id}", {})
    if fault:
        return _procedure_page(shown, same_form=form, fault=fault), 400
    return redirect(url_for("catalogue.without_limit"))


@blueprint.post("/thu-tuc/<int:procedure_id>/ten-khac", permission=TO_FILL_IN)
def add_procedure_alias(procedure_id: int) -> Answer:
    """Say by which other code or name the procedure may come."""
    shown, form = _procedure(procedure_id), AliasForm()
    if not form.validate_on_submit():
        return _procedure_page(shown, alias_form=form), 400

    def edit(session: Session) -> None:
        procedure = _again(filling.procedure_of(session, procedure_id))
        filling.add_procedure_alias(session, procedure, form.alias.data)

    fault = _named(edit, "procedure_alias", f"procedure:{procedure_id}")
    if fault:
        return _procedure_page(shown, alias_form=form, fault=fault), 400
    return redirect(url_for("catalogue.procedure", procedure_id=procedure_id))


def _of(shown: KeptProcedure) -> Mapping[str, int]:
    return {"procedure_id": shown.procedure_id} if shown.limits else {}


def _limit_detail(shown: KeptProcedure, told: LimitTold) -> dict[str, Any]:
    """What the log keeps: what is understood of the limits, since their text is free."""
    before = [each.limit for each in shown.limits if each.limit.slot == told.slot and not each.limit.valid_to]
    return {
        "channel": told.channel or "all",
        "from": str(told.valid_from),
        "before": _understood(before[-1].limit_text) if before else None,
        "after": _understood(told.limit_text),
    }


def _understood(text: str) -> str:
    read = parse_limit(text)
    return f"{read.value} {read.unit.value}" if isinstance(read, Limit) else read.code


def _procedure(procedure_id: int) -> KeptProcedure:
    with current.context().store.read() as session:
        found = filling.procedure_of(session, procedure_id)
    return found or abort(404)


def _procedure_page(
    shown: KeptProcedure,
    *,
    limit_form: LimitForm | None = None,
    same_form: SameForm | None = None,
    alias_form: AliasForm | None = None,
    fault: str = "",
) -> str:
    is_given = limit_form is not None
    with current.context().store.read() as session:
        known = catalogue_edits.kept_procedures(session).values() if not shown.limits else ()
    return _page(
        "catalogue_procedure.html", shown=shown, fault=fault, is_given=is_given,
        limit_form=limit_form or LimitForm(formdata=None), same_form=same_form or SameForm(formdata=None),
        alias_form=alias_form or AliasForm(formdata=None),
        known=[each for each in known if each.limits],
    )  # fmt: skip


# ---------------------------------------------------------------- one unit


@blueprint.get("/don-vi/<int:unit_id>", permission=TO_READ)
def unit(unit_id: int) -> Answer:
    """One unit, and the forms that fill it in."""
    return _unit_page(_unit(unit_id))


@blueprint.post("/don-vi/<int:unit_id>/dien", permission=TO_FILL_IN)
def fill_unit(unit_id: int) -> Answer:
    """Tell what it is: level, parent, successor."""
    shown, form = _unit(unit_id), UnitForm()
    form.show(shown.told, is_known=shown.is_known)
    if not form.validate_on_submit():
        return _unit_page(shown, unit_form=form), 400

    def edit(session: Session) -> Scope:
        codes = [_code(session, field.data, field.label.text) for field in (form.parent, form.successor)]
        unit = _again(filling.unit_of(session, unit_id))
        return filling.fill_unit(session, unit, form.told(unit.told, *codes))

    detail = {"before": shown.told.level or "unknown", "after": form.level.data}
    fault = _changed(edit, "unit_fill", f"unit:{unit_id}", detail)
    if fault:
        return _unit_page(shown, unit_form=form, fault=fault), 400
    return redirect(url_for("catalogue.units" if shown.is_known else "catalogue.unknown_units"))


@blueprint.post("/don-vi/<int:unit_id>/la-don-vi", permission=TO_FILL_IN)
def name_unit(unit_id: int) -> Answer:
    """Say that it is another spelling of a unit."""
    shown, form = _unit(unit_id), SameForm()
    if not form.validate_on_submit():
        return _unit_page(shown, same_form=form), 400

    def edit(session: Session) -> Scope:
        return filling.name_unit(session, _again(filling.unit_of(session, unit_id)), form.target.data)

    fault = _changed(edit, "unit_name", f"unit:{unit_id}", {})
    if fault:
        return _unit_page(shown, same_form=form, fault=fault), 400
    return redirect(url_for("catalogue.unknown_units"))


@blueprint.post("/don-vi/<int:unit_id>/ten-khac", permission=TO_FILL_IN)
def add_unit_alias(unit_id: int) -> Answer:
    """Say by which other name the unit may come."""
    shown, form = _unit(unit_id), AliasForm()
    if not form.validate_on_submit():
        return _unit_page(shown, alias_form=form), 400

    def edit(session: Session) -> None:
        filling.add_unit_alias(session, _again(filling.unit_of(session, unit_id)), form.alias.data)

    fault = _named(edit, "unit_alias", f"unit:{unit_id}")
    if fault:
        return _unit_page(shown, alias_form=form, fault=fault), 400
    return redirect(url_for("catalogue.unit", unit_id=unit_id))


def _code(session: Session, text: str | None, label: str) -> str:
    """The code of a unit that a person named; empty for none."""
    if not (text or "").strip():
        return ""
    found = filling.found_unit(session, text or "")
    if found is None or not found.is_known:
        raise UsageError(f"{label.split(' (')[0]}: không có đơn vị nào mã hoặc tên “{(text or '')[:80]}”")
    return found.told.code


def _unit(unit_id: int) -> KeptUnit:
    with current.context().store.read() as session:
        found = filling.unit_of(session, unit_id)
    return found or abort(404)


def _unit_page(
    shown: KeptUnit,
    *,
    unit_form: UnitForm | None = None,
    same_form: SameForm | None = None,
    alias_form: AliasForm | None = None,
    fault: str = "",
) -> str:
    form = unit_form or UnitForm(formdata=None)
    if unit_form is None:
        form.show(shown.told, is_known=shown.is_known)
    with current.context().store.read() as session:
        kept = catalogue_edits.kept_units(session)
    return _page(
        "catalogue_unit.html", shown=shown, unit_form=form, same_form=same_form or SameForm(formdata=None), fault=fault,
        alias_form=alias_form or AliasForm(formdata=None),
        kept=kept, known=[each.told for each in kept.values() if each.is_known],
    )  # fmt: skip


# ---------------------------------------------------------------- changing


def _again(found: Any) -> Any:
    """What was found once more within the transaction."""
    if found is None:
        raise UsageError("Mục này vừa bị người khác thay đổi; hãy mở lại trang")
    return found


def _named(edit: Callable[[Session], None], action: str, subject: str) -> str:
    """Carry out what moves no dossier and say so; what is wrong where it cannot be."""
    try:
        name(current.context(), edit, action, subject)
    except UsageError as fault:
        return sentence(fault)
    flash("Đã ghi vào danh mục. Dòng nạp sau này ghi như thế được hiểu ngay.")
    return ""


def _changed(edit: Callable[[Session], Scope], action: str, subject: str, detail: Mapping[str, Any]) -> str:
    """Carry a change out and say so; what is wrong where it cannot be."""
    try:
        work_id = change(current.context(), edit, action, subject, detail)
    except UsageError as fault:
        return sentence(fault)
    flash(f"Đã ghi vào danh mục. Hồ sơ liên quan được tính lại ngay sau đây (việc số {work_id}).")
    return ""
