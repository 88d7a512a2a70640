"""What two persons change: one entry a kind. Each says what stands now, how it is applied, and how a person reads it.

A change whose delay would be the danger (closing an account) needs one person only and is none of these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.access import ADMINS, ROLE_NAMES, Role
from app.access_changes import FACTOR_KIND, SIGN_ON_KIND, AccountFactor, AccountSignOn
from app.accounts import checked_email, checked_login, hash_password, new_salt, random_password
from app.edition_changes import EDITION_KIND, EditionSet
from app.two_person_types import Applied, Decision, ToldLine, TwoPersonKind
from tracker.errors import UsageError
from tracker.store import catalogue, people
from tracker.store.people import Account, NewAccount
from tracker.store.session import Session

WHOLE_PROVINCE = "Toàn tỉnh"
ACCOUNT = "tài khoản"


@dataclass(frozen=True, slots=True)
class AccountNew:
    """A new account; its first password is made when it is approved."""

    login: str
    full_name: str
    email: str
    role: str
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class AccountRole:
    """Another role or scope of an account."""

    account_id: int
    role: str
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class AccountOpen:
    """A closed account is opened again."""

    account_id: int


Payload = AccountNew | AccountRole | AccountOpen | AccountFactor | AccountSignOn | EditionSet


def write(payload: Payload) -> Mapping[str, Any]:
    """A payload as plain JSON values."""
    return asdict(payload)


# ---------------------------------------------------------------- a new account


def _before_new(session: Session, new: AccountNew) -> Mapping[str, Any]:
    if checked_login(new.login) != new.login or checked_email(new.email) != new.email:
        raise UsageError("tên đăng nhập hoặc địa chỉ thư không đúng dạng")
    if not new.full_name.strip():
        raise UsageError("thiếu họ tên")
    if people.find_login(session, new.login):
        raise UsageError(f"đã có tài khoản {new.login}")
    _check(session, new.role, new.unit_id)
    return {}


def _apply_new(session: Session, new: AccountNew, decision: Decision) -> Applied:
    password = random_password()
    account = NewAccount(
        login=new.login,
        full_name=new.full_name,
        role=new.role,
        unit_id=new.unit_id,
        password_hash=hash_password(password),
        session_salt=new_salt(),
        email=new.email,
        must_change_password=True,
    )
    account_id = people.add_account(session, account, decision.now)
    return Applied(f"user:{account_id}", password)


def _tell_new(session: Session, new: AccountNew, _before: Mapping[str, Any]) -> Sequence[ToldLine]:
    return [
        ToldLine("Tên đăng nhập", "", new.login),
        ToldLine("Họ tên", "", new.full_name),
        ToldLine("Thư điện tử", "", new.email or "không có"),
        ToldLine("Vai trò", "", ROLE_NAMES[Role(new.role)]),
        ToldLine("Phạm vi", "", _scope(session, new.unit_id)),
    ]


# ---------------------------------------------------------------- another role


def _before_role(session: Session, asked: AccountRole) -> Mapping[str, Any]:
    account = _account(session, asked.account_id)
    if account.disabled_at is not None:
        raise UsageError(f"tài khoản {account.login} đã khóa; hãy mở lại trước")
    _check(session, asked.role, asked.unit_id)
    if (account.role, account.unit_id) == (asked.role, asked.unit_id):
        raise UsageError("đề nghị không đổi gì: vai trò và phạm vi vẫn như hiện tại")
    return {"role": account.role, "unit_id": account.unit_id}


def _apply_role(session: Session, asked: AccountRole, _decision: Decision) -> Applied:
    people.set_role(
        session, asked.account_id, role=asked.role, unit_id=asked.unit_id, session_salt=new_salt()
    )
    return Applied(_of_account(asked))


def _tell_role(session: Session, asked: AccountRole, before: Mapping[str, Any]) -> Sequence[ToldLine]:
    return [
        ToldLine("Tài khoản", "", _login(session, asked.account_id)),
        ToldLine("Vai trò", ROLE_NAMES[Role(before["role"])], ROLE_NAMES[Role(asked.role)]),
        ToldLine("Phạm vi", _scope(session, before["unit_id"]), _scope(session, asked.unit_id)),
    ]


# ---------------------------------------------------------------- opening a closed one


def _before_open(session: Session, asked: AccountOpen) -> Mapping[str, Any]:
    account = _account(session, asked.account_id)
    if account.disabled_at is None:
        raise UsageError(f"tài khoản {account.login} không bị khóa")
    return {"role": account.role, "unit_id": account.unit_id}


def _apply_open(session: Session, asked: AccountOpen, _decision: Decision) -> Applied:
    people.enable(session, asked.account_id, new_salt())
    return Applied(_of_account(asked))


def _tell_open(session: Session, asked: AccountOpen, before: Mapping[str, Any]) -> Sequence[ToldLine]:
    return [
        ToldLine("Tài khoản", "", _login(session, asked.account_id)),
        ToldLine("Tình trạng", "đã khóa", "mở lại, mật khẩu cũ"),
        ToldLine("Vai trò", "", ROLE_NAMES[Role(before["role"])]),
        ToldLine("Phạm vi", "", _scope(session, before["unit_id"])),
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


def _check(session: Session, role: str, unit_id: int | None) -> None:
    if role not in set(Role):
        raise UsageError(f"không có vai trò {role}")
    if unit_id is not None and unit_id not in catalogue.units(session):
        raise UsageError(f"không có đơn vị số {unit_id}")


def _scope(session: Session, unit_id: int | None) -> str:
    if unit_id is None:
        return WHOLE_PROVINCE
    unit = catalogue.units(session).get(unit_id)
    return unit.name if unit else f"đơn vị số {unit_id}"


def _of_account(asked: AccountRole | AccountOpen) -> str:
    return f"user:{asked.account_id}"


TWO_PERSON_KINDS: Mapping[str, TwoPersonKind] = {
    kind.name: kind
    for kind in (
        TwoPersonKind(
            "account_new", "Tài khoản mới", ACCOUNT, ADMINS, AccountNew,
            lambda new: f"login:{new.login}", _before_new, _apply_new, _tell_new,
        ),
        TwoPersonKind(
            "account_role", "Đổi vai trò, phạm vi", ACCOUNT, ADMINS, AccountRole,
            _of_account, _before_role, _apply_role, _tell_role,
        ),
        TwoPersonKind(
            "account_open", "Mở lại tài khoản", ACCOUNT, ADMINS, AccountOpen,
            _of_account, _before_open, _apply_open, _tell_open,
        ),
        FACTOR_KIND,
        SIGN_ON_KIND,
        EDITION_KIND,
    )
}  # fmt: skip
KIND_OF: Mapping[type[Payload], TwoPersonKind] = {kind.payload: kind for kind in TWO_PERSON_KINDS.values()}
