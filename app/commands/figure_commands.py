"""`dunghen rates` and `dunghen score`: figures that never travel without their parts."""

from datetime import date, datetime
from typing import Any

import click

from app.commands.shared import reads_reports
from app.context import AppContext, finish
from app.figure_json import edition_json, rates_json, score_json
from app.options import DAY, common_options, time_options
from tracker.errors import UsageError
from tracker.measures.rates import balances, total
from tracker.pipeline import RatesQuestion, ScoreQuestion, rates, score
from tracker.pipeline.scores import EditionScore, YearQuestion, edition_key, scores
from tracker.types import Basis, RateCounts, RateRow, RatesAnswer, ScoreAnswer, UnitRank


@click.command("rates")
@common_options
@time_options
@click.option("--from", "start", type=DAY, required=True)
@click.option("--to", "end", type=DAY, required=True)
@click.option("--by", default="level", show_default=True, help="level,unit,field,procedure,month,channel")
@click.option("--basis", type=click.Choice([b.value for b in Basis]), default="source", show_default=True)
@click.pass_obj
@reads_reports
def rates_command(
    context: AppContext,
    as_of: datetime | None,
    known: datetime | None,
    start: date,
    end: date,
    by: str,
    basis: str,
) -> None:
    """Tỷ lệ giải quyết đúng hạn, luôn kèm tử số và mẫu số."""
    groups = tuple(name.strip() for name in by.split(",") if name.strip())
    question = RatesQuestion(start, end, as_of or context.now(), groups, Basis(basis), known)
    answer = rates(context.store, question)
    small = context.config.small_denominator
    context.answer(rates_json(answer, small_below=small), _rates_text(answer, small))
    finish(0 if all(balances(row.counts) for row in answer.rows) else 1)


def _rates_text(answer: RatesAnswer, small: int) -> str:
    if answer.unknown:
        return answer.unknown
    lines = [f"Từ {answer.start:%d/%m/%Y} đến {answer.end:%d/%m/%Y}, căn cứ {answer.basis.value}"]
    lines += [_rate_line(row, small) for row in answer.rows]
    # Months are periods of their own: what was carried over would be counted once a month.
    if len(answer.rows) > 1 and "month" not in answer.rows[0].keys:
        lines.append(_rate_line(RateRow({"": "tổng"}, total(row.counts for row in answer.rows), {}), small))
    return "\n".join(lines)


def _rate_line(row: RateRow, small: int) -> str:
    name = " / ".join(row.keys.values()) or "tất cả"
    mark = " [mẫu nhỏ]" if 0 < row.counts.finished < small else ""
    warning = "" if balances(row.counts) else " – SỐ LIỆU KHÔNG CÂN, cần kiểm tra"
    return f"  {name}: {share(row.counts)}{mark}, quá hạn {grouped(row.counts.late)}{warning}"


def share(counts: RateCounts) -> str:
    """A rate with its fraction: 86,94 % (373.115/420.000); nothing resolved is said, never 0 %."""
    if not counts.finished:
        return "chưa có hồ sơ giải quyết"
    percent = f"{100 * counts.numerator / counts.finished:.2f}".replace(".", ",")
    return f"{percent} % ({grouped(counts.numerator)}/{grouped(counts.finished)})"


def grouped(number: int) -> str:
    """46861 -> 46.861."""
    return f"{number:,}".replace(",", ".")


@click.command("score")
@common_options
@time_options
@click.argument("criterion")
@click.option("--year", type=int, required=True)
@click.option("--edition", help="Phiên bản công thức (mặc định theo cấu hình).")
@click.option("--all-editions", is_flag=True, help="Mọi phiên bản của tiêu chí, cạnh nhau.")
@click.option("--basis", type=click.Choice([b.value for b in Basis]), default="source", show_default=True)
@click.pass_obj
@reads_reports
def score_command(
    context: AppContext,
    as_of: datetime | None,
    known: datetime | None,
    criterion: str,
    year: int,
    edition: str | None,
    all_editions: bool,
    basis: str,
) -> None:
    """Điểm của một tiêu chí (3.4.1, 3.4.2, 3.4.3, 766-tien-do, xep-hang), với công thức và phần còn được phép trễ."""
    if edition and all_editions:
        raise UsageError("chỉ dùng một trong --edition và --all-editions")
    asked = YearQuestion(year, as_of or context.now(), criterion, Basis(basis), known)
    if all_editions:
        found = scores(context.store, asked)
        text = "\n".join(_edition_text(each, year) for each in found)
        context.answer({"editions": [edition_json(each) for each in found]}, text)
        return
    key = edition or edition_key(context.store, asked, context.config.score_edition)
    question = ScoreQuestion(criterion, year, asked.as_of, key, asked.basis, known, is_exact=True)
    answer = score(context.store, question)
    context.answer(score_json(answer), _score_text(answer))


def _edition_text(found: EditionScore, year: int) -> str:
    edition = found.kept.edition
    if found.answer is None:
        return f"Phiên bản “{edition.key}” ({edition.name}): không áp dụng cho năm {year}"
    return f"Phiên bản “{edition.key}” ({edition.name})\n{_score_text(found.answer)}"


def _score_text(answer: ScoreAnswer) -> str:
    head = f"Tiêu chí {answer.criterion} năm {answer.year}:"
    if answer.numerator is None or not answer.denominator:
        return f"{head} chưa tính được ({answer.unknown or 'mẫu số bằng 0'})"
    percent = f"{100 * answer.numerator / answer.denominator:.2f}".replace(".", ",")
    if answer.points is None or answer.max_points is None:
        told = f"{head} không có điểm ({answer.points_unknown})"
    else:
        told = f"{head} {_decimal(answer.points)}/{_decimal(answer.max_points)} điểm"
    lines = [told, f"  đúng hạn {percent} % ({grouped(answer.numerator)}/{grouped(answer.denominator)})"]
    if answer.part_of_year:
        lines.append("  chỉ tính từ {:%d/%m/%Y} đến {:%d/%m/%Y}".format(*answer.part_of_year))
    if answer.headroom is not None:
        lines.append(
            f"  được phép trễ {grouped(answer.budget_late or 0)}, đã trễ {grouped(answer.late or 0)},"
            f" còn lại {grouped(answer.headroom)}"
        )
    lines += [_rank_line(row) for row in answer.ranking]
    lines.append(f"  công thức “{answer.edition}”: {answer.formula}")
    if not answer.edition_verified:
        lines.append(f"  CHƯA ĐỐI CHIẾU VĂN BẢN: {answer.edition_source}")
    return "\n".join(lines)


def _rank_line(row: UnitRank) -> str:
    place = "mẫu nhỏ" if row.rank is None else f"hạng {row.rank}"
    percent = f"{100 * row.numerator / row.denominator:.2f}".replace(".", ",")
    return f"  {place}: {row.unit} {percent} % ({grouped(row.numerator)}/{grouped(row.denominator)})"


def _decimal(value: Any) -> str:
    return f"{float(value):.3f}".rstrip("0").rstrip(".").replace(".", ",") or "0"


COMMANDS = [rates_command, score_command]
