"""Between password and code: nobody is logged in yet. The cookie notes whose password fitted, for five minutes.

It is bound to what stood then: another password, a code used meanwhile (by whoever else stands here), a closed or
demonstration account far away, or too long a wait, and it is worth nothing.
"""

from datetime import timedelta

from flask import request, session

from app import current
from app.proxies import is_from_this_machine
from tracker.store import people
from tracker.store.people import Account

KEY = "halfway"
LASTS = timedelta(minutes=5)


def begin(account: Account, way: str) -> None:
    """The first step was right, by this way; whatever the session held before is gone."""
    session.clear()
    session[KEY] = {
        "account": account.account_id,
        "salt": account.session_salt,
        "step": account.second_factor_step,
        "at": int(current.now().timestamp()),
        "way": way,
    }


def way() -> str:
    """By what the first step was made."""
    return str((session.get(KEY) or {}).get("way", ""))


def account() -> Account | None:
    """Who stands half-way, if what the first step rested on still stands."""
    noted = session.get(KEY)
    if not isinstance(noted, dict) or not _is_young(noted):
        return None
    with current.context().store.read() as db:
        found = people.find_account(db, int(noted["account"]))
    if found is None or found.disabled_at is not None or not found.second_factor:
        return None
    if found.session_salt != noted["salt"] or found.second_factor_step != noted["step"]:
        return None
    if found.is_demo and not is_from_this_machine(request.environ):
        return None
    return found


def _is_young(noted: dict[str, object]) -> bool:
    at = noted.get("at")
    age = int(current.now().timestamp()) - at if isinstance(at, int) else -1
    return 0 <= age <= LASTS.total_seconds()
