"""What became of the rate of a period since a moment, and why: gather both tables and the dossiers between, give reasons.

The figures are those of `rates`; the dossiers are compared one by one, and must add up to the difference exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from tracker.measures.restating import Count, Move, ReasonCount, Span, by_level, by_reason, moves
from tracker.pipeline.figures import RatesQuestion, rates
from tracker.store import catalogue, restating_queries
from tracker.store.session import Store
from tracker.types import VN, Basis, Level, RateRow

LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class RestatingQuestion:
    """Which period, on which basis; as known `then` and as known at `known` (None: now)."""

    start: date
    end: date
    basis: Basis
    then: datetime
    known: datetime | None = None


@dataclass(frozen=True, slots=True)
class LevelChange:
    """Numerator and denominator of a level, then and now."""

    level: str
    then: Count
    now: Count


@dataclass(frozen=True, slots=True)
class Restatement:
    """The rate of a period then and now, and the dossiers in between, in order of code. `unknown`: why there is none.

    `units` and `fields` name the ids of the moves; `is_exact`: the moves add up to the difference, in every level.
    """

    question: RestatingQuestion
    levels: tuple[LevelChange, ...]
    reasons: tuple[ReasonCount, ...]
    moves: tuple[Move, ...]
    units: Mapping[int, str]
    fields: Mapping[int, str]
    is_exact: bool
    unknown: str | None = None

    @property
    def then(self) -> Count:
        """All levels, then."""
        return _total([each.then for each in self.levels])

    @property
    def now(self) -> Count:
        """All levels, now."""
        return _total([each.now for each in self.levels])


def restatement(store: Store, question: RestatingQuestion) -> Restatement:
    """The difference of a period's rate between two moments of knowledge, explained dossier by dossier."""
    found = _restatement(store, question)
    # Tables and dossiers are read one after the other: a load that ended in between is in one of them only.
    return found if found.is_exact else _restatement(store, question)


def _restatement(store: Store, question: RestatingQuestion) -> Restatement:
    opening = datetime.combine(question.start, time(), VN)
    closing = datetime.combine(question.end, LAST_SECOND, VN)
    asked = RatesQuestion(question.start, question.end, closing, ("level",), question.basis, question.known)
    now, then = rates(store, asked), rates(store, replace(asked, known=question.then))
    unknown = now.unknown or then.unknown
    if unknown is not None:
        return Restatement(question, (), (), (), {}, {}, is_exact=True, unknown=unknown)
    span = Span(int(opening.timestamp()), int(closing.timestamp()))
    with store.read() as session:
        units, fields = catalogue.units(session), catalogue.fields(session)
        told = restating_queries.restated(
            session, span, question.basis, then=question.then, known=question.known
        )
    found, levels = moves(told, span), _levels(then.rows, now.rows)
    of_units: dict[int, str] = {number: unit.level.value for number, unit in units.items()}
    return Restatement(
        question=question,
        levels=levels,
        reasons=tuple(by_reason(found)),
        moves=tuple(found),
        units={number: unit.name for number, unit in units.items()},
        fields=fields,
        is_exact=_adds_up(levels, by_level(found, of_units, Level.UNKNOWN.value)),
    )


def _levels(then: Sequence[RateRow], now: Sequence[RateRow]) -> tuple[LevelChange, ...]:
    before, after = _by_level(then), _by_level(now)
    nothing = Count(0, 0)
    return tuple(
        LevelChange(level.value, before.get(level.value, nothing), after.get(level.value, nothing))
        for level in Level
        if level.value in before or level.value in after
    )


def _by_level(rows: Sequence[RateRow]) -> dict[str, Count]:
    return {row.keys["level"]: Count(row.counts.numerator, row.counts.finished) for row in rows}


def _adds_up(levels: Sequence[LevelChange], differences: Mapping[str, Count]) -> bool:
    wanted = {
        each.level: (
            each.now.numerator - each.then.numerator,
            each.now.denominator - each.then.denominator,
        )
        for each in levels
    }
    return all(
        tuple(differences.get(level, (0, 0))) == wanted.get(level, (0, 0))
        for level in {**wanted, **differences}
    )


def _total(counts: Sequence[Count]) -> Count:
    return Count(sum(each.numerator for each in counts), sum(each.denominator for each in counts))
