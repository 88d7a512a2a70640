"""Changing the working calendar: look ahead, propose, have a second person decide, apply, undo.

Only open dossiers move, and only those whose span holds a changed date; closed ones stay as they were judged.
`calendar_key` is the office's own calendar (calendar.key of the configuration), for units that have none of their own.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.errors import UsageError
from tracker.pipeline.calendar_moves import Moves, find_moves
from tracker.pipeline.calendar_operations import Applied, Plan, plan, slots_of
from tracker.store import calendar_changes as kept
from tracker.store import calendar_moves, catalogue
from tracker.store.calendars import add_sayings, end_sayings, load_history
from tracker.store.locks import Lock, hold
from tracker.store.session import Session, Store
from tracker.store.turns import turn
from tracker.types import VN
from tracker.types.calendars import (
    CalendarChangeRow,
    ChangePreview,
    ChangeState,
    JournalRow,
    MovedDossier,
    Operation,
    TakeBack,
    UnitMoves,
)
from tracker.types.deciding import may_decide

InSameStep = Callable[[Session, CalendarChangeRow], None]

SAMPLES = 50
STALE = (
    "số liệu đã thay đổi từ khi xem trước (hồ sơ được nạp thêm, hoặc lịch đã đổi): chưa áp dụng gì; "
    "xem lại bản xem trước mới rồi duyệt lại"
)


# ---------------------------------------------------------------- looking ahead


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What a change would do: to the sayings of the office, to the dossiers, and both as a person reads it."""

    plan: Plan
    moves: Moves
    preview: ChangePreview


def preview(
    store: Store, operations: Sequence[Operation], *, calendar_key: str, now: datetime
) -> ChangePreview:
    """What the operations would move at `now`; nothing is written.

    Raises:
        UsageError: an operation that cannot be.
    """
    with store.read() as session:
        return _outlook(session, operations, calendar_key, now).preview


def _outlook(session: Session, operations: Sequence[Operation], calendar_key: str, now: datetime) -> _Outlook:
    history = load_history(session, calendar_key)
    units = {unit_id: unit.parent_id for unit_id, unit in catalogue.units(session).items()}
    applied = {
        each.change_id: _applied(session, each.change_id) for each in operations if isinstance(each, TakeBack)
    }
    planned = plan(operations, history, units=units, applied=applied)
    moves = find_moves(session, history, planned, units=units, now=now)
    return _Outlook(planned, moves, _told(session, planned, moves, now))


def _applied(session: Session, change_id: int) -> Applied:
    """An applied change; a way back speaks of what the change that it took back spoke of."""
    row = _found(session, change_id)
    if row.state is not ChangeState.APPLIED or row.decided_at is None:
        raise UsageError(f"thay đổi số {change_id} chưa được áp dụng, không có gì để hoàn tác")
    slots = frozenset().union(*map(slots_of, row.operations))
    if row.undoes_id is not None:
        slots |= _applied(session, row.undoes_id).slots
    return Applied(int(row.decided_at.timestamp()), slots)


def _told(session: Session, planned: Plan, moves: Moves, now: datetime) -> ChangePreview:
    moved = moves.open
    both = [(m.old_due_at, m.new_due_at) for m in moved if m.old_due_at and m.new_due_at]
    return ChangePreview(
        as_of=now.replace(microsecond=0),
        open_moved=len(moved),
        open_later=sum(old < new for old, new in both),
        open_earlier=sum(new < old for old, new in both),
        open_no_longer_late=sum(m.was_late and not m.is_late for m in moved),
        open_newly_late=sum(m.is_late and not m.was_late for m in moved),
        closed_would_be_on_time=moves.would_be_on_time,
        closed_would_be_late=moves.would_be_late,
        letters_marked=calendar_moves.count_letters(session, [m.dossier_id for m in moved]),
        units=_units(session, moved),
        samples=_samples(session, moved),
        changed_days=planned.days,
        digest=moves.seal,
    )


