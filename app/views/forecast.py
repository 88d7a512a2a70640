"""The forecast: how the year may end, open dossiers that may be late, and the trial that says whether to believe it."""

from flask import render_template, request

from app import charts, current, forecast_page, forecast_words
from app.access import FORECAST_READERS, OVERVIEW, Permission
from app.forecast_page import PAGE, TOP, RiskPage, risk_page, spot_of
from app.pages import Pages
from app.typed_numbers import row_asked
from app.unit_options import own_unit_options
from tracker.store import board

blueprint = Pages("forecast", __name__, url_prefix="/du-bao")


@blueprint.get("/", permission=Permission(FORECAST_READERS, scoped=True))
def page() -> str:
    """The year with its band, and the likeliest late dossiers of the own units."""
    now = current.now()
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Dự báo")
        found = forecast_page.newest(db)
        if found is None:
            return render_template("forecast_none.html", title="Dự báo")
        risks = risk_page(db, current.scope(), now, limit=TOP)
    _log("forecast", risks)
    return render_template(
        "forecast.html", found=found, end=found.year_end, risks=risks, words=forecast_words, shown=forecast_page,
        is_old=forecast_page.is_old(found, now), chart=forecast_page.year_chart(found.year_end),
        plotly_version=charts.library_version(), plotly_styles=charts.style_ids(),
    )  # fmt: skip


@blueprint.get("/ho-so", permission=Permission(OVERVIEW, scoped=True))
def risks() -> str:
    """Open dossiers that are not late yet, the likeliest to be late first, 50 a page."""
    now, unit_id = current.now(), row_asked(request.args, "don-vi")
    unit_ids = current.units_asked(unit_id)
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Hồ sơ dễ trễ")
        found = forecast_page.newest(db)
        if found is None:
            return render_template("forecast_none.html", title="Hồ sơ dễ trễ")
        told = risk_page(db, unit_ids, now, limit=PAGE, after=spot_of(request.args.get("sau", "")))
        units = own_unit_options(db, unit_id)
    _log("forecast_risks", told, unit=unit_id)
    return render_template(
        "forecast_risks.html", found=found, risks=told, units=units, unit_id=unit_id, words=forecast_words,
        is_old=forecast_page.is_old(found, now), shown=forecast_page, is_first="sau" not in request.args,
    )  # fmt: skip


def _log(action: str, told: RiskPage, **filters: int | None) -> None:
    """Who looked at which dossiers."""
    current.log(action, "list", {**filters, "ids": [line.dossier_id for line in told.lines]})


@blueprint.get("/kiem-nghiem", permission=Permission(FORECAST_READERS))
def trial() -> str:
    """Chances against what came, model and baseline, on months that the model had not seen; and the band of the year."""
    with current.context().store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Kiểm nghiệm dự báo")
        found = forecast_page.newest(db)
    if found is None:
        return render_template("forecast_none.html", title="Kiểm nghiệm dự báo")
    return render_template(
        "forecast_trial.html", found=found, trial=found.trial, end=found.year_end, words=forecast_words, shown=forecast_page,
        chart=forecast_page.reliability_chart(found.trial),
        plotly_version=charts.library_version(), plotly_styles=charts.style_ids(),
    )  # fmt: skip
