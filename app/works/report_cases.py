"""The report "late-cases": the auditor's late dossiers of a period, by the writer of the auditor's page."""

from pathlib import Path

from app.audit_query import CaseFilters
from app.context import AppContext
from app.report_question import ReportQuestion
from app.works.case_exporting import CasesAsked, all_cases, write_cases
from app.works.exporting import View
from tracker.errors import UsageError
from tracker.pipeline.late_cases import count_cases, nothing_known

MOST_COUNTED = 1_000_000


def asked_of(question: ReportQuestion) -> CasesAsked:
    """What a report is asked about, as the auditor's question."""
    chosen = CaseFilters(
        unit_id=question.unit_id, basis=question.basis, start=question.start, end=question.end
    )
    asked = chosen.question(question.moment, question.unit_ids, question.known)
    return CasesAsked(
        chosen, asked, View(question.moment, question.unit_ids, question.names), question.unit_name
    )


def late_cases_size(context: AppContext, question: ReportQuestion) -> int:
    """How many dossiers there are."""
    asked = asked_of(question).question
    return count_cases(context.store, context.calendars, asked, cap=MOST_COUNTED).found


def write_late_cases(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """Dossiers that ended late in the period and those open and overdue at its end, with everything an auditor asks for.

    Raises:
        UsageError: nothing was known at the time asked about.
    """
    asked = asked_of(question)
    reason = nothing_known(context.store, asked.question)
    if reason:
        raise UsageError(reason)
    return write_cases(target, all_cases(context, asked), asked)
