"""`dunghen workdays`, `dunghen deadline`: time arithmetic from nothing but the inputs."""

import json
from pathlib import Path
from typing import Any

import click

from app.commands.calendar_choice import (
    calendar_key_of,
    calendar_of,
    calendar_option,
    calendars_of,
    configured,
)
from app.commands.time_cases import Circumstances, answer_case, read_case
from app.commands.time_inputs import day_begin, read_day
from app.context import AppContext, finish
from app.options import common_options
from tracker.errors import TrackerError, UnusableFile, UsageError
from tracker.timekeeping.due_soon import DueSoon

STATE_NAMES = {
    "filed": "mới nộp, chờ tiếp nhận",
    "not_accepted": "quá thời gian tiếp nhận",
    "on_track": "trong hạn",
    "due_soon": "sắp đến hạn",
    "overdue": "quá hạn",
    "suspended": "đang tạm dừng",
    "finished_early": "xong trước hạn",
    "finished_on_time": "xong đúng hạn",
    "finished_late": "xong trễ hạn",
    "withdrawn": "đã rút",
    "refused": "không được tiếp nhận",
    "no_due": "không có hạn trả",
    "deleted": "đã xóa",
    "unknown": "chưa rõ",
}


def _circumstances(context: AppContext, key: str | None) -> Circumstances:
    config = configured(context)
    soon = DueSoon(config.deadlines.due_soon_days, config.deadlines.due_soon_share) if config else DueSoon()
    return Circumstances(calendar_key_of(context, key), context.now(), soon, calendars_of(context))


# ---------------------------------------------------------------- workdays


@click.group()
def workdays() -> None:
    """Tính ngày và phút làm việc theo lịch của cơ quan."""


@workdays.command("add")
@click.argument("start", metavar="FROM")
@click.argument("number", metavar="N", type=click.IntRange(min=0))
@calendar_option
@common_options
@click.pass_obj
def workdays_add(context: AppContext, start: str, number: int, calendar_key: str | None) -> None:
    """Ngày làm việc thứ N sau FROM (N = 0: chính FROM)."""
    day = calendar_of(context, calendar_key).add_workdays(read_day(start, "FROM"), number)
    context.answer({"result": day.isoformat()}, f"{day:%d/%m/%Y}")


@workdays.command("count")
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@calendar_option
@common_options
@click.pass_obj
def workdays_count(context: AppContext, start: str, end: str, calendar_key: str | None) -> None:
    """Số ngày làm việc d với FROM < d <= TO."""
    count = calendar_of(context, calendar_key).count_workdays(read_day(start, "FROM"), read_day(end, "TO"))
    context.answer({"result": count}, str(count))


@workdays.command("minutes")
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@calendar_option
@common_options
@click.pass_obj
def workdays_minutes(context: AppContext, start: str, end: str, calendar_key: str | None) -> None:
    """Số phút làm việc trong [FROM, TO); ngày không ghi giờ là 00:00."""
    calendar = calendar_of(context, calendar_key)
    minutes = calendar.working_minutes(day_begin(start, "FROM"), day_begin(end, "TO"))
    context.answer({"result": minutes}, str(minutes))


# ---------------------------------------------------------------- deadline


