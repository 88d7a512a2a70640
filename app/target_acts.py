"""A unit's target set, for the page and the command line alike, in one transaction with its entry of the log."""

from dataclasses import dataclass
from datetime import datetime

from app.context import AppContext
from tracker.errors import UsageError
from tracker.store import audit, unit_targets
from tracker.store.audit import Act
from tracker.store.unit_targets import NewTarget, TargetRow

FOREIGN = "chỉ đặt được chỉ tiêu cho đơn vị thuộc phạm vi của bạn"
THE_SAME = "đã có đúng chỉ tiêu này từ ngày ấy, cùng văn bản; không có gì để đặt lại"


@dataclass(frozen=True, slots=True)
class TargetSetter:
    """Who sets targets, when, and for which units (None = all, and for all at once)."""

    login: str
    now: datetime
    unit_ids: frozenset[int] | None


def set_target(context: AppContext, new: NewTarget, setter: TargetSetter) -> int:
    """Keep a target; its number. A slip is corrected by setting it again: of one day the newest row governs.

    Raises:
        UsageError: not a unit of the setter's, or the same as what stands.
    """
    if setter.unit_ids is not None and new.unit_id not in setter.unit_ids:
        raise UsageError(FOREIGN)
    with context.store.transaction() as session:
        unit_targets.lock_targets(session)
        if any(_is_same(row, new) for row in _newest(unit_targets.targets(session), new)):
            raise UsageError(THE_SAME)
        number = unit_targets.add_target(session, new, by=setter.login, at=setter.now)
        subject = "target:all" if new.unit_id is None else f"unit:{new.unit_id}"
        detail = {"target": number, "rate": new.rate, "valid_from": new.valid_from.isoformat()}
        audit.append_acts(session, [Act(setter.now, setter.login, "target_set", subject, detail)])
    return number


def _newest(rows: list[TargetRow], new: NewTarget) -> list[TargetRow]:
    """The row that governs the same unit from the same day, if there is one; rows come newest first."""
    return [row for row in rows if (row.unit_id, row.valid_from) == (new.unit_id, new.valid_from)][:1]


def _is_same(row: TargetRow, new: NewTarget) -> bool:
    return (row.rate, row.document) == (new.rate, new.document)
