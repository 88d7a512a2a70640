"""A table of rates as Excel or CSV: groups, every count, the rate on three bases with what could be computed. Computes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.reports import listing
from tracker.reports.listing import Column
from tracker.types import Basis, BasisRate, RateCounts

COUNTS: Mapping[str, str] = {
    "carried_over": "Tồn kỳ trước",
    "received": "Tiếp nhận",
    "finished": "Đã giải quyết",
    "early": "Trước hạn",
    "on_time": "Đúng hạn",
    "late": "Quá hạn",
    "refused": "Từ chối giải quyết",
    "withdrawn": "Đã rút",
    "no_due": "Xong, không có ngày hẹn",
    "open": "Đang giải quyết",
    "open_late": "Đang quá hạn",
    "suspended": "Tạm dừng",
    "open_no_due": "Đang, không có ngày hẹn",
}
GROUP_WIDTH, COUNT_WIDTH, RATE_WIDTH = 26, 9, 11
NOT_YET = "chưa có"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its names, counts, rates; `is_small`: of few dossiers."""

    names: Sequence[str]
    counts: RateCounts
    bases: Mapping[Basis, BasisRate]
    is_small: bool


def columns(groups: Sequence[str], bases: Mapping[Basis, str]) -> list[Column]:
    """The headings: of the groups, of the counts, and of the rate on each basis (`bases`: their words)."""
    rates = [
        (f"{bases[basis]}: {part}", width)
        for basis in Basis
        for part, width in (("tỷ lệ (%)", RATE_WIDTH), ("tử số", RATE_WIDTH), ("mẫu số, tức số tính được", RATE_WIDTH), ("trên số đã xong", RATE_WIDTH))
    ]  # fmt: skip
    counts = [(words, COUNT_WIDTH) for words in COUNTS.values()]
    return [*((name, GROUP_WIDTH) for name in groups), *counts, *rates, ("Ghi chú", RATE_WIDTH)]


def write(target: Path, rows: Iterable[TableRow], heads: Sequence[Column], title: str) -> int:
    """Write the table as .csv where the target is named so, else as .xlsx; the number of rows."""
    cells = (_cells(row) for row in rows)
    if target.suffix.lower() == ".csv":
        return listing.write_csv(target, heads, cells)
    return listing.write_xlsx(target, heads, cells, title)


def _cells(row: TableRow) -> list[Any]:
    counts = [getattr(row.counts, name) for name in COUNTS]
    rates = [cell for basis in Basis for cell in _rate(row.bases[basis])]
    return [*row.names, *counts, *rates, "mẫu nhỏ" if row.is_small and row.counts.finished else None]


def _rate(value: BasisRate) -> tuple[Any, ...]:
    share: float | str = NOT_YET if value.rate is None else round(100 * value.rate, 2)
    return share, value.numerator, value.denominator, value.total
