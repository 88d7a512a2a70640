"""`dunghen forecast`: which open dossiers may end late, how the year may end, and whether to believe it."""

from datetime import datetime
from typing import Any

import click

from app.commands.shared import moment_text, note_act, reads_reports
from app.context import AppContext
from app.forecast_words import (
    INVENTED,
    chance_text,
    rate_text,
    switch_sentence,
    trial_sentences,
    year_sentences,
)
from app.options import common_options, time_options
from app.works.forecasting import keep_forecast, question_of
from tracker.errors import UsageError
from tracker.measures.forecast_trial import trial_document
from tracker.measures.projection import Drawn
from tracker.measures.projection_trial import drawn_document, held_document, points_document
from tracker.pipeline.forecasting import Forecast, ForecastQuestion, YearEnd, forecast
from tracker.store import late_queries
from tracker.store.forecast_store import WHOLE, Risk
from tracker.store.late_queries import Candidate, LateFilter
from tracker.types import Basis

SHOWN = 20


@click.command("forecast")
@common_options
@time_options
@click.option("--year", type=int, help="Mặc định: năm của thời điểm xét.")
@click.option("--edition", help="Phiên bản công thức (mặc định theo cấu hình).")
@click.option(
    "--limit", type=click.IntRange(0), default=50, show_default=True, help="Số hồ sơ dễ trễ nhất được kể."
)
@click.option("--keep", is_flag=True, help="Học lại từ đầu và giữ kết quả cho các trang, như việc hằng ngày.")
@click.pass_obj
@reads_reports
def forecast_command(
    context: AppContext,
    as_of: datetime | None,
    known: datetime | None,
    year: int | None,
    edition: str | None,
    limit: int,
    keep: bool,
) -> None:
    """Hồ sơ đang mở nào dễ trễ, cuối năm tỷ lệ khoảng bao nhiêu, và dự báo ấy đáng tin đến đâu."""
    if keep and (as_of or known or year or edition):
        raise UsageError("--keep chỉ giữ dự báo của hiện tại: bỏ --as-of, --known, --year và --edition")
    moment = as_of or context.now()
    asked = question_of(context, moment, year)
    question = ForecastQuestion(asked.year, moment, edition or asked.edition, known)
    if keep:
        found = keep_forecast(context, moment, is_refit=True)
    else:
        found = forecast(context.store, context.calendars, question)
    rows = _rows(context, question, found.risks[:limit])
    note_act(
        context,
        "forecast_risks",
        "list",
        {"year": question.year, "ids": [risk.dossier_id for risk, _ in rows]},
    )
    context.answer(_document(found, rows), _text(found, rows))


def _rows(
    context: AppContext, question: ForecastQuestion, risks: tuple[Risk, ...]
) -> list[tuple[Risk, Candidate]]:
    """The dossiers of these chances, in their order; no person in them."""
    chosen = LateFilter(int(question.as_of.timestamp()), Basis.SOURCE, known=question.known)
    with context.store.read() as session:
        ids = [risk.dossier_id for risk in risks]
        found = {each.dossier_id: each for each in late_queries.of_ids(session, chosen, ids)}
    return [(risk, found[risk.dossier_id]) for risk in risks if risk.dossier_id in found]


# ---------------------------------------------------------------- as a document


def _document(found: Forecast, rows: list[tuple[Risk, Candidate]]) -> dict[str, Any]:
    end = found.year_end
    return {
        "year": end.year,
        "edition": end.edition,
        "edition_verified": end.edition_verified,
        "as_of": moment_text(found.as_of),
        "rate": _rate(end.middle),
        "low": _rate(end.low),
        "high": _rate(end.high),
        **_points(end),
        "threshold": float(end.threshold) if end.threshold else None,
        "reaches_threshold": None if end.reached is None else end.reached[0] / end.reached[1],
        "numbers": {
            name: None if drawn is None else drawn_document(drawn)
            for name, drawn in (("so_far", end.so_far), ("low", end.low), ("middle", end.middle), ("high", end.high))
        },
        "open": end.open,
        "late_open": end.late_open,
        "to_come": end.to_come,
        "months": points_document(end.months),
        "band_trial": held_document(end.held),
        "at_risk_total": len(found.risks),
        "at_risk": [_risk(risk, one) for risk, one in rows],
        "backtest": trial_document(found.trial),
        "is_on": found.is_on,
        "why_off": found.trial.why_off,
        "is_invented": found.is_invented,
        "learnt_at": None if found.learnt_at is None else moment_text(found.learnt_at),
        "n": found.read,
        "every": found.every,
        "unknown": end.unknown,
    }  # fmt: skip


def _points(end: YearEnd) -> dict[str, float | None]:
    names = ("points_low", "points", "points_high")
    return {name: None if of is None else float(of) for name, of in zip(names, end.points, strict=True)}


def _rate(drawn: Drawn | None) -> float | None:
    return drawn.numerator / drawn.denominator if drawn and drawn.denominator else None


def _risk(risk: Risk, one: Candidate) -> dict[str, Any]:
    return {
        "code": one.code,
        "unit": one.unit,
        "field": one.field,
        "procedure": one.procedure,
        "due_at": None if one.facts.due_at is None else moment_text(one.facts.due_at),
        "chance": risk.chance / WHOLE,
    }


# ---------------------------------------------------------------- in words


def _text(found: Forecast, rows: list[tuple[Risk, Candidate]]) -> str:
    end = found.year_end
    lines = [INVENTED] if found.is_invented else []
    lines += [f"Dự báo năm {end.year}, công thức “{end.edition}”, xét tại {found.as_of:%H:%M %d/%m/%Y}"]
    lines += [
        f"  {told}" for told in (*year_sentences(end), switch_sentence(found), *trial_sentences(found.trial))
    ]
    lines += (
        [f"  Hồ sơ chưa trễ mà dễ trễ nhất ({len(rows)} trong {rate_text(len(found.risks))}):"]
        if rows
        else []
    )
    lines += [
        f"    {chance_text(risk.chance)}  {one.code}  hẹn {one.facts.due_at:%d/%m/%Y}  {one.unit}"
        for risk, one in rows[:SHOWN]
        if one.facts.due_at is not None
    ]
    return "\n".join(lines)


COMMANDS = [forecast_command]
