"""Changes of the working calendar in words and numbers, for the command line."""

from collections.abc import Iterator

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
    yield f"  {count(p.open_moved)} hồ sơ đang mở đổi hạn ({count(p.open_later)} muộn hơn, {count(p.open_earlier)} sớm hơn)"
    yield f"  {count(p.open_no_longer_late)} hồ sơ hết trễ, {count(p.open_newly_late)} hồ sơ thành trễ"
    yield (
        f"  {count(p.closed_would_be_on_time)} hồ sơ đã kết thúc lẽ ra đúng hạn, {count(p.closed_would_be_late)} lẽ ra"
        " trễ: hồ sơ đã kết thúc giữ nguyên kết luận"
    )
    yield f"  {count(p.letters_marked)} thư của các hồ sơ đổi hạn: giữ nguyên, chỉ được đánh dấu"
    for unit in p.units[:UNITS_SHOWN]:
        yield f"    {count(unit.moved):>8}  {unit.unit or '(chưa rõ đơn vị)'}"
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


def count(number: int) -> str:
    """12.345."""
    return f"{number:,}".replace(",", ".")


def operation_text(operation: Operation) -> str:
    """One operation in a sentence."""
    if isinstance(operation, AddDay):
        how = "nghỉ"
        if operation.replaces:
            how = f"làm thay ngày {operation.replaces:%d/%m/%Y}"
        elif operation.sessions:
            how = f"làm {operation.sessions}"
        about = f"{operation.notice}{', tạm tính' if operation.provisional else ''}"
        return f"Lịch {operation.calendar}: {operation.day:%d/%m/%Y} {how} – {operation.name} [{about}]"
    if isinstance(operation, RemoveDay):
        return f"Lịch {operation.calendar}: bỏ ngày {operation.day:%d/%m/%Y} do cơ quan khai"
    if isinstance(operation, AddCalendar):
        return f"Lịch {operation.key} – {operation.name}, dựa trên {operation.base} [{operation.source}]"
    if isinstance(operation, AssignCalendar):
        since = f" từ {operation.valid_from:%d/%m/%Y}" if operation.valid_from else ""
        until = f" đến {operation.valid_to:%d/%m/%Y}" if operation.valid_to else ""
        return (
            f"Đơn vị số {operation.unit_id} dùng lịch {operation.calendar}{since}{until} [{operation.source}]"
        )
    return f"Hoàn tác thay đổi số {operation.change_id}"


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
