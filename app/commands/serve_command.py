"""`dunghen serve`: the web application on waitress."""

import gc
import time
from typing import Any

import click

from app import heap
from app.context import AppContext
from app.one_by_one import in_turn
from app.oplog.serving import serving
from app.options import common_options
from app.renewing import Renewal, begin_anew, taken_over
from app.security import is_loopback
from app.stopping import interrupted_when_told
from app.tending import tended
from tracker.errors import UsageError
from tracker.store import people
from tracker.store.remembered import MIB, ROOM

THREADS = 8
# New objects before the youngest are looked through, and how often the older ones are (Python: 700, 10, 10). What a page was
# made of hangs together (a template's macros know their page) and is let go here alone, so the middle ones are looked
# through once in a hundred pages, all of them once in a thousand: a tenth of a second, for one page.
COLLECT_AFTER = (20_000, 4, 10)
# What runs beside the web with --all: one worker, which also sends messages, and the scheduler.
BESIDE = (("worker",), ("scheduler",))
# Pages of SQLite that a connection keeps: one serves nearly all pages of a process (64 MiB are for those who load).
CACHE_KIB = 16 * 1024
# A few seconds of grace for a slow line; an export of a whole year takes longer to make than to send.
CHANNEL_TIMEOUT_SECONDS = 120


@click.command("serve")
@common_options
@click.option("--host", help="Địa chỉ lắng nghe (mặc định theo cấu hình).")
@click.option("--port", type=click.IntRange(1, 65535), help="Cổng (mặc định theo cấu hình).")
@click.option(
    "--all", "with_all", is_flag=True, help="Chạy kèm một tiến trình làm việc và tiến trình lịch công việc."
)
@click.pass_obj
def serve(context: AppContext, host: str | None, port: int | None, with_all: bool) -> None:
    """Chạy trang web của chương trình."""
    listen_on = host or context.config.web.host
    listen_port = port or context.config.web.port
    check_address(context, listen_on)
    with tended(context, BESIDE if with_all else ()):
        serve_forever(context, listen_on, listen_port, renews=not with_all)


def check_address(context: AppContext, host: str) -> None:
    """Refuse to show demonstration accounts to other machines.

    Raises:
        UsageError: there are usable demonstration accounts and the address is not this machine's own.
    """
    with context.store.read() as session:
        demo = people.has_usable_demo_accounts(session)
    if demo and not is_loopback(host):
        raise UsageError(
            f"Có tài khoản trình diễn nên không mở ra địa chỉ {host}. Khóa chúng trước "
            "(dunghen user disable TÊN), hoặc dùng 127.0.0.1."
        )


def serve_forever(context: AppContext, host: str, port: int, *, renews: bool = True) -> None:
    """Serve until the process is ended; `renews`: it may begin anew in its place when it has grown large."""
    import waitress

    from app.web import create_app

    heap.keep_little()
    ROOM.limit(context.config.web.remembered_mib * MIB)
    context.store.keep_pages(CACHE_KIB)
    application = create_app(context)
    settle()
    running = f"Đúng Hẹn: http://{_shown(host)}:{port} (Ctrl+C để dừng)"
    renewal = Renewal(context, context.config.web.most_mib if renews else 0)
    sockets = taken_over()
    place: dict[str, Any] = {"sockets": sockets} if sockets else {"host": host, "port": port}
    began = time.monotonic()
    with serving(context, "web", running, port=port), interrupted_when_told():
        waitress.serve(
            application, _server=renewal.watched(in_turn), threads=THREADS, ident="dunghen", **place,
            channel_timeout=CHANNEL_TIMEOUT_SECONDS, clear_untrusted_proxy_headers=False,  # app/proxies.py decides whom to believe
        )  # fmt: skip
    if renewal.held is not None:
        begin_anew(context, renewal.held, time.monotonic() - began)


def settle() -> None:
    """What is there now stays: looking through it for garbage stops every page for a tenth of a second, now and then."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


COMMANDS = [serve]
