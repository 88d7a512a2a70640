"""Columns of dates in a spreadsheet: numbers that are dates, and dates whose day and month Excel has swapped.

An Excel that expects the month first turns the text `10/08/2026` into 8 October and leaves `25/08/2026` as it is: a
column then has true dates, none with a day above 12, beside texts with one (formats note 5.5 no. 16). One that expects
the day first does the same to `08/10/2026` and `08/25/2026` of an American export. The true dates are marked; whoever
reads the mark must not believe the date.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from tracker.ingest.dates import SWAP_MARK
from tracker.ingest.readers.cell_text import SERIAL, CellTexts, Converter, Kind, PlainReading

TEXT_DATE = re.compile(r"(?<![0-9])([0-9]{1,2})[/.-]([0-9]{1,2})[/.-][0-9]{4}(?![0-9])")
LAST_MONTH = 12
# A true date after the 12th; a text with a day after the 12th, wherever the day stands.
TRUE_LATE, TEXT_LATE = "true", "text"


class DateColumn:
    """The cells of one column of dates; looks through the whole column at the first date that may be swapped."""

    def __init__(self, texts: CellTexts, is_swapped: Callable[[], bool]) -> None:
        self._texts = texts
        self._look = is_swapped
        self._is_swapped: bool | None = None

    def moments(self, cells: Sequence[str]) -> list[str]:
        """Numbers that their cells show as dates."""
        return self._checked(self._texts.moments(cells))

    def numbers(self, cells: Sequence[str]) -> list[str]:
        """Numbers whose cells have no format of a date."""
        return self._checked([self._texts.serial(raw) if raw else "" for raw in cells])

    def words(self, cells: Sequence[str]) -> list[str]:
        """Text as it is, unless it is the number of a date."""
        serial = self._texts.serial
        return [
            serial(raw.strip()) if raw and raw[2:3] != "/" and SERIAL.fullmatch(raw) else raw for raw in cells
        ]

    def _checked(self, texts: list[str]) -> list[str]:
        if self._is_swapped is None and any(texts):
            self._is_swapped = self._look()
        if not self._is_swapped:
            return texts
        return [text + SWAP_MARK if text[2:3] == "/" else text for text in texts]


class DatesReading:
    """Reads the rows of a table: columns of dates with care, all others by the kind of the cell."""

    def __init__(self, texts: CellTexts, dates: Mapping[int, DateColumn]) -> None:
        self._plain = PlainReading(texts)
        self._dates: dict[int, dict[Kind, Converter]] = {
            column: {"moment": each.moments, "number": each.numbers, "text": each.words}
            for column, each in dates.items()
        }

    def converter(self, column: int, kind: Kind) -> Converter:
        """The function for cells of one kind in one column."""
        own = self._dates.get(column)
        return own[kind] if own else self._plain.converter(column, kind)


class SwapSurvey:
    """Reads one column only, and of its cells only what they say about swapping: TRUE_LATE, TEXT_LATE or nothing."""

    def __init__(self, column: int, texts: CellTexts) -> None:
        self._column, self._texts = column, texts

    def converter(self, column: int, kind: Kind) -> Converter | None:
        """Cells of other columns are not wanted."""
        if column != self._column:
            return None
        return _late_texts if kind == "text" else self._late_numbers

    def _late_numbers(self, cells: Sequence[str]) -> list[str]:
        serial = self._texts.serial
        return [TRUE_LATE if raw and _is_late_in_month(serial(raw)) else "" for raw in cells]


def _late_texts(cells: Sequence[str]) -> list[str]:
    return [_late_text(raw) for raw in cells]


def _late_text(raw: str) -> str:
    found = TEXT_DATE.search(raw)
    if found is None:
        return ""
    low, high = sorted((int(found[1]), int(found[2])))
    return TEXT_LATE if low <= LAST_MONTH < high else ""


def _is_late_in_month(text: str) -> bool:
    return text[2:3] == "/" and text[:2].isdigit() and int(text[:2]) > LAST_MONTH
