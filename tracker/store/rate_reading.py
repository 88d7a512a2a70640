"""Counts of a period out of the summary tables: the same answer as a count of the dossiers, or none at all.

None where a month of the period changed since it was counted, where the period does not begin and end with months and
something happened in the rest of them, or where the question asks for what was known earlier.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.measures.months import before, closing, each, month_of, opening
from tracker.store import rate_queries, rate_summary
from tracker.store.models import RateSummary
from tracker.store.rate_counting import BASES, NOW
from tracker.store.rate_queries import (
    ID_COLUMNS,
    EndedCounts,
    Keys,
    Naming,
    OpenCounts,
    Period,
)
from tracker.store.rate_summary import GRAINS
from tracker.types import Basis

_S: Any = RateSummary.__table__
_COLUMN = {"resolving_unit_id": "unit_id"}
_FLOWS = ("received", "withdrawn", "refused")


@dataclass(frozen=True, slots=True)
class Summaries:
    """What the tables hold, for which months they are right."""

    session: Session
    marks: rate_summary.Stale
    standing: rate_summary.Standing

    def ended(self, period: Period, by: Sequence[str], basis: Basis) -> list[EndedCounts] | None:
        """Twin of `rate_queries.ended_counts`."""
        first, last = month_of(period.start), month_of(period.end)
        carried = before(first)
        if not self._answers(period) or not self._holds_end_of(carried):
            return None
        if closing(last) != period.end and self._something_after(last, period.end):
            return None
        grain, columns = _grain(by)
        found: dict[tuple[Any, ...], dict[str, int]] = {}
        names = [*_FLOWS, *(name for ending in BASES.values() for name in _verdicts(ending))]
        self._add(found, (grain, columns), _spans(first, last), names)
        self._add(found, (grain, columns), [carried], ["open"])
        naming = Naming(self.session, by)
        tallies: dict[Keys, list[dict[str, int]]] = {}
        for group, counts in found.items():
            tallies.setdefault(naming.keys(_ids(group, columns)), []).append(counts)
        is_year = first % 100 == 1 and first // 100 == last // 100
        return [_ended(keys, each_of, basis, is_year=is_year) for keys, each_of in tallies.items()]

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
        grain, columns = _grain(by)
        ending = BASES[basis]
        names = ["open", *(f"{name}_{ending}" for name in ("open_late", "open_no_due", "suspended"))]
        found: dict[tuple[Any, ...], dict[str, int]] = {}
        self._add(found, (grain, columns), [span], names)
        naming = Naming(self.session, by)
        sums: dict[Keys, list[int]] = {}
        for group, counts in found.items():
            if counts["open"]:
                have = sums.setdefault(naming.keys(_ids(group, columns)), [0] * len(names))
                sums[naming.keys(_ids(group, columns))] = [
                    a + counts[name] for a, name in zip(have, names, strict=True)
                ]
        return [OpenCounts(keys, *counted) for keys, counted in sums.items()]

    # ------------------------------------------------------------ what the tables can answer

    def _answers(self, period: Period) -> bool:
        """A period of whole months, its end apart, of which nothing changed since."""
        first, last = month_of(period.start), month_of(period.end)
        is_whole = period.start == opening(first) and period.end >= period.start
        return (
            period.told_by is None and is_whole and not rate_summary.touches(self.marks, before(first), last)
        )

    def _holds_end_of(self, month: int) -> bool:
        return month < month_of(self.standing.holds_from) and not rate_summary.touches(
            self.marks, month, month
        )

    def _holds_now(self, moment: int) -> bool:
        begun = month_of(self.standing.holds_from)
        return self.standing.holds_from <= moment < self.standing.holds_until and not rate_summary.touches(
            self.marks, begun, month_of(moment)
        )

    def _something_after(self, month: int, moment: int) -> bool:
        """Did anything come or end in a month after a moment within it?"""
        s = RateSummary
        latest = self.session.scalar(select(func.max(s.last_at)).where(s.grain == "channel", s.span == month))
        return latest is not None and latest > moment

    def _add(
        self,
        found: dict[tuple[Any, ...], dict[str, int]],
        grain: tuple[str, tuple[str, ...]],
        spans: Iterable[int],
        names: Sequence[str],
    ) -> None:
        """Sums of columns by group over spans."""
        kind, columns = grain
        keys = [_S.c[column] for column in columns]
        query = select(*keys, *(func.sum(_S.c[name]).label(name) for name in names))
        query = query.where(_S.c.grain == kind, _S.c.span.in_(list(spans)))
        if keys:
            query = query.group_by(*keys)
        for row in self.session.execute(query):
            group, counts = tuple(row[: len(keys)]), row[len(keys) :]
            into = found.setdefault(group, dict.fromkeys((*_ALL, "open"), 0))
            for name, count in zip(names, counts, strict=True):
                into[name] += count or 0


def _verdicts(ending: str) -> Iterator[str]:
    for name in ("early", "on_time", "late", "no_due", "same_year"):
        yield f"{name}_{ending}"


_ALL = (
    *_FLOWS,
    *(name for ending in BASES.values() for name in _verdicts(ending)),
    *(f"{name}_{ending}" for name in ("open_late", "open_no_due", "suspended") for ending in BASES.values()),
)


def summaries(session: Session) -> Summaries | None:
    """The tables, where they were filled at all."""
    kept = rate_summary.standing(session)
    return None if kept is None else Summaries(session, rate_summary.stale(session), kept)


def _grain(by: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The coarsest grain with all keys of a question, and the columns that the question groups by."""
    wanted = tuple(dict.fromkeys(_COLUMN.get(ID_COLUMNS[key], ID_COLUMNS[key]) for key in by))
    fitting = [grain for grain, (keys, _) in GRAINS.items() if set(wanted) <= set(keys)]
    return min(fitting, key=lambda grain: len(GRAINS[grain][0])), wanted


