"""Reports as files: written whole or not at all, at once where they are short, else by a worker."""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.asking import ask_for, key_of
from app.context import AppContext
from app.grip import Grip
from app.report_kinds import REPORTS, ReportKind
from app.report_question import ReportQuestion, question_of
from app.works.exporting import Watch, keep_file
from tracker.errors import UsageError
from tracker.machine import unwritable
from tracker.reports.same_bytes import settle
from tracker.store.people import Account
from tracker.types.work import BY_PEOPLE, WorkRequest, WorkRow

XLSX = ".xlsx"


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """A report as a page asks for it: which, about what, as which kind of file; `filters` are those of its page."""

    kind: ReportKind
    question: ReportQuestion
    ending: str
    filters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Written:
    """A finished report."""

    path: Path
    rows: int
    sha256: str


def kind_of(key: str) -> ReportKind:
    """The report of a key; UsageError names those that there are."""
    found = REPORTS.get(key)
    if found is None:
        raise UsageError(f"không có báo cáo {key!r}; có: {', '.join(REPORTS)}")
    return found


def checked(kind: ReportKind, question: ReportQuestion, ending: str) -> None:
    """Can this report be made as it is asked for?

    Raises:
        UsageError: a period that ends before it begins, a kind of file or a unit that the report cannot have.
    """
    if question.start > question.end:
        raise UsageError(f"từ ngày {question.start:%d/%m/%Y} sau đến ngày {question.end:%d/%m/%Y}")
    if ending not in kind.endings:
        raise UsageError(f"báo cáo {kind.key} chỉ ghi được tệp {', '.join(kind.endings)}")
    if question.unit_id is not None and not kind.units:
        raise UsageError(f"báo cáo {kind.key} chỉ lập cho toàn tỉnh")


def write_whole(context: AppContext, kind: ReportKind, question: ReportQuestion, target: Path) -> Written:
    """Write the report beside its place and put it there when it is finished: nobody ever finds half of it.

    Raises:
        UsageError: it cannot be made so. WorkFailed: the file cannot be written.
    """
    checked(kind, question, target.suffix.lower())
    writing = target.with_name(f".{target.stem}.writing{target.suffix.lower()}")
    try:
        rows = kind.write(context, question, writing)
        if writing.suffix == XLSX:
            settle(writing, question.as_of)
        with writing.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        writing.replace(target)
    except OSError as error:
        raise unwritable(target, error) from error
    finally:
        writing.unlink(missing_ok=True)
    return Written(target, rows, digest)


def told(kind: ReportKind, question: ReportQuestion, ending: str) -> Mapping[str, Any]:
    """What the log says of a report: filters only."""
    detail = {
        "start": question.start.isoformat(),
        "end": question.end.isoformat(),
        "unit": question.unit_id,
        "basis": question.basis.value,
        "file": ending,
        "masked": not question.names,
    }
    return {key: value for key, value in detail.items() if value is not None}


def file_name(kind: ReportKind, question: ReportQuestion, ending: str) -> str:
    """What the file is called when it is taken away."""
    return f"{kind.key}-{question.start:%Y%m%d}-{question.end:%Y%m%d}{ending}"


def made(context: AppContext, asked: ReportAsked) -> tuple[bytes, int]:
    """A short report as bytes, and its rows; what it was written through is gone afterwards."""
    context.data_dir.mkdir(parents=True, exist_ok=True)
    # Below the data folder: it may hold names, and the folder of temporary files may be anybody's.
    with tempfile.TemporaryDirectory(prefix=".report-", dir=context.data_dir) as folder:
        target = Path(folder) / f"report{asked.ending}"
        written = write_whole(context, asked.kind, asked.question, target)
        return target.read_bytes(), written.rows


# ---------------------------------------------------------------- by a worker


def ask_report(context: AppContext, asked: ReportAsked, account: Account) -> int:
    """A long report, as its asker sees it now; asked for twice within a minute, it is made once."""
    question = asked.question.as_params()
    params = {
        "report": asked.kind.key,
        "ending": asked.ending,
        "question": question,
        "view": {"names": asked.question.names, "units": question["unit_ids"]},
        "filters": dict(asked.filters),
    }
    same = {**params, "question": {**question, "as_of": ""}}
    now = asked.question.as_of
    key = key_of("report_export", account.login, same, f"{now:%Y%m%d%H%M}")
    request = WorkRequest(
        "report_export", key, params, account.login, unit_id=account.unit_id, priority=BY_PEOPLE
    )
    detail = {"report": asked.kind.key, **told(asked.kind, asked.question, asked.ending)}
    return ask_for(context, request, action="report_export_asked", detail=detail, now=now)


def report_export(grip: Grip) -> Mapping[str, Any]:
    """The report of the params, as its asker was allowed to see it when asking."""
    kind, question = kind_of(grip.params["report"]), question_of(grip.params["question"])
    ending = grip.params["ending"]
    grip.progress(0, None, "Đang lập báo cáo")

    def write(target: Path, watch: Watch) -> str:
        del watch  # a report is written as a whole
        written = write_whole(grip.context, kind, question, target.with_name(f"report{ending}"))
        written.path.replace(target)
        return file_name(kind, question, ending)

    return keep_file(grip, kind.size(grip.context, question), write)


def report_title(row: WorkRow) -> str:
    """Which report a piece of work makes."""
    kind = REPORTS.get(row.params["report"])
    return kind.title if kind else row.params["report"]
