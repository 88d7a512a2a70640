"""`dunghen simulate`: what a year's points become under assumptions, and the dossiers that are worth an hour of work first."""

from dataclasses import asdict
from datetime import datetime
from fractions import Fraction
from typing import Any

import click

from app.commands.shared import moment_text, reads_reports, unit_scope
from app.context import AppContext
from app.options import common_options, time_options
from app.presenters import decimal, short_unit
from app.simulator_words import (
    caution_sentence,
    change_words,
    left_words,
    line_name,
    minutes_words,
    moved_sentence,
    outcome_words,
    pace_sentences,
    plan_sentences,
)
from tracker.errors import UsageError
from tracker.measures.budget import Allowance
from tracker.measures.saving import CERTAIN, HOUR
from tracker.measures.scoring import CRITERION
from tracker.measures.simulation import Outcome
from tracker.pipeline.saving import Saving, SavingQuestion, SavingRow, plan_effect, saving
from tracker.pipeline.scores import ScoreQuestion, YearQuestion, edition_key
from tracker.pipeline.simulating import (
    EditionLines,
    Simulation,
    SimulationQuestion,
    Target,
    Wish,
    simulate,
)
from tracker.store import catalogue
from tracker.store.session import Session
from tracker.store.simulation_queries import Choice, Which
from tracker.types import Basis

SHOWN = 20
RATE = "dạng TÊN=TỶ LỆ, tỷ lệ là 0,98 hoặc 98 %"


@click.command("simulate")
@common_options
@time_options
@click.option("--year", type=int, help="Mặc định: năm của thời điểm xét.")
@click.option("--edition", help="Phiên bản công thức đứng trước (mặc định theo cấu hình).")
@click.option("--basis", type=click.Choice([b.value for b in Basis]), default="source", show_default=True)
@click.option(
    "--finish", type=click.IntRange(0), default=0, help="Xong ngay N hồ sơ đang mở, hạn sớm nhất trước."
)
@click.option(
    "--which",
    type=click.Choice([w.value for w in Which]),
    default="any",
    show_default=True,
    help="Chọn trong hồ sơ quá hạn, hồ sơ chưa trễ, hay cả hai.",
)
@click.option("--older-than", type=click.IntRange(0), default=0, help="Chỉ hồ sơ quá hạn từ chừng này ngày.")
@click.option("--unit", help="Chỉ hồ sơ của đơn vị này và cấp dưới.")
@click.option("--field", help="Chỉ hồ sơ của lĩnh vực này.")
@click.option("--as-last-30", is_flag=True, help="Phần còn lại của năm như 30 ngày qua.")
@click.option(
    "--field-rate", multiple=True, metavar="LĨNH VỰC=TỶ LỆ", help="Lĩnh vực đạt tỷ lệ đúng hạn này từ nay."
)
@click.option(
    "--unit-rate", multiple=True, metavar="ĐƠN VỊ=TỶ LỆ", help="Đơn vị đạt tỷ lệ đúng hạn này từ nay."
)
@click.option("--none-late", is_flag=True, help="Từ nay không hồ sơ nào trễ thêm.")
@click.option(
    "--fewer-late", type=click.IntRange(0), default=0, help="Giả sử chừng này hồ sơ đã trễ mà đúng hạn."
)
@click.option("--hours", type=click.IntRange(0), help="Số giờ làm việc có được: hồ sơ nào nên làm.")
@click.pass_obj
@reads_reports
def simulate_command(
    context: AppContext, /, as_of: datetime | None, known: datetime | None, **given: Any
) -> None:
    """Điểm của năm sẽ thế nào nếu xong ngay một số hồ sơ, nếu trễ như 30 ngày qua, nếu một lĩnh vực khá lên; nên làm hồ sơ nào trước."""
    moment = as_of or context.now()
    asked = YearQuestion(given["year"] or moment.year, moment, CRITERION, Basis(given["basis"]), known)
    key = given["edition"] or edition_key(context.store, asked, context.config.score_edition)
    units = unit_scope(context, given["unit"])
    wish = _wish(context, given, units)
    simulation = simulate(context.store, context.calendars, SimulationQuestion(asked, key, wish))
    score = ScoreQuestion(CRITERION, asked.year, moment, key, asked.basis, known)
    hours = given["hours"]
    worth = SavingQuestion(score, units, None if hours is None else hours * HOUR)
    listed = saving(context.store, context.calendars, worth, due_soon=context.due_soon)
    context.answer(_document(simulation, listed), _text(simulation, listed, context.calendar.day_minutes))


