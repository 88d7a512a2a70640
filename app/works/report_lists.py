"""Reports that are lists of dossiers: the late list and the intake list of a period, by the writers of their pages."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.context import AppContext
from app.presenters import BASES, free_text, moment, name, number
from app.report_question import ReportQuestion
from tracker.errors import UsageError
from tracker.pipeline.answers import LateAnswer, LateQuestion, overdue
from tracker.pipeline.forms import code_order
from tracker.pipeline.intake import IntakeAnswer, IntakeQuestion, intake
from tracker.reports import intake_list, late_list
from tracker.reports.appendix_lists import APPENDIX_1, APPENDIX_2, Appendix, write_appendix
from tracker.store import catalogue
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


# ---------------------------------------------------------------- Phụ lục I, Phụ lục II


def appendix_1_size(context: AppContext, question: ReportQuestion) -> int:
    """How many dossiers ended late in the period."""
    return late_of(context, question, "finished", limit=1).count or 0


def appendix_2_size(context: AppContext, question: ReportQuestion) -> int:
    """How many dossiers are open and late at its end."""
    return late_of(context, question, "open", limit=1).count or 0


def write_appendix_1(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """Dossiers that ended late in the period, by unit, in the layout of Phụ lục I."""
    return _write_appendix(context, question, target, APPENDIX_1)


def write_appendix_2(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """Dossiers open and late at the end of the period, by unit, in the layout of Phụ lục II."""
    return _write_appendix(context, question, target, APPENDIX_2)


def _write_appendix(context: AppContext, question: ReportQuestion, target: Path, appendix: Appendix) -> int:
    state = "finished" if appendix is APPENDIX_1 else "open"
    answer = late_of(context, question, state)
    rows = (masked_late(row, question) for row in _by_unit(context, answer.rows))
    about = _about(question) if appendix is APPENDIX_1 else f"Tính đến ngày {question.moment:%d/%m/%Y}"
    if appendix is APPENDIX_2 and question.unit_name:
        about += f" – {question.unit_name}"
    basis = BASES[question.basis].lower()
    told = f"{number(answer.count)} hồ sơ; căn cứ {basis}; xét tại {moment(question.moment)}"
    return write_appendix(target, appendix, rows, (f"{about[:1].upper()}{about[1:]}", told))


def _by_unit(context: AppContext, rows: Sequence[LateRow]) -> list[LateRow]:
    """Units in the order of the catalogue, those without a name last; inside a unit as the late list has them."""
    with context.store.read() as session:
        codes = {unit.name: unit.code for unit in catalogue.units(session).values()}
    return sorted(rows, key=lambda row: (not row.unit, code_order(codes.get(row.unit, "")), row.unit))


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
    """Counts of all results by channel, and the dossiers that wait for acceptance or were accepted late, refused without a
    reason or lost before it."""
    answer = _intake_of(context, question)
    rows = (_masked_intake(row, question) for row in answer.rows)
    if target.suffix.lower() == CSV:
        return intake_list.write_csv(target, rows)
    told = f"xét tại {moment(answer.question.moment)}"
    title = f"Tiếp nhận hồ sơ {_about(question)} – {told}"
    return intake_list.write_report(target, rows, answer.by_channel, title)


def _masked_intake(row: IntakeRow, question: ReportQuestion) -> IntakeRow:
    if question.names:
        return row
    reason = free_text(row.refusal_reason, visible=False)
    return replace(row, applicant=name(row.applicant, visible=False), refusal_reason=reason)
