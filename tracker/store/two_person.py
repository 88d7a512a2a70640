"""What one person asks for and another decides, as rows; what a kind of change means stands in app/two_person_kinds.py."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tracker.measures.log_chain import fingerprint
from tracker.store import office_events
from tracker.store.locks import Lock, hold
from tracker.store.models import TwoPersonChange
from tracker.store.office_events import EventKind, NewEvent
from tracker.types.calendars import ChangeState


@dataclass(frozen=True, slots=True)
class TwoPersonAsked:
    """A change as it is asked for; `payload` and `before` are what the kind writes and reads, plain JSON values."""

    kind: str
    subject: str
    payload: Mapping[str, Any]
    before: Mapping[str, Any]
    reason: str
    proposed_by: str


@dataclass(frozen=True, slots=True)
class TwoPersonRow:
    """A change with what became of it."""

    change_id: int
    asked: TwoPersonAsked
    state: ChangeState
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str


def _row(found: TwoPersonChange) -> TwoPersonRow:
    asked = TwoPersonAsked(
        found.kind, found.subject, json.loads(found.payload), json.loads(found.before),
        found.reason, found.proposed_by,
    )  # fmt: skip
    state = ChangeState(found.state)
    return TwoPersonRow(
        found.id, asked, state, found.proposed_at, found.decided_by, found.decided_at, found.note
    )


def add_change(session: Session, asked: TwoPersonAsked, now: datetime) -> int:
    """Record a proposal; its id."""
    hold(session, Lock.ACCOUNTS)
    number = int(session.scalar(select(func.coalesce(func.max(TwoPersonChange.id), 0))) or 0) + 1
    session.add(
        TwoPersonChange(
            id=number, kind=asked.kind, subject=asked.subject, payload=_json(asked.payload), before=_json(asked.before),
            reason=asked.reason, state=ChangeState.PROPOSED.value, proposed_by=asked.proposed_by, proposed_at=now,
            decided_by=None, decided_at=None, note="",
        )
    )  # fmt: skip
    session.flush()
    return number


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def find_change(session: Session, change_id: int, *, to_decide: bool = False) -> TwoPersonRow | None:
    """One change; `to_decide` keeps it from everybody else until the transaction ends."""
    query = select(TwoPersonChange).where(TwoPersonChange.id == change_id)
    if to_decide:
        query = query.with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    return _row(found) if found else None


def fingerprints_of(row: TwoPersonRow) -> tuple[str, str]:
    """What was asked for, and that with how it was decided: by these the log binds the change."""
    asked = fingerprint([asdict(row.asked)])
    return asked, fingerprint([asked, row.state.value, row.decided_by, row.note])


def find_proposed(session: Session, subject: str) -> int | None:
    """The change of this subject that waits for a decision."""
    query = select(TwoPersonChange.id).where(
        TwoPersonChange.subject == subject, TwoPersonChange.state == ChangeState.PROPOSED.value
    )
    return session.scalar(query.order_by(TwoPersonChange.id).limit(1))


def list_changes(session: Session, *, limit: int | None) -> list[TwoPersonRow]:
    """Those that wait first, then the others, newest first; without a limit all of them."""
    waits = TwoPersonChange.state == ChangeState.PROPOSED.value
    query = select(TwoPersonChange).order_by(waits.desc(), TwoPersonChange.id.desc()).limit(limit)
    return [_row(found) for found in session.scalars(query)]


def decide(
    session: Session, change_id: int, state: ChangeState, *, actor: str, now: datetime, note: str = ""
) -> None:
    """Write down the decision."""
    session.execute(
        update(TwoPersonChange)
        .where(TwoPersonChange.id == change_id)
        .values(state=state.value, decided_by=actor, decided_at=now, note=note)
    )
    kind = session.scalar(select(TwoPersonChange.kind).where(TwoPersonChange.id == change_id))
    body = {"change_id": change_id, "kind": kind, "state": state.value}
    office_events.add(session, [NewEvent(EventKind.CHANGE_DECIDED, f"change:{change_id}", None, body)], now)
