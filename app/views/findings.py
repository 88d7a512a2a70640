"""Signs that lateness was made to disappear: the list, one with its evidence, what units and inspectors say, hidden lateness."""

from io import BytesIO

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, finding_filters, finding_page, finding_words, hidden_page
from app.access import FINDING_EXPLAINERS, FINDING_JUDGES, FINDING_READERS, Permission, Role
from app.finding_acts import FindingDesk, FindingReport, FindingsChanged
from app.finding_filters import read_filters, spot_of
from app.finding_forms import (
    AT_ONCE,
    EXPLAIN,
    FIELDS,
    JUDGE,
    FindingPick,
    empty,
    mark_of_steps,
    read,
    read_pick,
)
from app.finding_page import PAGE, FindingReader
from app.hidden_page import read_hidden
from app.letter_forms import Filled
from app.pages import Pages
from app.presenters import number, sentence
from app.unit_options import own_unit_options
from app.views.work import go_on
from app.works import finding_exporting as exporting
from app.works.asked import ask_export
from app.works.exporting import ROWS_AT_ONCE, TYPES, View
from letters.moving import Asker
from tracker.errors import UsageError
from tracker.store import board, finding_lists, finding_said

blueprint = Pages("findings", __name__, url_prefix="/dau-hieu")

TO_READ = Permission(FINDING_READERS, scoped=True)
TO_TAKE = Permission(FINDING_READERS, scoped=True, here_only=True)
Answer = str | Response | tuple[str, int]
NOTHING = "Chưa chọn dấu hiệu nào. Hãy đánh dấu các dòng, hoặc chọn tất cả của danh sách."


def _reader() -> FindingReader:
    return FindingReader(Role(current.account().role), current.account().login, current.scope())


@blueprint.get("/", permission=TO_READ)
def page() -> str:
    """Findings of the filters, the newest first, 50 a page, with counts by kind and by what was said of them."""
    chosen, context = read_filters(request.args), current.context()
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Dấu hiệu cần giải trình")
        unit_ids = current.units_asked(chosen.unit_id)
        after = spot_of(request.args.get("sau", ""))
        shown = finding_page.listed(db, chosen, unit_ids, _reader(), after=after)
        units = own_unit_options(db, chosen.unit_id)
    ids = [line.row.finding_id for line in shown.lines]
    current.log("findings", "list", {**chosen.as_address(), "ids": ids})
    return render_template(
        "findings.html", shown=shown, chosen=chosen, units=units, words=finding_words, acts=shown.acts, page_size=PAGE,
        spot=finding_filters.spot_text, most=AT_ONCE,
    )  # fmt: skip


@blueprint.get("/tai-ve", permission=TO_TAKE)
def export() -> Response:
    """The same list, whole, as a workbook or CSV, a long one made by a worker; who took it and with which filters is logged."""
    context, chosen = current.context(), read_filters(request.args)
    view = View(current.now(), current.units_asked(chosen.unit_id), names=False)
    ending = exporting.CSV if request.args.get("tep") == "csv" else exporting.XLSX_ENDING
    filters = {**chosen.as_address(), "tep": ending}
    counted = exporting.counted(context, chosen, view, ROWS_AT_ONCE)
    if counted > ROWS_AT_ONCE:
        return go_on(ask_export(context, "finding_export", filters, view, current.account()))
    name, content = exporting.at_once(context, chosen, view, ending)
    current.log("finding_export", "list", {**filters, "rows": counted})
    return send_file(BytesIO(content), TYPES[ending], as_attachment=True, download_name=name)


@blueprint.get("/<int:finding_id>", permission=TO_READ)
def show(finding_id: int) -> str:
    """One finding: what was told before and after, why that is a sign, what was said of it. 404 for other units."""
    return _shown(finding_id)


def _shown(finding_id: int, key: str = "", form: Filled | None = None, fault: str = "") -> str:
    sheet = finding_page.sheet_of(current.context(), finding_id, _reader(), current.now())
    if sheet is None:
        abort(404)
    current.log("finding", f"finding:{finding_id}")
    acts = [(act, form if act.key == key and form else empty(act)) for act in sheet.acts]
    return render_template(
        "finding.html", sheet=sheet, acts=acts, tried=key, fault=fault, fields=FIELDS, words=finding_words,
        mark=mark_of_steps({finding_id: sheet.seq}), day_minutes=current.context().calendar.day_minutes,
    )  # fmt: skip


# ---------------------------------------------------------------- what is said of them


@blueprint.get("/xac-nhan", permission=TO_READ)
def confirm() -> Answer:
    """What an act will do to the findings that were picked, in numbers, with the fields that it asks for."""
    pick = _pick(request.args.get("viec", ""))
    steps = _picked(pick)
    if not steps:
        flash(NOTHING, "fault")
        return redirect(_back(pick))
    current.log("finding_confirm_page", "findings", {"count": len(steps)})
    return _asked(pick, steps, empty(pick.act))


