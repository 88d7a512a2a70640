"""The kind of a department by words of its name: dated rows in, kind out. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.text import clean, fold
from tracker.timekeeping.dated import holds_on
from tracker.types.causes import StepKind


@dataclass(frozen=True, slots=True)
class StepKindRow:
    """Departments whose name holds one of these words are of a kind, from one day to another."""

    kind: StepKind
    words: tuple[str, ...]
    source: str
    valid_from: date | None = None
    valid_to: date | None = None


class StepKinds:
    """The kinds of departments; names are looked at once a row of the table.

    Marks count, since *thuê* is not *thuế*; only a name that bears none at all is compared without.
    """

    def __init__(self, rows: Sequence[StepKindRow]) -> None:
        self.rows = tuple(rows)
        self._fits = [_whole_words(row.words) for row in rows]
        self._fits_plain = [_whole_words(tuple(map(fold, row.words))) for row in rows]
        self._by_name: dict[str, tuple[StepKindRow, ...]] = {}

    def of(self, department: str, day: date) -> StepKind:
        """The kind of a department on a day; `OTHER` where no row fits."""
        fitting = self._by_name.get(department)
        if fitting is None:
            fitting = self._by_name[department] = self._fitting(clean(department).lower())
        return next((row.kind for row in fitting if holds_on(row, day)), StepKind.OTHER)

    def _fitting(self, name: str) -> tuple[StepKindRow, ...]:
        patterns = self._fits_plain if name.isascii() else self._fits
        return tuple(row for row, fits in zip(self.rows, patterns, strict=True) if fits.search(name))


def _whole_words(words: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted({clean(word).lower() for word in words}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
