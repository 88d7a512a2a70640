"""`dunghen alerts rules|rule|leaves|leave`: the ladder of a scope, a rule over it, who is away and who stands in.

They are commands of the group `alerts` (app/commands/alerts_command.py).
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import click

from app.alert_rule_acts import LeaveDesk, RuleDesk
from app.commands.shared import OPERATOR, moment_text, note_act
from app.context import AppContext
from app.options import DAY, common_options
from notifications.alerts import rule_acts
from notifications.alerts.kept_rules import office_rule
from notifications.alerts.leave_acts import ALERTED, LeaveActor, leave_words
from notifications.alerts.rule_acts import Actor, NewRule, RulePreview, rule_words, scope_place
from notifications.alerts.rules import RuleBook, shipped_rungs
from notifications.alerts.rungs import Measure, Rung, Who
from notifications.alerts.words import rung_words, who_words
from tracker.errors import UsageError
from tracker.store import absence_store, alert_rule_store, catalogue, catalogue_edits, people
from tracker.store.absence_store import AbsenceRow, NewAbsence
from tracker.store.alert_rule_store import RuleEntry
from tracker.store.session import Session
from tracker.text import fold
from tracker.types import VN


def _actor(context: AppContext) -> Actor:
    return Actor(OPERATOR, context.now())


def _scope_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--unit, --field, --procedure."""
    for option in (
        click.option("--procedure", help="Mã thủ tục (bỏ trống: mọi thủ tục)."),
        click.option("--field", help="Tên lĩnh vực (bỏ trống: mọi lĩnh vực)."),
        click.option("--unit", help="Mã hoặc tên đơn vị, gồm các đơn vị trực thuộc (bỏ trống: mọi đơn vị)."),
    ):
        command = option(command)
    return command


def _scope(session: Session, unit: str | None, field: str | None, procedure: str | None) -> dict[str, int]:
    """The ids of a scope; what is not named is not there.

    Raises:
        UsageError: no such unit, field or procedure.
    """
    found: dict[str, int | None] = {}
    if unit is not None:
        found["unit_id"] = catalogue.find_unit(session, unit)
    if field is not None:
        ids = {fold(name): number for number, name in catalogue.fields(session).items()}
        found["field_id"] = ids.get(fold(field))
    if procedure is not None:
        kept = catalogue_edits.kept_procedures(session).get(procedure.strip())
        found["procedure_id"] = kept.procedure_id if kept else None
    for name, number in found.items():
        if number is None:
            raise UsageError(f"không tìm thấy {SCOPE_WORDS[name]} đã nêu")
    return {name: number for name, number in found.items() if number is not None}


SCOPE_WORDS = {"unit_id": "đơn vị", "field_id": "lĩnh vực", "procedure_id": "thủ tục"}


# ---------------------------------------------------------------- rules


@click.command("rules")
@_scope_options
@click.option("--day", type=DAY, help="Những mốc dùng vào ngày nào (mặc định: hôm nay).")
@common_options
@click.pass_obj
def rules_command(
    context: AppContext, unit: str | None, field: str | None, procedure: str | None, day: date | None
) -> None:
    """Những mốc cảnh báo đang dùng ở một phạm vi, mốc nặng nhất trước."""
    day = day or context.now().astimezone(VN).date()
    with context.store.read() as session:
        scope = _scope(session, unit, field, procedure)
        rows = {row.rule_id: row for row in alert_rule_store.rule_entries(session)}
        book = RuleBook(shipped_rungs(), [office_rule(row) for row in rows.values()], day)
        place = scope_place(session, scope.get("unit_id"), scope.get("field_id"), scope.get("procedure_id"))
    off = [rule.rung for rule in book.governing(place).values() if not rule.is_on]
    lines = [(rung, True) for rung in book.at(place)] + [(rung, False) for rung in off]
    document = {
        "day": day.isoformat(),
        "rungs": [_rung_json(rung, rows, is_on=is_on) for rung, is_on in lines],
    }
    context.answer(document, "\n".join(_rung_line(rung, rows, is_on=is_on) for rung, is_on in lines))


