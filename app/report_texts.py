"""Paragraphs of a year's figures ready to be taken over into a report: every rate with its fraction, no adjective. Pure."""

from collections.abc import Sequence
from datetime import datetime

from app.cockpit_page import Shown, UnitRow
from app.presenters import decimal, moment, number, rate
from app.score_page import Share
from tracker.pipeline.budget import BudgetAnswer

MOST = 5  # units and fields that are named


def report_texts(answer: BudgetAnswer, shown: Shown, loaded_at: datetime | None) -> list[str]:
    """What a report says of the year so far, paragraph by paragraph; empty where nothing ended."""
    score = answer.score
    if not score.numerator or not score.denominator or score.late is None:
        return []
    until = (
        f"năm {score.year}" if answer.standings is None else f"năm {score.year} (đến {moment(score.as_of)})"
    )
    first = (
        f"Trong {until}, đã giải quyết {number(score.denominator)} hồ sơ thủ tục hành chính thuộc tiêu chí 3.4.1, trong đó "
        f"đúng hạn và trước hạn {number(score.numerator)} hồ sơ, đạt {rate(score.numerator, score.denominator)}; "
        f"quá hạn {number(score.late)} hồ sơ."
    )  # fmt: skip
    return [
        first, *_threshold(answer), *_units(shown.units, score.late), *_fields(shown.fields, score.late), *_open(answer),
        _ground(answer, loaded_at),
    ]  # fmt: skip


def _threshold(answer: BudgetAnswer) -> list[str]:
    score = answer.score
    if score.headroom is None or score.budget_late is None:
        return []
    limit = f"{decimal(score.threshold * 100, trim=True)} %"
    allowed = f"Với ngưỡng {limit}, số hồ sơ được phép quá hạn là {number(score.budget_late)}"
    if score.headroom < 0:
        return [f"{allowed}; đã vượt {number(-score.headroom)} hồ sơ."]
    return [f"{allowed}; còn được quá hạn {number(score.headroom)} hồ sơ."]


def _units(rows: Sequence[UnitRow], late: int) -> list[str]:
    return _named("Đơn vị có nhiều hồ sơ quá hạn", [row.share for row in rows], late)


def _fields(shares: Sequence[Share], late: int) -> list[str]:
    return _named("Lĩnh vực có nhiều hồ sơ quá hạn", shares, late)


def _named(opening: str, shares: Sequence[Share], late: int) -> list[str]:
    """The first of them with their part in all that is late."""
    named = [share for share in shares if share.late][:MOST]
    told = "; ".join(f"{share.name} {number(share.late)}" for share in named)
    counted = sum(share.late for share in named)
    return [f"{opening}: {told} (cộng {rate(counted, late)} số hồ sơ quá hạn)."] if named else []


def _open(answer: BudgetAnswer) -> list[str]:
    standing = answer.open
    if standing is None:
        return []
    return [
        f"Đang giải quyết: {number(standing.overdue)} hồ sơ đã quá hạn, {number(standing.suspended)} hồ sơ tạm dừng, "
        f"{number(standing.keepable)} hồ sơ đến hạn trong năm và còn giữ được đúng hạn."
    ]


def _ground(answer: BudgetAnswer, loaded_at: datetime | None) -> str:
    edition = answer.edition
    checked = "" if edition.verified else " (chưa đối chiếu văn bản)"
    loaded = f" Dữ liệu nạp đến {moment(loaded_at)}." if loaded_at else ""
    return f"Căn cứ tính: {edition.name}{checked}.{loaded}"
