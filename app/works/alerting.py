"""Alerts day by day: all that is open looked at each morning, the digest of everybody, urgent rounds in office hours.

Each is as if done once, whoever runs it how often: claims are unique, and a row that a message carries waits no more.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from app.context import AppContext
from app.grip import Grip
from notifications.alerts.causes import AlertPolicy, Finder
from notifications.alerts.composing import Composer, ComposeReport, Sending
from notifications.alerts.evaluating import EvaluationReport, evaluate
from notifications.alerts.finders import FINDERS
from notifications.alerts.hours import window_of
from tracker.store import alert_store, audit, work
from tracker.store.audit import Act
from tracker.store.session import Session
from tracker.types import VN, Basis
from tracker.types.work import WorkRequest

ACTOR = "alerts"
# The moment of a morning's look: what a day is judged by, whenever the look is taken.
MORNING = time(7, 0)

Finish = Callable[[Session, EvaluationReport], None]


def _unfinished(_session: Session, _report: EvaluationReport) -> None:
    return


def alert_policy(context: AppContext) -> AlertPolicy:
    """What the office decided about alerts."""
    config = context.config
    return AlertPolicy(
        config.calendar_key,
        Basis(config.alerts.basis),
        context.due_soon,
        config.alerts.flood_over,
        has_mail=bool(config.mail.host and config.mail.sender),
        stuck_days=config.letters.stuck_days,
        edition=config.score_edition,
    )


def sending_of(context: AppContext) -> Sending:
    """What the office decided about sending them."""
    own = context.config.alerts
    digest_at = time.fromisoformat(own.digest_at)
    return Sending(digest_at, own.urgent_cap, public_url=context.config.web.public_url.rstrip("/"))


def morning_of(day: date) -> datetime:
    """The moment by which the alerts of a day are judged."""
    return datetime.combine(day, MORNING, VN)


def moment_of(day: date, now: datetime) -> datetime:
    """Of which moment the words of a day's messages are true: its morning, or now if that is later on the same day."""
    return max(morning_of(day), now) if day == now.astimezone(VN).date() else morning_of(day)


def look(  # noqa: PLR0913 -- for which day and moment, by whom: all but these by keyword
    context: AppContext,
    day: date,
    as_of: datetime,
    now: datetime,
    *,
    actor: str = ACTOR,
    finders: Sequence[Finder] = FINDERS,
    finish: Finish = _unfinished,
    dry_run: bool = False,
    counts_day: bool = True,
) -> EvaluationReport:
    """Claim what is reached at a moment, with its entry of the log in the same step. `finish` is called before that."""

    def write(session: Session, report: EvaluationReport) -> None:
        finish(session, report)
        if report.created or report.revived:
            detail = {"day": day.isoformat(), "created": report.created, "told": report.told}
            audit.append_acts(session, [Act(now, actor, "alerts_look", "alerts", detail)])

    return evaluate(
        context.store, alert_policy(context), day=day, as_of=as_of, now=now, finders=finders, in_same_step=write,
        dry_run=dry_run, counts_day=counts_day,
    )  # fmt: skip


def composer(context: AppContext, day: date, as_of: datetime, now: datetime) -> Composer:
    """What makes the messages of a day."""
    return Composer(context.store, alert_policy(context), sending_of(context), day=day, as_of=as_of, now=now)


# ---------------------------------------------------------------- jobs


def evaluate_day(grip: Grip, day: date) -> None:
    """The morning's look: claims, and the counts by unit."""
    grip.progress(0, None, "Đang xét hồ sơ đang mở")

    def finish(session: Session, report: EvaluationReport) -> None:
        grip.finish_in(session, looked(report))

    look(grip.context, day, morning_of(day), grip.now(), finish=finish)


def send_digests(grip: Grip, day: date) -> Mapping[str, Any]:
    """The digest of everybody, one transaction each: a new attempt goes on where the one before ended.

    A day that is over gets none of its own: what waits since then is in the next one, so that after an outage one comes.
    """
    now = grip.now()
    if day < now.astimezone(VN).date():
        return composed(ComposeReport())
    return composed(composer(grip.context, day, moment_of(day, now), now).digests(_telling(grip)))


def send_urgent(grip: Grip, day: date) -> Mapping[str, Any]:
    """A round: look at what is open now, then digests that are owed, then what cannot wait. Of a day that is over: nothing."""
    now = grip.now()
    if day != now.astimezone(VN).date():
        return {"told": 0}
    return _round(grip, day, now)


def run_round(grip: Grip) -> Mapping[str, Any]:
    """The same, asked for between two of the day's jobs."""
    now = grip.now()
    return _round(grip, now.astimezone(VN).date(), now)


def _round(grip: Grip, day: date, now: datetime) -> Mapping[str, Any]:
    """Of dossiers alone: letters, score, sources and calendar are looked at each morning."""
    report = look(grip.context, day, now, now, finders=(), counts_day=False)
    made = composer(grip.context, day, now, now)
    digests, urgents = made.digests(_telling(grip)), made.urgents(_telling(grip))
    return {**looked(report), "messages": len(digests.messages) + len(urgents.messages)}


def _telling(grip: Grip) -> Callable[[int, int], None]:
    return lambda done, total: grip.progress(done, total, "Đang soạn bản tin")


def looked(report: EvaluationReport) -> dict[str, Any]:
    """The counts of a look as JSON values."""
    return {
        "day": report.day.isoformat(), "looked_at": report.looked_at, "created": report.created, "told": report.told,
        "passed": report.passed, "overtaken": report.overtaken, "nobody": report.nobody, "revived": report.revived,
    }  # fmt: skip


def composed(report: ComposeReport) -> dict[str, Any]:
    """The counts of messages as JSON values."""
    return {
        "messages": len(report.messages), "carried": report.carried, "dropped": report.dropped,
        "released": report.released, "later": report.later,
    }  # fmt: skip


# ---------------------------------------------------------------- rounds between the jobs


class Rounds:
    """Asks for a round every so many minutes of office hours, about once a minute whoever asks: the key is the slot."""

    def ask(self, context: AppContext, now: datetime) -> None:
        """Ask for the round of this slot, where the office is open and the morning's digests are due."""
        local = now.astimezone(VN)
        window = window_of(context.calendar, local.date())
        if (
            window is None
            or not max(window.opens, morning_of(local.date()) + timedelta(minutes=30)) <= now < window.closes
        ):
            return
        slot = (local.hour * 60 + local.minute) // context.config.alerts.every_minutes
        request = WorkRequest("alert_round", f"alert_round:{local.date()}:{slot}", {}, ACTOR)
        with context.store.read() as session:
            if work.find_key(session, request.key) is not None or alert_store.last_run(session) is None:
                return  # asked for before; or nobody has ever looked: the morning's job does that first
        with context.store.transaction() as session:
            work.ask(session, request, now)
