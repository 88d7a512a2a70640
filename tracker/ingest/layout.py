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
from tracker.ingest.columns import DATE_FIELDS
from tracker.ingest.sections import group_unit, skip_kind, titled_unit
from tracker.text import fold_header

HEADER_SEARCH_ROWS = 30
HEADER_DEPTH = 3
NEEDED = ("dossier_code", "received_at", "due_at")
# A list is taken for one only with this many known headings; fewer is chance.
LEAST_KNOWN_HEADINGS = 3
UNIT = "resolving_unit"
UNIT_OF_GROUP = "Đơn vị (theo dòng nhóm)"
# Recognised and left alone: what a source works out itself, anew every day.
NOT_TAKEN = frozenset({"days_late"})


class NoTable(UnusableFile):
    """A sheet or file without a list of dossiers; one sheet of several may be passed over for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Canonical field -> position of its column; headings as written, and those that nobody knows.

    `unit_above` is the unit named above the header. With `has_group_units` the last heading is none of the file's:
    group rows name the resolving unit, and rows get it as one cell more. `weak` fields stand in a column that
    only comes near them.
    """

    header_row: int
    headings: tuple[str, ...]
    columns: Mapping[str, int]
    unknown: tuple[str, ...]
    unit_above: str = ""
    has_group_units: bool = False
    weak: frozenset[str] = frozenset()

    @property
    def width(self) -> int:
        """How many cells a row of the file has."""
        return len(self.headings) - self.has_group_units

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
    return {fold_header(name): field for field, names in _headers().items() for name in (field, *names)}


@lru_cache(maxsize=1)
def _weak_names() -> frozenset[str]:
    """Folded headings that count only where a field has no better one: those with an asterisk."""
    return frozenset(
        fold_header(name) for names in _headers().values() for name in names if name.endswith("*")
    )


def _headers() -> dict[str, list[str]]:
    table: dict[str, list[str]] = tomllib.loads(
        files("tracker.data").joinpath("headers.toml").read_text("utf-8")
    )
    return table


def known_headings(cells: Sequence[str]) -> int:
    """How many of the cells are headings that we know."""
    names = _field_names()
    return sum(fold_header(cell) in names for cell in cells)


def find_layout(file: str, rows: Sequence[Sequence[str]]) -> Layout:
    """The layout of a table from its first rows; a header may take up to three of them.

    Raises:
        NoTable: no header row, or one without a column of codes.
        UnusableFile: two columns for one field, or a needed column missing, each named.
    """
    best, last, header = 0, 0, list[str]()
    for depth in range(1, HEADER_DEPTH + 1):
        for number in range(depth, len(rows) + 1):
            headings = _combined(rows[number - depth : number])
            score = known_headings(headings)
            # Rows above that add nothing are titles.
            if score > best or (score == best and depth == 1 and not header):
                best, last, header = score, number, headings
    if best < LEAST_KNOWN_HEADINGS:
        raise NoTable(
            file, f"không tìm thấy dòng tiêu đề trong {len(rows)} dòng đầu (cần ít nhất cột Mã hồ sơ)"
        )
    return _layout(file, last, header, rows)


def _combined(rows: Sequence[Sequence[str]]) -> list[str]:
    """One heading a column: the lowest that is filled, or with the group's heading before it where that is known."""
    if len(rows) == 1:
        return list(rows[0])
    names = _field_names()
    width = max(map(len, rows))
    headings = [""] * width
    for row in rows:
        group = ""
        for column in range(width):
            # A merged cell holds its text in its first column.
            group = headings[column] or group
            cell = row[column] if column < len(row) else ""
            if not cell.strip():
                continue
            joined = f"{group} {cell}"
            is_joined = fold_header(cell) not in names and fold_header(joined) in names
            headings[column] = joined if is_joined else cell
    return headings


def _layout(file: str, row: int, headings: list[str], rows: Sequence[Sequence[str]]) -> Layout:
    names, weak_names = _field_names(), _weak_names()
    columns: dict[str, int] = {}
    weak: set[str] = set()
    passed: set[int] = set()
    for position, heading in enumerate(headings):
        name = fold_header(heading)
        field = names.get(name)
        if field is None or field in NOT_TAKEN:
            continue
        if field in columns and (name in weak_names) == (field in weak):
            raise UnusableFile(
                file,
                f"dòng {row}: hai cột cùng nghĩa, “{headings[columns[field]]}” và “{heading}”",
            )
        if field in columns:
            passed.add(position if name in weak_names else columns[field])
        if field not in columns or field in weak:
            columns[field] = position
            weak = weak | {field} if name in weak_names else weak - {field}
    _check_needed(file, row, columns)
    unknown = tuple(
        h for n, h in enumerate(headings) if h.strip() and (n in passed or fold_header(h) not in names)
    )
    unit_above = titled_unit(rows[: row - 1])
    has_group_units = UNIT not in columns and bool(unit_above or _has_groups(columns, rows[row:]))
    if has_group_units:
        columns[UNIT] = len(headings)
        headings = [*headings, UNIT_OF_GROUP]
    return Layout(row, tuple(headings), columns, unknown, unit_above, has_group_units, frozenset(weak))


def _check_needed(file: str, row: int, columns: Mapping[str, int]) -> None:
    missing = [field for field in NEEDED if field not in columns]
    if missing:
        kind = NoTable if "dossier_code" in missing else UnusableFile
        raise kind(file, f"dòng tiêu đề {row} thiếu cột: {', '.join(map(_wanted, missing))}")


def _has_groups(columns: Mapping[str, int], rows: Sequence[Sequence[str]]) -> bool:
    """Is one of the first rows a group row that names a unit?"""
    dated = [columns[name] for name in DATE_FIELDS if name in columns]
    for row in rows:
        kind = skip_kind(row, columns["dossier_code"], dated)
        if kind == "footer":
            return False
        if kind == "group" and group_unit(row, after_footer=False):
            return True
    return False


def _wanted(field: str) -> str:
    names = {"dossier_code": "Mã hồ sơ", "received_at": "Ngày tiếp nhận", "due_at": "Ngày hẹn trả"}
    return names[field]
