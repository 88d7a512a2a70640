"""The table of long work as those see it who ask for it and look at it; who does it claims it in `tracker.store.claims`."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tracker.errors import UsageError
from tracker.store.locks import Lock, hold
from tracker.store.models import WorkAfter, WorkAttempt, WorkItem
from tracker.types.work import AttemptRow, Outcome, Progress, WorkRequest, WorkRow, WorkState

__all__ = [
    "AttemptRow", "WorkRequest", "WorkRow", "WorkState", "ask", "attempts_of", "count_by_state", "find_key",
    "find_work", "list_work", "request_cancel", "retry", "row_of", "waits_for",
]  # fmt: skip


# ---------------------------------------------------------------- asking


def ask(session: Session, request: WorkRequest, now: datetime) -> int:
    """Put work into the table; its id, or that of the work that was asked for with the same key before."""
    hold(session, Lock.WORK)
    known = session.scalar(select(WorkItem.id).where(WorkItem.key == request.key))
    if known is not None:
        return int(known)
    work_id = int(session.scalar(select(func.coalesce(func.max(WorkItem.id), 0))) or 0) + 1
    session.add(_item(work_id, request, now))
    session.flush()
    session.add_all(WorkAfter(work_id=work_id, after_id=other) for other in dict.fromkeys(request.after))
    session.flush()
    return work_id


def _item(work_id: int, request: WorkRequest, now: datetime) -> WorkItem:
    return WorkItem(
        id=work_id, kind=request.kind, key=request.key, params=told(request.params), state=WorkState.WAITING.value,
        priority=request.priority, unit_id=request.unit_id, asked_by=request.asked_by, asked_at=now,
        not_before=request.not_before or now, attempts=0, max_attempts=request.max_attempts or 0, owner=None,
        lease_until=None, heartbeat_at=None, started_at=None, ended_at=None, done=0, total=None, told="",
        cancel_asked_at=None, checkpoint="", result="", fault="", fault_code="",
    )  # fmt: skip


def told(values: Mapping[str, Any]) -> str:
    """Values as the table keeps them: compact JSON."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


# ---------------------------------------------------------------- looking


def row_of(item: WorkItem) -> WorkRow:
    """A row of the table as a value."""
    return WorkRow(
        work_id=item.id, kind=item.kind, key=item.key, params=_read(item.params), state=WorkState(item.state),
        priority=item.priority, unit_id=item.unit_id, asked_by=item.asked_by, asked_at=item.asked_at,
        not_before=item.not_before, attempts=item.attempts, max_attempts=item.max_attempts, owner=item.owner,
        lease_until=item.lease_until, heartbeat_at=item.heartbeat_at, started_at=item.started_at,
        ended_at=item.ended_at, progress=Progress(item.done, item.total, item.told),
        cancel_asked_at=item.cancel_asked_at, checkpoint=_read(item.checkpoint), result=_read(item.result),
        fault=item.fault, fault_code=item.fault_code,
    )  # fmt: skip


