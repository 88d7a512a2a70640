"""`dunghen user`: open, list and close accounts, set passwords. Passwords never stand on the command line."""

import re
import sys

import click

from app.access import ROLE_NAMES, Role
from app.accounts import change_password, hash_password, new_salt, password_fault
from app.context import AppContext
from app.options import common_options
from tracker.errors import UsageError
from tracker.store import audit, catalogue, people
from tracker.store.audit import Act
from tracker.store.people import Account, NewAccount
from tracker.store.session import Session

OPERATOR = "operator"
LOGIN = r"[a-z0-9][a-z0-9._-]{1,49}"


@click.group("user")
def user() -> None:
    """Tài khoản: thêm, liệt kê, đổi mật khẩu, khóa."""


@user.command("add")
@common_options
@click.argument("login")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="Vai trò.")
@click.option("--name", default="", help="Họ tên.")
@click.option("--unit", "unit_code", help="Mã đơn vị (bỏ trống = toàn tỉnh).")
@click.pass_obj
def add(context: AppContext, login: str, role: str, name: str, unit_code: str | None) -> None:
    """Thêm tài khoản; mật khẩu được hỏi, hoặc đọc một dòng từ đầu vào chuẩn."""
    login = _checked_login(login)
    password = _ask_password(login)
    with context.store.transaction() as session:
        if people.find_login(session, login):
            raise UsageError(f"đã có tài khoản {login}")
        unit_id = _unit_id(session, unit_code)
        new = NewAccount(login, name or login, role, unit_id, hash_password(password), new_salt())
        account_id = people.add_account(session, new, context.now())
        _log(context, session, "user_add", account_id, role)
    context.answer(
        {"login": login, "role": role, "unit": unit_code}, f"Đã thêm {login} ({ROLE_NAMES[Role(role)]})."
    )


@user.command("passwd")
@common_options
@click.argument("login")
@click.pass_obj
def passwd(context: AppContext, login: str) -> None:
    """Đặt mật khẩu mới; mọi phiên đăng nhập của tài khoản kết thúc, khóa tạm được gỡ."""
    account = _account(context, login)
    change_password(context.store, account, _ask_password(account.login))
    with context.store.transaction() as session:
        _log(context, session, "user_passwd", account.account_id, account.role)
    context.answer({"login": account.login}, f"Đã đổi mật khẩu của {account.login}.")


@user.command("list")
@common_options
@click.pass_obj
def list_users(context: AppContext) -> None:
    """Liệt kê tài khoản."""
    with context.store.read() as session:
        accounts = people.list_accounts(session)
    listed = [
        {
            "login": account.login, "name": account.full_name, "role": account.role, "unit": account.unit_name,
            "demo": account.is_demo, "disabled": account.disabled_at is not None,
        }
        for account in accounts
    ]  # fmt: skip
    context.answer(
        {"users": listed}, "\n".join(_line(account) for account in accounts) or "Chưa có tài khoản nào."
    )


@user.command("disable")
@common_options
@click.argument("login")
@click.pass_obj
def disable(context: AppContext, login: str) -> None:
    """Khóa tài khoản; nhật ký của tài khoản được giữ."""
    account = _account(context, login)
    with context.store.transaction() as session:
        people.disable(session, account.account_id, now=context.now())
        people.end_sessions(session, account.account_id, new_salt())
        _log(context, session, "user_disable", account.account_id, account.role)
    context.answer({"login": account.login}, f"Đã khóa {account.login}.")


def _account(context: AppContext, login: str) -> Account:
    with context.store.read() as session:
        account = people.find_login(session, login.strip().lower())
    if account is None:
        raise UsageError(f"không có tài khoản {login}")
    return account


def _checked_login(login: str) -> str:
    login = login.strip().lower()
    if not re.fullmatch(LOGIN, login):
        raise UsageError("tên đăng nhập gồm 2-50 chữ thường không dấu, số, dấu chấm, gạch nối")
    return login


def _unit_id(session: Session, code: str | None) -> int | None:
    if code is None:
        return None
    unit_id = catalogue.find_unit(session, code)
    if unit_id is None:
        raise UsageError(f"không có đơn vị {code}; xem: dunghen units list")
    return unit_id


def _ask_password(login: str) -> str:
    if sys.stdin.isatty():
        password = click.prompt("Mật khẩu", hide_input=True, confirmation_prompt="Nhập lại", err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    fault = password_fault(password, login)
    if fault:
        raise UsageError(fault)
    return password


def _log(context: AppContext, session: Session, action: str, account_id: int, role: str) -> None:
    act = Act(context.now(), OPERATOR, action, f"user:{account_id}", {"role": role})
    audit.append_acts(session, [act])


def _line(account: Account) -> str:
    notes = (" (trình diễn)" if account.is_demo else "") + (" – đã khóa" if account.disabled_at else "")
    return f"{account.login:<16}{ROLE_NAMES[Role(account.role)]:<24}{account.unit_name or 'Toàn tỉnh'}{notes}"


COMMANDS = [user]
