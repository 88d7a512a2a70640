"""Counts of a period out of the summary tables: the same answer as a count of the dossiers, or none at all.

None where a month of the period changed since it was counted, where the period does not begin and end with months and
something happened in the rest of them, or where the question asks for what was known earlier.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import add
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from tracker.errors import BeingCounted
from tracker.measures.months import before, closing, each, month_of, opening
from tracker.store import batches, rate_counting, rate_queries, rate_summary
from tracker.store.models import Dossier, RateSummary
from tracker.store.rate_counting import BASES, NOW, Cell
from tracker.store.rate_queries import ID_COLUMNS, EndedCounts, Keys, Naming, OpenCounts, Period
from tracker.store.rate_summary import GRAINS
from tracker.store.remembered import Mark, Remembered
from tracker.store.session import MARK, MARK_QUERY, TOLD, is_waited_for, kept, once
from tracker.types import Basis

Found = TypeVar("Found", EndedCounts, OpenCounts)
# Months of a province by unit; the whole of it by unit and field is kept as points (`tracker.pipeline.scores`).
SHORT = 1_000
REMEMBERED = Remembered(200)

_S: Any = RateSummary.__table__
_COLUMN = {"resolving_unit_id": "unit_id"}
_FLOWS = ("received", "withdrawn", "refused")
_VERDICTS = tuple(
    f"{name}_{ending}" for ending in BASES.values() for name in ("early", "on_time", "late", "no_due")
)
_STANDING = ("open_late", "open_no_due", "suspended")
_OPEN = ("open", *(f"{name}_{ending}" for name in _STANDING for ending in BASES.values()))
_READ = (*_FLOWS, *_VERDICTS, *(f"same_year_{ending}" for ending in BASES.values()), *_OPEN)
_NOTHING = (0,) * (len(_FLOWS) + len(_VERDICTS) + 1)


@dataclass(frozen=True, slots=True)
class Summaries:
    """What the tables hold, for which months they are right."""

    session: Session
    marks: rate_summary.Stale
    standing: rate_summary.Standing
    names: dict[tuple[str, ...], Naming] = field(default_factory=dict)
    # Rows by question and month that were read for many periods at once.
    rows: dict[tuple["_Asked", int], list[Any]] = field(default_factory=dict)

    def prepare(self, periods: Sequence[Period], by: Sequence[str]) -> None:
        """Read by one question what `ended` and `open` will want of these periods, one after the other."""
        asked = _asked(by)
        spans = {NOW} if self._holds_now(max(period.end for period in periods)) else set()
        for period in periods:
            first, last = month_of(period.start), month_of(period.end)
            spans.update((before(first), last, *_spans(first, last)))
        keys, counts = [_S.c[column] for column in asked.columns], [_S.c[name] for name in _READ]
        query = select(_S.c.span, *keys, *(counts if asked.is_exact else map(func.sum, counts)))
        query = query.where(_S.c.grain == asked.grain, _S.c.span.in_(sorted(spans)))
        if not asked.is_exact:
            query = query.group_by(_S.c.span, *keys)
        self.rows.update({(asked, span): [] for span in spans})
        width = 1 + len(keys)
        for row in self.session.execute(query):
            self.rows[asked, row[0]].append((row[1:width], dict(zip(_READ, row[width:], strict=True))))

    def ended(self, period: Period, by: Sequence[str], basis: Basis) -> list[EndedCounts] | None:
        """Twin of `rate_queries.ended_counts`."""
        plan = self._plan(period)
        if plan is None:
            return None
        asked, naming = _asked(by), self._naming(by)
        names = [*_FLOWS, *_VERDICTS, f"same_year_{BASES[basis]}"]
        flows = _named(naming, _without(plan.rest, self._sums(asked, plan.spans, names), asked, names))
        carried_over = _named(naming, self._sums(asked, [plan.carried], ["open"]))
        return [
            _ended(keys, flows.get(keys, _NOTHING), carried_over.get(keys, (0,))[0], is_year=plan.is_year)
            for keys in {**flows, **carried_over}
        ]

    def open(self, period: Period, by: Sequence[str], basis: Basis) -> list[OpenCounts] | None:
        """Twin of `rate_queries.open_counts`."""
        span = self._open_span(period)
        if span is None:
            return None
        standing = _named(self._naming(by), self._sums(_asked(by), [span], _open_names(basis)))
        return [OpenCounts(keys, *counts) for keys, counts in standing.items() if counts[0]]

    def open_of_units(self, moment: int, basis: Basis) -> dict[int, Sequence[int]] | None:
        """What is open at this moment by the id of its unit: (all, late, without a due date, suspended); None as ever."""
        if not self._holds_now(moment):
            return None
        return {ids[0]: counts for ids, counts in self._sums(_asked(("unit",)), [NOW], _open_names(basis))}

    # ------------------------------------------------------------ what the tables can answer

    def mark(self, period: Period, by: Sequence[str]) -> Mark | None:
        """Under the same mark `ended` and `open` answer the same; None where one of them cannot."""
        plan, span = self._plan(period), self._open_span(period)
        if plan is None or span is None or not self.standing.stamp:
            return None
        return Mark((plan, span, tuple(by)), (self.standing.stamp, self._naming(by).digest))

    def mark_of_now(self, moment: int) -> Hashable | None:
        """Under the same mark what is open at a moment stands alike by date; None where that is not sure."""
        return self.standing.stamp if self._holds_now(moment) and self.standing.stamp else None

    def still(self, moment: int) -> Hashable | None:
        """Under the same mark all dossiers, and everything that is counted of them up to a moment, are the same, with the
        names that they go by; None where that is not sure: something changed since it was counted, or time may change it.
        """
        month = month_of(moment)
        if mark_of_batches(self.session) is None or self.mark_of_now(moment) is None:
            return None
        if self._latest_of_rest(month).get(month, 0) > moment:
            return None
        reference = once(self.session, MARK, lambda: self.session.scalars(MARK_QUERY).one())
        return mark_of_batches(self.session), self.standing.stamp, self.marks.ids, reference

    def excluded(self, period: Period) -> dict[str, int]:
        """As `rate_queries.excluded_counts`; made once a batch, as long as no dossier comes in by its date."""
        mark = mark_of_batches(self.session)
        if mark is None:
            return rate_queries.excluded_counts(self.session, period, None)
        key = Mark(("excluded", period.start), mark)
        found: _Excluded | None = REMEMBERED.get(key)
        if found is None or not found.since <= period.end < found.until:
            until = rate_queries.next_excluded(self.session, period)
            counts = rate_queries.excluded_counts(self.session, period, None)
            found = _Excluded(period.end, rate_queries.NEVER if until is None else until, counts)
            REMEMBERED.keep(key, found)
        return found.counts

    def _plan(self, period: Period) -> "_Plan | None":
        """Which rows answer `ended`."""
        first, last = month_of(period.start), month_of(period.end)
        if not self._answers(period) or not self._holds_end_of(before(first)):
            return None
        is_year = first % 100 == 1 and first // 100 == last // 100
        rest: _Rest = ()
        if closing(last) != period.end:
            latest = self._latest_of_rest(last)
            if latest.get(last, 0) > period.end:
                if not self._holds_now(period.end):
                    return None
                rest = once(self.session, ("rest", period.end), lambda: _rest(self.session, period.end))
            # Where nothing came or ended later in the year, the sums of the year are those of its months up to now.
            last = first + 11 if is_year and latest.keys() == {last} else last
        return _Plan(tuple(_spans(first, last)), before(first), is_year, rest)

    def _open_span(self, period: Period) -> int | None:
        """Which rows answer `open`."""
        last = month_of(period.end)
        if not self._answers(period):
            return None
        if closing(last) == period.end and self._holds_end_of(last):
            return last
        return NOW if self._holds_now(period.end) else None

    def _answers(self, period: Period) -> bool:
        """A period of whole months, its end apart, of which nothing changed since."""
        first, last = month_of(period.start), month_of(period.end)
        is_whole = period.start == opening(first) and period.end >= period.start
        return (
            period.told_by is None and is_whole and not rate_summary.touches(self.marks, before(first), last)
        )

    def _holds_end_of(self, month: int) -> bool:
        begun = month_of(self.standing.holds_from)
        return month < begun and not rate_summary.touches(self.marks, month, month)

    def _holds_now(self, moment: int) -> bool:
        begun = month_of(self.standing.holds_from)
        holds = self.standing.holds_from <= moment < self.standing.holds_until
        return holds and not rate_summary.touches(self.marks, begun, month_of(moment))

    def _latest_of_rest(self, month: int) -> dict[int, int]:
        """When something last came or ended in a month, and in each month of its year after it, as far as anything did."""
        key = Mark(("latest of months", _place(self.session), month), self.standing.stamp)
        if _writes(self.session) or not self.standing.stamp:
            return once(self.session, key, lambda: self._asked_latest(month))
        found: dict[int, int] | None = REMEMBERED.get(key)
        if found is None:
            found = self._asked_latest(month)
            REMEMBERED.keep(key, found)
        return found

    def _asked_latest(self, month: int) -> dict[int, int]:
        s = RateSummary
        rest = s.span.between(month, month // 100 * 100 + 12)
        query = select(s.span, func.max(s.last_at)).where(s.grain == "channel", rest).group_by(s.span)
        return {span: latest for span, latest in self.session.execute(query) if latest}

    def _naming(self, by: Sequence[str]) -> Naming:
        """The names of groups, read once for all periods of a question."""
        key = tuple(by)
        if key not in self.names:
            self.names[key] = kept(self.session, ("naming", *key), lambda: Naming(self.session, by))
        return self.names[key]

    def _sums(self, asked: "_Asked", spans: Sequence[int], names: Sequence[str]) -> list[Any]:
        """Pairs of ids and sums of columns over spans."""
        if len(spans) == 1 and (read := self.rows.get((asked, spans[0]))) is not None:
            return [(ids, tuple(map(counts.__getitem__, names))) for ids, counts in read]
        keys = [_S.c[column] for column in asked.columns]
        is_one_row_each = asked.is_exact and len(spans) == 1
        counts = [_S.c[name] if is_one_row_each else func.sum(_S.c[name]) for name in names]
        query = select(*keys, *counts).where(_S.c.grain == asked.grain, _S.c.span.in_(spans))
        if keys and not is_one_row_each:
            query = query.group_by(*keys)
        width = len(keys)
        # Without keys a sum of nothing is one row of nulls.
        return [(row[:width], row[width:]) for row in self.session.execute(query) if row[-1] is not None]


class _Excluded(NamedTuple):
    """What stands in no rate of a period that ends from one moment until before the other (epoch seconds)."""

    since: int
    until: int
    counts: dict[str, int]


class _Plan(NamedTuple):
    """The spans that are summed, that at whose end stands what is carried over, whether it is a year up to now, and what of
    the last month comes and ends after the period.
    """

    spans: tuple[int, ...]
    carried: int
    is_year: bool
    rest: "_Rest" = ()


_Rest = tuple[tuple[Cell, tuple[tuple[str, int], ...]], ...]


def _rest(session: Session, moment: int) -> _Rest:
    """What comes and ends in the month after a moment, by cell and column; few, since it is dated later today."""
    tallies = rate_counting.count_rest(session, moment)
    return tuple(sorted((cell, tuple(sorted(tally.items()))) for cell, tally in tallies.items()))


def _without(rest: _Rest, sums: list[Any], asked: "_Asked", names: Sequence[str]) -> list[Any]:
    """Sums by ids less what is not yet."""
    if not rest:
        return sums
    found = {tuple(ids): list(counts) for ids, counts in sums}
    places = {name: at for at, name in enumerate(names)}
    for cell, counts in rest:
        told = found[tuple(getattr(cell, column) for column in asked.columns)]
        for name, count in counts:
            if name in places:
                told[places[name]] -= count
    return list(found.items())


class _Asked(NamedTuple):
    """The coarsest grain with all keys of a question, the columns that it groups by, whether these are all its keys."""

    grain: str
    columns: tuple[str, ...]
    is_exact: bool


def summaries(session: Session) -> Summaries | None:
    """The tables, where they were filled at all."""
    return once(session, "summaries", lambda: _summaries(session))


def _summaries(session: Session) -> Summaries | None:
    held = rate_summary.kept(session)
    return None if held is None else Summaries(session, held.stale, held.standing)


def mark_of_batches(session: Session) -> Hashable | None:
    """Under the same mark all dossiers are the same, but for what calendars make of them; None where nobody asked yet for
    the tables to be filled, and to a session that writes.
    """
    return None if _writes(session) else once(session, "mark of batches", lambda: _mark_of_batches(session))


def _mark_of_batches(session: Session) -> Hashable | None:
    held = rate_summary.kept(session)
    return None if held is None else (_place(session), held.batch_id, batches.last_known(session))


def _writes(session: Session) -> bool:
    """May it read what is never committed? Such a thing is not remembered."""
    return session.info.get(TOLD) is None


def _place(session: Session) -> Hashable:
    """Which database: a process may ask several, and copies of one have the same stamps."""
    return session.get_bind().engine.url


def _open_names(basis: Basis) -> list[str]:
    return ["open", *(f"{name}_{BASES[basis]}" for name in _STANDING)]


def _asked(by: Sequence[str]) -> _Asked:
    wanted = tuple(dict.fromkeys(_COLUMN.get(ID_COLUMNS[key], ID_COLUMNS[key]) for key in by))
    fitting = [grain for grain, (keys, _) in GRAINS.items() if set(wanted) <= set(keys)]
    grain = min(fitting, key=lambda grain: len(GRAINS[grain][0]))
    return _Asked(grain, wanted, len(wanted) == len(GRAINS[grain][0]))


def _named(naming: Naming, rows: Sequence[Any]) -> dict[Keys, Sequence[int]]:
    """Sums by the keys that people read; groups of one name are one."""
    found: dict[Keys, Sequence[int]] = {}
    for ids, counts in rows:
        keys = naming.keys(ids)
        have = found.get(keys)
        found[keys] = counts if have is None else list(map(add, have, counts))
    return found


def _spans(first: int, last: int) -> list[int]:
    """The months of a period, whole years as one."""
    found: list[int] = []
    for year in range(first // 100, last // 100 + 1):
        begin, end = max(first, year * 100 + 1), min(last, year * 100 + 12)
        is_whole = (begin, end) == (year * 100 + 1, year * 100 + 12)
        found += [year * 100] if is_whole else list(each(begin, end))
    return found


def _ended(keys: Keys, counts: Sequence[int], carried_over: int, *, is_year: bool) -> EndedCounts:
    received, withdrawn, refused, *verdicts, same_year = counts
    by_basis = {
        basis: (verdicts[at], verdicts[at + 1], verdicts[at + 2], verdicts[at + 3])
        for at, basis in zip(range(0, len(_VERDICTS), 4), BASES, strict=True)
    }
    on_time = same_year if is_year else None
    return EndedCounts(keys, received, carried_over, withdrawn, refused, by_basis, on_time)


# Of more dossiers nobody counts while somebody waits for a page: it takes seconds to half a minute of a processor.
MANY = 1_000_000
BEING_COUNTED = (
    "Nhiều hồ sơ vừa thay đổi cùng lúc (nạp lớn, đổi lịch hoặc danh mục), nên số liệu theo tháng đang được đếm lại."
    " Hồ sơ không mất gì, các trang khác vẫn dùng được"
)


def refuse_to_count(session: Session) -> None:
    """Where a worker is going to count months anyway, a page of very many dossiers does not do so itself.

    Raises:
        BeingCounted: somebody waits for the answer, and would for too long.
    """
    if is_waited_for(session) and once(session, "many dossiers", lambda: _are_many(session)):
        raise BeingCounted(BEING_COUNTED)


def _are_many(session: Session) -> bool:
    some = select(literal(1)).select_from(Dossier).limit(MANY + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) > MANY


def _is_of_the_tables(period: Period, kept: Summaries | None) -> bool:
    """Do the tables answer for such a period as soon as everything is counted?"""
    if period.told_by is not None or period.start != opening(month_of(period.start)):
        return False
    if closing(month_of(period.end)) == period.end or kept is None:
        return True
    return period.end >= kept.standing.holds_from


class Counting:
    """Counts of periods as of `rate_queries`: out of the summary tables where these can tell, else of the dossiers.

    A process works out once what the tables said under one mark; longer lists, which are asked for less, each time.
    """

    def __init__(self, session: Session, known: datetime | None) -> None:
        self._session = session
        self._known = known
        self._summaries = summaries(session) if known is None else None

    def mark(self, period: Period, by: Sequence[str]) -> Mark | None:
        """Under the same mark the same counts are told; None where they are not told out of the tables."""
        return self._summaries.mark(period, by) if self._summaries else None

    def still(self, moment: int) -> Hashable | None:
        """As `Summaries.still`; None without the tables, and for what was known earlier."""
        return self._summaries.still(moment) if self._summaries else None

    def excluded(self, period: Period) -> dict[str, int]:
        """Dossiers of a period that are counted nowhere, by reason."""
        if self._summaries and period.told_by is None:
            return self._summaries.excluded(period)
        return rate_queries.excluded_counts(self._session, period, self._known)

    def prepare(self, periods: Sequence[Period], by: Sequence[str], basis: Basis) -> None:
        """Read ahead what is going to be asked of these periods, where the tables can tell."""
        missing = [
            period
            for period in periods
            if (mark := self.mark(period, by)) is None or REMEMBERED.get(mark.of("ended", basis)) is None
        ]
        if self._summaries and missing and all(period.told_by is None for period in missing):
            self._summaries.prepare(missing, by)

    def ended(self, period: Period, by: Sequence[str], basis: Basis) -> list[EndedCounts]:
        """What came, was carried over and ended, by group."""

        def ask() -> list[EndedCounts]:
            found = self._summaries.ended(period, by, basis) if self._summaries else None
            if found is None:
                self._refuse_to_wait(period)
                found = rate_queries.ended_counts(self._session, period, by, basis, self._known)
            return found

        return self._remembered("ended", (period, by, basis), ask)

    def open(self, period: Period, by: Sequence[str], basis: Basis) -> list[OpenCounts]:
        """What is open at the end, by group."""

        def ask() -> list[OpenCounts]:
            found = self._summaries.open(period, by, basis) if self._summaries else None
            if found is None:
                self._refuse_to_wait(period)
                found = rate_queries.open_counts(self._session, period, by, basis, self._known)
            return found

        return self._remembered("open", (period, by, basis), ask)

    def _refuse_to_wait(self, period: Period) -> None:
        if self._known is None and _is_of_the_tables(period, self._summaries):
            refuse_to_count(self._session)

    def _remembered(
        self, what: str, asked: tuple[Period, Sequence[str], Basis], ask: Callable[[], list[Found]]
    ) -> list[Found]:
        mark = self.mark(*asked[:2])
        key = mark.of(what, asked[2]) if mark else None
        held = None if key is None else REMEMBERED.get(key)
        if held is not None:
            return list(held)
        found = ask()
        if key is not None and len(found) <= SHORT:
            REMEMBERED.keep(key, tuple(found))
        return found
