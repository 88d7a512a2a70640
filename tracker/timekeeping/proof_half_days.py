"""The dates of a *phiếu tính hạn* that counts half-days: how many of each date, and the sum."""

from collections.abc import Iterator

from tracker.timekeeping.calendar_definition import instant
from tracker.timekeeping.counting import HalfDayCount
from tracker.timekeeping.proof_days import Case, Frozen, day_step, frozen_rows, frozen_step, named, segments
from tracker.types import Step


def half_day_steps(case: Case, count: HalfDayCount) -> Iterator[Step]:
    """One step a date, from that of reception to the due date; anew after each restart."""
    begins = segments(case)
    frozen = frozen_rows(case, count.calendar)
    for place, begin in enumerate(begins):
        last = place + 1 == len(begins)
        end = case.due if last else begins[place + 1]
        yield from _segment(begin, end, frozen, case, count)


def _segment(begin: int, end: int, frozen: list[Frozen], case: Case, count: HalfDayCount) -> Iterator[Step]:
    calendar, counted = count.calendar, 0
    first, last = count.place(begin) + 1, count.place(end)
    for row in range(calendar.row_at(begin), calendar.row_at(end) + 1):
        stop = next((item.stop for item in frozen if item.begin <= row < item.end), None)
        if stop is not None:
            yield frozen_step(calendar, row, stop.kind, stop.source)
            continue
        midnight = calendar.row_start(row)
        since = max(count.first_of_date(midnight), first)
        halves = max(min(count.first_after_date(midnight), last + 1) - since, 0)
        counted += halves
        if halves:
            text = f"{named(calendar, row)}: tính {halves} buổi, cộng dồn {counted}/{count.half_days} buổi."
            yield Step(instant(max(midnight, begin)), "counted", case.rule.source, text, None)
        elif calendar.next_worked_row(row) != row:
            yield day_step(calendar, row, 0, 0, False, case.rule.source)
