"""The page of a criterion as values: gauges, units with what is open, months against the threshold. Knows no request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from app import charts
from app.cockpit_words import (
    LEFT_OUT,
    NOTHING_ENDED,
    cost_sentences,
    counted_words,
    left_words,
    open_sentences,
    period_name,
)
from app.english.pages import language
from app.presenters import number, short_unit, time_left
from app.score_page import Share, shares
from tracker.measures.budget import Allowance, OpenStanding, PeriodBudget
from tracker.pipeline.budget import BudgetAnswer, StakeRow
from tracker.store.remembered import Remembered
from tracker.types import RateRow, State

MONTHS = 12
CHART_ROWS = 12
SHOWN = Remembered(24)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A stretch of the year with what it still allows; `fill` and `limit` are parts of the drawn bar, 0 to 1."""

    name: str
    allowance: Allowance
    is_guide: bool
    words: str
    tone: str
    fill: Fraction
    limit: Fraction


def gauges(answer: BudgetAnswer) -> list[Gauge]:
    """Month, quarter, year."""
    return [_gauge(period) for period in answer.periods]


def _gauge(period: PeriodBudget) -> Gauge:
    found = period.allowance
    whole = max(found.tally.late, found.budget_late)
    if not found.tally.denominator:
        return Gauge(
            period_name(period), found, period.is_guide, NOTHING_ENDED, "plain", Fraction(0), Fraction(1)
        )
    return Gauge(
        name=period_name(period),
        allowance=found,
        is_guide=period.is_guide,
        words=left_words(found),
        tone="late" if found.headroom < 0 else "accent",
        fill=Fraction(found.tally.late, whole) if whole else Fraction(0),
        limit=Fraction(found.budget_late, whole) if whole else Fraction(1),
    )


# ---------------------------------------------------------------- units


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit's part in what ended, with what is open in it; `unit_id` None: nothing is open."""

    share: Share
    unit_id: int | None
    standing: OpenStanding


def unit_rows(answer: BudgetAnswer) -> list[UnitRow]:
    """Units with something late, overdue or still to be kept; most late first."""
    ended = {share.name: share for share in shares(answer.score, "unit")}
    open_ones = {each.unit: each for each in answer.standings or ()}
    rows = []
    for name in dict.fromkeys((*ended, *open_ones)):
        share, standing = ended.get(name, Share(name, 0, 0, 0)), open_ones.get(name)
        rows.append(
            UnitRow(
                share,
                standing.unit_id if standing else None,
                standing.standing if standing else OpenStanding(),
            )
        )
    told = [row for row in rows if row.share.late or row.standing.overdue or row.standing.keepable]
    return sorted(told, key=lambda row: (-row.share.late, -row.standing.overdue, row.share.name))


# ---------------------------------------------------------------- months


@dataclass(frozen=True, slots=True)
class MonthRow:
    """What ended in a month, and in the year up to its end; `is_small`: too few for the rate to say much."""

    month: int
    numerator: int
    denominator: int
    year_numerator: int
    year_denominator: int
    is_small: bool

    @property
    def late(self) -> int:
        """Those that ended late."""
        return self.denominator - self.numerator


def month_rows(rows: Iterable[RateRow], small_below: int) -> list[MonthRow]:
    """The months in which something ended, in order, each with the year so far."""
    found: list[MonthRow] = []
    numerator = denominator = 0
    for month, counts in _by_month(rows):
        numerator += counts[0]
        denominator += counts[1]
        if counts[1]:
            found.append(MonthRow(month, *counts, numerator, denominator, counts[1] < small_below))
    return found


def _by_month(rows: Iterable[RateRow]) -> list[tuple[int, tuple[int, int]]]:
    sums: dict[int, tuple[int, int]] = {}
    for row in rows:
        month = int(row.keys["month"][-2:])
        before = sums.get(month, (0, 0))
        sums[month] = (before[0] + row.counts.numerator, before[1] + row.counts.finished)
    return sorted(sums.items())


