"""Words of the command line and of case files -> values of the domain: instants, suspensions, statuses.

What a date without a time means depends on what it dates (command contract, "Late"): reception, restarts and both ends of
a suspension begin the day, due dates and ends close it, as-of is the end of the day.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from tracker.errors import CalendarError, UsageError
from tracker.timekeeping.reappointment import Reappointment
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Channel, SourceStatus, Suspension, SuspensionKind

LAST_SECOND = time(23, 59, 59)

# Codes and names of the national portal, and our own words.
STATUSES: dict[str, SourceStatus] = {
    "1": SourceStatus.FILED,
    "2": SourceStatus.ACCEPTED,
    "3": SourceStatus.REFUSED,
    "4": SourceStatus.PROCESSING,
    "5": SourceStatus.AWAITING_SUPPLEMENT,
    "6": SourceStatus.AWAITING_FEE,
    "7": SourceStatus.WITHDRAWN,
    "8": SourceStatus.STOPPED,
    "9": SourceStatus.DONE,
    "10": SourceStatus.RETURNED,
    "11": SourceStatus.REFUSED,
    "draft": SourceStatus.FILED,
    "suspended": SourceStatus.STOPPED,
    "mới đăng ký": SourceStatus.FILED,
    "được tiếp nhận": SourceStatus.ACCEPTED,
    "không được tiếp nhận": SourceStatus.REFUSED,
    "đang xử lý": SourceStatus.PROCESSING,
    "yêu cầu bổ sung giấy tờ": SourceStatus.AWAITING_SUPPLEMENT,
    "yêu cầu thực hiện nghĩa vụ tài chính": SourceStatus.AWAITING_FEE,
    "công dân yêu cầu rút hồ sơ": SourceStatus.WITHDRAWN,
    "dừng xử lý": SourceStatus.STOPPED,
    "đã xử lý xong": SourceStatus.DONE,
    "đã trả kết quả": SourceStatus.RETURNED,
    **{status.value: status for status in SourceStatus},
}


def read_moment(text: object, what: str) -> date | datetime:
    """A date or an aware instant (without a zone: the office's), whole seconds; UsageError names `what`."""
    if not isinstance(text, str):
        raise UsageError(f"{what}: {text!r} không phải là ngày hoặc thời điểm")
    cleaned = text.strip()
    try:
        if not set(cleaned) & set("T :"):
            return date.fromisoformat(cleaned)
        read = datetime.fromisoformat(cleaned).replace(microsecond=0)
        return read.replace(tzinfo=VN) if read.tzinfo is None else read.astimezone(VN)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{what}: {text!r} không phải là ngày (YYYY-MM-DD) hoặc thời điểm ISO 8601"
        ) from None


def day_begin(text: object, what: str) -> datetime:
    """Reception, restart, ends of a suspension: a bare date is its 00:00."""
    moment = read_moment(text, what)
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), VN)


def session_end(text: object, what: str, calendar: WorkingCalendar) -> datetime:
    """Due dates and ends: a bare date is the end of its last session, of the day where it has none or is not loaded."""
    moment = read_moment(text, what)
    if isinstance(moment, datetime):
        return moment
    try:
        return calendar.day_end(moment)
    except CalendarError:
        return datetime.combine(moment, LAST_SECOND, VN)


def day_close(text: object, what: str) -> datetime:
    """As-of: a bare date is the end of that day."""
    moment = read_moment(text, what)
    return moment if isinstance(moment, datetime) else datetime.combine(moment, LAST_SECOND, VN)


def read_day(text: object, what: str) -> date:
    """The local date of a date or an instant."""
    moment = read_moment(text, what)
    return moment.date() if isinstance(moment, datetime) else moment


def read_status(text: object) -> SourceStatus | None:
    """A status by our word, portal code or portal name; None where none is given."""
    if text is None or text == "":
        return None
    status = STATUSES.get(" ".join(str(text).casefold().split()))
    if status is None:
        raise UsageError(f"status: không có trạng thái {text!r}; dùng mã 1–11 hoặc {', '.join(SourceStatus)}")
    return status


def read_suspension(entry: object) -> Suspension:
    """`FROM/TO[:KIND]` or `[from, to, kind]`; no TO = still open, no KIND = pause."""
    parts = _split(entry) if isinstance(entry, str) else entry
    if not isinstance(parts, Sequence) or not 1 <= len(parts) <= 3:
        raise UsageError(f"suspend: {entry!r} phải có dạng FROM/TO:KIND hoặc [from, to, kind]")
    start, end, kind = (*parts, None, None)[:3]
    begin = day_begin(start, "suspend")
    until = day_begin(end, "suspend") if end else None
    if until is not None and until < begin:
        raise UsageError(f"suspend: {entry!r} kết thúc trước khi bắt đầu")
    return Suspension(begin, until, _kind(kind))


def read_reappointment(entry: object, calendar: WorkingCalendar) -> Reappointment:
    """`MADE/NEWDUE` or `[made, new due]`: when a new return date was promised, and the date."""
    parts = entry.split("/") if isinstance(entry, str) else entry
    if not isinstance(parts, Sequence) or len(parts) != 2:
        raise UsageError(f"reappoint: {entry!r} phải có dạng MADE/NEWDUE hoặc [made, new due]")
    made, due = day_begin(parts[0], "reappoint"), session_end(parts[1], "reappoint", calendar)
    if due < made:
        raise UsageError(f"reappoint: {entry!r} hẹn lại một ngày đã qua lúc hẹn")
    return Reappointment(made, due)


def read_channel(text: object) -> Channel:
    """A channel by its word; unknown where none is given."""
    try:
        return Channel(str(text).strip().casefold()) if text else Channel.UNKNOWN
    except ValueError:
        raise UsageError(f"channel: không có kênh {text!r}; có: {', '.join(Channel)}") from None


def _split(text: str) -> tuple[str | None, ...]:
    start, slash, rest = text.partition("/")
    if not slash:
        raise UsageError(f"suspend: {text!r} phải có dạng FROM/TO:KIND")
    end, colon, kind = rest.rpartition(":")
    if colon and kind.strip().isalpha():
        return start, end, kind
    return start, rest.rstrip(":"), None


def _kind(kind: Any) -> SuspensionKind:
    try:
        return SuspensionKind(str(kind).strip().casefold()) if kind else SuspensionKind.PAUSE
    except ValueError:
        raise UsageError(f"suspend: không có loại {kind!r}; có: {', '.join(SuspensionKind)}") from None


def moment_text(moment: datetime | None) -> str | None:
    """An instant as ISO 8601 with +07:00, seconds only where there are any."""
    if moment is None:
        return None
    local = moment if moment.utcoffset() == timedelta(hours=7) else moment.astimezone(VN)
    return local.isoformat(timespec="seconds" if local.second else "minutes")
