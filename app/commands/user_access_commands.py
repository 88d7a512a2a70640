"""`dunghen user factor-off`, `user sign-on`: how somebody logs in, changed by the operator of the machine alone."""

import click

from app.accounts import new_salt
from app.commands.shared import OPERATOR
from app.context import AppContext
from app.options import common_options
from app.second_factor import take_away
from tracker.errors import UsageError
from tracker.store import audit, people, second_factors
from tracker.store.audit import Act
from tracker.store.people import Account


@click.command("factor-off")
@common_options
@click.argument("login")
@click.pass_obj
def factor_off(context: AppContext, login: str) -> None:
    """Gỡ xác thực hai bước của người mất điện thoại và mã dự phòng; mọi phiên của tài khoản kết thúc."""
    account = _account(context, login)
    if not account.second_factor:
        raise UsageError(f"tài khoản {account.login} không có xác thực hai bước")
    with context.store.transaction() as session:
        take_away(session, account.account_id, new_salt())
        audit.append_acts(session, [_act(context, "user_factor_off", account)])
    context.answer({"login": account.login, "second_factor": False}, f"Đã gỡ của {account.login}.")


@click.command("sign-on")
@common_options
@click.argument("login")
@click.argument("subject")
@click.pass_obj
def sign_on(context: AppContext, login: str, subject: str) -> None:
    """Gắn tài khoản với mã định danh (sub) ở nơi cấp tài khoản; "" = gỡ. Mọi phiên của tài khoản kết thúc."""
    account, issuer = _account(context, login), context.config.sign_on.issuer
    if not issuer:
        raise UsageError("chưa có nơi cấp tài khoản: điền [sign_on] issuer trong cấu hình")
    if account.is_demo:
        raise UsageError("tài khoản trình diễn không gắn với tài khoản bên ngoài")
    told = f"{issuer} {subject.strip()}" if subject.strip() else ""
    with context.store.transaction() as session:
        second_factors.set_subject(session, account.account_id, told)
        people.end_sessions(session, account.account_id, new_salt())
        audit.append_acts(session, [_act(context, "user_sign_on", account)])
    words = "đã gắn với" if told else "không gắn với"
    context.answer(
        {"login": account.login, "subject": told or None},
        f"{account.login}: {words} {told or 'tài khoản bên ngoài nào'}.",
    )


def _account(context: AppContext, login: str) -> Account:
    with context.store.read() as session:
        account = people.find_login(session, login.strip().lower())
    if account is None:
        raise UsageError(f"không có tài khoản {login}; xem: dunghen user list")
    return account


def _act(context: AppContext, action: str, account: Account) -> Act:
    return Act(context.now(), OPERATOR, action, f"user:{account.account_id}", {})
