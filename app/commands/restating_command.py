"""`dunghen snapshots explain`: why a kept month is counted otherwise now, by reason and dossier."""

from datetime import datetime
from pathlib import Path

import click

from app.commands.figure_commands import grouped
from app.commands.shared import note_act
from app.context import AppContext, finish
from app.options import AS_OF, common_options
from app.presenters import BASES, LEVELS, moment, rate
from app.restatements import MOST_CODES, Explained, explained, restatement_json, write_moves
from tracker.errors import UsageError
from tracker.measures.restating import Count, ReasonCount
from tracker.reports.restatement_list import REASONS, standing
from tracker.store import snapshot_store
from tracker.store.snapshot_store import Snapshot
from tracker.types import Basis, Level

NOT_AS_KEPT = (
    "  Đếm lại theo dữ liệu đã biết lúc chốt KHÔNG ra số đã chốt (đơn vị đổi cấp trong danh mục, lần nạp ghi xong sau, hoặc"
    " văn bản bị sửa). Xem: dunghen snapshots check"
)
NOT_EXACT = (
    "  Các lý do CỘNG LẠI KHÔNG BẰNG chênh lệch: hãy chạy lại; nếu vẫn vậy, hãy báo cho người phát triển."
)


@click.command("explain")
@common_options
@click.argument("month")
@click.option("--basis", type=click.Choice([b.value for b in Basis]), default="source", show_default=True)
@click.option("--known", type=AS_OF, help="So với dữ liệu đã nạp đến lúc đó (mặc định: bây giờ).")
@click.option("--out", type=click.Path(path_type=Path), help="Ghi mọi hồ sơ ra tệp .xlsx hoặc .csv.")
@click.pass_obj
def explain(context: AppContext, month: str, basis: str, known: datetime | None, out: Path | None) -> None:
    """Vì sao số liệu của một tháng đã chốt nay khác đi: từng lý do, từng hồ sơ, cộng lại đúng bằng chênh lệch."""
    if out is not None and out.suffix.lower() not in (".xlsx", ".csv"):
        raise UsageError("--out phải là tệp .xlsx hoặc .csv")
    snapshot = _kept(context, month)
    if known is not None and known < snapshot.taken_at:
        raise UsageError(f"--known trước lúc chốt ({moment(snapshot.taken_at)})")
    found = explained(context.store, snapshot, Basis(basis), known)
    rows = write_moves(out, found) if out is not None else 0
    detail = {"basis": basis, "rows": len(found.found.moves)}
    note_act(context, "restatement_export" if out else "restatement", f"month:{month}", detail)
    document = restatement_json(found) | ({"file": str(out), "rows": rows} if out else {})
    context.answer(document, "\n".join(_told(found)))
    finish(0 if found.is_as_kept and found.found.is_exact else 1)


def _kept(context: AppContext, month: str) -> Snapshot:
    with context.store.read() as session:
        found = snapshot_store.find(session, month)
    if found is None:
        raise UsageError(
            f"chưa chốt số liệu của tháng {month!r} (viết như 2026-10); xem: dunghen snapshots list"
        )
    return found


def _told(month: Explained) -> list[str]:
    found, snapshot = month.found, month.snapshot
    lines = [
        f"Tháng {snapshot.month}, {BASES[found.question.basis].lower()}, chốt lúc {moment(snapshot.taken_at)}:"
    ]
    if found.unknown is not None:
        return [*lines, f"  {found.unknown}"]
    lines += [
        f"  {LEVELS[Level(each.level)]}: {_share(each.then)} -> {_share(each.now)}" for each in found.levels
    ]
    lines += [] if month.is_as_kept else [NOT_AS_KEPT]
    if not found.moves:
        return [*lines, "  Không có hồ sơ nào được tính khác đi."]
    lines += [f"  {_reason(each)}" for each in found.reasons]
    lines += [] if found.is_exact else [NOT_EXACT]
    lines += [
        f"    {move.told.code}: {standing(move.told.then, move.then)} -> {standing(move.told.now, move.now)};"
        f" {REASONS[move.reason][:1].lower()}{REASONS[move.reason][1:]}"
        for move in found.moves[:MOST_CODES]
    ]
    left = len(found.moves) - MOST_CODES
    return lines if left <= 0 else [*lines, f"    và {grouped(left)} hồ sơ nữa (xem đủ với --out TỆP.xlsx)"]


def _share(count: Count) -> str:
    return rate(*count)


def _reason(each: ReasonCount) -> str:
    return f"{grouped(each.dossiers)} hồ sơ, tử số {each.numerator:+d}, mẫu số {each.denominator:+d}: {REASONS[each.reason]}"
