"""The demonstration as a morning finds it, for the pictures of the handbook: alerts looked for, things that wait for people."""

from datetime import timedelta
from pathlib import Path

from app import two_person
from app.accounts import create_demo_accounts
from app.two_person import OPERATOR
from app.two_person_kinds import AccountNew
from app.works.alerting import look
from app.works.finding import up_to_date as find_signs
from app.works.forecasting import keep_forecast
from tests.web.messages import add_messages
from tests.web.screenshots import MOMENT, demonstration
from tests.web.walking import make_searchable
from tests.web.world import StandingContext
from tracker.pipeline import calendar_changes
from tracker.store import people, unit_targets
from tracker.store.people import Account
from tracker.store.unit_targets import NewTarget
from tracker.types.calendars import AddDay

SCALE = 0.02  # of the year 2022
TARGET = 9_500  # of ten thousand


def furnished(folder: Path) -> tuple[StandingContext, dict[str, str]]:
    """The store, and the passwords of the invented accounts by their log-in."""
    context = demonstration(folder, SCALE)
    passwords = {login: password for login, password, *_ in create_demo_accounts(context.store, MOMENT)}
    make_searchable(context)
    for days in (4, 0):  # the first look tells a new source as one; the second what was reached since
        morning = MOMENT - timedelta(days=days, hours=2)
        look(context, morning.date(), morning, morning)
    _add_what_waits(context)
    find_signs(context, lambda _told: None)
    keep_forecast(context, MOMENT)
    add_messages(context.store, MOMENT)
    return context, passwords


def account(context: StandingContext, login: str) -> Account:
    """An account of the demonstration."""
    with context.store.read() as session:
        found = people.find_login(session, login)
    assert found
    return found


def _add_what_waits(context: StandingContext) -> None:
    """A target of the head's unit; a day off and an account that a second person decides on."""
    unit_id = account(context, "head").unit_id
    target = NewTarget(unit_id, TARGET, MOMENT.date().replace(month=1, day=1), "Kế hoạch số 1 (trình diễn)")
    with context.store.transaction() as session:
        unit_targets.add_target(session, target, by="reform", at=MOMENT)
    day = AddDay(
        "VN", MOMENT.date().replace(month=12, day=31), "Nghỉ bù của tỉnh", "TB 12/TB-UBND (trình diễn)"
    )
    key = context.config.calendar_key
    reason = "Theo thông báo của tỉnh (trình diễn)"
    calendar_changes.propose(
        context.store, [day], calendar_key=key, reason=reason, actor="reform", now=MOMENT
    )
    new = AccountNew("lan.an", "Trần Thị Lan An", "lan.an@vi-du.vn", "desk", unit_id)
    reason = "Quyết định phân công số 7 (trình diễn)"
    two_person.propose(context.store, new, person=OPERATOR, reason=reason, now=MOMENT)
