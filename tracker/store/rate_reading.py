"""Counts of a period out of the summary tables: the same answer as a count of the dossiers, or none at all.

None where a month of the period changed since it was counted, where the period does not begin and end with months and
something happened in the rest of them, or where the question asks for what was known earlier.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.measures.months import before, closing, each, month_of, opening
from tracker.store import rate_queries, rate_summary
from tracker.store.models import RateSummary
from tracker.store.rate_counting import BASES, NOW
from tracker.store.rate_queries import ID_COLUMNS, EndedCounts, Keys, Naming, OpenCounts, Period
from tracker.store.rate_summary import GRAINS
from tracker.types import Basis

_S: Any = RateSummary.__table__
_COLUMN = {"resolving_unit_id": "unit_id"}
_FLOWS = ("received", "withdrawn", "refused")
_VERDICTS = tuple(
    f"{name}_{ending}" for ending in BASES.values() for name in ("early", "on_time", "late", "no_due")
)
_NOTHING = (0,) * (len(_FLOWS) + len(_VERDICTS) + 1)


@dataclass(frozen=True, slots=True)
class Summaries:
    """What the tables hold, for which months they are right."""

    session: Session
    marks: rate_summary.Stale
    standing: rate_summary.Standing
    names: dict[tuple[str, ...], Naming] = field(default_factory=dict)

    def ended(self, period: Period, by: Sequence[str], basis: Basis) -> list[EndedCounts] | None:
        """Twin of `rate_queries.ended_counts`."""
        first, last = month_of(period.start), month_of(period.end)
        carried = before(first)
        if not self._answers(period) or not self._holds_end_of(carried):
            return None
        if closing(last) != period.end and self._something_after(last, period.end):
            return None
        asked, naming = _asked(by), self._naming(by)
        names = [*_FLOWS, *_VERDICTS, f"same_year_{BASES[basis]}"]
        flows = _named(naming, self._sums(asked, _spans(first, last), names))
        carried_over = _named(naming, self._sums(asked, [carried], ["open"]))
        is_year = first % 100 == 1 and first // 100 == last // 100
        return [
            _ended(keys, flows.get(keys, _NOTHING), carried_over.get(keys, (0,))[0], is_year=is_year)
            for keys in {**flows, **carried_over}
        ]

    def open(self, period: Period, by: Sequence[str], basis: Basis) -> list[OpenCounts] | None:
        """Twin of `rate_queries.open_counts`."""
        last = month_of(period.end)
        if not self._answers(period):
            return None
        if closing(last) == period.end and self._holds_end_of(last):
            span = last
        elif self._holds_now(period.end):
            span = NOW
        else:
            return None
        names = ["open", *(f"{name}_{BASES[basis]}" for name in ("open_late", "open_no_due", "suspended"))]
        standing = _named(self._naming(by), self._sums(_asked(by), [span], names))
        return [OpenCounts(keys, *counts) for keys, counts in standing.items() if counts[0]]

    # ------------------------------------------------------------ what the tables can answer

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

    def _something_after(self, month: int, moment: int) -> bool:
        """Did anything come or end in a month after a moment within it?"""
        s = RateSummary
        latest = self.session.scalar(select(func.max(s.last_at)).where(s.grain == "channel", s.span == month))
        return latest is not None and latest > moment

    def _naming(self, by: Sequence[str]) -> Naming:
        """The names of groups, read once for all periods of a question."""
        key = tuple(by)
        if key not in self.names:
            self.names[key] = Naming(self.session, by)
        return self.names[key]

    def _sums(self, asked: "_Asked", spans: Sequence[int], names: Sequence[str]) -> list[Any]:
        """Pairs of ids and sums of columns over spans."""
        keys = [_S.c[column] for column in asked.columns]
        is_one_row_each = asked.is_exact and len(spans) == 1
        counts = [_S.c[name] if is_one_row_each else func.sum(_S.c[name]) for name in names]
        query = select(*keys, *counts).where(_S.c.grain == asked.grain, _S.c.span.in_(spans))
        if keys and not is_one_row_each:
            query = query.group_by(*keys)
        width = len(keys)
        # Without keys a sum of nothing is one row of nulls.
        return [(row[:width], row[width:]) for row in self.session.execute(query) if row[-1] is not None]


class _Asked(NamedTuple):
    """The coarsest grain with all keys of a question, the columns that it groups by, whether these are all its keys."""

    grain: str
    columns: tuple[str, ...]
    is_exact: bool


def summaries(session: Session) -> Summaries | None:
    """The tables, where they were filled at all."""
    kept = rate_summary.standing(session)
    return None if kept is None else Summaries(session, rate_summary.stale(session), kept)


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
        found[keys] = counts if have is None else [a + b for a, b in zip(have, counts, strict=True)]
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


class Counting:
    """Counts of periods as of `rate_queries`: out of the summary tables where these can tell, else of the dossiers."""

    def __init__(self, session: Session, known: datetime | None) -> None:
        self._session = session
        self._known = known
        self._summaries = summaries(session) if known is None else None

    def ended(self, period: Period, by: Sequence[str], basis: Basis) -> list[EndedCounts]:
        """What came, was carried over and ended, by group."""
        found = self._summaries.ended(period, by, basis) if self._summaries else None
        if found is None:
            found = rate_queries.ended_counts(self._session, period, by, basis, self._known)
        return found

    def open(self, period: Period, by: Sequence[str], basis: Basis) -> list[OpenCounts]:
        """What is open at the end, by group."""
        found = self._summaries.open(period, by, basis) if self._summaries else None
        if found is None:
            found = rate_queries.open_counts(self._session, period, by, basis, self._known)
        return found
