"""`dunghen user`: open, list and close accounts, set passwords, roles and addresses; decide what was asked for on the pages.

Who works here has the database itself, so one person is enough; passwords never stand on the command line.
"""

import sys
from typing import Any

import click

from app import two_person
from app.access import ROLE_NAMES, Role
from app.accounts import (
    change_password,
    checked_email,
    checked_login,
    close,
    hash_password,
    new_salt,
    password_fault,
)
from app.calendar_page import STATES
from app.commands.user_access_commands import factor_off, sign_on
from app.context import AppContext
from app.options import common_options
from app.presenters import moment
from app.two_person_kinds import TWO_PERSON_KINDS, AccountRole
from app.two_person_types import Decision
from tracker.errors import UsageError
from tracker.store import audit, catalogue, people
from tracker.store.audit import Act
from tracker.store.people import Account, NewAccount
from tracker.store.session import Session
from tracker.store.two_person import TwoPersonRow

OPERATOR = two_person.OPERATOR.login


_temporary = click.option(
    "--temporary",
    is_flag=True,
    help="Mật khẩu do người khác đặt: người dùng phải đổi khi đăng nhập, trước đó không mở được trang nào.",
)


@click.group("user")
def user() -> None:
    """Tài khoản: thêm, liệt kê, đổi mật khẩu, vai trò, thư điện tử, khóa; duyệt đề nghị từ trang quản trị."""


@user.command("add")
@common_options
@click.argument("login")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="Vai trò.")
@click.option("--name", default="", help="Họ tên.")
@click.option("--unit", "unit_code", help="Mã đơn vị (bỏ trống = toàn tỉnh).")
@click.option("--email", default="", help="Địa chỉ nhận thông báo của cơ quan.")
@_temporary
@click.pass_obj
def add(
    context: AppContext, login: str, role: str, name: str, unit_code: str | None, email: str, temporary: bool
) -> None:
    """Thêm tài khoản; mật khẩu được hỏi, hoặc đọc một dòng từ đầu vào chuẩn."""
    login, email = checked_login(login), checked_email(email)
    password = _ask_password(login)
    with context.store.transaction() as session:
        if people.find_login(session, login):
            raise UsageError(f"đã có tài khoản {login}")
        unit_id = _unit_id(session, unit_code)
        new = NewAccount(
            login, name or login, role, unit_id, hash_password(password), new_salt(), email=email,
            must_change_password=temporary,
        )  # fmt: skip
        account_id = people.add_account(session, new, context.now())
        _log(context, session, "user_add", account_id, role=role, unit=unit_id)
    context.answer(
        {"login": login, "role": role, "unit": unit_code}, f"Đã thêm {login} ({ROLE_NAMES[Role(role)]})."
    )


@user.command("passwd")
@common_options
@click.argument("login")
@_temporary
@click.pass_obj
def passwd(context: AppContext, login: str, temporary: bool) -> None:
    """Đặt mật khẩu mới; mọi phiên đăng nhập của tài khoản kết thúc, khóa tạm được gỡ."""
    account = _account(context, login)
    detail = {"role": account.role}
    act = Act(context.now(), OPERATOR, "user_passwd", f"user:{account.account_id}", detail)
    change_password(context.store, account, _ask_password(account.login), act, is_told=temporary)
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
            "email": account.email, "demo": account.is_demo, "disabled": account.disabled_at is not None,
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
    close(context.store, account, actor=OPERATOR, reason="", now=context.now())
    context.answer({"login": account.login}, f"Đã khóa {account.login}.")


@user.command("role")
@common_options
@click.argument("login")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="Vai trò mới.")
@click.option("--unit", "unit_code", help="Mã đơn vị mới.")
@click.option("--whole-province", is_flag=True, help="Thấy toàn tỉnh, không theo đơn vị.")
@click.pass_obj
def role(
    context: AppContext, login: str, role: str | None, unit_code: str | None, whole_province: bool
) -> None:
    """Đổi vai trò, phạm vi; mọi phiên đăng nhập của tài khoản kết thúc."""
    if unit_code and whole_province:
        raise UsageError("chỉ dùng một trong --unit và --whole-province")
    account, kind = _account(context, login), TWO_PERSON_KINDS["account_role"]
    with context.store.transaction() as session:
        unit_id = account.unit_id if not unit_code else _unit_id(session, unit_code)
        asked = AccountRole(account.account_id, role or account.role, None if whole_province else unit_id)
        kind.before(session, asked)
        kind.apply(session, asked, Decision(OPERATOR, OPERATOR, "", context.now()))
        before, after = ({"role": each.role, "unit": each.unit_id} for each in (account, asked))
        _log(context, session, "user_role", account.account_id, before=before, after=after)
    now = _account(context, login)
    scope = now.unit_name or "Toàn tỉnh"
    context.answer(
        {"login": now.login, "role": now.role, "unit": now.unit_name},
        f"{now.login}: {ROLE_NAMES[Role(now.role)]}, {scope}.",
    )


