"""Reports as files: written whole or not at all, at once where they are short, else by a worker."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.context import AppContext
from app.report_kinds import REPORTS, ReportKind
from app.report_question import ReportQuestion
from tracker.errors import UsageError, WorkFailed
from tracker.reports.same_bytes import settle

XLSX = ".xlsx"


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
        raise WorkFailed(f"Không ghi được tệp {target}: {error.strerror or error}") from error
    finally:
        writing.unlink(missing_ok=True)
    return Written(target, rows, digest)


def told(kind: ReportKind, question: ReportQuestion, ending: str) -> Mapping[str, Any]:
    """What the log says of a report: filters only."""
    detail = {
        "from": question.start.isoformat(),
        "to": question.end.isoformat(),
        "unit": question.unit_id,
        "basis": question.basis.value,
        "file": ending,
        "masked": not question.names,
    }
    return {key: value for key, value in detail.items() if value is not None}
