"""Claiming long work and ending it. Every step is fenced by the number of the attempt.

A process that was taken for dead and wakes up again holds an old number: it can neither report, nor finish, nor commit
an effect, since `finish_in` refuses inside the transaction of the effect. On PostgreSQL rows are locked and locked ones
skipped; on SQLite the one write lock is held for a few statements. No clock: `now` is an argument.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from tracker.store.locks import Lock, hold
from tracker.store.models import Process, WorkAfter, WorkAttempt, WorkItem
from tracker.store.session import Store
from tracker.store.work import row_of, told
from tracker.types.work import Outcome, Progress, WorkFault, WorkRow, WorkState

LONGEST_WAIT_SECONDS = 3600
LOST_TOO_OFTEN = "Tiến trình làm việc này đã dừng đột ngột {} lần; có thể chính việc này làm nó dừng."


class LeaseLost(Exception):
    """The work is no longer ours: the lease ran out and somebody else holds it, or it has ended."""


@dataclass(frozen=True, slots=True)
class Beat:
    """What a heartbeat finds: is the work still ours, and has somebody asked for it to be given up?"""

    still_mine: bool
    cancel_asked: bool


# ---------------------------------------------------------------- claiming


@dataclass(frozen=True, slots=True)
class Lanes:
    """Kinds of work, and those of them of which pieces take minutes: of several workers one stays free of these, so that
    nobody's preview waits for two great batches. Who was not heard of for `silence` is no worker any more.
    """

    kinds: frozenset[str]
    long_kinds: frozenset[str]
    silence: timedelta


def claim(
    store: Store,
    kinds: Collection[str] | Lanes,
    *,
    owner: str,
    now: datetime,
    lease_seconds: int,
    max_attempts: int,
) -> WorkRow | None:
    """The next piece of work of these kinds that may begin, now ours until the lease runs out; None if there is none.

    `max_attempts` counts for work that was asked for without a number of its own.
    """
    with store.read() as session:  # an idle worker must not take SQLite's write lock every second
        wanted = _ready(_allowed(session, kinds, now), now)
        if session.scalar(wanted.with_only_columns(WorkItem.id)) is None:
            return None
    with store.transaction() as session:
        if isinstance(kinds, Lanes):
            hold(session, Lock.WORK)  # two workers must not both take the last long piece
        wanted = _ready(_allowed(session, kinds, now), now)
        item = session.scalar(wanted.with_for_update(skip_locked=True, of=WorkItem))
        if item is None:
            return None
        if item.max_attempts == 0:
            item.max_attempts = item.attempts + max_attempts
        item.attempts += 1
        item.state, item.owner = WorkState.RUNNING.value, owner
        item.lease_until, item.heartbeat_at = now + timedelta(seconds=lease_seconds), now
        item.started_at, item.ended_at = now, None
        item.done, item.total, item.told = 0, None, ""
        session.add(
            WorkAttempt(
                work_id=item.id, seq=item.attempts, owner=owner, started_at=now, ended_at=None,
                outcome=Outcome.RUNNING.value, fault="",
            )
        )  # fmt: skip
        session.flush()
        return row_of(item)


def _allowed(session: Session, kinds: Collection[str] | Lanes, now: datetime) -> Collection[str]:
    """The kinds that may be taken now: no long one where all workers but one are at such work."""
    if not isinstance(kinds, Lanes):
        return kinds
    heard = (
        Process.kind == "worker",
        Process.ended_at.is_(None),
        Process.heartbeat_at >= now - kinds.silence,
    )
    workers = session.scalar(select(func.count()).select_from(Process).where(*heard)) or 0
    if workers < 2:
        return kinds.kinds
    running = (WorkItem.state == WorkState.RUNNING.value, WorkItem.kind.in_(sorted(kinds.long_kinds)))
    busy = session.scalar(select(func.count()).select_from(WorkItem).where(*running)) or 0
    return kinds.kinds if busy < workers - 1 else kinds.kinds - kinds.long_kinds


def _ready(kinds: Collection[str], now: datetime) -> Select[Any]:
    earlier = aliased(WorkItem)
    undone = (
        exists()
        .where(WorkAfter.work_id == WorkItem.id, WorkAfter.after_id == earlier.id)
        .where(earlier.state != WorkState.DONE.value)
    )
    return (
        select(WorkItem)
        .where(WorkItem.state == "waiting", WorkItem.not_before <= now)
        .where(WorkItem.kind.in_(list(kinds)), ~undone)
        .order_by(WorkItem.priority, WorkItem.id)
        .limit(1)
    )


def heartbeat(
    store: Store, row: WorkRow, now: datetime, lease_seconds: int, progress: Progress | None = None
) -> Beat:
    """Say that we are alive and how far we are; the lease runs on from `now`."""
    values: dict[str, Any] = {
        "heartbeat_at": now,
        "lease_until": now + timedelta(seconds=lease_seconds),
    }
    if progress is not None:
        values |= {"done": progress.done, "total": progress.total, "told": progress.told}
    change = update(WorkItem).where(*_fence(row)).values(values).returning(WorkItem.cancel_asked_at)
    with store.transaction() as session:
        found = session.execute(change).one_or_none()
    return Beat(False, False) if found is None else Beat(True, found[0] is not None)


def checkpoint_in(session: Session, row: WorkRow, values: Mapping[str, Any]) -> None:
    """Remember, in the transaction of what was done so far, where the next attempt goes on.

    Raises:
        LeaseLost: the work is no longer ours; the transaction must not be committed.
    """
    _mine(session, row).checkpoint = told(values)
    session.flush()


def _fence(row: WorkRow) -> tuple[Any, ...]:
    return WorkItem.id == row.work_id, WorkItem.state == "running", WorkItem.attempts == row.attempts


def _mine(session: Session, row: WorkRow) -> WorkItem:
    """The row, locked until the transaction ends: nobody can take it over between this look and the commit."""
    query = select(WorkItem).where(*_fence(row)).with_for_update()
    item = session.scalar(query.execution_options(populate_existing=True))
    if item is None:
        raise LeaseLost(f"work {row.work_id}, attempt {row.attempts}")
    return item


# ---------------------------------------------------------------- ending


def finish_in(session: Session, row: WorkRow, result: Mapping[str, Any], now: datetime) -> None:
    """Mark the work done in the transaction of its effect: both are kept, or neither. Call it last.

    Raises:
        LeaseLost: the work is no longer ours; the transaction must not be committed.
    """
    item = _mine(session, row)
    item.result, item.fault, item.fault_code = told(result), "", ""  # of earlier attempts, which keep theirs
    _end(session, item, WorkState.DONE, Outcome.DONE, now)


def fail(store: Store, row: WorkRow, fault: WorkFault, *, now: datetime, retry_seconds: int) -> WorkState:
    """Note that the attempt failed; the work waits for the next one, or is dead, or given up if somebody wished that.

    Raises:
        LeaseLost: the work is no longer ours.
    """
    with store.transaction() as session:
        item = _mine(session, row)
        item.fault, item.fault_code = fault.told, fault.code
        if item.cancel_asked_at is not None:
            _end(session, item, WorkState.CANCELLED, Outcome.FAILED, now, fault.told)
        elif fault.final or item.attempts >= item.max_attempts:
            _end(session, item, WorkState.DEAD, Outcome.FAILED, now, fault.told)
        else:
            item.not_before = now + timedelta(seconds=wait_seconds(row, retry_seconds))
            _end(session, item, WorkState.WAITING, Outcome.FAILED, now, fault.told)
        return WorkState(item.state)


def put_off(store: Store, row: WorkRow, fault: WorkFault, *, now: datetime, retry_seconds: int) -> WorkState:
    """Note that the machine did not let it be done; the work waits, longer each time, and the attempt counts for nothing.

    Raises:
        LeaseLost: the work is no longer ours.
    """
    with store.transaction() as session:
        item = _mine(session, row)
        item.fault, item.fault_code = fault.told, fault.code
        item.max_attempts += 1
        item.not_before = now + timedelta(seconds=wait_seconds(row, retry_seconds))
        is_wanted = item.cancel_asked_at is None
        state = WorkState.WAITING if is_wanted else WorkState.CANCELLED
        _end(session, item, state, Outcome.FAILED, now, fault.told)
        return state


def wait_seconds(row: WorkRow, retry_seconds: int) -> int:
    """How long after this attempt the next one begins: twice as long each time, at most an hour, and a little apart
    for neighbours, so that work that failed together does not come back together.
    """
    usual = retry_seconds << min(row.attempts - 1, 12)
    return min(usual, LONGEST_WAIT_SECONDS) + row.work_id * 7 % max(retry_seconds // 2, 1)


def cancel(store: Store, row: WorkRow, *, now: datetime) -> None:
    """Give the work up, as somebody asked.

    Raises:
        LeaseLost: the work is no longer ours.
    """
    with store.transaction() as session:
        _end(session, _mine(session, row), WorkState.CANCELLED, Outcome.CANCELLED, now)


def give_back(store: Store, row: WorkRow, *, now: datetime) -> None:
    """Let go of the work at once, since the process is told to end; the attempt counts for nothing.

    Raises:
        LeaseLost: the work is no longer ours.
    """
    with store.transaction() as session:
        item = _mine(session, row)
        item.max_attempts += 1
        item.not_before = now
        is_wanted = item.cancel_asked_at is None
        _end(session, item, WorkState.WAITING if is_wanted else WorkState.CANCELLED, Outcome.GIVEN_BACK, now)


def _end(
    session: Session, item: WorkItem, state: WorkState, outcome: Outcome, now: datetime, fault: str = ""
) -> None:
    item.state, item.owner, item.lease_until = state.value, None, None
    item.ended_at = None if state is WorkState.WAITING else now
    session.execute(
        update(WorkAttempt)
        .where(WorkAttempt.work_id == item.id, WorkAttempt.seq == item.attempts)
        .values(ended_at=now, outcome=outcome.value, fault=fault)
    )
    session.flush()


# ---------------------------------------------------------------- those who are heard of no more


def reap(store: Store, *, now: datetime, lease_seconds: int) -> list[int]:
    """Take work whose lease ran out from whoever held it: it waits for another, or is dead; the ids.

    Somebody's wish to give it up is fulfilled instead. A heartbeat from the future is that of a clock that has been put
    back since: nobody beats for it any more, or the next beat finds it lost.
    """
    gone = or_(WorkItem.lease_until < now, WorkItem.heartbeat_at > now + timedelta(seconds=lease_seconds))
    expired = select(WorkItem).where(WorkItem.state == "running", gone)
    with store.read() as session:
        if session.scalar(expired.with_only_columns(WorkItem.id).limit(1)) is None:
            return []
    with store.transaction() as session:
        items = session.scalars(expired.with_for_update(skip_locked=True)).all()
        for item in items:
            _take_away(session, item, now)
        return [item.id for item in items]


def _take_away(session: Session, item: WorkItem, now: datetime) -> None:
    state, outcome = WorkState.WAITING, Outcome.LOST
    if item.cancel_asked_at is not None:
        state = WorkState.CANCELLED
    elif item.attempts >= item.max_attempts:
        state = WorkState.DEAD
        item.fault, item.fault_code = LOST_TOO_OFTEN.format(item.attempts), "LOST"
    item.not_before = now
    _end(session, item, state, outcome, now)
