"""Mending rejected rows, for command line, pages and worker alike: the list as a workbook, and feeding rows back."""

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

from app.context import AppContext
from app.ingest_plan import ingest_plan
from app.works.exporting import Watch
from tracker.errors import UsageError
from tracker.pipeline.mended_file import shown
from tracker.pipeline.mending import InSameStep, Mending, replay
from tracker.reports import rejection_list
from tracker.store import rejections
from tracker.types.rejections import KeptRejection, RejectionState, ReplayReport

Progress = Callable[[str], None]


def write_rejections(
    target: Path | BinaryIO, found: Sequence[KeptRejection], *, names: bool, watch: Watch = iter
) -> int:
    """Rejected rows as a workbook to be mended; without names, cells that may name a person are hidden."""
    fields = {name for one in found for name in one.fields}
    rows = (shown(one, names=names) for one in found)
    return rejection_list.write_xlsx(target, watch(rows), fields)


def file_name(batch_id: int | None) -> str:
    """What the workbook of a batch, or of all, is called."""
    return f"dong-khong-dung-duoc{f'-lo-{batch_id}' if batch_id else ''}.xlsx"


def open_of_batch(context: AppContext, batch_id: int) -> list[Mending]:
    """The open rows of a batch as they were.

    Raises:
        UsageError: there are none.
    """
    with context.store.read() as session:
        found = rejections.listed(session, batch_id=batch_id, state=RejectionState.OPEN)
    if not found:
        raise UsageError(f"lô {batch_id} không có dòng nào còn phải xem")
    return [Mending(one, {}) for one in found]


def replay_mendings(
    context: AppContext,
    mendings: Sequence[Mending],
    *,
    actor: str,
    progress: Progress,
    in_same_step: InSameStep | None = None,
    patience_ms: int | None = None,
) -> list[ReplayReport]:
    """Feed rows back, each source's in a batch of its own; `in_same_step` goes with the last of them.

    Raises:
        UsageError: there are none, or one is no longer open.
        WorkFailed: another load came between.
    """
    if not mendings:
        raise UsageError("không có dòng nào còn phải xem")
    by_source = sorted(mendings, key=attrgetter("rejection.source", "rejection.rejection_id"))
    groups = [list(each) for _, each in groupby(by_source, key=attrgetter("rejection.source"))]
    reports = []
    for number, group in enumerate(groups, 1):
        plan = ingest_plan(context, group[0].rejection.source, actor=actor, patience_ms=patience_ms)
        step = in_same_step if number == len(groups) else None
        reports.append(
            replay(context.store, context.config.calendar_key, plan, group, progress, in_same_step=step)
        )
    return reports
