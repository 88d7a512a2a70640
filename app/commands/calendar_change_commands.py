"""`dunghen calendar add-day|remove-day|import|assign|add|undo` ask for a change; `changes|approve|reject|withdraw` deal with it."""

import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from app.access import CALENDAR
from app.accounts import log_in
from app.calendar_log import logging, subject_of
from app.calendar_words import change_text, moved_text, preview_text
from app.commands.calendar_file import read_days
from app.commands.shared import OPERATOR, note_act
from app.context import AppContext
from app.options import DAY, Command, common_options
from app.presenters import number
from tracker.errors import UsageError
from tracker.pipeline import calendar_changes
from tracker.store import catalogue
from tracker.store.calendar_changes import operations_json, preview_json
from tracker.types.calendars import (
    AddCalendar,
    AddDay,
    AssignCalendar,
    CalendarChangeRow,
    JournalRow,
    MovedDossier,
    Operation,
    RemoveDay,
)

JOURNAL_SHOWN = 1_000


def _asking(command: Command) -> Command:
    """--reason and --dry-run."""
    command = click.option("--dry-run", is_flag=True, help="Chỉ xem trước, không ghi đề nghị.")(command)
    return click.option("--reason", default="", help="Lý do, ghi vào nhật ký của từng hồ sơ đổi hạn.")(
        command
    )


def _calendar_named(text: str) -> Callable[[Command], Command]:
    return click.option("--calendar", "calendar_key", help=text)


# ---------------------------------------------------------------- asking for a change


@click.command("add-day")
@click.argument("day", metavar="DATE", type=DAY)
@click.option("--name", required=True, help="Tên ngày, ví dụ “Lễ hội Cà phê”.")
@click.option("--notice", required=True, help="Văn bản làm căn cứ.")
@click.option("--replaces", type=DAY, help="Làm việc thay cho ngày này (không ghi: ngày nghỉ).")
@click.option("--sessions", default="", help="Làm việc nhưng chỉ các buổi này, ví dụ “07:00-11:30”.")
@_calendar_named("Lịch nào; VN = mọi lịch (mặc định: lịch của cơ quan theo cấu hình).")
@click.option("--provisional", is_flag=True, help="Còn tạm tính, chưa có văn bản chính thức.")
@_asking
@common_options
@click.pass_obj
def add_day(
    context: AppContext, /, day: date, calendar_key: str | None, reason: str, dry_run: bool, **told: Any
) -> None:
    """Đề nghị một ngày nghỉ, một ngày làm thay, hoặc một ngày làm nửa buổi; người thứ hai duyệt."""
    key = calendar_key or context.config.calendar_key
    reason = reason or f"{told['name']} ({told['notice']})"
    _ask(context, [AddDay(key, day, **told)], reason=reason, dry_run=dry_run)


@click.command("remove-day")
@click.argument("day", metavar="DATE", type=DAY)
@_calendar_named("Lịch nào; VN = mọi lịch (mặc định: lịch của cơ quan theo cấu hình).")
@_asking
@common_options
@click.pass_obj
def remove_day(context: AppContext, day: date, calendar_key: str | None, reason: str, dry_run: bool) -> None:
    """Đề nghị bỏ một ngày mà cơ quan đã khai; người thứ hai duyệt."""
    key = calendar_key or context.config.calendar_key
    _ask(context, [RemoveDay(key, day)], reason=reason, dry_run=dry_run)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_calendar_named("Lịch của những dòng không ghi lịch; VN = mọi lịch (mặc định: theo cấu hình).")
@_asking
@common_options
@click.pass_obj
def import_days(
    context: AppContext, file: Path, calendar_key: str | None, reason: str, dry_run: bool
) -> None:
    """Đề nghị nhiều ngày một lần từ tệp .csv hoặc .toml; một dòng sai thì không ghi gì."""
    _ask(
        context, read_days(file, calendar_key or context.config.calendar_key), reason=reason, dry_run=dry_run
    )


@click.command("add")
@click.argument("key")
@click.option("--name", required=True, help="Tên lịch.")
@click.option("--base", required=True, help="Lịch gốc: A, B hoặc một lịch khác của cơ quan.")
@click.option(
    "--week", multiple=True, metavar="DAYS=SESSIONS", help="Ví dụ “1-5=07:00-11:30 13:30-17:00”; 1 = thứ Hai."
)
@click.option("--day-minutes", type=click.IntRange(1, 1440), help="Số phút của một ngày làm việc chuẩn.")
@click.option("--source", required=True, help="Văn bản làm căn cứ.")
@_asking
@common_options
@click.pass_obj
def add_calendar(
    context: AppContext, /, key: str, week: tuple[str, ...], reason: str, dry_run: bool, **told: Any
) -> None:
    """Đề nghị một lịch riêng của cơ quan, dựa trên một lịch đã có."""
    operation = AddCalendar(key=key, weekdays=_week(week), **told)
    _ask(context, [operation], reason=reason or told["source"], dry_run=dry_run)