def _units(session: Session, moved: Sequence[calendar_moves.Move]) -> tuple[UnitMoves, ...]:
    names = calendar_moves.unit_names(session)
    counts = Counter(m.unit_id for m in moved)
    cured = Counter(m.unit_id for m in moved if m.was_late and not m.is_late)
    fallen = Counter(m.unit_id for m in moved if m.is_late and not m.was_late)
    rows = [UnitMoves(names.get(unit or 0, ""), n, cured[unit], fallen[unit]) for unit, n in counts.items()]
    return tuple(sorted(rows, key=lambda row: (-row.moved, row.unit)))


def _samples(session: Session, moved: Sequence[calendar_moves.Move]) -> tuple[MovedDossier, ...]:
    """Those whose lateness changes come first."""
    turning = [m for m in moved if m.was_late != m.is_late][:SAMPLES]
    chosen = [*turning, *(m for m in moved[: 2 * SAMPLES] if m.was_late == m.is_late)][:SAMPLES]
    named = calendar_moves.codes_and_units(session, [m.dossier_id for m in chosen])
    return tuple(
        MovedDossier(
            *named[m.dossier_id], _instant(m.old_due_at), _instant(m.new_due_at), m.was_late, m.is_late
        )
        for m in chosen
    )


def _instant(epoch: int | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, VN)


# ---------------------------------------------------------------- asking


def propose(  # noqa: PLR0913 -- what is asked for, by whom, why and when: all by keyword
    store: Store,
    operations: Sequence[Operation],
    *,
    calendar_key: str,
    reason: str,
    actor: str,
    now: datetime,
    in_same_step: InSameStep | None = None,
) -> CalendarChangeRow:
    """Record a change for a second person to decide on, with its preview.

    `in_same_step` writes into the transaction that records it.

    Raises:
        UsageError: an operation that cannot be, or no reason given; nothing is recorded.
    """
    if not reason.strip():
        raise UsageError("thiếu lý do thay đổi lịch")
    undoes = next((each.change_id for each in operations if isinstance(each, TakeBack)), None)
    with turn(store, Lock.INGEST) as mine:
        session = mine.session
        if undoes is not None and (other := kept.undo_under_way(session, undoes)):
            raise UsageError(
                f"thay đổi số {undoes} đã được hoàn tác, hoặc đang đề nghị hoàn tác (số {other})"
            )
        seen = _outlook(session, operations, calendar_key, now).preview
        mine.begin_writing()
        change_id = kept.add_change(
            session, operations, seen, reason=reason.strip(), actor=actor, undoes_id=undoes
        )
        return _noted(session, change_id, in_same_step)


def propose_undo(  # noqa: PLR0913 -- as `propose`
    store: Store,
    change_id: int,
    *,
    calendar_key: str,
    reason: str,
    actor: str,
    now: datetime,
    in_same_step: InSameStep | None = None,
) -> CalendarChangeRow:
    """Propose to take an applied change back; a change of its own, decided by a second person as well."""
    change(store, change_id)
    return propose(
        store, (TakeBack(change_id),), calendar_key=calendar_key, reason=reason, actor=actor, now=now,
        in_same_step=in_same_step,
    )  # fmt: skip


# ---------------------------------------------------------------- deciding


def approve(  # noqa: PLR0913 -- which change, as whom it is seen by, and when: all by keyword
    store: Store,
    change_id: int,
    *,
    calendar_key: str,
    actor: str,
    now: datetime,
    digest: str,
    in_same_step: InSameStep | None = None,
) -> CalendarChangeRow:
    """Apply a proposed change as one transaction; `digest` is that of the preview the approver saw.

    `in_same_step` writes into the transaction that applies it.

    Raises:
        UsageError: the proposer himself, decided already, or the figures moved since: the new preview is then stored.
    """
    # An ingest waits for the change and the change for an ingest: no dossier is told by the calendar before it.
    with turn(store, Lock.INGEST) as mine:
        session = mine.session
        row = _undecided(session, change_id)
        if not may_decide(row.proposed_by, actor):
            raise UsageError("người đề nghị không được tự duyệt: cần người thứ hai")
        # Two changes are never of the same second: what one left and the next one found is told apart by the moment.
        last = kept.last_applied(session)
        now = now if last is None else max(now, last + timedelta(seconds=1))
        ahead = _outlook(session, row.operations, calendar_key, now)
        mine.begin_writing()
        # On SQLite turning it down needs no turn: it may have been, while we looked.
        _undecided(session, change_id)
        kept.set_preview(session, change_id, ahead.preview)
        is_fresh = ahead.preview.digest == digest
        if is_fresh:
            _apply(session, row, ahead, actor=actor, now=now)
            kept.decide(session, change_id, ChangeState.APPLIED, actor=actor, now=now)
        decided = _noted(session, change_id, in_same_step if is_fresh else None)
    if not is_fresh:
        raise UsageError(STALE)
    return decided


