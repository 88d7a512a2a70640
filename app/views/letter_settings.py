"""What an office sets for its letters beside the templates: who signs, own series of numbers, reasons set beforehand."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import current, letter_settings_page
from app.access import LETTER_SETTERS, REASON_SETTERS, SIGNER_SETTERS, Permission
from app.letter_number_acts import NumberDesk
from app.letter_settings_acts import SettingsDesk
from app.letter_settings_forms import SettingForm, read_last_day, read_reason, read_series, read_signer
from app.pages import Pages
from app.presenters import sentence
from letters.deciding import LONGEST
from letters.moving import Asker
from letters.reasons import checked_reason, load_suggestions, served
from letters.signers import AUTHORITIES
from tracker.errors import UsageError

blueprint = Pages("letter_settings", __name__, url_prefix="/thu-xin-loi")

TO_SET_SIGNERS = Permission(SIGNER_SETTERS, scoped=True)
TO_SET_SERIES = Permission(LETTER_SETTERS, scoped=True)
TO_SET_REASONS = Permission(REASON_SETTERS, scoped=True)
LOOK = "xem"  # of a form that is looked at before it is saved
Answer = str | Response | tuple[str, int]


def _asker() -> Asker:
    return Asker(current.account().login, current.now(), current.scope())


def _numbers() -> NumberDesk:
    return NumberDesk(current.context(), _asker())


def _desk() -> SettingsDesk:
    return SettingsDesk(current.context(), _asker())


def _options() -> letter_settings_page.UnitOptions:
    with current.context().store.read() as session:
        return letter_settings_page.unit_options(session, current.scope(), _asker().today)


# ---------------------------------------------------------------- signers


@blueprint.get("/nguoi-ky", permission=TO_SET_SIGNERS)
def signers() -> str:
    """Who may sign, by unit, and the form of a new one."""
    return _signers(SettingForm({"quyen": "head"}))


def _signers(
    form: SettingForm, *, looked: tuple[str, ...] = (), ended: dict[int, SettingForm] | None = None
) -> str:
    with current.context().store.read() as session:
        units = letter_settings_page.signing_units(session, current.scope(), _asker().today)
    return render_template(
        "letter_signers.html", units=units, options=_options(), form=form, looked=looked, ended=ended or {},
        words=letter_settings_page, authorities=AUTHORITIES,
    )  # fmt: skip


@blueprint.post("/nguoi-ky/them", permission=TO_SET_SIGNERS)
def add_signer() -> Answer:
    """Enter who may sign; `lam=xem` shows what a letter would print, and enters nothing."""
    form, new = read_signer(request.form, _options().allowed)
    if new is None:
        return _signers(form), 400
    if request.form.get("lam") == LOOK:
        with current.context().store.read() as session:
            return _signers(form, looked=letter_settings_page.printed(session, new, _asker().today))
    try:
        _numbers().add_signer(new)
    except UsageError as fault:
        return _signers(form.with_fault("entry", fault)), 400
    flash(f"Đã thêm người ký {new.full_name}.")
    return redirect(url_for("letter_settings.signers"))


@blueprint.post("/nguoi-ky/<int:signer_id>/ket-thuc", permission=TO_SET_SIGNERS)
def end_signer(signer_id: int) -> Answer:
    """Let an authority end with a day."""
    form, day = read_last_day(request.form)
    try:
        if day is None:
            raise UsageError(form.faults["den"])
        _numbers().end_signer(signer_id, day)
    except UsageError as fault:
        return _signers(SettingForm(), ended={signer_id: form.with_fault("den", fault)}), 400
    flash(f"Quyền ký kết thúc hết ngày {day:%d/%m/%Y}.")
    return redirect(url_for("letter_settings.signers"))


# ---------------------------------------------------------------- series


@blueprint.get("/so-rieng", permission=TO_SET_SERIES)
def series() -> str:
    """The series of numbers that units have of their own, and whether their numbers hold."""
    return _series(SettingForm())


def _series(form: SettingForm, *, ended: dict[int, SettingForm] | None = None) -> str:
    with current.context().store.read() as session:
        found = letter_settings_page.shown_series(session, current.scope(), _asker().today)
        faults = letter_settings_page.series_faults(session, current.scope())
    return render_template(
        "letter_series.html", found=found, faults=faults, options=_options(), form=form, ended=ended or {},
        words=letter_settings_page,
    )  # fmt: skip


@blueprint.post("/so-rieng/them", permission=TO_SET_SERIES)
def add_series() -> Answer:
    """Register a series."""
    form, new = read_series(request.form, _options().allowed)
    if new is None:
        return _series(form), 400
    try:
        _numbers().register_series(new)
    except UsageError as fault:
        return _series(form.with_fault("entry", fault)), 400
    flash(
        f"Đã đăng ký dãy số {new.symbol.upper()}; thư của đơn vị từ ngày {new.valid_from:%d/%m/%Y} lấy số ở đây."
    )
    return redirect(url_for("letter_settings.series"))


@blueprint.post("/so-rieng/<int:series_id>/dong", permission=TO_SET_SERIES)
def close_series(series_id: int) -> Answer:
    """Let a series end with a day."""
    form, day = read_last_day(request.form)
    try:
        if day is None:
            raise UsageError(form.faults["den"])
        _numbers().close_series(series_id, day)
    except UsageError as fault:
        return _series(SettingForm(), ended={series_id: form.with_fault("den", fault)}), 400
    flash(f"Dãy số đóng hết ngày {day:%d/%m/%Y}.")
    return redirect(url_for("letter_settings.series"))


# ---------------------------------------------------------------- reasons


@blueprint.get("/ly-do", permission=TO_SET_REASONS)
def reasons() -> str:
    """The reasons that stand, what still lacks one, and the form of a new one."""
    return _reasons(SettingForm())


def _reasons(form: SettingForm, *, served_by: int | None = None) -> str:
    with current.context().store.read() as session:
        shown = letter_settings_page.reasons_shown(session, current.scope(), _asker().today)
    return render_template(
        "letter_reasons.html", shown=shown, options=_options(), form=form, served_by=served_by,
        suggestions=load_suggestions(), words=letter_settings_page, longest=LONGEST,
    )  # fmt: skip


@blueprint.post("/ly-do/them", permission=TO_SET_REASONS)
def add_reason() -> Answer:
    """Set a reason, once its author has seen how many dossiers it would serve; what was changed since is shown again."""
    context = current.context()
    with context.store.read() as session:
        find = letter_settings_page.procedure_finder(session)
        shown = letter_settings_page.reasons_shown(session, current.scope(), _asker().today)
    form, new = read_reason(request.form, _options().allowed, find)
    if new is None:
        return _reasons(form), 400
    try:
        new = checked_reason(new, _asker())
        if request.form.get("lam") == LOOK or request.form.get("da-xem") != form.mark:
            return _reasons(form, served_by=served(new, shown.gaps, shown.names, _asker().today))
        _desk().add_reason(new)
    except UsageError as fault:
        return _reasons(form.with_fault("entry", fault)), 400
    flash("Đã đặt lý do; thư soạn từ nay của những hồ sơ này dùng lý do đó.")
    return redirect(url_for("letter_settings.reasons"))


@blueprint.post("/ly-do/<int:reason_id>/rut", permission=TO_SET_REASONS)
def end_reason(reason_id: int) -> Response:
    """Take a reason back."""
    try:
        _desk().end_reason(reason_id)
        flash("Đã rút lý do; thư đã soạn giữ nguyên lời.")
    except UsageError as fault:
        flash(sentence(fault), "fault")
    return redirect(url_for("letter_settings.reasons"))
