"""The report "findings": signs of a period that ask for an explanation, by the writer of their page; nothing of any person."""

from pathlib import Path

from app.context import AppContext
from app.finding_filters import FindingFilters
from app.report_question import ReportQuestion
from app.works.exporting import View
from app.works.finding_exporting import at_once, counted
from tracker.errors import UsageError
from tracker.store import finding_keep

MOST_COUNTED = 1_000_000


def _chosen(question: ReportQuestion) -> FindingFilters:
    return FindingFilters(state=None, unit_id=question.unit_id, start=question.start, end=question.end)


def _view(question: ReportQuestion) -> View:
    return View(question.as_of, question.unit_ids, names=False)


def findings_size(context: AppContext, question: ReportQuestion) -> int:
    """How many there are."""
    return counted(context, _chosen(question), _view(question), MOST_COUNTED)


def write_findings(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """Whatever happened in the period and stands in the book of findings, whatever was said of it; the number of rows.

    Raises:
        UsageError: a past state of knowledge is asked for, which `audit findings --as-of` answers; or nobody looked yet.
    """
    if question.known is not None:
        raise UsageError(
            "báo cáo findings nói theo sổ dấu hiệu hiện tại; dùng: dunghen audit findings --as-of"
        )
    with context.store.read() as session:
        if finding_keep.last_look(session) is None:
            raise UsageError("chưa tìm dấu hiệu lần nào; dùng: dunghen audit findings")
    target.write_bytes(at_once(context, _chosen(question), _view(question), target.suffix)[1])
    return findings_size(context, question)