def rate_points(months: Sequence[MonthRow]) -> list[tuple[str, Fraction | None, Fraction | None, str]]:
    """Every month of the year for the chart: its name, its rate, the rate of the year so far, both fractions in words."""
    by_month = {row.month: row for row in months}
    return [_point(month, by_month.get(month)) for month in range(1, MONTHS + 1)]


def _point(month: int, row: MonthRow | None) -> tuple[str, Fraction | None, Fraction | None, str]:
    if row is None:
        return f"T{month}", None, None, ""
    told = f"{number(row.numerator)}/{number(row.denominator)}" + (" (mẫu nhỏ)" if row.is_small else "")
    rate = Fraction(row.numerator * 100, row.denominator)
    return f"T{month}", rate, Fraction(row.year_numerator * 100, row.year_denominator), told


# ---------------------------------------------------------------- what is left out


def left_out(answer: BudgetAnswer) -> list[tuple[int, str, str]]:
    """How many dossiers stand in no rate and why, with the code of the reason, most first."""
    ended = [row.counts for row in answer.months]
    reasons = {
        **answer.score.left_out,
        **answer.excluded,
        "WITHDRAWN": sum(counts.withdrawn for counts in ended),
        "NO_DUE": sum(counts.no_due for counts in ended),
    }
    found = [(count, LEFT_OUT.get(code, code), code) for code, count in reasons.items() if count]
    return sorted(found, key=lambda each: -each[0])


# ---------------------------------------------------------------- the whole page


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything between the points and the footnotes; charts are documents, None where there is nothing to draw.

    `kept_units`, `kept_fields`: how many more had nothing late. `standing`: is the year still going on?
    """

    gauges: list[Gauge]
    counted: str
    cost: list[str]
    open: list[str]
    standing: bool
    months: list[MonthRow]
    month_chart: str | None
    units: list[UnitRow]
    unit_chart: str | None
    kept_units: int
    fields: list[Share]
    field_chart: str | None
    kept_fields: int
    left_out: list[tuple[int, str, str]]


def shown(answer: BudgetAnswer, small_below: int) -> Shown:
    """The page of an answer; rates of less than `small_below` dossiers are marked. Made once an answer, but for its moment."""
    key = answer.mark.of(small_below, language()) if answer.mark else None
    found: Shown | None = None if key is None else SHOWN.get(key)
    if found is None:
        found = _shown(answer, small_below)
        if key is not None:
            SHOWN.keep(key, found)
    return replace(found, open=open_sentences(answer))


def _shown(answer: BudgetAnswer, small_below: int) -> Shown:
    months, units = month_rows(answer.months, small_below), unit_rows(answer)
    ended_in, fields = shares(answer.score, "unit"), shares(answer.score, "field")
    late_fields = [share for share in fields if share.late]
    return Shown(
        gauges=gauges(answer),
        counted=counted_words(answer),
        cost=cost_sentences(answer),
        open=[],
        standing=answer.standings is not None,
        months=months,
        month_chart=charts.rate_lines(rate_points(months), answer.edition.threshold) if months else None,
        units=units,
        unit_chart=_bars([row.share for row in units]),
        kept_units=len(ended_in) - sum(1 for row in units if row.share.denominator),
        fields=late_fields,
        field_chart=_bars(late_fields),
        kept_fields=len(fields) - len(late_fields),
        left_out=left_out(answer),
    )


def stake_words(rows: Sequence[StakeRow], day_minutes: int) -> tuple[tuple[int, State, str], ...]:
    """What the clock changes in a list of dossiers that can still be kept: how each stands, and the time that is left."""
    return tuple((row.dossier_id, row.verdict.state, time_left(row.verdict, day_minutes)) for row in rows)


def _bars(rows: Sequence[Share]) -> str | None:
    bars = [(short_unit(share.name), share.late) for share in rows if share.late][:CHART_ROWS]
    return charts.late_bars(bars) if bars else None
