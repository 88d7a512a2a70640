"""The forecast of each day: chances of open dossiers and the end of the year, the model learnt anew once a week."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.context import AppContext
from app.grip import Grip
from tracker.pipeline.forecasting import Forecast, ForecastQuestion, new_run
from tracker.store import forecast_store
from tracker.types import VN


def question_of(context: AppContext, as_of: datetime, year: int | None = None) -> ForecastQuestion:
    """The year of a moment by the edition of the configuration."""
    return ForecastQuestion(year or as_of.astimezone(VN).year, as_of, context.config.score_edition)


def keep_forecast(context: AppContext, now: datetime, *, is_refit: bool = False) -> Forecast:
    """Make the forecast of now and keep it in the place of the one before; what the job does, and the demonstration."""
    question = question_of(context, now)
    run, found = context.from_reports(
        lambda: new_run(context.store, context.calendars, question, now=now, is_refit=is_refit)
    )
    with context.store.transaction() as session:
        forecast_store.keep_run(session, run, found.risks)
    return found


def forecast_day(grip: Grip, day: date) -> Mapping[str, Any]:
    """Always of now: chances of a day that is over help nobody, so a missed day is made up for by the next."""
    grip.progress(0, None, "Đang tính dự báo")
    found = keep_forecast(grip.context, grip.now())
    return {"dossiers": len(found.risks), "on": found.is_on}
