"""Scores: the counts of a year, judged by dated editions of criteria, with the budget of late dossiers beside."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from tracker.errors import UsageError
from tracker.measures.rates import total_bases
from tracker.measures.scoring import (
    CRITERION,
    Denominator,
    Edition,
    FormulaKind,
    late_budget,
    points,
    points_at_threshold,
    ranked,
    valid_days,
)
from tracker.pipeline.editions import KeptEdition, choose, editions, kept_editions
from tracker.pipeline.figures import basis_rate, closing, opening
from tracker.store import batches, rate_queries
from tracker.store.rate_queries import EndedCounts, Keys, Period
from tracker.store.rate_reading import Counting
from tracker.store.remembered import Remembered
from tracker.store.session import Session, Store, kept
from tracker.types import Basis, BasisRate, Level, RateCounts, RateRow, ScoreAnswer, ScoreLine

BY = ("level", "unit", "field")
NO_MAXIMUM = "chưa biết điểm tối đa: văn bản chưa được đối chiếu"
# Points of years that a process worked out once, each some megabytes of a large province's parts.
REMEMBERED = Remembered(12)
NO_POINTS = "xếp hạng không cho điểm"


@dataclass(frozen=True, slots=True)
class ScoreQuestion:
    """Which criterion of which year, by which edition, on which basis.

    `is_exact`: by this edition or not at all; else, in a year for which it does not hold, by the one of the criterion
    that does and was entered last (shipped ones come after those): what the configuration names must not stop the
    cockpit or a job when the office enters another edition.
    """

    criterion: str
    year: int
    as_of: datetime
    edition: str
    basis: Basis = Basis.SOURCE
    known: datetime | None = None
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class YearQuestion:
    """Every edition (of a criterion; empty: of all) in one year, side by side."""

    year: int
    as_of: datetime
    criterion: str = ""
    basis: Basis = Basis.SOURCE
    known: datetime | None = None


@dataclass(frozen=True, slots=True)
class EditionScore:
    """An edition with the points of a year by it; `answer` None: it does not hold in that year."""

    kept: KeptEdition
    answer: ScoreAnswer | None


def score(store: Store, question: ScoreQuestion) -> ScoreAnswer:
    """Points of a criterion, with its budget of late dossiers and every unit's part; null with the reason where no edition
    of the criterion holds in that year.

    Raises:
        UsageError: there is no such criterion or edition, or it does not hold in that year and no other will do.
    """
    with store.read() as session:
        edition = edition_for(session, question)
        answer = _Year(session, question).judged(edition)
    if answer is None and question.is_exact:
        raise UsageError(_not_in(edition, question.year))
    return answer or _answer(question, edition, (), {}, _not_in(edition, question.year))


def edition_for(session: Session, question: ScoreQuestion) -> Edition:
    """The edition by which a question is answered.

    Raises:
        UsageError: there is no such criterion or edition.
    """
    if question.known is not None:
        return _edition_for(session, question)
    asked = question.criterion, question.year, question.edition, question.is_exact
    return kept(session, ("edition", *asked), lambda: _edition_for(session, question))


def _edition_for(session: Session, question: ScoreQuestion) -> Edition:
    there = kept_editions(session, question.known)
    asked = choose((kept.edition for kept in there), question.criterion, question.edition)
    if question.is_exact or valid_days(asked, *_days_of(question.year)):
        return asked
    others = [kept for kept in there if _may_stand_for(kept.edition, asked, question.year)]
    newest = max(others, key=lambda kept: kept.entry.entry_id if kept.entry else 0, default=None)
    return newest.edition if newest else asked


def _may_stand_for(edition: Edition, asked: Edition, year: int) -> bool:
    return edition.criterion == asked.criterion and valid_days(edition, *_days_of(year)) is not None


def scores_by(
    store: Store, question: YearQuestion, thought_of: Sequence[Edition]
) -> tuple[ScoreAnswer | None, ...]:
    """The same by editions that need not govern; None for one that does not hold in that year."""
    with store.read() as session:
        year = _Year(session, question)
        return tuple(year.judged(edition) for edition in thought_of)


def scores(store: Store, question: YearQuestion) -> tuple[EditionScore, ...]:
    """Editions side by side, in the order of their criteria.

    Raises:
        UsageError: there is no such criterion.
    """
    with store.read() as session:
        kept = kept_editions(session, question.known)
        asked = [each for each in kept if question.criterion in ("", each.edition.criterion)]
        if not asked:
            raise UsageError(_unknown(question.criterion, [each.edition for each in kept]))
        year = _Year(session, question)
        return tuple(EditionScore(each, year.judged(each.edition)) for each in asked)


def edition_key(store: Store, question: YearQuestion, preferred: str) -> str:
    """By which edition a criterion is told where none is asked for: the preferred one, or what stands in for it.

    The preference is one of 3.4.1: there it must exist, others may have none of that key.

    Raises:
        UsageError: there is no such criterion.
    """
    with store.read() as session:
        there = editions(session, question.known)
        keys = [edition.key for edition in there if edition.criterion == question.criterion]
        if not keys:
            raise UsageError(_unknown(question.criterion, there))
        key = preferred if preferred in keys or question.criterion == CRITERION else keys[0]
        asked = ScoreQuestion(question.criterion, question.year, question.as_of, key, known=question.known)
        return edition_for(session, asked).key


def _days_of(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _unknown(criterion: str, there: Sequence[Edition]) -> str:
    names = dict.fromkeys(edition.criterion for edition in there)
    return f"không có tiêu chí {criterion}; có: {', '.join(names)}"


def _not_in(edition: Edition, year: int) -> str:
    since = f" từ {edition.valid_from:%d/%m/%Y}" if edition.valid_from else ""
    until = f" đến {edition.valid_to:%d/%m/%Y}" if edition.valid_to else ""
    return (
        f"tiêu chí {edition.criterion} theo phiên bản {edition.key} áp dụng{since}{until},"
        f" không áp dụng cho năm {year}"
    )


# ---------------------------------------------------------------- counting


@dataclass(frozen=True, slots=True)
class _Part:
    """One level's, unit's and field's part in a criterion."""

    row: EndedCounts
    numerator: int
    denominator: int


