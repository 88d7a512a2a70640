"""Accounts in the store: find, add, lock, disable.

Knows no password, only hashes; who may do what stands in `app/access.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Select, bindparam, func, select, update
from sqlalchemy.orm import Session

from tracker.errors import UsageError
from tracker.store import (
    alert_store,
    api_tokens,
    batches,
    catalogue,
    feed_store,
    inbox,
    second_factors,
)
from tracker.store.locks import Lock, hold
from tracker.store.models import Dossier, Unit, User
from tracker.store.models.base import Instant
from tracker.store.ready import Ready, as_moment
from tracker.store.session import MARK, MARK_QUERY, tell


@dataclass(frozen=True, slots=True)
class Account:
    """An account as pages and commands see it; `unit_id` None = the whole province."""

    account_id: int
    login: str
    full_name: str
    email: str
    role: str
    unit_id: int | None
    unit_name: str | None
    password_hash: str
    session_salt: str
    is_demo: bool
    failed_logins: int
    locked_until: datetime | None
    disabled_at: datetime | None
    must_change_password: bool
    # The secret of the second factor, as it is kept; empty: none. The last 30 seconds whose code was taken.
    second_factor: str = field(repr=False)
    second_factor_since: datetime | None
    second_factor_step: int
    sso_subject: str  # "issuer subject"; empty: nobody at the identity provider


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is needed to open an account."""

    login: str
    full_name: str
    role: str
    unit_id: int | None
    password_hash: str
    session_salt: str
    is_demo: bool = False
    email: str = ""
    must_change_password: bool = False


def _accounts() -> Any:
    told = (getattr(User, name) for name in _TOLD)
    return select(User.id, *told, Unit.name).outerjoin(Unit, Unit.id == User.unit_id)


# Columns that an account has under the same name. Plain values: an object of the mapper for each request is dear.
_TOLD = (
    "login", "full_name", "email", "role", "unit_id", "password_hash", "session_salt", "is_demo", "failed_logins",
    "locked_until", "disabled_at", "must_change_password", "second_factor", "second_factor_since", "second_factor_step",
    "sso_subject",
)  # fmt: skip


def _as_told(value: Any) -> Any:
    return value


# How the columns of `_TOLD` are read where the database's own values come.
_READS: dict[type, Callable[[Any], Any]] = {Instant: as_moment, Boolean: bool}
_READ = [_READS.get(type(User.__table__.c[name].type), _as_told) for name in _TOLD]


def _account(row: Any) -> Account:
    account_id, *told, unit_name = row
    return Account(account_id=account_id, unit_name=unit_name, **dict(zip(_TOLD, told, strict=True)))


def find_login(session: Session, login: str) -> Account | None:
    """The account with this login name, disabled ones too."""
    row = session.execute(_accounts().where(User.login == login)).one_or_none()
    return _account(row) if row else None


def find_account(session: Session, account_id: int) -> Account | None:
    """The account with this id."""
    row = session.execute(_accounts().where(User.id == account_id)).one_or_none()
    return _account(row) if row else None


@dataclass(frozen=True, slots=True)
class Reader:
    """An account with what every page asks of it: units it may look at (None = all), messages unread up to a cap."""

    account: Account
    unit_ids: frozenset[int] | None
    unread: int


def find_reader(session: Session, account_id: int, *, cap: int) -> Reader | None:
    """The account with this id and what its pages need, by one question; the mark of the reference data comes along."""
    rows = _readers(cap).rows(session, {"account_id": account_id})
    if not rows:
        return None
    row = tuple(rows[0])
    told, (unit_name, unread, first, last, mark) = row[1:-5], row[-5:]
    batches.tell_first_and_last(session, as_moment(first), as_moment(last))
    tell(session, MARK, mark)
    found = _account((account_id, *(read(value) for read, value in zip(_READ, told, strict=True)), unit_name))
    unit_ids = None if found.unit_id is None else catalogue.unit_subtree(session, found.unit_id)
    return Reader(found, unit_ids, unread)


@cache
def _readers(cap: int) -> Ready:
    """Made once: it is asked by every page, and making it costs more than asking it."""
    account_id: Any = bindparam("account_id", type_=BigInteger)
    query: Select[Any] = _accounts().where(User.id == account_id)
    query = query.add_columns(inbox.unread_query(account_id, cap=cap).scalar_subquery())
    return Ready(batches.with_first_and_last(query).add_columns(MARK_QUERY.scalar_subquery()))


def list_accounts(session: Session) -> list[Account]:
    """All accounts by login name."""
    return [_account(row) for row in session.execute(_accounts().order_by(User.login))]


def has_usable_demo_accounts(session: Session) -> bool:
    """Are there demonstration accounts that somebody could log in with?"""
    found = select(User.id).where(User.is_demo, User.disabled_at.is_(None)).limit(1)
    return session.execute(found).first() is not None


