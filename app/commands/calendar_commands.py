"""`dunghen calendar`: see the working calendar and whether it is complete."""

from typing import Any

import click

from app.calendar_warnings import calendar_warnings
from app.commands.calendar_change_commands import CALENDAR_COMMANDS
from app.commands.calendar_choice import calendar_of, calendar_option, configured
from app.commands.time_inputs import day_close, moment_text
from app.context import AppContext, finish
from app.options import common_options
from app.second_opinion import NO_OPINION, second_opinion
from tracker.store.calendars import assignments
from tracker.store.session import is_there
from tracker.timekeeping.calendar_definition import sessions_text
from tracker.timekeeping.working_calendar import WorkingCalendar


@click.group()
def calendar() -> None:
    """Xem, kiểm tra và thay đổi lịch làm việc; thay đổi nào cũng có người thứ hai duyệt."""


for _command in CALENDAR_COMMANDS:
    calendar.add_command(_command)


@calendar.command("show")
@calendar_option
@common_options
@click.pass_obj
def calendar_show(context: AppContext, calendar_key: str | None) -> None:
    """Ngày nghỉ trong tuần, ngày làm bù, ngày làm nửa buổi và căn cứ của từng ngày; đơn vị nào theo lịch nào."""
    table = calendar_of(context, calendar_key)
    units = _units(context)
    lines = [
        f"Đơn vị {unit['unit']}: lịch {unit['calendar']}, hồ sơ nhận từ {unit['from'] or '…'} đến {unit['to'] or '…'}"
        for unit in units
    ]
    context.answer({**_document(table), "units": units}, "\n".join([_calendar_text(table), *lines]))


def _units(context: AppContext) -> list[dict[str, Any]]:
    """Which unit works by which calendar, where there is a database yet."""
    config = configured(context)
    if config is None or not is_there(config.database_url):
        return []
    with context.store.read() as session:
        found = assignments(session)
    return [
        {
            "unit": row.unit,
            "code": row.unit_code,
            "calendar": row.calendar,
            "from": row.valid_from.isoformat() if row.valid_from else None,
            "to": row.valid_to.isoformat() if row.valid_to else None,
            "source": row.source,
        }
        for row in found
    ]


@calendar.command("check")
@calendar_option
@click.option("--as-of", help="Xét tại ngày nào (mặc định: hôm nay).")
@common_options
@click.pass_obj
def calendar_check(context: AppContext, calendar_key: str | None, as_of: str | None) -> None:
    """Lịch đã đủ đến hết năm sau chưa, có ngày nào còn tạm tính hay khác với ý kiến thứ hai không."""
    table = calendar_of(context, calendar_key)
    moment = day_close(as_of, "as-of") if as_of else context.now()
    opinion = second_opinion(table)
    warnings = calendar_warnings(table, moment.date()) + (opinion.warnings if opinion else [])
    document = {
        "ok": not warnings,
        "as_of": moment_text(moment),
        "warnings": warnings,
        "second_opinion": opinion.document if opinion else None,
        **_document(table),
    }
    said = "\n".join(warnings) or "Lịch đầy đủ."
    context.answer(document, f"{said}\n{opinion.text if opinion else NO_OPINION}")
    finish(1 if warnings else 0)


def _document(table: WorkingCalendar) -> dict[str, Any]:
    off = sorted(table.off.values(), key=lambda entry: entry.day)
    make_up = sorted(table.make_up.values(), key=lambda entry: entry.day)
    return {
        "key": table.key,
        "name": table.name,
        "version": table.version,
        "years": list(range(table.first.year, table.last.year + 1)),
        "off": [{"date": e.day.isoformat(), "name": e.name, "notice": e.notice} for e in off],
        "make_up": [
            {"date": e.day.isoformat(), "replaces": e.replaces.isoformat(), "notice": e.notice}
            for e in make_up
        ],
        "half_days": [
            {
                "date": e.day.isoformat(),
                "sessions": sessions_text(e.sessions),
                "name": e.name,
                "notice": e.notice,
            }
            for e in sorted(table.changed.values(), key=lambda entry: entry.day)
        ],
        "provisional": [day.isoformat() for day in table.provisional],
    }


def _calendar_text(table: WorkingCalendar) -> str:
    entries = [(e.day, f"nghỉ  {e.name}", e.notice) for e in table.off.values()]
    entries += [(e.day, f"làm bù cho {e.replaces:%d/%m/%Y}", e.notice) for e in table.make_up.values()]
    entries += [
        (e.day, f"làm {sessions_text(e.sessions)}  {e.name}", e.notice) for e in table.changed.values()
    ]
    lines = [f"{day:%d/%m/%Y}  {what}  [{notice}]" for day, what, notice in sorted(entries)]
    return "\n".join([f"Lịch {table.key}, phiên bản {table.version}", *lines])


COMMANDS = [calendar]
