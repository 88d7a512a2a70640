"""Rejected rows as long work: their list as a workbook, and many of them fed back at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.grip import Grip
from app.mending import file_name, open_of_batch, replay_mendings, write_rejections
from app.works.exporting import keep_file, view_of
from app.works.importing import faults_by_name, files_of, import_of
from tracker.errors import UsageError
from tracker.pipeline.mended_file import read_mended
from tracker.pipeline.mending import Mending
from tracker.store import rejections
from tracker.store.session import Session
from tracker.types.rejections import RejectionState, ReplayReport
from tracker.types.work import WorkRow


def rejection_export(grip: Grip) -> Mapping[str, Any]:
    """The open rejected rows of a batch, or of all, as a workbook to be mended."""
    names = view_of(grip.params["view"]).names
    batch_id = int(grip.params["filters"].get("lo", 0)) or None
    with grip.context.store.read() as session:
        found = rejections.listed(session, batch_id=batch_id, state=RejectionState.OPEN)

    def write(target: Path, watch: Any) -> str:
        write_rejections(target, found, names=names, watch=watch)
        return file_name(batch_id)

    return keep_file(grip, len(found), write, kind="rejections")


def replay_rows(grip: Grip) -> Mapping[str, Any] | None:
    """Feed back the open rows of a batch as they were, or those of a mended workbook."""
    mendings = _mendings(grip)

    def mark(session: Session, report: ReplayReport) -> None:
        grip.finish_in(session, result_of(report))

    steps = iter(range(1, 1_000_000_000))
    replay_mendings(
        grip.context, mendings, actor=grip.row.asked_by, in_same_step=mark,
        progress=lambda words: grip.progress(next(steps), None, words),
    )  # fmt: skip
    return None


def result_of(report: ReplayReport) -> dict[str, Any]:
    """The counts of a replay as the result of work."""
    names = ("batch", "read", "new", "changed", "unchanged", "stale", "rejected", "taken_in", "outdated")
    return {name: getattr(report, name) for name in names}


def _mendings(grip: Grip) -> list[Mending]:
    if "paths" not in grip.params:
        return open_of_batch(grip.context, grip.params["batch"])
    asked = import_of(grip.params)
    (path,) = files_of(grip.context, asked.paths)
    with faults_by_name(asked, (path,)):
        found = read_mended(grip.context.store, path, max_mib=grip.context.config.ingest.max_file_mib)
    if not found:
        raise UsageError("mọi dòng trong tệp đã được nạp lại hoặc để sang một bên")
    return found


def batch_or_file(row: WorkRow) -> str:
    """What is fed back, in words."""
    return f"lô {row.params['batch']}" if "batch" in row.params else ", ".join(import_of(row.params).names)
