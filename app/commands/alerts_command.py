"""`dunghen alerts`: make the alerts of a day once, and look at what was told and sent. Rules, leave and feeds: beside."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import click

from app.commands.alert_feed_commands import FEED_COMMANDS
from app.commands.alert_rule_commands import RULE_COMMANDS
from app.commands.outbox_command import row_json, row_line
from app.commands.shared import OPERATOR, note_act
from app.context import AppContext, finish
from app.dispatching import Dispatching
from app.options import DAY, common_options
from app.worker import owner_name
from app.works.alerting import composer, look, moment_of, morning_of
from notifications.alerts.composing import ComposeReport
from notifications.alerts.evaluating import EvaluationReport
from notifications.kinds import ALERT_KINDS
from tracker.errors import UsageError
from tracker.store import outbox_queries
from tracker.store.outbox import MessageState
from tracker.types import VN

SENT = (MessageState.SENT, MessageState.DELIVERED)
FAILED = (MessageState.DEAD, MessageState.UNSURE)
WAITING = (MessageState.WAITING, MessageState.SENDING)


@click.group("alerts")
def alerts() -> None:
    """Cảnh báo: xét một ngày, xem đã báo gì; quy tắc, nghỉ phép, đăng ký lịch hẹn."""


@alerts.command("run")
@click.option("--day", type=DAY, required=True, help="Ngày của cảnh báo: hôm nay hoặc một ngày đã qua.")
@click.option("--dry-run", is_flag=True, help="Chỉ xem sẽ có gì, không ghi và không gửi.")
@click.option("--no-send", is_flag=True, help="Chỉ đưa vào hàng đợi; tiến trình làm việc sẽ gửi.")
@common_options
@click.pass_obj
def run_command(context: AppContext, day: date, dry_run: bool, no_send: bool) -> None:
    """Xét mọi hồ sơ đang mở của một ngày và báo cho người còn xử lý được; chạy lần nữa không báo thêm gì."""
    now = context.now()
    if day > now.astimezone(VN).date():
        raise UsageError(f"ngày {day:%d/%m/%Y} chưa đến")
    report = look(context, day, morning_of(day), now, dry_run=dry_run, actor=OPERATOR)
    made = ComposeReport()
    if not dry_run:
        made = composer(context, day, moment_of(day, now), now).digests()
        if not no_send and made.messages:
            Dispatching(context, owner_name()).run_until_idle()
    states = _states(context, made.messages)
    context.answer(_answer(report, made, states), _told(report, made, states))
    finish(1 if report.nobody or _sum(states, FAILED) else 0)


def _states(context: AppContext, message_ids: Sequence[int]) -> Mapping[str, int]:
    with context.store.read() as session:
        return outbox_queries.states_of(session, message_ids)


def _sum(states: Mapping[str, int], wanted: Sequence[MessageState]) -> int:
    return sum(states.get(state.value, 0) for state in wanted)


def _answer(report: EvaluationReport, made: ComposeReport, states: Mapping[str, int]) -> dict[str, Any]:
    """`created`: alerts claimed; `skipped`: those of them that nobody is told of one by one; `sent`, `failed`, `waiting`:
    the messages of this run by what became of them.
    """
    return {
        "day": report.day.isoformat(), "created": report.created, "sent": _sum(states, SENT),
        "failed": _sum(states, FAILED), "skipped": report.skipped, "looked_at": report.looked_at, "told": report.told,
        "passed": report.passed, "overtaken": report.overtaken, "nobody": report.nobody, "revived": report.revived,
        "messages": len(made.messages), "waiting": _sum(states, WAITING), "dropped": made.dropped,
    }  # fmt: skip


def _told(report: EvaluationReport, made: ComposeReport, states: Mapping[str, int]) -> str:
    lines = [
        f"Ngày {report.day:%d/%m/%Y}: xét {report.looked_at} hồ sơ đang mở, {report.created} mốc mới.",
        f"  báo cho người nhận {report.told}; không báo riêng {report.skipped}"
        f" (qua mốc theo lần nạp {report.passed}, đã có mốc nặng hơn {report.overtaken}, không có người nhận {report.nobody})",
        f"  {len(made.messages)} bản tin: đã gửi {_sum(states, SENT)}, chờ đến giờ {_sum(states, WAITING)}, không gửi được {_sum(states, FAILED)}",
    ]
    if report.nobody:
        lines.append(
            "  Có cảnh báo không có người nhận: hãy mở tài khoản cho đơn vị, hoặc sửa quy tắc cảnh báo."
        )
    return "\n".join(lines)


@alerts.command("outbox")
@click.option(
    "--state", type=click.Choice([state.value for state in MessageState]), help="Chỉ một trạng thái."
)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Số dòng nhiều nhất."
)
@common_options
@click.pass_obj
def outbox_command(context: AppContext, state: str | None, limit: int) -> None:
    """Bản tin và cảnh báo khẩn đã gửi, đang chờ, không gửi được; địa chỉ người nhận luôn được che."""
    with context.store.read() as session:
        found = outbox_queries.list_messages(session, state=state, kinds=ALERT_KINDS, limit=limit)
        counts = outbox_queries.counts_by_state(session, ALERT_KINDS)
    note_act(context, "view", "alerts:outbox", {"rows": len(found)})
    document = {
        "counts": {each.value: counts.get(each.value, 0) for each in MessageState},
        "rows": [row_json(line) for line in found],
    }
    context.answer(document, "\n".join(map(row_line, found)) or "Chưa có bản tin hay cảnh báo nào.")
    finish(1 if counts.get(MessageState.UNSURE) or counts.get(MessageState.DEAD) else 0)


for _command in (*RULE_COMMANDS, *FEED_COMMANDS):
    alerts.add_command(_command)

COMMANDS = [alerts]
