"""Accounts: hashing, log-in with lockout, change of password, and the demonstration accounts."""

import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.access import ROLE_NAMES, Role
from app.security import write_secret
from tracker.config import WebConfig
from tracker.errors import UsageError
from tracker.store import api_tokens, audit, people
from tracker.store.audit import Act
from tracker.store.people import Account, NewAccount
from tracker.store.session import Session, Store

MIN_PASSWORD = 10
LOGIN = r"[a-z0-9][a-z0-9._-]{1,49}"
# In the log these are no persons; "operator" is the command line.
NOBODY = "system"
NO_LOGINS = frozenset({"operator", NOBODY, "scheduler", "worker", "dispatcher"})
DEMO_FILE = "demo-accounts.txt"
# Letters and digits that cannot be mistaken for one another when read aloud or copied by hand.
PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

DemoAccount = tuple[str, str, str, str]  # login, password, role, unit


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """What came of a log-in: an account, or a reason that tells a stranger nothing about which part was wrong."""

    account: Account | None
    locked: bool = False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return hash_password(secrets.token_urlsafe())


def hash_password(password: str) -> str:
    """An argon2id hash with its own salt."""
    return _hasher().hash(password)


def password_fits(password_hash: str, password: str) -> bool:
    """Is this the password of the hash?"""
    try:
        return _hasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def new_salt() -> str:
    """A session salt: cookies that carry another one are no longer valid."""
    return secrets.token_hex(16)


def log_in(store: Store, web: WebConfig, *, login: str, password: str, now: datetime) -> LoginAttempt:
    """Check a log-in; wrong passwords are counted and lock the account for a while."""
    with store.read() as session:
        account = people.find_login(session, login.strip().lower())
    fits = password_fits(account.password_hash if account else _nobody(), password)
    if account is None or account.disabled_at is not None:
        return LoginAttempt(None)
    if account.locked_until is not None and account.locked_until > now:
        return LoginAttempt(None, locked=True)
    if not fits:
        return LoginAttempt(None, locked=count_failure(store, web, account, now))
    # With a second factor only its code ends the count: else a known password would make guessing codes free.
    if not account.second_factor and (account.failed_logins or account.locked_until):
        with store.transaction() as session:
            people.record_success(session, account.account_id)
    return LoginAttempt(account)


def count_failure(store: Store, web: WebConfig, account: Account, now: datetime) -> bool:
    """Count a wrong password or code; does that lock the account?"""
    with store.transaction() as session:
        people.record_failure(
            session,
            account.account_id,
            now=now,
            lock_after=web.failed_logins_before_lock,
            lock_minutes=web.lock_minutes,
        )
        counted = people.find_account(session, account.account_id)
        locked = bool(counted and counted.locked_until and counted.locked_until > now)
        if locked:
            act = Act(
                now, NOBODY, "login_locked", f"user:{account.account_id}", {"minutes": web.lock_minutes}
            )
            audit.append_acts(session, [act])
    return locked


def password_fault(password: str, login: str, *, before: str = "") -> str | None:
    """Why a new password is too weak, in the user's words; None if it will do. `before` is the one it replaces."""
    if len(password) < MIN_PASSWORD:
        return f"Mật khẩu cần ít nhất {MIN_PASSWORD} ký tự."
    if login.lower() in password.lower():
        return "Mật khẩu không được chứa tên đăng nhập."
    if len(set(password)) < 5:
        return "Mật khẩu lặp lại quá ít ký tự; hãy dùng một câu dễ nhớ."
    if password == before:
        return "Mật khẩu mới phải khác mật khẩu hiện tại."
    return None


def random_password() -> str:
    """A password to be told to somebody: 12 letters and digits, 59 bits."""
    return "-".join("".join(secrets.choice(PASSWORD_LETTERS) for _ in range(4)) for _ in range(3))


def checked_login(login: str) -> str:
    """A login name as accounts have it.

    Raises:
        UsageError: it cannot be one.
    """
    login = login.strip().lower()
    if not re.fullmatch(LOGIN, login):
        raise UsageError("tên đăng nhập gồm 2-50 chữ thường không dấu, số, dấu chấm, gạch nối")
    if login in NO_LOGINS:
        raise UsageError(f"tên đăng nhập {login} dành cho chương trình; hãy chọn tên khác")
    return login


