"""Months of the office's calendar as numbers, year * 100 + month: their first and last seconds, and sets of them. Pure.

Instants are UTC epoch seconds; a month is one of Vietnamese time (UTC+7, without summer time).
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

VN_OFFSET, DAY = 25_200, 86_400
EPOCH = date(1970, 1, 1).toordinal()
# A span without an end: to this day, whenever that is.
TO_THIS_DAY = 999_999
Months = tuple[int, int]
"""The first and the last of consecutive months."""


def month_of(instant: int) -> int:
    """The month in which an instant lies."""
    return month_of_day((instant + VN_OFFSET) // DAY)


@lru_cache(maxsize=16_384)
def month_of_day(day: int) -> int:
    """The month of a day, told as days since 01/01/1970."""
    on = date.fromordinal(EPOCH + day)
    return on.year * 100 + on.month


@lru_cache(maxsize=4_096)
def opening(month: int) -> int:
    """Its first second."""
    return (date(month // 100, month % 100, 1).toordinal() - EPOCH) * DAY - VN_OFFSET


def closing(month: int) -> int:
    """Its last second."""
    return opening(after(month)) - 1


def after(month: int) -> int:
    """The next month."""
    return month + 1 if month % 100 < 12 else month + 89


def before(month: int) -> int:
    """The month before."""
    return month - 1 if month % 100 > 1 else month - 89


def each(first: int, last: int) -> Iterator[int]:
    """All months from the first to the last."""
    while first <= last:
        yield first
        first = after(first)


def united(spans: Iterable[Months]) -> list[Months]:
    """The same months as few spans, in order; spans that touch become one."""
    found: list[Months] = []
    for first, last in sorted(spans):
        if found and first <= (after(found[-1][1]) if found[-1][1] < TO_THIS_DAY else TO_THIS_DAY):
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def runs(months: Iterable[int]) -> list[Months]:
    """Months as spans of consecutive ones, in order."""
    return united((month, month) for month in set(months))
