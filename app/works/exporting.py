"""Lists as workbooks that are too long for a request: written into a folder of the attempt, whole or not at all.

Also what a page writes at once where the list is short: one function a list, whoever calls it.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from app import intake_page, late_filters, presenters
from app.context import AppContext
from app.grip import Grip
from app.intake_page import IntakeFilters
from app.late_filters import LateFilters
from app.works.keeping import delete_expired, described, keep_in
from tracker.pipeline.answers import LateAnswer, LateQuestion, overdue
from tracker.pipeline.intake import IntakeAnswer, IntakeQuestion, intake
from tracker.reports import intake_list
from tracker.reports import late_list as late_report
from tracker.store import catalogue, work
from tracker.types import IntakeRow, LateRow
from tracker.types.work import WorkRow, WorkState

# Longer lists are made by a worker: so many rows take about a second to write.
ROWS_AT_ONCE = 2_000
FOLDER = "exports"
TOLD_EVERY = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What finished work hands out, by the ending of its file.
TYPES = {
    ".xlsx": XLSX,
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".csv": "text/csv",
    ".zip": "application/zip",
    ".xes": "application/xml",
}
Row = TypeVar("Row")
Watch = Callable[[Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class View:
    """How somebody looks at a list: when, at which units (None = all), with names in full or not."""

    now: datetime
    unit_ids: frozenset[int] | None
    names: bool

    def as_params(self) -> dict[str, Any]:
        """As JSON values."""
        units = None if self.unit_ids is None else sorted(self.unit_ids)
        return {"now": self.now.isoformat(), "units": units, "names": self.names}


def view_of(params: Mapping[str, Any]) -> View:
    """The view from its JSON values."""
    units = params["units"]
    return View(
        datetime.fromisoformat(params["now"]), None if units is None else frozenset(units), params["names"]
    )


# ---------------------------------------------------------------- the late list


def late_answer(
    context: AppContext, chosen: LateFilters, view: View, *, begin: int = 0, limit: int | None
) -> LateAnswer:
    """The late list of the filters, as it is seen: whole, or `limit` of it after the first `begin`."""
    question = LateQuestion(
        chosen.as_of(view.now), chosen.basis, chosen.state, view.unit_ids, chosen.field, chosen.start, chosen.end
    )  # fmt: skip
    return overdue(context.store, context.calendars, question, begin=begin, limit=limit)


def write_late(target: Path | BinaryIO, answer: LateAnswer, view: View, watch: Watch = iter) -> str:
    """Write the list as a workbook; the name it should have."""
    as_of, basis = answer.question.as_of, presenters.BASES[answer.question.basis].lower()
    title = f"Hồ sơ quá hạn – căn cứ {basis} – xét tại {presenters.moment(as_of)}"
    rows = (_masked_late(row, view) for row in answer.rows)
    late_report.write_xlsx(target, watch(rows), title)
    return f"ho-so-qua-han-{as_of:%Y%m%d}.xlsx"


def _masked_late(row: LateRow, view: View) -> LateRow:
    """Names as the asker may read them; reasons of a source are free text and may name people."""
    reason = presenters.free_text(row.reason, visible=view.names)
    return replace(row, applicant=presenters.name(row.applicant, visible=view.names), reason=reason)


def late_export(grip: Grip) -> Mapping[str, Any]:
    """The late list of the params, as its asker was allowed to see it when asking."""
    view = view_of(grip.params["view"])
    with grip.context.store.read() as session:
        chosen = late_filters.read_filters(grip.params["filters"], catalogue.fields(session).values())
    grip.progress(0, None, "Đang lọc và xét từng hồ sơ")
    answer = late_answer(grip.context, chosen, view, limit=None)
    return keep_file(grip, len(answer.rows), lambda target, watch: write_late(target, answer, view, watch))


# ---------------------------------------------------------------- the intake list


def intake_answer(context: AppContext, chosen: IntakeFilters, view: View) -> IntakeAnswer:
    """The intake list of the filters, as it is seen."""
    question = IntakeQuestion(
        chosen.as_of(view.now), chosen.begin(view.now), None, view.unit_ids, chosen.channel, chosen.states
    )
    return intake(context.store, context.calendars, question)


def write_intake(target: Path | BinaryIO, answer: IntakeAnswer, view: View, watch: Watch = iter) -> str:
    """Write the list as a workbook; the name it should have."""
    moment = answer.question.moment
    rows = (_masked_intake(row, view) for row in answer.rows)
    intake_list.write_xlsx(target, watch(rows), f"Tiếp nhận hồ sơ – xét tại {presenters.moment(moment)}")
    return f"tiep-nhan-{moment:%Y%m%d}.xlsx"


def _masked_intake(row: IntakeRow, view: View) -> IntakeRow:
    """Names as the asker may read them; reasons of refusal are free text and may name people."""
    reason = presenters.free_text(row.refusal_reason, visible=view.names)
    return replace(row, applicant=presenters.name(row.applicant, visible=view.names), refusal_reason=reason)


def intake_export(grip: Grip) -> Mapping[str, Any]:
    """The intake list of the params, as its asker was allowed to see it when asking."""
    view, chosen = view_of(grip.params["view"]), intake_page.read_filters(grip.params["filters"])
    grip.progress(0, None, "Đang lọc và xét từng hồ sơ")
    answer = intake_answer(grip.context, chosen, view)
    return keep_file(grip, len(answer.rows), lambda target, watch: write_intake(target, answer, view, watch))


# ---------------------------------------------------------------- files


def keep_file(
    grip: Grip, total: int, write: Callable[[Path, Watch], str], *, kind: str = "export"
) -> Mapping[str, Any]:
    """Write a file into the attempt's own folder; nobody else writes there, and only a finished one is ever handed out."""
    folder = Path(FOLDER) / str(grip.row.work_id) / str(grip.row.attempts)
    place = grip.context.data_dir / folder
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    place.chmod(0o700)  # it holds names; on Windows the folder's own rights decide
    writing = place / "writing.part"
    name = write(writing, lambda rows: _watched(grip, rows, total))
    writing.replace(place / name)
    new = described(grip.context, kind, place / name, name, f"work:{grip.row.work_id}")
    with grip.context.store.transaction() as session:
        keep_in(session, grip.context, new, by=grip.row.asked_by, now=grip.now())
    return {"file": (folder / name).as_posix(), "rows": total, "sha256": new.sha256}


