"""Looking for signs of hidden lateness: asked for by the worker itself after loads, and whole by a job each night."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from app.context import AppContext
from app.grip import Grip
from tracker.pipeline.findings import LookResult, is_behind, look
from tracker.store import work
from tracker.types import VN
from tracker.types.work import IN_BETWEEN, WorkRequest

KIND, ACTOR = "findings", "findings"


def look_for_findings(grip: Grip) -> Mapping[str, Any]:
    """Look at what was told since the last look; done twice, it changes nothing more."""
    return _told(_look(grip, whole=False))


def look_at_everything(grip: Grip, day: date) -> Mapping[str, Any]:
    """Look through the whole store: what was mended since is gone, what became late since is found."""
    del day  # what was told counts, whenever
    return _told(_look(grip, whole=True))


def _look(grip: Grip, *, whole: bool) -> LookResult:
    context = grip.context
    return look(
        context.store,
        context.calendars,
        grip.now(),
        whole=whole,
        progress=lambda told: grip.progress(0, None, told),
    )


def _told(result: LookResult) -> Mapping[str, Any]:
    kept = result.kept
    return {"dossiers": result.histories, "new": kept.new, "gone": kept.gone, "standing": kept.standing}


def ask_for_findings(context: AppContext, now: datetime) -> None:
    """Ask for a look where anything was loaded since the last one, once an hour whoever asks, unless it waits still."""
    if not is_behind(context.store, now):
        return
    key = f"{KIND}:{now.astimezone(VN):%Y%m%d%H}"
    with context.store.read() as session:
        if work.is_asked_for(session, KIND, key):
            return
    with context.store.transaction() as session:
        work.ask(session, WorkRequest(KIND, key, {}, ACTOR, priority=IN_BETWEEN), now)


def up_to_date(context: AppContext, progress: Callable[[str], None]) -> None:
    """Look at once where anything was loaded since the last look; for the command line and the demonstration."""
    now = context.now()
    if is_behind(context.store, now):
        look(context.store, context.calendars, now, progress=progress)
