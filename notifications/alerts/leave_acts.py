"""Leaves of people: entered with who stands in, ended early. Whom alerts reach meanwhile says `directory`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from notifications.alerts.directory import ADMIN, DESK, HEAD, REFORM
from notifications.alerts.rule_acts import Actor, InSameStep
from tracker.errors import UsageError
from tracker.store import absence_store, alert_store, catalogue
from tracker.store.absence_store import AbsenceRow, NewAbsence
from tracker.store.alert_store import AccountRow
from tracker.store.session import Session, Store
from tracker.types import UnitRef

LONGEST_DAYS = 366
DAY = timedelta(days=1)
DATE = "%d/%m/%Y"
# Who gets alerts at all, and who may read what of them: administrators open no dossiers.
ALERTED = (DESK, HEAD, REFORM, ADMIN)
STAND_IN: Mapping[str, tuple[str, ...]] = {
    DESK: (DESK, HEAD, REFORM),
    HEAD: (DESK, HEAD, REFORM),
    REFORM: (HEAD, REFORM),
    ADMIN: (REFORM, ADMIN),
}


@dataclass(frozen=True, slots=True)
class LeaveActor:
    """Who enters leaves, and for whom: the own account (None: the operator of the machine), those of units, or all."""

    actor: Actor
    account_id: int | None
    is_head: bool = False
    is_admin: bool = False

    def may_enter(self, account: AccountRow) -> bool:
        """May this one enter or end a leave of that account?"""
        if account.role not in ALERTED:
            return False
        if self.is_admin or account.account_id == self.account_id:
            return True
        units = self.actor.unit_ids
        return self.is_head and (units is None or account.unit_id in units)


def _nothing(_session: Session, _number: int) -> None:
    return None


def enter_leave(
    store: Store, new: NewAbsence, entering: LeaveActor, in_same_step: InSameStep = _nothing
) -> int:
    """Enter a leave; its id. `in_same_step` writes into the same transaction, last.

    Raises:
        UsageError: the days cannot be, the account or delegate cannot be, or there is a leave of these days already.
    """
    if fault := days_fault(new, entering.actor.today):
        raise UsageError(fault)
    with store.transaction() as session:
        absence_store.lock_leaves(session)
        accounts = {each.account_id: each for each in alert_store.accounts(session)}
        away = accounts.get(new.account_id)
        if away is None or not entering.may_enter(away):
            raise UsageError("tài khoản này không mở, không nhận cảnh báo, hoặc không thuộc phạm vi của bạn")
        known = absence_store.absences(session, new.first_day)
        delegate = accounts.get(new.delegate_id or 0)
        over = units_over(catalogue.units(session), away.unit_id)
        fault = overlap_fault(new, known) or delegate_fault(new, away, delegate, known, over)
        if fault:
            raise UsageError(fault)
        number = absence_store.add_absence(session, new, by=entering.actor.login, at=entering.actor.now)
        in_same_step(session, number)
    return number


def end_leave(
    store: Store, absence_id: int, entering: LeaveActor, in_same_step: InSameStep = _nothing
) -> AbsenceRow:
    """End a leave with yesterday: from today on the person is told again. The leave as it was.

    Raises:
        UsageError: there is none that lasts or is still to come, or it is not one's own to end.
    """
    with store.transaction() as session:
        absence_store.lock_leaves(session)
        row = absence_store.find_absence(session, absence_id)
        accounts = {each.account_id: each for each in alert_store.accounts(session)}
        away = accounts.get(row.account_id) if row else None
        is_over = row is None or row.ended_at is not None or row.last_day < entering.actor.today
        if row is None or is_over or away is None or not entering.may_enter(away):
            raise UsageError(f"không có đợt nghỉ số {absence_id} còn hiệu lực trong phạm vi của bạn")
        absence_store.end_absence(session, absence_id, entering.actor.now)
        in_same_step(session, absence_id)
    return row


# ---------------------------------------------------------------- checked


def days_fault(new: NewAbsence, today: date) -> str | None:
    """What is wrong with the days, in the user's words."""
    if new.first_day < today:
        return "ngày nghỉ đầu tiên không trước hôm nay: cảnh báo đã gửi thì không đổi được"
    if new.last_day < new.first_day:
        return "ngày nghỉ cuối cùng trước ngày đầu tiên"
    if (new.last_day - new.first_day).days >= LONGEST_DAYS:
        return f"một đợt nghỉ dài nhất {LONGEST_DAYS} ngày"
    return None


