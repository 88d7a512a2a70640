"""Rows of dated data: which one holds on a day; a day before the first row is refused in words, never guessed."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations
from typing import Protocol, TypeVar

from tracker.errors import CalendarError


class Dated(Protocol):
    """A row that holds from `valid_from` to `valid_to`, both included; None = open on that side."""

    @property
    def valid_from(self) -> date | None:
        """The first day, None = since ever."""

    @property
    def valid_to(self) -> date | None:
        """The last day, None = still."""


Row = TypeVar("Row", bound=Dated)


class NotInForceError(CalendarError):
    """No row of a dated table holds on that day."""

    code = "RULE_NOT_IN_FORCE"

    def __init__(self, what: str, day: date) -> None:
        super().__init__(f"{what} không có dòng nào áp dụng cho hồ sơ tiếp nhận ngày {day:%d/%m/%Y}")


def holds_on(row: Dated, day: date) -> bool:
    """Does the row hold for a dossier received that day?"""
    return (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day <= row.valid_to)


def in_force(rows: Sequence[Row], day: date) -> Row | None:
    """The first row that holds on a day."""
    return next((row for row in rows if holds_on(row, day)), None)


def overlapping(rows: Sequence[Dated]) -> bool:
    """Do two rows hold on one day?"""
    return any(
        (one.valid_from or date.min) <= (two.valid_to or date.max)
        and (two.valid_from or date.min) <= (one.valid_to or date.max)
        for one, two in combinations(rows, 2)
    )
