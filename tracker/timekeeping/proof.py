"""The *phiếu tính hạn*: a settled deadline told day by day in Vietnamese sentences, each with its source.

It explains what `deadlines.settle` found and decides nothing; a test holds the count told equal to the limit.
Step rules (stable keys): received, regime, moved_start, counted, weekend, holiday, make_up, suspended, suspension,
restart, restarted, ignored, rolled, worked, due, zero, no_limit.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter

from tracker.timekeeping.calendar_definition import instant
from tracker.timekeeping.counting import (
    CalendarDayCount,
    Count,
    HalfDayCount,
    MinuteCount,
    WorkdayCount,
)
from tracker.timekeeping.proof_days import REASONS, Case, Taken, date_steps, day_step, named, segments
from tracker.timekeeping.proof_half_days import half_day_steps
from tracker.timekeeping.rules import DeadlinePolicy, Rule, RuleFamily
from tracker.timekeeping.suspensions import Stop
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Limit, LimitUnit, NoLimit, Step

UNITS = {
    LimitUnit.WORKDAY: "ngày làm việc",
    LimitUnit.DAY: "ngày",
    LimitUnit.MONTH: "tháng",
    LimitUnit.HOUR: "giờ làm việc",
    LimitUnit.MINUTE: "phút",
}
_BY_MOMENT = attrgetter("at")


def no_limit_steps(received: datetime, limit: NoLimit) -> tuple[Step, ...]:
    """Why there is no due date."""
    text = f"Thời hạn “{limit.text}” không tính được thành ngày: hồ sơ không có hạn trả."
    return (Step(received.astimezone(VN), "no_limit", limit.code, text, None),)


def zero_steps(due: datetime, limit: Limit) -> tuple[Step, ...]:
    """A limit of 0: due at reception, to be looked at by a person."""
    text = f"Thời hạn “{limit.text}” bằng 0: hạn trả là lúc tiếp nhận {_at(due)}; cần kiểm tra lại."
    return (Step(due, "zero", "LIMIT_ZERO", text, due),)


def proof_steps(case: Case, count: Count, calendar: WorkingCalendar, policy: DeadlinePolicy) -> list[Step]:
    """All steps after the reception's own in order of time: regime, each day, each stop, the due date."""
    days = _days(case, count, calendar)
    steps = [
        *_regime_step(case, calendar, policy),
        *_moved_start(case, count, calendar),
        *(days if not case.taken else _interleaved(days, _events(case))),
    ]
    due = instant(case.due)
    steps.append(Step(due, "due", case.rule.source, f"Hạn trả kết quả: {_at(due)}.", due))
    return steps


def _days(case: Case, count: Count, calendar: WorkingCalendar) -> Iterable[Step]:
    if isinstance(count, MinuteCount):
        return _hour_days(case, count, calendar)
    if isinstance(count, HalfDayCount):
        return half_day_steps(case, count)
    if isinstance(count, WorkdayCount | CalendarDayCount):
        return date_steps(case, count, calendar)
    raise TypeError(f"no proof for {type(count).__name__}")


def received_step(at: datetime, tail: str, source: str) -> Step:
    """The first step: when and by which limit; `tail` is what `received_tail` says."""
    return Step(at, "received", source, f"Tiếp nhận {at.hour:02}:{at.minute:02}{tail}", None)


def received_tail(at: datetime, how: str) -> str:
    """What the first step says after the time of day, the same for all receptions of a date."""
    return f" ngày {at.day:02}/{at.month:02}/{at.year}; {how}"


def how_counted(limit: Limit, rule: Rule) -> str:
    """How the limit is counted from its beginning, the same for every dossier."""
    if rule.family is RuleFamily.HOURS:
        how = "tính từ lúc này"
    elif rule.family is RuleFamily.HALF_DAYS:
        how = "tính theo buổi, không tính buổi tiếp nhận"
    else:
        how = "ngày tiếp nhận được tính" if rule.count_receiving_day else "ngày tiếp nhận không tính"
    note = " Chỉ để so sánh, không phải hạn chính thức." if rule.comparison else ""
    return f"thời hạn {limit.value!s} {UNITS[limit.unit]}, {how}.{note}"


def _regime_step(case: Case, calendar: WorkingCalendar, policy: DeadlinePolicy) -> Iterator[Step]:
    """Which decree governs a dossier received that day; nothing where the policy has no regimes."""
    regime = policy.regime_for(calendar.date_of(calendar.row_at(case.received)))
    if regime is not None:
        yield Step(instant(case.received), "regime", regime.source, regime.text, None)