def overlap_fault(new: NewAbsence, known: Iterable[AbsenceRow]) -> str | None:
    """The leave of the same person that shares days with it, in the user's words."""
    for row in known:
        if row.account_id == new.account_id and _meet(row, new):
            return f"đã có đợt nghỉ {row.first_day:{DATE}}–{row.last_day:{DATE}}; hãy kết thúc đợt đó trước"
    return None


def _meet(row: AbsenceRow, new: NewAbsence) -> bool:
    return row.first_day <= new.last_day and new.first_day <= row.last_day


def units_over(units: Mapping[int, UnitRef], unit_id: int | None) -> frozenset[int]:
    """A unit and all those whose people see its dossiers: above it, or what it went into."""
    found: set[int] = set()
    waiting = [unit_id]
    while waiting:
        unit = units.get(waiting.pop() or 0)
        if unit is not None and unit.unit_id not in found:
            found.add(unit.unit_id)
            waiting += [unit.parent_id, unit.successor_id]
    return frozenset(found)


def may_stand_in(delegate: AccountRow, away: AccountRow, over: frozenset[int]) -> bool:
    """Does the delegate see what who is away sees? `over`: as of `units_over` for the unit of who is away."""
    sees = delegate.unit_id is None or delegate.unit_id in over
    return delegate.account_id != away.account_id and delegate.role in STAND_IN[away.role] and sees


def delegate_fault(
    new: NewAbsence,
    away: AccountRow,
    delegate: AccountRow | None,
    known: Sequence[AbsenceRow],
    over: frozenset[int],
) -> str | None:
    """Why this person cannot stand in, in the user's words. `over`: as of `units_over` for the unit of who is away."""
    if new.delegate_id is None:
        return None
    if delegate is None:
        return "người làm thay không có tài khoản đang mở"
    if delegate.account_id == away.account_id:
        return "người làm thay phải là người khác"
    if delegate.role not in STAND_IN[away.role]:
        return "vai trò của người làm thay không xem được những việc này"
    if not may_stand_in(delegate, away, over):
        return "phạm vi của người làm thay không bao gồm đơn vị của người nghỉ"
    return _away_fault(new, known)


def _away_fault(new: NewAbsence, known: Sequence[AbsenceRow]) -> str | None:
    """The delegate is away on all of the days, or hands back to who is away."""
    days = [new.first_day + number * DAY for number in range((new.last_day - new.first_day).days + 1)]
    circle = [day for day in days if _comes_back(new, known, day)]
    if circle:
        return (
            f"vòng tròn: ngày {circle[0]:{DATE}} người làm thay cũng nghỉ và nhờ lại chính người này; "
            "hãy chọn người khác"
        )
    delegate = [row for row in known if row.account_id == new.delegate_id]
    if all(any(_is_on(row, day) for row in delegate) for day in days):
        return "người làm thay cũng nghỉ suốt những ngày đó"
    return None


def _comes_back(new: NewAbsence, known: Sequence[AbsenceRow], day: date) -> bool:
    seen: set[int] = set()
    now = new.delegate_id
    while now is not None and now not in seen:
        if now == new.account_id:
            return True
        seen.add(now)
        leave = next((row for row in known if row.account_id == now and _is_on(row, day)), None)
        now = leave.delegate_id if leave else None
    return False


def _is_on(row: AbsenceRow, day: date) -> bool:
    return row.first_day <= day <= row.last_day


# ---------------------------------------------------------------- shown


def leave_words(row: AbsenceRow, today: date) -> str:
    """How a leave stands on a day."""
    if row.ended_at is not None:
        return "Kết thúc sớm"
    if today < row.first_day:
        return "Sắp nghỉ"
    return "Đang nghỉ" if today <= row.last_day else "Đã hết"
