"""Date cells of one usual form, a whole column at once: what is certain is read here, everything else is left to `dates`.

A column of a large file has nearly as many times as rows, so that remembering them (`DateParts`) costs more than
reading their digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from tracker.timekeeping.calendar_definition import EPOCH_ORDINAL, SECONDS_A_DAY, VN_OFFSET

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Form:
    """Where the digits of a cell stand, and which marks between them; `year` of four digits, the others of two."""

    length: int
    year: int
    month: int
    day: int
    clock: tuple[int, int, int]
    marks: tuple[tuple[int, str], ...]

    def fits(self, cell: str) -> bool:
        """Has the cell this form, digits aside?"""
        return len(cell) == self.length and all(cell[at] in allowed for at, allowed in self.marks)


COLONS = ((10, " T"), (13, ":"), (16, ":"))
DAY_FIRST = Form(19, 6, 3, 0, (11, 14, 17), ((2, "/"), (5, "/"), *COLONS))
MONTH_FIRST = Form(19, 6, 0, 3, (11, 14, 17), ((2, "/"), (5, "/"), *COLONS))
ISO = Form(19, 0, 5, 8, (11, 14, 17), ((4, "-"), (7, "-"), *COLONS))
COMPACT = Form(14, 0, 4, 6, (8, 10, 12), ())


class Moments(NamedTuple):
    """Epoch seconds of the cells of the form, in their order, and which of them are certain.

    `is_alike`: all other cells are empty.
    """

    values: list[int]
    is_certain: list[bool]
    is_alike: bool


class Months(NamedTuple):
    """By months since January of the first year: the epoch second of the first local midnight, and how many days."""

    midnights: Any
    days: Any


@lru_cache(maxsize=8)
def _months(first_year: int, last_year: int) -> Months:
    import numpy as np

    firsts = [
        date(year, month, 1) for year in range(first_year, last_year + 1) for month in range(1, MONTHS + 1)
    ]
    ordinals = np.array([day.toordinal() for day in (*firsts, date(last_year + 1, 1, 1))], np.int64)
    return Months((ordinals[:-1] - EPOCH_ORDINAL) * SECONDS_A_DAY - VN_OFFSET, np.diff(ordinals))


class _Cells:
    """Cells of one length as an array of their letters; `certain` is narrowed by whatever does not hold."""

    def __init__(self, letters: Any, certain: Any) -> None:
        self._letters, self.certain = letters, certain

    def check_mark(self, at: int, allowed: str) -> None:
        """One of these letters stands there."""
        column = self._letters[:, at]
        here = column == ord(allowed[0])
        for other in allowed[1:]:
            here |= column == ord(other)
        self.certain &= here

    def number(self, at: int, length: int = 2) -> Any:
        """The number that stands there."""
        out: Any = 0
        for column in range(at, at + length):
            # Unsigned: what is below 0 comes out above 9.
            digit = self._letters[:, column] - ord("0")
            self.certain &= digit <= 9
            out = out * 10 + digit.astype("int64")
        return out


def moments(cells: Sequence[str], form: Form, years: tuple[int, int]) -> Moments | None:
    """The cells that have the length of the form, read; None where that cannot be told from their bytes.

    `years`: the first and the last one that a date may have. Times are local; a cell that has another form, or tells no
    date that there is, is not certain.
    """
    import numpy as np

    lengths = list(map(len, cells))
    size = lengths.count(form.length)
    is_alike = size + lengths.count(0) == len(cells)
    taken = cells if is_alike else [cell for cell in cells if len(cell) == form.length]
    text = "".join(taken).encode("utf-8", "surrogatepass")
    if len(text) != size * form.length:
        return None  # letters beyond ASCII
    found = _Cells(np.frombuffer(text, np.uint8).reshape(-1, form.length), np.ones(size, bool))
    for at, allowed in form.marks:
        found.check_mark(at, allowed)
    year, month, day = found.number(form.year, 4), found.number(form.month), found.number(form.day)
    hour, minute, second = (found.number(at) for at in form.clock)
    first, last = years
    certain = found.certain & (year >= first) & (year <= last) & (month >= 1) & (month <= MONTHS)
    certain &= (hour <= 23) & (minute <= 59) & (second <= 59)
    months = _months(first, last)
    index = np.where(certain, (year - first) * MONTHS + month - 1, 0)
    certain &= (day >= 1) & (day <= months.days[index])
    values = months.midnights[index] + (day - 1) * SECONDS_A_DAY + hour * 3600 + minute * 60 + second
    return Moments(values.tolist(), certain.tolist(), is_alike)