def _moved_start(case: Case, count: Count, calendar: WorkingCalendar) -> Iterator[Step]:
    """Where the rule counts the reception as one of a later day: after its cut-off or closing, or on a day off."""
    if not isinstance(count, WorkdayCount | CalendarDayCount):
        return
    begins = count.base_row(case.received) + case.rule.count_receiving_day
    if begins > calendar.row_at(case.received):
        why = _why_moved(case, calendar)
        text = f"{why}: tính như tiếp nhận {named(calendar, begins)}."
        yield Step(instant(case.received), "moved_start", case.rule.source, text, None)


def _why_moved(case: Case, calendar: WorkingCalendar) -> str:
    row, cutoff = calendar.row_at(case.received), case.rule.cutoff
    if calendar.next_worked_row(row) != row:
        return "Tiếp nhận vào ngày nghỉ"
    if cutoff is not None and case.received > calendar.row_start(row) + cutoff * 60:
        return f"Tiếp nhận sau {cutoff // 60:02}:{cutoff % 60:02}"
    return "Tiếp nhận sau giờ trả kết quả của ngày"


# ---------------------------------------------------------------- stops


def _interleaved(days: Iterable[Step], events: list[Step]) -> list[Step]:
    return sorted([*events, *days], key=_BY_MOMENT)


def _events(case: Case) -> list[Step]:
    return [step for item in case.taken for step in _event(item, case.anchor)]


def _event(item: Taken, anchor: int) -> Iterator[Step]:
    stop, after = item.stop, instant(item.after)
    start, end = instant(stop.start), instant(stop.end)
    if not item.applied:
        text = f"{_what(stop)} {_at(start)}, sau khi đã hết hạn {_at(after)}: không đổi hạn."
        yield Step(start, "ignored", stop.source, text, after)
        return
    if stop.kind is not None:
        until = f"còn tiếp diễn, xét đến {_at(end)}" if stop.is_open else f"đến {_at(end)}"
        moved = "" if stop.restart else f"; hạn từ {_at(instant(item.before))} thành {_at(after)}"
        yield Step(start, "suspension", stop.source, f"{_what(stop)} {_at(start)} {until}{moved}.", after)
    if stop.restart and stop.end <= anchor:
        rule = "restart" if stop.kind is None else "restarted"
        text = f"Thời hạn tính lại từ đầu kể từ {_at(end)}, không tính phần trước đó; hạn thành {_at(after)}."
        yield Step(end, rule, stop.source, text, after)


def _what(stop: Stop) -> str:
    if stop.kind is None:
        return "Mốc tính lại"
    return f"Đồng hồ dừng ({REASONS.get(stop.kind, stop.kind)}) từ"


# ---------------------------------------------------------------- hours


def _hour_days(case: Case, count: Count, calendar: WorkingCalendar) -> Iterator[Step]:
    """One step a date on which working time was used, and one for each day off in between."""
    begins = segments(case)
    total = count.whole_minutes(case.anchor)
    for place, begin in enumerate(begins):
        last = place + 1 == len(begins)
        end = case.due if last else begins[place + 1]
        yield from _hour_segment(begin, end, total, case, calendar)


def _hour_segment(begin: int, end: int, total: int, case: Case, calendar: WorkingCalendar) -> Iterator[Step]:
    used = 0
    spans = _running(begin, end, case)
    for row in range(calendar.row_at(begin), calendar.row_at(end) + 1):
        first, after = calendar.row_start(row), calendar.row_start(row) + 86400 - 1
        seconds = sum(
            calendar.working_seconds(max(a, first), min(b, after))
            for a, b in spans
            if a <= after and b > first
        )
        used += seconds
        if seconds:
            yield _hour_step(calendar, max(first, begin), seconds, used, total)
        elif calendar.next_worked_row(row) != row:
            yield day_step(calendar, row, 0, 0, False, case.rule.source)


def _hour_step(calendar: WorkingCalendar, at: int, seconds: int, used: int, total: int) -> Step:
    row = calendar.row_at(at)
    text = f"{named(calendar, row)}: tính {seconds // 60} phút làm việc, cộng dồn {used // 60}/{total} phút."
    return Step(instant(at), "worked", f"Lịch {calendar.key}", text, None)


def _running(begin: int, end: int, case: Case) -> list[tuple[int, int]]:
    """The stretches of [begin, end) in which the clock runs."""
    spans, at = [], begin
    for item in case.taken:
        if item.applied and item.stop.end > at and item.stop.start < end:
            if item.stop.start > at:
                spans.append((at, item.stop.start))
            at = item.stop.end
    return [*spans, (at, end)] if at < end else spans


def _at(moment: datetime) -> str:
    return f"{moment.hour:02}:{moment.minute:02} ngày {moment.day:02}/{moment.month:02}/{moment.year}"
