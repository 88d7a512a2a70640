"""`dunghen snapshots`: the rates of each month as they were known when they were kept, and the check of what was kept."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import click

from app.commands.figure_commands import grouped
from app.commands.restating_command import explain
from app.commands.shared import moment_text
from app.context import AppContext, finish
from app.options import common_options
from app.presenters import BASES
from app.snapshots import Difference, differences, gone
from tracker.errors import UsageError
from tracker.store import snapshot_store
from tracker.store.session import Session
from tracker.store.snapshot_store import Snapshot, SnapshotHead

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
MOST_LINES = 20
NOTHING_KEPT = "Chưa chốt số liệu của tháng nào."


@click.group("snapshots")
def snapshots_group() -> None:
    """Số liệu từng tháng như đã biết lúc chốt: xem, kiểm tra; số đã chốt không bao giờ bị ghi đè."""


@snapshots_group.command("list")
@common_options
@click.pass_obj
def list_snapshots(context: AppContext) -> None:
    """Các tháng đã chốt số liệu, mới nhất trước."""
    with context.store.read() as session:
        found = snapshot_store.heads(session)
    lines = [
        f"{each.month}  chốt lúc {each.taken_at:%H:%M %d/%m/%Y}  SHA-256 {each.sha256}" for each in found
    ]
    told = "\n".join(lines) or NOTHING_KEPT
    context.answer({"snapshots": [_head(each) for each in found]}, told)


def _head(each: Snapshot | SnapshotHead) -> dict[str, Any]:
    return {
        "month": each.month,
        "as_of": moment_text(each.as_of),
        "taken_at": moment_text(each.taken_at),
        "sha256": each.sha256,
    }


@snapshots_group.command("show")
@common_options
@click.argument("month")
@click.pass_obj
def show(context: AppContext, month: str) -> None:
    """Số liệu đã chốt của một tháng (YYYY-MM); với --json là nguyên văn văn bản đã lưu."""
    if not MONTH.fullmatch(month):
        raise UsageError(f"tháng {month!r} không có dạng YYYY-MM")
    with context.store.read() as session:
        found = snapshot_store.find(session, month)
    if found is None:
        document = {"error": {"code": "NOT_FOUND", "message": month}}
        context.answer(document, f"Chưa chốt số liệu của tháng {month}.")
        finish(1)
    elif context.json_output:
        click.echo(found.body)
    else:
        click.echo("\n".join(_shown(found)))


def _shown(found: Snapshot) -> list[str]:
    body = json.loads(found.body)
    lines = [f"Tháng {found.month}, chốt lúc {found.taken_at:%H:%M %d/%m/%Y}, SHA-256 {found.sha256}"]
    for basis, words in BASES.items():
        table = body["rates"][basis.value]
        lines.append(f"  {words}:")
        lines += [
            f"    {level}: {_share(*parts)}" for level, parts in sorted(_by_level(table["rows"]).items())
        ]
    score = body["score"]
    points = "chưa tính được" if score["points"] is None else f"{_decimal(score['points'])} điểm"
    allowed, late = grouped(score["budget_late"] or 0), grouped(score["late"] or 0)
    lines.append(
        f"  tiêu chí {score['criterion']} từ đầu năm {score['year']}: {points}, được phép trễ {allowed}, đã trễ {late}"
    )
    return lines


def _by_level(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    numerators: Counter[str] = Counter()
    denominators: Counter[str] = Counter()
    for row in rows:
        numerators[row["level"]] += row["numerator"]
        denominators[row["level"]] += row["denominator"]
    return {level: (numerators[level], denominators[level]) for level in denominators}


def _share(numerator: int, denominator: int) -> str:
    if not denominator:
        return "chưa có hồ sơ giải quyết"
    return f"{_decimal(100 * numerator / denominator)} % ({grouped(numerator)}/{grouped(denominator)})"


def _decimal(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


# ---------------------------------------------------------------- check


@snapshots_group.command("check")
@common_options
@click.pass_obj
def check(context: AppContext) -> None:
    """Đếm lại mọi tháng đã chốt theo dữ liệu đã biết lúc đó và so với văn bản đã lưu, với nhật ký; mã 1 nếu khác."""
    rows: list[dict[str, Any]] = []
    lines: list[str] = []
    with context.store.read() as session:
        for head in snapshot_store.heads(session):
            context.progress(f"Đang đếm lại tháng {head.month}")
            each = snapshot_store.find(session, head.month)
            assert each is not None, "read in the same transaction"
            found = differences(context.store, session, each)
            late = _loaded_afterwards(session, each) if found else 0
            told = [_json(one) for one in found]
            rows.append(_head(each) | {"ok": not found, "loaded_afterwards": late, "differences": told})
            lines += _checked(each, found, late)
        for month in gone(session):
            rows.append({"month": month, "ok": False, "differences": [_json(Difference("body", None, None))]})
            lines.append(f"Tháng {month}: nhật ký ghi đã chốt, nhưng văn bản đã mất.")
    is_sound = all(row["ok"] for row in rows)
    words = "\n".join(lines) or NOTHING_KEPT
    context.answer({"ok": is_sound, "checked": len(rows), "snapshots": rows}, words)
    finish(0 if is_sound else 1)


def _loaded_afterwards(session: Session, each: Snapshot) -> int:
    try:
        last_batch = json.loads(each.body)["last_batch"]
    except (ValueError, KeyError, TypeError):
        return 0
    return snapshot_store.loaded_afterwards(session, last_batch, each.taken_at)


def _json(each: Difference) -> dict[str, Any]:
    return {"place": each.place, "kept": each.kept, "now": each.now}


def _checked(each: Snapshot, found: Sequence[Difference], late: int) -> list[str]:
    if not found:
        return [f"Tháng {each.month}: khớp."]
    lines = [f"Tháng {each.month}: KHÔNG khớp, {len(found)} chỗ khác."]
    lines += [f"  {one.place}: đã chốt {_told(one.kept)}; nay {_told(one.now)}" for one in found[:MOST_LINES]]
    if len(found) > MOST_LINES:
        lines.append(f"  và {len(found) - MOST_LINES} chỗ nữa (xem đủ với --json)")
    if late:
        lines.append(f"  {late} lần nạp bắt đầu trước lúc chốt nhưng ghi xong sau đó")
    return lines


def _told(value: Any) -> str:
    return "không có" if value is None else json.dumps(value, ensure_ascii=False)


snapshots_group.add_command(explain)

COMMANDS = [snapshots_group]
