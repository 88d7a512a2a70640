"""Which column of a table means what: headings matched against data, the header row found by score.

Does not look at values; a heading that nobody knows is left out and named, so that nothing vanishes silently.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from tracker.errors import UnusableFile
from tracker.ingest.columns import DATE_FIELDS
from tracker.ingest.headings import (
    ALIASES,
    NOT_TAKEN,
    SAVED,
    KnownLayout,
    field_names,
    form_titles,
    layout_of,
    row_number_names,
    telling_names,
    weak_names,
)
from tracker.ingest.sections import NOWHERE, group_unit, skip_kind, titled_unit
from tracker.text import clean, fold, fold_header

HEADER_SEARCH_ROWS = 30
HEADER_DEPTH = 3
NEEDED = ("dossier_code", "received_at", "due_at")
# A list is taken for one only with this many known headings; fewer is chance.
LEAST_KNOWN_HEADINGS = 3
UNIT = "resolving_unit"
UNIT_OF_GROUP = "Đơn vị (theo dòng nhóm)"
PROVISIONAL_CODE = "Mã hồ sơ (tạm)"
# What a list without codes must tell instead; its dossiers get provisional keys.
KEYLESS = frozenset({"applicant_name", "procedure_name", "received_at"})
# One of these at least makes a list of a table whose columns a person has named.
TIMES = frozenset({"received_at", "due_at", "finished_at", "returned_at", "filed_at"})


class NoTable(UnusableFile):
    """A sheet or file without a list of dossiers; one sheet of several may be passed over for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Canonical field -> position of its column; headings as written, and those that nobody knows.

    `unit_above` is the unit named above the header. With `has_group_units` the last heading is none of the file's:
    group rows name the resolving unit, and rows get it as one cell more; with `has_provisional_codes` so does a
    key for each row of a list without codes. `weak` fields stand in a column that only comes near them.
    `kind`: the known layout (docs/sources.md), `aliases`, or `saved`. `words`: word lists of this layout alone.
    """

    header_row: int
    headings: tuple[str, ...]
    columns: Mapping[str, int]
    unknown: tuple[str, ...]
    unit_above: str = ""
    has_group_units: bool = False
    weak: frozenset[str] = frozenset()
    kind: str = ALIASES
    has_provisional_codes: bool = False
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """How many cells a row of the file has."""
        return len(self.headings) - self.has_group_units - self.has_provisional_codes

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

    `unknown` names the columns that nobody knows, `kind` the layout, `notes` what had to be done to read it (such
    as another encoding), in sentences. Cells are text, dates among them in a form that `ingest.dates` reads.
    """

    path: Path
    sheet: str
    unknown: tuple[str, ...]
    kind: str
    notes: tuple[str, ...]

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows below the header, about `size` at a time."""
        ...


def find_layout(
    file: str,
    rows: Sequence[Sequence[str]],
    *,
    mapping: Mapping[str, str] | None = None,
    above: Sequence[str] = (),
) -> Layout:
    """The layout of a table from its first rows; a header may take up to three of them.

    `mapping` says what headings mean that a person has looked at: folded heading -> our field, empty = left out.
    `above`: lines of text before the table that are no rows of it.

    Raises:
        NoTable: no header row, one without anything that tells dossiers apart, or a form for one dossier.
        UnusableFile: two columns for one field, or a needed column missing, each named.
    """
    names = telling_names() | mapping.keys() if mapping else telling_names()
    best, last, header = 0, 0, list[str]()
    for depth in range(1, HEADER_DEPTH + 1):
        for number in range(depth, len(rows) + 1):
            headings = _combined(rows[number - depth : number], names)
            score = sum(fold_header(cell) in names for cell in headings)
            # Rows above that add nothing are titles.
            if score > best or (score == best and depth == 1 and not header):
                best, last, header = score, number, headings
    if best < LEAST_KNOWN_HEADINGS:
        lines = (*above, *(cell for row in rows for cell in row))
        raise NoTable(file, form_of_one_dossier(lines) or _no_header(len(rows)))
    titles = [*([line] for line in above), *rows[: last - 1]]
    return _layout(file, _Header(last, header, titles, rows[last:]), mapping)


def _no_header(searched: int) -> str:
    return f"không tìm thấy dòng tiêu đề trong {searched} dòng đầu (cần ít nhất cột Mã hồ sơ)"


def form_of_one_dossier(lines: Iterable[str]) -> str:
    """What to say of a form that is printed for one dossier (layout o); empty where no line is the title of one."""
    for line in lines:
        if fold(line).startswith(form_titles()):
            return (
                f"là biểu mẫu của một hồ sơ (“{clean(line)[:60]}”), không phải danh sách hồ sơ; "
                "hãy xuất sổ theo dõi hoặc danh sách hồ sơ"
            )
    return ""


def _combined(rows: Sequence[Sequence[str]], names: Set[str]) -> list[str]:
    """One heading a column: the lowest that is filled, or with the group's heading before it where that is known."""
    if len(rows) == 1:
        return list(rows[0])
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