def _week(told: Sequence[str]) -> dict[int, str] | None:
    week: dict[int, str] = {}
    for part in told:
        days, equals, sessions = part.partition("=")
        first, _, last = days.strip().partition("-")
        if not (equals and first.isdigit() and (last or first).isdigit()):
            raise UsageError(f"--week {part!r}: cần dạng “1-5=07:00-11:30 13:30-17:00”")
        week |= dict.fromkeys(range(int(first), int(last or first) + 1), sessions)
    return week or None


@click.command("assign")
@click.argument("unit")
@_calendar_named("Lịch mà đơn vị và các đơn vị bên dưới làm việc theo.")
@click.option("--from", "valid_from", type=DAY, help="Cho hồ sơ tiếp nhận từ ngày này.")
@click.option("--to", "valid_to", type=DAY, help="Đến hết ngày này.")
@click.option("--source", required=True, help="Văn bản làm căn cứ.")
@_asking
@common_options
@click.pass_obj
def assign(
    context: AppContext, /, unit: str, calendar_key: str | None, reason: str, dry_run: bool, **told: Any
) -> None:
    """Đề nghị một đơn vị (mã hoặc tên) làm việc theo một lịch."""
    if calendar_key is None:
        raise UsageError("thiếu --calendar")
    with context.store.read() as session:
        unit_id = catalogue.find_unit(session, unit)
    if unit_id is None:
        raise UsageError(f"không có đơn vị {unit}; xem: dunghen units list")
    _ask(
        context,
        [AssignCalendar(unit_id, calendar_key, **told)],
        reason=reason or told["source"],
        dry_run=dry_run,
    )


def _ask(context: AppContext, operations: Sequence[Operation], *, reason: str, dry_run: bool) -> None:
    """Show what would move; record the proposal unless it is a dry run."""
    key, now = context.config.calendar_key, context.now()
    if dry_run:
        seen = calendar_changes.preview(context.store, operations, calendar_key=key, now=now)
        document = {"change": None, "state": "preview", "preview": preview_json(seen)}
        context.answer(document, f"{preview_text(seen)}\nChưa ghi gì (--dry-run).")
        return
    change = calendar_changes.propose(
        context.store, operations, calendar_key=key, reason=reason, actor=OPERATOR, now=now,
        in_same_step=logging("calendar_propose", OPERATOR, now),
    )  # fmt: skip
    _asked(context, change)


@click.command("undo")
@click.argument("change_id", metavar="N", type=int)
@click.option("--reason", required=True, help="Lý do hoàn tác.")
@common_options
@click.pass_obj
def undo(context: AppContext, change_id: int, reason: str) -> None:
    """Đề nghị hoàn tác một thay đổi đã áp dụng; người thứ hai duyệt."""
    now = context.now()
    change = calendar_changes.propose_undo(
        context.store,
        change_id,
        calendar_key=context.config.calendar_key,
        reason=reason,
        actor=OPERATOR,
        now=now,
        in_same_step=logging("calendar_undo", OPERATOR, now),
    )
    _asked(context, change)


def _asked(context: AppContext, change: CalendarChangeRow) -> None:
    next_step = f"Đã ghi đề nghị số {change.change_id}. Lịch chưa đổi: người thứ hai (quản trị hoặc cải cách hành chính) duyệt bằng"
    command = f"  dunghen calendar approve {change.change_id} --login TÊN-ĐĂNG-NHẬP"
    context.answer(change_json(change), f"{preview_text(change.preview)}\n{next_step}\n{command}")


# ---------------------------------------------------------------- deciding


@click.command("approve")
@click.argument("change_id", metavar="N", type=int)
@click.option(
    "--login",
    required=True,
    help="Tài khoản của người duyệt; mật khẩu được hỏi, hoặc đọc một dòng từ đầu vào chuẩn.",
)
@common_options
@click.pass_obj
def approve(context: AppContext, change_id: int, login: str) -> None:
    """Duyệt một đề nghị: áp dụng cho mọi hồ sơ đang mở trong một lần, hoặc không gì cả."""
    seen = calendar_changes.change(context.store, change_id)
    context.progress(f"{change_text(seen)}\n{preview_text(seen.preview)}")
    actor, now = _second_person(context, login), context.now()
    change = calendar_changes.approve(
        context.store,
        change_id,
        calendar_key=context.config.calendar_key,
        actor=actor,
        now=now,
        digest=seen.preview.digest,
        in_same_step=logging("calendar_approve", actor, now),
    )
    moved = number(change.preview.open_moved)
    context.answer(change_json(change), f"Đã áp dụng thay đổi số {change_id}: {moved} hồ sơ đang mở đổi hạn.")


