"""The first day: ten steps from the empty program to the first true late list, each with its state and where it is done."""

from collections.abc import Callable
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, first_day_words
from app.access import ADMINS, Permission, Role
from app.asking import new_turn
from app.first_day import gather
from app.first_day_acts import WITHDRAWABLE, Compared, FirstDayDesk
from app.first_day_preview import preview
from app.first_day_sheet import check_sheet
from app.pages import Pages
from app.presenters import sentence
from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from app.views.work import go_on
from app.works.asked import ask_person
from app.works.mail_trying import KIND
from tracker.errors import UsageError
from tracker.measures.first_day import first_day
from tracker.store import board, work
from tracker.store.first_day_store import READY
from tracker.types.work import WorkRow

blueprint = Pages("first_day", __name__, url_prefix="/bat-dau")

# Administrators set the machine up; who answers for the figures says whether the list is true, and opens dossiers.
SETTING_UP = Permission(ADMINS)
LOOKING = Permission(ADMINS | {Role.REFORM, Role.HEAD})
COMPARING = Permission(frozenset({Role.REFORM, Role.HEAD}), scoped=True)
Answer = str | Response | tuple[str, int]


def _desk() -> FirstDayDesk:
    return FirstDayDesk(current.context(), current.account().login, current.now())


def _whole_office_only() -> None:
    """The list is confirmed for the office: an account of one unit sees a part of it."""
    if current.scope() is not None:
        abort(403)


@blueprint.get("/", permission=LOOKING)
def page() -> str:
    """Every step: how it stands, what was found, what to do next, and why."""
    context, now = current.context(), current.now()
    facts = gather(context, now)
    with context.store.read() as session:
        tried = next(iter(work.list_work(session, kinds=(KIND,), limit=1)), None)
    return render_template(
        "first_day.html", found=first_day(facts, now), facts=facts, words=first_day_words, turn=new_turn(),
        tried=_mail_told(tried), is_whole=current.scope() is None,
    )  # fmt: skip


def _mail_told(tried: WorkRow | None) -> str:
    """What came of the last mail that was tried, where it was not taken."""
    if tried is None or tried.result.get("ok"):
        return ""
    return str(tried.result.get("told") or tried.fault or "Thư thử đang chờ tiến trình làm việc.")


@blueprint.post("/xac-nhan/don-vi", permission=SETTING_UP)
def confirm_units() -> Response:
    """Say that the catalogue of units was compared with the decision, and which unit the office is."""
    return _done(lambda desk: desk.confirm_units(request.form.get("don-vi", "")[:200]))


@blueprint.post("/xac-nhan/lich", permission=SETTING_UP)
def confirm_calendar() -> Response:
    """Say that hours and days were compared with the notices."""
    return _done(lambda desk: desk.confirm_calendar(request.form.get("dau", "")))


@blueprint.post("/rut", permission=SETTING_UP)
def withdraw() -> Response:
    """Take back that units or the calendar were compared."""
    what = request.form.get("viec", "")
    if what not in WITHDRAWABLE:
        abort(404)
    return _done(lambda desk: desk.withdraw(what))


@blueprint.post("/rut-san-sang", permission=COMPARING)
def withdraw_ready() -> Response:
    """Take back that the list is true."""
    _whole_office_only()
    return _done(lambda desk: desk.withdraw(READY))


def _done(act: Callable[[FirstDayDesk], str], again: str = "first_day.page") -> Response:
    """Do it and say so on the page of steps, or say why not where it can be tried again."""
    try:
        flash(act(_desk()))
    except UsageError as fault:
        flash(sentence(fault), "fault")
        return redirect(url_for(again))
    return redirect(url_for("first_day.page"))


@blueprint.get("/ngay-bat-dau", permission=SETTING_UP)
def start() -> Answer:
    """From which day the office owes letters: what each day would mean, in numbers."""
    faults: list[str] = []
    return _start(day_asked(request.args, "ngay", "Ngày", faults), faults)


def _start(day: date | None, faults: list[str]) -> Answer:
    context, now = current.context(), current.now()
    try:
        shown = preview(context, now, day)
    except UsageError as fault:
        faults, day = [*faults, sentence(fault)], None
        shown = preview(context, now)
    facts = gather(context, now)
    status = 400 if faults and request.method == "POST" else 200
    return render_template(
        "first_day_start.html",
        shown=shown,
        faults=faults,
        typed=day,
        facts=facts,
        found=first_day(facts, now),
    ), status


@blueprint.post("/ngay-bat-dau", permission=SETTING_UP)
def set_start() -> Answer:
    """Choose the day."""
    faults: list[str] = []
    text = request.form.get("chon", "")
    typed = request.form.get("ngay", "") if text == "khac" else text
    day = None if text == "tat-ca" else day_asked({"ngay": typed}, "ngay", "Ngày", faults)
    if not faults and text != "tat-ca" and day is None:
        faults.append("Hãy chọn một ngày.")
    try:
        if faults:
            return _start(None, faults)
        follows = _desk().set_start(day, request.form.get("ly-do", ""))
    except UsageError as fault:
        return _start(None, [sentence(fault)])
    told = f"Đã ghi ngày bắt đầu: {day:%d/%m/%Y}." if day else "Đã ghi: mọi hồ sơ trễ đều phải có thư."
    flash(told + (" Sổ theo dõi xin lỗi đang được cập nhật theo ngày mới." if follows else ""))
    return redirect(url_for("first_day.page"))


@blueprint.post("/thu-thu", permission=SETTING_UP)
def try_mail() -> Response:
    """Send one mail to one's own address by the configured server."""
    turn = request.form.get("luot", "")[:32] or new_turn()
    return go_on(ask_person(current.context(), "mail_test", {}, current.account(), turn))


@blueprint.get("/doi-chieu", permission=COMPARING)
def sheet() -> str:
    """Ten late dossiers to be compared with the source by hand, and the form that says that they agree."""
    context, now = current.context(), current.now()
    with context.store.read() as session:
        if not board.has_data(session):
            return render_template("no_data.html", title="Phiếu đối chiếu")
    drawn = check_sheet(context, now, current.scope())
    ids = [case.dossier_id for case in drawn.cases]
    current.log("first_day_sheet", "list", {"seed": drawn.seed, "ids": ids})
    facts = gather(context, now)
    return render_template(
        "first_day_sheet.html", sheet=drawn, found=first_day(facts, now), facts=facts, words=first_day_words,
        is_whole=current.scope() is None,
    )  # fmt: skip


@blueprint.post("/san-sang", permission=COMPARING)
def ready() -> Response:
    """Say that the list agrees with the source: the office is ready."""
    _whole_office_only()
    drawn = check_sheet(current.context(), current.now(), None)
    said = Compared(drawn.seed, len(drawn.cases), row_asked(request.form, "khop"))
    return _done(lambda desk: desk.confirm_list(said), "first_day.sheet")
