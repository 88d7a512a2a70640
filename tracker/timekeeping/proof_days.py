"""The dates of a *phiếu tính hạn*: one sentence a date, with its source, between reception and due date.

Sentences are kept and shared: the same date counted as the same number reads alike in every dossier.
"""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from tracker.timekeeping.calendar_definition import DayKind, instant, sessions_text
from tracker.timekeeping.counting import CalendarDayCount, DateCount
from tracker.timekeeping.rules import Rule
from tracker.timekeeping.suspensions import Stop
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import Limit, Step, SuspensionKind

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
REASONS = {
    SuspensionKind.PAUSE: "tạm dừng",
    SuspensionKind.SUPPLEMENT: "yêu cầu bổ sung hồ sơ",
    SuspensionKind.FINANCIAL: "thực hiện nghĩa vụ tài chính",
    SuspensionKind.VERIFICATION: "xác minh, giám định",
    SuspensionKind.POSTING: "niêm yết, ký giáp ranh",
    SuspensionKind.VIOLATION: "xem xét xử lý vi phạm",
}
WEEKLY_REST = "BLLĐ 2019 Điều 111"
ROLL = "BLDS 2015 Điều 148.5"


class Taken(NamedTuple):
    """One stop and the due instants before and after it (UTC epoch seconds); not applied = begun too late."""

    stop: Stop
    before: int
    after: int
    applied: bool


class Case(NamedTuple):
    """A settled deadline; instants are UTC epoch seconds, `anchor` is where the limit began at last."""

    received: int
    due: int
    anchor: int
    taken: list[Taken]
    limit: Limit
    rule: Rule


def date_steps(case: Case, count: DateCount, calendar: WorkingCalendar) -> list[Step]:
    """One step a date, from the day after reception to the due date."""
    begins = segments(case)
    frozen = frozen_rows(case, calendar) if case.taken else []
    steps: list[Step] = []
    for place, begin in enumerate(begins):
        last = place + 1 == len(begins)
        # The date of a restart is not counted: its own step says so.
        until = calendar.row_at(case.due) if last else calendar.row_at(begins[place + 1]) - 1
        steps += _segment(_Segment(begin, until, frozen), case, count, calendar)
    return steps


class Frozen(NamedTuple):
    """Rows begin..end-1, in which a stop freezes every date."""

    begin: int
    end: int
    stop: Stop


class _Segment(NamedTuple):
    """The dates after `begin` up to row `until`, over which the limit runs without a restart."""

    begin: int
    until: int
    frozen: list[Frozen]


def segments(case: Case) -> list[int]:
    """The instants from which the limit was begun: reception, then every restart that stood."""
    restarts = [t.stop.end for t in case.taken if t.applied and t.stop.restart and t.stop.end <= case.anchor]
    return [case.received, *sorted(restarts)]


def frozen_rows(case: Case, calendar: WorkingCalendar) -> list[Frozen]:
    """The dates that the applied stops freeze, in the order in which they were taken."""
    return [
        Frozen(calendar.row_at(item.stop.start), calendar.row_at(item.stop.end), item.stop)
        for item in case.taken
        if item.applied
    ]


def _segment(part: _Segment, case: Case, count: DateCount, calendar: WorkingCalendar) -> list[Step]:
    begin = count.base_row(part.begin)
    source = case.rule.source
    if isinstance(count, CalendarDayCount):
        told = _Told(calendar, count.length(begin), source, by_calendar=True)
    else:
        told = _Told(calendar, int(case.limit.value), source, by_calendar=False)
    steps: list[Step] = []
    reached, number = begin + 1, 0
    for item in part.frozen:
        first, after = max(item.begin, reached), min(item.end, part.until + 1)
        if first < after:
            number = told.run(steps, reached, first, number)
            steps += [
                frozen_step(calendar, row, item.stop.kind, item.stop.source) for row in range(first, after)
            ]
            reached = after
    told.run(steps, reached, part.until + 1, number)
    if steps and begin < calendar.row_at(part.begin):  # the day on which it begins is counted too
        steps[0] = replace(steps[0], at=instant(part.begin))
    return steps


