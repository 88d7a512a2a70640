"""`dunghen letters reasons`: why dossiers of a unit, a procedure and a span of due dates are late, set beforehand."""

from datetime import date
from typing import Any

import click

from app.commands.shared import OPERATOR, moment_text, unit_scope
from app.context import AppContext
from app.letter_settings_acts import SettingsDesk
from app.options import DAY, common_options
from letters.case import Names
from letters.moving import Asker
from letters.reasons import lacking, served
from tracker.errors import UsageError
from tracker.store import catalogue, catalogue_edits
from tracker.store.delay_reasons import KnownReason, NewReason, known_reasons
from tracker.store.letter_candidates import load_catalogue
from tracker.store.reason_gaps import reason_gaps
from tracker.types import VN


def _desk(context: AppContext) -> SettingsDesk:
    return SettingsDesk(context, Asker(OPERATOR, context.now()))


@click.group("reasons")
def reasons() -> None:
    """Lý do quá hạn đặt sẵn, dùng cho những hồ sơ không ghi lý do."""


@reasons.command("add")
@click.option("--unit", help="Mã hoặc tên đơn vị (bỏ trống: mọi đơn vị).")
@click.option("--procedure", help="Mã thủ tục (bỏ trống: mọi thủ tục).")
@click.option("--from", "due_from", type=DAY, required=True, help="Hồ sơ hẹn trả từ ngày.")
@click.option("--to", "due_to", type=DAY, required=True, help="Đến hết ngày.")
@click.option("--text", required=True, help="Lý do, như sẽ in trong thư.")
@click.option("--dry-run", is_flag=True, help="Chỉ đếm hồ sơ sẽ dùng lý do này, không ghi.")
@common_options
@click.pass_obj
def add_command(
    context: AppContext, unit: str | None, procedure: str | None, dry_run: bool, **told: Any
) -> None:
    """Đặt một lý do."""
    new = NewReason(_unit_id(context, unit), _procedure_id(context, procedure), **told)
    count = _served(context, new)
    words = f"{count} hồ sơ phải xin lỗi đang thiếu lý do sẽ dùng lý do này."
    if dry_run:
        context.answer({"reason": None, "serves": count}, words)
        return
    number = _desk(context).add_reason(new)
    context.answer({"reason": number, "serves": count}, f"Đã đặt lý do số {number}. {words}")


def _unit_id(context: AppContext, unit: str | None) -> int | None:
    if unit is None:
        return None
    with context.store.read() as session:
        found = catalogue.find_unit(session, unit)
    if found is None:
        raise UsageError(f"không có đơn vị nào tên hoặc mã {unit!r}")
    return found


def _procedure_id(context: AppContext, code: str | None) -> int | None:
    if code is None:
        return None
    with context.store.read() as session:
        found = catalogue_edits.kept_procedures(session).get(code.strip())
    if found is None:
        raise UsageError(f"không có thủ tục nào mã {code!r}")
    return found.procedure_id


def _served(context: AppContext, new: NewReason) -> int:
    day = context.now().astimezone(VN).date()
    with context.store.read() as session:
        names = Names(load_catalogue(session))
        gaps = lacking(reason_gaps(session), known_reasons(session), names, day)
    return served(new, gaps, names, day)


@reasons.command("list")
@click.option("--unit", help="Mã hoặc tên đơn vị (gồm các đơn vị trực thuộc).")
@common_options
@click.pass_obj
def list_command(context: AppContext, unit: str | None) -> None:
    """Những lý do đang dùng, mới trước."""
    units = unit_scope(context, unit)
    with context.store.read() as session:
        rows = [row for row in known_reasons(session) if units is None or row.unit_id in units]
        found = load_catalogue(session)
    lines = [
        f"{row.reason_id:>5}  {_unit(found.units, row)}, {_procedure(found.procedures, row)}, "
        f"hẹn {row.due_from:%d/%m/%Y} đến {row.due_to:%d/%m/%Y}: {row.text}"
        for row in rows
    ]
    context.answer(
        {"reasons": [_json(row) for row in rows]}, "\n".join(lines) or "Chưa có lý do nào được đặt sẵn."
    )


def _json(row: KnownReason) -> dict[str, Any]:
    return {
        "reason": row.reason_id,
        "unit_id": row.unit_id,
        "procedure_id": row.procedure_id,
        "due_from": _iso(row.due_from),
        "due_to": _iso(row.due_to),
        "text": row.text,
        "entered_by": row.entered_by,
        "entered_at": moment_text(row.entered_at),
    }


def _iso(day: date) -> str:
    return day.isoformat()


def _unit(units: Any, row: KnownReason) -> str:
    return units[row.unit_id].name if row.unit_id else "mọi đơn vị"


def _procedure(procedures: Any, row: KnownReason) -> str:
    return procedures[row.procedure_id][0] if row.procedure_id else "mọi thủ tục"


@reasons.command("end")
@click.argument("reason_id", type=int, metavar="SỐ")
@common_options
@click.pass_obj
def end_command(context: AppContext, reason_id: int) -> None:
    """Rút một lý do; thư đã soạn giữ nguyên lời."""
    _desk(context).end_reason(reason_id)
    context.answer({"reason": reason_id}, f"Đã rút lý do số {reason_id}.")


REASON_COMMANDS = [reasons]