def _ids(group: Sequence[Any], columns: Sequence[str]) -> list[Any]:
    """Ids as `Naming` takes them: none where none is known."""
    return [
        value or None if column != "channel" else value for value, column in zip(group, columns, strict=True)
    ]


def _spans(first: int, last: int) -> list[int]:
    """The months of a period, whole years as one."""
    found: list[int] = []
    for year in range(first // 100, last // 100 + 1):
        begin, end = max(first, year * 100 + 1), min(last, year * 100 + 12)
        is_whole = (begin, end) == (year * 100 + 1, year * 100 + 12)
        found += [year * 100] if is_whole else list(each(begin, end))
    return found


def _ended(keys: Keys, tallies: Sequence[Mapping[str, int]], basis: Basis, *, is_year: bool) -> EndedCounts:
    def total(name: str) -> int:
        return sum(tally[name] for tally in tallies)

    verdicts = {
        of: (total(f"early_{ending}"), total(f"on_time_{ending}"), total(f"late_{ending}"), total(f"no_due_{ending}"))
        for of, ending in BASES.items()
    }  # fmt: skip
    return EndedCounts(
        keys, total("received"), total("open"), total("withdrawn"), total("refused"), verdicts,
        total(f"same_year_{BASES[basis]}") if is_year else None,
    )  # fmt: skip


class Counting:
    """Counts of periods as of `rate_queries`: out of the summary tables where these can tell, else of the dossiers."""

    def __init__(self, session: Session, known: datetime | None) -> None:
        self._session = session
        self._known = known
        self._summaries = summaries(session) if known is None else None

    def ended(self, period: Period, by: Sequence[str], basis: Basis) -> list[EndedCounts]:
        """What came, was carried over and ended, by group."""
        found = self._summaries.ended(period, by, basis) if self._summaries else None
        return (
            rate_queries.ended_counts(self._session, period, by, basis, self._known)
            if found is None
            else found
        )

    def open(self, period: Period, by: Sequence[str], basis: Basis) -> list[OpenCounts]:
        """What is open at the end, by group."""
        found = self._summaries.open(period, by, basis) if self._summaries else None
        return (
            rate_queries.open_counts(self._session, period, by, basis, self._known)
            if found is None
            else found
        )
