"""The facts that the watchdog goes by: how long messages wait however often they are tried, what died, what need not alarm."""

from datetime import datetime, timedelta

import pytest

from notifications.outbox import OutboxDraft, put
from tracker.store import claims, health, work
from tracker.store.models import OutboxEvent, OutboxMessage
from tracker.store.session import Store
from tracker.types import VN
from tracker.types.work import WorkFault, WorkRequest

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=VN)


def message(store: Store, recipient: str = "an@vi-du.vn") -> int:
    with store.transaction() as session:
        return put(session, OutboxDraft("watchdog", recipient, "email", recipient, "Thử", "Thử"), NOW)


def change(store: Store, message_id: int, **values: object) -> None:
    with store.transaction() as session:
        found = session.get_one(OutboxMessage, message_id)
        for name, value in values.items():
            setattr(found, name, value)


def facts(store: Store, now: datetime = NOW) -> health.OutboxHealth:
    with store.read() as session:
        return health.outbox_health(session, now)


def test_a_message_that_is_tried_again_and_again_waits_since_it_was_put(store: Store):
    number = message(store)
    change(store, number, attempts=9, not_before=NOW + timedelta(hours=13))
    assert facts(store, NOW + timedelta(hours=13)).waits_since == NOW


def test_a_message_that_is_not_to_leave_before_its_time_waits_from_then_on(store: Store):
    number = message(store)
    change(store, number, not_before=NOW + timedelta(hours=13))
    assert facts(store).waits_since == NOW + timedelta(hours=13)


@pytest.mark.parametrize("kind", ["dead", "bounced"])
def test_messages_that_died_and_those_that_came_back_are_told_for_three_days(store: Store, kind: str):
    number = message(store)
    change(store, number, state="dead")
    with store.transaction() as session:
        session.add(OutboxEvent(message_id=number, seq=9, at=NOW, kind=kind, detail=""))
    assert facts(store, NOW + timedelta(days=3)).dead == 1
    assert facts(store, NOW + timedelta(days=3, seconds=1)).dead == 0


def test_an_address_that_nobody_can_reach_is_told(store: Store):
    message(store, "khong-phai-dia-chi")
    assert facts(store).dead == 1


@pytest.mark.parametrize(("code", "dead"), [("FAILED", 1), ("FILE_UNUSABLE", 1), ("USAGE", 0)])
def test_work_that_its_own_asker_got_wrong_alarms_nobody_else(store: Store, code: str, dead: int):
    with store.transaction() as session:
        work.ask(session, WorkRequest("toy", "k", {}, "an"), NOW)
    row = claims.claim(store, ["toy"], owner="w", now=NOW, lease_seconds=60, max_attempts=3)
    assert row is not None
    claims.fail(store, row, WorkFault("Không được.", code, final=True), now=NOW, retry_seconds=30)
    with store.read() as session:
        assert health.work_health(session, NOW).dead == dead
