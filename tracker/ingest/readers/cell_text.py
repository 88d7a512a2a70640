"""Cells of spreadsheets -> the text that a CSV export of the same table has. Knows numbers and dates, not columns.

A date is a number in a spreadsheet: days since 30/12/1899 (or 01/01/1904), told apart from other numbers by its
cell's number format alone. Text comes out as `dd/MM/yyyy HH:mm:ss`, at midnight as the bare date: a spreadsheet
does not tell the two apart.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal, Protocol

# From so many cells on it pays to make their texts at once.
MANY = 20
BETWEEN = "\x1f"
DAY_TEXT, MOMENT_TEXT = "dd/MM/yyyy", "dd/MM/yyyy HH:mm:ss"
Kind = Literal["text", "number", "moment"]
# From cells of one column and one kind to their texts, as many; an empty cell stays empty.
Converter = Callable[[Sequence[str]], Sequence[str]]

BASE = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no zone
EPOCH = BASE.toordinal()
SHIFT_1904 = 1462
LAST_SERIAL = 2_958_465  # 31/12/9999
# Serials taken for dates in cells that are not formatted as dates: 18/02/1982 to 08/04/2064 (formats note 5.5 no. 17).
PLAUSIBLE = (30_000, 60_000)
DAY_SECONDS = 86_400
# Excel keeps 15 digits: what a longer number ended in is lost.
EXACT = 10**15
SERIAL = re.compile(r"\s*[0-9]{5}(?:\.[0-9]+)?\s*")
FORMAT_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)
DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})


class Reading(Protocol):
    """Decides what becomes of the cells of a column; None: they are not wanted."""

    def converter(self, column: int, kind: Kind) -> Converter | None:
        """The function for cells of one kind in one column (counted from 0)."""
        ...


class CellTexts:
    """Numbers of one workbook as text; days and times of day are remembered, a province-year has few of both."""

    def __init__(self, *, is_1904: bool) -> None:
        self._shift = SHIFT_1904 if is_1904 else 0
        self._days: dict[int, str] = {}
        # The letters of all days of a stretch, and its first day.
        self._stretch: Any = None
        self._first = 0
        self._times: dict[int, str] = {}

    def moments(self, cells: Sequence[str]) -> list[str]:
        """Texts of numbers whose cells are formatted as dates: the usual ones at once, the others one by one."""
        filled = [raw for raw in cells if raw]
        try:
            serials = list(map(float, filled))
        except ValueError:
            return [self.moment(raw) if raw else "" for raw in cells]
        if len(serials) < MANY:
            return [self.moment(raw) if raw else "" for raw in cells]
        texts, odd = self._usual(serials)
        for position in odd:
            texts[position] = self.moment(filled[position])
        if len(filled) == len(cells):
            return texts
        following = iter(texts)
        return [next(following) if raw else "" for raw in cells]

    def _usual(self, serials: Sequence[float]) -> tuple[list[str], list[int]]:
        """The texts of days with a time, as `moment` has them, and where something else stands."""
        import numpy as np

        numbers = np.array(serials)
        days = np.floor(numbers)
        with np.errstate(invalid="ignore"):  # "inf" is a number as well, and no usual one
            seconds = np.rint((numbers - days) * DAY_SECONDS)
        usual = (days >= PLAUSIBLE[0]) & (days <= PLAUSIBLE[1]) & (seconds >= 1) & (seconds < DAY_SECONDS)
        odd = np.flatnonzero(~usual).tolist()
        if len(odd) == len(serials):
            return [""] * len(odd), odd
        if odd:
            # Any usual one in their place: theirs are made one by one.
            one = int(np.argmax(usual))
            days[odd], seconds[odd] = days[one], seconds[one]
        numbers_of_days = days.astype(np.int64)
        known = self._letters_of(int(numbers_of_days.min()), int(numbers_of_days.max()))
        letters = np.full((len(serials), len(MOMENT_TEXT) + 1), ord(" "), np.uint8)
        letters[:, : len(DAY_TEXT)] = known[numbers_of_days - self._first]
        letters[:, len(DAY_TEXT) + 1 : -1] = _clocks()[seconds.astype(np.int64)]
        letters[:, -1] = ord(BETWEEN)
        return letters.tobytes()[:-1].decode().split(BETWEEN), odd

    def _letters_of(self, first: int, last: int) -> Any:
        """The letters of a stretch of days that holds these, from `_first` on."""
        import numpy as np

        known = self._stretch
        if known is None or first < self._first or last >= self._first + len(known):
            if known is not None:
                first, last = min(first, self._first), max(last, self._first + len(known) - 1)
            text = "".join(map(self._day, range(first, last + 1)))
            self._stretch = np.frombuffer(text.encode(), np.uint8).reshape(-1, len(DAY_TEXT))
            self._first = first
        return self._stretch

    def moment(self, raw: str) -> str:
        """The text of one number whose cell is formatted as a date, rounded to the second."""
        try:
            serial = float(raw)
        except ValueError:
            return raw
        if not 0 <= serial <= LAST_SERIAL:
            return number_text(raw)
        day = int(serial)
        seconds = round((serial - day) * DAY_SECONDS)
        if seconds == DAY_SECONDS:
            day, seconds = day + 1, 0
        if day + self._shift > LAST_SERIAL:
            return number_text(raw)
        if seconds == 0:
            return self._day(day)
        # Day 0 is a time of day alone.
        return f"{self._day(day)} {self._time(seconds)}" if day else self._time(seconds)

    def serial(self, raw: str) -> str:
        """The text of a number in a column of dates whose cell is not formatted as one; as it is when implausible."""
        try:
            serial = float(raw)
        except ValueError:
            return raw
        return self.moment(raw) if PLAUSIBLE[0] <= serial <= PLAUSIBLE[1] else number_text(raw)

    def _day(self, day: int) -> str:
        if day not in self._days:
            on = date.fromordinal(EPOCH + self._shift + day)
            text = f"{on.day:02}/{on.month:02}/{on.year:04}"
            if day == 0:
                return text
            self._days[day] = text
        return self._days[day]

    def _time(self, seconds: int) -> str:
        if seconds not in self._times:
            hours, rest = divmod(seconds, 3600)
            self._times[seconds] = f"{hours:02}:{rest // 60:02}:{rest % 60:02}"
        return self._times[seconds]


@lru_cache(maxsize=1)
def _clocks() -> Any:
    """The letters of all times of a day, by their second."""
    import numpy as np

    text = "".join(
        f"{hour:02}:{minute:02}:{second:02}"
        for hour in range(24)
        for minute in range(60)
        for second in range(60)
    )
    return np.frombuffer(text.encode(), np.uint8).reshape(DAY_SECONDS, -1)


def number_text(raw: str) -> str:
    """A number without `.0`; from 16 digits on in exponent form, which nobody can take for a code."""
    if len(raw) <= 15 and raw.isascii() and raw.isdigit():
        return raw
    try:
        number = float(raw)
    except ValueError:
        return raw
    if number.is_integer() and abs(number) < EXACT:
        return str(int(number))
    return format(number, ".15G")


def number_texts(cells: Sequence[str]) -> list[str]:
    """Numbers of a column."""
    return [number_text(raw) if raw else "" for raw in cells]


def same_texts(cells: Sequence[str]) -> Sequence[str]:
    """Text stays what it is."""
    return cells


def raw_value(cell: object) -> tuple[Kind, str]:
    """A value that a library has read, as the kind and text that an .xlsx file would hold."""
    if isinstance(cell, str):
        return "text", cell
    if isinstance(cell, bool):
        return "text", str(cell).upper()
    if isinstance(cell, datetime):
        return "moment", repr((cell - BASE) / timedelta(days=1))
    if isinstance(cell, date):
        return "moment", str((cell - BASE.date()).days)
    if isinstance(cell, time):
        cell = timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second)
    if isinstance(cell, timedelta):
        return "moment", repr(cell / timedelta(days=1))
    return "number", repr(cell)


def is_date_format(code: str) -> bool:
    """Does a number format show a date or a time of day?"""
    return DATE_LETTERS.search(FORMAT_LITERALS.sub("", code)) is not None


class PlainReading:
    """Every cell by its own kind: for headers, before the columns of dates are known."""

    def __init__(self, texts: CellTexts) -> None:
        self._by_kind: dict[Kind, Converter] = {
            "text": same_texts,
            "number": number_texts,
            "moment": texts.moments,
        }

    def converter(self, column: int, kind: Kind) -> Converter:
        """The same for all columns."""
        return self._by_kind[kind]
