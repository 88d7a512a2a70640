"""The *phiếu tính hạn*: a settled deadline told day by day in Vietnamese sentences, each with its source.

It explains what `deadlines.settle` found and decides nothing; a test holds the count told equal to the limit.
Step rules (stable keys): received, counted, weekend, holiday, make_up, suspended, suspension, restart, restarted,
ignored, rolled, worked, due, zero, no_limit.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter

from tracker.timekeeping.calendar_definition import instant
from tracker.timekeeping.counting import Count, MinuteCount
from tracker.timekeeping.proof_days import REASONS, Case, Taken, date_steps, day_step, named, segments
from tracker.timekeeping.rules import Rule, RuleFamily
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


def proof_steps(case: Case, count: Count, calendar: WorkingCalendar) -> tuple[Step, ...]:
    """All steps in order of time: reception, each day, each stop, the due date."""
    steps = [received_step(case.received, case.limit, case.rule)]
    days = (
        _hour_days(case, count, calendar)
        if isinstance(count, MinuteCount)
        else date_steps(case, count, calendar)
    )
    steps.extend(days if not case.taken else _interleaved(days, _events(case)))
    due = instant(case.due)
    steps.append(Step(due, "due", case.rule.source, f"Hạn trả kết quả: {_at(due)}.", due))
    return tuple(steps)


def received_step(received: int, limit: Limit, rule: Rule) -> Step:
    """The first step: when and by which limit."""
    at = instant(received)
    return Step(at, "received", rule.source, f"Tiếp nhận {_at(at)}; {_how(limit, rule)}", None)


def _how(limit: Limit, rule: Rule) -> str:
    how = "tính từ lúc này" if rule.family is RuleFamily.HOURS else "ngày tiếp nhận không tính"
    return f"thời hạn {limit.value!s} {UNITS[limit.unit]}, {how}."


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