def _apply(session: Session, row: CalendarChangeRow, ahead: _Outlook, *, actor: str, now: datetime) -> None:
    at = int(now.timestamp())
    end_sayings(session, ahead.plan.ended, at)
    for begun in ahead.plan.begun:
        told_by = begun.again.change_id if begun.again else row.change_id
        add_sayings(session, [begun.saying], change_id=told_by, now=at)
    moved = ahead.moves.open
    calendar_moves.write_moves(session, moved, change_id=row.change_id, reason=row.reason, now=at)
    hold(session, Lock.REGISTER)
    ids = [move.dossier_id for move in moved]
    calendar_moves.mark_letters(session, ids, change_id=row.change_id, actor=actor, now=at)


def reject(
    store: Store,
    change_id: int,
    *,
    actor: str,
    now: datetime,
    note: str,
    in_same_step: InSameStep | None = None,
) -> CalendarChangeRow:
    """Turn a proposed change down; not by its proposer, who may withdraw it."""
    with store.transaction() as session:
        hold(session, Lock.INGEST)
        if not may_decide(_undecided(session, change_id).proposed_by, actor):
            raise UsageError("người đề nghị không tự từ chối: hãy rút đề nghị")
        kept.decide(session, change_id, ChangeState.REJECTED, actor=actor, now=now, note=note.strip())
        return _noted(session, change_id, in_same_step)


def withdraw(
    store: Store, change_id: int, *, actor: str, now: datetime, in_same_step: InSameStep | None = None
) -> CalendarChangeRow:
    """Take one's own proposal back."""
    with store.transaction() as session:
        hold(session, Lock.INGEST)
        if may_decide(_undecided(session, change_id).proposed_by, actor):
            raise UsageError("chỉ người đề nghị được rút đề nghị của mình")
        kept.decide(session, change_id, ChangeState.WITHDRAWN, actor=actor, now=now)
        return _noted(session, change_id, in_same_step)


def _noted(session: Session, change_id: int, in_same_step: InSameStep | None) -> CalendarChangeRow:
    """The change as it stands now, with what its caller writes in the same transaction."""
    row = _found(session, change_id)
    if in_same_step is not None:
        in_same_step(session, row)
    return row


def _undecided(session: Session, change_id: int) -> CalendarChangeRow:
    row = _found(session, change_id)
    if row.state is not ChangeState.PROPOSED:
        raise UsageError(f"thay đổi số {change_id} đã được quyết định trước đó")
    return row


# ---------------------------------------------------------------- reading


def _found(session: Session, change_id: int) -> CalendarChangeRow:
    row = kept.find_change(session, change_id)
    if row is None:
        raise UsageError(f"không có thay đổi lịch số {change_id}")
    return row


def changes(store: Store) -> list[CalendarChangeRow]:
    """All changes, newest first."""
    with store.read() as session:
        return kept.list_changes(session)


def change(store: Store, change_id: int) -> CalendarChangeRow:
    """One change; UsageError where there is none."""
    with store.read() as session:
        return _found(session, change_id)


def journal(store: Store, change_id: int, *, limit: int = 50, offset: int = 0) -> list[JournalRow]:
    """What an applied change moved, by dossier code; one page."""
    with store.read() as session:
        return kept.journal(session, change_id, limit=limit, offset=offset)


def journal_of_dossier(session: Session, dossier_id: int) -> list[JournalRow]:
    """Every applied change that moved a dossier, oldest first."""
    return kept.journal_of_dossier(session, dossier_id)
