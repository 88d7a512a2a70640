"""What the log says of changes of the calendar: which one, how much it moves, and the fingerprint of what was decided."""

from collections.abc import Callable
from datetime import datetime

from tracker.store import audit
from tracker.store.audit import Act
from tracker.store.bound import ASKING, DIGEST
from tracker.store.calendar_changes import fingerprints_of
from tracker.store.session import Session
from tracker.types.calendars import CalendarChangeRow


def subject_of(change: CalendarChangeRow) -> str:
    """A change in the log."""
    return f"calendar_change:{change.change_id}"


def change_act(
    change: CalendarChangeRow, action: str, actor: str, now: datetime, work_id: int | None = None
) -> Act:
    """The entry for an act upon a change; `work_id` of the long work that did it."""
    asked, decided = fingerprints_of(change)
    detail = {"moved": change.preview.open_moved, DIGEST: asked if action in ASKING else decided}
    if work_id is not None:
        detail["work"] = work_id
    if change.undoes_id is not None:
        detail["undoes"] = change.undoes_id
    return Act(now, actor, action, subject_of(change), detail)


def logging(action: str, actor: str, now: datetime) -> Callable[[Session, CalendarChangeRow], None]:
    """What writes the entry in the transaction of the act itself: one is not without the other."""

    def write(session: Session, change: CalendarChangeRow) -> None:
        audit.append_acts(session, [change_act(change, action, actor, now)])

    return write
