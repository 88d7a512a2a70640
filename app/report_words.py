"""Reports in words: dossiers in time for the reform report, faults and measures, the evidence sheet. Gathers; `letters` writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.context import AppContext
from app.report_question import ReportQuestion
from app.works.drafting import letter_policy
from letters import parindex_sheet, reform_report, remediation_report
from letters.case import Names
from letters.issuer import Issuer
from letters.ledger_cases import ComplianceQuestion, Period, counted
from letters.parindex_sheet import AttachedPack, SheetFacts
from letters.quarterly import ReportContent
from letters.reform_report import OwnShare, ReformFacts
from letters.reform_report_figures import FiguresAsked, period_figures
from letters.reform_report_words import ReportScope
from letters.remediation_report import RemediationFacts, of_period
from tracker.errors import UsageError
from tracker.measures.scoring import CRITERION
from tracker.pipeline import ScoreQuestion, score
from tracker.pipeline.editions import find_edition
from tracker.store import catalogue, pack_store, remedy_store
from tracker.store.letter_candidates import load_catalogue
from tracker.store.letter_register import ledger_counts
from tracker.store.pack_store import PackRow
from tracker.store.session import Session
from tracker.types import VN, Level, ScoreAnswer
from tracker.types.remedies import Remedy

ALL_PACKS = 1_000  # of the register, the newest


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with what it is answered from."""

    context: AppContext
    question: ReportQuestion

    @property
    def period(self) -> Period:
        """The days."""
        return Period(self.question.start, self.question.end)

    @property
    def day(self) -> date:
        """The office's date of the judgement."""
        return self.question.as_of.astimezone(VN).date()

    @property
    def figures(self) -> FiguresAsked:
        """The question about the figures."""
        own = self.question
        return FiguresAsked(self.period, own.as_of, own.unit_ids, own.basis, own.known)

    def scope(self, unit_id: int | None) -> ReportScope:
        """Who reports of what; None: nobody was chosen."""
        own = self.question
        return ReportScope(self._issuer(unit_id), self.period, own.as_of, own.basis, own.known)

    def _issuer(self, unit_id: int | None) -> Issuer | None:
        """The unit that reports, or its successor."""
        if unit_id is None:
            return None
        with self.context.store.read() as session:
            return Names(load_catalogue(session)).issuer(unit_id, self.day)

    def remedies(self) -> tuple[Remedy, ...]:
        """The faults that a report of the period speaks of, by what was known."""
        with self.context.store.read() as session:
            found = remedy_store.remedies(session, self.question.unit_ids, self.question.known)
        return of_period(found, self.period)

    def score(self) -> ScoreAnswer:
        """The criterion of the period's year, up to its end: of a whole year as the page of the criterion tells it."""
        own = self.question
        as_of = own.as_of if (own.end.month, own.end.day) == (12, 31) else own.moment
        edition = own.edition or self.context.config.score_edition
        asked = ScoreQuestion(CRITERION, own.end.year, as_of, edition, own.basis, own.known)
        return score(self.context.store, asked)


def _written(target: Path, content: ReportContent) -> None:
    from letters.quarterly_render import render

    target.write_bytes(render(content))


# ---------------------------------------------------------------- remediation


def write_remediation(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """The report on how faults were overcome; how many it names."""
    asked = _Asked(context, question)
    figures = period_figures(context.store, asked.figures)
    facts = RemediationFacts(asked.scope(question.unit_id), figures, asked.remedies())
    _written(target, remediation_report.report_of(facts))
    return len(facts.remedies)


# ---------------------------------------------------------------- reform


def reform_size(context: AppContext, question: ReportQuestion) -> int:
    """How many dossiers of the ledger its part on apologies has to look at."""
    with context.store.read() as session:
        return sum(each.dossiers for each in ledger_counts(session, question.unit_ids))


def write_reform(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """The on-time part of the reform report; how many fields have figures."""
    asked = _Asked(context, question)
    present = period_figures(context.store, asked.figures)
    before = period_figures(context.store, asked.figures.a_year_before())
    apologies = counted(
        context.store, ComplianceQuestion(asked.period, asked.day, question.unit_ids), letter_policy(context)
    )
    answer = asked.score()
    facts = ReformFacts(
        asked.scope(question.unit_id), present, before, apologies.total, answer, _own(asked, answer), asked.remedies()
    )  # fmt: skip
    _written(target, reform_report.report_of(facts))
    return len(present.fields)


def _own(asked: _Asked, answer: ScoreAnswer) -> OwnShare | None:
    """The part of the units asked for; None where all are."""
    unit_ids = asked.question.unit_ids
    if unit_ids is None:
        return None
    with asked.context.store.read() as session:
        names = {unit.name for key, unit in catalogue.units(session).items() if key in unit_ids}
    lines = [line for line in answer.lines if line.unit in names]
    sums = (sum(getattr(line, part) for line in lines) for part in ("numerator", "denominator", "late"))
    return OwnShare(*sums)


# ---------------------------------------------------------------- evidence sheet


def write_parindex(context: AppContext, question: ReportQuestion, target: Path) -> int:
    """The evidence sheet of criterion 3.4.1 in one year; how many packs it names.

    Raises:
        UsageError: the period is not within one year.
    """
    if question.start.year != question.end.year:
        raise UsageError("phiếu minh chứng lập cho một năm: từ ngày và đến ngày phải cùng năm")
    asked = _Asked(context, question)
    answer = asked.score()
    with context.store.read() as session:
        edition = find_edition(session, answer.criterion, answer.edition, question.known)
        province, packs = _province(session, asked.day), _packs(session, question)
    facts = SheetFacts(
        asked.scope(province), answer, edition.to_check, edition.confidence, packs, question.asked_by
    )
    _written(target, parindex_sheet.sheet_of(facts))
    return len(packs)


def _province(session: Session, day: date) -> int | None:
    """The province's own unit on a day: of its level and below nobody."""
    found = (
        unit
        for unit in catalogue.units(session).values()
        if unit.parent_id is None and unit.level is Level.PROVINCE and (unit.valid_to is None or unit.valid_to >= day)
    )  # fmt: skip
    return next((unit.unit_id for unit in found), None)


def _packs(session: Session, question: ReportQuestion) -> tuple[AttachedPack, ...]:
    """The evidence packs whose period lies in the year, the newest first."""
    rows = pack_store.list_packs(session, limit=ALL_PACKS)
    return tuple(_attached(row) for row in rows if _is_of_year(row, question))


def _is_of_year(row: PackRow, question: ReportQuestion) -> bool:
    told: Mapping[str, Any] = row.new.question
    years = {str(told[name])[:4] for name in ("from", "to")}
    is_known = question.known is None or row.made_at <= question.known
    return years == {str(question.end.year)} and is_known


def _attached(row: PackRow) -> AttachedPack:
    made_on = row.made_at.astimezone(VN).date()
    return AttachedPack(row.new.number, row.new.title, row.new.sha256, row.new.fingerprint, made_on)