@user.command("email")
@common_options
@click.argument("login")
@click.argument("address")
@click.pass_obj
def email(context: AppContext, login: str, address: str) -> None:
    """Đặt địa chỉ nhận thông báo của cơ quan; "" = không nhận."""
    account, address = _account(context, login), checked_email(address)
    with context.store.transaction() as session:
        people.set_email(session, account.account_id, address)
        before, after = ("set" if each else "none" for each in (account.email, address))
        _log(context, session, "user_email", account.account_id, before=before, after=after)
    context.answer(
        {"login": account.login, "email": address}, f"{account.login}: {address or 'không có địa chỉ'}."
    )


# ---------------------------------------------------------------- what was asked for on the pages


@user.command("changes")
@common_options
@click.pass_obj
def changes(context: AppContext) -> None:
    """Đề nghị cần hai người (tài khoản, phiên bản tiêu chí, kết quả công bố), đề nghị đang chờ đứng trước."""
    rows = two_person.changes(context.store)
    context.answer(
        {"changes": [_change_json(context, row) for row in rows]},
        "\n".join(_change_text(context, row) for row in rows) or "Chưa có đề nghị nào.",
    )


@user.command("approve")
@common_options
@click.argument("change_id", metavar="N", type=int)
@click.pass_obj
def approve(context: AppContext, change_id: int) -> None:
    """Duyệt một đề nghị, với tư cách người vận hành máy; mật khẩu ban đầu chỉ hiện lần này."""
    done = two_person.approve(context.store, change_id, person=two_person.OPERATOR, now=context.now())
    text = _change_text(context, done.change)
    if done.told_once:
        text += f"\n  Mật khẩu ban đầu (chỉ hiện lần này, phải đổi khi đăng nhập): {done.told_once}"
    context.answer({**_change_json(context, done.change), "password": done.told_once or None}, text)


@user.command("reject")
@common_options
@click.argument("change_id", metavar="N", type=int)
@click.option("--note", required=True, help="Vì sao.")
@click.pass_obj
def reject(context: AppContext, change_id: int, note: str) -> None:
    """Từ chối một đề nghị, với tư cách người vận hành máy."""
    row = two_person.reject(
        context.store, change_id, person=two_person.OPERATOR, now=context.now(), note=note
    )
    context.answer(_change_json(context, row), _change_text(context, row))


def _change_json(context: AppContext, row: TwoPersonRow) -> dict[str, Any]:
    return {
        "change": row.change_id, "kind": row.asked.kind, "subject": row.asked.subject, "state": row.state.value,
        "lines": [
            {"label": line.label, "before": line.before, "after": line.after}
            for line in two_person.told(context.store, row)
        ],
        "reason": row.asked.reason, "proposed_by": row.asked.proposed_by,
        "proposed_at": row.proposed_at.isoformat(), "decided_by": row.decided_by,
        "decided_at": row.decided_at.isoformat() if row.decided_at else None, "note": row.note,
    }  # fmt: skip


def _change_text(context: AppContext, row: TwoPersonRow) -> str:
    head = f"Đề nghị số {row.change_id} ({STATES[row.state].word.lower()}): {two_person.title(row)}"
    who = f"  {row.asked.proposed_by} đề nghị {moment(row.proposed_at)}: {row.asked.reason}"
    lines = [
        f"  {line.label}: {line.before + ' → ' if line.before else ''}{line.after}"
        for line in two_person.told(context.store, row)
    ]
    return "\n".join([head, *lines, who])


def _account(context: AppContext, login: str) -> Account:
    with context.store.read() as session:
        account = people.find_login(session, login.strip().lower())
    if account is None:
        raise UsageError(f"không có tài khoản {login}")
    return account


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


def _log(context: AppContext, session: Session, action: str, account_id: int, **detail: Any) -> None:
    """Roles, ids of units, and whether there is an address; never a name or the address itself."""
    audit.append_acts(session, [Act(context.now(), OPERATOR, action, f"user:{account_id}", detail)])


def _line(account: Account) -> str:
    notes = f" <{account.email}>" if account.email else ""
    notes += (" (trình diễn)" if account.is_demo else "") + (" – đã khóa" if account.disabled_at else "")
    return f"{account.login:<16}{ROLE_NAMES[Role(account.role)]:<24}{account.unit_name or 'Toàn tỉnh'}{notes}"


for each in (factor_off, sign_on):
    user.add_command(each)
COMMANDS = [user]
