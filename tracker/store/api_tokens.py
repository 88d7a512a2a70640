"""Tokens by which programs call the API in an account's name. Knows no secret, only hashes; scopes mean something in `app`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import ApiToken, User

# Who ended a token that nobody revoked by hand: no login can be one of these.
BY_ROLE, BY_PASSWORD, BY_OWN_PASSWORD = "system:role", "system:password", "system:own_password"


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token with the account it belongs to. `revoked_by` empty: nobody ended it; it may be past its time all the same."""

    token_id: int
    account_id: int
    login: str
    owner: str
    name: str
    prefix: str
    secret_hash: str = field(repr=False)
    scopes: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str

    def is_good(self, now: datetime) -> bool:
        """Does it open anything at this moment, as far as the token itself goes?"""
        return not self.revoked_by and now < self.expires_at


@dataclass(frozen=True, slots=True)
class NewToken:
    """What is needed to keep a token."""

    account_id: int
    name: str
    prefix: str
    secret_hash: str = field(repr=False)
    scopes: tuple[str, ...]
    expires_at: datetime


def add(session: Session, new: NewToken, now: datetime) -> int:
    """Keep a new token; its id."""
    hold(session, Lock.ACCOUNTS)
    number = next_id(session, ApiToken.id)
    row = {
        "id": number, "account_id": new.account_id, "name": new.name, "prefix": new.prefix, "secret_hash": new.secret_hash,
        "scopes": " ".join(new.scopes), "made_at": now, "expires_at": new.expires_at, "last_used_at": None,
        "revoked_at": None, "revoked_by": "",
    }  # fmt: skip
    session.execute(insert(ApiToken), [row])
    return number


def find(session: Session, token_id: int) -> TokenRow | None:
    """The token of this number."""
    return next(iter(_rows(session, _query().where(ApiToken.id == token_id))), None)


def find_prefix(session: Session, prefix: str) -> TokenRow | None:
    """The token that shows this prefix, ended or not."""
    return next(iter(_rows(session, _query().where(ApiToken.prefix == prefix))), None)


def listed(session: Session, account_id: int | None = None) -> list[TokenRow]:
    """The tokens of an account, or of all; newest first."""
    query = _query().order_by(ApiToken.id.desc())
    if account_id is not None:
        query = query.where(ApiToken.account_id == account_id)
    return _rows(session, query)


def count_good(session: Session, account_id: int, now: datetime) -> int:
    """How many tokens of an account still open something."""
    query = select(func.count()).where(
        ApiToken.account_id == account_id, ApiToken.revoked_by == "", ApiToken.expires_at > now
    )
    return int(session.scalar(query) or 0)


def note_use(session: Session, token_id: int, now: datetime) -> None:
    """When it was last used, to the minute."""
    at = now.replace(second=0, microsecond=0)
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=at))


def revoke(session: Session, token_id: int, *, by: str, now: datetime) -> bool:
    """The token opens nothing from now on. False: it was ended before, and that stays as it is."""
    still_good = (ApiToken.id == token_id) & (ApiToken.revoked_by == "")
    done: Any = session.execute(update(ApiToken).where(still_good).values(revoked_by=by, revoked_at=now))
    return bool(done.rowcount)


def end_all(session: Session, account_id: int, by: str) -> int:
    """What the account was given for its old role, or under its old password, opens nothing any more; how many these are.

    Those that were past their time are counted as well.
    """
    of_account = (ApiToken.account_id == account_id) & (ApiToken.revoked_by == "")
    done: Any = session.execute(update(ApiToken).where(of_account).values(revoked_by=by))
    return int(done.rowcount)


def forget_demo_tokens(session: Session) -> None:
    """Remove the tokens of demonstration accounts, before the accounts go."""
    demo = select(User.id).where(User.is_demo)
    for token in session.scalars(select(ApiToken).where(ApiToken.account_id.in_(demo))):
        session.delete(token)
    session.flush()


def _query() -> Any:
    return select(ApiToken, User.login, User.full_name).join(User, User.id == ApiToken.account_id)


def _rows(session: Session, query: Any) -> list[TokenRow]:
    return [
        TokenRow(
            row.id, row.account_id, login, owner, row.name, row.prefix, row.secret_hash, tuple(row.scopes.split()),
            row.made_at, row.expires_at, row.last_used_at, row.revoked_at, row.revoked_by,
        )
        for row, login, owner in session.execute(query)
    ]  # fmt: skip
