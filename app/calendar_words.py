"""Changes of the working calendar in words and numbers, for pages and the command line."""

from collections.abc import Iterator
from datetime import date

from app.presenters import number
from tracker.timekeeping.office_time import NATIONAL
from tracker.timekeeping.proof_days import WEEKDAYS
from tracker.types.calendars import (
    AddCalendar,
    AddDay,
    AssignCalendar,
    CalendarChangeRow,
    ChangePreview,
    ChangeState,
    MovedDossier,
    Operation,
    RemoveDay,
    TakeBack,
)

STATES = {
    ChangeState.PROPOSED: "chờ người thứ hai duyệt",
    ChangeState.APPLIED: "đã áp dụng",
    ChangeState.REJECTED: "bị từ chối",
    ChangeState.WITHDRAWN: "đã rút",
}
UNITS_SHOWN, SAMPLES_SHOWN = 15, 10


def preview_text(preview: ChangePreview) -> str:
    """What a change would move, for who decides on it."""
    return "\n".join(_preview_lines(preview))


def _preview_lines(p: ChangePreview) -> Iterator[str]:
    yield f"Xem trước tại {p.as_of:%H:%M %d/%m/%Y}, theo hạn tính theo quy định:"
    yield f"  {number(p.open_moved)} hồ sơ đang mở đổi hạn ({number(p.open_later)} muộn hơn, {number(p.open_earlier)} sớm hơn)"
    yield f"  {number(p.open_no_longer_late)} hồ sơ hết trễ, {number(p.open_newly_late)} hồ sơ thành trễ"
    yield (
        f"  {number(p.closed_would_be_on_time)} hồ sơ đã kết thúc lẽ ra đúng hạn, {number(p.closed_would_be_late)} lẽ ra"
        " trễ: hồ sơ đã kết thúc giữ nguyên kết luận"
    )
    yield f"  {number(p.letters_marked)} thư của các hồ sơ đổi hạn: giữ nguyên, chỉ được đánh dấu"
    for unit in p.units[:UNITS_SHOWN]:
        yield f"    {number(unit.moved):>8}  {unit.unit or '(chưa rõ đơn vị)'}"
    if len(p.units) > UNITS_SHOWN:
        yield f"    … và {len(p.units) - UNITS_SHOWN} đơn vị nữa"
    for dossier in p.samples[:SAMPLES_SHOWN]:
        yield f"  ví dụ {moved_text(dossier)}"


def moved_text(dossier: MovedDossier) -> str:
    """One dossier: from which date to which, and what that does to its lateness."""
    old, new = (
        f"{due:%d/%m/%Y}" if due else "không tính được" for due in (dossier.old_due_at, dossier.new_due_at)
    )
    turn = {(True, False): ", hết trễ", (False, True): ", thành trễ"}.get(
        (dossier.was_late, dossier.is_late), ""
    )
    return f"{dossier.code}: {old} → {new}{turn}"


def operation_text(operation: Operation) -> str:
    """What one operation asks for, as a sentence."""
    match operation:
        case AddDay(replaces=replaces, sessions=sessions) as added:
            what = (
                f"làm bù thay cho {replaces:%d/%m/%Y}"
                if replaces
                else f"chỉ làm việc {sessions}"
                if sessions
                else "nghỉ"
            )
            note = "; tạm tính, chưa có văn bản chính thức" if added.provisional else ""
            return (
                f"{_date(added.day)} {what}: {added.name} ({added.notice}{note}), {_calendar(added.calendar)}"
            )
        case RemoveDay():
            return f"Bỏ ngày {_date(operation.day)} mà cơ quan đã khai, {_calendar(operation.calendar)}"
        case AddCalendar():
            return f"Lịch mới {operation.key} – {operation.name}, dựa trên lịch {operation.base} ({operation.source})"
        case AssignCalendar():
            since = f" từ {operation.valid_from:%d/%m/%Y}" if operation.valid_from else ""
            until = f" đến hết {operation.valid_to:%d/%m/%Y}" if operation.valid_to else ""
            return f"Đơn vị số {operation.unit_id} dùng lịch {operation.calendar}{since}{until} ({operation.source})"
        case TakeBack():
            return f"Hoàn tác thay đổi số {operation.change_id}"


def _calendar(key: str) -> str:
    return "mọi lịch" if key == NATIONAL else f"lịch {key}"


def _date(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}"


def change_text(change: CalendarChangeRow) -> str:
    """One change: what, why, who, when."""
    lines = [f"Thay đổi số {change.change_id}: {STATES[change.state]}"]
    lines += [f"  {operation_text(operation)}" for operation in change.operations]
    lines.append(f"  lý do: {change.reason}")
    lines.append(f"  đề nghị: {change.proposed_by}, {change.proposed_at:%H:%M %d/%m/%Y}")
    if change.decided_at:
        note = f" – {change.note}" if change.note else ""
        lines.append(f"  quyết định: {change.decided_by}, {change.decided_at:%H:%M %d/%m/%Y}{note}")
    if change.undone_by_id:
        lines.append(f"  đã được hoàn tác bởi thay đổi số {change.undone_by_id}")
    return "\n".join(lines)
