"""The account's own alerts, and what people do about the dossiers behind them. As the pages, by the same functions."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from app import alert_forms, alert_page, current
from app.access import ALL
from app.alert_forms import ACTS
from app.alert_page import ACTORS, AlertFilters, AlertLine
from app.api.asking import faulty
from app.api.faults import ApiFault, FieldFault
from app.api.scopes import Scope
from app.api.table import Answer, Asked, Call, Operation, Page, Paged, RowId
from app.letter_acts import NAMED
from app.views.alerts import found_alert, reader
from notifications.alerts import acting
from notifications.alerts.acting import Acting, ActReport, AlertAsker
from notifications.alerts.rungs import Measure
from tracker.store import alert_acts, alert_lists, audit
from tracker.store.alert_lists import Cursor, Stand
from tracker.store.session import Session


class Standing(StrEnum):
    """Where an alert stands for whoever was told of it."""

    OPEN = "open"
    HELD = "held"
    GONE = "gone"


_STANDS = {Standing.OPEN: Stand.OPEN, Standing.HELD: Stand.HELD, Standing.GONE: Stand.GONE}


class AlertsAsked(Paged, frozen=True):
    """Which of the own alerts."""

    stand: Standing = Standing.OPEN
    measure: Measure | None = None
    unit: RowId | None = None


class Alert(Answer, frozen=True):
    """One alert as it stands now, in words; `dossier_id` where something can be done about its dossier."""

    id: int
    measure: Measure
    now: str
    why: str
    rule: str
    code: str | None
    dossier_id: int | None
    about: str | None
    unit: str | None
    due_at: datetime | None
    taken: str | None
    assigned: str | None


def alerts(call: Call) -> Page[Alert]:
    """The own alerts, the worst first."""
    query, after = call.query, call.after(int, int, int)
    who = reader(query.unit)
    filters = AlertFilters(_STANDS[query.stand], query.measure.value if query.measure else "", query.unit)
    with current.context().store.read() as db:
        moment = alert_page.moment_of(current.context(), db, current.now())
        chosen = alert_page.chosen_of(filters, who, moment)
        found = alert_lists.alert_rows(
            db, chosen, after=Cursor(*after) if after else None, limit=call.limit + 1
        )
        lines = alert_page.lines_of(moment, found[: call.limit], who)
    call.saw("alerts", ids=[line.row.alert_id for line in lines])
    more = len(found) > len(lines)
    return call.page([_line(line) for line in lines], tuple(lines[-1].row.cursor) if more else None)


def _line(line: AlertLine) -> Alert:
    row = line.row
    return Alert(
        row.alert_id, Measure(row.measure), line.now.word, line.why, line.rule, row.code or None, line.dossier_id,
        line.subject or None, line.unit or None, line.due_at, line.taken or None, line.assigned or None,
    )  # fmt: skip


class Rung(Answer, frozen=True):
    """One claim of a ladder: how bad it was then, and who was told, by name of the account."""

    day: date
    rung: str
    measured: str
    told: list[str]
    fate: str | None


class AlertSheet(Answer, frozen=True):
    """One alert with its ladder."""

    id: int
    measure: Measure
    now: str
    about: str | None
    code: str | None
    dossier_id: int | None
    unit: str | None
    due_at: datetime | None
    done: bool
    taken: str | None
    assigned: str | None
    rungs: list[Rung]


def alert(call: Call) -> AlertSheet:
    """One alert; 404 for dossiers of other units."""
    alert_id, who = call.path["alert_id"], reader()
    with current.context().store.read() as db:
        moment = alert_page.moment_of(current.context(), db, current.now())
        claim, subject = found_alert(moment, alert_id, who)
        sheet = alert_page.sheet_of(moment, claim, subject, who)
    call.saw(f"alert:{alert_id}")
    own = subject if subject and who.sees(subject.unit_id) else None
    rungs = [
        Rung(each.claim.day, each.rung, each.measured, [told.name for told in each.told], each.fate or None)
        for each in sheet.story.rungs
    ]
    return AlertSheet(
        alert_id, Measure(claim.measure), sheet.now.word, sheet.about or None, own.code if own else None,
        own.dossier_id if own else None, sheet.unit or None, sheet.due_at, sheet.is_done, sheet.taken or None,
        sheet.assigned or None, rungs,
    )  # fmt: skip


# ---------------------------------------------------------------- acts


class Act(StrEnum):
    """What can be done about dossiers."""

    TAKE_ON = "take_on"
    TAKE_BACK = "take_back"
    ASSIGN = "assign"


_ACTS = {Act.TAKE_ON: ACTS["nhan-viec"], Act.TAKE_BACK: ACTS["rut-lai"], Act.ASSIGN: ACTS["giao"]}


class ActAsked(Asked, frozen=True):
    """An act on some dossiers. `promised_on` belongs to take_on; `account` to assign (0: nobody in particular any more)."""

    act: Act
    dossiers: Annotated[list[RowId], Meta(min_length=1, max_length=alert_forms.AT_ONCE)]
    promised_on: date | None = None
    account: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    note: Annotated[str, Meta(max_length=acting.LONGEST)] = ""


class NotDone(Answer, frozen=True):
    """A dossier that nothing was done about, and why."""

    dossier_id: int
    code: str | None
    why: str


class ActDone(Answer, frozen=True):
    """What became of it."""

    done: list[int]
    refused: list[NotDone]


def act(call: Call) -> ActDone:
    """Take on, take back, assign. Dossiers of other units are 404 where none is the account's own."""
    asked: ActAsked = call.body
    _check(asked)
    ids = list(dict.fromkeys(asked.dossiers))
    with current.context().store.read() as session:
        if not alert_acts.dossiers_acted_on(session, ids, current.scope()):
            raise ApiFault("NOT_FOUND", "không có hồ sơ nào như thế trong phạm vi của tài khoản")
    report = _carried_out(asked, ids)
    call.saw("alerts", act=asked.act.value, ids=list(report.done[:NAMED]), count=len(report.done))
    return ActDone(
        list(report.done), [NotDone(each.dossier_id, each.code or None, each.why) for each in report.refused]
    )


