"""Counts by month kept up with the dossiers: asked for by the worker itself as soon as something changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.context import AppContext
from app.grip import Grip
from tracker.pipeline.summaries import is_behind, refresh
from tracker.store import work
from tracker.types import VN
from tracker.types.work import WorkRequest

KIND, ACTOR = "rate_summaries", "summaries"
# Before all else: until it is done, pages count dossiers.
URGENT = -1


def refresh_summaries(grip: Grip) -> Mapping[str, Any]:
    """Count the months that changed; done twice, it changes nothing more."""
    grip.progress(0, None, "Đang tổng hợp số liệu theo tháng")
    return {"months": refresh(grip.context.store, grip.now(), lambda told: grip.progress(0, None, told))}


def ask_for_summaries(context: AppContext, now: datetime) -> None:
    """Ask for it where something changed since the last count, once a minute whoever asks, unless it waits still."""
    if not is_behind(context.store, now):
        return
    key = f"{KIND}:{now.astimezone(VN):%Y%m%d%H%M}"
    with context.store.read() as session:
        if work.is_asked_for(session, KIND, key):
            return
    with context.store.transaction() as session:
        work.ask(session, WorkRequest(KIND, key, {}, ACTOR, priority=URGENT), now)