def _watched(grip: Grip, rows: Iterable[Row], total: int) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number % TOLD_EVERY == 0:
            grip.progress(number, total, "Đang ghi tệp")
        yield row


def made_file(context: AppContext, row: WorkRow) -> Path | None:
    """The file that finished work made; None where there is none (any more)."""
    told = row.result.get("file") if row.state is WorkState.DONE else None
    if not isinstance(told, str):
        return None
    path, home = (context.data_dir / told).resolve(), (context.data_dir / FOLDER / str(row.work_id)).resolve()
    return path if path.is_relative_to(home) and path.is_file() else None


def clean_exports(grip: Grip) -> Mapping[str, Any]:
    """Delete what was kept for `work.keep_days`: each file with its proof, then folders of work that ended before."""
    before = grip.now() - timedelta(days=grip.context.config.work.keep_days)
    files = 0
    for files, _ in enumerate(delete_expired(grip.context, grip.now()), 1):
        grip.progress(files, None, "Đang xóa tệp quá hạn giữ")
    deleted = 0
    for folder in sorted((grip.context.data_dir / FOLDER).glob("*")):
        if folder.name.isdecimal() and _is_over(grip.context, int(folder.name), before):
            shutil.rmtree(folder)
            deleted += 1
            grip.progress(deleted)
    return {"deleted": deleted, "files": files}


def _is_over(context: AppContext, work_id: int, before: datetime) -> bool:
    with context.store.read() as session:
        row = work.find_work(session, work_id)
    return row is None or (row.ended_at is not None and row.ended_at < before)
