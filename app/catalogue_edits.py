"""Changes of the catalogues by hand: the change, the work that puts dossiers right, and the log, in one transaction."""

from collections.abc import Callable, Mapping
from typing import Any

from app import current, oplog
from app.asking import key_of, new_turn
from app.context import AppContext
from tracker.store import audit, work
from tracker.store.catalogue_moves import Scope
from tracker.store.locks import Lock, hold
from tracker.store.session import Session
from tracker.types.work import BY_PEOPLE, WorkRequest

KIND = "recompute_dues"


def change(
    context: AppContext,
    edit: Callable[[Session], Scope],
    action: str,
    subject: str,
    detail: Mapping[str, Any],
) -> int:
    """Carry a change out; the number of the work that looks at the dossiers. `detail` holds no names.

    Raises:
        UsageError: it cannot be; nothing was changed.
    """
    login, now = current.account().login, current.now()
    with context.store.transaction() as session:
        hold(session, Lock.ACCOUNTS)
        params = edit(session).as_params()
        request = WorkRequest(
            KIND, key_of(KIND, login, params, new_turn()), params, login, priority=BY_PEOPLE
        )
        work_id = work.ask(session, request, now)
        audit.append_acts(session, [current.act(action, subject, {**detail, "work": work_id})])
    oplog.write("work_asked", work=work_id, kind=KIND)
    return work_id


def name(context: AppContext, edit: Callable[[Session], None], action: str, subject: str) -> None:
    """Carry out a change that moves no dossier, such as another name, with its entry in the log.

    Raises:
        UsageError: it cannot be; nothing was changed.
    """
    with context.store.transaction() as session:
        hold(session, Lock.INGEST)  # no load may make the name up meanwhile
        edit(session)
        audit.append_acts(session, [current.act(action, subject)])
