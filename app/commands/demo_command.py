"""`dunghen demo`: a demonstration province, loaded and served; what `make run` calls."""

from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from app.accounts import DEMO_FILE, create_demo_accounts
from app.asking import ask_for, key_of, new_turn
from app.commands.figure_commands import grouped
from app.commands.serve_command import BESIDE, check_address, serve_forever
from app.commands.shared import OPERATOR
from app.context import AppContext
from app.ingest_plan import ingest_plan
from app.job_runs import ask_by_hand
from app.options import common_options
from app.remedy_acts import RemedyDesk, Seen
from app.remedy_proposals import YearAsked, proposals
from app.tending import tended
from app.works.alerting import composer, look, moment_of, morning_of
from app.works.drafting import letter_policy, noting
from app.works.finding import up_to_date as find_signs
from app.works.forecasting import keep_forecast
from app.works.loading import ingest_params
from letters.issue import draft
from letters.moving import Asker
from letters.register import LetterFolder
from letters.reissue import LetterScope, default_folder
from tracker.pipeline import ingest
from tracker.pipeline.cause_counting import refresh as count_causes
from tracker.pipeline.summaries import refresh
from tracker.store import board, people
from tracker.store.migrate import upgrade
from tracker.store.session import open_store
from tracker.synthetic.generate import generate
from tracker.synthetic.sign_exports import write_series
from tracker.types import VN
from tracker.types.remedies import RemedyTold
from tracker.types.work import WorkRequest

DEMO_SEED = 2022
DEMO_FOLDER = "demo"
SMALL = 0.01
# The small source whose exports of four months show every kind of sign, and how many dossiers of each kind.
EVENINGS = "xuat-hang-dem"
EACH_SIGN = 6
DEMO_DAYS = 7  # a week: on a Monday as on a Sunday some working days have passed since
DEMO_MEASURES = (
    ("Làm việc với các đơn vị đất đai, phân tích rõ trách nhiệm (trình diễn)", date(2023, 7, 15)),
    ("Bố trí thêm người đo đạc, giao chỉ tiêu từng tuần (trình diễn)", date(2023, 12, 31)),
    ("", None),
)
END_OF_2022 = datetime(2022, 12, 31, 23, 59, 59, tzinfo=VN)


@click.command("demo")
@common_options
@click.option("--rows", type=click.IntRange(200), help="Số hồ sơ của dữ liệu trình diễn hiện tại.")
@click.option("--small", is_flag=True, help="Năm 2022 thu nhỏ còn một phần trăm: nạp trong vài giây.")
@click.option("--no-serve", is_flag=True, help="Chỉ nạp, không mở trang web.")
@click.pass_obj
def demo(context: AppContext, rows: int | None, small: bool, no_serve: bool) -> None:
    """Một tỉnh trình diễn: sinh dữ liệu, nạp, soạn thư, mở trang web. Mọi người trong đó đều là bịa."""
    host, port = context.config.web.host, context.config.web.port
    if (context.data_dir / DEMO_FILE).exists():
        # A demonstration of an earlier version holds nothing to be backed up first.
        with closing(open_store(context.config.database_url)) as earlier:
            upgrade(earlier)
    with context.store.read() as session:
        loaded, accounts = board.has_data(session), people.has_usable_demo_accounts(session)
    steps: list[Path] = []
    if not loaded:
        steps = _load(context, rows, SMALL if small else 1.0)
        _tell_of_faults(context)
    for as_of in (END_OF_2022, context.now()):
        _write_letters(context, as_of)
    if not accounts:
        create_demo_accounts(context.store, context.now(), context.data_dir)
    _make_alerts(context)
    # A visitor waits for no more than the first page needs: a worker does the rest behind it.
    _tell_steps(context, steps, later=not no_serve and not small)
    if no_serve:
        _count_behind(context)
    elif not loaded:
        ask_by_hand(context.store, "forecast", context.now().date(), OPERATOR, context.now())
    click.echo((context.data_dir / DEMO_FILE).read_text("utf-8"))
    if not no_serve:
        check_address(context, host)
        with tended(context, BESIDE):
            serve_forever(context, host, port, renews=False)


