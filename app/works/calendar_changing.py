"""Changes of the calendar whose reckoning takes too long for a request: look ahead, record, apply, each with its mark."""

from collections.abc import Mapping
from typing import Any

from app.access import CALENDAR
from app.accounts import require_role
from app.calendar_log import change_act
from app.grip import Grip
from tracker.pipeline import calendar_changes
from tracker.store import audit
from tracker.store import calendar_changes as kept
from tracker.store.session import Session
from tracker.types.calendars import CalendarChangeRow

LOOKING = "Đang tính lại hạn của từng hồ sơ"


def preview_change(grip: Grip) -> Mapping[str, Any]:
    """What the operations would move; nothing is written but the result."""
    context = grip.context
    grip.progress(0, None, LOOKING)
    seen = calendar_changes.preview(
        context.store, kept.operations_of(grip.params["operations"]),
        calendar_key=context.config.calendar_key, now=grip.now(),
    )  # fmt: skip
    return {"preview": kept.preview_json(seen)}


def propose_change(grip: Grip) -> None:
    """Record the change for a second person to decide on."""
    context, operations = grip.context, kept.operations_of(grip.params["operations"])
    grip.progress(0, None, LOOKING)

    def mark(session: Session, row: CalendarChangeRow) -> None:
        _note(grip, session, grip.params["action"], row)

    calendar_changes.propose(
        context.store, operations, calendar_key=context.config.calendar_key, reason=grip.params["reason"],
        actor=grip.row.asked_by, now=grip.now(), in_same_step=mark,
    )  # fmt: skip


def approve_change(grip: Grip) -> None:
    """Apply a change as its approver saw it."""
    context = grip.context
    grip.progress(0, None, LOOKING)

    def mark(session: Session, row: CalendarChangeRow) -> None:
        _note(grip, session, "calendar_approve", row)

    calendar_changes.approve(
        context.store, grip.params["change_id"], calendar_key=context.config.calendar_key,
        actor=grip.row.asked_by, now=grip.now(), digest=grip.params["digest"], in_same_step=mark,
    )  # fmt: skip


def _note(grip: Grip, session: Session, action: str, row: CalendarChangeRow) -> None:
    """The mark that the work is done and the entry in the log, in the transaction of the change.

    It is done in the name of its asker: who has lost the role since, or was closed, decides nothing any more.
    """
    actor = grip.row.asked_by
    grip.finish_in(session, {"change_id": row.change_id})
    require_role(session, actor, CALENDAR)
    audit.append_acts(session, [change_act(row, action, actor, grip.now(), grip.row.work_id)])
