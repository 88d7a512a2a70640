"""Is it really the person? The password, and the code where the account has a second factor, asked for again.

For what makes an account weaker or outlives its session: a browser left open must not be enough. Knows no page.
"""

from dataclasses import dataclass, field
from datetime import datetime

from app.accounts import password_fits
from app.context import AppContext
from app.factor_key import FactorKeyLost
from app.second_factor import CodeUse, use_code
from tracker.store.people import Account

NO_PASSWORD, WRONG_PASSWORD = "Hãy nhập mật khẩu hiện tại.", "Mật khẩu hiện tại không đúng."
NO_CODE = "Hãy nhập mã."
WRONG_CODE = (
    "Mã không đúng hoặc đã dùng. Hãy xem giờ trên điện thoại có đúng không, đợi mã kế tiếp rồi nhập lại."
)
LOCKED = "Nhập sai nhiều lần nên tài khoản tạm khóa {} phút; chưa có gì thay đổi."
LONGEST_PASSWORD, LONGEST_CODE = 1000, 40


@dataclass(frozen=True, slots=True)
class OwnProof:
    """What was typed to show it."""

    password: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ProofFaults:
    """What is wrong with it, in the user's words; both empty: it is the person."""

    password: str = ""
    code: str = ""

    @property
    def is_proved(self) -> bool:
        """Is it the person?"""
        return not self.password and not self.code


def proof_faults(context: AppContext, account: Account, typed: OwnProof, now: datetime) -> ProofFaults:
    """Check it; a code that fits is used up by that, and a wrong one counts towards the lock of the account."""
    if not typed.password:
        return ProofFaults(password=NO_PASSWORD)
    if not password_fits(account.password_hash, typed.password[:LONGEST_PASSWORD]):
        return ProofFaults(password=WRONG_PASSWORD)
    if not account.second_factor:
        return ProofFaults()
    return ProofFaults(code=_code_fault(context, account, typed.code, now))


def _code_fault(context: AppContext, account: Account, code: str, now: datetime) -> str:
    if not code.strip():
        return NO_CODE
    try:
        use = use_code(context, account, code[:LONGEST_CODE], now)
    except FactorKeyLost as lost:
        return str(lost)
    if use is CodeUse.LOCKED:
        return LOCKED.format(context.config.web.lock_minutes)
    return "" if use.is_good else WRONG_CODE
