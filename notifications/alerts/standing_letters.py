"""What stands still in the ledger of a head's units, in words: the part of the morning's digest about apology letters."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta

from tracker.errors import CalendarError
from tracker.store import letter_reminders
from tracker.store.session import Session
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN

WORDS: Mapping[str, str] = {
    "to_check": "hồ sơ cần kiểm tra có phải xin lỗi không",
    "owed": "hồ sơ phải xin lỗi chưa có thư",
    "drafted": "thư chờ duyệt",
    "approved": "thư đã duyệt chờ ký",
    "signed": "thư đã ký chờ vào sổ",
    "numbered": "thư đã vào sổ chờ gửi",
    "desk": "thư chưa được bộ phận Một cửa xác nhận điều chỉnh ngày trả",
    "promise_near": "ngày hẹn mới đến hạn trong hai ngày làm việc tới",
}
NEAR_DAYS = 2
DAY = timedelta(days=1)


def letters_standing(
    session: Session,
    unit_ids: Collection[int] | None,
    *,
    calendar: WorkingCalendar,
    day: date,
    stuck_days: int,
) -> tuple[tuple[str, int], ...]:
    """What waits in these units (None = all) on a day, as (words, count), by the way of a letter; nothing where the
    calendar does not reach.
    """
    try:
        before, until = _back(calendar, day, stuck_days), calendar.add_workdays(day, NEAR_DAYS)
    except CalendarError:
        return ()
    counts = letter_reminders.standing_letters(
        session, unit_ids, before=_midnight(before), near_from=_midnight(day), near_to=_midnight(until + DAY)
    )
    return tuple((words, counts[what]) for what, words in WORDS.items() if what in counts)


def _back(calendar: WorkingCalendar, day: date, days: int) -> date:
    """The working day since which something must have moved."""
    for _ in range(days):
        day = calendar.previous_workday(day - DAY)
    return day


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time.min, VN).timestamp())
