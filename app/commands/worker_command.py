"""`dunghen worker`: a process that does long work and sends messages; `dunghen work`: the table of long work."""

from threading import Event, Thread
from typing import Any

import click

from app import oplog, work_page
from app.alive import Alive
from app.commands.shared import OPERATOR, moment_text
from app.context import AppContext, finish
from app.dispatching import DATABASE_WAIT_SECONDS, IDLE_SECONDS, Dispatching
from app.jobs import job_times
from app.oplog.serving import serving
from app.options import common_options
from app.stopping import stop_when_told
from app.tending import stop_with_parent
from app.watchdog import Watchdog
from app.work_kinds import WORK_KINDS
from app.worker import Worker, owner_name
from app.works.alerting import Rounds
from app.works.cause_counting import ask_for_causes
from app.works.finding import ask_for_findings
from app.works.searching import ask_for_keys
from app.works.summing import ask_for_summaries
from app.works.watching import FolderWatch
from tracker.errors import OutdatedProgram, UsageError
from tracker.store import audit, work
from tracker.store.audit import Act
from tracker.types.work import WorkRow, WorkState

ONLY = ("work", "outbox")
SHOWN = 50


@click.command("worker")
@common_options
@click.option(
    "--only", type=click.Choice(ONLY), help="Chỉ làm việc lâu (work), hoặc chỉ gửi thông báo (outbox)."
)
@click.option("--once", is_flag=True, help="Làm một việc (và gửi một thông báo) rồi kết thúc.")
@click.option("--until-idle", is_flag=True, help="Làm đến khi không còn gì làm được ngay, rồi kết thúc.")
@click.pass_obj
def worker(context: AppContext, only: str | None, once: bool, until_idle: bool) -> None:
    """Làm những việc lâu (nạp tệp, xuất danh sách dài, tính lại lịch…) và gửi thông báo. Chạy bao nhiêu tiến trình cũng được."""
    owner = owner_name()
    job_times(context.config.schedule)  # a name that no job has is told now, not each minute by the watchdog
    if once or until_idle:
        _for_a_while(context, owner, only, once=once)
        return
    running = "Tiến trình làm việc đang chạy (Ctrl+C để dừng; việc đang làm sẽ được trả lại)."
    with serving(context, "dispatcher" if only == "outbox" else "worker", running), stop_when_told() as stop:
        stop_with_parent(stop)
        _run_forever(context, owner, only, stop)


def _for_a_while(context: AppContext, owner: str, only: str | None, *, once: bool) -> None:
    done = sent = 0
    if only != "outbox":
        own = Worker(context, owner)
        done = int(own.run_once(context.now())) if once else own.run_until_idle()
    if only != "work":
        dispatching = Dispatching(context, owner)
        sent = int(dispatching.run_once()) if once else dispatching.run_until_idle()
    context.answer({"done": done, "sent": sent}, f"Đã làm {done} việc, xử lý {sent} thông báo.")


def _run_forever(context: AppContext, owner: str, only: str | None, stop: Event) -> None:
    """Both at once, each in a thread of its own: a mail server that does not answer keeps no work waiting."""
    context.store.give_way()
    outdated: list[OutdatedProgram] = []
    if only == "outbox":
        dispatch_forever(context, owner, stop, outdated)
        _require_none(outdated)
        return
    sending = Thread(
        target=dispatch_forever, args=(context, f"{owner}-outbox", stop, outdated), name="outbox"
    )
    if only is None:
        sending.start()
    try:
        Worker(
            context,
            owner,
            chores=(
                Watchdog().watch,
                FolderWatch().watch,
                Rounds().ask,
                ask_for_summaries,
                ask_for_causes,
                ask_for_keys,
                ask_for_findings,
            ),
        ).run_forever(stop)
    finally:  # half a process would look alive and work no more: whoever tends it has to see its end
        stop.set()
        if only is None:
            sending.join()
    _require_none(outdated)


def _require_none(outdated: list[OutdatedProgram]) -> None:
    if outdated:
        raise outdated[0]


def dispatch_forever(
    context: AppContext, owner: str, stop: Event, outdated: list[OutdatedProgram] | None = None
) -> None:
    """Send what lies in the outbox until told to stop, whatever happens in between; but for a database that was migrated
    meanwhile, which ends the whole process and is put into `outdated`.
    """
    alive = Alive(context, owner, "dispatcher")
    dispatching: Dispatching | None = None  # kept: it remembers what was sent while the database was away
    while not stop.is_set():
        try:
            dispatching = dispatching or Dispatching(context, owner)
            while not stop.is_set():
                alive.beat()
                stop.wait(0.0 if dispatching.run_once() else IDLE_SECONDS)
        except Exception as error:
            oplog.write("loop_failed", error=error)
            if isinstance(error, OutdatedProgram):  # the other half of this process has to end as well
                if outdated is not None:
                    outdated.append(error)
                stop.set()
                return
        stop.wait(DATABASE_WAIT_SECONDS)
    alive.goodbye()


