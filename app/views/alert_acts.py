"""What people do about alerts: told in numbers before, carried out in one step with its entry of the log, told after."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import alert_forms, alert_page, current
from app.access import OFFICE, Permission
from app.alert_forms import AT_ONCE, FIELDS, AlertPick, empty, read, read_pick
from app.alert_page import ACTORS
from app.board_acts import board_address
from app.letter_acts import NAMED, LetterDesk
from app.letter_forms import Filled
from app.letter_picks import mark_of
from app.pages import Pages
from app.presenters import number, sentence
from app.views.alerts import can_reason, duty_of, found_alert, reader
from letters.moving import Asker
from notifications.alerts import acting
from notifications.alerts.acting import Acting, ActReport, AlertAsker
from tracker.errors import UsageError
from tracker.store import alert_acts, alert_lists, audit
from tracker.store.session import Session

blueprint = Pages("alert_acts", __name__, url_prefix="/canh-bao")

NOTHING = "Chưa chọn hồ sơ nào. Hãy đánh dấu các dòng, hoặc chọn tất cả của danh sách."
CHANGED = "Danh sách đã thay đổi từ lúc bạn xem. Hãy xem lại số lượng rồi xác nhận."


@blueprint.get("/xac-nhan", permission=Permission(ACTORS, scoped=True))
def confirm() -> str | Response:
    """What an act will do to the dossiers that were picked, in numbers, with the fields that it asks for."""
    pick, ids = _picked(request.args.get("viec", ""))
    if not ids:
        flash(NOTHING, "fault")
        return redirect(_back(pick))
    current.log("alert_confirm", "alerts", {"count": len(ids)})
    return _asked(pick, ids, empty(pick.act))


@blueprint.post("/viec/<act>", permission=Permission(ACTORS, scoped=True))
def act(act: str) -> str | Response | tuple[str, int]:
    """Take on, take back, assign."""
    pick, ids = _picked(act)
    if not ids:
        flash(NOTHING, "fault")
        return redirect(_back(pick))
    form = read(pick.act, request.form)
    if form.faults:
        return _asked(pick, ids, form), 400
    if pick.is_all and pick.seen != mark_of(ids):
        return _asked(pick, ids, form, CHANGED), 409
    try:
        report = _carried_out(pick, form, ids)
    except UsageError as fault:
        return _asked(pick, ids, form, sentence(fault)), 400
    return _answered(pick, report)


@blueprint.post("/<int:alert_id>/ly-do", permission=Permission(OFFICE, scoped=True))
def set_reason(alert_id: int) -> Response:
    """Say why the dossier of an alert is late, as on the pages of obligations."""
    with current.context().store.read() as db:
        moment = alert_page.moment_of(current.context(), db, current.now())
        _claim, subject = found_alert(moment, alert_id, reader())
        duty = duty_of(db, subject)
    if duty is None or not can_reason(duty):
        abort(404)
    asker = Asker(current.account().login, current.now(), current.scope())
    try:
        report = LetterDesk(current.context(), asker).set_reason(
            [duty.dossier_id], request.form.get("ly-do", "")
        )
    except UsageError as fault:
        flash(sentence(fault), "fault")
    else:
        for refused in report.refused:
            flash(sentence(refused.why), "fault")
        if report.decided:
            flash("Đã ghi lý do quá hạn; thư soạn từ nay in lý do ấy.")
    return redirect(url_for("alerts.show", alert_id=alert_id))


# ---------------------------------------------------------------- gather


def _picked(key: str) -> tuple[AlertPick, list[int]]:
    """What was picked, of the own units; 404 for an act that is none, and where all that was named is of other units."""
    pick = read_pick(request.values, key)
    if pick is None:
        abort(404)
    who = reader(pick.filters.unit_id)
    with current.context().store.read() as session:
        if pick.is_all:
            moment = alert_page.moment_of(current.context(), session, current.now())
            chosen = alert_page.chosen_of(pick.filters, who, moment)
            wanted = alert_lists.dossiers_chosen(session, chosen, limit=AT_ONCE)
        else:
            wanted = list(pick.ticked)
        own = alert_acts.dossiers_acted_on(session, wanted, who.unit_ids)
    if wanted and not own:
        abort(404)
    return pick, [dossier_id for dossier_id in wanted if dossier_id in own]


def _back(pick: AlertPick) -> str:
    if pick.board is not None:
        return board_address(pick.board, pick.ticked[0] if pick.ticked else None)
    if pick.back_to is not None:
        return url_for("alerts.show", alert_id=pick.back_to)
    return url_for("alerts.page", **pick.filters.as_address())


# ---------------------------------------------------------------- carry out


def _carried_out(pick: AlertPick, form: Filled, ids: list[int]) -> ActReport:
    account, context = current.account(), current.context()
    asker = AlertAsker(account.account_id, account.login, current.scope())
    day = alert_page.day_of(current.now())
    at_work = Acting(
        context.store, asker, current.now(), day, lambda db, report: _log(db, pick, form, report)
    )
    note = form.text("ghi-chu")
    if pick.act.key == "nhan-viec":
        return at_work.take_on(ids, alert_forms.promised_on(form), note, context.calendars.present)
    if pick.act.key == "giao":
        return at_work.assign(ids, alert_forms.account_id(form), note)
    return at_work.take_back(ids, note)


def _log(session: Session, pick: AlertPick, form: Filled, report: ActReport) -> None:
    """Ids and counts; what somebody typed stays with the dossiers."""
    if not report.done:
        return
    detail: dict[str, object] = {"dossiers": list(report.done[:NAMED]), "count": len(report.done)}
    if "hen-xong" in pick.act.fields:
        detail["promised_on"] = alert_forms.promised_on(form).isoformat()
    if "tai-khoan" in pick.act.fields:
        detail["account"] = alert_forms.account_id(form)
    audit.append_acts(session, [current.act(pick.act.logged, "alerts", detail)])


# ---------------------------------------------------------------- answer


def _asked(pick: AlertPick, ids: list[int], form: Filled, fault: str = "") -> str:
    with current.context().store.read() as session:
        own = alert_acts.dossiers_acted_on(session, ids, current.scope())
        people = acting.assignable(session, {each.unit_id for each in own.values()})
    return render_template(
        "alert_confirm.html", act=pick.act, count=len(ids), hidden=pick.as_fields(ids), form=form, fault=fault,
        fields=FIELDS, people=people, back=_back(pick), is_capped=pick.is_all and len(ids) >= AT_ONCE,
        code=next(iter(own.values())).code if len(own) == 1 else "",
    )  # fmt: skip


def _answered(pick: AlertPick, report: ActReport) -> Response:
    """Back to where it was asked, with what was done and, code by code, what was not."""
    if report.done:
        flash(pick.act.did.format(count=number(len(report.done))))
    for why in dict.fromkeys(refused.why for refused in report.refused):
        codes = [refused.code for refused in report.refused if refused.why == why and refused.code]
        more = f" và {number(len(codes) - 5)} hồ sơ khác" if len(codes) > 5 else ""
        flash(f"Không thực hiện được với {', '.join(codes[:5]) or 'hồ sơ đã chọn'}{more}: {why}.", "fault")
    return redirect(_back(pick))
