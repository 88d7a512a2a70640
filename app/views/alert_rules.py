"""Which alerts there are and who stands in: the ladder of a scope with its rules, and leaves."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import alert_leave_page, alert_rules_page, current, letter_settings_page
from app.access import ALERT_RULE_SETTERS, ALERTED, ALL, Permission, may
from app.alert_rule_acts import LeaveDesk, RuleDesk, leave_actor
from app.alert_rule_forms import ScopeAsked, read_leave, read_rule, read_scope
from app.letter_settings_forms import SettingForm
from app.pages import Pages
from app.presenters import sentence
from app.typed_numbers import row_asked
from notifications.alerts.rule_acts import Actor, NewRule, RulePreview, preview, rule_words
from notifications.alerts.words import WHO_WORDS
from tracker.errors import UsageError
from tracker.store import catalogue

blueprint = Pages("alert_rules", __name__, url_prefix="/canh-bao")

TO_READ = Permission(ALL, scoped=True)
TO_SET = Permission(ALERT_RULE_SETTERS, scoped=True)
TO_LEAVE = Permission(ALERTED, scoped=True)
LOOK = "xem"  # of a form that is looked at before it is saved
Answer = str | Response | tuple[str, int]


def _actor() -> Actor:
    return Actor(current.account().login, current.now(), current.scope())


def _desk() -> RuleDesk:
    return RuleDesk(current.context(), _actor())


# ---------------------------------------------------------------- rules


def _asked() -> ScopeAsked:
    actor = _actor()
    with current.context().store.read() as session:
        options = letter_settings_page.unit_options(session, actor.unit_ids, actor.today)
        own = alert_rules_page.own_choice(options, current.account().unit_id)
        return read_scope(
            request.values, options.allowed, catalogue.fields(session),
            letter_settings_page.procedure_finder(session), own=own, today=actor.today,
        )  # fmt: skip


@blueprint.get("/quy-tac", permission=TO_READ)
def page() -> str:
    """The ladder of a scope on a day, where each rung comes from, and the form of a new rule."""
    asked = _asked()
    given = {name: request.args.get(name, "") for name in ("moc", "muc", "nguoi", "bao-ngay")}
    return _page(asked, SettingForm({**given, "tu": f"{_actor().today:%d/%m/%Y}"}))


def _page(asked: ScopeAsked, form: SettingForm, seen: RulePreview | None = None, words: str = "") -> str:
    actor = _actor()
    may_set = may(current.account().role, TO_SET)
    with current.context().store.read() as session:
        options = letter_settings_page.unit_options(session, actor.unit_ids, actor.today)
        fields = catalogue.fields(session)
        shown = alert_rules_page.rules_shown(
            session,
            asked,
            actor.unit_ids,
            actor.today,
            may_set=may_set,
            before=row_asked(request.args, "truoc"),
        )
    ladder = alert_rules_page.seen_ladder(seen) if seen else ()
    return render_template(
        "alert_rules.html", shown=shown, asked=asked, options=options, fields=fields, form=form, seen=seen,
        seen_words=words, ladder=ladder, may_set=may_set, who_words=WHO_WORDS,
        today=actor.today, choices=alert_rules_page.measure_choices(asked),
    )  # fmt: skip


@blueprint.post("/quy-tac/dat", permission=TO_SET)
def set_rule() -> Answer:
    """Set a rule, once its author has seen what it concerns; what was changed since is shown again."""
    asked, actor = _asked(), _actor()
    form, new = read_rule(request.form, request.form.getlist("nguoi"), asked, actor.today)
    if new is None:
        return _page(asked, form), 400
    try:
        if request.form.get("lam") == LOOK or request.form.get("da-xem") != form.mark:
            return _page(asked, form, _preview(new, actor), rule_words(new))
        _desk().set_rule(new)
    except UsageError as fault:
        return _page(asked, form.with_fault("entry", fault)), 400
    flash(f"Đã đặt quy tắc, có hiệu lực từ {new.valid_from:%d/%m/%Y}. {rule_words(new)}.")
    return redirect(url_for("alert_rules.page", **asked.as_address()))


def _preview(new: NewRule, actor: Actor) -> RulePreview:
    calendar = current.context().calendars.present.of(new.unit_id, actor.today)
    with current.context().store.read() as session:
        return preview(session, new, calendar, actor.today)


@blueprint.post("/quy-tac/<int:rule_id>/rut", permission=TO_SET)
def take_back(rule_id: int) -> Response:
    """Take a rule back."""
    try:
        _desk().take_back(rule_id, " ".join(request.form.get("ly-do", "").split()))
        flash("Đã rút quy tắc; ở phạm vi này dùng lại quy tắc rộng hơn, hoặc mốc có sẵn.")
    except UsageError as fault:
        flash(sentence(fault), "fault")
    return redirect(url_for("alert_rules.page", **_asked().as_address()))


# ---------------------------------------------------------------- leave


def _leaves() -> LeaveDesk:
    return LeaveDesk(current.context(), leave_actor(_actor(), current.account()))


@blueprint.get("/nghi-phep", permission=TO_LEAVE)
def leave() -> str:
    """Who is away and who stands in, and the form of a new leave."""
    return _leave(SettingForm({"tai-khoan": current.account().login}))


def _leave(form: SettingForm) -> str:
    with current.context().store.read() as session:
        shown = alert_leave_page.leaves_shown(session, _leaves().entering)
    return render_template("alert_leave.html", shown=shown, form=form)


@blueprint.post("/nghi-phep/ghi", permission=TO_LEAVE)
def enter_leave() -> Answer:
    """Enter a leave with who stands in."""
    with current.context().store.read() as session:
        shown = alert_leave_page.leaves_shown(session, _leaves().entering)
    form, new = read_leave(request.form, shown.accounts, shown.standing_in, current.account().login)
    if new is None:
        return _leave(form), 400
    try:
        _leaves().enter(new)
    except UsageError as fault:
        return _leave(form.with_fault("entry", fault)), 400
    flash(f"Đã ghi đợt nghỉ từ {new.first_day:%d/%m/%Y} đến {new.last_day:%d/%m/%Y}.")
    return redirect(url_for("alert_rules.leave"))


@blueprint.post("/nghi-phep/<int:absence_id>/ket-thuc", permission=TO_LEAVE)
def end_leave(absence_id: int) -> Response:
    """End a leave early."""
    try:
        _leaves().end(absence_id)
        flash("Đã kết thúc đợt nghỉ; từ hôm nay cảnh báo lại gửi cho chính người đó.")
    except UsageError as fault:
        flash(sentence(fault), "fault")
    return redirect(url_for("alert_rules.leave"))
