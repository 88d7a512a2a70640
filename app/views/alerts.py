"""Alerts: the own ones, one with its ladder, what somebody chose for oneself, and the looks with what came of them."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import alert_forms, alert_looks, alert_page, alert_words, current
from app.access import ADMINS, ALL, OFFICE, Permission, Role
from app.alert_forms import ACTS, FIELDS, empty
from app.alert_page import COUNT_CAP, PAGE, Reader, read_cursor, read_filters
from app.alert_settings import settings_of
from app.letter_offers import Subject, offers_at
from app.pages import Pages
from app.presenters import sentence
from app.typed_numbers import row_asked
from app.views.letters import own_units
from letters.reasons import load_suggestions
from notifications.alerts import acting
from notifications.alerts.causes import Moment
from tracker.errors import UsageError
from tracker.store import alert_lists, audit, letter_rows
from tracker.store.alert_lists import Claimed, SubjectRow
from tracker.store.alert_standing import LETTER
from tracker.store.letter_rows import ListedDuty
from tracker.store.session import Session

blueprint = Pages("alerts", __name__, url_prefix="/canh-bao")

# Who looks at whether everybody was told of what they should be.
WATCHERS = ADMINS | {Role.REFORM, Role.AUDITOR}


@blueprint.get("", permission=Permission(ALL, scoped=True))
def page() -> str:
    """The own alerts at one state, the worst first, 50 a page."""
    filters, after = read_filters(request.args), read_cursor(request.args.get("sau", ""))
    who = reader(filters.unit_id)
    with current.context().store.read() as db:
        moment = alert_page.moment_of(current.context(), db, current.now())
        chosen = alert_page.chosen_of(filters, who, moment)
        found = alert_lists.alert_rows(db, chosen, after=after, limit=PAGE + 1)
        lines = alert_page.lines_of(moment, found[:PAGE], who)
        tabs = alert_page.tabs_of(db, filters, who, moment)
        measures = sorted(alert_lists.measures_told(db, who.account_id), key=alert_words.kind_words)
        units = [] if who.role is Role.ADMIN else own_units(db)
    current.log("alerts", "list", {**filters.as_address(), "ids": [row.alert_id for row in found[:PAGE]]})
    return render_template(
        "alerts.html", lines=lines, more=len(found) > PAGE, filters=filters, tabs=tabs, measures=measures, units=units,
        words=alert_words, acts=ACTS.values() if who.acts else (), cap=COUNT_CAP,
    )  # fmt: skip


def reader(unit_id: int | None = None) -> Reader:
    """Whose page it is; 404 for a unit of others."""
    account = current.account()
    inside = None if unit_id is None else current.units_asked(unit_id)
    return Reader(account.account_id, Role(account.role), current.scope(), inside)


@blueprint.get("/<int:alert_id>", permission=Permission(ALL, scoped=True))
def show(alert_id: int) -> str:
    """One alert: how it stands, its ladder, who was told and what was done. 404 for dossiers of other units."""
    who = reader()
    with current.context().store.read() as db:
        moment = alert_page.moment_of(current.context(), db, current.now())
        claim, subject = found_alert(moment, alert_id, who)
        sheet = alert_page.sheet_of(moment, claim, subject, who)
        duty = duty_of(db, subject)
        people = acting.assignable(db, [subject.unit_id]) if subject and who.acts else []
    current.log("alert", f"alert:{alert_id}")
    return render_template(
        "alert.html", sheet=sheet, forms=[(act, empty(act)) for act in ACTS.values()], fields=FIELDS, people=people,
        acts=who.acts and subject is not None, letter_id=claim.subject_id if claim.subject_kind == LETTER else None, duty=duty,
        can_reason=can_reason(duty), suggestions=load_suggestions(), words=alert_words,
        has_page=subject is not None and who.sees(subject.resolving_unit_id),
    )  # fmt: skip


def found_alert(moment: Moment, alert_id: int, who: Reader) -> tuple[Claimed, SubjectRow | None]:
    """An alert that the reader may look at with its dossier; 404 otherwise."""
    session = moment.session
    claim = alert_lists.find_alert(session, alert_id)
    if claim is None:
        abort(404)
    subject = alert_lists.subject_of(session, claim.subject_kind, claim.subject_id)
    if subject is not None:
        is_seen = who.sees(subject.unit_id)
    else:
        is_seen = who.role in WATCHERS or alert_lists.was_told(session, alert_id, who.account_id)
    if not is_seen:
        abort(404)
    return claim, subject


def duty_of(session: Session, subject: SubjectRow | None) -> ListedDuty | None:
    """What the ledger of apologies says of the dossier, where it stands in it and is one of the own units'."""
    if subject is None:
        return None
    return next(iter(letter_rows.duties_by_id(session, [subject.dossier_id], current.scope())), None)


def can_reason(duty: ListedDuty | None) -> bool:
    """May the reader say why this dossier is late? As on the pages of obligations."""
    role = current.account().role
    offered = offers_at(Subject.DUTIES, duty.step, role, single=True) if duty and role in OFFICE else []
    return any(offer.key == "ly-do-qua-han" for offer in offered)


# ---------------------------------------------------------------- own settings


@blueprint.get("/cai-dat", permission=Permission(ALL))
def settings() -> str:
    """How the own account is told."""
    return _settings_page("")


@blueprint.post("/cai-dat", endpoint="choose", permission=Permission(ALL))
def choose() -> str | Response | tuple[str, int]:
    """Keep what somebody chose."""
    chosen = alert_forms.read_choice(request.form)

    def log(session: Session) -> None:
        detail = {"mail": chosen.digest_by_mail, "urgent": chosen.urgent_by_mail, "hour": chosen.digest_at}
        audit.append_acts(session, [current.act("alert_settings", _own(), detail)])

    try:
        acting.choose(
            current.context().store, current.account().account_id, chosen, now=current.now(), in_same_step=log
        )
    except UsageError as fault:
        return _settings_page(sentence(fault)), 400
    flash("Đã lưu cách nhận cảnh báo của bạn.")
    return redirect(url_for("alerts.settings"))


def _settings_page(fault: str) -> str:
    with current.context().store.read() as db:
        shown = settings_of(current.context(), db, current.account(), current.now())
    return render_template("alert_settings.html", shown=shown, fault=fault, hours=alert_forms.hours())


def _own() -> str:
    return f"user:{current.account().account_id}"


# ---------------------------------------------------------------- looks


@blueprint.get("/luot-xet", permission=Permission(WATCHERS))
def runs() -> str:
    """The looks, what became of the messages, and what nobody could be told of."""
    before = row_asked(request.args, "truoc")
    with current.context().store.read() as db:
        shown = alert_looks.looks_of(db, current.now(), before=before)
    return render_template("alert_runs.html", shown=shown)
