"""`dunghen source`: the keys of systems that push their dossiers: made, listed, revoked, given another secret.

A secret is shown once, where it is made, and kept as its hash only.
"""

from typing import Any

import click

from app import key_acts
from app.commands.shared import OPERATOR
from app.context import AppContext
from app.key_acts import KeyWanted
from app.options import common_options
from app.presenters import moment
from tracker.errors import UsageError
from tracker.store import catalogue, reported, source_keys
from tracker.store.session import Session
from tracker.store.source_keys import Key

ALL_UNITS = "Mọi đơn vị"


@click.group("source")
def source() -> None:
    """Nguồn đẩy dữ liệu vào: khóa của các hệ thống một cửa."""


@source.group("key")
def key() -> None:
    """Khóa của hệ thống gửi: thêm, liệt kê, đổi mật khẩu, thu hồi."""


@key.command("add")
@common_options
@click.argument("login")
@click.option("--source", "source_key", default="main", show_default=True, help="Khóa của nguồn.")
@click.option(
    "--unit", "units", multiple=True, help="Mã đơn vị được ghi, cùng mọi đơn vị bên dưới; lặp lại được."
)
@click.option("--all-units", is_flag=True, help="Được ghi hồ sơ của mọi đơn vị.")
@click.pass_obj
def add(context: AppContext, login: str, source_key: str, units: tuple[str, ...], all_units: bool) -> None:
    """Thêm khóa; mật khẩu được sinh ra và chỉ hiện lần này."""
    login = key_acts.checked_login(login)
    if bool(units) is all_units:
        raise UsageError("cần một trong hai: --unit MÃ (lặp lại được) hoặc --all-units")
    with context.store.read() as session:
        codes = tuple(_unit_code(session, unit) for unit in units)
        source_key = key_acts.checked_source(source_key, reported.source_ids(session))
    wanted = KeyWanted(source_key, login, codes, reaches_all=all_units)
    made = key_acts.make_key(context.store, wanted, actor=OPERATOR, now=context.now())
    reach = ", ".join(codes) or ALL_UNITS
    context.answer(
        {"login": login, "source": source_key, "units": list(codes), "secret": made.secret},
        f"Đã thêm khóa {login} của nguồn {source_key} ({reach}).\n{_shown_once(made.secret)}",
    )


@key.command("list")
@common_options
@click.pass_obj
def list_keys(context: AppContext) -> None:
    """Liệt kê khóa, lần dùng cuối; không hiện mật khẩu."""
    with context.store.read() as session:
        keys = source_keys.list_keys(session)
    context.answer(
        {"keys": [_json(each) for each in keys]},
        "\n".join(_line(each) for each in keys) or "Chưa có khóa nào.",
    )


@key.command("passwd")
@common_options
@click.argument("login")
@click.pass_obj
def passwd(context: AppContext, login: str) -> None:
    """Đổi mật khẩu của khóa (dùng lại được nếu đã thu hồi); mọi phiên của nó kết thúc. Mật khẩu mới chỉ hiện lần này."""
    found = _find(context, login)
    secret = key_acts.renew_secret(context.store, found, actor=OPERATOR, now=context.now())
    context.answer(
        {"login": found.login, "secret": secret},
        f"Đã đổi mật khẩu của khóa {found.login}.\n{_shown_once(secret)}",
    )


@key.command("disable")
@common_options
@click.argument("login")
@click.pass_obj
def disable(context: AppContext, login: str) -> None:
    """Thu hồi khóa: không đăng nhập và không gửi được nữa; những gì đã gửi vẫn còn."""
    found = _find(context, login)
    key_acts.revoke_key(context.store, found, actor=OPERATOR, now=context.now())
    context.answer({"login": found.login}, f"Đã thu hồi khóa {found.login}.")


def _unit_code(session: Session, text: str) -> str:
    unit_id = catalogue.find_unit(session, text)
    if unit_id is None:
        raise UsageError(f"không có đơn vị {text}; xem: dunghen units list")
    return catalogue.units(session)[unit_id].code


def _find(context: AppContext, login: str) -> Key:
    with context.store.read() as session:
        found = source_keys.find_key(session, login.strip().lower())
    if found is None:
        raise UsageError(f"không có khóa {login}; xem: dunghen source key list")
    return found


def _shown_once(secret: str) -> str:
    return f"  Mật khẩu (chỉ hiện lần này): {secret}"


def _json(found: Key) -> dict[str, Any]:
    return {
        "login": found.login, "source": found.source, "units": list(found.units), "made_by": found.made_by,
        "made_at": found.made_at.isoformat(), "used_at": found.used_at.isoformat() if found.used_at else None,
        "disabled": found.disabled_at is not None,
    }  # fmt: skip


def _line(found: Key) -> str:
    reach = ", ".join(found.units) or ALL_UNITS
    used = f"dùng lần cuối {moment(found.used_at)}" if found.used_at else "chưa dùng"
    closed = " – đã thu hồi" if found.disabled_at else ""
    return f"{found.login:<20}{found.source:<16}{reach}; {used}{closed}"


COMMANDS = [source]
