"""What an office set for its alerts, for the tests of the pages: rules in use, later, off and taken back; leaves."""

from datetime import date, datetime, timedelta

from notifications.alerts.leave_acts import LeaveActor, enter_leave
from notifications.alerts.rule_acts import Actor, NewRule, set_rule, take_back
from notifications.alerts.rungs import Measure, Who
from tracker.store.absence_store import NewAbsence
from tracker.store.people import find_login
from tracker.store.session import Store

REASON = "Quy chế phối hợp (thử nghiệm)"


def add_alert_sets(store: Store, office: int, other: int, field: int, now: datetime) -> None:
    """Rules 1 to 5 of an office and of its other branch, and leave 1 of the desk; none changes who is told today."""
    reform, today = Actor("reform", now), now.date()
    later = today + timedelta(days=14)
    for new in (
        NewRule(Measure.NO_DUE, 10, (Who.DESK, Who.UNIT), today, REASON, office),
        NewRule(Measure.DAYS_LEFT, 5, (Who.HANDLER,), later, REASON, office, field, is_urgent=True),
        NewRule(Measure.SUSPENDED, 20, (), today, "Đã theo dõi bằng sổ riêng", other, is_on=False),
        NewRule(Measure.DAYS_LATE, 3, (Who.UNIT,), today, REASON, other),
    ):
        set_rule(store, new, reform)
    take_back(store, 4, "Nhiều quá, không ai đọc", reform)
    with store.read() as session:
        desk, head = find_login(session, "desk"), find_login(session, "head")
    assert desk
    assert head
    leave = NewAbsence(desk.account_id, date(2026, 9, 7), date(2026, 9, 11), head.account_id)
    enter_leave(store, leave, LeaveActor(Actor("admin", now), None, is_admin=True))
