"""Rates: gather counts from the store, give them to the pure measures, answer with everything beside."""

import calendar as months
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from tracker.errors import UsageError
from tracker.store import batches, rate_queries
from tracker.store.rate_queries import EndedCounts, OpenCounts, Period
from tracker.store.rate_reading import Counting
from tracker.store.session import Store
from tracker.types import (
    VN,
    Basis,
    BasisRate,
    RateCounts,
    RateRow,
    RatesAnswer,
)

MONTH = "month"


@dataclass(frozen=True, slots=True)
class RatesQuestion:
    """Which period, grouped by what, on which basis, for which moment and by what was known (None: now).

    `told_by`: only what this source tells of, by its id.
    """

    start: date
    end: date
    as_of: datetime
    by: tuple[str, ...] = ("level",)
    basis: Basis = Basis.SOURCE
    known: datetime | None = None
    told_by: int | None = None


def rates(store: Store, question: RatesQuestion) -> RatesAnswer:
    """The rate table of a period; null with the reason where nothing was known yet."""
    _check(question)
    with store.read() as session:
        if not batches.anything_known(session, question.known):
            return _answer(question, (), {}, batches.NOTHING_KNOWN)
        whole = whole_period(question)
        counting = Counting(session, question.known)
        periods = list(_periods(question))
        if len(periods) > 1:
            counting.prepare(periods, [name for name in question.by if name != MONTH], question.basis)
        rows = tuple(row for period in periods for row in _rows(counting, period, question))
        excluded = counting.excluded(whole)
    return _answer(question, rows, excluded, None)


def _check(question: RatesQuestion) -> None:
    if question.start > question.end:
        raise UsageError(f"--from {question.start} sau --to {question.end}")
    unknown = [name for name in question.by if name not in (*rate_queries.GROUPS, MONTH)]
    if unknown:
        raise UsageError(
            f"--by không có {', '.join(unknown)}; có: {', '.join((*rate_queries.GROUPS, MONTH))}"
        )


def _answer(
    question: RatesQuestion, rows: Sequence[RateRow], excluded: dict[str, int], unknown: str | None
) -> RatesAnswer:
    return RatesAnswer(
        question.basis, question.start, question.end, question.as_of, tuple(rows), excluded, unknown
    )


def opening(day: date) -> int:
    """The first second of a day in Vietnam, in epoch seconds."""
    return int(datetime.combine(day, time.min, VN).timestamp())


def closing(day: date, as_of: datetime) -> int:
    """The end of the period: its last second, or as-of where that is earlier."""
    return min(opening(day) + 86_399, int(as_of.timestamp()))


def whole_period(question: RatesQuestion) -> Period:
    """From the first second to the last one that counts."""
    return _period(question, question.start, question.end)


def _period(question: RatesQuestion, start: date, end: date) -> Period:
    return Period(opening(start), closing(end, question.as_of), told_by=question.told_by)


def _periods(question: RatesQuestion) -> Iterator[Period]:
    """The period, or each of its months as one of its own."""
    if MONTH not in question.by:
        yield _period(question, question.start, question.end)
        return
    first = question.start
    while first <= question.end:
        last = first.replace(day=months.monthrange(first.year, first.month)[1])
        until = min(last, question.end)
        yield replace(_period(question, first, until), label=f"{first:%Y-%m}")
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _rows(counting: Counting, period: Period, question: RatesQuestion) -> list[RateRow]:
    by = [name for name in question.by if name != MONTH]
    ended = counting.ended(period, by, question.basis)
    standing = counting.open(period, by, question.basis)
    open_by_keys = {counts.keys: counts for counts in standing}
    rows = [
        _row(question, period, by, counts, open_by_keys.get(counts.keys))
        for counts in sorted(ended, key=lambda counts: counts.keys)
    ]
    return [row for row in rows if row.counts != RateCounts()]


def _row(
    question: RatesQuestion,
    period: Period,
    by: Sequence[str],
    ended: EndedCounts,
    standing: OpenCounts | None,
) -> RateRow:
    early, on_time, late, no_due = ended.verdicts[question.basis]
    counts = RateCounts(
        received=ended.received,
        carried_over=ended.carried_over,
        early=early,
        on_time=on_time,
        late=late,
        withdrawn=ended.withdrawn,
        refused=ended.refused,
        no_due=no_due,
    )
    if standing:
        counts = replace(
            counts,
            open=standing.open,
            open_late=standing.late,
            open_no_due=standing.no_due,
            suspended=standing.suspended,
        )
    named = dict(zip(by, ended.keys, strict=True))
    keys = {name: period.label if name == MONTH else named[name] for name in question.by}
    return RateRow(keys, counts, {basis: basis_rate(v) for basis, v in ended.verdicts.items()})


def basis_rate(verdict: tuple[int, int, int, int]) -> BasisRate:
    """The rate of (early, on time, late, no due date), with how many of all could be computed."""
    early, on_time, late, no_due = verdict
    computed = early + on_time + late
    return BasisRate(early + on_time, computed, computed, computed + no_due)
