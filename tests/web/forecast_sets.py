"""A forecast for the world of the page tests: learnt from an invented history by the real program, told of the world's own dossiers."""

import json
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.forecast_world import AS_OF, history, worked
from tracker.measures.forecast import Learning, Model
from tracker.measures.forecast_trial import trial
from tracker.measures.months import opening
from tracker.measures.projection import Asked, counted
from tracker.measures.projection_trial import governing, held, path
from tracker.measures.scoring import Denominator
from tracker.pipeline.forecasting import Forecast, YearEnd, run_report
from tracker.store import forecast_store
from tracker.store.forecast_store import NewRun, Risk
from tracker.store.session import Store

LEARNT_YEAR, SHOWN_YEAR = "2025-", "2026-"
CHANCES = (8_512, 4_130, 4_130)


def forecast_run(now: datetime, *, is_on: bool = True, why_off: str = "") -> NewRun:
    """What the program keeps of a forecast, its year moved to that of the world."""
    of = history(6_000)
    learning = Learning(of, worked)
    made, model = trial(learning, AS_OF, has_library=True), learning.learn(AS_OF)
    assert isinstance(model, Model)
    asked = Asked(AS_OF, opening(202501), opening(202601) - 1, Denominator.RESOLVED)
    so_far = counted(of, asked, AS_OF)
    chance = governing(learning, model, is_on=True, history=of)
    months, told = path(of, 2025, AS_OF, chance, so_far, Denominator.RESOLVED)
    tried = held(learning, of, AS_OF, is_on=True, denominator=Denominator.RESOLVED)
    end = YearEnd(
        2026, "resolved", False, Fraction(95, 100), Fraction(3, 2), months, told.middle, told.low, told.high,
        (Fraction(0), Fraction(0), Fraction(0)), (0, len(told.draws)), told.so_far, told.open, told.late_open, told.to_come, tried,
    )  # fmt: skip
    found = Forecast(now - timedelta(hours=3), made, end, (), False, now - timedelta(days=2), len(of), 1)
    report: dict[str, Any] = json.loads(json.dumps(run_report(found, 0)).replace(LEARNT_YEAR, SHOWN_YEAR))
    report["backtest"] |= {"is_on": is_on, "why_off": why_off}
    return NewRun(now, found.as_of, is_on, why_off, False, report, None)


def add_forecast(store: Store, dossiers: list[tuple[int, int, date]], now: datetime) -> None:
    """A forecast with chances of some dossiers (id, unit, due on)."""
    risks = [
        Risk(dossier_id, unit_id, chance, due)
        for (dossier_id, unit_id, due), chance in zip(dossiers, CHANCES, strict=False)
    ]
    with store.transaction() as session:
        forecast_store.keep_run(session, forecast_run(now), risks)
