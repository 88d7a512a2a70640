"""A session from log-in to its end: what the cookie notes of it, and when it is over.

The cookie holds the account's id and salt (flask-login), when the session began and when it was last used. A new salt
ends every session of an account: password, role and unit change it, log-out and closing the account as well.
"""

from flask import session
from flask_login import login_user, logout_user

from app import current
from app.current import SessionUser
from tracker.store.people import Account

BEGAN, SEEN, STRONG, WAY = "began", "seen", "strong", "way"


def begin(account: Account, way: str = "password", *, is_strong: bool = False) -> None:
    """A new session: nothing that was set before the log-in lives on (session fixation).

    `is_strong`: somebody whom the configuration trusts asked for a second factor already.
    """
    session.clear()
    session.permanent = True
    session[BEGAN] = session[SEEN] = _now()
    session[WAY], session[STRONG] = way, is_strong
    login_user(SessionUser(account))


def way() -> str:
    """By what the person logged in."""
    return str(session.get(WAY, ""))


def lacks_factor(account: Account) -> bool:
    """Must this account have a second factor, and has none? A demonstration, on this machine alone, needs none."""
    needed = account.role in current.context().config.web.second_factor_roles
    return needed and not (account.second_factor or account.is_demo or session.get(STRONG))


def renew(account: Account) -> None:
    """Go on with a new salt, after the person changed the own password; the session's age stays."""
    login_user(SessionUser(account))


def is_over() -> bool:
    """Has it been idle too long, or does it last too long altogether? One that says neither is over."""
    web, now = current.context().config.web, _now()
    idle, age = now - int(session.get(SEEN, 0)), now - int(session.get(BEGAN, 0))
    return idle > web.session_minutes * 60 or age > web.session_hours * 3600


def note_use() -> None:
    """Somebody is at work: idle time begins anew."""
    session[SEEN] = _now()


def end() -> None:
    """Forget it on this machine."""
    logout_user()
    session.clear()


def _now() -> int:
    return int(current.now().timestamp())