class _Told:
    """Tells runs of unfrozen dates, from finished sentences wherever another dossier has counted the date alike."""

    __slots__ = ("by_calendar", "calendar", "sentences", "total")

    def __init__(self, calendar: WorkingCalendar, total: int, source: str, *, by_calendar: bool) -> None:
        self.calendar, self.total, self.by_calendar = calendar, total, by_calendar
        self.sentences = _sentences(calendar, total, by_calendar, source)

    def run(self, steps: list[Step], first: int, after: int, number: int) -> int:
        """Append the steps of rows first..after-1, `number` dates having been counted before; the new number."""
        if first >= after:
            return number
        sentences = self.sentences
        if self.by_calendar:
            steps += [
                sentences[row, min(number + place, self.total + 1)]
                for place, row in enumerate(range(first, after), 1)
            ]
            return min(number + after - first, self.total)
        counted = self.calendar.counted_to
        before = counted[first - 1] - number
        steps += [sentences[row, counted[row] - before] for row in range(first, after)]
        return counted[after - 1] - before


class _Sentences(dict[tuple[int, int], Step]):
    """(row, dates counted up to and with it) -> its step; made when first asked for."""

    def __init__(self, calendar: WorkingCalendar, total: int, by_calendar: bool, source: str) -> None:
        super().__init__()
        self.calendar, self.total, self.by_calendar, self.source = calendar, total, by_calendar, source

    def __missing__(self, key: tuple[int, int]) -> Step:
        row, number = key
        calendar = self.calendar
        counts = number <= self.total if self.by_calendar else calendar.next_worked_row(row) == row
        step = day_step(calendar, row, number if counts else 0, self.total, self.by_calendar, self.source)
        self[key] = step
        return step


@lru_cache(maxsize=512)
def _sentences(calendar: WorkingCalendar, total: int, by_calendar: bool, source: str) -> _Sentences:
    return _Sentences(calendar, total, by_calendar, source)


@lru_cache(maxsize=50_000)
def frozen_step(calendar: WorkingCalendar, row: int, kind: SuspensionKind | None, source: str) -> Step:
    """The sentence of a date on which the clock stands."""
    reason = REASONS.get(kind, "") if kind else ""
    text = f"{named(calendar, row)}: đồng hồ dừng ({reason}), không tính."
    return Step(instant(calendar.row_start(row)), "suspended", source, text, None)


def day_step(
    calendar: WorkingCalendar, row: int, number: int, total: int, by_calendar: bool, source: str
) -> Step:
    """The sentence of one date; the same for every dossier that counts it as the same number."""
    day = calendar.date_of(row)
    kind, name = calendar.kind(day), named(calendar, row)
    at = instant(calendar.row_start(row))
    counted = f"ngày {'' if by_calendar else 'làm việc '}thứ {number}/{total}"
    if number and by_calendar:
        return Step(at, "counted", source, f"{name}: {counted}.", None)
    if kind is DayKind.MAKE_UP:
        what = counted if number else "ngày kết thúc sau khi chuyển"
        replaced = calendar.make_up[day]
        text = f"{name}: làm bù cho {replaced.replaces:%d/%m/%Y}, {what}."
        return Step(at, "make_up" if number else "rolled", replaced.notice, text, None)
    if kind is DayKind.HALF_DAY and number:
        changed = calendar.changed[day]
        text = f"{name}: làm việc {sessions_text(changed.sessions)} ({changed.name}), {counted}."
        return Step(at, "counted", changed.notice, text, None)
    if kind is DayKind.HOLIDAY:
        off = calendar.off[day]
        return Step(at, "holiday", off.notice, f"{name}: {_rest(off.name)}, không tính.", None)
    if kind is DayKind.WEEKEND:
        return Step(at, "weekend", WEEKLY_REST, f"{name}: nghỉ hằng tuần, không tính.", None)
    if number:
        return Step(at, "counted", source, f"{name}: {counted}.", None)
    return Step(at, "rolled", ROLL, f"{name}: ngày cuối rơi vào ngày nghỉ nên chuyển đến ngày này.", None)


def _rest(name: str) -> str:
    """ "nghỉ Tết Nguyên đán"; a day that is called "Nghỉ …" needs no second word."""
    return name if name.casefold().startswith("nghỉ") else f"nghỉ {name}"


def named(calendar: WorkingCalendar, row: int) -> str:
    """Weekday and date of a row."""
    day = calendar.date_of(row)
    return f"{WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}"
