"""Which systems of the configuration are told of what happens: administrators subscribe them and end that."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, subscription_acts
from app.access import ADMINS, Permission
from app.key_page import unit_groups
from app.pages import Pages
from app.presenters import sentence
from app.subscription_acts import SubscriptionWanted
from app.views.sources import whole_province_only
from tracker.errors import UsageError
from tracker.store import catalogue, subscriptions
from tracker.store.office_events import EventKind

blueprint = Pages("subscriptions", __name__, url_prefix="/quan-tri/nhan-tin")
blueprint.before_request(whole_province_only)

EVENT_WORDS: Mapping[EventKind, str] = {
    EventKind.BATCH_LOADED: "Một lần nạp dữ liệu đã xong",
    EventKind.LETTER_SIGNED: "Thư xin lỗi đã ký",
    EventKind.LETTER_DELIVERED: "Thư xin lỗi đã gửi",
    EventKind.PROMISE_KEPT: "Giữ đúng ngày hẹn mới trong thư",
    EventKind.PROMISE_BROKEN: "Lỡ ngày hẹn mới trong thư",
    EventKind.DOSSIER_OVERDUE: "Hồ sơ quá hạn đến một mốc cảnh báo",
    EventKind.CALENDAR_CHANGED: "Lịch làm việc đã đổi",
    EventKind.CHANGE_DECIDED: "Thay đổi hai người đã được quyết định",
}
NO_FORM = SubscriptionWanted("", ())


@blueprint.get("", permission=Permission(ADMINS))
def page() -> str:
    """What is subscribed, and the form."""
    return _page(NO_FORM)


@blueprint.post("", permission=Permission(ADMINS))
def add() -> str | Response | tuple[str, int]:
    """Subscribe a receiver."""
    context = current.context()
    code = request.form.get("don-vi", "")[:60]
    with context.store.read() as session:
        unit_id = catalogue.find_unit(session, code) if code else None
    kinds = tuple(dict.fromkeys(request.form.getlist("loai")[: len(EventKind)]))
    wanted = SubscriptionWanted(request.form.get("he-thong", "")[:40], kinds, unit_id)
    try:
        if code and unit_id is None:
            raise UsageError(subscription_acts.NO_UNIT)
        subscription_acts.subscribe(
            context.store,
            context.config.outbox.webhooks,
            wanted,
            actor=current.account().login,
            now=current.now(),
        )
    except UsageError as fault:
        return _page(wanted, sentence(fault), code), 400
    flash(f"Từ nay {wanted.receiver} được báo các sự kiện đã chọn.")
    return redirect(url_for("subscriptions.page"))


@blueprint.post("/<int:subscription_id>/thoi", permission=Permission(ADMINS))
def end(subscription_id: int) -> Response:
    """Tell it of nothing more."""
    context = current.context()
    with context.store.read() as session:
        if subscriptions.find(session, subscription_id) is None:
            abort(404)
    ended = subscription_acts.end(
        context.store, subscription_id, actor=current.account().login, now=current.now()
    )
    flash("Đã thôi báo; tin đang chờ gửi vẫn đi." if ended else "Đăng ký này đã kết thúc từ trước.")
    return redirect(url_for("subscriptions.page"))


def _page(wanted: SubscriptionWanted, fault: str = "", unit: str = "") -> str:
    context = current.context()
    with context.store.read() as session:
        found = subscriptions.listed(session)
        groups = unit_groups(catalogue.units(session), current.now().date())
    return render_template(
        "subscriptions.html", found=found, groups=groups, wanted=wanted, fault=fault, unit=unit, events=EVENT_WORDS,
        targets=context.config.outbox.webhooks, known=set(EventKind),
    )  # fmt: skip