class _Year:
    """The counts of one year, made once for all editions that count the same days."""

    def __init__(self, session: Session, question: ScoreQuestion | YearQuestion) -> None:
        self._session, self._question = session, question
        self._is_known = batches.anything_known(session, question.known)
        self._counting = Counting(session, question.known)
        self._ended: dict[Period, list[EndedCounts]] = {}
        self._overdue: dict[Period, dict[Keys, int]] = {}

    def judged(self, edition: Edition) -> ScoreAnswer | None:
        """The points by an edition; None where it does not hold in the year."""
        days = valid_days(edition, *_days_of(self._question.year))
        if days is None:
            return None
        if not self._is_known:
            return _answer(self._question, edition, (), {}, batches.NOTHING_KNOWN)
        period = Period(opening(days[0]), closing(days[1], self._question.as_of))
        mark = self._counting.mark(period, BY) if days == _days_of(self._question.year) else None
        key = mark.of(edition, self._question.basis) if mark else None
        if key is not None and (held := REMEMBERED.get(key)) is not None:
            return replace(cast(ScoreAnswer, held), as_of=self._question.as_of)
        answer = self._worked_out(edition, period, days)
        if key is not None:
            REMEMBERED.keep(key, answer)
        return answer

    def _worked_out(self, edition: Edition, period: Period, days: tuple[date, date]) -> ScoreAnswer:
        parts = self._parts(edition, period)
        levels = {level.value for level in edition.levels}
        inside = [part for part in parts if part.row.keys[0] in levels]
        outside = sum(part.denominator for part in parts if part.row.keys[0] == Level.UNKNOWN.value)
        answer = _answer(self._question, edition, inside, {"UNIT_UNKNOWN": outside}, None)
        whole = days == _days_of(self._question.year)
        return answer if whole else replace(answer, part_of_year=days)

    def _parts(self, edition: Edition, period: Period) -> list[_Part]:
        overdue = self._overdue_of(period) if edition.denominator is Denominator.RESOLVED_AND_OVERDUE else {}
        return [
            _Part(row, *_counted(row, edition, self._question.basis, overdue.get(row.keys, 0)))
            for row in self._ended_of(period)
        ]

    def _ended_of(self, period: Period) -> list[EndedCounts]:
        if period not in self._ended:
            asked = self._question
            found = self._counting.ended(period, BY, asked.basis)
            if any(row.received_on_time is None for row in found):  # the tables tell it of years alone
                found = rate_queries.ended_counts(self._session, period, BY, asked.basis, asked.known)
            self._ended[period] = found
        return self._ended[period]

    def _overdue_of(self, period: Period) -> dict[Keys, int]:
        if period not in self._overdue:
            asked = self._question
            standing = self._counting.open(period, BY, asked.basis)
            self._overdue[period] = {row.keys: row.late for row in standing}
        return self._overdue[period]


