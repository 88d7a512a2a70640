"""Alerts of the invented world: one of every kind that a page shows differently, by their ids; a promise and an assignment."""

from datetime import date, datetime

from sqlalchemy import update

from notifications.alerts.rungs import Measure, Rung, Who
from tracker.store import alert_acts, alert_store
from tracker.store.alert_acts import Deed
from tracker.store.alert_store import NewAlert, NewTold
from tracker.store.models import AlertTold
from tracker.store.session import Store
from tracker.types import VN

DESK, HEAD, AUDITOR, REFORM, ADMIN = 1, 2, 3, 4, 5
DAY = date(2026, 8, 24)
LATE, LATE_B, TODAY, MOVED, PAUSED, ENDED, LETTER, SOURCE, YEAR, UNHEARD = range(1, 11)
MOVED_WORDS = "Ngày hẹn trả dời từ 20/08/2026 sang 25/08/2026."
# Sent, by the messages of tests/web/messages.py.
MESSAGE = 3


def _at(day: int, hour: int = 17, minute: int = 0, month: int = 8) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=VN)


def _told(*people: tuple[int, Who]) -> tuple[NewTold, ...]:
    return tuple(NewTold(account, why.value, None, by_mail=False) for account, why in people)


def _alert(
    measure: Measure, threshold: int, subject: tuple[str, int], measured: int, told: tuple[NewTold, ...], **given: object
) -> NewAlert:  # fmt: skip
    values = {
        "subject_kind": subject[0], "subject_id": subject[1], "measure": measure.value, "threshold": threshold, "version": 0,
        "unit_id": None, "due_at": None, "measured": measured, "rank": Rung(measure, threshold, ()).rank,
        "fate": "told" if told else "nobody", "told": told,
    }  # fmt: skip
    return NewAlert(**{**values, **given})  # type: ignore[arg-type]


def add_alerts(store: Store, branch_a: int, branch_b: int) -> None:
    """Everything, in a look of that Monday morning."""
    handler, division, province = Who.HANDLER, Who.DIVISION, Who.PROVINCE
    office = _told((DESK, handler), (HEAD, division))
    all_of_them = _told(*((account, Who.ADMIN) for account in (DESK, HEAD, AUDITOR, REFORM, ADMIN)))
    days_late, days_left = Measure.DAYS_LATE, Measure.DAYS_LEFT
    alerts = [
        _alert(days_late, 1, ("dossier", 1), 1, office, unit_id=branch_a, due_at=_at(20)),
        _alert(days_late, 1, ("dossier", 2), 1, _told((REFORM, province)), unit_id=branch_b, due_at=_at(20)),
        _alert(days_left, 0, ("dossier", 3), 0, office, unit_id=branch_a, due_at=_at(24), is_urgent=True),
        _alert(days_left, 2, ("dossier", 4), 1, office, unit_id=branch_a, due_at=_at(25, 11), reason=MOVED_WORDS, version=1),
        _alert(
            Measure.SUSPENDED, 5, ("dossier", 5), 8, office,
            unit_id=branch_a, due_at=_at(19), version=int(_at(12, 10).timestamp()), rule_id=1,
        ),
        _alert(days_late, 5, ("dossier", 7), 5, office, unit_id=branch_a, due_at=_at(22, month=6)),
        _alert(Measure.LETTER_STUCK, 3, ("letter", 1), 3, _told((HEAD, division)), unit_id=branch_a, version=1),
        _alert(Measure.SOURCE_SILENT, 3, ("source", 900_000), 3, _told((REFORM, province), (ADMIN, Who.ADMIN))),
        _alert(Measure.CALENDAR, 1, ("year", 2030), 1, all_of_them),
        _alert(days_late, 5, ("dossier", 2), 5, (), unit_id=branch_b, due_at=_at(20)),
    ]  # fmt: skip
    counts = {"looked_at": 7, "told": 9, "passed": 0, "overtaken": 0, "nobody": 1, "revived": 0}
    with store.transaction() as session:
        alert_store.add_run(session, DAY, _at(24, 7), _at(24, 6, 50), 1, counts)
        alert_store.add_alerts(session, 1, DAY, alerts)
        session.execute(update(AlertTold).where(AlertTold.alert_id == LATE).values(in_app_id=MESSAGE))
        alert_acts.add_acks(session, [3], date(2026, 8, 26), Deed(_at(24, 8), DESK, "Chờ xác minh"))
        alert_acts.add_assignments(session, [1], DESK, Deed(_at(24, 8), HEAD, ""))
