"""The rates of the month before, kept once its first working days have brought in what was still missing."""

from datetime import date, timedelta

from app.context import AppContext
from app.grip import Grip
from app.snapshots import SnapshotQuestion, act_of, body_of, counted, digest_of, month_before
from tracker.errors import CalendarError
from tracker.store import audit, batches, snapshot_store
from tracker.store.locks import Lock
from tracker.store.snapshot_store import Snapshot
from tracker.store.turns import turn

# Ends of the last days of a month reach the sources some days later.
WORKING_DAY = 3


def keep_month(grip: Grip, day: date) -> None:
    """Keep the rates of the month before, if that is due and was not done; a month of which nothing is known is not kept."""
    context = grip.context
    question = SnapshotQuestion(month_before(day), context.config.score_edition)
    grip.progress(0, None, "Đang chốt số liệu tháng trước")
    # No load ends meanwhile: what is counted is what a recount by the same moment finds.
    with turn(context.store, Lock.INGEST) as held:
        now = grip.now()
        is_wanted = _is_due(context, day) and not snapshot_store.is_kept(held.session, question.month)
        figures = counted(context.store, question) if is_wanted else None
        last_batch = batches.newest_id(held.session)
        held.begin_writing()
        grip.finish_in(held.session, {"month": question.month, "kept": int(figures is not None)})
        if figures is not None:
            body = body_of(figures, last_batch)
            snapshot = Snapshot(question.month, question.as_of, now, body, digest_of(body))
            snapshot_store.add(held.session, snapshot)
            audit.append_acts(held.session, [act_of(snapshot)])


def _is_due(context: AppContext, day: date) -> bool:
    """Is it the third working day of the month, or later? Not where the calendar does not reach."""
    try:
        return context.calendar.count_workdays(day.replace(day=1) - timedelta(days=1), day) >= WORKING_DAY
    except CalendarError:
        return False