def _counted(row: EndedCounts, edition: Edition, basis: Basis, overdue: int) -> tuple[int, int]:
    """(numerator, denominator) of a group by the edition's reading."""
    if edition.denominator is Denominator.RECEIVED:
        return row.received_on_time or 0, row.received
    early, on_time, late, _no_due = row.verdicts[basis]
    return early + on_time, early + on_time + late + overdue


# ---------------------------------------------------------------- telling


def _answer(
    question: ScoreQuestion | YearQuestion,
    edition: Edition,
    inside: Sequence[_Part],
    left_out: dict[str, int],
    unknown: str | None,
) -> ScoreAnswer:
    numerator = sum(part.numerator for part in inside)
    denominator = sum(part.denominator for part in inside)
    late, known = denominator - numerator, unknown is None
    has_budget = known and edition.threshold > 0
    budget, lines = late_budget(edition, denominator), _lines(inside)
    ranks = edition.formula_kind is FormulaKind.RANKING
    return ScoreAnswer(
        criterion=edition.criterion,
        edition=edition.key,
        edition_name=edition.name,
        edition_verified=edition.verified,
        formula=edition.formula,
        edition_source=edition.source,
        year=question.year,
        basis=question.basis,
        as_of=question.as_of,
        numerator=numerator if known else None,
        denominator=denominator if known else None,
        points=points(edition, numerator, denominator) if known else None,
        max_points=edition.max_points,
        threshold=edition.threshold,
        budget_late=budget if has_budget else None,
        late=late if known else None,
        headroom=budget - late if has_budget else None,
        points_at_threshold=points_at_threshold(edition) if edition.threshold else None,
        bases=_sum_bases(inside),
        lines=lines,
        left_out=left_out or {"UNIT_UNKNOWN": 0},
        unknown=unknown,
        points_unknown=NO_POINTS if ranks else NO_MAXIMUM if edition.max_points is None else None,
        ranking=ranked(lines, edition.least) if ranks else (),
    )


def _sum_bases(parts: Sequence[_Part]) -> dict[Basis, BasisRate]:
    return total_bases(
        RateRow({}, RateCounts(), {basis: basis_rate(v) for basis, v in part.row.verdicts.items()})
        for part in parts
    )


def _lines(parts: Sequence[_Part]) -> tuple[ScoreLine, ...]:
    lines = [
        ScoreLine(
            part.row.keys[1],
            part.row.keys[2],
            part.numerator,
            part.denominator,
            part.denominator - part.numerator,
        )
        for part in parts
        if part.denominator
    ]
    return tuple(sorted(lines, key=lambda line: (-line.late, line.unit, line.field)))
