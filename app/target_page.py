"""What the page of targets shows: what holds today, and every row that was ever set. Knows no request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.letter_settings_page import EVERY_UNIT
from app.presenters import Chip, decimal
from tracker.pipeline.unit_targets import HUNDREDTHS
from tracker.store.unit_targets import TargetRow

HOLDS, LATER, OVER = (
    Chip("tick", "Đang áp dụng", "kept"),
    Chip("clock", "Chưa đến ngày", "plain"),
    Chip("dash", "Đã thay", "plain"),
)


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A row with where it stands on a day."""

    row: TargetRow
    chip: Chip

    @property
    def unit(self) -> str:
        """Whose it is, in words."""
        return self.row.unit if self.row.unit_id is not None else EVERY_UNIT

    @property
    def share(self) -> str:
        """The share in words."""
        if self.row.rate is None:
            return "không đặt chỉ tiêu" if self.row.unit_id is None else "thôi đặt riêng"
        return f"{decimal(Fraction(self.row.rate * 100, HUNDREDTHS), trim=True)}\u00a0%"


def target_lines(
    rows: Sequence[TargetRow], scope: frozenset[int] | None, day: date
) -> list[TargetLine]:  # fmt: skip
    """The rows of all units and of those of a scope (None = all), what holds first."""
    seen = [row for row in rows if scope is None or row.unit_id is None or row.unit_id in scope]
    lines = [TargetLine(row, _chip(row, seen, day)) for row in seen]
    order = (HOLDS, LATER, OVER)
    return sorted(
        lines, key=lambda line: (order.index(line.chip), line.row.unit_id is not None, -line.row.target_id)
    )


def _chip(row: TargetRow, rows: Sequence[TargetRow], day: date) -> Chip:
    same = [each for each in rows if each.unit_id == row.unit_id]
    later_word = [
        each for each in same if each.valid_from == row.valid_from and each.target_id > row.target_id
    ]
    if later_word:
        return OVER
    if row.valid_from > day:
        return LATER
    governing = max(
        (each for each in same if each.valid_from <= day), key=lambda each: (each.valid_from, each.target_id)
    )
    return HOLDS if governing is row else OVER
