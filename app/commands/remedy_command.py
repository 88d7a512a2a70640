"""`dunghen remedies`: faults, the measures against them, and what the figures of a year propose to write down."""

from datetime import date
from typing import Any

import click

from app.commands.shared import OPERATOR, moment_text, note_act, unit_scope
from app.context import AppContext
from app.options import DAY, common_options
from app.presenters import rate
from app.remedy_acts import RemedyDesk, Seen
from app.remedy_forms import RemedyFilters
from app.remedy_page import CHIPS, EVERY_FIELD, WHOLE_PROVINCE, day_word, listed, unit_word
from app.remedy_proposals import Proposal, YearAsked, proposals
from letters.moving import Asker
from tracker.errors import UsageError
from tracker.store import catalogue, remedy_store
from tracker.store.session import Session
from tracker.types import VN
from tracker.types.remedies import Remedy, RemedyState, RemedyTold

UNIT_HELP = "Mã hoặc tên đơn vị (gồm các đơn vị trực thuộc)."
STATE_KEYS = {"open": "dang-lam", "overdue": "qua-han", "done": "xong", "dropped": "bo", "all": "tat-ca"}


def _desk(context: AppContext) -> RemedyDesk:
    return RemedyDesk(context, Asker(OPERATOR, context.now()))


@click.group("remedies")
def remedies() -> None:
    """Tồn tại, hạn chế và biện pháp khắc phục; mỗi lần ghi được giữ lại."""


@remedies.command("list")
@click.option("--unit", help=UNIT_HELP)
@click.option("--year", type=int, help="Năm của số liệu.")
@click.option("--state", type=click.Choice(list(STATE_KEYS)), default="all", show_default=True)
@common_options
@click.pass_obj
def list_command(context: AppContext, unit: str | None, year: int | None, state: str) -> None:
    """Danh sách: quá thời hạn trước, rồi đang thực hiện."""
    units, today = unit_scope(context, unit), context.now().astimezone(VN).date()
    with context.store.read() as session:
        found = remedy_store.remedies(session, units)
    shown = listed(found, RemedyFilters(None, year, STATE_KEYS[state]), today)
    lines = [_text(line.remedy, line.state) for line in shown.lines]
    rows = [_json(line.remedy, line.state) for line in shown.lines]
    context.answer({"remedies": rows}, "\n".join(lines) or "Chưa có mục nào.")


def _text(remedy: Remedy, state: RemedyState) -> str:
    told = remedy.told
    return (
        f"{remedy.remedy_id:>4}  {CHIPS[state].word}  {unit_word(remedy)}, {remedy.field or EVERY_FIELD}, {told.year}: "
        f"{told.fault}  Biện pháp: {told.measure or day_word(None)}. Thời hạn: {day_word(told.due_on)}"
    )


def _json(remedy: Remedy, state: RemedyState) -> dict[str, Any]:
    told = remedy.told
    return {
        "remedy": remedy.remedy_id,
        "telling": remedy.seq,
        "state": state.value,
        "unit": remedy.unit_code or None,
        "unit_name": remedy.unit or WHOLE_PROVINCE,
        "field": remedy.field or None,
        "year": told.year,
        "fault": told.fault,
        "cause": told.cause or None,
        "measure": told.measure or None,
        "due_on": told.due_on.isoformat() if told.due_on else None,
        "done_on": told.done_on.isoformat() if told.done_on else None,
        "note": told.note or None,
        "told_by": remedy.told_by,
        "told_at": moment_text(remedy.told_at),
    }


@remedies.command("propose")
@click.option("--year", type=int, required=True, help="Năm của số liệu.")
@click.option("--unit", help=UNIT_HELP)
@common_options
@click.pass_obj
def propose_command(context: AppContext, year: int, unit: str | None) -> None:
    """Tồn tại mà số liệu của một năm cho thấy; không ghi gì, không đoán nguyên nhân."""
    if not date.min.year <= year <= context.now().year:
        raise UsageError(f"--year {year}: không phải là năm có số liệu")
    found = proposals(context.store, YearAsked(year, context.now(), unit_scope(context, unit)))
    both = (*found.by_field, *found.by_unit)
    note_act(context, "view", "remedies_propose", {"year": year, "rows": len(both)})
    text = "\n".join(each.words for each in both)
    document = {"year": year, "rows": [_proposal_json(each) for each in both], "unknown": found.unknown}
    context.answer(document, found.unknown or text or f"Năm {year} không có hồ sơ nào giải quyết quá hạn.")


