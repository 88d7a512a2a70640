"""The report "responsibility": who had the late dossiers of a period in hand, as a paper or as a workbook."""

from pathlib import Path

from app.context import AppContext
from app.report_question import ReportQuestion
from app.works.report_forms import issuer_of
from letters.ledger_cases import Period
from letters.reform_report_words import ReportScope
from letters.responsibility_report import ResponsibilityFacts, report_of
from letters.responsibility_words import METHOD
from tracker.errors import UsageError
from tracker.pipeline.causes import late_count
from tracker.pipeline.responsibility import ResponsibilityQuestion, dossier_lines, responsibility
from tracker.reports import responsibility_book
from tracker.reports.responsibility_book import BookFacts
from tracker.types import VN, Basis
from tracker.types.causes import CauseAnswer

DOCX = ".docx"
ONLY_SOURCE = "báo cáo trách nhiệm chỉ lập theo ngày hẹn của nguồn"


def responsibility_size(context: AppContext, question: ReportQuestion) -> int:
    """How many late dossiers the months of the period hold, as far as they were counted."""
    return late_count(context.store, asked_of(question).months)


def write_responsibility(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """Who had the late dossiers of the period in hand; how many dossiers it is about.

    Raises:
        UsageError: another basis than the source's was asked for, or nothing was known at the time asked about.
    """
    if question.basis is not Basis.SOURCE:
        raise UsageError(ONLY_SOURCE)
    asked = asked_of(question)
    answer = responsibility(context.store, context.calendars, asked)
    if isinstance(answer, str):
        raise UsageError(answer)
    if target.suffix.lower() == DOCX:
        return _write_paper(context, question, answer, target)
    lines = dossier_lines(context.store, context.calendars, asked)
    about = (("Căn cứ, số liệu", f"ngày hẹn của nguồn; {_moment(question)}"), *METHOD)
    facts = BookFacts(
        answer, lines, _title(question), about, context.calendar.day_minutes, names=question.names
    )
    return responsibility_book.write(target, facts)


def asked_of(question: ReportQuestion) -> ResponsibilityQuestion:
    """What a report is asked about, as the question about responsibility."""
    return ResponsibilityQuestion(
        question.start, question.end, question.as_of, question.unit_ids, question.known
    )


def _write_paper(context: AppContext, question: ReportQuestion, answer: CauseAnswer, target: Path) -> int:
    from letters.quarterly_render import render

    scope = ReportScope(
        issuer_of(context, question), Period(question.start, question.end), question.as_of, question.basis, question.known
    )  # fmt: skip
    facts = ResponsibilityFacts(scope, answer, context.calendar.day_minutes, names=question.names)
    target.write_bytes(render(report_of(facts)))
    return answer.total.late


def _title(question: ReportQuestion) -> str:
    of_unit = f", {question.unit_name}" if question.unit_name else ""
    return f"Trách nhiệm đối với hồ sơ giải quyết quá hạn từ {question.start:%d/%m/%Y} đến {question.end:%d/%m/%Y}{of_unit}"


def _moment(question: ReportQuestion) -> str:
    told = f"tính đến {question.as_of.astimezone(VN):%d/%m/%Y %H:%M}"
    if question.known is None:
        return told
    return f"{told}; theo dữ liệu đã nạp đến {question.known.astimezone(VN):%d/%m/%Y %H:%M}"
