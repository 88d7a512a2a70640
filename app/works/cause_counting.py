"""The causes of lateness by month kept up with the dossiers: asked for by the worker itself as soon as something changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.context import AppContext
from app.grip import Grip
from tracker.pipeline.cause_counting import is_behind, refresh
from tracker.store import work
from tracker.types import VN
from tracker.types.work import IN_BETWEEN, WorkRequest

KIND, ACTOR = "cause_counts", "summaries"


def count_causes(grip: Grip) -> Mapping[str, Any]:
    """Count the months that changed; done twice, it changes nothing more."""
    grip.progress(0, None, "Đang đếm nguyên nhân chậm theo tháng")
    context = grip.context
    return {"months": refresh(context.store, context.calendars, lambda told: grip.progress(0, None, told))}


def ask_for_causes(context: AppContext, now: datetime) -> None:
    """Ask for it where something changed since the last count, once a minute whoever asks, unless it waits still."""
    if not is_behind(context.store):
        return
    key = f"{KIND}:{now.astimezone(VN):%Y%m%d%H%M}"
    with context.store.read() as session:
        if work.is_asked_for(session, KIND, key):
            return
    with context.store.transaction() as session:
        work.ask(session, WorkRequest(KIND, key, {}, ACTOR, priority=IN_BETWEEN), now)