def _rung_json(rung: Rung, rows: Mapping[int, RuleEntry], *, is_on: bool) -> dict[str, Any]:
    row = rows.get(rung.rule_id or 0)
    return {
        "measure": rung.measure.value,
        "threshold": rung.threshold,
        "who": [word.value for word in rung.who],
        "urgent": rung.is_urgent,
        "on": is_on,
        "rule": None if row is None else _rule_json(row),
    }


def _rule_json(row: RuleEntry) -> dict[str, Any]:
    return {
        "rule": row.rule_id,
        "unit_id": row.unit_id,
        "field_id": row.field_id,
        "procedure_id": row.procedure_id,
        "from": row.valid_from.isoformat(),
        "entered_by": row.entered_by,
        "entered_at": moment_text(row.entered_at),
        "reason": row.reason,
    }


def _rung_line(rung: Rung, rows: Mapping[int, RuleEntry], *, is_on: bool) -> str:
    row = rows.get(rung.rule_id or 0)
    told = who_words(rung.who) + (" (báo ngay)" if rung.is_urgent else "") if is_on else "tắt"
    origin = (
        "có sẵn" if row is None else f"quy tắc số {row.rule_id} từ {row.valid_from:%d/%m/%Y}: {row.reason}"
    )
    return f"{rung_words(rung.measure, rung.threshold)}: {told}  [{origin}]"


@click.command("rule")
@click.option("--measure", type=click.Choice([each.value for each in Measure]), help="Mốc tính theo gì.")
@click.option("--threshold", type=int, help="Mức của mốc.")
@click.option("--who", default="", help=f"Báo cho, cách nhau bởi dấu cách: {', '.join(Who)}.")
@click.option("--urgent/--no-urgent", default=False, help="Báo ngay trong giờ làm việc hay đợi bản tin sáng.")
@click.option("--off", is_flag=True, help="Tắt mốc này ở phạm vi này.")
@_scope_options
@click.option("--from", "valid_from", type=DAY, help="Có hiệu lực từ ngày (mặc định: hôm nay).")
@click.option("--reason", required=True, help="Lý do, căn cứ.")
@click.option("--take-back", type=int, metavar="SỐ", help="Rút quy tắc số này, thay vì đặt quy tắc mới.")
@click.option("--dry-run", is_flag=True, help="Chỉ xem quy tắc sẽ đổi gì, không ghi.")
@common_options
@click.pass_obj
def rule_command(context: AppContext, take_back: int | None, dry_run: bool, **told: Any) -> None:
    """Đặt một quy tắc cảnh báo, hoặc rút một quy tắc đã đặt; quy tắc cũ không bị sửa."""
    if take_back is not None:
        if dry_run or told["measure"] or told["threshold"] is not None:
            raise UsageError("--take-back chỉ đi cùng --reason")
        number = RuleDesk(context, _actor(context)).take_back(take_back, told["reason"])
        context.answer({"rule": number, "takes_back": take_back}, f"Đã rút quy tắc số {take_back}.")
        return
    new = _new_rule(context, told)
    if faults := rule_acts.rule_faults(new, _actor(context).today):
        raise UsageError("; ".join(faults.values()))
    calendar = context.calendars.present.of(new.unit_id, _actor(context).today)
    with context.store.read() as session:
        seen = rule_acts.preview(session, new, calendar, _actor(context).today)
    rule_id = None if dry_run else RuleDesk(context, _actor(context)).set_rule(new)
    done = "Sẽ đặt" if rule_id is None else f"Đã đặt quy tắc số {rule_id}"
    context.answer({"rule": rule_id, **_preview_json(seen)}, f"{done}. {rule_words(new)}.\n{_seen(seen)}")


def _new_rule(context: AppContext, told: Mapping[str, Any]) -> NewRule:
    if not told["measure"] or told["threshold"] is None:
        raise UsageError("cần --measure và --threshold")
    words = told["who"].replace(",", " ").split()
    if strange := [word for word in words if word not in set(Who)]:
        raise UsageError(f"--who không có {strange[0]!r}; có: {', '.join(Who)}")
    with context.store.read() as session:
        scope = _scope(session, told["unit"], told["field"], told["procedure"])
    return NewRule(
        Measure(told["measure"]), told["threshold"], tuple(word for word in Who if word.value in words),
        told["valid_from"] or _actor(context).today, told["reason"], **scope,
        is_urgent=told["urgent"], is_on=not told["off"],
    )  # fmt: skip


