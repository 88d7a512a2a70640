"""Tokens of the API: made by an account for itself, revoked by it or an administrator. Each act is in the log with it.

A secret is handed back once, to whoever made the token; it is kept as its hash and stands in no log.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.api.door import new_secret
from app.api.routes import scopes_of
from app.api.scopes import Scope
from app.reveal import holds_long_number
from tracker.errors import UsageError
from tracker.store import api_tokens, audit
from tracker.store.api_tokens import NewToken, TokenRow
from tracker.store.audit import Act
from tracker.store.people import Account
from tracker.store.session import Session, Store

LONGEST_NAME = 80
MOST_DAYS, USUAL_DAYS = 366, 90
# One for each program and a few more: who needs so many has forgotten to revoke some.
MOST_GOOD = 20
NO_NAME = "hãy ghi khóa này dùng cho chương trình nào"
NO_NUMBERS = "tên khóa không được có số điện thoại hay số định danh"
NO_SCOPES = "hãy chọn ít nhất một quyền"
NOT_YOURS = "vai trò của tài khoản không có quyền: {}"
BAD_DAYS = f"thời hạn của khóa từ 1 đến {MOST_DAYS} ngày"
TOO_MANY = f"tài khoản đã có {MOST_GOOD} khóa đang dùng; hãy thu hồi bớt"


@dataclass(frozen=True, slots=True)
class TokenWanted:
    """What is asked for: what the token is for, what it may do, for how many days."""

    name: str
    scopes: tuple[str, ...]
    days: int = USUAL_DAYS


@dataclass(frozen=True, slots=True)
class TokenMade:
    """The token for the only time."""

    token_id: int
    name: str
    text: str = field(repr=False)


def make_token(store: Store, account: Account, wanted: TokenWanted, *, now: datetime) -> TokenMade:
    """A new token of an account, for itself.

    Raises:
        UsageError: no name, no scope or one that the role does not have, a span that cannot be, enough tokens.
    """
    name, scopes = check_wanted(account, wanted)
    secret = new_secret()
    expires = now + timedelta(days=wanted.days)
    new = NewToken(account.account_id, name, secret.prefix, secret.kept, scopes, expires)
    with store.transaction() as session:
        if api_tokens.count_good(session, account.account_id, now) >= MOST_GOOD:
            raise UsageError(TOO_MANY)
        token_id = api_tokens.add(session, new, now)
        detail = {"of": f"user:{account.account_id}", "scopes": list(scopes), "days": wanted.days}
        _log(session, Act(now, account.login, "api_token_make", f"token:{token_id}", detail))
    return TokenMade(token_id, name, secret.text)


def revoke_token(store: Store, token: TokenRow, *, actor: str, now: datetime) -> bool:
    """The token opens nothing from now on. False: it had ended before, and nothing was done."""
    with store.transaction() as session:
        if not api_tokens.revoke(session, token.token_id, by=actor, now=now):
            return False
        detail: dict[str, Any] = {"of": f"user:{token.account_id}"}
        _log(session, Act(now, actor, "api_token_revoke", f"token:{token.token_id}", detail))
    return True


def check_wanted(account: Account, wanted: TokenWanted) -> tuple[str, tuple[str, ...]]:
    """The name and the scopes as they are kept.

    Raises:
        UsageError: no name, no scope or one that the role does not have, a span that cannot be.
    """
    name = " ".join(wanted.name.split())[:LONGEST_NAME]
    if not name:
        raise UsageError(NO_NAME)
    if holds_long_number(name):
        raise UsageError(NO_NUMBERS)
    if not wanted.scopes:
        raise UsageError(NO_SCOPES)
    own = scopes_of(account.role)
    if strange := [each for each in wanted.scopes if each not in own]:
        raise UsageError(NOT_YOURS.format(", ".join(each[:40] for each in strange)))
    if not 1 <= wanted.days <= MOST_DAYS:
        raise UsageError(BAD_DAYS)
    return name, in_order(wanted.scopes)


def in_order(scopes: Collection[str]) -> tuple[str, ...]:
    """Scopes as the list of all has them, each once."""
    return tuple(scope.value for scope in Scope if scope in scopes)


def shown(session: Session, account: Account, *, all_accounts: bool) -> Sequence[TokenRow]:
    """The own tokens, or those of all accounts."""
    return api_tokens.listed(session, None if all_accounts else account.account_id)


def _log(session: Session, act: Act) -> None:
    audit.append_acts(session, [act])
