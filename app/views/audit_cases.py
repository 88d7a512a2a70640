"""The auditor's place: late dossiers with three due dates side by side, kept questions, random samples, files of all that."""

import json
from io import BytesIO

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import audit_query, current
from app import audit_query_page as page_words
from app.access import CASE_READERS, Permission
from app.audit_query import CaseFilters
from app.audit_query_flags import CHOICES, short
from app.audit_query_page import SampleForm, sample_form, saved_lines, spot_of, spot_text, typed_name
from app.pages import Pages
from app.presenters import sentence
from app.views.work import go_on
from app.works import case_exporting as exporting
from app.works.asked import ask_export
from app.works.case_exporting import CasesAsked, asked_of, filters_of
from app.works.exporting import ROWS_AT_ONCE, TYPES, View
from tracker.errors import UsageError
from tracker.pipeline.case_sampling import CaseSample, draw_cases
from tracker.pipeline.late_cases import case_page, count_cases
from tracker.reports import late_case_list
from tracker.store import audit, board, catalogue, saved_query_store
from tracker.store.saved_query_store import NewQuery, Reader
from tracker.store.session import Session
from tracker.types import Channel, UnitRef
from tracker.types.late_cases import CaseState

blueprint = Pages("audit_cases", __name__, url_prefix="/kiem-tra")

PAGE = 50
READERS = Permission(CASE_READERS, scoped=True)
TAKERS = Permission(CASE_READERS, scoped=True, here_only=True)


@blueprint.get("/", permission=READERS)
def page() -> str:
    """Late dossiers of the filters, 50 a page, and the ways to everything else that is checked."""
    context = current.context()
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Kiểm tra")
        chosen, lists = filters_of(db, request.args), _lists(db)
    asked = asked_of(context, chosen, _view(chosen))
    shown = case_page(
        context.store,
        context.calendars,
        asked.question,
        after=spot_of(request.args.get("sau", "")),
        limit=PAGE,
    )
    cases = [exporting.masked(case, names=asked.view.names) for case in shown.cases]
    counted = count_cases(context.store, context.calendars, asked.question, cap=exporting.MOST_COUNTED)
    current.log("cases", "list", {**chosen.as_address(), "ids": [case.dossier_id for case in cases]})
    return render_template(
        "audit_cases.html", asked=asked, chosen=chosen, cases=cases, counted=counted, words=audit_query,
        after=spot_text(shown.after) if shown.after else None, is_first="sau" not in request.args, short=short,
        report=late_case_list, **lists,
    )  # fmt: skip


@blueprint.get("/ho-so", permission=TAKERS)
def export() -> Response:
    """The same list, whole, as a workbook or CSV, a long one made by a worker; who took it and with which filters is logged."""
    context, asked = current.context(), _asked()
    ending = exporting.CSV if request.args.get("tep") == "csv" else exporting.XLSX_ENDING
    counted = count_cases(context.store, context.calendars, asked.question, cap=ROWS_AT_ONCE)
    filters = {**asked.chosen.as_address(), "tep": ending}
    if counted.is_more:
        return go_on(ask_export(context, "case_export", filters, asked.view, current.account()))
    cases = exporting.all_cases(context, asked)
    name = exporting.cases_name(asked, ending)
    content = exporting.in_memory(context, name, lambda path: exporting.write_cases(path, cases, asked))
    current.log("case_export", "list", {**filters, "rows": counted.found})
    return send_file(BytesIO(content), TYPES[ending], as_attachment=True, download_name=name)


# ---------------------------------------------------------------- kept questions


@blueprint.get("/truy-van", permission=READERS)
def queries() -> str:
    """The questions that the account keeps, and those that others of its role share."""
    return render_template(
        "audit_case_queries.html", lines=saved_lines(current.context(), _reader(), _view())
    )


@blueprint.post("/truy-van", permission=READERS)
def keep() -> Response:
    """Keep the filters of the form under a name. The log holds its number: a name is free text."""
    with current.context().store.read() as db:
        chosen = filters_of(db, request.form)
    current.units_asked(chosen.unit_id)
    address, name = chosen.as_address(), typed_name(request.form.get("ten", ""))
    if not name:
        flash("Chưa lưu: hãy đặt tên cho truy vấn.", "fault")
        return redirect(url_for("audit_cases.page", **address))
    body, is_shared = json.dumps(address, ensure_ascii=False), request.form.get("dung-chung") == "1"
    new = NewQuery(current.account().account_id, name, body, is_shared)
    try:
        with current.context().store.transaction() as session:
            query_id = saved_query_store.add_query(session, new, current.now())
            told = {**address, "shared": is_shared}
            audit.append_acts(session, [current.act("case_query_keep", f"query:{query_id}", told)])
    except UsageError as fault:
        flash(sentence(fault), "fault")
        return redirect(url_for("audit_cases.page", **address))
    flash("Đã lưu truy vấn.", "kept")
    return redirect(url_for("audit_cases.queries"))


