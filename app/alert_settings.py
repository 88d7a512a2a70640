"""What the page of own settings shows: what was chosen, what the office's rules are, when the next digest comes."""

from dataclasses import dataclass
from datetime import datetime, time

from app.context import AppContext
from app.works.alerting import sending_of
from notifications.alerts.acting import Choice
from notifications.alerts.hours import allowed_from, next_window, window_of
from tracker.store import alert_store
from tracker.store.people import Account
from tracker.store.session import Session
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN


@dataclass(frozen=True, slots=True)
class Settings:
    """`office_at`: when the office's digest goes; `opens`, `closes`: the office hours in which the next one may come;
    `next_at`: when it comes, None where the calendar knows no working day soon; `mail`: the address, empty without one.
    """

    choice: Choice
    office_at: str
    urgent_cap: int
    next_at: datetime | None
    opens: datetime | None
    closes: datetime | None
    mail: str
    has_mail_server: bool


def settings_of(context: AppContext, session: Session, account: Account, now: datetime) -> Settings:
    """The settings of an account at a moment."""
    sending, config = sending_of(context), context.config
    row = alert_store.settings(session).get(account.account_id)
    choice = Choice(row.digest_by_mail, row.urgent_by_mail, row.digest_at) if row else Choice()
    wished = time.fromisoformat(choice.digest_at) if choice.digest_at else sending.digest_at
    calendar = context.calendars.present.of(account.unit_id, now.astimezone(VN).date())
    next_at = next_digest(calendar, now, wished)
    window = window_of(calendar, next_at.astimezone(VN).date()) if next_at else None
    return Settings(
        choice, f"{sending.digest_at:%H:%M}", sending.urgent_cap, next_at, window.opens if window else None,
        window.closes if window else None, account.email, bool(config.mail.host and config.mail.sender),
    )  # fmt: skip


def next_digest(calendar: WorkingCalendar, now: datetime, wished: time) -> datetime | None:
    """When the next morning's digest comes: at the wished time of a working day, no earlier than the office opens."""
    window = next_window(calendar, now)
    if window is not None and allowed_from(window, window.opens, wished) <= now:
        window = next_window(calendar, window.closes)
    return allowed_from(window, window.opens, wished) if window is not None else None
