"""A second opinion on the working calendar: what the `holidays` package thinks of the same dates.

Nothing rests on it: no due date, no verdict. Only `calendar check` shows where the two differ, so that a person looks at
the notice. The package is read here alone and may be missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.timekeeping.working_calendar import WorkingCalendar

ESTIMATE = "dự kiến"
"""The mark that the package puts on a holiday whose date it only estimates."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A date that one side works and the other does not.

    `notice`: what our table rests on there, None where it has no entry. `explained`: the entry has a notice and is not
    provisional. `estimated`: one of the sides has only computed that year, so that a difference proves nothing.
    """

    day: date
    worked_by_us: bool
    notice: str | None
    explained: bool
    estimated: bool

    @property
    def is_alarming(self) -> bool:
        """Should somebody look for the notice?"""
        return not (self.explained or self.estimated)

    @property
    def document(self) -> dict[str, Any]:
        """As the command prints it."""
        words = {True: "worked", False: "off"}
        return {
            "date": self.day.isoformat(),
            "ours": words[self.worked_by_us],
            "theirs": words[not self.worked_by_us],
            "notice": self.notice,
            "explained": self.explained,
            "estimated": self.estimated,
        }

    @property
    def text(self) -> str:
        """One line for people."""
        ours, theirs = ("làm việc", "nghỉ") if self.worked_by_us else ("nghỉ", "làm việc")
        reason = "năm mới chỉ được tạm tính" if self.estimated else "chưa rõ căn cứ"
        known = f"lịch này theo {self.notice}" if self.explained else reason
        return f"{self.day:%d/%m/%Y}: lịch này ghi {ours}, gói holidays ghi {theirs}; {known}"


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What the package says of a calendar's dates; `unknown_years`: those it does not cover."""

    package: str
    version: str
    differences: tuple[Difference, ...]
    unknown_years: tuple[int, ...]

    @property
    def warnings(self) -> list[str]:
        """The differences that nothing explains."""
        return [difference.text for difference in self.differences if difference.is_alarming]

    @property
    def document(self) -> dict[str, Any]:
        """As `calendar check` prints it."""
        return {
            "package": self.package,
            "version": self.version,
            "differences": [difference.document for difference in self.differences],
            "unknown_years": list(self.unknown_years),
        }

    @property
    def text(self) -> str:
        """Lines for people: who was asked, and every difference that is no warning."""
        told = [difference.text for difference in self.differences if not difference.is_alarming]
        unknown = [f"gói holidays không biết năm {year}" for year in self.unknown_years]
        differ = f"khác {len(self.differences)} ngày" if self.differences else "không khác ngày nào"
        return "\n".join([f"Ý kiến thứ hai (gói holidays {self.version}): {differ}.", *told, *unknown])


NO_OPINION = "Không có ý kiến thứ hai: máy này chưa cài gói holidays."


def second_opinion(table: WorkingCalendar) -> SecondOpinion | None:
    """Compare every loaded date with the package's public holidays and worked weekends; None where it is missing."""
    try:
        import holidays
    except ImportError:
        return None
    known = range(holidays.VN.start_year, holidays.VN.end_year + 1)
    years = range(table.first.year, table.last.year + 1)
    theirs = holidays.VN(years=[year for year in years if year in known], language="vi")
    estimated = table.provisional_years | {day.year for day, name in theirs.items() if ESTIMATE in name}
    differences = [
        _difference(table, day, estimated)
        for day in (table.date_of(row) for row in range(table.size))
        if day.year in known and table.is_working(day) is not _worked_by(theirs, table, day)
    ]
    unknown = tuple(year for year in years if year not in known)
    return SecondOpinion("holidays", holidays.__version__, tuple(differences), unknown)


def _worked_by(theirs: Any, table: WorkingCalendar, day: date) -> bool:
    """Would the date be worked with the package's holidays? The week is the office's own: the package knows none."""
    weekly: Mapping[int, object] = table.definition.weekdays
    return day in theirs.weekend_workdays or (bool(weekly.get(day.weekday())) and day not in theirs)


def _difference(table: WorkingCalendar, day: date, estimated: frozenset[int] | set[int]) -> Difference:
    entry = next((entry for entry in table.definition.days if entry.day == day), None)
    explained = entry is not None and bool(entry.notice.strip()) and not entry.provisional
    notice = entry.notice if entry else None
    return Difference(day, table.is_working(day), notice, explained, day.year in estimated)
