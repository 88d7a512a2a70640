"""Dossiers looked at again after a change of the catalogues: by a worker, or at once by the command that changed them."""

from collections.abc import Callable, Mapping
from typing import Any

from app.context import AppContext
from app.grip import Grip
from tracker.pipeline import recomputing
from tracker.store.catalogue_moves import Scope, scope_of

Told = Callable[[int, int], None]


def recompute_all(context: AppContext, scope: Scope, *, actor: str, told: Told) -> int:
    """Look at all dossiers that a change may concern, in short steps; how many stand differently now.

    Each step becomes known at its own moment. A second run finds nothing left to do. `told` learns (done, in all).
    """
    parts = recomputing.to_look_at(context.store, scope)
    total, done, moved = sum(map(len, parts)), 0, 0
    key = context.config.calendar_key
    for ids in parts:
        told(done, total)
        moved += recomputing.recompute(context.store, key, ids, actor=actor, now=context.now())
        done += len(ids)
    told(done, total)
    return moved


def recompute_dues(grip: Grip) -> Mapping[str, Any]:
    """What `recompute_all` does, for a page."""
    grip.progress(0, None, "Đang tìm hồ sơ cần tính lại hạn")

    def told(done: int, total: int) -> None:
        grip.progress(done, total, "Đang tính lại hạn theo danh mục")

    actor = grip.row.asked_by
    return {"recomputed": recompute_all(grip.context, scope_of(grip.params), actor=actor, told=told)}