def _preview_json(seen: RulePreview) -> dict[str, Any]:
    return {
        "open_dossiers": seen.open_dossiers,
        "told": seen.told,
        "told_of_measure": seen.told_of_measure,
        "since": seen.since.isoformat(),
        "ladder": [_rung_json(rung, {}, is_on=True) for rung in seen.ladder],
    }


def _seen(seen: RulePreview) -> str:
    open_now = (
        "" if seen.open_dossiers is None else f"{seen.open_dossiers} hồ sơ đang mở nằm trong phạm vi này. "
    )
    return f"{open_now}Từ {seen.since:%d/%m/%Y}, mốc này đã báo {seen.told} lần ở đây."


# ---------------------------------------------------------------- leave


@click.command("leaves")
@common_options
@click.pass_obj
def leaves_command(context: AppContext) -> None:
    """Ai đang nghỉ và sắp nghỉ, ai làm thay."""
    today = _actor(context).today
    with context.store.read() as session:
        rows = absence_store.absences(session, today)
    note_act(context, "view", "leaves", {"rows": len(rows)})
    lines = [
        f"{row.absence_id:>5}  {row.login}, {row.first_day:%d/%m/%Y} đến {row.last_day:%d/%m/%Y}, "
        f"{'làm thay: ' + row.delegate_login if row.delegate_login else 'không có người làm thay'}"
        f" ({leave_words(row, today).lower()})"
        for row in rows
    ]
    context.answer(
        {"leaves": [_leave_json(row) for row in rows]}, "\n".join(lines) or "Không có ai nghỉ phép."
    )


def _leave_json(row: AbsenceRow) -> dict[str, Any]:
    return {
        "leave": row.absence_id,
        "login": row.login,
        "from": row.first_day.isoformat(),
        "to": row.last_day.isoformat(),
        "delegate": row.delegate_login or None,
        "entered_by": row.entered_by,
        "entered_at": moment_text(row.entered_at),
    }


@click.command("leave")
@click.argument("login")
@click.option("--from", "first_day", type=DAY, help="Ngày nghỉ đầu tiên.")
@click.option("--to", "last_day", type=DAY, help="Ngày nghỉ cuối cùng.")
@click.option("--delegate", metavar="LOGIN", help="Người làm thay (bỏ trống: người kế tiếp theo quy tắc).")
@click.option("--end", is_flag=True, help="Kết thúc đợt đang nghỉ hoặc sắp tới gần nhất.")
@common_options
@click.pass_obj
def leave_command(
    context: AppContext,
    login: str,
    first_day: date | None,
    last_day: date | None,
    delegate: str | None,
    end: bool,
) -> None:
    """Ghi đợt nghỉ của một tài khoản với người làm thay, hoặc kết thúc sớm."""
    desk = LeaveDesk(context, LeaveActor(_actor(context), None, is_admin=True))
    with context.store.read() as session:
        account_id = _account_id(session, login)
        delegate_id = None if delegate is None else _account_id(session, delegate)
        known = absence_store.absences(session, _actor(context).today, [account_id])
    if end:
        if first_day or last_day or delegate or not known:
            raise UsageError(f"{login} không có đợt nghỉ nào, hoặc --end đi cùng tùy chọn khác")
        desk.end(known[0].absence_id)
        context.answer({"leave": known[0].absence_id, "ended": True}, f"Đã kết thúc đợt nghỉ của {login}.")
        return
    if first_day is None or last_day is None:
        raise UsageError("cần --from và --to, hoặc --end")
    number = desk.enter(NewAbsence(account_id, first_day, last_day, delegate_id))
    told = f"Đã ghi đợt nghỉ số {number} của {login}, {first_day:%d/%m/%Y} đến {last_day:%d/%m/%Y}."
    context.answer({"leave": number, "ended": False}, told)


def _account_id(session: Session, login: str) -> int:
    found = people.find_login(session, login)
    if found is None or found.disabled_at is not None or found.role not in ALERTED:
        raise UsageError(f"không có tài khoản đang mở nào tên {login!r} nhận cảnh báo")
    return found.account_id


RULE_COMMANDS = (rules_command, rule_command, leaves_command, leave_command)
