"""Which systems are told of which events: subscribed and ended by administrators, each with its entry of the log.

A receiver is one of `outbox.webhooks` in the configuration, by its name: no page ever takes an address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.config import WebhookTarget
from tracker.errors import UsageError
from tracker.store import audit, catalogue, subscriptions
from tracker.store.audit import Act
from tracker.store.office_events import EventKind
from tracker.store.session import Session, Store
from tracker.store.subscriptions import NewSubscription

NO_RECEIVER = "hãy chọn một hệ thống nhận trong cấu hình (outbox.webhooks)"
NO_KINDS = "hãy chọn ít nhất một loại sự kiện"
NO_UNIT = "không có đơn vị này trong danh mục"
TWICE = "hệ thống này đã nhận các sự kiện ấy của đơn vị ấy; hãy thôi đăng ký cũ trước"


@dataclass(frozen=True, slots=True)
class SubscriptionWanted:
    """What is asked for; `unit_id` None: events of all units."""

    receiver: str
    kinds: tuple[str, ...]
    unit_id: int | None = None


def subscribe(
    store: Store, targets: Sequence[WebhookTarget], wanted: SubscriptionWanted, *, actor: str, now: datetime
) -> int:
    """Tell a receiver of events from now on; the number of the subscription.

    Raises:
        UsageError: no receiver of the configuration, no kind of event, no unit of the catalogue, or it is told already.
    """
    if wanted.receiver not in {target.name for target in targets}:
        raise UsageError(NO_RECEIVER)
    kinds = tuple(kind.value for kind in EventKind if kind.value in wanted.kinds)
    if not kinds or len(kinds) != len(set(wanted.kinds)):
        raise UsageError(NO_KINDS)
    with store.transaction() as session:
        if wanted.unit_id is not None and wanted.unit_id not in catalogue.units(session):
            raise UsageError(NO_UNIT)
        for each in subscriptions.standing(session):
            same = (each.receiver, each.unit_id) == (wanted.receiver, wanted.unit_id)
            if same and set(each.kinds) & set(kinds):
                raise UsageError(TWICE)
        new = NewSubscription(wanted.receiver, kinds, wanted.unit_id, actor)
        number = subscriptions.add(session, new, now)
        detail = {"receiver": wanted.receiver, "kinds": list(kinds), "unit_id": wanted.unit_id}
        _log(session, Act(now, actor, "subscription_add", f"subscription:{number}", detail))
    return number


def end(store: Store, subscription_id: int, *, actor: str, now: datetime) -> bool:
    """Tell it of nothing more. False: it had ended before. What waits in the outbox already still goes."""
    with store.transaction() as session:
        if not subscriptions.end(session, subscription_id, by=actor, now=now):
            return False
        detail: dict[str, Any] = {}
        _log(session, Act(now, actor, "subscription_end", f"subscription:{subscription_id}", detail))
    return True


def _log(session: Session, act: Act) -> None:
    audit.append_acts(session, [act])
