"""`dunghen rejections`, `dunghen replay`: what could not be used, shown, mended in a workbook, and fed back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.commands.shared import OPERATOR, note_act
from app.context import AppContext, finish
from app.mending import open_of_batch, replay_mendings, write_rejections
from app.options import common_options
from tracker.errors import UsageError
from tracker.pipeline.mended_file import read_mended, shown_value
from tracker.store import rejections
from tracker.types.rejections import KeptRejection, RejectionState, ReplayReport


@click.command("rejections")
@common_options
@click.option("--batch", type=int, help="Chỉ của lô này.")
@click.option("--out", type=click.Path(path_type=Path), help="Ghi ra tệp .xlsx để sửa rồi nạp lại.")
@click.option("--mask", is_flag=True, help="Che các ô có thể ghi tên người.")
@click.pass_obj
def rejections_command(context: AppContext, batch: int | None, out: Path | None, mask: bool) -> None:
    """Những dòng không dùng được còn phải xem: tệp, dòng, cột, giá trị, lý do."""
    with context.store.read() as session:
        found = rejections.listed(session, batch_id=batch, state=RejectionState.OPEN)
    document: dict[str, Any] = {"rejections": [_as_json(one, mask=mask) for one in found]}
    if out is not None:
        if out.suffix.lower() != ".xlsx":
            raise UsageError(f"--out {out.name}: cần tên tệp .xlsx")
        write_rejections(out, found, names=not mask)
        document["file"] = str(out)
    note_act(context, "rejections", f"batch:{batch}" if batch else "list", {"rows": len(found)})
    context.answer(document, _told(found, out))
    finish(1 if found else 0)


def _as_json(kept: KeptRejection, *, mask: bool) -> dict[str, object]:
    return {
        "id": kept.rejection_id, "batch": kept.batch_id, "source": kept.source, "file": kept.file,
        "sheet": kept.sheet, "row": kept.row, "column": kept.column,
        "value": shown_value(kept.value) if mask else kept.value, "code": kept.code, "message": kept.message,
    }  # fmt: skip


def _told(found: Sequence[KeptRejection], out: Path | None) -> str:
    if not found:
        return "Không có dòng nào bị từ chối."
    if out is not None:
        return f"Đã ghi {len(found)} dòng ra {out}. Sửa trong tệp ấy, rồi chạy: dunghen replay {out}"
    return "\n".join(
        f"Dòng số {r.rejection_id}: {r.file} dòng {r.row}, cột “{r.column}”, giá trị “{r.value}”: {r.message}"
        for r in found
    )


@click.command("replay")
@common_options
@click.argument("what", metavar="LÔ|TỆP")
@click.pass_obj
def replay_command(context: AppContext, what: str) -> None:
    """Nạp lại dòng không dùng được: cả lô như cũ (số lô), hoặc tệp .xlsx đã sửa của lệnh rejections --out."""
    if what.isdecimal() and not Path(what).exists():
        mendings = open_of_batch(context, int(what))
    else:
        mendings = read_mended(context.store, Path(what), max_mib=context.config.ingest.max_file_mib)
    reports = replay_mendings(context, mendings, actor=OPERATOR, progress=context.progress)
    document = _summed(reports)
    context.answer(document, _replayed(document))
    finish(1 if document["rejected"] or document["unmendable"] else 0)


def _summed(reports: Sequence[ReplayReport]) -> dict[str, Any]:
    """One answer for all sources: `batch` is the last of the batches that came of it."""
    told = [asdict(report) for report in reports]
    document = {name: sum(one[name] for one in told) for name in told[0] if name != "batch"}
    numbers = [one["batch"] for one in told if one["batch"]]
    return {"batch": numbers[-1] if numbers else None, "batches": numbers, **document}


def _replayed(told: Mapping[str, Any]) -> str:
    lines = [
        f"Nạp lại {told['asked']} dòng: đã nhận {told['taken_in']}, vẫn không dùng được {told['rejected']}, "
        f"đã có dữ liệu mới hơn {told['outdated']}.",
        f"Lô {', '.join(map(str, told['batches'])) or '–'}: đọc {told['read']} = mới {told['new']} + đổi "
        f"{told['changed']} + không đổi {told['unchanged']} + cũ hơn {told['stale']} + không dùng được {told['rejected']}",
    ]
    if told["unmendable"]:
        lines.append(
            f"{told['unmendable']} dòng nạp từ phiên bản cũ, không còn tên cột: hãy nạp lại từ tệp gốc."
        )
    return "\n".join(lines)


COMMANDS = [rejections_command, replay_command]
