"""What a year's points become under assumptions, side by side, and the dossiers that are worth an hour of work first."""

from flask import render_template, request

from app import charts, current
from app import simulator_words as words
from app.access import OVERVIEW, Permission, Role, may
from app.pages import Pages
from app.simulator_filters import WHICH, SimulatorFilters, read_filters
from app.simulator_page import edition_tables
from app.typed_numbers import page_asked
from app.unit_options import own_unit_options
from tracker.measures.saving import HOUR
from tracker.measures.scoring import CRITERION
from tracker.pipeline.saving import Saving, SavingQuestion, saving
from tracker.pipeline.scores import ScoreQuestion, YearQuestion
from tracker.pipeline.simulating import SimulationQuestion, simulate
from tracker.store import board, catalogue

blueprint = Pages("simulator", __name__)

PAGE = 50
LIST = Permission(OVERVIEW, scoped=True)


@blueprint.get("/tieu-chi/mo-phong", permission=Permission(OVERVIEW | {Role.ADMIN}, scoped=True))
def page() -> str:
    """The assumptions of the address with what they come to; the state is all in the address, so it can be sent on."""
    context, now = current.context(), current.now()
    with context.store.read() as db:
        if not board.has_data(db):
            return render_template("no_data.html", title="Mô phỏng điểm")
        years = board.end_years(db)
        chosen = read_filters(request.args, catalogue.fields(db), year=now.year)
        units = own_unit_options(db, chosen.unit_id)
    asked = current.units_asked(chosen.unit_id)
    question = YearQuestion(chosen.year, now, CRITERION, chosen.basis)
    edition = context.config.score_edition
    told = simulate(
        context.store, context.calendars, SimulationQuestion(question, edition, chosen.wish(asked))
    )
    number = page_asked(request.args)
    listed = _listed(chosen, asked, edition, number)
    return render_template(
        "simulator.html", chosen=chosen, told=told, tables=edition_tables(told), listed=listed, words=words, which=WHICH,
        unit_options=units, years=sorted({*(y for y in years if y <= now.year), now.year}, reverse=True), page=number,
        pages=-(-len(listed.ranking.rows) // PAGE), day_minutes=context.calendar.day_minutes,
        lists_dossiers=may(current.account().role, LIST),
        plotly_version=charts.library_version(), plotly_styles=charts.style_ids(),
    )  # fmt: skip


def _listed(chosen: SimulatorFilters, unit_ids: frozenset[int] | None, edition: str, number: int) -> Saving:
    """What is shown of the list, for who opens dossiers; that is logged."""
    if not may(current.account().role, LIST):
        return Saving()
    context = current.context()
    score = ScoreQuestion(CRITERION, chosen.year, current.now(), edition, chosen.basis)
    capacity = None if chosen.hours is None else chosen.hours * HOUR
    question = SavingQuestion(score, unit_ids, capacity, PAGE * (number - 1), PAGE)
    listed = saving(context.store, context.calendars, question, due_soon=context.due_soon)
    detail = {"basis": chosen.basis.value, "ids": [row.stake.dossier_id for row in listed.rows]}
    current.log("simulator_list", "list", detail)
    return listed