@blueprint.post("/giai-trinh", permission=Permission(FINDING_EXPLAINERS, scoped=True))
def explain() -> Answer:
    """The unit says why: one finding, or several with the same words."""
    return _carry_out(EXPLAIN)


@blueprint.post("/ket-luan", permission=Permission(FINDING_JUDGES, scoped=True))
def judge() -> Answer:
    """Whoever inspects accepts an explanation, confirms a sign, or opens it again."""
    return _carry_out(JUDGE)


def _pick(key: str) -> FindingPick:
    """404 for an act that is none, 403 for one of other roles."""
    pick = read_pick(request.values, key)
    if pick is None:
        abort(404)
    if _reader().role not in pick.act.roles:
        abort(403)
    return pick


def _picked(pick: FindingPick) -> dict[int, int]:
    """The findings that were picked with the number of their latest step, of the own units; 404 where all are of others."""
    unit_ids = current.units_asked(pick.filters.unit_id)
    with current.context().store.read() as db:
        wanted = list(pick.ticked)
        if pick.is_all:
            wanted = finding_lists.ids_of(db, pick.filters.question(unit_ids), limit=AT_ONCE)
        found = finding_said.to_settle(db, wanted, current.scope())
    if wanted and not found:
        abort(404)
    return {each.finding_id: each.seq for each in found}


def _carry_out(endpoint: str) -> Answer:
    pick = _pick(request.form.get("viec", ""))
    if pick.act.endpoint != endpoint:
        abort(404)
    steps = _picked(pick)
    if not steps:
        flash(NOTHING, "fault")
        return redirect(_back(pick))
    form = read(pick.act, request.form)
    if form.faults:
        return _again(pick, steps, form), 400
    asker = Asker(current.account().login, current.now(), current.scope())
    try:
        report = FindingDesk(current.context(), asker).settle(list(steps), pick.act, form, pick.seen)
    except FindingsChanged as fault:
        return _again(pick, _picked(pick), form, sentence(fault)), 409
    except UsageError as fault:
        return _again(pick, steps, form, sentence(fault)), 400
    return _answered(pick, report)


def _again(pick: FindingPick, steps: dict[int, int], form: Filled, fault: str = "") -> str:
    """The form once more, with what was typed and what was wrong."""
    if pick.is_single and pick.ticked:
        return _shown(pick.ticked[0], pick.act.key, form, fault)
    return _asked(pick, steps, form, fault)


def _asked(pick: FindingPick, steps: dict[int, int], form: Filled, fault: str = "") -> str:
    with current.context().store.read() as db:
        found = finding_said.to_settle(db, list(steps), current.scope())
    picked = finding_page.picked(found, pick.act, _reader())
    return render_template(
        "finding_confirm.html", act=pick.act, picked=picked, hidden=pick.as_fields(mark_of_steps(steps), list(steps)),
        form=form, fault=fault, fields=FIELDS, back=_back(pick), is_capped=pick.is_all and len(steps) >= AT_ONCE,
    )  # fmt: skip


def _back(pick: FindingPick) -> str:
    if pick.is_single and pick.ticked:
        return url_for("findings.show", finding_id=pick.ticked[0])
    return url_for("findings.page", **pick.filters.as_address())


def _answered(pick: FindingPick, report: FindingReport) -> Response:
    """Back to where it was asked, with what was done and, code by code, what was not."""
    if report.done:
        flash(pick.act.did.format(count=number(len(report.done))))
    for why in dict.fromkeys(why for _, why in report.refused):
        codes = [code for code, each in report.refused if each == why]
        more = f" và {number(len(codes) - 5)} dấu hiệu khác" if len(codes) > 5 else ""
        flash(f"Không ghi được cho {', '.join(codes[:5])}{more}: {why}.", "fault")
    return redirect(_back(pick))


# ---------------------------------------------------------------- hidden lateness


@blueprint.get("/do-tre-bi-che", permission=TO_READ)
def hidden() -> str:
    """How much is late by the documented or promised date and in time by the source's; only of complete data."""
    chosen = read_hidden(request.args, current.now().date())
    unit_ids = current.units_asked(chosen.unit_id)
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Độ trễ bị che")
        shown = hidden_page.shown(db, chosen, unit_ids)
        units = own_unit_options(db, chosen.unit_id)
    current.log("hidden_lateness", "list", chosen.as_address())
    return render_template(
        "finding_hidden.html", shown=shown, chosen=chosen, units=units, **hidden_page.drawn(shown)
    )


@blueprint.get("/do-tre-bi-che/tai-ve", permission=TO_TAKE)
def hidden_file() -> Response:
    """The same counts as a workbook: by unit and by month."""
    chosen = read_hidden(request.args, current.now().date())
    unit_ids = current.units_asked(chosen.unit_id)
    with current.context().store.read() as db:
        shown = hidden_page.shown(db, chosen, unit_ids)
    name, content = exporting.hidden_workbook(shown, chosen, current.now())
    current.log("hidden_lateness_export", "list", {**chosen.as_address(), "rows": len(shown.units)})
    return send_file(BytesIO(content), TYPES[exporting.XLSX_ENDING], as_attachment=True, download_name=name)
