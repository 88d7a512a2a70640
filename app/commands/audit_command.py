"""`dunghen audit`: look at the log, seal it, and check that nobody has changed, cut or rewritten it."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app import log_check
from app.commands.case_commands import CASE_COMMANDS
from app.commands.finding_commands import FINDING_COMMANDS
from app.commands.pack_commands import PACK_COMMANDS, verify_pack
from app.commands.shared import OPERATOR, moment_text, note_act
from app.commands.time_inputs import day_close
from app.context import AppContext, finish
from app.options import common_options
from app.seal_files import seals_in
from app.sealing import seal_day
from tracker.errors import UsageError
from tracker.measures.log_chain import Seal, read_seal_lines
from tracker.store import audit
from tracker.store.audit import ActFilter, Logged, SealRow


@click.group("audit")
def audit_group() -> None:
    """Nhật ký: xem, niêm phong, kiểm tra."""


@audit_group.command("verify")
@common_options
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--line", "lines", multiple=True, metavar="TEXT", help="Dòng niêm phong giữ bên ngoài; có thể lặp lại."
)
@click.option(
    "--seals", "files", multiple=True, metavar="FILE", type=click.Path(path_type=Path),
    help="Tệp, thư hoặc thư mục có các dòng niêm phong giữ bên ngoài.",
)  # fmt: skip
@click.option(
    "--key", metavar="FILE|DẤU VÂN TAY",
    help="Khóa phải ký gói: tệp khóa công khai hoặc dấu vân tay (mặc định: các khóa trong sổ khóa ở đây).",
)  # fmt: skip
@click.pass_obj
def verify(
    context: AppContext, file: Path | None, lines: tuple[str, ...], files: tuple[Path, ...], key: str | None
) -> None:
    """Kiểm tra nhật ký (chuỗi và các niêm phong), hoặc gói chứng cứ FILE.zip: gói có bị sửa sau khi ký, và ai ký.

    Với dòng niêm phong giữ bên ngoài thì thấy cả nhật ký bị viết lại hay cắt đuôi. Không ghi gì; gói được kiểm tra ngay
    cả trên máy không có dữ liệu.
    """
    outside = (*_typed(lines), *(seal for path in files for seal in seals_in(path)))
    if file is not None:
        verify_pack(context, file, outside, key)
        return
    if key is not None:
        raise UsageError("--key chỉ dùng khi kiểm tra gói chứng cứ: cần tên tệp gói")
    with context.store.read() as session:
        report = audit.verify(
            session, outside, lambda count: context.progress(f"Đã đọc {log_check.counted(count)}")
        )
    found = log_check.document(report)
    context.answer(found, "\n".join(log_check.told(found)))
    finish(0 if found["ok"] else 1)


def _typed(lines: tuple[str, ...]) -> list[Seal]:
    found = []
    for line in lines:
        seals = read_seal_lines(line)
        if not seals:
            raise UsageError("--line không phải một dòng niêm phong (DUNGHEN-NK …)")
        found += seals
    return found


@audit_group.command("seal")
@common_options
@click.option("--day", help="Ngày cần niêm phong (mặc định: hôm nay, nhật ký như lúc này).")
@click.pass_obj
def seal(context: AppContext, day: str | None) -> None:
    """Niêm phong nhật ký của một ngày, một lần; gọi lại thì trả lời bằng niêm phong đã có."""
    now = context.now()
    wanted = day_close(day, "day").date() if day else now.date()
    with context.store.transaction() as session:
        row = seal_day(session, context.config, wanted, now)
        if row.is_new:
            act = audit.Act(
                now, OPERATOR, "audit_seal", f"day:{wanted.isoformat()}", {"entry": row.seal.entry_id}
            )
            audit.append_acts(session, [act])
    context.answer(_sealed(row) | {"new": row.is_new}, row.line)


def _sealed(row: SealRow) -> dict[str, Any]:
    return {
        "day": row.seal.day.isoformat(),
        "entry": row.seal.entry_id,
        "chain": row.seal.chain,
        "sealed_at": moment_text(row.sealed_at),
        "line": row.line,
    }


@audit_group.command("show")
@common_options
@click.option("--line", "only_line", is_flag=True, help="Chỉ in dòng niêm phong mới nhất.")
@click.option("--actor", default="", help="Chỉ của người này.")
@click.option("--action", default="", help="Chỉ hành động này.")
@click.option("--subject", default="", help="Chỉ đối tượng bắt đầu bằng chữ này, ví dụ dossier:12.")
@click.option("--from", "first", help="Từ ngày.")
@click.option("--to", "last", help="Đến hết ngày.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Số mục mới nhất."
)
@click.pass_obj
def show(
    context: AppContext,
    only_line: bool,
    actor: str,
    action: str,
    subject: str,
    first: str | None,
    last: str | None,
    limit: int,
) -> None:
    """Các mục nhật ký, mới nhất trước, và niêm phong mới nhất."""
    wanted = ActFilter(
        actor,
        action,
        subject,
        day_close(first, "from").date() if first else None,
        day_close(last, "to").date() if last else None,
    )
    with context.store.read() as session:
        newest = next(iter(audit.seals(session, 1)), None)
        found = [] if only_line else audit.find_acts(session, wanted, limit=limit)
    if only_line:
        context.answer(
            {"seal": _sealed(newest) if newest else None},
            newest.line if newest else "Chưa có niêm phong nào.",
        )
        finish(0 if newest else 1)
        return
    note_act(context, "audit_view", "log", {"rows": len(found)})
    document = {"entries": [_entry(each) for each in found], "seal": _sealed(newest) if newest else None}
    context.answer(document, "\n".join(_line(each) for each in found) or "Không có mục nào.")


def _entry(logged: Logged) -> dict[str, Any]:
    act = logged.act
    return {
        "id": logged.entry_id, "at": moment_text(act.at), "actor": act.actor, "action": act.action,
        "subject": act.subject, "detail": act.detail,
    }  # fmt: skip


def _line(logged: Logged) -> str:
    act = logged.act
    detail = ", ".join(f"{key}={value}" for key, value in act.detail.items())
    return (
        f"{logged.entry_id:>7} {_local(act.at)} {act.actor:<16} {act.action} {act.subject} {detail}".rstrip()
    )


def _local(at: datetime) -> str:
    return f"{at:%d/%m/%Y %H:%M:%S}"


for _command in (*CASE_COMMANDS, *FINDING_COMMANDS, *PACK_COMMANDS):
    audit_group.add_command(_command)
COMMANDS = [audit_group]
