"""My unit on a morning, the units below it, and the targets that are set for them."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import charts, current, unit_page, unit_words
from app.access import TARGET_SETTERS, UNIT_READERS, Permission
from app.alert_page import ACTORS, COUNT_CAP
from app.kept_pieces import Pieces
from app.letter_settings_forms import SettingForm
from app.letter_settings_page import unit_options
from app.pages import Pages
from app.target_acts import TargetSetter, set_target
from app.target_forms import read_target
from app.target_page import target_lines
from app.typed_numbers import row_asked
from app.unit_page import UnitHome, UnitReader, unit_home_of
from tracker.errors import UsageError
from tracker.store import board, unit_targets

blueprint = Pages("unit_home", __name__, url_prefix="/don-vi")


@blueprint.get("", permission=Permission(UNIT_READERS, scoped=True))
def page() -> str:
    """One unit with all below it: its figures, what waits, what fell due; 404 for a unit of others."""
    context, now, who = current.context(), current.now(), _reader()
    with context.store.read() as db:
        ingested_at = board.last_ingest(db)
        if ingested_at is None:
            return render_template("no_data.html", title="Đơn vị của tôi")
        home = unit_home_of(context, db, who, now)
    seen = {"ids": [row.found.dossier_id for row in home.answer.fallen.rows], "officers": who.sees_officers}
    current.log("unit_home", _subject(who), seen)
    return render_template(
        "unit_home.html", home=home, answer=home.answer, words=unit_words, tasks=unit_page.unit_tasks(home),
        soon=unit_page.soon_words(home), names=home.names, small_below=context.config.small_denominator, ingested_at=ingested_at,
        chart=unit_words.trend_chart(home, context.config.small_denominator), acts=who.role in ACTORS, cap=COUNT_CAP,
        day_minutes=home.day_minutes, plotly_version=charts.library_version(),
        plotly_styles=charts.style_ids(),
        fallen_words=unit_words.fallen_words(home), officer_words=unit_words.officer_words(home), kept=_pieces(home),
    )  # fmt: skip


def _pieces(home: UnitHome) -> Pieces:
    """What is drawn once for readers of one role who see the same units, as long as the figures stay."""
    who, small_below = home.reader, current.context().config.small_denominator
    reader = who.role, who.scope, who.account.unit_id, home.reference, small_below, home.day_minutes
    return Pieces(home.answer.mark, "unit", *reader)


def _reader() -> UnitReader:
    """Whose page it is and of which unit: that of the address, else the account's own."""
    asked = row_asked(request.args, "don-vi")
    account = current.account()
    return UnitReader(
        account, current.scope(), account.unit_id if asked is None else asked, current.units_asked(asked)
    )


def _subject(who: UnitReader) -> str:
    return "units" if who.unit_id is None else f"unit:{who.unit_id}"


# ---------------------------------------------------------------- targets


@blueprint.get("/chi-tieu", permission=Permission(UNIT_READERS, scoped=True))
def targets() -> str:
    """What is asked of the own units, and what was asked before."""
    return _targets(SettingForm())


def _targets(form: SettingForm) -> str:
    today = current.now().date()
    with current.context().store.read() as db:
        rows, options = unit_targets.targets(db), unit_options(db, current.scope(), today)
    return render_template(
        "unit_targets.html", lines=target_lines(rows, current.scope(), today), options=options, form=form,
        today=today,
    )  # fmt: skip


@blueprint.post("/chi-tieu", endpoint="set_target", permission=Permission(TARGET_SETTERS, scoped=True))
def set_one() -> str | Response | tuple[str, int]:
    """Set a target from a day on; the rows before stay."""
    with current.context().store.read() as db:
        options = unit_options(db, current.scope(), current.now().date())
    form, new = read_target(request.form, options.allowed, current.now().date())
    if new is None:
        return _targets(form), 400
    setter = TargetSetter(current.account().login, current.now(), current.scope())
    try:
        set_target(current.context(), new, setter)
    except UsageError as fault:
        return _targets(form.with_fault("entry", fault)), 400
    flash("Đã đặt chỉ tiêu; các lần đặt trước còn trong danh sách.")
    return redirect(url_for("unit_home.targets"))