def _load(context: AppContext, rows: int | None, scale: float) -> list[Path]:
    """Generate and load; the steps of 2022 are left to be loaded."""
    now = context.now()
    folder = context.data_dir / DEMO_FOLDER
    context.progress("Sinh dữ liệu trình diễn: năm 2022 của tỉnh và tỉnh hai cấp hiện nay…")
    year = generate("daklak-2022", folder, rows=None, seed=DEMO_SEED, as_of=now.date(), scale=scale)
    today = generate("today", folder, rows=rows, seed=DEMO_SEED, as_of=now.date())
    load_evenings(context, folder)
    # Of 2022 the provincial file alone: it holds the figures of the founding notice, and a visitor waits half as long.
    of_2022 = [path for path in year.files if path.stem.endswith("-province")]
    plan = ingest_plan(context, "main", paths=(*of_2022, *today.files, *today.progress), now=now)
    report = ingest(context.store, context.config.calendar_key, plan, context.progress)
    context.progress(f"Đã nạp {grouped(report.new)} hồ sơ trong {report.seconds} giây.")
    refresh(context.store, context.now(), context.progress)
    return year.progress


def load_evenings(context: AppContext, folder: Path) -> None:
    """Exports of one small source, each with the moment of its evening: what was moved between them can be seen only so."""
    series = write_series(folder / EVENINGS, DEMO_SEED, EACH_SIGN, every=2)
    for export in series.exports:
        told = (
            [(export.table, True)] if export.steps is None else [(export.table, True), (export.steps, False)]
        )
        for minutes, (path, is_full) in enumerate(told):
            at = export.at + timedelta(minutes=minutes)
            plan = ingest_plan(context, EVENINGS, paths=(path,), now=at, is_full=is_full)
            ingest(context.store, context.config.calendar_key, plan, _quietly)
    context.progress(
        f"Đã nạp {len(series.exports)} tệp xuất buổi tối của một nguồn nhỏ, để xem dấu hiệu dời hạn."
    )


def _quietly(told: str) -> None:
    """Say nothing of each of many small loads."""
    del told


def _tell_steps(context: AppContext, paths: Sequence[Path], *, later: bool) -> None:
    """Load who had which dossier when; no figure changes by it."""
    if not paths:
        return
    now = context.now()
    if later:
        params = ingest_params(paths, "main")
        request = WorkRequest("ingest", key_of("ingest", OPERATOR, params, new_turn()), params, OPERATOR)
        ask_for(context, request, action="ingest_asked", detail={}, now=now)
        context.progress("Các bước xử lý của năm 2022 được nạp tiếp trong khi trang web đã mở.")
        return
    plan = ingest_plan(context, "main", paths=tuple(paths), now=now)
    report = ingest(context.store, context.config.calendar_key, plan, context.progress)
    context.progress(f"Đã nạp {grouped(report.changed)} bước xử lý của năm 2022.")


def _count_behind(context: AppContext) -> None:
    """What a worker would do behind the first page."""
    count_causes(context.store, context.calendars, context.progress)
    find_signs(context, context.progress)
    keep_forecast(context, context.now())


def _tell_of_faults(context: AppContext) -> None:
    """Faults of 2022 as its figures show them, with measures that are made up: one done, one overdue, one not thought out."""
    desk = RemedyDesk(context, Asker(OPERATOR, context.now()))
    found = proposals(context.store, YearAsked(END_OF_2022.year, context.now()))
    shown = (*found.by_field[:1], *found.by_unit[:2])
    for proposal, (measure, due_on) in zip(shown, DEMO_MEASURES, strict=False):
        told = RemedyTold(
            proposal.unit_id, proposal.field_id, proposal.year, proposal.words, measure=measure, due_on=due_on
        )
        number = desk.add(told)
        if proposal.unit_id is None:
            desk.done(Seen(number), date(2023, 7, 14), note="Đã làm việc, có biên bản (trình diễn)")


def _write_letters(context: AppContext, as_of: datetime) -> None:
    """Draft what is owed at a moment; a second start finds nothing left to write."""
    scope = LetterScope(as_of)
    folder = LetterFolder(default_folder(context.data_dir, scope), context.data_dir)
    now = context.now()
    note = noting(scope, OPERATOR, now)
    report = draft(
        context.store, scope, letter_policy(context), folder, now=now, actor=OPERATOR, in_same_step=note
    )
    context.progress(f"Đã soạn {grouped(report.written)} thư xin lỗi tính đến {as_of:%d/%m/%Y}.")


def _make_alerts(context: AppContext) -> None:
    """The alerts of a few days ago, when what the first load brought is told as a whole, and of today, one by one."""
    now = context.now()
    today = now.astimezone(VN).date()
    for day in (today - timedelta(days=DEMO_DAYS), today):
        report = look(context, day, morning_of(day), now, actor=OPERATOR)
        composer(context, day, moment_of(day, now), now).digests()
        context.progress(f"Cảnh báo ngày {day:%d/%m/%Y}: {grouped(report.told)} mốc báo cho người nhận.")


COMMANDS = [demo]
