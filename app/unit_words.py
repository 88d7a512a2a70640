"""What the page of a unit says in sentences, its chart, and the small lines of the units below. Pure."""

from dataclasses import dataclass
from fractions import Fraction

from app import charts
from app.english.pages import language
from app.heat_page import Cell, Spark, spark
from app.presenters import decimal, number, time_left, working_time
from app.unit_page import Reference, UnitHome
from tracker.pipeline.unit_home import MonthCounts, UnitBelow
from tracker.pipeline.unit_targets import Target, late_left
from tracker.store.remembered import Remembered
from tracker.types import RateCounts, State

CHARTS = Remembered(300)
USUAL_SHARE = Fraction(19, 20)  # the dotted line of a unit for which nothing is set


def month_words(month: int) -> str:
    """202608 -> "tháng 8/2026"."""
    return f"tháng {month % 100}/{month // 100}"


def share_words(share: Fraction) -> str:
    """19/20 -> "95 %"."""
    return f"{decimal(share * 100, trim=True)}\u00a0%"


def change_words(now: MonthCounts, last: MonthCounts) -> str:
    """How the share of this month stands to the last one's, in percentage points; empty where one of both has none."""
    if not now.counts.finished or not last.counts.finished:
        return ""
    points = 100 * (_share(now.counts) - _share(last.counts))
    told = decimal(abs(points))
    if told == "0,00":
        return f"bằng {month_words(last.month)}"
    return f"{'tăng' if points > 0 else 'giảm'} {told} điểm phần trăm so với {month_words(last.month)}"


def _share(counts: RateCounts) -> Fraction:
    return Fraction(counts.numerator, counts.finished)


@dataclass(frozen=True, slots=True)
class TargetWords:
    """Whether the target is reached so far, in words, with the tone that goes with them."""

    words: str
    tone: str
    mark: str


def target_words(target: Target, counts: RateCounts) -> TargetWords:
    """What a month says to its target."""
    if not counts.finished:
        return TargetWords("chưa có hồ sơ nào để so với chỉ tiêu", "plain", "dash")
    left = late_left(target, counts)
    if left < 0:
        return TargetWords(f"chưa đạt: trễ nhiều hơn mức cho phép {number(-left)} hồ sơ", "late", "triangle")
    told = (
        f"trong số đã giải quyết còn được trễ {number(left)} hồ sơ"
        if left
        else "không được trễ thêm hồ sơ nào"
    )
    return TargetWords(f"đạt; {told}", "kept", "tick")  # fmt: skip


# ---------------------------------------------------------------- what the clock changes


def fallen_words(home: UnitHome) -> tuple[tuple[int, State, str], ...]:
    """How the dossiers that fell due stand, and how late they are."""
    rows = home.answer.fallen.rows
    return tuple(
        (row.found.dossier_id, row.verdict.state, time_left(row.verdict, home.day_minutes)) for row in rows
    )


def officer_words(home: UnitHome) -> tuple[str | None, ...]:
    """The working time that each officer has left for what can still be kept; None: nothing, or nobody can say."""
    return tuple(
        None if load.minutes_left is None else working_time(load.minutes_left, home.day_minutes) if load.minutes_left else ""
        for load in home.answer.officers or ()
    )  # fmt: skip


# ---------------------------------------------------------------- the chart


def trend_chart(home: UnitHome, small_below: int) -> str | None:
    """The months as lines; None where nothing ended in any. Made once, as long as the months are the same."""
    mark = home.answer.mark
    if mark is None:
        return _trend_chart(home, small_below)
    key = mark.of(home.reference, small_below, language())
    found: tuple[str | None] | None = CHARTS.get(key)
    if found is None:
        found = (_trend_chart(home, small_below),)
        CHARTS.keep(key, found)
    return found[0]


def _trend_chart(home: UnitHome, small_below: int) -> str | None:
    months = home.answer.months
    if not any(month.counts.finished for month in months):
        return None
    lines = [(_point(month, small_below), _asked(month, home.reference)) for month in months]
    return charts.month_rates([(*point, asked) for point, asked in lines], line_name(home))


def _point(month: MonthCounts, small_below: int) -> tuple[str, Fraction | None, str]:
    name = f"T{month.month % 100}/{month.month // 100 % 100:02d}"
    counts = month.counts
    if not counts.finished:
        return name, None, ""
    small = " (mẫu nhỏ)" if counts.finished < small_below else ""
    return name, 100 * _share(counts), f"{number(counts.numerator)}/{number(counts.finished)}{small}"


def _asked(month: MonthCounts, reference: Reference | None) -> Fraction | None:
    if reference is not None:
        return reference.share * 100
    return month.target.share * 100 if month.target else None


def line_name(home: UnitHome) -> str:
    """What the dashed line of the chart is."""
    return "Ngưỡng của tiêu chí 3.4.1" if home.reference else "Chỉ tiêu"


# ---------------------------------------------------------------- the units below


def below_spark(below: UnitBelow) -> Spark:
    """The share of late ones of a unit over the months."""
    cells = [Cell(counts.late, counts.finished, 0) for counts in below.months]
    return spark(cells, 1 - (below.target.share if below.target else USUAL_SHARE))


def below_tone(below: UnitBelow) -> str:
    """The tone of a unit's tile: whether its target is kept this month, else whether anything is late."""
    now = below.months[-1]
    if below.target is not None and now.finished:
        return "late" if late_left(below.target, now) < 0 else "kept"
    return "plain"