def checked_email(address: str) -> str:
    """A mail address without blanks around it; empty = none.

    Raises:
        UsageError: it cannot be one.
    """
    address = address.strip()
    if address and not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+", address):
        raise UsageError("địa chỉ thư điện tử không đúng dạng ten@co-quan.vn")
    return address


def require_role(session: Session, login: str, roles: Collection[Role]) -> None:
    """Asked in the transaction of what is done in an account's name: is it open, and of one of these roles, now?

    Raises:
        UsageError: it is not.
    """
    account = people.find_login(session, login)
    if account is None or account.disabled_at is not None or Role(account.role) not in roles:
        raise UsageError("tài khoản này không được đề nghị hay quyết định thay đổi loại này")


def change_password(
    store: Store,
    account: Account,
    password: str,
    act: Act,
    *,
    is_told: bool = False,
    tokens_end_by: str = api_tokens.BY_PASSWORD,
) -> None:
    """Set a new password, end all other sessions and tokens of programs, and write `act` into the log, in one transaction.

    `is_told`: somebody else knows it, so the person has to change it before anything else. `tokens_end_by`: what their
    page will say ended them; empty where the person keeps them.

    Raises:
        UsageError: the password is too weak.
    """
    fault = password_fault(password, account.login)
    if fault:
        raise UsageError(fault)
    hashed = hash_password(password)  # takes its time: before anything is locked
    with store.transaction() as session:
        ended = api_tokens.end_all(session, account.account_id, tokens_end_by) if tokens_end_by else 0
        people.set_password(session, account.account_id, hashed, new_salt(), is_told=is_told)
        told = {"tokens_ended": ended} if ended else {}
        audit.append_acts(session, [replace(act, detail={**act.detail, **told})])


def close(store: Store, account: Account, *, actor: str, reason: str, now: datetime) -> None:
    """Close an account for log-in, end its sessions, and log it. One person is enough: delay would be the danger."""
    with store.transaction() as session:
        people.disable(session, account.account_id, now=now)
        people.end_sessions(session, account.account_id, new_salt())
        detail = {"role": account.role, "reason": reason.strip()}
        audit.append_acts(session, [Act(now, actor, "user_disable", f"user:{account.account_id}", detail)])


# ---------------------------------------------------------------- demonstration


def create_demo_accounts(store: Store, now: datetime, data_dir: Path | None = None) -> list[DemoAccount]:
    """Make one account per role with random passwords; (login, password, role, unit) each.

    Written to `demo-accounts.txt` in `data_dir` where one is given. A second call replaces the accounts and their
    passwords, so the file always tells the truth.
    """
    with store.transaction() as session:
        people.remove_demo_accounts(session)
        desk_unit, head_unit = people.demo_units(session, now)
        units = {Role.DESK: desk_unit, Role.HEAD: head_unit}
        accounts = [_add_demo(session, role, units.get(role), now) for role in Role]
        audit.append_acts(session, [Act(now, NOBODY, "demo_accounts", "users", {"rows": len(accounts)})])
    if data_dir is not None:
        write_secret(data_dir / DEMO_FILE, demo_text(accounts), replace=True)
    return accounts


def _add_demo(session: Session, role: Role, unit: tuple[int, str] | None, now: datetime) -> DemoAccount:
    password = random_password()
    new = NewAccount(
        login=role.value,
        full_name=f"{ROLE_NAMES[role]} (trình diễn)",
        role=role.value,
        unit_id=unit[0] if unit else None,
        password_hash=hash_password(password),
        session_salt=new_salt(),
        is_demo=True,
    )
    people.add_account(session, new, now)
    return role.value, password, ROLE_NAMES[role], unit[1] if unit else "Toàn tỉnh"


def demo_text(accounts: Sequence[DemoAccount]) -> str:
    """The list of demonstration accounts as a person reads it."""
    lines = (f"{login:<10}{password:<18}{role} – {unit}\n" for login, password, role, unit in accounts)
    head = (
        "Tài khoản trình diễn. Chỉ dùng trên máy này; mật khẩu được sinh ngẫu nhiên cho lần cài đặt này.\n\n"
    )
    return head + "".join(lines)
