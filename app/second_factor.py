"""The second factor: codes by time (RFC 6238) and, in their place, recovery codes; each is good once.

A wrong code counts like a wrong password towards the lock of the account. Knows no page and no session.
"""

import hmac
import re
from datetime import datetime
from enum import StrEnum

from app.accounts import count_failure
from app.context import AppContext
from app.factor_key import FactorKey, factor_key
from app.recovery_codes import as_kept, new_codes
from tracker.store import audit, people, second_factors
from tracker.store.audit import Act
from tracker.store.people import Account
from tracker.store.session import Session

STEP_SECONDS = 30  # RFC 6238, 5.2
# A telephone's clock may be behind or ahead by one step, and typing takes time.
STEPS = (0, -1, 1)
ISSUER = "Đúng Hẹn"


class CodeUse(StrEnum):
    """What came of a code."""

    TAKEN = "code"
    RECOVERY = "recovery"
    WRONG = "wrong"
    LOCKED = "locked"

    @property
    def is_good(self) -> bool:
        """Was it the code of the account?"""
        return self in (CodeUse.TAKEN, CodeUse.RECOVERY)


def step_of(now: datetime) -> int:
    """The interval of 30 seconds since 1970 that a moment lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def new_secret() -> str:
    """A secret of 160 bits as authenticator programs read it (base32)."""
    import pyotp

    return pyotp.random_base32()


def address_of(secret: str, account: Account) -> str:
    """What a telephone reads from the picture (otpauth://)."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=ISSUER)


def fitting_step(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code this is, the present one or one beside it; None: of none."""
    import pyotp

    totp, typed = pyotp.TOTP(secret), re.sub(r"\s", "", code)
    found = [
        step
        for step in (step_of(now) + by for by in STEPS)
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode())
    ]
    return found[0] if found else None


def use_code(context: AppContext, account: Account, code: str, now: datetime) -> CodeUse:
    """Take a code of the account, once; `account` as it was read when the code was asked for.

    Raises:
        FactorKeyLost: its second factor cannot be opened any more.
    """
    if account.locked_until is not None and account.locked_until > now:
        return CodeUse.LOCKED
    if not account.second_factor:
        return CodeUse.WRONG
    key = factor_key(context.data_dir)
    with context.store.transaction() as session:
        use = _taken(session, key, account, code, now)
        if use.is_good and (account.failed_logins or account.locked_until):
            people.record_success(session, account.account_id)
    if use.is_good:
        return use
    locked = count_failure(context.store, context.config.web, account, now)
    return CodeUse.LOCKED if locked else CodeUse.WRONG


def _taken(session: Session, key: FactorKey, account: Account, code: str, now: datetime) -> CodeUse:
    before = account.second_factor_step
    step = fitting_step(key.open(account.second_factor, account.account_id), code, now)
    if step is not None:
        taken = second_factors.take_step(session, account.account_id, before=before, step=step)
        return CodeUse.TAKEN if taken else CodeUse.WRONG
    kept = as_kept(key, account.account_id, code)
    if kept is None or not second_factors.take_code(session, account.account_id, kept, now):
        return CodeUse.WRONG
    # Whoever stood half-way through a log-in, or saw a code of now, begins anew.
    later = max(before + 1, step_of(now))
    second_factors.take_step(session, account.account_id, before=before, step=later)
    return CodeUse.RECOVERY


# ---------------------------------------------------------------- having one


def set_up(
    context: AppContext, account: Account, secret: str, *, step: int, act: Act, salt: str
) -> list[str] | None:
    """Give the account this second factor, end its other sessions, log it; its recovery codes, told this once.

    None: it got one meanwhile by another window.
    """
    key, codes = factor_key(context.data_dir, may_make=True), new_codes()
    sealed = key.seal(secret, account.account_id)
    with context.store.transaction() as session:
        if not second_factors.set_factor(session, account.account_id, sealed, step=step, now=act.at):
            return None
        _keep_codes(session, key, account, codes, act.at)
        people.end_sessions(session, account.account_id, salt)
        audit.append_acts(session, [act])
    return codes


def renew_codes(context: AppContext, account: Account, *, act: Act) -> list[str]:
    """New recovery codes instead of the earlier ones, logged; told this once."""
    key, codes = factor_key(context.data_dir), new_codes()
    with context.store.transaction() as session:
        _keep_codes(session, key, account, codes, act.at)
        audit.append_acts(session, [act])
    return codes


def take_away(session: Session, account_id: int, salt: str) -> None:
    """The account has none any more, and logs in anew."""
    second_factors.clear_factor(session, account_id)
    people.end_sessions(session, account_id, salt)


def _keep_codes(session: Session, key: FactorKey, account: Account, codes: list[str], now: datetime) -> None:
    hashes = [kept for code in codes if (kept := as_kept(key, account.account_id, code))]
    second_factors.replace_codes(session, account.account_id, hashes, now)
