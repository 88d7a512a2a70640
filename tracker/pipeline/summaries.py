"""The summary tables kept up with the dossiers: months that an import touched counted anew, some at a time.

Nothing depends on it being done: a question about a month that has not been counted since is answered from the dossiers.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tracker.measures.months import Months, before, closing, each, month_of, opening
from tracker.store import rate_queries, rate_summary
from tracker.store.bulk import BulkWriter
from tracker.store.locks import Lock
from tracker.store.rate_counting import NOW, Tallies, count_months, count_open, standing_until
from tracker.store.rate_queries import EndedCounts, OpenCounts, Period
from tracker.store.rate_reading import Summaries, summaries
from tracker.store.session import Session, Store
from tracker.store.turns import purpose_held
from tracker.types import VN, Basis

# So many months are one step: half a year of ten million dossiers takes some seconds.
MONTHS_AT_ONCE = 6
# A step that changes of dossiers came into so often is done while nobody can write: a month then, which takes few seconds.
PATIENT_TRIES = 2
CHECKED_BY = ("level", "unit", "field", "channel")
Progress = Callable[[str], None]


def is_behind(store: Store, now: datetime) -> bool:
    """Is there anything to count?"""
    with store.read() as session:
        return _is_behind(session, now)


def _is_behind(session: Session, now: datetime) -> bool:
    kept = rate_summary.standing(session)
    if kept is None or rate_summary.stale(session).ids:
        return True
    return not kept.holds_from <= int(now.timestamp()) < kept.holds_until


def refresh(store: Store, now: datetime, progress: Progress | None = None) -> int:
    """Count what changed since it was counted, newest months first; how many months were.

    Written in short pieces, so that nobody at a desk waits: what a step counts is marked before the first and until the
    last, and nothing that is marked is read from the tables. Killed at any moment, what is not done is still marked. Done
    twice, it changes nothing more. Changes of dossiers add themselves to the tables meanwhile (`rate_changes`): a step that
    one of them came into, is counted again.
    """
    counted = tries = 0
    while True:
        with purpose_held(store, Lock.RATES):
            with store.read() as session:
                if not _is_behind(session, now):
                    return counted
            months = _step(store, now) if tries < PATIENT_TRIES else _undisturbed(store, now)
        tries = tries + 1 if months is None else 0
        counted += months or 0
        if progress is not None and months:
            progress(f"Tổng hợp số liệu: {counted} tháng")


def _step(store: Store, now: datetime) -> int | None:
    """Count some months, and write them piece by piece; None: dossiers changed meanwhile, and the step is not done."""
    with store.read() as session:
        step = _look(session, now)
    for write in _pieces(step, now):
        with store.transaction() as session:
            if _stamp(session, to_change=True) != step.stamp:
                return None
            write(session)
    return len(step.months)


def _undisturbed(store: Store, now: datetime) -> int:
    """Count a month and write it in one transaction, for the whole of which no change of dossiers becomes visible."""
    with store.transaction() as session:
        _stamp(session, to_change=True)
        step = _look(session, now, months=1)
        for write in _pieces(step, now):
            write(session)
    return len(step.months)


def _stamp(session: Session, *, to_change: bool = False) -> int | None:
    kept = rate_summary.standing(session, to_change=to_change)
    return kept.stamp if kept else None


@dataclass(frozen=True, slots=True)
class _Step:
    """What one step found: the months that were to be counted, those that it counted, and those that are left."""

    marks: rate_summary.Stale
    wanted: tuple[Months, ...]
    months: tuple[int, ...]
    left: tuple[Months, ...]
    tallies: Tallies
    holds_until: int
    stamp: int | None

    def of_span(self, span: int) -> Tallies:
        """What was counted of a month, or of now."""
        return {cell: tally for cell, tally in self.tallies.items() if cell[0] == span}


def _look(session: Session, now: datetime, *, months: int = MONTHS_AT_ONCE) -> _Step:
    moment, present = int(now.timestamp()), month_of(int(now.timestamp()))
    marks, kept = rate_summary.stale(session), rate_summary.standing(session)
    wanted = rate_summary.to_count(session, marks, kept, present)
    part, left = _newest(wanted, months)
    tallies: Tallies = {} if part is None else count_months(session, part, moment)
    count_open(session, NOW, moment, tallies)
    counted = () if part is None else tuple(each(*part))
    until = standing_until(session, moment, _day_end(now))
    return _Step(marks, tuple(wanted), counted, left, tallies, until, kept.stamp if kept else None)


def _newest(wanted: list[Months], at_once: int) -> tuple[Months | None, tuple[Months, ...]]:
    """The newest months, as many as one step counts, and what is left."""
    if not wanted:
        return None, ()
    *others, (first, last) = wanted
    begin = last
    for _ in range(at_once - 1):
        begin = max(first, before(begin))
    left = [*others, (first, before(begin))] if begin > first else others
    return (begin, last), tuple(left)


def _pieces(step: _Step, now: datetime) -> Iterator[Callable[[Session], None]]:
    """What is written, a transaction each: ten million dossiers have some ten thousand rows a month."""
    if step.months:
        # Of months that nobody marked, since they have only ended, readers would take the half for the whole.
        yield lambda session: rate_summary.take_off(session, step.marks, step.wanted)
    for month in step.months:
        yield lambda session, month=month: rate_summary.put(
            session, BulkWriter(session).fill, month, step.of_span(month)
        )  # type: ignore[misc]
    for year in sorted({month // 100 for month in step.months}):
        yield lambda session, year=year: rate_summary.put_year(session, year)  # type: ignore[misc]

    def finish(session: Session) -> None:
        rate_summary.put(session, BulkWriter(session).fill, NOW, step.of_span(NOW))
        rate_summary.take_off(session, step.marks, step.left, own=len(step.wanted) if step.months else 0)
        rate_summary.keep_standing(session, now, datetime.fromtimestamp(step.holds_until, VN))

    yield finish


def _day_end(now: datetime) -> int:
    """The first second of the next local day: lateness of what is open changes with the date."""
    tomorrow = now.astimezone(VN).date() + timedelta(days=1)
    return int(datetime.combine(tomorrow, time.min, VN).timestamp())


# ---------------------------------------------------------------- checking


@dataclass(frozen=True, slots=True)
class SummaryDifference:
    """One group of a month or year for which the summary tables and a recount of the dossiers say otherwise."""

    span: str  # 2026-08 or 2026
    group: tuple[str, ...]
    kept: str
    recounted: str


@dataclass(frozen=True, slots=True)
class SummaryCheck:
    """What a check found; `behind`: months or what is open now are still to be counted, which is no fault."""

    compared: int
    behind: bool
    differences: tuple[SummaryDifference, ...]


def check(store: Store, as_of: datetime, *, months: int = 12) -> SummaryCheck:
    """Compare the newest months, and every year, with a recount of the dossiers on all bases.

    Spans that have not been counted since they changed are left out: nothing reads them.
    """
    moment = int(as_of.timestamp())
    with store.read() as session:
        kept = summaries(session)
        if kept is None:
            return SummaryCheck(0, behind=True, differences=())
        compared, found = 0, []
        for label, period in _periods(session, moment, months):
            answers, differences = _compared(session, kept, period, label)
            compared += answers
            found += differences
        return SummaryCheck(compared, behind=_is_behind(session, as_of), differences=tuple(found))


def _periods(session: Session, moment: int, months: int) -> Iterator[tuple[str, Period]]:
    present = month_of(moment)
    begin = present
    for _ in range(months - 1):
        begin = before(begin)
    for month in each(begin, present):
        yield f"{month // 100}-{month % 100:02d}", Period(opening(month), min(closing(month), moment))
    for year in rate_summary.years(session):
        first, last = year * 100 + 1, year * 100 + 12
        if opening(first) <= moment:
            yield str(year), Period(opening(first), min(closing(last), moment))


def _compared(
    session: Session, kept: Summaries, period: Period, label: str
) -> tuple[int, list[SummaryDifference]]:
    found: list[SummaryDifference] = []
    compared = 0
    for basis in Basis:
        for ours, recount in (
            (kept.ended, rate_queries.ended_counts),
            (kept.open, rate_queries.open_counts),
        ):
            told = ours(period, CHECKED_BY, basis)
            if told is not None:
                compared += 1
                real = recount(session, period, CHECKED_BY, basis, None)
                found += _differing(label, _by_keys(told), _by_keys(real))
    return compared, found


def _by_keys(counts: Iterable[EndedCounts] | Iterable[OpenCounts]) -> dict[tuple[str, ...], str]:
    """Groups of which there is anything, with what is told of them as text."""
    told = {}
    for one in counts:
        values = _values(one)
        if any(values):
            told[one.keys] = " ".join(map(str, values))
    return told


def _values(one: EndedCounts | OpenCounts) -> list[int]:
    if isinstance(one, OpenCounts):
        return [one.open, one.late, one.no_due, one.suspended]
    verdicts = [count for basis in Basis for count in one.verdicts[basis]]
    return [one.received, one.carried_over, one.withdrawn, one.refused, *verdicts]


def _differing(
    label: str, kept: dict[tuple[str, ...], str], real: dict[tuple[str, ...], str]
) -> list[SummaryDifference]:
    return [
        SummaryDifference(label, keys, kept.get(keys, ""), real.get(keys, ""))
        for keys in sorted({*kept, *real})
        if kept.get(keys) != real.get(keys)
    ]
