"""What a start date would mean, in numbers: letters that would be owed by the day from which the office is held to them.

By the source's due date, from the same counts as the rates; the ledger judges each dossier by itself afterwards. Reads only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.context import AppContext
from tracker.errors import UsageError
from tracker.pipeline.answers import LateQuestion, overdue
from tracker.pipeline.figures import RatesQuestion, rates
from tracker.types import VN

# Nothing is told of dossiers from before; and an office that begins later than in a year does not begin.
EARLIEST = date(2000, 1, 1)
LATEST_AHEAD = timedelta(days=366)
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StartChoice:
    """One possible start: `day` None = everything; `ended` dossiers that ended late from it on, of which each owes a letter."""

    day: date | None
    words: str
    ended: int


@dataclass(frozen=True, slots=True)
class StartPreview:
    """The choices, latest day first. `open_late` owe a letter whatever is chosen: people wait for them now."""

    choices: tuple[StartChoice, ...]
    open_late: int

    def of(self, day: date | None) -> StartChoice:
        """The choice of this day."""
        return next(choice for choice in self.choices if choice.day == day)


def preview(context: AppContext, now: datetime, typed: date | None = None) -> StartPreview:
    """What each usual day would mean, and the one that was typed.

    Raises:
        UsageError: the typed day cannot be a start.
    """
    today = now.astimezone(VN).date()
    if typed is not None:
        check_day(typed, today)
    choices, ended, until = list[StartChoice](), 0, today
    for day, words in _days(today, typed):
        begin = day or EARLIEST
        if begin <= until:
            ended += _ended_late(context, now, begin, until)
            until = begin - A_DAY
        choices.append(StartChoice(day, words, ended))
    late = overdue(context.store, context.calendars, LateQuestion(now), limit=1)
    return StartPreview(tuple(choices), late.count or 0)


def check_day(day: date, today: date) -> None:
    """Can the office be held to its letters from this day on?

    Raises:
        UsageError: it lies too far behind or ahead.
    """
    if not EARLIEST <= day <= today + LATEST_AHEAD:
        raise UsageError(f"ngày bắt đầu phải từ {EARLIEST:%d/%m/%Y} đến {today + LATEST_AHEAD:%d/%m/%Y}")


def _days(today: date, typed: date | None) -> Iterator[tuple[date | None, str]]:
    """The latest first; a day that has two names bears the first."""
    month = today.replace(day=1)
    named = {
        today: "Hôm nay",
        month: "Đầu tháng này",
        month.replace(month=(month.month - 1) // 3 * 3 + 1): "Đầu quý này",
        month.replace(month=1): "Đầu năm nay",
        date(today.year - 1, 1, 1): "Đầu năm trước",
    }
    if typed is not None:
        named.setdefault(typed, "Ngày bạn chọn")
    yield from sorted(named.items(), reverse=True)
    yield None, "Tất cả, từ trước đến nay"


def _ended_late(context: AppContext, now: datetime, first: date, last: date) -> int:
    """Dossiers that ended late on the source's due date, both days included."""
    answer = rates(context.store, RatesQuestion(first, last, now))
    return sum(row.counts.late for row in answer.rows)
