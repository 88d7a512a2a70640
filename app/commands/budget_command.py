"""`dunghen budget`: how many late dossiers a criterion still allows, what one costs, and which can still be kept in time."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from app.cockpit_words import cost_sentences, open_sentences, period_name, period_sentence
from app.commands.shared import moment_text, reads_reports
from app.context import AppContext
from app.options import common_options, time_options
from app.presenters import short_unit
from app.score_page import budget_sentences
from tracker.errors import UsageError
from tracker.measures.budget import Allowance, LateCost, PeriodBudget
from tracker.measures.scoring import CRITERION
from tracker.pipeline.budget import BudgetAnswer, StakeRow, at_stake, budget
from tracker.pipeline.scores import ScoreQuestion, YearQuestion, edition_key
from tracker.types import Basis

SHOWN = 20


@click.command("budget")
@common_options
@time_options
@click.argument("criterion", default=CRITERION)
@click.option("--year", type=int, help="Mặc định: năm của thời điểm xét.")
@click.option("--edition", help="Phiên bản công thức (mặc định theo cấu hình).")
@click.option("--basis", type=click.Choice([b.value for b in Basis]), default="source", show_default=True)
@click.pass_obj
@reads_reports
def budget_command(
    context: AppContext,
    as_of: datetime | None,
    known: datetime | None,
    criterion: str,
    year: int | None,
    edition: str | None,
    basis: str,
) -> None:
    """Còn được trễ bao nhiêu hồ sơ trong tháng, quý, năm; một hồ sơ trễ tốn bao nhiêu; hồ sơ nào còn giữ được đúng hạn."""
    moment = as_of or context.now()
    asked = YearQuestion(year or moment.year, moment, criterion, Basis(basis), known)
    key = edition or edition_key(context.store, asked, context.config.score_edition)
    question = ScoreQuestion(criterion, asked.year, moment, key, asked.basis, known, is_exact=True)
    answer = budget(context.store, question)
    if not answer.edition.threshold:
        raise UsageError(f"{criterion}/{key} không có ngưỡng, nên không có số hồ sơ được phép trễ")
    rows = at_stake(context.store, context.calendars, question, due_soon=context.due_soon)
    context.answer(_document(answer, rows), _text(answer, rows))


# ---------------------------------------------------------------- as a document


def _document(answer: BudgetAnswer, rows: Sequence[StakeRow]) -> dict[str, Any]:
    score = answer.score
    return {
        "criterion": score.criterion,
        "edition": score.edition,
        "edition_verified": score.edition_verified,
        "year": score.year,
        "basis": score.basis.value,
        "as_of": moment_text(score.as_of),
        "periods": [_period_json(period) for period in answer.periods],
        "open": None if answer.open is None else asdict(answer.open),
        "if_all_end": None if answer.if_all_end is None else _allowance_json(answer.if_all_end),
        "one_late": None if answer.cost is None else _cost_json(answer.cost),
        "at_stake_units": [
            {"unit": each.unit, "keepable": each.standing.keepable, "overdue": each.standing.overdue}
            for each in answer.standings or ()
            if each.standing.keepable or each.standing.overdue
        ],
        "at_stake": [_stake_json(row) for row in rows],
        "unknown": score.unknown,
    }


def _allowance_json(found: Allowance) -> dict[str, Any]:
    tally = found.tally
    return {
        "numerator": tally.numerator,
        "denominator": tally.denominator,
        "rate": tally.numerator / tally.denominator if tally.denominator else None,
        "points": None if found.points is None else float(found.points),
        "late": tally.late,
        "budget_late": found.budget_late,
        "headroom": found.headroom,
    }


def _period_json(period: PeriodBudget) -> dict[str, Any]:
    document = {"period": period.window.value, "from": str(period.start), "to": str(period.end)}
    found = _allowance_json(period.allowance)
    if period.is_guide:  # points are of a year
        del found["points"]
    return {**document, "guide": period.is_guide, **found}


def _cost_json(cost: LateCost) -> dict[str, Any]:
    points = {name: getattr(cost, name) for name in ("points_at_stake", "points_lost")}
    return {**asdict(cost), **{name: None if of is None else float(of) for name, of in points.items()}}


def _stake_json(row: StakeRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "unit": row.unit,
        "field": row.field,
        "procedure": row.procedure,
        "due_at": moment_text(row.due_at),
        "state": row.verdict.state.value,
        "remaining_minutes": row.verdict.remaining_minutes,
    }


# ---------------------------------------------------------------- in words


def _text(answer: BudgetAnswer, rows: Sequence[StakeRow]) -> str:
    score = answer.score
    heading = f"Tiêu chí {score.criterion} năm {score.year}"
    if not answer.periods:
        return f"{heading}: chưa tính được ({score.unknown or 'mẫu số bằng 0'})"
    lines = [f"{heading}, công thức “{score.edition}”"]
    lines += [f"  {period_name(period)}: {period_sentence(period)}" for period in answer.periods]
    lines += [
        f"  {told}"
        for told in (*budget_sentences(score)[1:], *cost_sentences(answer), *open_sentences(answer))
    ]
    lines += [
        f"    {row.code}  hẹn {row.due_at:%d/%m/%Y %H:%M}  {short_unit(row.unit)}" for row in rows[:SHOWN]
    ]
    if len(rows) > SHOWN:
        lines.append(f"    … và {len(rows) - SHOWN} hồ sơ nữa (--json để có tất cả)")
    if not score.edition_verified:
        lines.append(f"  CHƯA ĐỐI CHIẾU VĂN BẢN: {score.edition_source}")
    return "\n".join(lines)


COMMANDS = [budget_command]