@blueprint.post("/truy-van/<int:query_id>/xoa", permission=READERS)
def forget(query_id: int) -> Response:
    """Put a question of one's own away; somebody else's does not exist here."""
    with current.context().store.transaction() as session:
        if not saved_query_store.delete_query(session, query_id, current.account().account_id, current.now()):
            abort(404)
        audit.append_acts(session, [current.act("case_query_forget", f"query:{query_id}")])
    flash("Đã xóa truy vấn.", "kept")
    return redirect(url_for("audit_cases.queries"))


# ---------------------------------------------------------------- samples


@blueprint.get("/mau", permission=READERS)
def sample() -> str:
    """Draw from the late dossiers of the filters: a form, and what it drew where the population is not too large."""
    asked, form, context = _asked(), sample_form(request.args), current.context()
    counted = count_cases(context.store, context.calendars, asked.question, cap=exporting.MOST_COUNTED)
    drawn, faults = None, [*form.faults]
    if form.plan and counted.found and not counted.is_more:
        drawn = _drawn(asked, form, faults)
    if drawn:
        ids = [case.dossier_id for _, case in drawn.cases]
        current.log("case_sample", "list", {**asked.chosen.as_address(), **_told(form), "ids": ids})
    return render_template(
        "audit_case_sample.html", asked=asked, form=form, counted=counted, chosen_cases=drawn, faults=faults,
        strata=exporting.STRATA, address=asked.chosen.as_address(), most=page_words.MOST_SAMPLED, short=short,
        late_days=lambda case: case.late[asked.question.judged_on].late_days, method=late_case_list.METHOD,
    )  # fmt: skip


@blueprint.get("/mau/tai-ve", permission=TAKERS)
def sample_file() -> Response:
    """The sample as a workbook with the sheet that says how it was drawn; from a large population by a worker."""
    asked, form, context = _asked(), sample_form(request.args), current.context()
    if form.plan is None:
        abort(404)
    counted = count_cases(context.store, context.calendars, asked.question, cap=exporting.MOST_COUNTED)
    if counted.is_more:
        filters = {**asked.chosen.as_address(), **exporting.plan_address(form.plan)}
        return go_on(ask_export(context, "case_sample_export", filters, asked.view, current.account()))
    drawn = _drawn(asked, form, [])
    if drawn is None:
        return redirect(url_for("audit_cases.sample", **request.args))
    name = exporting.sample_name(asked, form.plan)
    content = exporting.in_memory(context, name, lambda path: exporting.write_sample(path, drawn, asked))
    told = {**asked.chosen.as_address(), **_told(form), "rows": len(drawn.cases)}
    current.log("case_sample_export", "list", told)
    return send_file(BytesIO(content), TYPES[exporting.XLSX_ENDING], as_attachment=True, download_name=name)


def _drawn(asked: CasesAsked, form: SampleForm, faults: list[str]) -> CaseSample | None:
    """The sample; None, and why, where it cannot be drawn so."""
    context = current.context()
    assert form.plan is not None
    try:
        return draw_cases(context.store, context.calendars, asked.question, form.plan)
    except UsageError as fault:
        faults.append(sentence(fault))
        return None


def _told(form: SampleForm) -> dict[str, str]:
    return {"seed": form.seed, "size": form.size, "by": form.by.value}


# ---------------------------------------------------------------- who looks, and at what


def _asked() -> CasesAsked:
    with current.context().store.read() as db:
        chosen = filters_of(db, request.args)
    return asked_of(current.context(), chosen, _view(chosen))


def _view(chosen: CaseFilters | None = None) -> View:
    unit_id = chosen.unit_id if chosen else None
    return View(current.now(), current.units_asked(unit_id), current.names_visible())


def _reader() -> Reader:
    return Reader(current.account().account_id, current.account().role)


def _lists(db: Session) -> dict[str, object]:
    """What can be chosen from."""
    own = current.scope()
    units: list[UnitRef] = [unit for key, unit in catalogue.units(db).items() if own is None or key in own]
    return {
        "units": units, "fields": catalogue.fields(db).values(), "flags": CHOICES, "channels": tuple(Channel),
        "states": tuple(CaseState),
    }  # fmt: skip
