"""`dunghen calendar`: see the working calendar and whether it is complete."""

from datetime import date
from typing import Any

import click

from app.commands.calendar_choice import calendar_of, calendar_option
from app.commands.time_inputs import day_close, moment_text
from app.context import AppContext, finish
from app.options import common_options
from tracker.timekeeping.working_calendar import WorkingCalendar


@click.group()
def calendar() -> None:
    """Xem và kiểm tra lịch làm việc."""


@calendar.command("show")
@calendar_option
@common_options
@click.pass_obj
def calendar_show(context: AppContext, calendar_key: str | None) -> None:
    """Ngày nghỉ trong tuần, ngày làm bù và căn cứ của từng ngày."""
    table = calendar_of(context, calendar_key)
    context.answer(_document(table), _calendar_text(table))


@calendar.command("check")
@calendar_option
@click.option("--as-of", help="Xét tại ngày nào (mặc định: hôm nay).")
@common_options
@click.pass_obj
def calendar_check(context: AppContext, calendar_key: str | None, as_of: str | None) -> None:
    """Lịch đã đủ đến hết năm sau chưa, có ngày nào còn tạm tính không."""
    table = calendar_of(context, calendar_key)
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


COMMANDS = [calendar]
