"""Changes by two persons of how somebody logs in: a lost second factor is taken away, an account at the provider is named.

Each would let whoever asks in as somebody else, so one person is not enough; the person is told in the program.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.access import ADMINS
from app.accounts import new_salt
from app.second_factor import take_away
from app.two_person_types import Applied, Decision, ToldLine, TwoPersonKind
from notifications.kinds import ChannelName
from notifications.outbox import OutboxDraft, put
from tracker.errors import UsageError
from tracker.store import people, second_factors
from tracker.store.people import Account
from tracker.store.session import Session

ACCOUNT = "tài khoản"
FACTOR_TOLD = (
    "{} đề nghị, {} duyệt gỡ xác thực hai bước của tài khoản {}. Nếu không phải bạn nhờ, hãy đổi mật khẩu ngay và báo thủ "
    "trưởng đơn vị. Hãy cài lại xác thực hai bước ở trang Tài khoản."
)
SUBJECT_TOLD = (
    "{} đề nghị, {} duyệt đổi tài khoản bên ngoài được đăng nhập vào tài khoản {}. Nếu không phải bạn nhờ, hãy báo ngay "
    "thủ trưởng đơn vị; ở trang Tài khoản có thể gỡ."
)


@dataclass(frozen=True, slots=True)
class AccountFactor:
    """A second factor that its owner lost is taken away."""

    account_id: int


@dataclass(frozen=True, slots=True)
class AccountSignOn:
    """Who the account is at the identity provider, as "issuer subject"; empty: nobody."""

    account_id: int
    subject: str


# ---------------------------------------------------------------- a lost second factor


def _before_factor(session: Session, asked: AccountFactor) -> Mapping[str, Any]:
    account = _account(session, asked.account_id)
    if not account.second_factor or account.second_factor_since is None:
        raise UsageError(f"tài khoản {account.login} không có xác thực hai bước")
    # One that was set up since is another one: its owner has it.
    return {"since": account.second_factor_since.isoformat()}


def _apply_factor(session: Session, asked: AccountFactor, decision: Decision) -> Applied:
    account = _account(session, asked.account_id)
    take_away(session, account.account_id, new_salt())
    _tell(session, account, "Đã gỡ xác thực hai bước", FACTOR_TOLD, decision)
    return Applied(f"user:{account.account_id}")


def _tell_factor(session: Session, asked: AccountFactor, _before: Mapping[str, Any]) -> Sequence[ToldLine]:
    login = _login(session, asked.account_id)
    return [ToldLine("Tài khoản", "", login), ToldLine("Xác thực hai bước", "đang bật", "gỡ, cài lại sau")]


# ---------------------------------------------------------------- somebody at the identity provider


def _before_subject(session: Session, asked: AccountSignOn) -> Mapping[str, Any]:
    account = _account(session, asked.account_id)
    if account.is_demo:
        raise UsageError("tài khoản trình diễn không gắn với tài khoản bên ngoài")
    if account.sso_subject == asked.subject:
        raise UsageError("đề nghị không đổi gì: tài khoản bên ngoài vẫn như hiện tại")
    other = second_factors.find_subject(session, asked.subject)
    if other is not None:
        raise UsageError("tài khoản bên ngoài này đã gắn với một tài khoản khác")
    return {"subject": account.sso_subject}


def _apply_subject(session: Session, asked: AccountSignOn, decision: Decision) -> Applied:
    account = _account(session, asked.account_id)
    second_factors.set_subject(session, account.account_id, asked.subject)
    people.end_sessions(session, account.account_id, new_salt())
    _tell(session, account, "Đã đổi tài khoản bên ngoài", SUBJECT_TOLD, decision)
    return Applied(f"user:{account.account_id}")


def _tell_subject(session: Session, asked: AccountSignOn, before: Mapping[str, Any]) -> Sequence[ToldLine]:
    return [
        ToldLine("Tài khoản", "", _login(session, asked.account_id)),
        ToldLine("Tài khoản bên ngoài", before["subject"] or "không có", asked.subject or "không có"),
    ]


# ---------------------------------------------------------------- shared


def _account(session: Session, account_id: int) -> Account:
    account = people.find_account(session, account_id)
    if account is None:
        raise UsageError(f"không có tài khoản số {account_id}")
    return account


def _login(session: Session, account_id: int) -> str:
    account = people.find_account(session, account_id)
    return account.login if account else f"số {account_id} (không còn)"


def _tell(session: Session, account: Account, subject: str, text: str, decision: Decision) -> None:
    """The person learns of it, in the program and where an address is known by mail."""
    told = text.format(decision.asked_by, decision.decided_by, account.login)
    ways = [(ChannelName.IN_APP, f"user:{account.account_id}")]
    ways += [(ChannelName.EMAIL, account.email)] if account.email else []
    for channel, recipient in ways:
        key = f"access_changed:{account.account_id}:{decision.now.isoformat()}:{channel}"
        draft = OutboxDraft("access_changed", key, channel, recipient, subject, told, link="/tai-khoan")
        put(session, draft, decision.now)


def _of(asked: AccountFactor | AccountSignOn) -> str:
    return f"user:{asked.account_id}"


FACTOR_KIND = TwoPersonKind(
    "account_factor", "Gỡ xác thực hai bước", ACCOUNT, ADMINS, AccountFactor,
    _of, _before_factor, _apply_factor, _tell_factor,
)  # fmt: skip
SIGN_ON_KIND = TwoPersonKind(
    "account_sign_on", "Đổi tài khoản bên ngoài", ACCOUNT, ADMINS, AccountSignOn,
    _of, _before_subject, _apply_subject, _tell_subject,
)  # fmt: skip
