"""The log of acts: appended to, each entry chained with the one before; who changes or cuts it afterwards is seen.

chain(n) = SHA-256 of chain(n-1), a line feed, and the entry as compact JSON [id, at (epoch seconds), actor, action,
subject, detail]; before the first entry stand 64 zeros.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store.locks import Lock, hold
from tracker.store.models import AuditEntry
from tracker.text import storable

BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class Act:
    """One line for the log: who did what to which thing; `detail` holds ids, counts and filters, never names."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def chained(before: str, entry: Sequence[Any]) -> str:
    """The chain's next link: `entry` is [id, at, actor, action, subject, detail]."""
    told = json.dumps(list(entry), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{told}".encode()).hexdigest()


def append_acts(session: Session, acts: Sequence[Act]) -> None:
    """Write acts to the log, in order. Last in its transaction: others wait for the lock until that ends."""
    hold(session, Lock.AUDIT)
    head = session.execute(
        select(AuditEntry.id, AuditEntry.chain).order_by(AuditEntry.id.desc()).limit(1)
    ).one_or_none()
    last, chain = head if head else (0, BEGINNING)
    for number, act in enumerate(acts, last + 1):
        # As the database will hold them: the chain is over what is read back.
        actor, action, subject = storable(act.actor), storable(act.action), storable(act.subject)
        detail = storable(json.dumps(act.detail, ensure_ascii=False, sort_keys=True))
        chain = chained(chain, (number, int(act.at.timestamp()), actor, action, subject, detail))
        session.add(
            AuditEntry(
                id=number, at=act.at, actor=actor, action=action, subject=subject, detail=detail, chain=chain
            )
        )  # fmt: skip
    session.flush()


def recent_acts(session: Session, limit: int = 50) -> list[Act]:
    """The newest acts, newest first."""
    found = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit))
    return [Act(e.at, e.actor, e.action, e.subject, json.loads(e.detail)) for e in found]
