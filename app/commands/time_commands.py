"""`dunghen workdays`, `dunghen deadline`, `dunghen calendar`: time arithmetic from nothing but the inputs."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from app.commands.time_cases import Circumstances, answer_case, read_case
from app.commands.time_inputs import day_begin, day_close, moment_text, read_day
from app.context import AppContext, finish
from app.options import common_options
from tracker.config import Config
from tracker.config_data import DEFAULT_CALENDAR, load_calendar
from tracker.errors import TrackerError, UnusableFile, UsageError
from tracker.timekeeping.due_soon import DueSoon
from tracker.timekeeping.working_calendar import WorkingCalendar

calendar_option = click.option(
    "--calendar", "calendar_key", help="Khóa của lịch làm việc (mặc định theo cấu hình, không có thì B)."
)

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


def _configured(context: AppContext) -> Config | None:
    """The configuration where there is one: this arithmetic also works on a machine that has none."""
    named = context.config_path != Path("config.toml")
    return context.config if named or context.config_path.exists() else None


def _calendar_key(context: AppContext, key: str | None) -> str:
    config = _configured(context)
    return key or (config.calendar_key if config else DEFAULT_CALENDAR)


def _calendar(context: AppContext, key: str | None) -> WorkingCalendar:
    return load_calendar(_calendar_key(context, key))


def _circumstances(context: AppContext, key: str | None) -> Circumstances:
    config = _configured(context)
    soon = DueSoon(config.deadlines.due_soon_days, config.deadlines.due_soon_share) if config else DueSoon()
    return Circumstances(_calendar_key(context, key), context.now(), soon)


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
    day = _calendar(context, calendar_key).add_workdays(read_day(start, "FROM"), number)
    context.answer({"result": day.isoformat()}, f"{day:%d/%m/%Y}")


@workdays.command("count")
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@calendar_option
@common_options
@click.pass_obj
def workdays_count(context: AppContext, start: str, end: str, calendar_key: str | None) -> None:
    """Số ngày làm việc d với FROM < d <= TO."""
    count = _calendar(context, calendar_key).count_workdays(read_day(start, "FROM"), read_day(end, "TO"))
    context.answer({"result": count}, str(count))


@workdays.command("minutes")
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@calendar_option
@common_options
@click.pass_obj
def workdays_minutes(context: AppContext, start: str, end: str, calendar_key: str | None) -> None:
    """Số phút làm việc trong [FROM, TO); ngày không ghi giờ là 00:00."""
    calendar = _calendar(context, calendar_key)
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
@click.option("--returned", help="Trả kết quả cho người dân.")
@click.option("--withdrawn", help="Người dân rút hồ sơ.")
@click.option("--refused", help="Từ chối giải quyết.")
@click.option("--reopened", help="Mở lại: các mốc kết thúc trước đó không còn.")
@click.option("--status", help="Trạng thái theo nguồn: mã 1–11 hoặc tên.")
@click.option(
    "--day-kind", type=click.Choice(["day", "workday"]), help="“ngày” nghĩa là gì (đất đai: workday)."
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
    if answer["flags"]:
        lines.append(f"Lưu ý: {', '.join(answer['flags'])}")
    lines.append(f"Phiếu tính hạn (quy tắc {answer['rule']}, lịch {answer['calendar_version']}):")
    lines += [f"  {step['text']}  [{step['source']}]" for step in answer["steps"]]
    return "\n".join(lines)


def _known(figure: int | None) -> str:
    return "chưa rõ" if figure is None else str(figure)


# ---------------------------------------------------------------- calendar


@click.group()
def calendar() -> None:
    """Xem và kiểm tra lịch làm việc."""


@calendar.command("show")
@calendar_option
@common_options
@click.pass_obj
def calendar_show(context: AppContext, calendar_key: str | None) -> None:
    """Ngày nghỉ trong tuần, ngày làm bù và căn cứ của từng ngày."""
    table = _calendar(context, calendar_key)
    context.answer(_document(table), _calendar_text(table))


@calendar.command("check")
@calendar_option
@click.option("--as-of", help="Xét tại ngày nào (mặc định: hôm nay).")
@common_options
@click.pass_obj
def calendar_check(context: AppContext, calendar_key: str | None, as_of: str | None) -> None:
    """Lịch đã đủ đến hết năm sau chưa, có ngày nào còn tạm tính không."""
    table = _calendar(context, calendar_key)
    moment = day_close(as_of, "as-of") if as_of else context.now()
    warnings = _warnings(table, moment.year)
    document = {"ok": not warnings, "as_of": moment_text(moment), "warnings": warnings, **_document(table)}
    context.answer(document, "\n".join(warnings) or "Lịch đầy đủ.")
    finish(1 if warnings else 0)


def _warnings(table: WorkingCalendar, year: int) -> list[str]:
    warnings = []
    for wanted in (year, year + 1):
        if not (table.first <= date(wanted, 1, 1) and date(wanted, 12, 31) <= table.last):
            warnings.append(f"Năm {wanted}: chưa có lịch; hạn trả rơi vào năm này sẽ không tính được.")
        elif wanted in table.provisional_years:
            warnings.append(f"Năm {wanted}: lịch tạm tính, chưa có thông báo nghỉ lễ.")
    return warnings


def _document(table: WorkingCalendar) -> dict[str, Any]:
    off = sorted(table.off.values(), key=lambda entry: entry.day)
    make_up = sorted(table.make_up.values(), key=lambda entry: entry.day)
    return {
        "key": table.key,
        "version": table.version,
        "years": list(range(table.first.year, table.last.year + 1)),
        "off": [{"date": e.day.isoformat(), "name": e.name, "notice": e.notice} for e in off],
        "make_up": [
            {"date": e.day.isoformat(), "replaces": e.replaces.isoformat(), "notice": e.notice}
            for e in make_up
        ],
        "provisional": [day.isoformat() for day in table.provisional],
    }


def _calendar_text(table: WorkingCalendar) -> str:
    entries = [(e.day, f"nghỉ  {e.name}", e.notice) for e in table.off.values()]
    entries += [(e.day, f"làm bù cho {e.replaces:%d/%m/%Y}", e.notice) for e in table.make_up.values()]
    lines = [f"{day:%d/%m/%Y}  {what}  [{notice}]" for day, what, notice in sorted(entries)]
    return "\n".join([f"Lịch {table.key}, phiên bản {table.version}", *lines])


COMMANDS = [workdays, deadline, calendar]