def add_account(session: Session, new: NewAccount, now: datetime) -> int:
    """Open an account; its id.

    Raises:
        UsageError: there is one with this login name.
    """
    hold(session, Lock.ACCOUNTS)
    if find_login(session, new.login):
        raise UsageError(f"đã có tài khoản {new.login}")
    account_id = int(session.scalar(select(func.coalesce(func.max(User.id), 0))) or 0) + 1
    session.add(
        User(
            id=account_id,
            login=new.login,
            full_name=new.full_name,
            email=new.email,
            role=new.role,
            unit_id=new.unit_id,
            password_hash=new.password_hash,
            is_demo=new.is_demo,
            disabled_at=None,
            created_at=now,
            failed_logins=0,
            locked_until=None,
            session_salt=new.session_salt,
            must_change_password=new.must_change_password,
        )
    )
    session.flush()
    return account_id


def demo_units(session: Session, now: datetime) -> tuple[tuple[int, str] | None, tuple[int, str] | None]:
    """Units for the demonstration's desk and head, as (id, name): the one with most dossiers yet to come due, and
    its parent.
    """
    busiest = (
        select(Dossier.resolving_unit_id)
        .where(Dossier.ended_at.is_(None), Dossier.source_due_at >= now)
        .where(Dossier.resolving_unit_id.is_not(None))
        .group_by(Dossier.resolving_unit_id)
        .order_by(func.count().desc(), Dossier.resolving_unit_id)
        .limit(1)
    )
    unit_id = session.scalar(busiest)
    unit = session.get(Unit, unit_id) if unit_id is not None else None
    if unit is None:
        return None, None
    parent = session.get(Unit, unit.parent_id) if unit.parent_id is not None else None
    return (unit.id, unit.name), ((parent.id, parent.name) if parent else (unit.id, unit.name))


def remove_demo_accounts(session: Session) -> None:
    """Forget all demonstration accounts, so that a new set with new passwords can be made."""
    hold(session, Lock.ACCOUNTS)
    inbox.forget_demo_inboxes(session)
    feed_store.forget_demo_feeds(session)
    alert_store.forget_demo_alerts(session)
    api_tokens.forget_demo_tokens(session)
    second_factors.forget_demo_codes(session)
    for user in session.scalars(select(User).where(User.is_demo)):
        session.delete(user)
    session.flush()


def record_failure(
    session: Session, account_id: int, *, now: datetime, lock_after: int, lock_minutes: int
) -> None:
    """Count a wrong password; at `lock_after` in a row the account is locked for `lock_minutes`."""
    # The row is held: guesses that come in at once are counted one by one.
    user = session.get_one(User, account_id, with_for_update=True)
    user.failed_logins += 1
    if user.failed_logins >= lock_after:
        user.failed_logins = 0
        user.locked_until = now + timedelta(minutes=lock_minutes)


def record_success(session: Session, account_id: int) -> None:
    """Forget earlier wrong passwords."""
    session.execute(update(User).where(User.id == account_id).values(failed_logins=0, locked_until=None))


def set_password(
    session: Session, account_id: int, password_hash: str, session_salt: str, *, is_told: bool = False
) -> None:
    """A new password; the new salt ends all sessions, a lock is lifted. `is_told`: somebody else knows it."""
    session.execute(
        update(User)
        .where(User.id == account_id)
        .values(
            password_hash=password_hash,
            session_salt=session_salt,
            failed_logins=0,
            locked_until=None,
            must_change_password=is_told,
        )
    )
    if is_told:
        api_tokens.end_all(session, account_id, api_tokens.BY_PASSWORD)


def end_sessions(session: Session, account_id: int, session_salt: str) -> None:
    """End every session of the account: cookies carry the old salt."""
    session.execute(update(User).where(User.id == account_id).values(session_salt=session_salt))


def set_role(session: Session, account_id: int, *, role: str, unit_id: int | None, session_salt: str) -> None:
    """Another role and scope; whoever is logged in has to log in anew, and tokens of programs end."""
    session.execute(
        update(User)
        .where(User.id == account_id)
        .values(role=role, unit_id=unit_id, session_salt=session_salt)
    )
    api_tokens.end_all(session, account_id, api_tokens.BY_ROLE)


def set_email(session: Session, account_id: int, address: str) -> None:
    """Where the office's messages to this person go; empty: nowhere."""
    session.execute(update(User).where(User.id == account_id).values(email=address))


def disable(session: Session, account_id: int, *, now: datetime) -> None:
    """Close the account for log-in and end its tokens; it stays for the log's sake."""
    session.execute(update(User).where(User.id == account_id).values(disabled_at=now))
    api_tokens.end_all(session, account_id, api_tokens.BY_ROLE)


def enable(session: Session, account_id: int, session_salt: str) -> None:
    """Open a closed account again; sessions from before stay ended."""
    session.execute(
        update(User)
        .where(User.id == account_id)
        .values(disabled_at=None, session_salt=session_salt, failed_logins=0, locked_until=None)
    )
