"""The share of late dossiers by month and unit: rows of cells with their fraction, and a small line for each. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.presenters import decimal
from tracker.types import Basis, RateRow

MONTHS = 12
ROWS = 30
# Above the threshold one shade up to a fifth late, the darkest beyond.
FAR_ABOVE = Fraction(1, 5)
# The box a small line is drawn in.
WIDTH, HEIGHT = 100, 20


@dataclass(frozen=True, slots=True)
class Cell:
    """Late dossiers of those finished; `level` 0 none late, 1 within the threshold, 2 above it, 3 far above."""

    late: int
    finished: int
    level: int

    @property
    def share(self) -> Fraction:
        """late / finished; 0 where nothing was finished (such a cell is shown as a dash)."""
        return Fraction(self.late, self.finished) if self.finished else Fraction(0)


@dataclass(frozen=True, slots=True)
class Spark:
    """Runs of "x,y" points in a box of 100 x 20, broken where a month has no data; `limit` is the threshold's y."""

    runs: tuple[str, ...]
    limit: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A unit's twelve months, their sum, the worst month and the line over them."""

    name: str
    cells: tuple[Cell, ...]
    total: Cell
    peak: Cell
    spark: Spark


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Units with late dossiers, most first; `left_out` more of them are not shown, `kept` had none late."""

    months: tuple[int, ...]
    rows: tuple[HeatRow, ...]
    legend: tuple[tuple[int, str], ...]
    left_out: int
    kept: int


def heat_map(rows: Iterable[RateRow], basis: Basis, threshold: Fraction) -> HeatMap:
    """From rates by month ("2022-01") and unit; `threshold` is the on-time share that is asked for."""
    allowed = 1 - threshold
    counts: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        rate = row.bases[basis]
        year = counts.setdefault(row.keys["unit"], [(0, 0)] * MONTHS)
        month, finished = int(row.keys["month"][-2:]) - 1, rate.denominator or 0
        late, all_finished = year[month]
        year[month] = (late + finished - (rate.numerator or 0), all_finished + finished)
    made = [heat_row(name, year, allowed) for name, year in counts.items()]
    listed = sorted((row for row in made if row.total.late), key=lambda row: (-row.total.late, row.name))
    kept = sum(1 for row in made if row.total.finished and not row.total.late)
    months = tuple(range(1, MONTHS + 1))
    return HeatMap(months, tuple(listed[:ROWS]), legend_of(allowed), len(listed[ROWS:]), kept)


def heat_row(name: str, months: Sequence[tuple[int, int]], allowed: Fraction) -> HeatRow:
    """From (late, finished) of each month in order; `allowed` is the share of late ones within the threshold."""
    cells = tuple(_cell(late, finished, allowed) for late, finished in months)
    total = _cell(sum(late for late, _ in months), sum(finished for _, finished in months), allowed)
    return HeatRow(name, cells, total, max(cells, key=lambda cell: cell.share), spark(cells, allowed))


def _cell(late: int, finished: int, allowed: Fraction) -> Cell:
    share = Fraction(late, finished) if finished else Fraction(0)
    level = 0 if not late else 1 if share <= allowed else 2 if share <= FAR_ABOVE else 3
    return Cell(late, finished, level)


def spark(cells: Sequence[Cell], allowed: Fraction) -> Spark:
    """The line over some months in order; `allowed`: the share of late ones at which the dotted line stands."""
    top = max(*(cell.share for cell in cells), 2 * allowed) or Fraction(1)
    runs: list[list[str]] = [[]]
    steps = max(len(cells) - 1, 1)
    for number, cell in enumerate(cells):
        if cell.finished:
            runs[-1].append(f"{WIDTH * number / steps:.1f},{_height(cell.share, top)}")
        elif runs[-1]:
            runs.append([])
    # One point alone draws nothing: a short stroke instead.
    lines = (" ".join(run if len(run) > 1 else [run[0], run[0]]) for run in runs if run)
    return Spark(tuple(lines), _height(allowed, top))


def _height(share: Fraction, top: Fraction) -> str:
    return f"{float(HEIGHT * (1 - share / top)):.1f}"


def legend_of(allowed: Fraction) -> tuple[tuple[int, str], ...]:
    """What each shade means, in words."""
    within, far = decimal(allowed * 100, trim=True), decimal(FAR_ABOVE * 100, trim=True)
    return (
        (0, "không hồ sơ nào trễ"),
        (1, f"trễ trong ngưỡng, đến {within} %"),
        (2, f"trên {within} % đến {far} %"),
        (3, f"trên {far} %"),
    )
