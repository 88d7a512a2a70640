"""What ended in some units by month: out of the summary tables where these are right, else counted from the dossiers.

Both ways are those of the rate table (`rate_reading`, `rate_counting`), for the units asked for alone: a question of one
unit reads what that unit has, not what the province has. A test holds the two ways equal.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from tracker.measures.months import Months, closing, each, month_of, opening, runs
from tracker.store import rate_summary
from tracker.store.models import Dossier, RateSummary
from tracker.store.rate_counting import BASES, VERDICTS, month_ladder
from tracker.store.rate_queries import packed_end, unpacked
from tracker.store.rate_reading import refuse_to_count
from tracker.store.rate_summary import CELL, Stale
from tracker.store.versions import FINISHING, is_accepted, number
from tracker.types import Basis, RateCounts

_S: Any = RateSummary.__table__
_D: Any = Dossier.__table__
_COLUMN = {"unit_id": "resolving_unit_id"}
# So many are counted while somebody waits, whatever the number of dossiers.
FEW_MONTHS = 2
Key = tuple[int, ...]
Ended = Mapping[Key, RateCounts]
"""(month, id, ...) -> what ended: early, on time, late, without a due date; id 0 = none is known."""


class UnitRates:
    """Ends of some units (None = all) on one basis, as of a moment; asks once which months the tables hold."""

    def __init__(
        self, session: Session, unit_ids: frozenset[int] | None, *, as_of: datetime, basis: Basis
    ) -> None:
        self._session = session
        self._unit_ids = unit_ids
        self._until = int(as_of.timestamp())
        self._basis = basis
        self._marks = _marks(session)

    def by_unit(self, months: Months) -> Ended:
        """By month and unit."""
        return self._ended(months, "unit", ("unit_id",))

    def by_work(self, months: Months) -> Ended:
        """By month, field and procedure, over all of the units."""
        return self._ended(months, CELL, ("field_id", "procedure_id"))

    def by_unit_and_work(self, months: Months) -> Ended:
        """By month, unit, field and procedure."""
        return self._ended(months, CELL, ("unit_id", "field_id", "procedure_id"))

    def _ended(self, months: Months, grain: str, keys: Sequence[str]) -> Ended:
        last = min(months[1], month_of(self._until))
        wanted = set(each(months[0], last))
        held = {month for month in wanted if self._holds(month)}
        if len(wanted - held) > FEW_MONTHS:
            refuse_to_count(self._session)
        found, ahead = self._summed(grain, keys, held)
        for span in runs((wanted - held) | ahead):
            found.update(self._counted(span, keys))
        return found

    def _holds(self, month: int) -> bool:
        return self._marks is not None and not rate_summary.touches(self._marks, month, month)

    # ------------------------------------------------------------ out of the tables

    def _summed(
        self, grain: str, keys: Sequence[str], months: Iterable[int]
    ) -> tuple[dict[Key, RateCounts], set[int]]:
        """Sums of months, and those of them in which something is dated later than is asked for."""
        found: dict[Key, RateCounts] = {}
        ahead: set[int] = set()
        spans = sorted(months)
        if not spans:
            return found, ahead
        columns = [_S.c.span, *(_S.c[key] for key in keys)]
        ending = BASES[self._basis]
        sums = [func.sum(_S.c[f"{name}_{ending}"]) for name in VERDICTS.values()]
        query = (
            select(*columns, func.max(_S.c.last_at), *sums)
            .where(_S.c.grain == grain, _S.c.span.in_(spans), self._of_units(_S.c.unit_id))
            .group_by(*columns)
        )
        for row in self._session.execute(query):
            key, (last_at, *verdicts) = tuple(row[: len(columns)]), row[len(columns) :]
            if last_at > self._until:
                ahead.add(key[0])
            found[key] = _counts(verdicts)
        return {key: counts for key, counts in found.items() if key[0] not in ahead}, ahead

    def _of_units(self, column: Any) -> Any:
        return true() if self._unit_ids is None else column.in_(sorted(self._unit_ids))

    # ------------------------------------------------------------ out of the dossiers

    def _counted(self, months: Months, keys: Sequence[str]) -> dict[Key, RateCounts]:
        """The same of consecutive months by the index of what ended."""
        ended = number(_D.c.ended_at)
        until = min(closing(months[1]), self._until)
        month = month_ladder(ended, list(each(*months))).label("month")
        columns = [func.coalesce(_D.c[_COLUMN.get(key, key)], 0).label(key) for key in keys]
        packed = packed_end(_D.c, until).label("packed")
        query = (
            select(month, *columns, packed, func.count())
            .where(is_accepted(_D), ended >= opening(months[0]), ended <= until)
            .where(self._of_units(_D.c.resolving_unit_id))
            .group_by("month", *keys, "packed")
        )
        at = list(Basis).index(self._basis)
        tallies: dict[Key, list[int]] = {}
        for *group, code, count in self._session.execute(query):
            _lowest, how, verdicts = unpacked(code)
            if how in FINISHING:
                tallies.setdefault(tuple(group), [0] * len(VERDICTS))[verdicts[at]] += count
        return {key: _counts(tally) for key, tally in tallies.items()}


def _counts(verdicts: Sequence[int]) -> RateCounts:
    early, on_time, late, no_due = verdicts
    return RateCounts(early=early, on_time=on_time, late=late, no_due=no_due)


def _marks(session: Session) -> Stale | None:
    """The months that may be wrong in the tables; None where these were never filled."""
    found = rate_summary.kept(session)
    return found.stale if found else None


def names_of(session: Session, model: Any, ids: Iterable[int]) -> dict[int, str]:
    """The names of some fields or procedures by id."""
    wanted = sorted(set(ids) - {0})
    if not wanted:
        return {}
    query = select(model.id, model.name).where(model.id.in_(wanted))
    return {of: called for of, called in session.execute(query)}
