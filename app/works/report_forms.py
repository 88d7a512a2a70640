"""The official forms II.06a and II.06b as files: counts of the rates, the form's edition, on paper or as a workbook."""

from pathlib import Path

from app.context import AppContext
from app.report_question import ReportQuestion
from letters.case import Names
from letters.issuer import Issuer
from letters.ledger_cases import office_day
from tracker.pipeline.forms import FormQuestion, form
from tracker.reports.form_book import write_form
from tracker.reports.form_page import FormFacts, FormPage, form_page
from tracker.store.letter_candidates import load_catalogue

DOCX = ".docx"


def write_a(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """Form II.06a, by field; the number of its rows."""
    return _write(context, "II.06a", question, target)


def write_b(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """Form II.06b, by unit; the number of its rows."""
    return _write(context, "II.06b", question, target)


def _write(context: AppContext, key: str, question: ReportQuestion, target: Path) -> int:
    page = _page(context, key, question)
    if target.suffix.lower() != DOCX:
        return write_form(target, page)
    from letters.form_render import paper_of, render

    day = office_day(question.as_of)
    target.write_bytes(render(paper_of(page, issuer_of(context, question), day.year // 100)))
    return page.table.rows


def _page(context: AppContext, key: str, question: ReportQuestion) -> FormPage:
    asked = FormQuestion(
        key, question.start, question.end, question.as_of, question.unit_ids, question.basis, question.known,
        question.edition,
    )  # fmt: skip
    answer = form(context.store, asked)
    return form_page(
        FormFacts(
            answer.table, question.start, question.end, question.moment, question.basis, question.known,
            question.unit_name, answer.excluded,
        )
    )  # fmt: skip


def issuer_of(context: AppContext, question: ReportQuestion) -> Issuer | None:
    """The unit that reports, or its successor; None for all units together: the name is left to be filled in."""
    if question.unit_id is None:
        return None
    with context.store.read() as session:
        return Names(load_catalogue(session)).issuer(question.unit_id, office_day(question.as_of))
