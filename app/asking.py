"""Asking for long work: into the table and the log in one transaction, and a short wait in case it is done at once."""

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from threading import Event
from typing import Any

from app import oplog
from app.alive import SILENCE
from app.context import AppContext
from tracker.store import audit, processes, work
from tracker.store.audit import Act
from tracker.store.session import Store
from tracker.types.work import WorkRequest, WorkRow, WorkState

# In a small office the answer is there before anybody looks up; longer waits get a page with progress.
WAIT_SECONDS = 2.0
LOOK_SECONDS = 0.05
OPEN = frozenset({WorkState.WAITING, WorkState.RUNNING})


def ask_for(
    context: AppContext, request: WorkRequest, *, action: str, detail: Mapping[str, Any], now: datetime
) -> int:
    """Put work into the table and into the log who asked for it; `detail` holds ids, counts and filters only."""
    with context.store.transaction() as session:
        work_id = work.ask(session, request, now)
        audit.append_acts(session, [Act(now, request.asked_by, action, f"work:{work_id}", detail)])
    oplog.write("work_asked", work=work_id, kind=request.kind)
    return work_id


def key_of(kind: str, asked_by: str, params: Mapping[str, Any], turn: str) -> str:
    """The key of what a person asks for: the same question of one `turn` (a shown form, a minute) is asked once."""
    told = json.dumps([asked_by, params], ensure_ascii=False, sort_keys=True)
    return f"{kind}:{hashlib.sha256(told.encode()).hexdigest()[:24]}:{turn}"


def new_turn() -> str:
    """A turn that nobody had before: what a form carries along, so that a second click asks for nothing new."""
    return secrets.token_hex(8)


def is_worked(store: Store, now: datetime) -> bool:
    """Is there a worker at all?"""
    with store.read() as session:
        return processes.is_alive(session, "worker", now, SILENCE)


def wait_for(context: AppContext, work_id: int, now: datetime) -> WorkRow:
    """The work as it stands when it has ended, or after a short while; at once where no worker is there."""
    patient = is_worked(context.store, now)
    until, pause = time.monotonic() + WAIT_SECONDS, Event()
    while True:
        with context.store.read() as session:
            row = work.find_work(session, work_id)
        assert row is not None
        if row.state not in OPEN or not patient or time.monotonic() > until:
            return row
        pause.wait(LOOK_SECONDS)
