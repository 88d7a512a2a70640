"""Tables of totals (layouts e to i): which columns are which measures, the period, the figures as told.

They are no dossiers and never become any; reconciliation compares them with what we count. Headings are data
(`data/totals.toml`); a period is read where the table writes both its days, and never concluded from a month.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files
from itertools import chain, islice
from typing import Any, NamedTuple

from tracker.ingest.sections import is_footer, is_numbering, is_sum
from tracker.text import clean, fold, fold_header
from tracker.types.reported import ReportedRow, ReportedTotals, RowKind

HEADER_ROWS, DEPTH = 30, 4
LEAST_MEASURES = 4
LARGEST_TABLE = 50_000
SLASH = re.compile(r"\s*/\s*")
COUNT = re.compile(r"\d{1,15}(?:\.0)?|\d{1,3}(?:[.,\u00a0 ]\d{3}){1,4}")
NO_RANK = (0, 0, 0)
NOTHING = ("-", "–", "--")
DAY = r"(\d{1,2})\s*(?:[/.-]|\s+thang\s+)\s*(\d{1,2})\s*(?:[/.-]|\s+nam\s+)\s*(\d{4})"
PERIOD = re.compile(
    rf"tu\s*(?:ngay)?[\s:]*{DAY}[\s,;]*(?:[-–]\s*(?:den)?|den)\s*(?:het\s*)?(?:ngay)?[\s:]*{DAY}"
)
FINISHED_PARTS = ("early", "on_time", "late")
RECEIVED_PARTS = ("received_online", "received_direct", "received_postal")


class _Words(NamedTuple):
    """`totals.toml`, folded."""

    names: Sequence[tuple[RowKind, tuple[str, ...]]]
    stages: Mapping[str, str]
    within: Mapping[str, Mapping[str, str]]
    alone: Mapping[str, str]
    forms: Sequence[tuple[str, str, frozenset[str]]]


class _Header(NamedTuple):
    """Where the figures of a table stand: its last header row, the column of names, columns by measure."""

    last_row: int
    name_at: int
    kind: RowKind
    measures: Mapping[int, str]
    headings: Mapping[int, str]
    parts: frozenset[str]


def find_totals(
    file: str, sheet: str, above: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]
) -> ReportedTotals | None:
    """The totals that numbered rows hold; None if they are no table of totals."""
    numbered = iter(rows)
    head = list(islice(numbered, HEADER_ROWS))
    header = _header(head)
    if header is None:
        return None
    titles = [*above, *(cell for number, row in head if number <= header.last_row for cell in row)]
    period = _period(titles)
    told: list[ReportedRow] = []
    faults: list[str] = []
    for number, row in chain(head, islice(numbered, LARGEST_TABLE)):
        if number > header.last_row:
            told += _row(number, row, header, faults)
    form = next((key for key, _, marks in _words().forms if not marks.isdisjoint(header.parts)), "e")
    return ReportedTotals(file, sheet, form, *period, tuple(told), tuple(faults))


def totals_sentence(totals: ReportedTotals) -> str:
    """Why such a table is not read as a list of dossiers, and what it is good for."""
    name = next((name for key, name, _ in _words().forms if key == totals.form), "")
    return (
        f"là bảng số liệu tổng hợp ({name}), không phải danh sách hồ sơ; dùng để đối chiếu: "
        "lệnh dunghen reconcile import TỆP, hoặc trang Đối chiếu"
    )


# ---------------------------------------------------------------- the header


def _header(rows: Sequence[tuple[int, Sequence[str]]]) -> _Header | None:
    """The header that gives most measures; it may take up to four rows."""
    best: _Header | None = None
    best_rank = NO_RANK
    for start in range(len(rows)):
        for depth in range(1, DEPTH + 1):
            block = rows[start : start + depth]
            found = _read_header(block[-1][0], [row for _, row in block])
            # Of equals the last start and its least depth: rows above that add nothing are titles.
            rank = (len(found.measures), start, -depth) if found else NO_RANK
            if rank > best_rank:
                best, best_rank = found, rank
    return best


def _read_header(last_row: int, rows: Sequence[Sequence[str]]) -> _Header | None:
    paths = _paths(rows)
    measures = {at: measure for at, path in paths.items() if (measure := _measure(path))}
    named = next(((at, kind) for at, path in paths.items() if (kind := _name_kind(path)) is not None), None)
    if named is None or len(set(measures.values())) < LEAST_MEASURES:
        return None
    headings = {at: clean(next(row[at] for row in reversed(rows) if _cell(row, at))) for at in measures}
    parts = frozenset(part for path in paths.values() for part in path)
    return _Header(last_row, *named, measures, headings, parts)


def _paths(rows: Sequence[Sequence[str]]) -> dict[int, tuple[str, ...]]:
    """Folded headings of each column from its group down; a merged cell holds its text in its first cell."""
    width = max(map(len, rows), default=0)
    paths: dict[int, tuple[str, ...]] = {}
    last: list[str] = [""] * len(rows)
    for at in range(width):
        cells = [_cell(row, at) for row in rows]
        if not any(cells):
            continue
        path: list[str] = []
        follows = True
        for level, cell in enumerate(cells):
            # A group reaches to the right over columns that have headings of their own only below it.
            inherits = not cell and follows and any(cells[level + 1 :])
            follows = inherits
            last[level] = cell or (last[level] if inherits else "")
            if last[level]:
                path.append(last[level])
        paths[at] = tuple(path)
    return paths


def _cell(row: Sequence[str], at: int) -> str:
    return _folded(row[at]) if at < len(row) else ""


def _measure(path: Sequence[str]) -> str:
    """The measure of a column; empty where it is none of ours."""
    words = _words()
    level, stage = next(
        ((level, words.stages[part]) for level, part in enumerate(path[:-1]) if part in words.stages), (0, "")
    )
    if not stage:
        return words.alone.get(path[-1], "") if len(path) == 1 else ""
    within = words.within[stage]
    leaf = path[-1]
    is_sum = within.get(leaf) == within.get(_folded("tổng số"))
    inner = [within[part] for part in path[level + 1 : -1] if part in within]
    return inner[-1] if is_sum and inner else within.get(leaf, "")


def _name_kind(path: Sequence[str]) -> RowKind | None:
    return next((kind for kind, begins in _words().names if path[0].startswith(begins)), None)


# ---------------------------------------------------------------- rows and period


def _row(number: int, row: Sequence[str], header: _Header, faults: list[str]) -> list[ReportedRow]:
    """A row with figures; nothing for rows that have none, such as groups, numbering and footers."""
    filled = [clean(cell) for cell in row if cell.strip()]
    if not filled or is_numbering(filled) or (len(filled) <= 4 and any(map(is_footer, filled))):
        return []
    texts = [cell for cell in filled if any(map(str.isalpha, cell))]
    own = clean(row[header.name_at]) if header.name_at < len(row) else ""
    name = own or next(iter(texts), "")
    figures: dict[str, int] = {}
    wrong: list[str] = []
    for at, measure in header.measures.items():
        cell = clean(row[at]) if at < len(row) else ""
        value = _count(cell)
        if value is not None:
            figures[measure] = figures.get(measure, 0) + value
        elif cell:
            wrong.append(f"dòng {number}, cột “{header.headings[at]}”: “{cell[:40]}” không phải là số đếm")
    if not name or not figures:
        return []
    faults += wrong
    kind: RowKind = "total" if is_sum(name) or any(map(is_sum, texts[:1])) else header.kind
    return [ReportedRow(name, kind, _completed(figures), number)]


def _completed(figures: dict[str, int]) -> Mapping[str, int]:
    """With the sums that a form leaves out though it tells all their parts."""
    if "finished" not in figures and all(part in figures for part in FINISHED_PARTS):
        figures["finished"] = sum(figures[part] for part in FINISHED_PARTS)
    parts = [figures[part] for part in RECEIVED_PARTS if part in figures]
    if "received" not in figures and len(parts) > 1:
        figures["received"] = sum(parts)
    return figures


def _count(cell: str) -> int | None:
    if cell in NOTHING:
        return 0
    if COUNT.fullmatch(cell) is None:
        return None
    return int(re.sub(r"\.0$|\D", "", cell)) if not cell.endswith(".0") else int(cell[:-2])


def _period(titles: Sequence[str]) -> tuple[date | None, date | None]:
    """Both days of the period, where a title writes them, perhaps in two cells."""
    found = PERIOD.search(fold(" ".join(titles)))
    if found is None:
        return None, None
    numbers = [int(part) for part in found.groups()]
    try:
        first, last = (date(year, month, day) for day, month, year in (numbers[:3], numbers[3:]))
    except ValueError:
        return None, None
    return (first, last) if first <= last else (None, None)


def _folded(text: str) -> str:
    return SLASH.sub("/", fold_header(text))


@lru_cache(maxsize=1)
def _words() -> _Words:
    table: dict[str, Any] = tomllib.loads(files("tracker.data").joinpath("totals.toml").read_text("utf-8"))

    def measures(name: str) -> Mapping[str, str]:
        return {_folded(word): measure for measure, words in table[name].items() for word in words}

    return _Words(
        names=[(kind, tuple(map(_folded, words))) for kind, words in table["names"].items()],
        stages=measures("stages"),
        within={stage: measures(stage) for stage in table["stages"]},
        alone=measures("alone"),
        forms=[(one["key"], one["name"], frozenset(map(_folded, one["marks"]))) for one in table["form"]],
    )
