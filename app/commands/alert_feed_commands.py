"""`dunghen alerts feeds` and `alerts feed`: secret links to due dates, listed, made for an account, revoked.

A link is shown once, where it is made, and kept as the hash of its secret only.
"""

from typing import Any

import click

from app import feed_acts
from app.commands.shared import OPERATOR
from app.context import AppContext
from app.feed_acts import FeedMade, FeedWanted
from app.options import common_options
from app.presenters import day, moment
from tracker.errors import UsageError
from tracker.store import catalogue, feed_store, people
from tracker.store.feed_store import SCOPES, UNIT, FeedRow

WHOLE_PROVINCE = "toàn tỉnh"
SCOPE_WORDS = {"person": "hồ sơ của người này", "unit": "hồ sơ của đơn vị"}


@click.command("feeds")
@common_options
@click.pass_obj
def feeds(context: AppContext) -> None:
    """Liệt kê đường dẫn lịch hẹn trả, ngày đọc cuối; không hiện đường dẫn."""
    with context.store.read() as session:
        found = feed_store.list_feeds(session)
    context.answer(
        {"feeds": [_json(each) for each in found]},
        "\n".join(_line(each) for each in found) or "Chưa có đường dẫn nào.",
    )


@click.group("feed")
def feed() -> None:
    """Đường dẫn lịch hẹn trả: tạo cho một tài khoản, thu hồi."""


@feed.command("new")
@common_options
@click.argument("login")
@click.option("--scope", type=click.Choice(SCOPES), required=True, help="Hồ sơ của người ấy, hay của đơn vị.")
@click.option(
    "--unit", help="Mã hoặc tên đơn vị, cùng các đơn vị trực thuộc; mặc định là đơn vị của tài khoản."
)
@click.option("--name", default="", help="Tên lịch.")
@click.pass_obj
def new(context: AppContext, login: str, scope: str, unit: str | None, name: str) -> None:
    """Tạo đường dẫn; chỉ hiện lần này."""
    if unit is not None and scope != UNIT:
        raise UsageError("--unit chỉ đi với --scope unit")
    with context.store.read() as session:
        account = people.find_login(session, login.strip().lower())
        unit_id = None if unit is None else catalogue.find_unit(session, unit)
    if account is None:
        raise UsageError(f"không có tài khoản {login}; xem: dunghen user list")
    if unit is not None and unit_id is None:
        raise UsageError(f"không có đơn vị nào tên hoặc mã {unit!r}")
    wanted = FeedWanted(scope, unit_id, name)
    made = feed_acts.make_feed(context.store, account, wanted, actor=OPERATOR, now=context.now())
    links = {ending: _address(context, made, ending) for ending in ("ics", "atom")}
    context.answer(
        {"feed": made.feed_id, "login": account.login, "scope": scope, "name": made.name, **links},
        f"Đã tạo đường dẫn số {made.feed_id} cho {account.login}: {made.name}\n"
        f"  Lịch (chỉ hiện lần này): {links['ics']}\n  Atom: {links['atom']}\n"
        "  Ai có đường dẫn đều đọc được mã hồ sơ và ngày hẹn, không cần đăng nhập.",
    )


@feed.command("revoke")
@common_options
@click.argument("feed_id", type=click.IntRange(min=1), metavar="ID")
@click.pass_obj
def revoke(context: AppContext, feed_id: int) -> None:
    """Thu hồi đường dẫn: không mở được nữa."""
    with context.store.read() as session:
        found = feed_store.find_feed(session, feed_id)
    if found is None:
        raise UsageError(f"không có đường dẫn số {feed_id}; xem: dunghen alerts feeds")
    was_open = feed_acts.revoke_feed(context.store, found, actor=OPERATOR, now=context.now())
    done = "Đã thu hồi đường dẫn số {}." if was_open else "Đường dẫn số {} đã được thu hồi từ trước."
    context.answer({"feed": feed_id, "revoked": was_open}, done.format(feed_id))


def _address(context: AppContext, made: FeedMade, ending: str) -> str:
    web = context.config.web
    home = web.public_url or f"http://{web.host}:{web.port}"
    return f"{home}/lich-hen/{made.token}.{ending}"


def _json(found: FeedRow) -> dict[str, Any]:
    return {
        "feed": found.feed_id, "login": found.login, "scope": found.scope, "unit": found.unit, "name": found.name,
        "created_at": found.created_at.isoformat(), "used_at": found.used_at.isoformat() if found.used_at else None,
        "revoked_at": found.revoked_at.isoformat() if found.revoked_at else None,
    }  # fmt: skip


def _line(found: FeedRow) -> str:
    used = f"đọc lần cuối {day(found.used_at)}" if found.used_at else "chưa đọc"
    closed = f" – đã thu hồi {moment(found.revoked_at)}" if found.revoked_at else ""
    shows = f"{SCOPE_WORDS[found.scope]} ({found.unit or WHOLE_PROVINCE})"
    return f"{found.feed_id:>4}  {found.login:<20}{found.name}: {shows}; {used}{closed}"


FEED_COMMANDS = [feeds, feed]
