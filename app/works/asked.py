"""What pages ask workers for: the request with its key, its params and its entry in the log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.asking import ask_for, key_of
from app.context import AppContext
from app.works.drafting import scope_params
from app.works.exporting import View
from letters.reissue import LetterScope
from tracker.store.people import Account
from tracker.types.work import BY_PEOPLE, WorkRequest


def ask_export(
    context: AppContext, kind: str, filters: Mapping[str, str], view: View, account: Account
) -> int:
    """A list as a workbook, as its asker sees it now; asked for twice within a minute, it is made once."""
    params = {"filters": dict(filters), "view": view.as_params()}
    asked = {"filters": dict(filters), "view": {**view.as_params(), "now": ""}}
    key = key_of(kind, account.login, asked, f"{view.now:%Y%m%d%H%M}")
    request = WorkRequest(kind, key, params, account.login, unit_id=account.unit_id, priority=BY_PEOPLE)
    return ask_for(context, request, action=f"{kind}_asked", detail=filters, now=view.now)


def ask_person(context: AppContext, kind: str, params: Mapping[str, Any], account: Account, turn: str) -> int:
    """What somebody waits for at a page: before work that nobody watches. `turn`: of the form that was shown."""
    now = context.now()
    request = WorkRequest(
        kind, key_of(kind, account.login, params, turn), params, account.login, priority=BY_PEOPLE
    )
    detail = {key: value for key, value in params.items() if isinstance(value, int)}
    return ask_for(context, request, action=f"{kind}_asked", detail=detail, now=now)


def ask_drafts(
    context: AppContext, account: Account, unit_ids: frozenset[int] | None, now: datetime,
    dossier_ids: frozenset[int] | None = None,
) -> int:  # fmt: skip
    """The letters that these units owe (None = all) and have not; asked for twice within a minute, they are drafted once.

    `dossier_ids`: of these dossiers alone.
    """
    params = scope_params(LetterScope(now, unit_ids, dossier_ids=dossier_ids))
    asked = {"units": params["units"], "dossiers": params["dossiers"]}
    key = key_of("draft_letters", account.login, asked, f"{now:%Y%m%d%H%M}")
    request = WorkRequest(
        "draft_letters", key, params, account.login, unit_id=account.unit_id, priority=BY_PEOPLE
    )
    return ask_for(context, request, action="draft_letters_asked", detail=asked, now=now)
