"""Toy work and a toy job: what somebody writes who adds a kind of each. `tests/structure/test_one_entry.py` puts it into a copy."""

from datetime import date

from app.grip import Grip
from notifications.outbox import OutboxDraft, put
from tracker.store import work
from tracker.store.locks import Lock, hold
from tracker.types.work import WorkRequest


def do_toy(grip: Grip) -> None:
    """Tell the first account that it is done, and end, in one transaction."""
    with grip.context.store.transaction() as session:
        hold(session, Lock.OUTBOX)
        grip.finish_in(session, {"rows": 1})
        draft = OutboxDraft("toy_message", grip.row.key, "in_app", "user:1", "Tin thử", "Việc thử đã xong.")
        put(session, draft, grip.now())


def toy_day(grip: Grip, day: date) -> None:
    """Ask for the toy work of the day."""
    with grip.context.store.transaction() as session:
        grip.finish_in(session, {"day": day.isoformat()})
        work.ask(session, WorkRequest("toy_work", f"toy:{day.isoformat()}", {}, "toy_job"), grip.now())