@click.command("reject")
@click.argument("change_id", metavar="N", type=int)
@click.option("--login", required=True, help="Tài khoản của người từ chối; mật khẩu như khi duyệt.")
@click.option("--note", required=True, help="Vì sao.")
@common_options
@click.pass_obj
def reject(context: AppContext, change_id: int, login: str, note: str) -> None:
    """Từ chối một đề nghị."""
    actor, now = _second_person(context, login), context.now()
    change = calendar_changes.reject(
        context.store, change_id, actor=actor, now=now, note=note,
        in_same_step=logging("calendar_reject", actor, now),
    )  # fmt: skip
    context.answer(change_json(change), f"Đã từ chối đề nghị số {change_id}.")


@click.command("withdraw")
@click.argument("change_id", metavar="N", type=int)
@common_options
@click.pass_obj
def withdraw(context: AppContext, change_id: int) -> None:
    """Rút một đề nghị đã ghi từ dòng lệnh."""
    now = context.now()
    change = calendar_changes.withdraw(
        context.store, change_id, actor=OPERATOR, now=now,
        in_same_step=logging("calendar_withdraw", OPERATOR, now),
    )  # fmt: skip
    context.answer(change_json(change), f"Đã rút đề nghị số {change_id}.")


def _second_person(context: AppContext, login: str) -> str:
    """The login name of an account that may decide and whose password was given."""
    if sys.stdin.isatty():
        password = click.prompt(f"Mật khẩu của {login}", hide_input=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    attempt = log_in(context.store, context.config.web, login=login, password=password, now=context.now())
    if attempt.account is None:
        raise UsageError(
            "tài khoản đang bị khóa tạm" if attempt.locked else "tên đăng nhập hoặc mật khẩu không đúng"
        )
    if attempt.account.role not in CALENDAR:
        raise UsageError("chỉ tài khoản quản trị hoặc cải cách hành chính được quyết định thay đổi lịch")
    return attempt.account.login


# ---------------------------------------------------------------- reading


@click.command("changes")
@click.argument("change_id", metavar="[N]", type=int, required=False)
@common_options
@click.pass_obj
def changes(context: AppContext, change_id: int | None) -> None:
    """Các thay đổi của lịch; với số N: một thay đổi, bản xem trước và nhật ký từng hồ sơ."""
    if change_id is None:
        listed = calendar_changes.changes(context.store)
        text = "\n".join(map(change_text, listed)) or "Chưa có thay đổi nào."
        context.answer({"changes": [change_json(change) for change in listed]}, text)
        return
    change = calendar_changes.change(context.store, change_id)
    journal = calendar_changes.journal(context.store, change_id, limit=JOURNAL_SHOWN)
    note_act(context, "calendar_journal", subject_of(change), {"rows": len(journal)})
    document = {**change_json(change), "journal": [_journal_json(row) for row in journal]}
    lines = [change_text(change), preview_text(change.preview), *map(_journal_text, journal)]
    context.answer(document, "\n".join(lines))


def _journal_text(row: JournalRow) -> str:
    moved = MovedDossier(row.code, row.unit, row.old_due_at, row.new_due_at, row.was_late, row.is_late)
    return f"  {moved_text(moved)}"


def _journal_json(row: JournalRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "unit": row.unit,
        "old_due_at": row.old_due_at.isoformat() if row.old_due_at else None,
        "new_due_at": row.new_due_at.isoformat() if row.new_due_at else None,
        "was_late": row.was_late,
        "is_late": row.is_late,
        "reason": row.reason,
    }


def change_json(change: CalendarChangeRow) -> dict[str, Any]:
    """A change as the contract prints it."""
    return {
        "change": change.change_id,
        "state": change.state.value,
        "operations": operations_json(change.operations),
        "reason": change.reason,
        "proposed_by": change.proposed_by,
        "proposed_at": change.proposed_at.isoformat(),
        "decided_by": change.decided_by,
        "decided_at": change.decided_at.isoformat() if change.decided_at else None,
        "note": change.note,
        "undoes": change.undoes_id,
        "undone_by": change.undone_by_id,
        "preview": preview_json(change.preview),
    }


CALENDAR_COMMANDS = [
    add_day,
    remove_day,
    import_days,
    add_calendar,
    assign,
    undo,
    changes,
    approve,
    reject,
    withdraw,
]
