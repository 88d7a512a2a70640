"""The kind of a department by words of its name: dated rows in, kind out. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.text import fold
from tracker.timekeeping.dated import holds_on
from tracker.types.causes import StepKind


@dataclass(frozen=True, slots=True)
class StepKindRow:
    """Departments whose name holds one of these words (folded) are of a kind, from one day to another."""

    kind: StepKind
    words: tuple[str, ...]
    source: str
    valid_from: date | None = None
    valid_to: date | None = None


class StepKinds:
    """The kinds of departments; names are looked at once a row of the table."""

    def __init__(self, rows: Sequence[StepKindRow]) -> None:
        self.rows = tuple(rows)
        self._fits = [re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, row.words))})(?!\w)") for row in rows]
        self._by_name: dict[str, tuple[StepKindRow, ...]] = {}

    def of(self, department: str, day: date) -> StepKind:
        """The kind of a department on a day; `OTHER` where no row fits."""
        fitting = self._by_name.get(department)
        if fitting is None:
            folded = fold(department)
            fitting = tuple(
                row
                for row, fits in zip(self.rows, self._fits, strict=True)
                if fits.search(folded) is not None
            )
            self._by_name[department] = fitting
        return next((row.kind for row in fitting if holds_on(row, day)), StepKind.OTHER)
