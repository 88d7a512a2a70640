"""`dunghen source`: the keys of systems that push their dossiers: made, listed, closed, given another secret.

A secret is shown once, where it is made, and kept as its hash only.
"""

import re
from datetime import datetime
from typing import Any

import click

from app.commands.shared import OPERATOR
from app.context import AppContext
from app.options import common_options
from app.presenters import moment
from app.receiver_keys import LOGIN, hash_secret, new_secret
from tracker.errors import UsageError
from tracker.store import audit, catalogue, source_keys
from tracker.store.audit import Act
from tracker.store.session import Session
from tracker.store.source_keys import Key, NewKey

ALL_UNITS = "Mọi đơn vị"


@click.group("source")
def source() -> None:
    """Nguồn đẩy dữ liệu vào: khóa của các hệ thống một cửa."""


@source.group("key")
def key() -> None:
    """Khóa của hệ thống gửi: thêm, liệt kê, đổi mật khẩu, khóa lại."""


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
    login = _checked_login(login)
    if bool(units) is all_units:
        raise UsageError("cần một trong hai: --unit MÃ (lặp lại được) hoặc --all-units")
    with context.store.read() as session:
        codes = tuple(_unit_code(session, unit) for unit in units)
    secret, now = new_secret(), context.now()
    new = NewKey(source_key, login, hash_secret(secret), codes, OPERATOR)

    def log(session: Session, key_id: int) -> None:
        _log(session, now, "source_key_add", key_id, source=source_key, units=list(codes))

    source_keys.make_key(context.store, new, now, log=log)
    reach = ", ".join(codes) or ALL_UNITS
    context.answer(
        {"login": login, "source": source_key, "units": list(codes), "secret": secret},
        f"Đã thêm khóa {login} của nguồn {source_key} ({reach}).\n{_shown_once(secret)}",
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
    """Đổi mật khẩu của khóa (mở lại nếu đang khóa); mọi phiên của nó kết thúc. Mật khẩu mới chỉ hiện lần này."""
    secret = new_secret()
    hashed = hash_secret(secret)  # takes its time: before anything is locked
    with context.store.transaction() as session:
        found = _find(session, login)
        source_keys.set_secret(session, found.key_id, hashed)
        _log(session, context.now(), "source_key_passwd", found.key_id)
    context.answer(
        {"login": found.login, "secret": secret},
        f"Đã đổi mật khẩu của khóa {found.login}.\n{_shown_once(secret)}",
    )


@key.command("disable")
@common_options
@click.argument("login")
@click.pass_obj
def disable(context: AppContext, login: str) -> None:
    """Khóa lại: không đăng nhập và không gửi được nữa; những gì đã gửi vẫn còn."""
    with context.store.transaction() as session:
        found = _find(session, login)
        source_keys.disable(session, found.key_id, context.now())
        _log(session, context.now(), "source_key_disable", found.key_id)
    context.answer({"login": found.login}, f"Đã khóa {found.login}.")


def _checked_login(login: str) -> str:
    login = login.strip().lower()
    if not re.fullmatch(LOGIN, login):
        raise UsageError("tên khóa gồm 2-50 chữ thường không dấu, số, dấu chấm, gạch nối")
    return login


def _unit_code(session: Session, text: str) -> str:
    unit_id = catalogue.find_unit(session, text)
    if unit_id is None:
        raise UsageError(f"không có đơn vị {text}; xem: dunghen units list")
    return catalogue.units(session)[unit_id].code


def _find(session: Session, login: str) -> Key:
    found = source_keys.find_key(session, login.strip().lower())
    if found is None:
        raise UsageError(f"không có khóa {login}; xem: dunghen source key list")
    return found


def _log(session: Session, now: datetime, action: str, key_id: int, **detail: Any) -> None:
    audit.append_acts(session, [Act(now, OPERATOR, action, f"source_key:{key_id}", detail)])


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
    closed = " – đã khóa" if found.disabled_at else ""
    return f"{found.login:<20}{found.source:<16}{reach}; {used}{closed}"


COMMANDS = [source]
