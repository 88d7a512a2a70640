"""Which events a receiver of the configuration is told of. Where a receiver lies stands in config.toml alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import Subscription, Unit


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """What a receiver is told of: events of these kinds, of a unit with all below it (None: of all). `ended_by` empty: it stands."""

    subscription_id: int
    receiver: str
    kinds: tuple[str, ...]
    unit_id: int | None
    unit_name: str
    made_by: str
    made_at: datetime
    ended_at: datetime | None
    ended_by: str


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What is needed to subscribe."""

    receiver: str
    kinds: tuple[str, ...]
    unit_id: int | None
    made_by: str


def add(session: Session, new: NewSubscription, now: datetime) -> int:
    """Subscribe a receiver; the number of the subscription."""
    hold(session, Lock.OUTBOX)
    number = next_id(session, Subscription.id)
    row = {
        "id": number, "receiver": new.receiver, "kinds": " ".join(new.kinds), "unit_id": new.unit_id,
        "made_by": new.made_by, "made_at": now, "ended_at": None, "ended_by": "",
    }  # fmt: skip
    session.execute(insert(Subscription), [row])
    return number


def end(session: Session, subscription_id: int, *, by: str, now: datetime) -> bool:
    """Tell the receiver of nothing more. False: it had ended before, or there is none of this number."""
    stands = (Subscription.id == subscription_id) & (Subscription.ended_by == "")
    done: Any = session.execute(update(Subscription).where(stands).values(ended_by=by, ended_at=now))
    return bool(done.rowcount)


def standing(session: Session) -> list[SubscriptionRow]:
    """The subscriptions that stand."""
    return _rows(session, _query().where(Subscription.ended_by == ""))


def listed(session: Session) -> list[SubscriptionRow]:
    """All of them, those that stand first, then the newest."""
    found = _rows(session, _query())
    return sorted(found, key=lambda each: (bool(each.ended_by), -each.subscription_id))


def find(session: Session, subscription_id: int) -> SubscriptionRow | None:
    """One subscription."""
    return next(iter(_rows(session, _query().where(Subscription.id == subscription_id))), None)


def _query() -> Any:
    return (
        select(Subscription, Unit.name)
        .outerjoin(Unit, Unit.id == Subscription.unit_id)
        .order_by(Subscription.id)
    )


def _rows(session: Session, query: Any) -> list[SubscriptionRow]:
    return [
        SubscriptionRow(
            row.id, row.receiver, tuple(row.kinds.split()), row.unit_id, unit or "", row.made_by, row.made_at, row.ended_at,
            row.ended_by,
        )
        for row, unit in session.execute(query)
    ]  # fmt: skip