def _proposal_json(each: Proposal) -> dict[str, Any]:
    return {
        "level": each.level,
        "unit": each.unit_code or None,
        "field": each.field or None,
        "late": each.late,
        "finished": each.finished,
        "late_of_level": each.of_late,
        "rate": rate(each.late, each.finished),
        "text": each.words,
    }


@remedies.command("add")
@click.option("--unit", help="Mã hoặc tên đơn vị chịu trách nhiệm (bỏ trống: toàn tỉnh).")
@click.option("--field", help="Tên lĩnh vực (bỏ trống: mọi lĩnh vực).")
@click.option("--year", type=int, required=True, help="Năm của số liệu.")
@click.option("--fault", required=True, help="Tồn tại, hạn chế.")
@click.option("--cause", default="", help="Nguyên nhân; bỏ trống nếu chưa xác định.")
@click.option("--measure", default="", help="Biện pháp khắc phục; bỏ trống nếu chưa có.")
@click.option("--due", "due_on", type=DAY, help="Thời hạn; bỏ trống nếu chưa định.")
@common_options
@click.pass_obj
def add_command(context: AppContext, unit: str | None, field: str | None, **told: Any) -> None:
    """Ghi một tồn tại với biện pháp khắc phục."""
    with context.store.read() as session:
        unit_id, field_id = _unit_id(session, unit), _field_id(session, field)
    number = _desk(context).add(RemedyTold(unit_id, field_id, **told))
    context.answer({"remedy": number}, f"Đã ghi tồn tại số {number}.")


def _unit_id(session: Session, unit: str | None) -> int | None:
    found = catalogue.find_unit(session, unit) if unit is not None else None
    if unit is not None and found is None:
        raise UsageError(f"không có đơn vị nào tên hoặc mã {unit!r}")
    return found


def _field_id(session: Session, field: str | None) -> int | None:
    if field is None:
        return None
    known = {name: number for number, name in catalogue.fields(session).items()}
    if field.strip() not in known:
        raise UsageError(f"không có lĩnh vực {field!r}; có: {', '.join(known)}")
    return known[field.strip()]


@remedies.command("done")
@click.argument("number", type=int, metavar="SỐ")
@click.option("--on", "day", type=DAY, help="Ngày xong (mặc định: hôm nay).")
@click.option("--note", default="", help="Kết quả.")
@common_options
@click.pass_obj
def done_command(context: AppContext, number: int, day: date | None, note: str) -> None:
    """Ghi một biện pháp đã xong."""
    desk = _desk(context)
    desk.done(Seen(number), day or desk.asker.today, note=note)
    context.answer({"remedy": number}, f"Đã ghi mục số {number} là xong.")


@remedies.command("drop")
@click.argument("number", type=int, metavar="SỐ")
@click.option("--reason", required=True, help="Vì sao bỏ.")
@common_options
@click.pass_obj
def drop_command(context: AppContext, number: int, reason: str) -> None:
    """Bỏ một biện pháp, kèm lý do; lời đã ghi còn nguyên."""
    _desk(context).drop(Seen(number), reason)
    context.answer({"remedy": number}, f"Đã bỏ mục số {number}.")


@remedies.command("reopen")
@click.argument("number", type=int, metavar="SỐ")
@click.option("--reason", required=True, help="Vì sao mở lại.")
@common_options
@click.pass_obj
def reopen_command(context: AppContext, number: int, reason: str) -> None:
    """Mở lại một mục đã xong hoặc đã bỏ."""
    _desk(context).reopen(Seen(number), reason)
    context.answer({"remedy": number}, f"Đã mở lại mục số {number}.")


COMMANDS = [remedies]