def _read(text: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(text or "{}")
    return values


def find_work(session: Session, work_id: int) -> WorkRow | None:
    """A piece of work by its id."""
    item = session.get(WorkItem, work_id, populate_existing=True)
    return row_of(item) if item else None


def find_key(session: Session, key: str) -> WorkRow | None:
    """A piece of work by its key."""
    item = session.scalar(select(WorkItem).where(WorkItem.key == key))
    return row_of(item) if item else None


def is_asked_for(session: Session, kind: str, key: str) -> bool:
    """Was it asked for under this key, or does a piece of its kind wait still, which will do it all the same?"""
    waiting = (WorkItem.kind == kind) & (WorkItem.state == WorkState.WAITING.value)
    return session.scalar(select(WorkItem.id).where((WorkItem.key == key) | waiting).limit(1)) is not None


def list_work(
    session: Session,
    *,
    states: Collection[WorkState] = (),
    kinds: Collection[str] | None = None,
    asked_by: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[WorkRow]:
    """Work, newest first: in one of `states` (none named: in any); of one of `kinds` or asked for by `asked_by`.

    `kinds` None and `asked_by` None = everybody's. `before`: only ids below it.
    """
    query = select(WorkItem).order_by(WorkItem.id.desc()).limit(limit)
    if states:
        query = query.where(WorkItem.state.in_([state.value for state in states]))
    if kinds is not None or asked_by is not None:
        query = query.where(or_(WorkItem.kind.in_(list(kinds or ())), WorkItem.asked_by == (asked_by or "")))
    if before is not None:
        query = query.where(WorkItem.id < before)
    return [row_of(item) for item in session.scalars(query)]


def attempts_of(session: Session, work_id: int) -> list[AttemptRow]:
    """All attempts at a piece of work, first to last."""
    found = session.scalars(
        select(WorkAttempt).where(WorkAttempt.work_id == work_id).order_by(WorkAttempt.seq)
    )
    return [
        AttemptRow(each.seq, each.owner, each.started_at, each.ended_at, Outcome(each.outcome), each.fault)
        for each in found
    ]


def waits_for(session: Session, work_id: int) -> list[WorkRow]:
    """The work that has to be done before this may begin, and is not."""
    query = (
        select(WorkItem)
        .join(WorkAfter, WorkAfter.after_id == WorkItem.id)
        .where(WorkAfter.work_id == work_id, WorkItem.state != WorkState.DONE.value)
        .order_by(WorkItem.id)
    )
    return [row_of(item) for item in session.scalars(query)]


def count_by_state(session: Session, kinds: Iterable[str] | None = None) -> dict[WorkState, int]:
    """How much work there is in each state."""
    query = select(WorkItem.state, func.count()).group_by(WorkItem.state)
    if kinds is not None:
        query = query.where(WorkItem.kind.in_(list(kinds)))
    counts = {state: count for state, count in session.execute(query)}
    return {state: counts.get(state.value, 0) for state in WorkState}


# ---------------------------------------------------------------- by hand


def request_cancel(session: Session, work_id: int, now: datetime) -> WorkState:
    """Ask for work to be given up: at once if it waits, at its next step if it runs.

    Raises:
        UsageError: there is no such work, or it has ended.
    """
    item = _found(session, work_id)
    if item.state in (WorkState.WAITING, WorkState.DEAD):
        # What died ended then: the moment at which somebody put it aside is that of the wish.
        item.ended_at = now if item.state == WorkState.WAITING else item.ended_at
        item.state, item.cancel_asked_at = WorkState.CANCELLED.value, now
    elif item.state == WorkState.RUNNING:
        item.cancel_asked_at = item.cancel_asked_at or now
    else:
        raise UsageError(f"việc số {work_id} đã kết thúc, không còn gì để dừng")
    session.flush()
    return WorkState(item.state)


def retry(session: Session, work_id: int, now: datetime) -> None:
    """Let dead or cancelled work be tried again, from its last checkpoint, as often as configured.

    Raises:
        UsageError: there is no such work, or it is neither dead nor cancelled.
    """
    item = _found(session, work_id)
    if item.state not in (WorkState.DEAD, WorkState.CANCELLED):
        raise UsageError(f"việc số {work_id} không ở trạng thái dừng, không cần làm lại")
    item.state, item.not_before, item.max_attempts = WorkState.WAITING.value, now, 0
    item.ended_at, item.cancel_asked_at, item.fault, item.fault_code = None, None, "", ""
    session.flush()


def _found(session: Session, work_id: int) -> WorkItem:
    query = select(WorkItem).where(WorkItem.id == work_id).with_for_update()
    item = session.scalar(query.execution_options(populate_existing=True))
    if item is None:
        raise UsageError(f"không có việc số {work_id}")
    return item


def ids_of(session: Session, kinds: Sequence[str], states: Collection[WorkState]) -> list[int]:
    """The ids of all work of some kinds in some states."""
    wanted = [state.value for state in states]
    query = select(WorkItem.id).where(WorkItem.kind.in_(list(kinds)), WorkItem.state.in_(wanted))
    return [int(found) for found in session.scalars(query.order_by(WorkItem.id))]