@click.command()
@click.option("--received", help="Thời điểm tiếp nhận.")
@click.option("--limit", help="Thời hạn, ví dụ “15 ngày làm việc”, “04 giờ”.")
@click.option("--rule", help="Quy tắc tính (mặc định theo đơn vị của thời hạn).")
@calendar_option
@click.option("--suspend", multiple=True, metavar="FROM/TO[:KIND]", help="Khoảng tạm dừng; bỏ TO = chưa hết.")
@click.option("--restart", multiple=True, metavar="T", help="Mốc tính lại từ đầu.")
@click.option("--finished", help="Xử lý xong.")
@click.option("--due", help="Xét theo hạn trả cho sẵn này.")
@click.option("--promised", help="Hạn trả đã hẹn lần đầu; xét thêm theo hạn này.")
@click.option(
    "--reappoint",
    multiple=True,
    metavar="MADE/NEWDUE",
    help="Hẹn lại lúc MADE, ngày mới NEWDUE; không dời hạn.",
)
@click.option("--returned", help="Trả kết quả cho người dân.")
@click.option("--withdrawn", help="Người dân rút hồ sơ.")
@click.option("--refused", help="Từ chối giải quyết.")
@click.option("--reopened", help="Mở lại: các mốc kết thúc trước đó không còn.")
@click.option("--status", help="Trạng thái theo nguồn: mã 1–11 hoặc tên.")
@click.option(
    "--day-kind", type=click.Choice(["day", "workday"]), help="“ngày” nghĩa là gì (đất đai: workday)."
)
@click.option(
    "--channel",
    type=click.Choice(["counter", "online", "postal"]),
    help="Kênh nộp, khi thời hạn khác nhau theo kênh.",
)
@click.option("--precision", type=click.Choice(["date", "instant"]), help="So theo ngày hay theo thời điểm.")
@click.option("--as-of", help="Xét tại thời điểm nào (mặc định: bây giờ).")
@click.option("--file", "cases", type=click.Path(path_type=Path), help="Nhiều trường hợp, mỗi dòng một JSON.")
@common_options
@click.pass_obj
def deadline(context: AppContext, /, calendar_key: str | None, cases: Path | None, **given: Any) -> None:
    """Hạn trả và kết luận sớm/đúng/trễ, kèm phiếu tính hạn từng ngày."""
    if cases is not None:
        finish(_answer_file(cases, _circumstances(context, calendar_key)))
        return
    if not given["received"]:
        raise UsageError("thiếu --received (hoặc --file)")
    answer = answer_case(read_case(given, _circumstances(context, calendar_key)))
    context.answer(answer, _proof_text(answer))


def _answer_file(path: Path, around: Circumstances) -> int:
    """Answer each line in its place; 1 where a line could not be answered."""
    status = 0
    for line in _lines(path):
        answer = _answer_line(line, around)
        status = 1 if "error" in answer else status
        click.echo(json.dumps(answer, ensure_ascii=False))
    return status


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as fault:
        raise UnusableFile(str(path), str(fault)) from fault


def _answer_line(line: str, around: Circumstances) -> dict[str, Any]:
    try:
        given = json.loads(line)
        if not isinstance(given, dict):
            raise UsageError("mỗi dòng phải là một đối tượng JSON")
        return answer_case(read_case(given, around))
    except json.JSONDecodeError as fault:
        return {"error": {"code": "JSON_INVALID", "message": f"không đọc được JSON: {fault}"}}
    except TrackerError as fault:
        return {"error": {"code": fault.code, "message": str(fault)}}


def _proof_text(answer: dict[str, Any]) -> str:
    due = answer["due_at"] or f"không có ({answer['reason']})"
    lines = [f"Hạn trả: {due}", f"Kết luận: {STATE_NAMES[answer['state']]}"]
    if answer["is_late"]:
        days, minutes = (_known(answer[key]) for key in ("late_days", "late_minutes"))
        lines.append(f"Trễ: {days} ngày làm việc, {minutes} phút làm việc")
    if answer["remaining_minutes"] is not None:
        lines.append(f"Còn lại: {answer['remaining_minutes']} phút làm việc")
    if "reappointed" in answer:
        again = answer["reappointed"]
        lines.append(f"Theo ngày hẹn lại {again['due_at']}: {STATE_NAMES[again['state']]}")
    if answer["flags"]:
        lines.append(f"Lưu ý: {', '.join(answer['flags'])}")
    lines.append(f"Phiếu tính hạn (quy tắc {answer['rule']}, lịch {answer['calendar_version']}):")
    lines += [f"  {step['text']}  [{step['source']}]" for step in answer["steps"]]
    return "\n".join(lines)


def _known(figure: int | None) -> str:
    return "chưa rõ" if figure is None else str(figure)


COMMANDS = [workdays, deadline]
