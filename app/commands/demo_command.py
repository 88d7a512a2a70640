"""`dunghen demo`: a demonstration province, loaded and served; what `make run` calls."""

from pathlib import Path

import click

from app.accounts import create_demo_accounts, demo_text
from app.commands.serve_command import check_address, serve_forever
from app.context import AppContext
from app.options import common_options
from tracker.pipeline import IngestPlan, ingest
from tracker.store import board, people
from tracker.synthetic.generate import generate

DEMO_SEED = 2022
DEMO_FOLDER = "demo"


@click.command("demo")
@common_options
@click.option("--rows", type=click.IntRange(200), help="Số hồ sơ của dữ liệu trình diễn hiện tại.")
@click.option("--small", is_flag=True, help="Năm 2022 thu nhỏ còn một phần trăm: nạp trong vài giây.")
@click.option("--no-serve", is_flag=True, help="Chỉ nạp, không mở trang web.")
@click.pass_obj
def demo(context: AppContext, rows: int | None, small: bool, no_serve: bool) -> None:
    """Một tỉnh trình diễn: sinh dữ liệu, nạp, soạn thư, mở trang web. Mọi người trong đó đều là bịa."""
    host, port = context.config.web.host, context.config.web.port
    with context.store.read() as session:
        loaded, accounts = board.has_data(session), people.has_usable_demo_accounts(session)
    if not loaded:
        _load(context, rows, 0.01 if small else 1.0)
    if not accounts:
        click.echo(demo_text(create_demo_accounts(context.store, context.now(), context.data_dir)))
    else:
        click.echo(f"Tài khoản trình diễn: xem {context.data_dir / 'demo-accounts.txt'}")
    if not no_serve:
        check_address(context, host)
        serve_forever(context, host, port)


def _load(context: AppContext, rows: int | None, scale: float) -> None:
    now = context.now()
    folder = context.data_dir / DEMO_FOLDER
    context.progress("Sinh dữ liệu trình diễn: năm 2022 của tỉnh và tỉnh hai cấp hiện nay…")
    year = generate("daklak-2022", folder, rows=None, seed=DEMO_SEED, as_of=now.date(), scale=scale)
    today = generate("today", folder, rows=rows, seed=DEMO_SEED, as_of=now.date())
    paths: tuple[Path, ...] = (*year.files, *today.files)
    plan = IngestPlan(paths, now, chunk_rows=context.config.ingest.chunk_rows)
    report = ingest(context.store, context.calendar, plan, context.progress)
    context.progress(f"Đã nạp {report.new} hồ sơ trong {report.seconds} giây.")


COMMANDS = [demo]
