"""What happened, as other programs are told of it: written in the transaction of what happened, and never changed.

A subscription of a receiver gets its messages in that same transaction, one key an event, so that the outbox sends each
once: a process that is killed leaves either both or none. Bodies hold ids, codes and counts, no personal data.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from tracker.store import catalogue, outbox, subscriptions
from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import OfficeEvent
from tracker.store.outbox import MessageState, NewMessage
from tracker.store.subscriptions import SubscriptionRow

MESSAGE = "office_event"
WEBHOOK = "webhook"
# Of more events in one step a receiver is told in one message where they begin and end, and pages them itself.
MOST_ALONE = 20


class EventKind(StrEnum):
    """What can happen. The names are part of the API: a new one is added, none is changed."""

    BATCH_LOADED = "batch.loaded"
    LETTER_SIGNED = "letter.signed"
    LETTER_DELIVERED = "letter.delivered"
    PROMISE_KEPT = "letter.promise_kept"
    PROMISE_BROKEN = "letter.promise_broken"
    DOSSIER_OVERDUE = "dossier.overdue"
    CALENDAR_CHANGED = "calendar.changed"
    CHANGE_DECIDED = "change.decided"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that has just happened: `subject` as "letter:12"; `unit_id` None = no unit's in particular."""

    kind: EventKind
    subject: str
    unit_id: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as it is kept."""

    event_id: int
    at: datetime
    kind: str
    subject: str
    unit_id: int | None
    body: Mapping[str, Any]


def add(session: Session, events: Iterable[NewEvent], now: datetime) -> None:
    """Keep what happened, and put into the outbox what subscribers are told of it. Call before the log is written."""
    new = list(events)
    if not new:
        return
    hold(session, Lock.OUTBOX)
    first = next_id(session, OfficeEvent.id)
    kept = [
        EventRow(number, now, each.kind.value, each.subject, each.unit_id, each.body)
        for number, each in enumerate(new, first)
    ]
    session.execute(insert(OfficeEvent), [_row(each) for each in kept])
    wanted = subscriptions.standing(session)
    for subscription in wanted:
        _tell(session, subscription, kept, now)


def _row(event: EventRow) -> dict[str, Any]:
    return {
        "id": event.event_id, "at": event.at, "kind": event.kind, "subject": event.subject, "unit_id": event.unit_id,
        "body": json.dumps(event.body, ensure_ascii=False, sort_keys=True),
    }  # fmt: skip


def _tell(session: Session, subscription: SubscriptionRow, events: Sequence[EventRow], now: datetime) -> None:
    units = None if subscription.unit_id is None else catalogue.unit_subtree(session, subscription.unit_id)
    mine = [
        each
        for each in events
        if each.kind in subscription.kinds and (units is None or each.unit_id in units)
    ]
    if len(mine) <= MOST_ALONE:
        for each in mine:
            _put(session, subscription, f"event:{each.event_id}", as_told(each), now)
        return
    span = {
        "events": {"first": mine[0].event_id, "last": mine[-1].event_id, "count": len(mine)},
        "kinds": sorted({each.kind for each in mine}),
    }
    _put(session, subscription, f"events:{mine[0].event_id}-{mine[-1].event_id}", span, now)


def _put(
    session: Session, subscription: SubscriptionRow, cause: str, told: Mapping[str, Any], now: datetime
) -> None:
    message = NewMessage(
        kind=MESSAGE, key=f"{MESSAGE}:{subscription.subscription_id}:{cause}", channel=WEBHOOK,
        recipient=subscription.receiver, subject="", text=json.dumps(told, ensure_ascii=False, sort_keys=True), html="",
        link="", attachments=(), cause=cause, unit_id=None, not_before=now, not_after=None,
        state=MessageState.WAITING.value, max_attempts=0, fault="", fault_code="",
    )  # fmt: skip
    outbox.insert(session, message, now)


def as_told(event: EventRow) -> dict[str, Any]:
    """An event as JSON values: the same in a call to a receiver and in the API."""
    return {
        "id": event.event_id,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "subject": event.subject,
        "unit_id": event.unit_id,
        "body": dict(event.body),
    }


def listed(
    session: Session,
    *,
    kinds: Collection[str],
    unit_ids: frozenset[int] | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[EventRow]:
    """Events after a number in their order: of these kinds; of these units and of no unit in particular (None = all)."""
    query = select(OfficeEvent).where(OfficeEvent.id > after, OfficeEvent.kind.in_(sorted(kinds)))
    if unit_ids is not None:
        query = query.where(or_(OfficeEvent.unit_id.is_(None), OfficeEvent.unit_id.in_(unit_ids)))
    return [
        EventRow(row.id, row.at, row.kind, row.subject, row.unit_id, json.loads(row.body))
        for row in session.scalars(query.order_by(OfficeEvent.id).limit(limit))
    ]
