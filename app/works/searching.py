"""The keys to find dossiers by, kept up with the dossiers: asked for by the worker itself as soon as something changed."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from app.context import AppContext
from app.grip import Grip
from tracker.pipeline.search_keeping import is_behind, refresh
from tracker.store import work
from tracker.types import VN
from tracker.types.work import IN_BETWEEN, WorkRequest

KIND, ACTOR = "search_keys", "search"
SCRATCH = "search"


def scratch(context: AppContext) -> Path:
    """Where many keys are sorted, in files that have no name and are gone with the process."""
    return context.data_dir / SCRATCH


def refresh_keys(grip: Grip) -> Mapping[str, Any]:
    """Make the keys of the dossiers that changed; done twice, it changes nothing more."""
    grip.progress(0, None, "Đang làm khóa tìm kiếm")
    context = grip.context
    return {"dossiers": refresh(context.store, scratch(context), lambda told: grip.progress(0, None, told))}


def ask_for_keys(context: AppContext, now: datetime) -> None:
    """Ask for it where dossiers changed, once a minute whoever asks, unless it waits still."""
    if not is_behind(context.store):
        return
    key = f"{KIND}:{now.astimezone(VN):%Y%m%d%H%M}"
    with context.store.read() as session:
        if work.is_asked_for(session, KIND, key):
            return
    with context.store.transaction() as session:
        work.ask(session, WorkRequest(KIND, key, {}, ACTOR, priority=IN_BETWEEN), now)