# ---------------------------------------------------------------- the table


@click.group("work")
def work_group() -> None:
    """Những việc lâu: xem, dừng, làm lại."""


@work_group.command("list")
@common_options
@click.option(
    "--state", type=click.Choice([state.value for state in WorkState]), help="Chỉ ở trạng thái này."
)
@click.pass_obj
def list_command(context: AppContext, state: str | None) -> None:
    """Các việc mới nhất, với trạng thái và tiến độ."""
    states = (WorkState(state),) if state else ()
    with context.store.read() as session:
        rows = work.list_work(session, states=states, limit=SHOWN)
        counts = work.count_by_state(session)
    document = {
        "counts": {state.value: count for state, count in counts.items()},
        "work": [_row_json(row) for row in rows],
    }
    context.answer(document, "\n".join(map(_line, rows)) or "Không có việc nào.")
    finish(1 if counts[WorkState.DEAD] else 0)


@work_group.command("show")
@common_options
@click.argument("work_id", type=int)
@click.pass_obj
def show_command(context: AppContext, work_id: int) -> None:
    """Một việc: các lần thực hiện, kết quả, lỗi."""
    with context.store.read() as session:
        row = _found(work.find_work(session, work_id), work_id)
        attempts = work.attempts_of(session, work_id)
    told = [
        {
            "seq": each.seq, "owner": each.owner, "started_at": moment_text(each.started_at),
            "ended_at": moment_text(each.ended_at), "outcome": each.outcome.value, "fault": each.fault,
        }
        for each in attempts
    ]  # fmt: skip
    lines = [_line(row)] + [
        f"  lần {each.seq}: {work_page.OUTCOMES[each.outcome]} ({each.owner}) {each.fault}"
        for each in attempts
    ]
    document = {**_row_json(row), "params": row.params, "result": row.result, "attempts": told}
    context.answer(document, "\n".join(lines))


@work_group.command("cancel")
@common_options
@click.argument("work_id", type=int)
@click.pass_obj
def cancel_command(context: AppContext, work_id: int) -> None:
    """Dừng một việc: đang chờ thì dừng ngay, đang làm thì dừng ở bước kế tiếp; việc không làm được thì bỏ qua."""
    _by_hand(context, work_id, "work_cancel")


@work_group.command("retry")
@common_options
@click.argument("work_id", type=int)
@click.pass_obj
def retry_command(context: AppContext, work_id: int) -> None:
    """Làm lại một việc đã dừng hẳn hoặc đã bị dừng."""
    _by_hand(context, work_id, "work_retry")


def _by_hand(context: AppContext, work_id: int, action: str) -> None:
    now, act = context.now(), work.request_cancel if action == "work_cancel" else work.retry
    with context.store.transaction() as session:
        before = _found(work.find_work(session, work_id), work_id)
        if action == "work_retry" and (kind := WORK_KINDS.get(before.kind)) and kind.is_personal:
            raise UsageError(f"việc số {work_id} nhân danh {before.asked_by}: chỉ người này được cho làm lại")
        act(session, work_id, now)
        detail = {"kind": before.kind, "before": before.state.value, "attempts": before.attempts}
        audit.append_acts(session, [Act(now, OPERATOR, action, f"work:{work_id}", detail)])
        row = _found(work.find_work(session, work_id), work_id)
    context.answer(_row_json(row), _line(row))


def _found(row: WorkRow | None, work_id: int) -> WorkRow:
    if row is None:
        raise UsageError(f"không có việc số {work_id}")
    return row


def _row_json(row: WorkRow) -> dict[str, Any]:
    return {
        "work": row.work_id, "kind": row.kind, "known": row.kind in WORK_KINDS, "state": row.state.value,
        "asked_by": row.asked_by, "asked_at": moment_text(row.asked_at), "attempts": row.attempts,
        "done": row.progress.done, "total": row.progress.total, "told": row.progress.told,
        "started_at": moment_text(row.started_at), "ended_at": moment_text(row.ended_at),
        "not_before": moment_text(row.not_before), "fault": row.fault, "fault_code": row.fault_code,
    }  # fmt: skip


def _line(row: WorkRow) -> str:
    state = work_page.STATES[row.state].word.lower()
    more = row.fault or row.progress.told or ", ".join(work_page.result_words(row))
    return f"{row.work_id:>6}  {state:<22} {work_page.title_of(row)} ({row.asked_by}) {more}".rstrip()


COMMANDS = [worker, work_group]
