"""Reports that are lists of dossiers: the late list and the intake list of a period, by the writers of their pages."""

from dataclasses import replace
from pathlib import Path

from app.context import AppContext
from app.presenters import BASES, free_text, moment, name
from app.report_question import ReportQuestion
from tracker.errors import UsageError
from tracker.pipeline.answers import LateAnswer, LateQuestion, overdue
from tracker.pipeline.intake import IntakeAnswer, IntakeQuestion, intake
from tracker.reports import intake_list, late_list
from tracker.types import NEEDS_ATTENTION, IntakeRow, LateRow

CSV = ".csv"


def late_of(
    context: AppContext, question: ReportQuestion, state: str, *, limit: int | None = None
) -> LateAnswer:
    """The late dossiers of a period: ended in it ("finished"), open at its end ("open"), or both ("all").

    Raises:
        UsageError: nothing was known at the time asked about.
    """
    asked = LateQuestion(
        question.moment, question.basis, state, question.unit_ids, None, question.start, question.end,
        known=question.known,
    )  # fmt: skip
    answer = overdue(context.store, context.calendars, asked, limit=limit)
    if answer.unknown:
        raise UsageError(answer.unknown)
    return answer


def masked_late(row: LateRow, question: ReportQuestion) -> LateRow:
    """Names as the asker may read them; reasons of a source are free text and may name people."""
    if question.names:
        return row
    return replace(
        row, applicant=name(row.applicant, visible=False), reason=free_text(row.reason, visible=False)
    )


# ---------------------------------------------------------------- the late list


def late_list_size(context: AppContext, question: ReportQuestion) -> int:
    """How many dossiers are on the late list."""
    return late_of(context, question, "all", limit=1).count or 0


def write_late_list(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """Dossiers that ended late in the period and those open and overdue at its end, with their three due dates."""
    answer = late_of(context, question, "all")
    rows = (masked_late(row, question) for row in answer.rows)
    if target.suffix.lower() == CSV:
        return late_list.write_csv(target, rows)
    told = f"căn cứ {BASES[question.basis].lower()} – xét tại {moment(question.moment)}"
    return late_list.write_xlsx(target, rows, f"Hồ sơ quá hạn {_about(question)} – {told}")


def _about(question: ReportQuestion) -> str:
    days = f"từ {question.start:%d/%m/%Y} đến {question.end:%d/%m/%Y}"
    return f"{days} – {question.unit_name}" if question.unit_name else days


# ---------------------------------------------------------------- the intake list


def _intake_of(context: AppContext, question: ReportQuestion) -> IntakeAnswer:
    asked = IntakeQuestion(
        question.as_of, question.start, question.end, question.unit_ids, None, NEEDS_ATTENTION, question.known
    )
    answer = intake(context.store, context.calendars, asked)
    if answer.unknown:
        raise UsageError(answer.unknown)
    return answer


def intake_size(context: AppContext, question: ReportQuestion) -> int:
    """How many dossiers are on the intake list."""
    return _intake_of(context, question).count or 0


def write_intake(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """Dossiers that wait for acceptance or were accepted late, refused without a reason or lost before it."""
    answer = _intake_of(context, question)
    rows = (_masked_intake(row, question) for row in answer.rows)
    if target.suffix.lower() == CSV:
        return intake_list.write_csv(target, rows)
    told = f"xét tại {moment(answer.question.moment)}"
    return intake_list.write_xlsx(target, rows, f"Tiếp nhận hồ sơ {_about(question)} – {told}")


def _masked_intake(row: IntakeRow, question: ReportQuestion) -> IntakeRow:
    if question.names:
        return row
    reason = free_text(row.refusal_reason, visible=False)
    return replace(row, applicant=name(row.applicant, visible=False), refusal_reason=reason)
