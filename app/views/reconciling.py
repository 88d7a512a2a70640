"""Reconciliation: a source's own report beside our counts, what vanished from it, what may be told twice."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, reconciling_page
from app import reconciling_words as words
from app.access import CALENDAR, CHANGES_READERS, Permission, Role
from app.pages import Pages
from app.presenters import sentence
from app.reconciling_files import write_comparison, write_vanished
from app.reconciling_forms import FigureForm, ReportFileForm
from app.reconciling_page import CompareFilters, GoneFilters, place_key
from app.typed_numbers import page_asked
from app.works.exporting import ROWS_AT_ONCE, XLSX
from tracker.errors import TrackerError, UsageError
from tracker.pipeline import reconciling
from tracker.pipeline.doubles import doubles
from tracker.pipeline.reconciling import CompareQuestion
from tracker.pipeline.taking_reports import TakenReport, enter, import_file
from tracker.pipeline.vanished import VanishedQuestion, vanished
from tracker.reconciling_data import load_forms
from tracker.store import board, catalogue, reported
from tracker.types.reconciling import Comparison, VanishedAnswer

blueprint = Pages("reconciling", __name__, url_prefix="/doi-chieu")

READERS = CHANGES_READERS | {Role.REFORM}
PAGE = 100
# Of a table of totals on the page: as it is sent, and as it is once unpacked.
MOST_BYTES, MOST_UNPACKED_MIB = 4 * 1024 * 1024, 64
LIST_PAGE = 50


@blueprint.get("/", permission=Permission(READERS, scoped=True))
def page() -> str:
    """One report beside our counts: figures that agree, figures that differ, and why as far as we know."""
    context = current.context()
    places, entries = reconciling.places(context.store)
    chosen = reconciling_page.read_filters(request.args, places)
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Đối chiếu")
        names = {unit_id: unit.name for unit_id, unit in catalogue.units(db).items()}
    number = page_asked(request.args)
    answer = _compared(chosen)
    shown = answer and reconciling_page.compared_page(answer, chosen, number, PAGE)
    current.log("reconcile", "page", {**chosen.as_detail(), "rows": shown.listed if shown else 0})
    return render_template(
        "reconciling.html", chosen=chosen, answer=answer, shown=shown, page=number, names=names, words=words,
        pages=-(-shown.listed // PAGE) if shown else 0, by_source=reconciling_page.by_source(places),
        forms={form.key: form.name for form in load_forms()}, key=place_key,
        entries=[entry for entry in entries if chosen.place and entry.place.source == chosen.place.source],
    )  # fmt: skip


def _compared(chosen: CompareFilters) -> Comparison | None:
    if chosen.place is None:
        return None
    question = CompareQuestion(chosen.place, current.now(), chosen.as_of(), None, current.scope())
    return reconciling.compared(current.context().store, question)


@blueprint.get("/so-lieu.xlsx", permission=Permission(READERS, scoped=True, here_only=True))
def export() -> Response:
    """The whole comparison as a workbook, a line a figure."""
    chosen = reconciling_page.read_filters(request.args, reconciling.places(current.context().store)[0])
    answer = _compared(chosen)
    if answer is None:
        abort(404)
    current.log("reconcile_export", "xlsx", {**chosen.as_detail(), "rows": len(answer.rows)})
    return _sent(lambda target: write_comparison(target, answer))


# ---------------------------------------------------------------- what vanished


@blueprint.get("/bien-mat", permission=Permission(READERS, scoped=True))
def gone() -> str:
    """Dossiers that the latest whole export no longer tells of, late ones first, 50 a page."""
    chosen = _gone_filters()
    answer, number = _vanished(chosen), page_asked(request.args)
    rows = answer.rows[LIST_PAGE * (number - 1) : LIST_PAGE * number]
    current.log("vanished", "list", {**chosen.as_address(), "ids": [one.row.dossier_id for one in rows]})
    return render_template(
        "reconciling_gone.html", answer=answer, rows=rows, page=number, chosen=chosen,
        pages=-(-len(answer.rows) // LIST_PAGE), most=ROWS_AT_ONCE,
    )  # fmt: skip


@blueprint.get("/bien-mat.xlsx", permission=Permission(READERS, scoped=True, here_only=True))
def gone_export() -> Response:
    """The same list as a workbook; a longer one than a request can make is made by the command line."""
    chosen = _gone_filters()
    answer = _vanished(chosen)
    if len(answer.rows) > ROWS_AT_ONCE:
        flash(
            "Danh sách dài hơn 2.000 hồ sơ; hãy dùng lệnh dunghen reconcile vanished --out TỆP.xlsx.", "fault"
        )
        return redirect(url_for("reconciling.gone", **chosen.as_address()))
    current.log("vanished_export", "xlsx", {**chosen.as_address(), "rows": len(answer.rows)})
    return _sent(lambda target: write_vanished(target, answer, names=current.names_visible()))


def _vanished(chosen: GoneFilters) -> VanishedAnswer:
    context = current.context()
    question = VanishedQuestion(
        chosen.source, current.now(), None, current.scope(), with_ended=chosen.with_ended
    )
    return vanished(context.store, context.calendars, question)


def _gone_filters() -> GoneFilters:
    with current.context().store.read() as session:
        sources = list(reported.loaded_sources(session))
    return reconciling_page.read_gone(request.args, sources)


# ---------------------------------------------------------------- what may be told twice


@blueprint.get("/trung-lap", permission=Permission(READERS, scoped=True))
def twice() -> str:
    """Dossiers that may be one, sources that differ, codes in conflict: suggestions and nothing more."""
    chosen = reconciling_page.read_doubles(request.args, current.now().date())
    answer = doubles(current.context().store, chosen.start, chosen.end, unit_ids=current.scope())
    number = page_asked(request.args)
    groups = answer.groups[LIST_PAGE * (number - 1) : LIST_PAGE * number]
    ids = [row.dossier_id for group in groups for row in group.rows]
    current.log("duplicates", "list", {**chosen.as_address(), "ids": ids})
    return render_template(
        "reconciling_twice.html", chosen=chosen, answer=answer, groups=groups, page=number, words=words,
        pages=-(-len(answer.groups) // LIST_PAGE), most=LIST_PAGE,
    )  # fmt: skip


# ---------------------------------------------------------------- reports come in


@blueprint.route("/nhap", methods=["GET", "POST"], permission=Permission(CALENDAR))
def type_in() -> str | Response | tuple[str, int]:
    """Figures of one row, typed in; each replaces only itself."""
    form = _offered(FigureForm())
    if not form.validate_on_submit():
        return _entry(form, _offered(ReportFileForm(formdata=None))), 400 if form.errors else 200
    try:
        taken = enter(
            current.context().store,
            form.place(),
            form.told(),
            actor=current.account().login,
            now=current.now(),
        )
    except TrackerError as fault:
        flash(sentence(str(fault)), "fault")
        return _entry(form, _offered(ReportFileForm(formdata=None))), 400
    return _shown([taken])


@blueprint.post("/tep", permission=Permission(CALENDAR, uploads=True))
def load() -> Response | tuple[str, int]:
    """A file of totals; it is read and not kept."""
    form = _offered(ReportFileForm())
    try:
        if form.validate_on_submit():
            _check_size()
            return _shown(_import(form))
    except TrackerError as fault:
        flash(sentence(str(fault)), "fault")
    finally:
        request.close()  # what was sent lies in a file of its own until then
    return _entry(_offered(FigureForm(formdata=None)), form), 400


def _check_size() -> None:
    """A table of totals is small; what is larger is a list, or better read where nobody waits."""
    if (request.content_length or 0) > MOST_BYTES:
        raise UsageError("tệp lớn hơn 4 MB; hãy dùng lệnh dunghen reconcile import TỆP")


def _import(form: ReportFileForm) -> list[TakenReport]:
    """Read below a name of our own: what the person's file is called is only told."""
    context, told = current.context(), Path(form.file.data.filename or "").name[:200] or "tệp"
    with TemporaryDirectory(prefix="doi-chieu-", dir=_folder(context.data_dir)) as folder:
        path = Path(folder) / "bang"
        form.file.data.save(path)
        return [
            *import_file(
                context.store, path, form.given(told), max_file_mib=MOST_UNPACKED_MIB,
                actor=current.account().login, now=current.now(),
            )
        ]  # fmt: skip


def _folder(data_dir: Path) -> Path:
    data_dir.mkdir(parents=True, exist_ok=True)
    return data_dir


def _offered(form: Any) -> Any:
    form.offer()
    return form


def _entry(figures: FigureForm, file: ReportFileForm) -> str:
    return render_template("reconciling_entry.html", form=figures, file=file)


def _shown(taken: list[TakenReport]) -> Response:
    for one in taken:
        told = f"Báo cáo số {one.report_id}: {one.figures} số liệu, {words.place_name(one.place)}"
        flash(f"{told}{'.' if one.is_new else '; đã có từ trước nên không ghi thêm.'}")
        for unit in one.unknown_units[:5]:
            flash(f"Danh mục chưa biết đơn vị “{unit}”, nên dòng này chưa so được.", "fault")
        for fault in one.faults[:5]:
            flash(sentence(fault), "fault")
    return redirect(url_for("reconciling.page", **{"bao-cao": place_key(taken[0].place)}))


def _sent(write: Callable[[BinaryIO], str]) -> Response:
    file = BytesIO()
    name = write(file)
    file.seek(0)
    return send_file(file, XLSX, as_attachment=True, download_name=name)
