"""What a person should look after in a working calendar: years without one, years only computed, days without a notice."""

from collections.abc import Iterator
from datetime import date

from tracker.timekeeping.calendar_years import holds_year
from tracker.timekeeping.working_calendar import WorkingCalendar


def calendar_warnings(table: WorkingCalendar, today: date) -> list[str]:
    """This year and next, and entries that name no notice, one sentence each; empty if all is well."""
    warnings = []
    for year in (today.year, today.year + 1):
        ahead = [day for day in table.provisional if day.year == year and day >= today]
        if not holds_year(table, year):
            warnings.append(f"Năm {year}: chưa có lịch; hạn trả rơi vào năm này sẽ không tính được.")
        elif ahead:
            warnings.append(
                f"Năm {year}: lịch tạm tính, chưa có thông báo nghỉ lễ; còn {len(ahead)} ngày, từ {ahead[0]:%d/%m/%Y}."
            )
    return warnings + [
        f"Năm {year}: không có căn cứ (thông báo nghỉ lễ) cho {told}." for year, told in without_notice(table)
    ]


def without_notice(table: WorkingCalendar) -> Iterator[tuple[int, str]]:
    """Loaded years without any day off, or with days that rest on nothing."""
    for year in range(table.first.year, table.last.year + 1):
        entries = [entry for entry in table.definition.days if entry.day.year == year]
        bare = sorted(entry.day for entry in entries if not entry.notice.strip())
        if not entries:
            yield year, "cả năm"
        elif bare:
            yield year, ", ".join(f"{day:%d/%m/%Y}" for day in bare)
