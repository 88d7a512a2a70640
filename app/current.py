"""What a request works with: the context, the account behind it, its units, and the log of what it saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import current_app, g, has_request_context, request
from flask_login import UserMixin, current_user
from werkzeug.exceptions import abort

from app.access import sees_names
from app.context import AppContext
from app.pages import permission_of
from tracker.store import audit, catalogue
from tracker.store.audit import Act
from tracker.store.people import Account, Reader

EXTENSION = "dunghen"


class SessionUser(UserMixin):
    """The logged-in account for flask-login; the cookie carries its id and session salt."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def get_id(self) -> str:
        """Id and salt: a changed password ends all sessions."""
        return f"{self.account.account_id}.{self.account.session_salt}"


@dataclass(frozen=True, slots=True)
class Caller:
    """The program behind a request of the API: its account, its token, and whether that may read names."""

    account: Account
    token_id: int
    names: bool


def caller() -> Caller | None:
    """The program that calls; None on a page."""
    return cast("Caller | None", g.get("caller"))


def context() -> AppContext:
    """The context that the application was made with."""
    return cast(AppContext, current_app.extensions[EXTENSION])


def memory() -> dict[Any, Any] | None:
    """What this request remembers while it only reads; None for one that may change what it read."""
    if not has_request_context() or request.method not in ("GET", "HEAD"):
        return None
    return cast("dict[Any, Any]", g.setdefault("remembered", {}))


def now() -> datetime:
    """One instant for the whole request."""
    if "now" not in g:
        g.now = context().now()
    return cast(datetime, g.now)


def account() -> Account:
    """The account that is logged in, or whose token calls; only behind the guard."""
    if (calling := caller()) is not None:
        return calling.account
    return cast(SessionUser, current_user).account


def names_visible() -> bool:
    """May this account read applicants' names in full? A program only where its token says so as well."""
    if (calling := caller()) is not None:
        return calling.names and sees_names(calling.account.role)
    return current_user.is_authenticated and sees_names(account().role)


def hold() -> None:
    """What a request reads that only reads is of one snapshot; one that writes takes a new one for each step.

    A store that nobody opened yet stays closed: there are answers that need none.
    """
    if request.method in ("GET", "HEAD") and "store" in vars(context()):
        context().store.hold()


def let_go(_error: BaseException | None = None) -> None:
    """The end of `hold`, whatever came of the request."""
    if "store" in vars(context()):
        context().store.let_go()


def remember(reader: Reader) -> None:
    """What came along with the account, as long as the page is made."""
    kept = memory()
    if kept is not None:
        kept["scope", reader.account.account_id] = reader.unit_ids
        kept["unread", reader.account.account_id] = reader.unread


def scope() -> frozenset[int] | None:
    """The ids of the units this account may look at; None = the whole province."""
    whose = ("scope", account().account_id)
    if "scope" not in g and (kept := memory()) is not None and whose in kept:
        g.scope = kept[whose]
    if "scope" not in g:
        unit_id = account().unit_id
        with context().store.read() as session:
            g.scope = None if unit_id is None else catalogue.unit_subtree(session, unit_id)
    return cast("frozenset[int] | None", g.scope)


def units_asked(unit_id: int | None) -> frozenset[int] | None:
    """The units asked for, as far as the account may see them; 404 for a unit of others and for none at all.

    What is asked for is logged, so it has to be a unit: another number might be somebody's telephone.
    """
    own = scope()
    if unit_id is None:
        return own
    if own is not None and unit_id not in own:
        abort(404)
    with context().store.read() as session:
        known, wanted = catalogue.units(session), catalogue.unit_subtree(session, unit_id)
    if unit_id not in known:
        abort(404)
    return wanted if own is None else wanted & own


def log(
    action: str, subject: str, detail: Mapping[str, Any] | None = None, *, actor: str | None = None
) -> None:
    """Write to the log what this account did; `detail` holds ids, counts and filters only.

    That somebody looked at a page waits for no disk; what leaves the program, and what somebody did, is there for good.
    """
    told = act(action, subject, {**(detail or {}), **context().told_source()}, actor=actor)
    audit.append_alone(context().store, told, lasting=not _only_looks())


def _only_looks() -> bool:
    permission = permission_of(current_app, request.endpoint or "")
    if caller() is not None:
        return False
    return request.method in ("GET", "HEAD") and permission is not None and not permission.here_only


def act(
    action: str, subject: str, detail: Mapping[str, Any] | None = None, *, actor: str | None = None
) -> Act:
    """The same as a value, for the transaction of what was done."""
    return Act(now(), actor or account().login, action, subject, detail or {})
