"""Criterion 3.4.1: the points with all that makes them, what can still be afforded and kept, and where the late ones are."""

import gzip
from collections.abc import Sequence
from datetime import date
from functools import cache

from flask import Response, render_template, request

from app import charts, current
from app.access import ALL, OVERVIEW, Permission, Role, may
from app.cockpit_page import shown, stake_words
from app.heat_page import heat_map
from app.kept_pieces import Pieces
from app.pages import Pages
from app.report_texts import report_texts
from app.score_page import budget_sentences
from app.typed_numbers import page_asked, row_asked
from tracker.pipeline import RatesQuestion, ScoreQuestion, rates
from tracker.pipeline.budget import BudgetAnswer, StakeRow, at_stake, budget, open_standings
from tracker.pipeline.editions import published
from tracker.pipeline.scores import edition_for
from tracker.store import board
from tracker.types import Basis

blueprint = Pages("score", __name__)

CRITERION = "3.4.1"
FIRST_YEAR = 2012  # the index exists since then
TOP, PAGE = 20, 50
STAKES = Permission(OVERVIEW, scoped=True)
A_YEAR = "public, max-age=31536000, immutable"


@blueprint.get("/tieu-chi/3.4.1", permission=Permission(OVERVIEW | {Role.ADMIN}, scoped=True))
def criterion() -> str:
    """The page of one year and basis; before any import it says so instead of showing 0 %."""
    context = current.context()
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Tiêu chí 3.4.1")
        years, loaded_at, results = board.end_years(db), board.last_ingest(db), published(db)
    question = _question(years)
    answer, small_below = budget(context.store, question), context.config.small_denominator
    rows = _next_due(question) if answer.open and answer.open.keepable else ()
    told, own, scope = shown(answer, small_below), _own_units(answer), current.scope()
    day_minutes = context.calendar.day_minutes
    return render_template(
        "score.html", answer=answer.score, years=sorted({*years, question.year}, reverse=True),
        shown=told, texts=report_texts(answer, told, loaded_at), sentences=budget_sentences(answer.score), small_below=small_below,
        stake_rows=rows, stake_words=stake_words(rows, day_minutes), own_units=own, day_minutes=day_minutes,
        published=results, loaded_at=loaded_at,
        plotly_version=charts.library_version(), plotly_styles=charts.style_ids(),
        kept=Pieces(answer.mark, "score", current.account().role, scope, own, small_below),
    )  # fmt: skip


def _next_due(question: ScoreQuestion) -> Sequence[StakeRow]:
    """The first dossiers that can still be kept, for who opens dossiers: of the own units."""
    if not may(current.account().role, STAKES):
        return ()
    return _stakes(question, current.scope(), limit=TOP)


def _stakes(
    question: ScoreQuestion, unit_ids: frozenset[int] | None, *, limit: int, begin: int = 0
) -> Sequence[StakeRow]:
    """What is shown of the list, which is logged."""
    context = current.context()
    rows = at_stake(
        context.store, context.calendars, question,
        unit_ids=unit_ids, begin=begin, limit=limit, due_soon=context.due_soon,
    )  # fmt: skip
    detail = {"basis": question.basis.value, "ids": [row.dossier_id for row in rows]}
    current.log("score_stakes", "list", detail)
    return rows


def _own_units(answer: BudgetAnswer) -> frozenset[int]:
    """Units whose list this account may open."""
    if not may(current.account().role, STAKES):
        return frozenset()
    units, own = frozenset(each.unit_id for each in answer.standings or ()), current.scope()
    return units if own is None else units & own


@blueprint.get("/tieu-chi/3.4.1/con-giu-duoc", permission=STAKES)
def stakes() -> str:
    """Every open dossier that can still end in time this year, the next due first, 50 a page."""
    context = current.context()
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Hồ sơ còn giữ được đúng hạn")
    unit_id, page = row_asked(request.args, "don-vi"), page_asked(request.args)
    asked, question = current.units_asked(unit_id), _question([], this_year=True)
    units = open_standings(context.store, question, current.scope()) or ()
    count = sum(each.standing.keepable for each in units if asked is None or each.unit_id in asked)
    return render_template(
        "score_stakes.html", question=question, unit_id=unit_id, units=units, count=count, page=page,
        rows=_stakes(question, asked, limit=PAGE, begin=PAGE * (page - 1)), pages=-(-count // PAGE),
        day_minutes=context.calendar.day_minutes,
    )  # fmt: skip


def _question(years: list[int], *, this_year: bool = False) -> ScoreQuestion:
    """The year and basis of the address; else the newest year in which something ended. `this_year`: whatever it says."""
    as_of = current.now()
    year = as_of.year if this_year else row_asked(request.args, "nam") or (years[0] if years else as_of.year)
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
        edition = edition_for(db, asked)
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
