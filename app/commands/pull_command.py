"""`dunghen pull`: ask other systems for their dossiers now, or show how the last pulls went."""

from dataclasses import asdict
from threading import Event
from typing import Any

import click

from app.commands.shared import OPERATOR, moment_text
from app.context import AppContext, finish
from app.options import common_options
from app.works.pulling import find_connector, page_words, pull_connector
from tracker.errors import ConfigurationError, SourceFailed, TrackerError, UsageError
from tracker.pipeline.pulling import PullReport, PullWatch
from tracker.store import pull_marks
from tracker.store.pull_marks import PullState


@click.command("pull")
@common_options
@click.argument("connector", required=False)
@click.option("--status", is_flag=True, help="Chỉ xem các lần hỏi gần nhất, không hỏi ai.")
@click.pass_obj
def pull_command(context: AppContext, connector: str | None, status: bool) -> None:
    """Hỏi hồ sơ của các hệ thống nguồn khai báo ở [pull] connectors; một hệ thống, hoặc lần lượt tất cả."""
    names = [find_connector(context, connector).name] if connector else _all(context)
    if status:
        _show(context, names)
    elif connector:
        report = _pull(context, connector)
        context.answer({"pulls": [_json(report)]}, _told(report))
        finish(1 if report.rejected else 0)
    else:
        _pull_all(context, names)


def _all(context: AppContext) -> list[str]:
    names = [one.name for one in context.config.pull.connectors]
    if not names:
        raise UsageError("chưa khai báo hệ thống nguồn nào ở [pull] connectors của tệp cấu hình")
    return names


def _pull(context: AppContext, name: str) -> PullReport:
    watch = PullWatch(context.now, lambda page: context.progress(page_words(page)), lambda _session: None)

    def wait(seconds: float) -> None:
        context.progress(f"{name}: đang bận hoặc đứt kết nối, chờ {seconds:g} giây rồi hỏi lại")
        Event().wait(seconds)

    return pull_connector(context, name, watch, wait, actor=OPERATOR)


def _pull_all(context: AppContext, names: list[str]) -> None:
    """One after the other; a system that cannot be asked does not keep us from the others."""
    rows, lines, status = [], [], 0
    for name in names:
        try:
            report = _pull(context, name)
        except (SourceFailed, ConfigurationError) as fault:
            rows.append({"connector": name, "fault": str(fault)})
            lines.append(_fault_line(fault))
            status = 3
        else:
            rows.append(_json(report))
            lines.append(_told(report))
            status = max(status, 1 if report.rejected else 0)
    context.answer({"pulls": rows}, "\n".join(lines))
    finish(status)


def _fault_line(fault: TrackerError) -> str:
    return f"LỖI: {fault}"


def _json(report: PullReport) -> dict[str, Any]:
    return {**asdict(report), "fault": None}


def _told(report: PullReport) -> str:
    if not report.pages:
        return f"{report.connector}: không có gì mới."
    return (
        f"{report.connector} ({report.pages} trang): đọc {report.read} = mới {report.new} + đổi {report.changed}"
        f" + không đổi {report.unchanged} + cũ hơn {report.stale} + không dùng được {report.rejected}"
        + (
            f"; chưa lấy {report.left_out} hồ sơ chưa được tiếp nhận nên chưa có số"
            if report.left_out
            else ""
        )
    )


# ---------------------------------------------------------------- status


def _show(context: AppContext, names: list[str]) -> None:
    with context.store.read() as session:
        states = pull_marks.pull_states(session)
    rows = [_state_json(context, name, states.get(name)) for name in names]
    context.answer({"connectors": rows}, "\n".join(map(_state_line, rows)))
    finish(1 if any(row["fault"] for row in rows) else 0)


def _state_json(context: AppContext, name: str, state: PullState | None) -> dict[str, Any]:
    connector = find_connector(context, name)
    return {
        "connector": name,
        "kind": connector.kind,
        "source": connector.source,
        "tried_at": moment_text(state.tried_at) if state and state.tried_at else None,
        "done_at": moment_text(state.done_at) if state and state.done_at else None,
        "fault": state.fault if state else "",
    }


def _state_line(row: dict[str, Any]) -> str:
    done = f"đọc xong lúc {row['done_at']}" if row["done_at"] else "chưa đọc xong lần nào"
    fault = f"; lần thử {row['tried_at']} lỗi: {row['fault']}" if row["fault"] else ""
    return f"{row['connector']} ({row['kind']}, nguồn {row['source']}): {done}{fault}"


COMMANDS = [pull_command]
