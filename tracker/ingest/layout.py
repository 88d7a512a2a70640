"""Which column of a table means what: headings matched against data, the header row found by score.

Does not look at values; a heading that nobody knows is left out and named, so that nothing vanishes silently.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, Protocol

from tracker.errors import UnusableFile
from tracker.text import fold_header

HEADER_SEARCH_ROWS = 30
NEEDED = ("dossier_code", "received_at", "due_at")
# A list is taken for one only with this many known headings; fewer is chance.
LEAST_KNOWN_HEADINGS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Canonical field -> position of its column; headings as written, and those that nobody knows."""

    header_row: int
    headings: tuple[str, ...]
    columns: Mapping[str, int]
    unknown: tuple[str, ...]

    def heading(self, field: str) -> str:
        """The heading of a field as the file writes it; its canonical name where it has no column."""
        position = self.columns.get(field)
        return field if position is None else self.headings[position]


class Chunk(NamedTuple):
    """Some rows of a table, each as long as its source wrote it, with their numbers as a person counts them."""

    layout: Layout
    numbers: Sequence[int]
    rows: list[list[str]]


class Table(Protocol):
    """What every reader hands out: a list of dossiers in a file, open for one pass, its header already read.

    `unknown` names the columns that nobody knows. Cells are text, dates among them in a form that
    `ingest.dates` reads.
    """

    path: Path
    sheet: str
    unknown: tuple[str, ...]

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows below the header, about `size` at a time."""
        ...


@lru_cache(maxsize=1)
def _field_names() -> dict[str, str]:
    """Folded heading -> canonical field."""
    table = tomllib.loads(files("tracker.data").joinpath("headers.toml").read_text("utf-8"))
    return {fold_header(name): field for field, names in table.items() for name in (field, *names)}


def known_headings(cells: Sequence[str]) -> int:
    """How many of the cells are headings that we know."""
    names = _field_names()
    return sum(fold_header(cell) in names for cell in cells)


def find_layout(file: str, rows: Sequence[Sequence[str]]) -> Layout:
    """The layout of a table from its first rows.

    Raises:
        UnusableFile: no header row, two columns for one field, or a needed column missing, each named.
    """
    scores = [known_headings(row) for row in rows]
    best = max(scores, default=0)
    if best < LEAST_KNOWN_HEADINGS:
        raise UnusableFile(
            file, f"không tìm thấy dòng tiêu đề trong {len(rows)} dòng đầu (cần ít nhất cột Mã hồ sơ)"
        )
    number = scores.index(best)
    return _layout(file, number + 1, rows[number])


def _layout(file: str, row: int, headings: Sequence[str]) -> Layout:
    names = _field_names()
    columns: dict[str, int] = {}
    for position, heading in enumerate(headings):
        field = names.get(fold_header(heading))
        if field in columns:
            raise UnusableFile(
                file,
                f"dòng {row}: hai cột cùng nghĩa, “{headings[columns[field]]}” và “{heading}”",
            )
        if field:
            columns[field] = position
    missing = [field for field in NEEDED if field not in columns]
    if missing:
        raise UnusableFile(file, f"dòng tiêu đề {row} thiếu cột: {', '.join(map(_wanted, missing))}")
    unknown = tuple(h for h in headings if h.strip() and fold_header(h) not in names)
    return Layout(row, tuple(headings), columns, unknown)


def _wanted(field: str) -> str:
    names = {"dossier_code": "Mã hồ sơ", "received_at": "Ngày tiếp nhận", "due_at": "Ngày hẹn trả"}
    return names[field]
