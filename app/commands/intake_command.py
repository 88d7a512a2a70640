"""`dunghen intake`: dossiers that were filed, by channel, and what became of them before acceptance."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from app.commands.shared import moment_text, note_act, reads_reports, unit_scope
from app.context import AppContext
from app.options import DAY, common_options, time_options
from tracker.errors import UsageError
from tracker.machine import unwritable
from tracker.pipeline.intake import IntakeAnswer, IntakeQuestion, intake
from tracker.reports import intake_list
from tracker.types import NEEDS_ATTENTION, Channel, IntakeCounts, IntakeRow, IntakeVerdict, Precision

SHOWN = 30
MASK = "•••"
ATTENTION, ALL = "attention", "all"
STATES = {
    ATTENTION: NEEDS_ATTENTION,
    ALL: tuple(IntakeVerdict),
    **{one.value: (one,) for one in IntakeVerdict},
}
CHANNELS = [channel.value for channel in Channel]


@click.command("intake")
@common_options
@time_options
@click.option("--from", "start", type=DAY, help="Được quyết định (tiếp nhận, từ chối…) từ ngày.")
@click.option("--to", "end", type=DAY, help="Đến ngày; hồ sơ còn chờ được xét tại cuối ngày đó.")
@click.option("--unit", help="Mã hoặc tên đơn vị tiếp nhận; tính cả các đơn vị bên dưới.")
@click.option("--channel", type=click.Choice(CHANNELS), help="Chỉ một kênh nộp.")
@click.option(
    "--state",
    type=click.Choice(list(STATES)),
    default=ATTENTION,
    show_default=True,
    help="Liệt kê hồ sơ nào; số đếm theo kênh luôn đủ mọi kết quả.",
)
@click.option("--precision", type=click.Choice(["instant", "date"]), default="instant", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Ghi ra tệp .xlsx hoặc .csv.")
@click.option("--mask", is_flag=True, help="Che họ tên và lý do từ chối.")
@click.pass_obj
@reads_reports
def intake_command(
    context: AppContext,
    as_of: datetime | None,
    known: datetime | None,
    start: date | None,
    end: date | None,
    unit: str | None,
    channel: str | None,
    state: str,
    precision: str,
    out: Path | None,
    mask: bool,
) -> None:  # fmt: skip
    """Hồ sơ đã nộp: chờ tiếp nhận, quá hạn tiếp nhận, bị từ chối, biến mất; theo kênh nộp."""
    question = IntakeQuestion(
        as_of or context.now(), start, end, unit_scope(context, unit), Channel(channel) if channel else None,
        STATES[state], known, Precision(precision),
    )  # fmt: skip
    answer = intake(context.store, context.calendars, question)
    if mask:
        answer = replace(answer, rows=tuple(map(_masked, answer.rows)))
    if out is not None:
        _write(context, answer, out)
    else:
        note_act(context, "view", "intake", {"rows": answer.count, "masked": mask})
    context.answer(_json(answer), _text(answer))


def _masked(row: IntakeRow) -> IntakeRow:
    return replace(row, applicant=MASK, refusal_reason=MASK if row.refusal_reason else "")


def _write(context: AppContext, answer: IntakeAnswer, out: Path) -> None:
    kind = out.suffix.lower()
    if kind not in (".xlsx", ".csv"):
        raise UsageError(f"--out {out}: cần tệp .xlsx hoặc .csv")
    title = f"Tiếp nhận hồ sơ, xét tại {answer.question.moment:%d/%m/%Y %H:%M}: {answer.count} hồ sơ"
    try:
        if kind == ".xlsx":
            intake_list.write_xlsx(out, answer.rows, title)
        else:
            intake_list.write_csv(out, answer.rows)
    except OSError as error:
        raise unwritable(out, error) from error
    note_act(context, "export", "intake", {"rows": answer.count})
    context.progress(f"Đã ghi {answer.count} dòng vào {out}")


def _json(answer: IntakeAnswer) -> dict[str, Any]:
    is_known = answer.count is not None
    return {
        "as_of": moment_text(answer.question.moment),
        "count": answer.count,
        "unknown": answer.unknown,
        "verified": answer.is_verified,
        "by_channel": [_counts_json(counts) for counts in answer.by_channel] if is_known else None,
        "rows": [_row_json(row) for row in answer.rows] if is_known else None,
    }


def _counts_json(counts: IntakeCounts) -> dict[str, Any]:
    return {
        "channel": counts.channel.value,
        "total": counts.total,
        **{verdict.value: counts.of(verdict) for verdict in IntakeVerdict},
        "numerator": counts.numerator,
        "denominator": counts.denominator,
        "rate": counts.rate,
    }


def _row_json(row: IntakeRow) -> dict[str, Any]:
    verdict = row.intake
    return {
        "code": row.code,
        "unit": row.unit,
        "channel": row.channel.value,
        "filed_at": moment_text(row.filed_at),
        "started_at": moment_text(verdict.started_at),
        "intake_due_at": moment_text(verdict.due_at),
        "received_at": moment_text(row.received_at),
        "refused_at": moment_text(row.refused_at),
        "ended_at": moment_text(verdict.ended_at),
        "state": verdict.state.value,
        "late_minutes": verdict.late_minutes,
        "late_days": verdict.late_days,
        "refusal_reason": row.refusal_reason,
        "flags": list(verdict.flags),
    }


def _text(answer: IntakeAnswer) -> str:
    if answer.count is None:
        return answer.unknown or ""
    lines = [f"{answer.count} hồ sơ cần xem về tiếp nhận, xét tại {answer.question.moment:%d/%m/%Y %H:%M}"]
    lines += [_channel_text(counts) for counts in answer.by_channel]
    if not answer.is_verified:
        lines.append("  (thời gian tiếp nhận chưa đối chiếu văn bản)")
    lines += [
        f"  {row.code}  {intake_list.STATES[row.intake.state].lower()}  {row.unit}"
        for row in answer.rows[:SHOWN]
    ]
    if answer.count > SHOWN:
        lines.append(f"  … và {answer.count - SHOWN} hồ sơ nữa (--out TỆP.xlsx để có tất cả)")
    return "\n".join(lines)


def _channel_text(counts: IntakeCounts) -> str:
    told = ", ".join(
        f"{intake_list.STATES[verdict].lower()} {counts.of(verdict)}"
        for verdict in IntakeVerdict
        if counts.of(verdict)
    )
    return f"  {intake_list.CHANNELS[counts.channel]}: {told}; tiếp nhận kịp {counts.numerator}/{counts.denominator}"


COMMANDS = [intake_command]