def _wish(context: AppContext, given: dict[str, Any], units: frozenset[int] | None) -> Wish:
    with context.store.read() as session:
        field_id = _field_id(session, given["field"]) if given["field"] else None
        targets = [_field_target(session, text) for text in given["field_rate"]]
    targets += [_unit_target(context, text) for text in given["unit_rate"]]
    choice = Choice(given["finish"], Which(given["which"]), units, field_id, given["older_than"])
    finish = choice if choice.count else None
    return Wish(finish, given["as_last_30"], tuple(targets), given["none_late"], given["fewer_late"])


def _field_id(session: Session, name: str) -> int:
    names = catalogue.fields(session)
    found = [number for number, called in names.items() if called.casefold() == name.strip().casefold()]
    if not found:
        raise UsageError(f"không có lĩnh vực {name!r}; có: {', '.join(names.values())}")
    return found[0]


def _field_target(session: Session, text: str) -> Target:
    name, rate = _named_rate("--field-rate", text)
    return Target(name, rate, field_id=_field_id(session, name))


def _unit_target(context: AppContext, text: str) -> Target:
    name, rate = _named_rate("--unit-rate", text)
    return Target(name, rate, unit_ids=unit_scope(context, name))


def _named_rate(option: str, text: str) -> tuple[str, Fraction]:
    name, sign, told = text.rpartition("=")
    share = told.strip().replace(",", ".")
    try:
        rate = Fraction(share.removesuffix("%").strip()) / (100 if share.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(-1)
    if not sign or not name.strip() or not 0 <= rate <= 1:
        raise UsageError(f"{option} {text!r}: cần {RATE}")
    return name.strip(), rate


# ---------------------------------------------------------------- as a document


def _document(told: Simulation, listed: Saving) -> dict[str, Any]:
    asked = told.question.year
    return {
        "criterion": asked.criterion,
        "year": asked.year,
        "basis": asked.basis.value,
        "as_of": moment_text(asked.as_of),
        "is_over": told.is_over,
        "open": None if told.open is None else asdict(told.open),
        "last_30": None if told.pace is None else _pace_json(told),
        "chosen": None if told.found is None else {"in_time": told.found.in_time, "late": told.found.late},
        "editions": [_edition_json(told, each) for each in told.editions],
        "worth_an_hour": _saving_json(told, listed),
        "unknown": told.unknown,
    }


def _pace_json(told: Simulation) -> dict[str, Any]:
    pace, horizon, window = told.pace, told.horizon, told.window
    if pace is None or horizon is None or window is None:
        return {}
    return {
        "from": str(window[0]),
        "to": str(window[1]),
        "working_days": horizon.counted,
        "working_days_left": horizon.left,
        **asdict(pace),
        "late_rate": pace.late / pace.ended if pace.ended else None,
    }


def _edition_json(told: Simulation, found: EditionLines) -> dict[str, Any]:
    return {
        "edition": found.edition.key,
        "edition_verified": found.edition.verified,
        "denominator": found.edition.denominator.value,
        "scenarios": [
            {"scenario": line.value, **_outcome_json(found, outcome, judged)}
            for line, (outcome, judged) in zip(told.lines, found.outcomes, strict=True)
        ],
    }


def _outcome_json(found: EditionLines, outcome: Outcome, judged: Allowance) -> dict[str, Any]:
    change = None
    if outcome.points is not None and found.now.points is not None:
        change = float(outcome.points - found.now.points)
    return {
        **_tally_json(judged),
        "points": None if outcome.points is None else float(outcome.points),
        "points_change": change,
        "moved": [
            {"cause": each.cause.value, "part": each.part, "in_time": each.in_time, "late": each.late, "received": each.received}
            for each in outcome.moved
        ],
        "low": None if outcome.low is None else _bound_json(outcome.low.numerator, outcome.low.denominator),
        "high": None if outcome.high is None else _bound_json(outcome.high.numerator, outcome.high.denominator),
        "cautions": [each.value for each in outcome.cautions],
    }  # fmt: skip


def _bound_json(numerator: int, denominator: int) -> dict[str, Any]:
    rate = numerator / denominator if denominator else None
    return {"numerator": numerator, "denominator": denominator, "rate": rate}


def _tally_json(judged: Allowance) -> dict[str, Any]:
    tally = judged.tally
    return {
        **_bound_json(tally.numerator, tally.denominator),
        "late": tally.late,
        "budget_late": judged.budget_late,
        "headroom": judged.headroom,
    }


def _saving_json(told: Simulation, listed: Saving) -> dict[str, Any]:
    ranking, chosen = listed.ranking, listed.plan
    changed = plan_effect(told, listed)
    document: dict[str, Any] = {
        "total": ranking.total,
        "unknown": ranking.unknown,
        "tight": ranking.tight,
        "ended_behind": ranking.ended,
        "foreseen": ranking.foreseen,
        "rows": [_row_json(row) for row in listed.rows],
        "plan": None,
    }
    if chosen is not None:
        document["plan"] = {
            "dossiers": len(chosen.ids),
            "hours": chosen.minutes / HOUR,
            "spared": chosen.chance / CERTAIN,
            "before": None if changed is None else _tally_json(changed.before),
            "after": None if changed is None else _tally_json(changed.after),
        }
    return document


def _row_json(row: SavingRow) -> dict[str, Any]:
    worth, per_hour = row.worth, row.worth.per_hour
    return {
        "code": row.stake.code,
        "unit": row.stake.unit,
        "field": row.stake.field,
        "procedure": row.stake.procedure,
        "due_at": moment_text(row.stake.due_at),
        "remaining_minutes": row.stake.verdict.remaining_minutes,
        "needed_minutes": worth.minutes,
        "needed_by": None if worth.minutes is None else "unit" if worth.by_unit else "procedure",
        "chance": None if worth.chance is None else worth.chance / CERTAIN,
        "chance_by": None if worth.chance is None else "forecast" if worth.by_forecast else "history",
        "spared_per_hour": None if per_hour is None else float(per_hour),
        "tight": worth.is_tight,
        "planned": row.is_planned,
    }


# ---------------------------------------------------------------- in words


def _text(told: Simulation, listed: Saving, day_minutes: int) -> str:
    asked = told.question.year
    heading = f"Tiêu chí {asked.criterion} năm {asked.year}"
    if told.unknown:
        return f"{heading}: chưa mô phỏng được ({told.unknown})"
    lines = [f"{heading}, mô phỏng"]
    lines += [f"  {sentence}" for sentence in pace_sentences(told)]
    for found in told.editions:
        mark = "" if found.edition.verified else " – CHƯA ĐỐI CHIẾU VĂN BẢN"
        lines.append(f"  Phiên bản “{found.edition.key}”{mark}")
        for line, (outcome, judged) in zip(told.lines, found.outcomes, strict=True):
            change = change_words(found, outcome)
            told_change = f" ({change})" if change else ""
            lines.append(f"    {line_name(line, told)}: {outcome_words(outcome, judged)}{told_change}")
            lines += [f"      {moved_sentence(each)}" for each in outcome.moved]
            lines += [f"      Lưu ý: {caution_sentence(each)}" for each in outcome.cautions]
    return "\n".join(lines + _list_text(told, listed, day_minutes))


def _list_text(told: Simulation, listed: Saving, day_minutes: int) -> list[str]:
    lines = [f"  {sentence}" for sentence in plan_sentences(told, listed)]
    for row in listed.rows[:SHOWN]:
        chance = "chưa rõ" if row.worth.chance is None else f"{decimal(Fraction(row.worth.chance, 100), 1)} %"
        lines.append(
            f"    {row.stake.code}  hẹn {row.stake.due_at:%d/%m/%Y %H:%M}  {left_words(row, day_minutes)};"
            f" thường cần {minutes_words(row.worth.minutes)}; khả năng trễ {chance}  {short_unit(row.stake.unit)}"
        )
    return lines


COMMANDS = [simulate_command]
