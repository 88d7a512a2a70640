"""`dunghen ingest` at work: the files loaded here, or asked of a worker."""

import gc
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from subprocess import Popen
from typing import Any, NamedTuple

from app.commands.shared import ask_later
from app.context import AppContext, finish
from app.ingest_plan import ingest_plan
from app.layout_choice import layout_for
from app.works.loading import ingest_params
from tracker.errors import UnusableFile, UsageError
from tracker.pipeline import ingest
from tracker.types import IngestReport


class Asked(NamedTuple):
    """What to load, as the options of the command say it."""

    paths: tuple[Path, ...]
    source: str
    layout: str
    is_full: bool
    dry_run: bool


def load_now(context: AppContext, asked: Asked, reader: Popen[bytes] | None) -> None:
    """Load, answer, and end with the exit status; `reader`: a process that waits to read for this load."""
    mapping = layout_for(context, asked.paths, asked.layout).mapping
    plan = ingest_plan(
        context, asked.source, paths=asked.paths, dry_run=asked.dry_run, is_full=asked.is_full, mapping=mapping,
        reader=reader,
    )  # fmt: skip
    if context.is_alone:
        gc.freeze()  # the program itself is not looked through for garbage while it loads
    report = ingest(context.store, context.config.calendar_key, plan, context.progress)
    context.answer(asdict(report), _told(report))
    finish(1 if report.rejected else 0)


def load_later(context: AppContext, asked: Asked) -> None:
    """Ask a worker to load them."""
    if asked.dry_run:
        raise UsageError("--dry-run đọc ngay, không để lại sau được")
    for path in asked.paths:
        if not path.is_file():
            raise UnusableFile(str(path), "không có tệp này")
    params: Mapping[str, Any] = ingest_params(
        asked.paths, asked.source, is_full=asked.is_full, layout=asked.layout
    )
    ask_later(context, "ingest", params)


def _told(report: IngestReport) -> str:
    lines = [
        f"Lô {report.batch or '(thử)'}: đọc {report.read} = mới {report.new} + đổi {report.changed}"
        f" + không đổi {report.unchanged} + cũ hơn {report.stale} + không dùng được {report.rejected}"
        f" ({report.seconds} giây)"
    ]
    lines += [f"  đánh dấu {flag}: {count}" for flag, count in sorted(report.flagged.items())]
    lines += [f"  bỏ qua {kind}: {count}" for kind, count in sorted(report.skipped.items())]
    if report.rejected:
        lines.append(f"Xem dòng không dùng được: dunghen rejections --batch {report.batch}")
    return "\n".join(lines)
