"""Accounts as administrators look through them: searched, by role, unit and state, each with its last log-in.

The last log-in is that of the log, which has an index for it; an account that never logged in has none.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, or_, select, text
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

    `unit_ids`: whose own unit is one of these. `unseen_since`: open and without log-in since then. `demo`,
    `without_factor`: only demonstration accounts, only those without a second factor.
    """

    text: str = ""
    role: str = ""
    unit_ids: frozenset[int] | None = None
    state: AccountState | None = None
    unseen_since: datetime | None = None
    demo: bool = False
    without_factor: bool = False


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
        .where(*_conditions(wanted, now, seen))
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


def _conditions(wanted: AccountFilter, now: datetime, seen: Subquery) -> list[ColumnElement[bool]]:
    told: list[ColumnElement[bool]] = []
    if wanted.role:
        told.append(User.role == wanted.role)
    if wanted.unit_ids is not None:
        told.append(User.unit_id.in_(_sorted(wanted.unit_ids)))
    if wanted.state is not None:
        told += _in_state(wanted.state, now)
    if wanted.unseen_since is not None:
        since = wanted.unseen_since
        unseen = or_(seen.c.at < since, seen.c.at.is_(None) & (User.created_at < since))
        told += [User.disabled_at.is_(None), unseen]
    if wanted.demo:
        told += [User.is_demo, User.disabled_at.is_(None)]
    if wanted.without_factor:
        told += [User.second_factor == "", User.disabled_at.is_(None)]
    return told


def _sorted(ids: Collection[int]) -> list[int]:
    return sorted(ids)


def _in_state(state: AccountState, now: datetime) -> list[ColumnElement[bool]]:
    is_locked: Any = User.locked_until.is_not(None) & (User.locked_until > now)
    if state is AccountState.CLOSED:
        return [User.disabled_at.is_not(None)]
    if state is AccountState.LOCKED:
        return [User.disabled_at.is_(None), is_locked]
    told = User.must_change_password if state is AccountState.FIRST_PASSWORD else ~User.must_change_password
    return [User.disabled_at.is_(None), ~is_locked | User.locked_until.is_(None), told]


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
