"""Accounts as administrators look through them: searched, by role and unit, each with its state and its last log-in.

The last log-in is that of the log, which has an index for it; an account that never logged in has none.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Subquery, func, select, text
from sqlalchemy.orm import Session

from tracker.store.models import AuditEntry, Unit, User
from tracker.text import fold


class AccountState(StrEnum):
    """How an account stands."""

    OPEN = "open"
    LOCKED = "locked"  # for some minutes, by wrong passwords
    FIRST_PASSWORD = "first_password"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which accounts; empty and None = all. `text` is looked for in login, name and address, without accents.

    `unit_ids`: whose own unit is one of these.
    """

    text: str = ""
    role: str = ""
    unit_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """One account of the list; `seen_at` None = it never logged in."""

    account_id: int
    login: str
    full_name: str
    email: str
    role: str
    unit_id: int | None
    unit_name: str | None
    is_demo: bool
    state: AccountState
    has_second_factor: bool
    created_at: datetime
    seen_at: datetime | None


def listed(session: Session, wanted: AccountFilter, now: datetime) -> list[ListedAccount]:
    """The accounts by login name. An office has hundreds of them, so they are read whole and narrowed by name here."""
    seen = _last_seen()
    query = (
        select(User, Unit.name, seen.c.at)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .outerjoin(seen, seen.c.actor == User.login)
        .where(*_conditions(wanted))
        .order_by(User.login)
    )
    found = [_listed(user, unit, at, now) for user, unit, at in session.execute(query)]
    words = fold(wanted.text).split()
    return [each for each in found if all(word in _told(each) for word in words)]


def _told(account: ListedAccount) -> str:
    return fold(f"{account.login} {account.full_name} {account.email}")


def _last_seen() -> Subquery:
    # The text is that of the index: a bound value would hide from the planner that the index holds all it needs.
    query = select(AuditEntry.actor, func.max(AuditEntry.at).label("at")).where(text("action = 'login'"))
    return query.group_by(AuditEntry.actor).subquery("seen")


def _conditions(wanted: AccountFilter) -> list[ColumnElement[bool]]:
    told: list[ColumnElement[bool]] = []
    if wanted.role:
        told.append(User.role == wanted.role)
    if wanted.unit_ids is not None:
        told.append(User.unit_id.in_(sorted(wanted.unit_ids)))
    return told


def state_of(user: User, now: datetime) -> AccountState:
    """How an account stands at a moment."""
    if user.disabled_at is not None:
        return AccountState.CLOSED
    if user.locked_until is not None and user.locked_until > now:
        return AccountState.LOCKED
    return AccountState.FIRST_PASSWORD if user.must_change_password else AccountState.OPEN


def _listed(user: User, unit: str | None, seen_at: datetime | None, now: datetime) -> ListedAccount:
    return ListedAccount(
        user.id, user.login, user.full_name, user.email, user.role, user.unit_id, unit, user.is_demo,
        state_of(user, now), bool(user.second_factor), user.created_at, seen_at,
    )  # fmt: skip
