"""What the pages of the forecast show: months of the year, likely late dossiers, the trial. Knows no request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.charts_forecast import reliability, year_band
from app.forecast_words import share_text
from app.presenters import number, percent
from tracker.measures.calibration import Bin
from tracker.measures.forecast_trial import Trial
from tracker.measures.projection import Drawn
from tracker.measures.projection_trial import Point
from tracker.pipeline.forecasting import Forecast, YearEnd, forecast_of
from tracker.store import forecast_store
from tracker.store.forecast_store import RiskAsked, RiskLine
from tracker.store.session import Session

PAGE, TOP = 50, 20
# A chance from which on a dossier is pointed out, in ten-thousandths.
LIKELY = 5_000
# A forecast that is older is marked: the job makes one each day.
OLD_DAYS = 2
# Fewer dossiers make no point of the diagram: one more late moves it by a tenth. The table has all of them.
DRAWN = 10


@dataclass(frozen=True, slots=True)
class RiskPage:
    """A part of the list; `after`: where the next part begins, empty at the end."""

    lines: tuple[RiskLine, ...]
    count: int
    expected: float
    after: str


@dataclass(frozen=True, slots=True)
class BinLine:
    """A line of the reliability table."""

    name: str
    count: int
    foretold: str
    came: str


def newest(session: Session) -> Forecast | None:
    """The forecast that governs; None where none was made."""
    run = forecast_store.newest_run(session)
    return None if run is None else forecast_of(run)


def risk_page(
    session: Session,
    unit_ids: frozenset[int] | None,
    now: datetime,
    *,
    limit: int,
    after: tuple[int, int] | None = None,
) -> RiskPage:
    """Open dossiers of units (None = all), the likeliest to be late first."""
    asked = RiskAsked(unit_ids, now.date(), after=after, limit=limit + 1)
    lines = forecast_store.risk_lines(session, asked)
    count, expected = forecast_store.risk_counts(session, asked)
    shown = tuple(lines[:limit])
    last = f"{shown[-1].chance}.{shown[-1].dossier_id}" if len(lines) > limit else ""
    return RiskPage(shown, count, expected, last)


def spot_of(told: str) -> tuple[int, int] | None:
    """Where a page begins, from the address; None at the beginning, and for what is no place."""
    chance, _, dossier_id = told.partition(".")
    if not (chance.isascii() and chance.isdigit() and dossier_id.isascii() and dossier_id.isdigit()):
        return None
    place = int(chance[:6]), int(dossier_id[:19])
    return place if place[1] < 2**63 else None


def is_old(found: Forecast, now: datetime) -> bool:
    """Is it older than the daily job would leave it?"""
    return (now - found.as_of).days >= OLD_DAYS


# ---------------------------------------------------------------- the year


def month_name(month: int) -> str:
    """202608 -> "T8"."""
    return f"T{month % 100}"


def year_chart(end: YearEnd) -> str | None:
    """The chart of the year; None where there is nothing to draw."""
    if end.middle is None:
        return None
    return year_band(
        tuple(_drawn_point(each) for each in end.months if each.middle.denominator), end.threshold
    )


def _drawn_point(
    point: Point,
) -> tuple[str, float | None, float | None, float | None, float | None]:
    name = month_name(point.month)
    if point.low is None or point.high is None:
        return name, _rate(point.middle), None, None, None
    return name, None, _rate(point.middle), _rate(point.low), _rate(point.high)


def _rate(drawn: Drawn) -> float:
    return round(100 * drawn.numerator / max(drawn.denominator, 1), 4)


@dataclass(frozen=True, slots=True)
class YearLine:
    """A month in the table: counted, or projected with its band."""

    name: str
    is_counted: bool
    middle: str
    low: str
    high: str


def year_lines(end: YearEnd) -> list[YearLine]:
    """The table under the chart."""
    return [
        YearLine(
            f"hết tháng {each.month % 100}",
            each.low is None,
            share_text(each.middle),
            share_text(each.low) if each.low else "",
            share_text(each.high) if each.high else "",
        )
        for each in end.months
    ]


# ---------------------------------------------------------------- the trial


def bin_lines(bins: Sequence[Bin]) -> list[BinLine]:
    """The reliability table; empty bins stay, so that nobody wonders where they are."""
    return [
        BinLine(
            f"{percent(each.low.numerator, each.low.denominator, 0)} – {percent(each.high.numerator, each.high.denominator, 0)}",
            each.count,
            f"{percent(round(each.foretold * 10), each.count * 10, 1)} ({number(round(each.foretold))}/{number(each.count)})"
            if each.count
            else "",
            f"{percent(each.late, each.count, 1)} ({number(each.late)}/{number(each.count)})"
            if each.count
            else "",
        )
        for each in bins
    ]


def reliability_chart(made: Trial) -> str | None:
    """The diagram of model and baseline; None where nothing was tried."""
    if not made.reliability:
        return None
    return reliability(_points(made.reliability), _points(made.baseline_reliability))


def _points(bins: Sequence[Bin]) -> tuple[tuple[float, float, str], ...]:
    return tuple(
        (
            round(100 * each.foretold / each.count, 2),
            round(100 * each.late / each.count, 2),
            f"{number(each.late)}/{number(each.count)} hồ sơ",
        )
        for each in bins
        if each.count >= DRAWN
    )


def month_text(month: int) -> str:
    """202608 -> "8/2026"."""
    return f"{month % 100}/{month // 100}"