class _Header(NamedTuple):
    """A header row: its number, its headings, the rows above and those below that were read."""

    row: int
    headings: list[str]
    above: Sequence[Sequence[str]]
    below: Sequence[Sequence[str]]


def _layout(file: str, header: _Header, mapping: Mapping[str, str] | None) -> Layout:
    folded = [fold_header(heading) for heading in header.headings]
    known = layout_of(frozenset(folded))
    chosen = _Columns(file, header, folded)
    unknown: list[int] = []
    for position, name in enumerate(folded):
        fields = _meaning(name, known, mapping)
        if fields is None:
            unknown.append(position)
        else:
            chosen.take(position, fields, is_weak=name in weak_names())
    columns = chosen.columns
    lacks = known.lacks if known else frozenset[str]()
    # Never concluded: a code under a heading that nobody knows would make every dossier a second time.
    is_without_codes = "dossier_code" in lacks or mapping is not None
    has_provisional_codes = is_without_codes and "dossier_code" not in columns and columns.keys() >= KEYLESS
    lacks -= {"dossier_code"}
    if mapping is not None:
        lacks |= {"received_at", "due_at"} if not TIMES.isdisjoint(columns) else set()
    _check_needed(file, header.row, columns, lacks, has_provisional_codes=has_provisional_codes)
    headings = list(header.headings)
    unit_above = titled_unit(header.above)
    has_group_units = UNIT not in columns and bool(unit_above or _has_groups(columns, header.below))
    if has_group_units:
        columns[UNIT] = len(headings)
        headings.append(UNIT_OF_GROUP)
    if has_provisional_codes:
        columns["dossier_code"] = len(headings)
        headings.append(PROVISIONAL_CODE)
    left = sorted({*unknown, *chosen.passed})
    return Layout(
        header_row=header.row,
        headings=tuple(headings),
        columns=columns,
        unknown=tuple(header.headings[n] for n in left if header.headings[n].strip()),
        unit_above=unit_above,
        has_group_units=has_group_units,
        weak=frozenset(chosen.weak),
        kind=SAVED if mapping is not None else known.key if known else ALIASES,
        has_provisional_codes=has_provisional_codes,
        words=known.words if known else {},
    )


def _meaning(
    name: str, known: KnownLayout | None, mapping: Mapping[str, str] | None
) -> tuple[str, ...] | None:
    """The fields that a folded heading tells; none: left out on purpose; None: nobody knows it."""
    if mapping is not None and name in mapping:
        return (mapping[name],) if mapping[name] else ()
    if known is not None and name in known.fields:
        return known.fields[name]
    field = field_names().get(name)
    if field is None:
        return () if name in row_number_names() else None
    return () if field in NOT_TAKEN else (field,)


class _Columns:
    """The column of each field, the better one where a weak and a strong heading mean the same."""

    def __init__(self, file: str, header: _Header, folded: Sequence[str]) -> None:
        self._file, self._header, self._folded = file, header, folded
        self.columns: dict[str, int] = {}
        self.weak: set[str] = set()
        self.passed: set[int] = set()

    def take(self, position: int, fields: Sequence[str], *, is_weak: bool) -> None:
        """Let a column stand for its fields.

        Raises:
            UnusableFile: another column, as good, means the same.
        """
        for name in fields:
            if name in self.columns and is_weak == (name in self.weak):
                headings = self._header.headings
                raise UnusableFile(
                    self._file,
                    f"dòng {self._header.row}: hai cột cùng nghĩa, “{headings[self.columns[name]]}” và "
                    f"“{headings[position]}”",
                )
            if name in self.columns:
                self.passed.add(position if is_weak else self.columns[name])
            if name not in self.columns or name in self.weak:
                self.columns[name] = position
                self.weak = self.weak | {name} if is_weak else self.weak - {name}


def _check_needed(
    file: str, row: int, columns: Mapping[str, int], lacks: Set[str], *, has_provisional_codes: bool
) -> None:
    there = columns.keys() | lacks | ({"dossier_code"} if has_provisional_codes else set())
    missing = [field for field in NEEDED if field not in there]
    if missing:
        kind = NoTable if "dossier_code" in missing else UnusableFile
        raise kind(file, f"dòng tiêu đề {row} thiếu cột: {', '.join(map(_wanted, missing))}")


def _has_groups(columns: Mapping[str, int], rows: Sequence[Sequence[str]]) -> bool:
    """Is one of the first rows a group row that names a unit?"""
    dated = [columns[name] for name in DATE_FIELDS if name in columns]
    for row in rows:
        kind = skip_kind(row, columns.get("dossier_code", NOWHERE), dated)
        if kind == "footer":
            return False
        if kind == "group" and group_unit(row, after_footer=False):
            return True
    return False


def _wanted(field: str) -> str:
    names = {"dossier_code": "Mã hồ sơ", "received_at": "Ngày tiếp nhận", "due_at": "Ngày hẹn trả"}
    return names[field]