def _check(asked: ActAsked) -> None:
    wanted = {Act.TAKE_ON: "promised_on", Act.ASSIGN: "account"}
    faults = [
        FieldFault(name, "thiếu trường này" if which is asked.act else "việc này không dùng trường này")
        for which, name in wanted.items()
        if (getattr(asked, name) is None) is (which is asked.act)
    ]
    if faults:
        raise faulty(faults)


def _carried_out(asked: ActAsked, ids: list[int]) -> ActReport:
    account, context = current.account(), current.context()
    asker = AlertAsker(account.account_id, account.login, current.scope())

    def log(session: Session, report: ActReport) -> None:
        if report.done:
            detail = {"dossiers": list(report.done[:NAMED]), "count": len(report.done)}
            audit.append_acts(session, [current.act(_ACTS[asked.act].logged, "alerts", detail)])

    at_work = Acting(context.store, asker, current.now(), alert_page.day_of(current.now()), log)
    if asked.act is Act.TAKE_ON:
        assert asked.promised_on is not None
        return at_work.take_on(ids, asked.promised_on, asked.note, context.calendars.present)
    if asked.act is Act.ASSIGN:
        return at_work.assign(ids, asked.account or None, asked.note)
    return at_work.take_back(ids, asked.note)


OPERATIONS = (
    Operation(
        "alerts", "GET", "/alerts", Scope.ALERTS_READ, ALL, alerts, Page[Alert], "Cảnh báo của tài khoản, nặng nhất trước",
        query=AlertsAsked,
    ),
    Operation(
        "alert", "GET", "/alerts/<int:alert_id>", Scope.ALERTS_READ, ALL, alert, AlertSheet,
        "Một cảnh báo với các mốc của nó",
    ),
    Operation(
        "alert_acts", "POST", "/alerts/acts", Scope.ALERTS_WRITE, ACTORS, act, ActDone,
        "Nhận việc, rút lời nhận, giao việc", body=ActAsked,
    ),
)  # fmt: skip
