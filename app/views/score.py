"""Criterion 3.4.1: the points with everything that makes them, and a chart of where the late dossiers are."""

import gzip
from datetime import date
from functools import cache

from flask import Response, render_template, request

from app import charts, current
from app.access import ALL, OVERVIEW, Permission, Role
from app.heat_page import heat_map
from app.pages import Pages
from app.presenters import short_unit
from app.score_page import budget_sentences, shares
from app.typed_numbers import row_asked
from tracker.pipeline import RatesQuestion, ScoreQuestion, rates, score
from tracker.pipeline.editions import find_edition
from tracker.store import board
from tracker.types import Basis

blueprint = Pages("score", __name__)

CRITERION = "3.4.1"
FIRST_YEAR = 2012  # the index exists since then
CHART_ROWS = 12
A_YEAR = "public, max-age=31536000, immutable"
GROUPS = {"linh-vuc": "field", "don-vi": "unit"}


@blueprint.get("/tieu-chi/3.4.1", permission=Permission(OVERVIEW | {Role.ADMIN}))
def criterion() -> str:
    """The page of one year and basis; before any import it says so instead of showing 0 %."""
    context = current.context()
    group = request.args.get("theo", "don-vi")
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Tiêu chí 3.4.1")
        years = board.end_years(db)
    answer = score(context.store, _question(years))
    listed = shares(answer, GROUPS.get(group, "unit"))
    bars = [(short_unit(share.name), share.late) for share in listed if share.late][:CHART_ROWS]
    return render_template(
        "score.html", answer=answer, years=sorted({*years, answer.year}, reverse=True), group=group,
        shares=listed, sentences=budget_sentences(answer),
        chart=charts.late_bars(bars) if bars else None,
        plotly_version=charts.library_version(), plotly_styles=charts.style_ids(),
    )  # fmt: skip


def _question(years: list[int]) -> ScoreQuestion:
    """The year and basis of the address; else the newest year in which something ended."""
    as_of = current.now()
    year = row_asked(request.args, "nam") or (years[0] if years else as_of.year)
    basis = request.args.get("can-cu", "")
    return ScoreQuestion(
        CRITERION, min(max(year, FIRST_YEAR), as_of.year), as_of, current.context().config.score_edition,
        Basis(basis) if basis in set(Basis) else Basis.SOURCE,
    )  # fmt: skip


@blueprint.get("/tieu-chi/3.4.1/theo-thang", permission=Permission(OVERVIEW | {Role.ADMIN}))
def months() -> str:
    """The share of late dossiers by month and unit as a heat map that is its own table."""
    context = current.context()
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Tiêu chí 3.4.1 theo tháng")
        years = board.end_years(db)
    asked = _question(years)
    with context.store.read() as db:
        edition = find_edition(db, CRITERION, asked.edition)
    start, end = date(asked.year, 1, 1), date(asked.year, 12, 31)
    found = rates(
        context.store, RatesQuestion(start, end, asked.as_of, ("month", "level", "unit"), asked.basis)
    )
    rows = [row for row in found.rows if row.keys["level"] in edition.levels]
    return render_template(
        "months.html", year=asked.year, basis=asked.basis, years=sorted({*years, asked.year}, reverse=True),
        map=heat_map(rows, asked.basis, edition.threshold),
    )  # fmt: skip


@blueprint.get("/tai-nguyen/plotly-<version>.js", permission=Permission(ALL))
def plotly(version: str) -> Response:
    """plotly.js from the installed package, compressed once; its address carries the version."""
    answer = Response(_compressed(), mimetype="text/javascript")
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = A_YEAR
    return answer


@cache
def _compressed() -> bytes:
    return gzip.compress(charts.library(), 6, mtime=0)
